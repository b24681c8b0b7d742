package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// shelf is a Source and a Sink in memory. It is a small store of its own: proto may not import host/store, whose tests use
// these transfers too.
type shelf struct {
	mu       sync.Mutex
	blobs    map[msg.Blob][]byte
	pages    map[msg.Hash][]byte
	pins     map[string]int
	partials map[msg.Blob]*partial
	opened   atomic.Int32
	served   atomic.Int32 // chunks read by peers
	spoil    func(chunk int64, p []byte) error
	asked    func() // hears of each request for a range
	full     error
}

func newShelf() *shelf {
	return &shelf{blobs: map[msg.Blob][]byte{}, pages: map[msg.Hash][]byte{}, pins: map[string]int{}, partials: map[msg.Blob]*partial{}}
}

func (s *shelf) add(data []byte) msg.Blob {
	b := merkle.BlobOf(data)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blobs[b] = data
	return b
}

type shelfReader struct {
	s    *shelf
	b    msg.Blob
	data []byte
}

func (s *shelf) Open(b msg.Blob) (blobs.Reader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.blobs[b]
	if !ok {
		s.wasAsked()
		return nil, blobs.ErrNotFound
	}
	s.opened.Add(1)
	return &shelfReader{s, b, data}, nil
}

func (r *shelfReader) Blob() msg.Blob { return r.b }
func (r *shelfReader) Close() error   { return nil }
func (r *shelfReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := bytes.NewReader(r.data).ReadAt(p, off)
	for at := 0; at < n; at += merkle.ChunkSize {
		if r.s.spoil != nil {
			if e := r.s.spoil((off+int64(at))/merkle.ChunkSize, p[at:min(at+merkle.ChunkSize, n)]); e != nil {
				return at, e
			}
		}
		r.s.served.Add(1)
	}
	return n, err
}
func (s *shelf) wasAsked() {
	if s.asked != nil {
		s.asked()
	}
}

func (r *shelfReader) Proof(lo, hi uint64) ([]msg.Hash, []msg.Hash, error) {
	r.s.wasAsked()
	leaves := merkle.Leaves(r.data, merkle.ChunkSize)
	proof, err := merkle.NewTree(leaves).RangeProof(int(lo), int(hi))
	if err != nil {
		return nil, nil, err
	}
	return leaves[lo:hi], proof, nil
}

func (s *shelf) GetPage(h msg.Hash) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.pages[h]; ok {
		return p, nil
	}
	return nil, blobs.ErrNotFound
}

func (s *shelf) Has(b msg.Blob) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.blobs[b]
	return ok
}

func (s *shelf) Pin(owner string, list ...msg.Blob) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pins[owner] += len(list)
	return nil
}

func (s *shelf) PinPages(owner string, hashes []msg.Hash) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pins[owner] += len(hashes)
	return nil
}

func (s *shelf) PutPages(owner string, pages [][]byte) (hashes []msg.Hash, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range pages {
		h := merkle.Leaf(p)
		s.pages[h] = p
		hashes = append(hashes, h)
	}
	s.pins[owner] += len(pages)
	return hashes, s.full
}

func (s *shelf) MissingPages(hashes []msg.Hash) (missing []msg.Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range hashes {
		if _, ok := s.pages[h]; !ok && !slices.Contains(missing, h) {
			missing = append(missing, h)
		}
	}
	return missing
}

type partial struct {
	s    *shelf
	b    msg.Blob
	mu   sync.Mutex
	open bool
	data []byte
	have []bool
}

func (s *shelf) Begin(b msg.Blob) (blobs.Partial, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.partials[b]
	if p == nil {
		p = &partial{s: s, b: b, data: make([]byte, b.Size), have: make([]bool, merkle.Count(b.Size, merkle.ChunkSize))}
		s.partials[b] = p
	}
	if p.open {
		return nil, blobs.ErrArriving
	}
	p.open = true
	return p, nil
}

func (p *partial) Missing() (ranges [][2]uint64) {
	for i, have := range p.have {
		n := len(ranges)
		switch {
		case have:
		case n > 0 && ranges[n-1][1] == uint64(i):
			ranges[n-1][1]++
		default:
			ranges = append(ranges, [2]uint64{uint64(i), uint64(i + 1)})
		}
	}
	return ranges
}

