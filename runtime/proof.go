package runtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Proof is what a question that is left of a dispute is judged by. Nothing in it is believed: every part is checked against what both
// parties have agreed on, so it does not matter who gave it.
type Proof struct {
	// Manifest and Pages are the state before the step, buffers left out but for the hashes in the manifest. They are empty before a
	// job's first step.
	Manifest []byte   `cbor:"1,keyasint"`
	Pages    [][]byte `cbor:"2,keyasint"`
	// Reads are the bytes that the step's host calls read from device buffers before the point, and Gas the kernel gas of its
	// dispatches, each in their order. The transcript and the gas at the point tell whether they are right.
	Reads [][]byte `cbor:"3,keyasint"`
	Gas   []uint64 `cbor:"4,keyasint"`
	// Heads are the buffers at the point, Buffers the pages of them that are needed.
	Heads   []trace.BufferHead `cbor:"5,keyasint"`
	Buffers []BufferPage       `cbor:"6,keyasint"`
}

// Domain names the message.
func (Proof) Domain() string { return "Proof" }

// BufferPage is a page of a buffer with its proof against the buffer's root.
type BufferPage struct {
	Handle uint32     `cbor:"1,keyasint"`
	Page   uint64     `cbor:"2,keyasint"`
	Data   []byte     `cbor:"3,keyasint"`
	Proof  []msg.Hash `cbor:"4,keyasint"`
}

// ErrProof is wrapped by every refusal of a proof: it does not bear out what was agreed on, or something is missing in it. It says
// nothing about either party.
var ErrProof = errors.New("proof refused")

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrProof, fmt.Sprintf(format, args...))
}

// pagesOf are the proven pages of the buffers at a point.
type pagesOf struct {
	heads map[uint32]trace.BufferHead
	known map[uint32]map[uint64][]byte
}

// check ties heads and pages to what the parties agreed on of the point.
func (p *Proof) check(buffers msg.Hash) (*pagesOf, error) {
	out := &pagesOf{heads: map[uint32]trace.BufferHead{}, known: map[uint32]map[uint64][]byte{}}
	leaves := make([]msg.Hash, len(p.Heads))
	for i, h := range p.Heads {
		if i > 0 && p.Heads[i-1].Handle >= h.Handle {
			return nil, refused("buffer %d stands behind buffer %d", h.Handle, p.Heads[i-1].Handle)
		}
		leaves[i], out.heads[h.Handle] = h.Leaf(), h
	}
	if got := trace.BuffersRoot(uint64(len(leaves)), merkle.Root(leaves)); got != buffers {
		return nil, refused("the buffers' heads give %v, agreed was %v", got, buffers)
	}
	for _, b := range p.Buffers {
		h, ok := out.heads[b.Handle]
		n := merkle.Count(h.Size, trace.PageSize)
		if !ok || b.Page >= n || uint64(len(b.Data)) != min(h.Size-b.Page*trace.PageSize, trace.PageSize) {
			return nil, refused("%d bytes as page %d of buffer %d", len(b.Data), b.Page, b.Handle)
		}
		if err := merkle.Verify(h.Root, n, b.Page, merkle.Leaf(b.Data), b.Proof); err != nil {
			return nil, refused("page %d of buffer %d: %v", b.Page, b.Handle, err)
		}
		if out.known[b.Handle] == nil {
			out.known[b.Handle] = map[uint64][]byte{}
		}
		out.known[b.Handle][b.Page] = b.Data
	}
	return out, nil
}

// read gives bytes of a buffer; every page they lie in has to be known. A buffer that was made since the point is zero.
func (p *pagesOf) read(handle uint32, off uint64, to []byte) error {
	if _, ok := p.heads[handle]; !ok {
		clear(to)
		return nil
	}
	for len(to) > 0 {
		page, ok := p.known[handle][off/trace.PageSize]
		if !ok {
			return refused("page %d of buffer %d is missing", off/trace.PageSize, handle)
		}
		from := off % trace.PageSize
		if from >= uint64(len(page)) {
			return refused("byte %d of buffer %d lies behind its end", off, handle)
		}
		n := copy(to, page[from:])
		to, off = to[n:], off+uint64(n)
	}
	return nil
}

