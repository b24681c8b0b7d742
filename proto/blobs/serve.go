package blobs

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// Methods of a node that serves content. Whoever knows a hash may have what it names.
const (
	MethodRange = "blob.range" // rangeRequest -> rangeAnswer, then the chunks as raw bytes
	MethodPages = "page.get"   // pagesRequest -> pagesAnswer, then the pages as raw bytes
)

const (
	maxRange = 256     // chunks in one request: 16 MiB
	maxPages = 1024    // pages in one request
	maxBatch = 8 << 20 // bytes of pages in one answer, plus one page
	openIdle = 20 * time.Second
	openMost = 16
)

// rangeRequest asks for chunks Lo to Hi-1 of a blob.
type rangeRequest struct {
	Blob msg.Blob `cbor:"1,keyasint"`
	Lo   uint64   `cbor:"2,keyasint"`
	Hi   uint64   `cbor:"3,keyasint"`
}

// rangeAnswer ties the chunks that follow to the blob's root.
type rangeAnswer struct {
	Leaves []msg.Hash `cbor:"1,keyasint"`
	Proof  []msg.Hash `cbor:"2,keyasint"`
}

type pagesRequest struct {
	Hashes []msg.Hash `cbor:"1,keyasint"`
}

// pagesAnswer gives the length of each page, in the order asked for; the bytes follow.
type pagesAnswer struct {
	Sizes []int64 `cbor:"1,keyasint"`
}

const (
	sizeMissing = -1 // the page is not here
	sizeLater   = -2 // enough for one answer: ask again
)

// Serve answers requests for content from src.
func Serve(m *transport.Mux, src Source) {
	open := &openBlobs{src: src, entries: map[msg.Blob]*openBlob{}}
	m.HandleStream(MethodRange, func(ctx context.Context, _ msg.Account, s *transport.Stream) error {
		var r rangeRequest
		if err := s.Recv(&r); err != nil {
			return err
		}
		if err := r.check(); err != nil {
			return err
		}
		return open.use(r.Blob, func(b Reader) error { return sendRange(ctx, s, b, r) })
	})
	m.HandleStream(MethodPages, func(ctx context.Context, _ msg.Account, s *transport.Stream) error {
		var r pagesRequest
		if err := s.Recv(&r); err != nil {
			return err
		}
		if err := r.check(); err != nil {
			return err
		}
		return sendPages(ctx, s, src, r.Hashes)
	})
}

// check refuses what no blob can have, and too much at once.
func (r *rangeRequest) check() error {
	n := merkle.Count(r.Blob.Size, merkle.ChunkSize)
	switch {
	case r.Blob.Size > MaxBlob:
		return transport.Errorf(transport.BadRequest, "a blob of %d bytes, at most %d wanted", r.Blob.Size, uint64(MaxBlob))
	case r.Lo >= r.Hi || r.Hi > n || r.Hi-r.Lo > maxRange:
		return transport.Errorf(transport.BadRequest, "chunks %d to %d of a blob with %d; at most %d at once", r.Lo, r.Hi, n, maxRange)
	}
	return nil
}

func (r *pagesRequest) check() error {
	if len(r.Hashes) == 0 || len(r.Hashes) > maxPages {
		return transport.Errorf(transport.BadRequest, "%d pages asked for, wanted 1 to %d", len(r.Hashes), maxPages)
	}
	return nil
}

func sendRange(ctx context.Context, s *transport.Stream, b Reader, r rangeRequest) error {
	var a rangeAnswer
	var err error
	if a.Leaves, a.Proof, err = b.Proof(r.Lo, r.Hi); err != nil {
		return err
	}
	if err := s.Send(a); err != nil {
		return err
	}
	buf := buffers.Get().(*[batch * merkle.ChunkSize]byte)
	defer buffers.Put(buf)
	from, to := r.Lo*merkle.ChunkSize, min(r.Hi*merkle.ChunkSize, r.Blob.Size)
	for from < to {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := buf[:min(uint64(len(buf)), to-from)]
		n, bad := b.ReadAt(p, int64(from))
		if bad == io.EOF && n == len(p) {
			bad = nil
		}
		if bad != nil {
			p = p[:n-n%merkle.ChunkSize] // what was read before it is good
		}
		if _, err := s.Write(p); err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		from += uint64(len(p))
	}
	return nil
}

func sendPages(ctx context.Context, s *transport.Stream, src Source, hashes []msg.Hash) error {
	a := pagesAnswer{Sizes: make([]int64, len(hashes))}
	var pages [][]byte
	total := 0
	for i, h := range hashes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if total > maxBatch {
			a.Sizes[i] = sizeLater
			continue
		}
		p, err := src.GetPage(h)
		if err != nil {
			// A page that is damaged here is as good as missing: others may have it.
			a.Sizes[i] = sizeMissing
			continue
		}
		a.Sizes[i] = int64(len(p))
		total += len(p)
		pages = append(pages, p)
	}
	if err := s.Send(a); err != nil {
		return err
	}
	for _, p := range pages {
		if _, err := s.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// openBlobs keeps the blobs open that are being asked for: opening one reads and hashes all its leaf hashes.
type openBlobs struct {
	src     Source
	mu      sync.Mutex
	entries map[msg.Blob]*openBlob
}

type openBlob struct {
	once  sync.Once
	r     Reader
	err   error
	uses  int
	timer *time.Timer // closes it when nobody has used it for a while
}

// use opens b, or finds it open, for f.
func (o *openBlobs) use(b msg.Blob, f func(Reader) error) error {
	o.mu.Lock()
	e := o.entries[b]
	if e == nil {
		o.makeRoom()
		e = &openBlob{}
		o.entries[b] = e
	}
	e.uses++
	if e.timer != nil {
		e.timer.Stop()
	}
	o.mu.Unlock()

	e.once.Do(func() { e.r, e.err = o.src.Open(b) })
	err := e.err
	if err == nil {
		err = f(e.r)
	}

	o.mu.Lock()
	defer o.mu.Unlock()
	e.uses--
	var said *transport.Error
	if err != nil && !errors.As(err, &said) && o.entries[b] == e {
		delete(o.entries, b) // it may be damaged or gone: the next request looks anew
	}
	if e.uses == 0 {
		if o.entries[b] != e {
			e.close()
		} else {
			e.timer = time.AfterFunc(openIdle, func() { o.expire(b, e) })
		}
	}
	if errors.Is(err, ErrNotFound) {
		return transport.Errorf(transport.NotFound, "no blob %v of %d bytes here", b.Root, b.Size)
	}
	return err
}

func (e *openBlob) close() {
	if e.r != nil {
		e.r.Close()
	}
}

func (o *openBlobs) expire(b msg.Blob, e *openBlob) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e.uses == 0 && o.entries[b] == e {
		delete(o.entries, b)
		e.close()
	}
}

// makeRoom closes one blob nobody is using, if many are open. o.mu is held.
func (o *openBlobs) makeRoom() {
	if len(o.entries) < openMost {
		return
	}
	for b, e := range o.entries {
		if e.uses == 0 {
			if e.timer != nil {
				e.timer.Stop()
			}
			delete(o.entries, b)
			e.close()
			return
		}
	}
}