func (p *partial) WriteChunks(lo uint64, leaves []msg.Hash, data []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, err := blobs.CheckChunks(p.b, lo, leaves, data)
	for i := lo; i < lo+uint64(n); i++ {
		copy(p.data[i*merkle.ChunkSize:], data[(i-lo)*merkle.ChunkSize:min((i-lo+1)*merkle.ChunkSize, uint64(len(data)))])
		p.have[i] = true
	}
	return errors.Join(err, p.s.full)
}

func (p *partial) Commit(owner string) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if merkle.BlobOf(p.data) != p.b {
		return errors.New("not the blob")
	}
	p.s.blobs[p.b] = p.data
	p.s.pins[owner]++
	return nil
}

func (p *partial) Discard() error { return nil }

func (p *partial) Close() error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.open = false
	return nil
}

func noise(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func endpoint(t testing.TB, m *transport.Mux) *transport.Endpoint {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	e, err := transport.Listen("127.0.0.1:0", id, m, transport.Config{Rate: 1e6, Burst: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(within(t, 5*time.Second)) })
	return e
}

// peers connects to a server for each mux.
func peers(t testing.TB, muxes ...*transport.Mux) (conns []*transport.Conn) {
	t.Helper()
	client := endpoint(t, nil)
	for _, m := range muxes {
		c, err := client.Dial(within(t, 5*time.Second), endpoint(t, m).Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	return conns
}

func serving(s *shelf) *transport.Mux {
	m := transport.NewMux()
	blobs.Serve(m, s)
	return m
}

func TestFetch(t *testing.T) {
	src := newShelf()
	from := peers(t, serving(src))
	ctx := within(t, 30*time.Second)
	for _, n := range []int{1, 64 << 10, 64<<10 + 1, 9_999_999} {
		b := src.add(noise(byte(n), n))
		dst := newShelf()
		if err := blobs.Fetch(ctx, dst, "job", b, from...); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if !bytes.Equal(dst.blobs[b], src.blobs[b]) || dst.pins["job"] != 1 {
			t.Errorf("%d bytes: arrived wrong, or unpinned", n)
		}
		before := src.served.Load()
		if err := blobs.Fetch(ctx, dst, "other", b, from...); err != nil || src.served.Load() != before || dst.pins["other"] != 1 {
			t.Errorf("%d bytes: fetched again: %v", n, err)
		}
	}
	err := blobs.Fetch(ctx, newShelf(), "job", msg.Blob{Root: msg.Hash{1}, Size: 70_000}, from...)
	if !errors.Is(err, blobs.ErrNotFound) {
		t.Errorf("unknown blob: %v", err)
	}
	if err := blobs.Fetch(ctx, newShelf(), "job", msg.Blob{Root: msg.Hash{1}, Size: 70_000}); !errors.Is(err, blobs.ErrNotFound) {
		t.Errorf("nobody to ask: %v", err)
	}
}

// One peer lies, one breaks off, one has nothing: the good one gives the rest, nothing verified is asked for twice, and the
// error of a fetch that fails names the liar.
func TestFetchFromManyKinds(t *testing.T) {
	data := noise(1, 300*merkle.ChunkSize+5)
	good, liar, breaking := newShelf(), newShelf(), newShelf()
	b := good.add(data)
	liar.add(data)
	breaking.add(data)
	liar.spoil = func(chunk int64, p []byte) error {
		if chunk%10 == 9 {
			p[3] ^= 1
		}
		return nil
	}
	breaking.spoil = func(chunk int64, _ []byte) error {
		if chunk%10 == 4 {
			return errors.New("disk error")
		}
		return nil
	}
	ctx := within(t, 60*time.Second)
	dst := newShelf()
	all := peers(t, serving(liar), serving(breaking), serving(newShelf()), serving(good))
	err := blobs.Fetch(ctx, dst, "job", b, all[:3]...)
	var blamed *blobs.PeerError
	if !errors.Is(err, blobs.ErrLied) || !errors.As(err, &blamed) || !strings.Contains(err.Error(), all[0].Peer().String()) {
		t.Errorf("without a good peer: %v", err)
	}
	kept := 0
	for _, have := range dst.partials[b].have {
		if have {
			kept++
		}
	}
	if kept == 0 {
		t.Error("nothing kept of what was good")
	}
	if err := blobs.Fetch(ctx, dst, "job", b, all...); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(dst.blobs[b], data) {
		t.Error("arrived wrong")
	}
	if n := int(good.served.Load()); n > 301-kept {
		t.Errorf("the good peer served %d chunks, with %d of 301 kept", n, kept)
	}
}

// A peer that takes a request and then says nothing does not hold up a fetch that another could finish.
func TestSilentPeer(t *testing.T) {
	blobs.SetHedge(t, 50*time.Millisecond)
	hung := make(chan struct{}, 100)
	silent := transport.NewMux()
	hang := func(ctx context.Context, _ msg.Account, s *transport.Stream) error {
		hung <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}
	silent.HandleStream(blobs.MethodRange, hang)
	silent.HandleStream(blobs.MethodPages, hang)
	src, dst := newShelf(), newShelf()
	b := src.add(noise(1, 200*merkle.ChunkSize))
	var hashes []msg.Hash
	for i := range 3000 {
		p := []byte{byte(i), byte(i >> 8), 1}
		hashes = append(hashes, merkle.Leaf(p))
		src.pages[hashes[i]] = p
	}
	from := peers(t, silent, serving(src))
	ctx := within(t, 25*time.Second) // below the 30 s after which the silent peer is given up
	if err := blobs.Fetch(ctx, dst, "job", b, from...); err != nil || !dst.Has(b) {
		t.Errorf("blob: %v", err)
	}
	if err := blobs.FetchPages(ctx, dst, "job", hashes, from...); err != nil || len(dst.MissingPages(hashes)) > 0 {
		t.Errorf("pages: %v", err)
	}
	if len(hung) == 0 {
		t.Error("the silent peer was never asked")
	}
}

func TestFetchLocalError(t *testing.T) {
	src, dst := newShelf(), newShelf()
	b := src.add(noise(1, 200_000))
	dst.full = errors.New("no space left")
	err := blobs.Fetch(within(t, 20*time.Second), dst, "job", b, peers(t, serving(src))...)
	var blamed *blobs.PeerError
	if !errors.Is(err, dst.full) || errors.As(err, &blamed) {
		t.Errorf("full disk: %v", err)
	}
}

// Two fetches of one blob at once: one works, the other waits for it.
func TestFetchTwice(t *testing.T) {
	src, dst := newShelf(), newShelf()
	b := src.add(noise(1, 5_000_000))
	from := peers(t, serving(src))
	ctx := within(t, 30*time.Second)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if err := blobs.Fetch(ctx, dst, "job", b, from...); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := src.served.Load(); n != int32(merkle.Count(b.Size, merkle.ChunkSize)) {
		t.Errorf("%d chunks served for a blob of %d", n, merkle.Count(b.Size, merkle.ChunkSize))
	}
	if dst.pins["job"] != 3 {
		t.Errorf("%d pins", dst.pins["job"])
	}
}

func TestRange(t *testing.T) {
	src := newShelf()
	data := noise(1, 1_000_000)
	b := src.add(data)
	c := peers(t, serving(src))[0]
	ctx := within(t, 20*time.Second)
	for _, r := range [][2]uint64{{0, 1}, {0, 1_000_000}, {65_535, 2}, {999_999, 1}, {131_072, 65_536}} {
		got, err := blobs.Range(ctx, c, b, r[0], r[1])
		if err != nil || !bytes.Equal(got, data[r[0]:r[0]+r[1]]) {
			t.Errorf("%v: %d bytes, %v", r, len(got), err)
		}
	}
	for _, r := range [][2]uint64{{0, 0}, {0, 1_000_001}, {1_000_000, 1}, {5, 1<<64 - 1}} {
		if _, err := blobs.Range(ctx, c, b, r[0], r[1]); err == nil {
			t.Errorf("%v taken", r)
		}
	}
	// A wrong size is a wrong blob, whatever the peer makes of it.
	if _, err := blobs.Range(ctx, c, msg.Blob{Root: b.Root, Size: b.Size - 1}, 0, 10); !errors.Is(err, blobs.ErrNotFound) {
		t.Errorf("wrong size: %v", err)
	}
}

func TestFetchPages(t *testing.T) {
	one, two, dst := newShelf(), newShelf(), newShelf()
	var hashes []msg.Hash
	for i := range 4000 {
		p := noise(byte(i), 3000)
		p[0], p[1] = byte(i), byte(i>>8)
		h := merkle.Leaf(p)
		hashes = append(hashes, h)
		switch { // each peer lacks some, and we have some
		case i%10 == 0:
			dst.pages[h] = p
		case i%10 < 4:
			one.pages[h] = p
		case i%10 < 8:
			two.pages[h] = p
		default:
			one.pages[h], two.pages[h] = p, p
		}
	}
	empty := merkle.Leaf(nil)
	one.pages[empty] = nil
	hashes = append(hashes, empty, hashes[7])
	from := peers(t, serving(one), serving(two))
	ctx := within(t, 30*time.Second)
	if err := blobs.FetchPages(ctx, dst, "job", hashes, from...); err != nil {
		t.Fatal(err)
	}
	if left := dst.MissingPages(hashes); len(left) != 0 {
		t.Errorf("%d still missing", len(left))
	}
	if dst.pins["job"] != 4001 {
		t.Errorf("%d pages pinned", dst.pins["job"])
	}
	err := blobs.FetchPages(ctx, dst, "job", []msg.Hash{{1}, hashes[0]}, from...)
	if !errors.Is(err, blobs.ErrNotFound) || !strings.Contains(err.Error(), "lacks 1 pages") {
		t.Errorf("a page nobody has: %v", err)
	}
	// Large pages do not fit into one answer.
	big, dst2 := newShelf(), newShelf()
	var bigs []msg.Hash
	for i := range 300 {
		p := noise(byte(i), blobs.MaxPage)
		p[0], p[1] = byte(i), byte(i>>8)
		bigs = append(bigs, merkle.Leaf(p))
		big.pages[bigs[i]] = p
	}
	if err := blobs.FetchPages(ctx, dst2, "job", bigs, peers(t, serving(big))...); err != nil || len(dst2.MissingPages(bigs)) != 0 {
		t.Errorf("large pages: %v", err)
	}
}

// The mirrors of the package's messages, for peers that lie with them.
type rangeRequest struct {
	Blob msg.Blob `cbor:"1,keyasint"`
	Lo   uint64   `cbor:"2,keyasint"`
	Hi   uint64   `cbor:"3,keyasint"`
}

type rangeAnswer struct {
	Leaves []msg.Hash `cbor:"1,keyasint"`
	Proof  []msg.Hash `cbor:"2,keyasint"`
}

type pagesAnswer struct {
	Sizes []int64 `cbor:"1,keyasint"`
}

func answering(method string, answer any, data []byte) *transport.Mux {
	m := transport.NewMux()
	m.HandleStream(method, func(_ context.Context, _ msg.Account, s *transport.Stream) error {
		if err := s.Send(answer); err != nil {
			return err
		}
		_, err := s.Write(data)
		return err
	})
	return m
}

func TestHostileAnswers(t *testing.T) {
	data := noise(1, 3*merkle.ChunkSize)
	b := merkle.BlobOf(data)
	leaves := merkle.Leaves(data, merkle.ChunkSize)
	other := merkle.Leaves(noise(2, 3*merkle.ChunkSize), merkle.ChunkSize)
	ctx := within(t, 60*time.Second)
	for name, c := range map[string]struct {
		m   *transport.Mux
		err error
	}{
		"other leaves":  {answering(blobs.MethodRange, rangeAnswer{Leaves: other}, data), blobs.ErrLied},
		"no leaves":     {answering(blobs.MethodRange, rangeAnswer{}, data), blobs.ErrLied},
		"more leaves":   {answering(blobs.MethodRange, rangeAnswer{Leaves: append(leaves[:3:3], leaves[0])}, data), blobs.ErrLied},
		"long proof":    {answering(blobs.MethodRange, rangeAnswer{Leaves: leaves, Proof: make([]msg.Hash, 100_000)}, data), blobs.ErrLied},
		"other data":    {answering(blobs.MethodRange, rangeAnswer{Leaves: leaves}, noise(2, 3*merkle.ChunkSize)), blobs.ErrLied},
		"short data":    {answering(blobs.MethodRange, rangeAnswer{Leaves: leaves}, data[:100_000]), io.ErrUnexpectedEOF},
		"no data":       {answering(blobs.MethodRange, rangeAnswer{Leaves: leaves}, nil), io.EOF},
		"other message": {answering(blobs.MethodRange, pagesAnswer{}, nil), transport.ErrProtocol},
	} {
		dst := newShelf()
		err := blobs.Fetch(ctx, dst, "job", b, peers(t, c.m)...)
		if !errors.Is(err, c.err) || dst.Has(b) {
			t.Errorf("%s: %v", name, err)
		}
	}
	page := noise(3, 1000)
	hashes := []msg.Hash{merkle.Leaf(page), {1}}
	for name, c := range map[string]struct {
		sizes []int64
		data  []byte
		err   error
	}{
		"too few":   {[]int64{1000}, page, blobs.ErrLied},
		"too many":  {[]int64{1000, -1, -1}, page, blobs.ErrLied},
		"too long":  {[]int64{1000, 1 << 40}, page, blobs.ErrLied},
		"negative":  {[]int64{1000, -3}, page, blobs.ErrLied},
		"put off":   {[]int64{-2, -2}, nil, blobs.ErrLied},
		"other":     {[]int64{1000, 1000}, append(page[:1000:1000], page...), blobs.ErrLied},
		"cut":       {[]int64{1000, 1000}, page, io.EOF},
		"truncated": {[]int64{1000, -1}, page[:999], io.ErrUnexpectedEOF},
	} {
		dst := newShelf()
		err := blobs.FetchPages(ctx, dst, "job", hashes, peers(t, answering(blobs.MethodPages, pagesAnswer{c.sizes}, c.data))...)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHostileRequests(t *testing.T) {
	type pagesRequest struct {
		Hashes []msg.Hash `cbor:"1,keyasint"`
	}
	src := newShelf()
	b := src.add(noise(1, 100_000))
	huge, large := msg.Blob{Root: b.Root, Size: 1<<64 - 1}, msg.Blob{Root: b.Root, Size: blobs.MaxBlob}
	c := peers(t, serving(src))[0]
	ctx := within(t, 20*time.Second)
	for _, r := range []rangeRequest{{b, 0, 0}, {b, 1, 0}, {b, 0, 3}, {b, 2, 3}, {b, 1<<64 - 1, 1}, {b, 0, 1<<64 - 1},
		{huge, 0, 1}, {huge, 0, 257}, {huge, 1<<64 - 2, 1<<64 - 1}, {large, 0, 257}} {
		if _, err := transport.Call[rangeRequest, rangeAnswer](ctx, c, blobs.MethodRange, r); !transport.HasCode(err, transport.BadRequest) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, err := transport.Call[rangeRequest, rangeAnswer](ctx, c, blobs.MethodRange, rangeRequest{large, 0, 1}); !transport.HasCode(err, transport.NotFound) {
		t.Errorf("the largest blob: %v", err)
	}
	for _, n := range []int{0, 1025} {
		if _, err := transport.Call[pagesRequest, pagesAnswer](ctx, c, blobs.MethodPages, pagesRequest{make([]msg.Hash, n)}); !transport.HasCode(err, transport.BadRequest) {
			t.Errorf("%d pages: %v", n, err)
		}
	}
}

func BenchmarkFetch(b *testing.B) {
	src := newShelf()
	blob := src.add(noise(1, 64<<20))
	from := peers(b, serving(src))
	b.SetBytes(64 << 20)
	for b.Loop() {
		if err := blobs.Fetch(context.Background(), newShelf(), "job", blob, from...); err != nil {
			b.Fatal(err)
		}
	}
}
