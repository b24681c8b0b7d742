package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// ErrLied is wrapped where a peer sent bytes or a proof that do not verify.
var ErrLied = errors.New("sent what does not verify")

// PeerError says which peer failed a transfer, and how.
type PeerError struct {
	Peer msg.Account
	Err  error
}

func (e *PeerError) Error() string { return e.Err.Error() }

// Unwrap gives the reason.
func (e *PeerError) Unwrap() error { return e.Err }

const (
	lanes       = 2       // requests under way to one peer, so that it does not wait for us
	slowest     = 8 << 10 // bytes a second, below which a peer is given up
	patience    = 30 * time.Second
	arrivalPoll = 50 * time.Millisecond
	linger      = 200 * time.Millisecond // how long chunks that have come wait to be kept with those behind them
)

// taskChunks is how many chunks one request of Fetch asks for: 4 MiB of them; tests make it less.
var taskChunks uint64 = 64

// hedge is how long a peer may be at a task before one that has nothing else to do tries it too; tests make it less.
var hedge = 4 * time.Second

// allowance is how long n bytes may take.
func allowance(n uint64) time.Duration {
	return patience + time.Duration(n/slowest)*time.Second
}

// peerErr blames a peer, and says "not found" in this package's words.
func peerErr(c *transport.Conn, err error) error {
	if transport.HasCode(err, transport.NotFound) {
		err = fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return &PeerError{Peer: c.Peer(), Err: err}
}

func lied(c *transport.Conn, format string, args ...any) error {
	return &PeerError{Peer: c.Peer(), Err: fmt.Errorf("%v %w: %w", c.Peer(), ErrLied, fmt.Errorf(format, args...))}
}

// Fetcher says how to fetch. The zero value is what most want.
type Fetcher struct {
	// Blame hears, as it happens, of each peer that a fetch gives up on, even if others make up for it: one that lied (ErrLied), that is
	// gone, or that lacks what is wanted (ErrNotFound). It must not wait. Default: nobody hears of them unless the fetch fails.
	Blame func(*PeerError)
}

// Fetch brings a blob into a store, pinned by owner, from any of the peers and from several at once. Chunks that arrived
// before, in this process or an earlier one, are not asked for again; those that arrive are kept even if Fetch fails. The
// caller has decided that it wants so many bytes. The error joins what each peer did wrong, as *PeerError.
func Fetch(ctx context.Context, into Sink, owner string, b msg.Blob, from ...*transport.Conn) error {
	return Fetcher{}.Fetch(ctx, into, owner, b, from...)
}

// Fetch is the function Fetch, as f says.
func (f Fetcher) Fetch(ctx context.Context, into Sink, owner string, b msg.Blob, from ...*transport.Conn) error {
	p, err := begin(ctx, into, owner, b)
	if p == nil || err != nil {
		return err
	}
	defer p.Close()
	var tasks [][2]uint64
	for _, m := range p.Missing() {
		for lo := m[0]; lo < m[1]; lo += taskChunks {
			tasks = append(tasks, [2]uint64{lo, min(lo+taskChunks, m[1])})
		}
	}
	err = share(ctx, f.Blame, tasks, from, func(ctx context.Context, c *transport.Conn, t [2]uint64) (o outcome[[2]uint64]) {
		done, err := fetchRange(ctx, c, b, t[0], t[1], p.WriteChunks)
		if done < t[1] {
			o.left = [][2]uint64{{done, t[1]}}
		}
		o.err = err
		return o
	})
	if err != nil {
		return fmt.Errorf("fetching blob %v: %w", b.Root, err)
	}
	return p.Commit(owner)
}

// begin gives nil if the blob is here already, now pinned.
func begin(ctx context.Context, into Sink, owner string, b msg.Blob) (Partial, error) {
	for {
		if into.Has(b) {
			if err := into.Pin(owner, b); err == nil || !errors.Is(err, ErrNotFound) {
				return nil, err
			}
		}
		p, err := into.Begin(b)
		if !errors.Is(err, ErrArriving) {
			return p, err
		}
		// Somebody else is fetching it: wait for the outcome.
		select {
		case <-time.After(arrivalPoll):
		case <-ctx.Done():
			return nil, fmt.Errorf("fetching blob %v: %w", b.Root, ctx.Err())
		}
	}
}

// localError is a failure of the store, for which no peer is to blame.
type localError struct{ error }

func (e localError) Unwrap() error { return e.error }

// outcome is what became of a task at a peer.
type outcome[T any] struct {
	left  []T   // for anybody to do
	lacks []T   // for anybody but this peer
	why   error // with lacks: what the peer said
	err   error // the peer is of no more use, or (localError) this node is not
}

// job is a task, the peers that cannot do it, and those that are at it.
type job[T any] struct {
	task    T
	not     []*transport.Conn
	at      map[*transport.Conn]context.CancelFunc
	started time.Time
	done    bool
}

// crew is the peers that share the tasks of one fetch.
type crew[T any] struct {
	do    func(context.Context, *transport.Conn, T) outcome[T]
	blame func(*PeerError) // may be nil

	mu    sync.Mutex
	ready *sync.Cond // some job or peer has changed
	queue []*job[T]  // nobody is at them
	busy  []*job[T]
	gone  map[*transport.Conn]bool
	local error
	errs  []error
}

// share lets the peers work through the tasks. What one peer fails to do the others do, and what one is slow to do another
// that has nothing else to do tries as well.
func share[T any](ctx context.Context, blame func(*PeerError), tasks []T, from []*transport.Conn, do func(context.Context, *transport.Conn, T) outcome[T]) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &crew[T]{do: do, blame: blame, gone: map[*transport.Conn]bool{}}
	w.ready = sync.NewCond(&w.mu)
	for _, t := range tasks {
		w.queue = append(w.queue, &job[T]{task: t})
	}
	wake := func() {
		w.mu.Lock()
		w.ready.Broadcast()
		w.mu.Unlock()
	}
	defer context.AfterFunc(ctx, wake)()
	if len(from) > 1 {
		look := time.NewTicker(hedge / 4)
		defer look.Stop()
		go func() {
			for {
				select {
				case <-look.C:
					wake()
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	var wg sync.WaitGroup
	for _, c := range from {
		for range min(lanes, len(tasks)) {
			wg.Go(func() { w.work(ctx, cancel, c) })
		}
	}
	wg.Wait()
	switch {
	case w.local != nil:
		return w.local
	case len(w.queue) == 0:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case len(w.errs) == 0:
		return fmt.Errorf("%w: no peers to ask", ErrNotFound)
	}
	return errors.Join(w.errs...)
}

// next finds a job for c. w.mu is held.
func (w *crew[T]) next(c *transport.Conn) *job[T] {
	for i, j := range w.queue {
		if !slices.Contains(j.not, c) {
			w.queue = slices.Delete(w.queue, i, i+1)
			w.busy = append(w.busy, j)
			j.started = time.Now()
			return j
		}
	}
	for _, j := range w.busy {
		if len(j.at) == 1 && j.at[c] == nil && !slices.Contains(j.not, c) && time.Since(j.started) > hedge {
			return j
		}
	}
	return nil
}

// work does jobs until there is nothing left that c could do.
func (w *crew[T]) work(ctx context.Context, stop context.CancelFunc, c *transport.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ctx.Err() == nil && !w.gone[c] {
		j := w.next(c)
		if j == nil {
			if len(w.busy) == 0 {
				return
			}
			w.ready.Wait() // a job under way elsewhere may come back, or turn out slow
			continue
		}
		each, cancel := context.WithCancel(ctx)
		if j.at == nil {
			j.at = map[*transport.Conn]context.CancelFunc{}
		}
		j.at[c] = cancel
		w.mu.Unlock()
		o := w.do(each, c, j.task)
		cancel()
		w.mu.Lock()
		delete(j.at, c)
		w.settle(ctx, stop, c, j, o)
		w.ready.Broadcast()
	}
}

// settle draws the consequences of an outcome. w.mu is held.
func (w *crew[T]) settle(ctx context.Context, stop context.CancelFunc, c *transport.Conn, j *job[T], o outcome[T]) {
	if j.done {
		return // another peer was faster, and this one was told to stop
	}
	complete := len(o.left) == 0 && len(o.lacks) == 0
	for _, cancel := range j.at {
		if complete {
			cancel()
		}
	}
	if complete || len(j.at) == 0 {
		j.done = complete
		w.busy = slices.DeleteFunc(w.busy, func(other *job[T]) bool { return other == j })
		for _, t := range o.left {
			w.queue = append(w.queue, &job[T]{task: t, not: j.not})
		}
		for _, t := range o.lacks {
			w.queue = append(w.queue, &job[T]{task: t, not: append(slices.Clone(j.not), c)})
		}
	} else if len(o.lacks) > 0 {
		j.not = append(slices.Clone(j.not), c) // the other peer that is at it goes on
	}
	if len(o.lacks) > 0 {
		w.fault(o.why)
	}
	if o.err == nil || ctx.Err() != nil {
		return
	}
	var l localError
	if errors.As(o.err, &l) {
		w.local = l.error
		stop()
	} else if !w.gone[c] {
		w.gone[c] = true
		w.fault(o.err)
	}
}

// fault notes what a peer did wrong. w.mu is held.
func (w *crew[T]) fault(err error) {
	w.errs = append(w.errs, err)
	var p *PeerError
	if w.blame != nil && errors.As(err, &p) {
		w.blame(p)
	}
}

// fetchRange receives chunks lo to hi-1, and gives them to keep as they come, which checks them (Partial.WriteChunks). It returns
// how far it came.
func fetchRange(ctx context.Context, c *transport.Conn, b msg.Blob, lo, hi uint64, keep func(uint64, []msg.Hash, []byte) error) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, allowance((hi-lo)*merkle.ChunkSize))
	defer cancel()
	s, err := c.Open(ctx, MethodRange)
	if err != nil {
		return lo, peerErr(c, err)
	}
	defer s.Close()
	if err := s.Send(rangeRequest{b, lo, hi}); err != nil {
		return lo, peerErr(c, err)
	}
	if err := s.CloseSend(); err != nil {
		return lo, peerErr(c, err)
	}
	var a rangeAnswer
	if err := s.Recv(&a); err != nil {
		return lo, peerErr(c, err)
	}
	if uint64(len(a.Leaves)) != hi-lo {
		return lo, lied(c, "%d leaf hashes for %d chunks", len(a.Leaves), hi-lo)
	}
	if err := merkle.VerifyRange(b.Root, merkle.Count(b.Size, merkle.ChunkSize), lo, a.Leaves, a.Proof); err != nil {
		return lo, lied(c, "chunks %d to %d of blob %v: %w", lo, hi, b.Root, err)
	}
	buf := buffers.Get().(*[batch * merkle.ChunkSize]byte)
	defer buffers.Put(buf)
	for at := lo; at < hi; {
		next, n, began := at, 0, time.Now()
		var cut error
		for next < min(at+batch, hi) && (next == at || time.Since(began) < linger) {
			p := buf[n:][:min(merkle.ChunkSize, b.Size-next*merkle.ChunkSize)]
			if _, cut = io.ReadFull(s, p); cut != nil {
				break // whole chunks before the cut are kept
			}
			next, n = next+1, n+len(p)
		}
		if next > at {
			err := keep(at, a.Leaves[at-lo:next-lo], buf[:n])
			if m := (*Mismatch)(nil); errors.As(err, &m) {
				return m.Chunk, lied(c, "%w", err)
			}
			if err != nil {
				return at, localError{err}
			}
		}
		if cut != nil {
			return next, peerErr(c, fmt.Errorf("chunk %d of blob %v: %w", next, b.Root, cut))
		}
		at = next
	}
	return hi, nil
}

// Range fetches length bytes from offset on of a blob into memory, verified, without storing anything. It asks one peer for
// at most 16 MiB.
func Range(ctx context.Context, c *transport.Conn, b msg.Blob, offset, length uint64) ([]byte, error) {
	if length == 0 || offset > b.Size || length > b.Size-offset {
		return nil, fmt.Errorf("bytes %d to %d of blob %v, which has %d", offset, offset+length, b.Root, b.Size)
	}
	lo, hi := offset/merkle.ChunkSize, (offset+length-1)/merkle.ChunkSize+1
	if hi-lo > maxRange {
		return nil, fmt.Errorf("%d chunks of blob %v, at most %d wanted at once", hi-lo, b.Root, maxRange)
	}
	out := make([]byte, 0, (hi-lo)*merkle.ChunkSize)
	_, err := fetchRange(ctx, c, b, lo, hi, func(at uint64, leaves []msg.Hash, p []byte) error {
		out = append(out, p...)
		_, err := CheckChunks(b, at, leaves, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	from := offset - lo*merkle.ChunkSize
	return out[from : from+length], nil
}

// FetchPages brings pages into a store, pinned by owner, from any of the peers and from several at once. Pages that are here
// are pinned, not fetched. Those that arrive are kept even if FetchPages fails.
func FetchPages(ctx context.Context, into Sink, owner string, hashes []msg.Hash, from ...*transport.Conn) error {
	return Fetcher{}.FetchPages(ctx, into, owner, hashes, from...)
}

// FetchPages is the function FetchPages, as f says.
func (f Fetcher) FetchPages(ctx context.Context, into Sink, owner string, hashes []msg.Hash, from ...*transport.Conn) error {
	missing, err := pinPresent(into, owner, hashes)
	if err != nil || len(missing) == 0 {
		return err
	}
	var tasks [][]msg.Hash
	for rest := missing; len(rest) > 0; rest = rest[min(maxPages, len(rest)):] {
		tasks = append(tasks, rest[:min(maxPages, len(rest))])
	}
	err = share(ctx, f.Blame, tasks, from, func(ctx context.Context, c *transport.Conn, task []msg.Hash) (o outcome[[]msg.Hash]) {
		pages, left, lacks, err := fetchPages(ctx, c, task)
		if len(pages) > 0 {
			if _, err := into.PutPages(owner, pages); err != nil {
				return outcome[[]msg.Hash]{left: [][]msg.Hash{task}, err: localError{err}}
			}
		}
		if len(left) > 0 {
			o.left = [][]msg.Hash{left}
		}
		if len(lacks) > 0 {
			o.lacks = [][]msg.Hash{lacks}
			o.why = peerErr(c, fmt.Errorf("%w: %v lacks %d pages, %v among them", ErrNotFound, c.Peer(), len(lacks), lacks[0]))
		}
		o.err = err
		return o
	})
	if err != nil {
		return fmt.Errorf("fetching %d pages: %w", len(missing), err)
	}
	return nil
}

// pinPresent pins what is here and returns what is not.
func pinPresent(into Sink, owner string, hashes []msg.Hash) (missing []msg.Hash, err error) {
	for range 3 { // a page may be removed between the look and the pin
		missing = into.MissingPages(hashes)
		absent := make(map[msg.Hash]bool, len(missing))
		for _, h := range missing {
			absent[h] = true
		}
		var present []msg.Hash
		for _, h := range hashes {
			if !absent[h] {
				present = append(present, h)
			}
		}
		if err = into.PinPages(owner, present); err == nil || !errors.Is(err, ErrNotFound) {
			return missing, err
		}
	}
	return missing, err
}

// fetchPages receives those of the pages that the peer has, verified. lacks are those it does not have, left the others that
// did not come.
func fetchPages(ctx context.Context, c *transport.Conn, hashes []msg.Hash) (pages [][]byte, left, lacks []msg.Hash, err error) {
	ctx, cancel := context.WithTimeout(ctx, allowance(maxBatch))
	defer cancel()
	s, err := c.Open(ctx, MethodPages)
	if err != nil {
		return nil, hashes, nil, peerErr(c, err)
	}
	defer s.Close()
	err = s.Send(pagesRequest{hashes})
	if err == nil {
		err = s.CloseSend()
	}
	var a pagesAnswer
	if err == nil {
		err = s.Recv(&a)
	}
	if err != nil {
		return nil, hashes, nil, peerErr(c, err)
	}
	if err := checkSizes(a.Sizes, len(hashes)); err != nil {
		return nil, hashes, nil, lied(c, "%w", err)
	}
	for i, n := range a.Sizes {
		switch n {
		case sizeLater:
			left = append(left, hashes[i])
			continue
		case sizeMissing:
			lacks = append(lacks, hashes[i])
			continue
		}
		p := make([]byte, n)
		if _, err := io.ReadFull(s, p); err != nil {
			return pages, append(left, hashes[i:]...), lacks, peerErr(c, fmt.Errorf("page %v: %w", hashes[i], err))
		}
		if got := merkle.Leaf(p); got != hashes[i] {
			return pages, append(left, hashes[i:]...), lacks, lied(c, "page %v hashes to %v", hashes[i], got)
		}
		pages = append(pages, p)
	}
	return pages, left, lacks, nil
}

// checkSizes refuses an answer that is not one to a question for n pages, or that would have the same question asked for
// ever.
func checkSizes(sizes []int64, n int) error {
	if len(sizes) != n {
		return fmt.Errorf("%d lengths for %d pages", len(sizes), n)
	}
	total, later := int64(0), 0
	for _, size := range sizes {
		switch {
		case size == sizeMissing:
		case size == sizeLater:
			later++
		case size < 0 || size > MaxPage:
			return fmt.Errorf("page of %d bytes, at most %d wanted", size, MaxPage)
		default:
			total += size
		}
	}
	if total > maxBatch+MaxPage {
		return fmt.Errorf("%d bytes of pages at once, at most %d wanted", total, maxBatch+MaxPage)
	}
	if later == n {
		return errors.New("all pages put off")
	}
	return nil
}
