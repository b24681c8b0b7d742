package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

var ctx = context.Background()

func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), 1}).Read(b)
	return b
}

func put(t testing.TB, s store.Blobs, owner string, data []byte) msg.Blob {
	t.Helper()
	b, err := s.Put(ctx, owner, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if b != merkle.BlobOf(data) {
		t.Fatalf("blob %v, want %v", b, merkle.BlobOf(data))
	}
	return b
}

func open(t testing.TB, dir string, o store.Options) *store.Disk {
	t.Helper()
	s, err := store.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestConformance is what every Store must do.
func TestConformance(t *testing.T) {
	for name, make := range map[string]func(testing.TB, store.Options) store.Store{
		"disk":   func(t testing.TB, o store.Options) store.Store { return open(t, t.TempDir(), o) },
		"memory": func(_ testing.TB, o store.Options) store.Store { return store.NewMemory(o) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range []struct {
				name string
				f    func(*testing.T, func(testing.TB, store.Options) store.Store)
			}{
				{"blobs", testBlobs}, {"several blobs", testPutAll}, {"pages", testPages}, {"partial", testPartial}, {"pins", testPins}, {"expiry", testExpiry}, {"quota", testQuota},
				{"journal", testJournal}, {"together", testTogether}, {"closed", testClosed},
			} {
				t.Run(c.name, func(t *testing.T) { c.f(t, make) })
			}
		})
	}
}

func testPutAll(t *testing.T, make maker) {
	s := make(t, store.Options{})
	data := [][]byte{noise(1, 100), {}, noise(2, merkle.ChunkSize), noise(3, merkle.ChunkSize+1), noise(4, 1), noise(1, 100), noise(5, 5*merkle.ChunkSize)}
	got, err := store.PutAll(ctx, s, "job", data...)
	if err != nil || len(got) != len(data) {
		t.Fatalf("%d blobs of %d: %v", len(got), len(data), err)
	}
	for i, d := range data {
		if got[i] != merkle.BlobOf(d) {
			t.Errorf("blob %d of %d bytes is %v, want %v", i, len(d), got[i], merkle.BlobOf(d))
		}
		if b, err := store.ReadAll(s, got[i], got[i].Size); err != nil || !bytes.Equal(b, d) {
			t.Errorf("blob %d reads as %d bytes of %d, %v", i, len(b), len(d), err)
		}
	}
	if _, err := store.PutAll(ctx, s, "", data...); err == nil {
		t.Error("blobs were stored for nobody")
	}
	if none, err := store.PutAll(ctx, s, "job"); err != nil || len(none) != 0 {
		t.Errorf("of nothing: %v, %v", none, err)
	}
}

type maker = func(testing.TB, store.Options) store.Store

var sizes = []int{0, 1, 4096, 64<<10 - 1, 64 << 10, 64<<10 + 1, 128 << 10, 300_000}

func testBlobs(t *testing.T, make_ maker) {
	s := make_(t, store.Options{})
	for _, n := range sizes {
		data := noise(uint64(n), n)
		want := merkle.BlobOf(data)
		if n > 0 && s.Has(want) {
			t.Errorf("%d bytes: here before they came", n)
		}
		b, err := s.Put(ctx, "job", iotest.OneByteReader(bytes.NewReader(data)))
		if err != nil || b != want {
			t.Fatalf("%d bytes: %v, %v", n, b, err)
		}
		if !s.Has(b) {
			t.Errorf("%d bytes: not here", n)
		}
		if wrong := (msg.Blob{Root: b.Root, Size: b.Size + 1}); s.Has(wrong) {
			t.Errorf("%d bytes: here with a wrong size", n)
		} else if _, err := s.Open(wrong); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%d bytes: opened with a wrong size: %v", n, err)
		}
		r, err := s.Open(b)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(io.NewSectionReader(r, 0, int64(b.Size))); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: %d read, %v", n, len(got), err)
		}
		for range 50 {
			off, k := rand.IntN(n+1), rand.IntN(n+10)
			p := make([]byte, k)
			got, err := r.ReadAt(p, int64(off))
			want := data[off:min(off+k, n)]
			if !bytes.Equal(p[:got], want) || (err == io.EOF) != (k > len(want)) || err != nil && err != io.EOF {
				t.Fatalf("%d bytes at %d of %d: %d read, %v", k, off, n, got, err)
			}
		}
		count := merkle.Count(b.Size, merkle.ChunkSize)
		for lo := range count {
			for hi := lo + 1; hi <= count; hi++ {
				leaves, proof, err := r.Proof(lo, hi)
				if err == nil {
					err = merkle.VerifyRange(b.Root, count, lo, leaves, proof)
				}
				if err != nil {
					t.Errorf("proof of %d to %d: %v", lo, hi, err)
				}
			}
		}
		if _, _, err := r.Proof(0, count+1); err == nil {
			t.Error("proof beyond the end")
		}
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			t.Error(err)
		}
		if got, err := store.ReadAll(s, b, uint64(n)); err != nil || !bytes.Equal(got, data) {
			t.Errorf("ReadAll: %v", err)
		}
	}
	if _, err := store.ReadAll(s, msg.Blob{Size: 10}, 9); err == nil || !strings.Contains(err.Error(), "at most 9") {
		t.Errorf("ReadAll beyond the limit: %v", err)
	}
	if _, err := s.Open(msg.Blob{Root: msg.Hash{1}, Size: 5}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown blob: %v", err)
	}
	broken := io.MultiReader(bytes.NewReader(noise(1, 200_000)), iotest.ErrReader(errors.New("broken pipe")))
	if _, err := s.Put(ctx, "job", broken); err == nil || !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("broken reader: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Put(cancelled, "job", bytes.NewReader(noise(1, 200_000))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, owner := range []string{"", "a\x00b", strings.Repeat("x", 300)} {
		if _, err := s.Put(ctx, owner, bytes.NewReader(nil)); err == nil {
			t.Errorf("owner %q taken", owner)
		}
	}
}