// change is what one call of a device did to a buffer.
type change struct {
	kernels.Buffer
	off  uint64
	data []byte // of a write
	n    uint64 // of a copy, from src at srcOff
	src  kernels.Buffer
	from uint64
	run  *kernels.Dispatch // of a dispatch
}

// provenDevice is a device that computes nothing. Up to the point it gives back what a Proof says was read and used; behind it, it
// keeps what it is asked to do and reads from proven pages.
type provenDevice struct {
	proof  *Proof
	live   bool
	pages  *pagesOf                    // behind the point
	handle func(kernels.Buffer) uint32 // behind the point
	done   []change
	reads  int
	gas    int
}

type provenBuffer struct{ size uint64 }

func (b *provenBuffer) Size() uint64 { return b.size }
func (*provenBuffer) Free()          {}

type provenPipeline struct{ k *kernels.Kernel }

func (p *provenPipeline) Kernel() *kernels.Kernel { return p.k }
func (*provenPipeline) Free()                     {}

func (d *provenDevice) Info() kernels.Info { return kernels.Info{ID: "referee"} }
func (d *provenDevice) Close() error       { return nil }

func (d *provenDevice) NewBuffer(size uint64) (kernels.Buffer, error) {
	return &provenBuffer{size}, nil
}

func (d *provenDevice) NewPipeline(_ context.Context, k *kernels.Kernel) (kernels.Pipeline, error) {
	return &provenPipeline{k}, nil
}

func (d *provenDevice) Write(b kernels.Buffer, off uint64, data []byte) error {
	if d.live {
		d.done = append(d.done, change{Buffer: b, off: off, data: append([]byte{}, data...)})
	}
	return nil
}

func (d *provenDevice) Read(b kernels.Buffer, off uint64, p []byte) error {
	if !d.live {
		if d.reads == len(d.proof.Reads) || len(d.proof.Reads[d.reads]) != len(p) {
			return refused("read %d of %d bytes before the point is missing", d.reads, len(p))
		}
		copy(p, d.proof.Reads[d.reads])
		d.reads++
		return nil
	}
	return d.word(d.handle(b), b, off, p)
}

// word gives bytes of a buffer as they are behind all that was done since the point, dispatches apart.
func (d *provenDevice) word(handle uint32, b kernels.Buffer, off uint64, p []byte) error {
	covered := false
	for _, c := range d.done {
		if c.Buffer == b && c.run == nil && c.off <= off && off+uint64(len(p)) <= c.off+uint64(len(c.data))+c.n {
			covered = true
		}
	}
	if !covered {
		if err := d.pages.read(handle, off, p); err != nil {
			return err
		}
	}
	for _, c := range d.done {
		if c.Buffer != b {
			continue
		}
		for i := range p {
			switch at := off + uint64(i); {
			case c.run != nil:
				return refused("buffer %d is read behind a dispatch that may have written it", handle)
			case c.n > 0 && at >= c.off && at < c.off+c.n:
				if err := d.pages.read(d.handle(c.src), c.from+at-c.off, p[i:i+1]); err != nil {
					return err
				}
			case c.n == 0 && at >= c.off && at < c.off+uint64(len(c.data)):
				p[i] = c.data[at-c.off]
			}
		}
	}
	return nil
}

func (d *provenDevice) Copy(dst kernels.Buffer, dstOff uint64, src kernels.Buffer, srcOff, n uint64) error {
	if d.live {
		d.done = append(d.done, change{Buffer: dst, off: dstOff, n: n, src: src, from: srcOff})
	}
	return nil
}

// errDispatch ends a judge's run at a dispatch: what it does is looked at apart.
var errDispatch = errors.New("a dispatch is to be looked at")

func (d *provenDevice) Dispatch(_ context.Context, list ...*kernels.Dispatch) (uint64, error) {
	if d.live {
		d.done = append(d.done, change{run: list[0]})
		return 0, errDispatch
	}
	if d.gas == len(d.proof.Gas) {
		return 0, refused("the gas of dispatch %d before the point is missing", d.gas)
	}
	d.gas++
	return d.proof.Gas[d.gas-1], nil
}