func testPages(t *testing.T, make_ maker) {
	s := make_(t, store.Options{})
	var pages [][]byte
	for i := range 3000 {
		pages = append(pages, noise(uint64(i%2900), 1+i%4096)) // some of them twice
	}
	pages = append(pages, nil, noise(7, blobs.MaxPage))
	hashes, err := s.PutPages("job", pages)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range hashes {
		if h != merkle.Leaf(pages[i]) {
			t.Fatalf("page %d: hash %v", i, h)
		}
		if got, err := s.GetPage(h); err != nil || !bytes.Equal(got, pages[i]) {
			t.Fatalf("page %d: %v", i, err)
		}
	}
	var ask []msg.Hash
	var want [][]byte
	for i := range 5000 { // in no order, many of them twice
		n := i * 7919 % len(pages)
		ask, want = append(ask, hashes[n]), append(want, pages[n])
	}
	got, err := s.GetPages(ask)
	if err != nil || !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("many pages at once: %d, %v", len(got), err)
	}
	if got, err := s.GetPages(nil); err != nil || len(got) != 0 {
		t.Errorf("no pages at once: %d, %v", len(got), err)
	}
	if _, err := s.GetPages([]msg.Hash{hashes[0], {1}}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown page among others: %v", err)
	}
	again, err := s.PutPages("other", pages[:10])
	if err != nil || !slices.Equal(again, hashes[:10]) {
		t.Errorf("again: %v", err)
	}
	ask = []msg.Hash{{1}, hashes[0], {2}, {1}}
	if got := s.MissingPages(ask); !slices.Equal(got, []msg.Hash{{1}, {2}}) {
		t.Errorf("missing %v", got)
	}
	if _, err := s.GetPage(msg.Hash{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown page: %v", err)
	}
	if err := s.PinPages("third", []msg.Hash{hashes[1], {1}}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("pinned an unknown page: %v", err)
	}
	if _, err := s.PutPages("job", [][]byte{{1, 2, 3, 4}, make([]byte, blobs.MaxPage+1)}); err == nil {
		t.Error("too long a page taken")
	}
	if len(s.MissingPages([]msg.Hash{merkle.Leaf([]byte{1, 2, 3, 4})})) == 0 {
		t.Error("a refused batch left a page")
	}
	// A blob of one chunk is a page, and the other way round.
	b := put(t, s, "job", []byte("small"))
	if got, err := s.GetPage(b.Root); err != nil || string(got) != "small" {
		t.Errorf("blob as page: %q, %v", got, err)
	}
	if !s.Has(msg.Blob{Root: hashes[5], Size: uint64(len(pages[5]))}) {
		t.Error("a page is no blob")
	}
	// A blob of several chunks is not.
	if _, err := s.GetPage(put(t, s, "job", noise(3, 100_000)).Root); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("blob of two chunks as page: %v", err)
	}
}

func testPartial(t *testing.T, make_ maker) {
	s := make_(t, store.Options{})
	var sum uint64
	for _, n := range sizes {
		sum += uint64(n)
		data := noise(uint64(n)+1000, n)
		b := merkle.BlobOf(data)
		leaves := merkle.Leaves(data, merkle.ChunkSize)
		piece := func(i int) []byte { return data[i*merkle.ChunkSize : min((i+1)*merkle.ChunkSize, n)] }
		p, err := s.Begin(b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Begin(b); !errors.Is(err, blobs.ErrArriving) {
			t.Errorf("begun twice: %v", err)
		}
		for i := len(leaves) - 1; i >= 0; i-- {
			if err := p.Commit("job"); err == nil {
				t.Fatalf("%d bytes: committed without chunk %d", n, i)
			}
			if want := [][2]uint64{{0, uint64(i + 1)}}; !reflect.DeepEqual(p.Missing(), want) {
				t.Errorf("%d bytes: missing %v, want %v", n, p.Missing(), want)
			}
			for _, bad := range []error{
				p.WriteChunks(uint64(i), leaves[i:i+1], append([]byte{9}, piece(i)[1:]...)),
				p.WriteChunks(uint64(i), leaves[i:i+1], piece(i)[1:]),
				p.WriteChunks(uint64(i), []msg.Hash{{}}, piece(i)),
				p.WriteChunks(uint64(len(leaves)), leaves[i:i+1], piece(i)),
				p.WriteChunks(1<<64-1, leaves[i:i+1], piece(i)),
			} {
				if bad == nil && !(n == 0) && piece(i)[0] != 9 {
					t.Fatalf("%d bytes: bad chunk %d taken", n, i)
				}
			}
			if err := p.WriteChunks(uint64(i), leaves[i:i+1], piece(i)); err != nil {
				t.Fatal(err)
			}
		}
		if n > 0 && s.Has(b) {
			t.Errorf("%d bytes: here before the commit", n)
		}
		if err := p.Commit("job"); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if got, err := store.ReadAll(s, b, 1<<30); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	// Many at once, of which one is wrong: those before it are kept, and it is named.
	many := noise(9, 40*merkle.ChunkSize+9)
	b := merkle.BlobOf(many)
	leaves := merkle.Leaves(many, merkle.ChunkSize)
	p, err := s.Begin(b)
	if err != nil {
		t.Fatal(err)
	}
	spoilt := bytes.Clone(many)
	spoilt[25*merkle.ChunkSize] ^= 1
	var wrong *blobs.Mismatch
	if err := p.WriteChunks(3, leaves[3:], spoilt[3*merkle.ChunkSize:]); !errors.As(err, &wrong) || wrong.Chunk != 25 || wrong.Blob != b {
		t.Errorf("a wrong chunk among many: %v", err)
	}
	if want := [][2]uint64{{0, 3}, {25, 41}}; !reflect.DeepEqual(p.Missing(), want) {
		t.Errorf("missing %v, want %v", p.Missing(), want)
	}
	for _, r := range [][2]uint64{{0, 30}, {20, 41}} { // some of them are here
		if err := p.WriteChunks(r[0], leaves[r[0]:r[1]], many[r[0]*merkle.ChunkSize:min(r[1]*merkle.ChunkSize, b.Size)]); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Commit("job"); err != nil {
		t.Fatal(err)
	}
	if got, err := store.ReadAll(s, b, 1<<30); err != nil || !bytes.Equal(got, many) {
		t.Errorf("many at once: %v", err)
	}
	if u, err := s.Usage(); err != nil || u.Bytes != sum+b.Size {
		t.Errorf("usage %+v, want %d bytes", u, sum+b.Size)
	}
	// Chunks that are consistent with themselves but not with the root.
	data := noise(5, 200_000)
	lie := msg.Blob{Root: msg.Hash{1}, Size: 200_000}
	if p, err = s.Begin(lie); err != nil {
		t.Fatal(err)
	}
	for i, leaf := range merkle.Leaves(data, merkle.ChunkSize) {
		if err := p.WriteChunks(uint64(i), []msg.Hash{leaf}, data[i*merkle.ChunkSize:min((i+1)*merkle.ChunkSize, len(data))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Commit("job"); !errors.Is(err, store.ErrCorrupt) || s.Has(lie) {
		t.Errorf("chunks of another blob committed: %v", err)
	}
	if _, err := s.Begin(msg.Blob{Size: blobs.MaxBlob + 1}); err == nil {
		t.Error("too long a blob begun")
	}
}

func testPins(t *testing.T, make_ maker) {
	s := make_(t, store.Options{})
	shared, a, b := noise(1, 5000), noise(2, 5000), noise(3, 100_000)
	put(t, s, "a", shared)
	put(t, s, "a", a)
	blobShared := put(t, s, "b", shared)
	blobB := put(t, s, "b", b)
	if err := s.Pin("c", blobB, merkle.BlobOf(nil)); err != nil {
		t.Fatal(err)
	}
	if err := s.Pin("c", blobShared, msg.Blob{Root: msg.Hash{8}, Size: 1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("pinned what is not here: %v", err)
	}
	owners := func(want ...string) {
		t.Helper()
		if got, err := s.Owners(); err != nil || !slices.Equal(got, want) {
			t.Errorf("owners %v, %v, want %v", got, err, want)
		}
	}
	gc := func(keep, want uint64) {
		t.Helper()
		if got, err := s.GC(keep); err != nil || got != want {
			t.Errorf("freed %d, %v, want %d", got, err, want)
		}
	}
	release := func(owner string) {
		t.Helper()
		if err := s.Release(owner); err != nil {
			t.Error(err)
		}
	}
	owners("a", "b", "c")
	gc(0, 0)
	release("a")
	release("nobody")
	if u, err := s.Usage(); err != nil || u.Bytes != 110_000 || u.Pinned != 105_000 || u.Pages != 2 || u.Blobs != 1 {
		t.Errorf("usage %+v, %v", u, err)
	}
	gc(5000, 0)
	gc(4999, 5000) // a
	if s.Has(merkle.BlobOf(a)) || !s.Has(blobShared) {
		t.Error("the wrong one went")
	}
	release("b")
	r, err := s.Open(blobB)
	if err != nil {
		t.Fatal(err)
	}
	gc(0, 5000) // shared; c still holds b
	release("c")
	gc(0, 100_000)
	owners()
	if s.Has(blobB) {
		t.Error("still here")
	}
	if got, err := io.ReadAll(io.NewSectionReader(r, 0, 1<<20)); err != nil || !bytes.Equal(got, b) {
		t.Errorf("an open reader lost its blob: %v", err)
	}
	r.Close()
	// An owner whose name begins with another's is somebody else.
	put(t, s, "x", a)
	put(t, s, "xy", b)
	put(t, s, "x\x01", shared)
	owners("x", "x\x01", "xy")
	release("x")
	owners("x\x01", "xy")
}

func testQuota(t *testing.T, make_ maker) {
	s := make_(t, store.Options{Quota: 400_000})
	old := put(t, s, "old", noise(1, 150_000))
	kept := put(t, s, "kept", noise(2, 150_000))
	if _, err := s.Put(ctx, "new", bytes.NewReader(noise(3, 150_000))); !errors.Is(err, store.ErrFull) || !strings.Contains(err.Error(), "quota of 400000") {
		t.Fatalf("beyond the quota: %v", err)
	}
	if u, err := s.Usage(); err != nil || u.Bytes != 300_000 {
		t.Errorf("after a refusal: %+v, %v", u, err)
	}
	if err := s.Release("old"); err != nil {
		t.Fatal(err)
	}
	put(t, s, "new", noise(3, 150_000))
	if s.Has(old) || !s.Has(kept) {
		t.Error("the wrong one made room")
	}
	if _, err := s.PutPages("new", [][]byte{noise(4, 60_000), noise(5, 60_000)}); !errors.Is(err, store.ErrFull) {
		t.Errorf("pages beyond the quota: %v", err)
	}
	if _, err := s.Begin(merkle.BlobOf(noise(6, 400_001))); !errors.Is(err, store.ErrFull) {
		t.Errorf("a blob larger than the quota begun: %v", err)
	}
	p, err := s.Begin(merkle.BlobOf(noise(6, 200_000)))
	if err != nil {
		t.Fatal(err)
	}
	data := noise(6, 200_000)
	for i, leaf := range merkle.Leaves(data, merkle.ChunkSize) {
		if err = p.WriteChunks(uint64(i), []msg.Hash{leaf}, data[i*merkle.ChunkSize:min((i+1)*merkle.ChunkSize, len(data))]); err != nil {
			break
		}
	}
	if err == nil {
		err = p.Commit("new")
	}
	if !errors.Is(err, store.ErrFull) {
		t.Errorf("partial blob beyond the quota: %v", err)
	}
	if err := p.Discard(); err != nil {
		t.Error(err)
	}
	put(t, s, "new", noise(7, 90_000))
	// A batch with a page that is here but that nobody pins does not push that page out.
	s = make_(t, store.Options{Quota: 100_000})
	first, err := s.PutPages("a", [][]byte{noise(1, 30_000), noise(2, 30_000)})
	if err == nil {
		err = s.Release("a")
	}
	if err == nil {
		_, err = s.PutPages("b", [][]byte{noise(1, 30_000), noise(3, 60_000)})
	}
	if err != nil || len(s.MissingPages(first)) != 1 || s.MissingPages(first)[0] != first[1] {
		t.Errorf("missing %v, %v", s.MissingPages(first), err)
	}
}

type record struct {
	State string `cbor:"1,keyasint"`
	Step  uint64 `cbor:"2,keyasint"`
}

func testJournal(t *testing.T, make_ maker) {
	s := make_(t, store.Options{})
	j, other := s.Journal("provider"), s.Journal("consumer")
	var r record
	if err := j.Get(msg.Hash{1}, &r); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("empty journal: %v", err)
	}
	if keys, err := j.Keys(); err != nil || len(keys) != 0 {
		t.Errorf("empty journal: %v, %v", keys, err)
	}
	for _, i := range []byte{3, 1, 2} {
		if err := j.Put(msg.Hash{i}, record{"running", uint64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Put(msg.Hash{1}, record{"done", 9}); err != nil {
		t.Fatal(err)
	}
	if err := j.Get(msg.Hash{1}, &r); err != nil || r != (record{"done", 9}) {
		t.Errorf("record %v, %v", r, err)
	}
	var wrong struct {
		X []byte `cbor:"1,keyasint"`
	}
	if err := j.Get(msg.Hash{1}, &wrong); !errors.Is(err, msg.ErrDecode) {
		t.Errorf("as something else: %v", err)
	}
	for i := range byte(3) {
		if err := j.Put(msg.Hash{4 + i}, record{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(j.Delete(msg.Hash{2}), j.Delete(msg.Hash{2}), other.Delete(msg.Hash{2}), j.Delete(msg.Hash{4}, msg.Hash{9}, msg.Hash{6}, msg.Hash{5}), j.Delete()); err != nil {
		t.Error(err)
	}
	if keys, err := j.Keys(); err != nil || !slices.Equal(keys, []msg.Hash{{1}, {3}}) {
		t.Errorf("keys %v, %v", keys, err)
	}
	if keys, err := other.Keys(); err != nil || len(keys) != 0 {
		t.Errorf("another journal: %v, %v", keys, err)
	}
}

func testTogether(t *testing.T, make_ maker) {
	s := make_(t, store.Options{})
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			owner := fmt.Sprint("job", g)
			for i := range 8 {
				data := noise(uint64(g%3*100+i), 70_000) // two goroutines store each
				b := put(t, s, owner, data)
				pages := [][]byte{noise(uint64(i), 4096), noise(uint64(g), 4096)}
				hashes, err := s.PutPages(owner, pages)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := store.ReadAll(s, b, 1<<20); err != nil || !bytes.Equal(got, data) {
					t.Error(err)
				}
				if got, err := s.GetPage(hashes[1]); err != nil || !bytes.Equal(got, pages[1]) {
					t.Error(err)
				}
				if i%4 == 3 {
					if _, err := s.GC(0); err != nil {
						t.Error(err)
					}
				}
			}
			if err := s.Release(owner); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := s.GC(0); err != nil {
		t.Error(err)
	}
	if u, err := s.Usage(); err != nil || u.Bytes != 0 || u.Pages+u.Blobs != 0 {
		t.Errorf("usage %+v, %v", u, err)
	}
}

func testClosed(t *testing.T, make_ maker) {
	s := make_(t, store.Options{})
	b := put(t, s, "job", noise(1, 100_000))
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	_, err1 := s.Put(ctx, "job", strings.NewReader("x"))
	_, err2 := s.PutPages("job", [][]byte{{1}})
	_, err3 := s.GetPage(msg.Hash{})
	_, err4 := s.Begin(b)
	_, err5 := s.GC(0)
	for i, err := range []error{err1, err2, err3, err4, err5, s.Pin("x"), s.Release("x"), s.Journal("x").Put(msg.Hash{}, 1)} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

func tree(t testing.TB, dir string) map[string]int64 {
	t.Helper()
	files := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			var fi os.FileInfo
			if fi, err = e.Info(); err == nil {
				files[strings.TrimPrefix(path, dir+"/")] = fi.Size()
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
