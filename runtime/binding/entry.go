package binding

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// A host call's entry in the transcript ([trace.Entry]) encodes
//
//   - the first four bytes of the SHA-256 of the function's name, "module.name";
//   - each argument, and the result if there is one, as an unsigned LEB128 number of the value's bits;
//   - and if any of them has bytes: what was read from guest memory, what was written to it, and the dispatches made, each as
//     its length and its bytes, or their SHA-256 if they are more than partInline.
//
// So most calls are their own entry, and nothing is hashed for them but the transcript.

const (
	partInline = 64
	entryRoom  = 4 + (12+1+3)*binary.MaxVarintLen64 + 3*partInline
)

// part is one of the byte strings of a call's entry, as it is put together.
type part struct {
	n     uint64
	small [partInline]byte
	sum   hash.Hash // of all, once they are more than partInline
}

func (p *part) reset() { p.n = 0 }

func (p *part) Write(b []byte) {
	if p.n+uint64(len(b)) <= partInline {
		p.n += uint64(copy(p.small[p.n:], b))
		return
	}
	if p.n <= partInline {
		if p.sum == nil {
			p.sum = sha256.New()
		}
		p.sum.Reset()
		p.sum.Write(p.small[:p.n])
	}
	p.sum.Write(b)
	p.n += uint64(len(b))
}

func (p *part) append(to []byte) []byte {
	to = binary.AppendUvarint(to, p.n)
	if p.n <= partInline {
		return append(to, p.small[:p.n]...)
	}
	return p.sum.Sum(to)
}

// entry is the call's entry in the transcript.
func (c *call) entry() msg.Hash {
	b := append(c.code[:0], c.fn.id[:]...)
	for _, a := range c.args[:len(c.fn.params)] {
		b = binary.AppendUvarint(b, a)
	}
	if len(c.fn.results) > 0 {
		b = binary.AppendUvarint(b, c.ret)
	}
	if c.reads.n|c.wrote.n|c.extra.n != 0 {
		b = c.extra.append(c.wrote.append(c.reads.append(b)))
	}
	return trace.Entry(b)
}

// timing decides which calls of a function are timed: reading the clock twice costs more than a short call. A function is
// timed as long as its calls are long, or run kernels, and for some calls after that. Then every 64th is, and stands for
// those between.
type timing struct {
	calls uint32
	heat  uint8 // calls to time from here on
}

const (
	timedEvery = 64
	heatLong   = 4 // a long call now and then is one that the machine interrupted
	heatMost   = 16
	longCall   = 3 * time.Microsecond
)

// next counts a call and tells whether to time it.
func (t *timing) next() bool {
	t.calls++
	return t.heat > 0 || t.calls%timedEvery == 1
}

// took takes note of a timed call and gives the time to add.
func (t *timing) took(d time.Duration) time.Duration {
	switch {
	case d > longCall:
		t.heat = min(t.heat+heatLong, heatMost)
	case t.heat > 0:
		t.heat--
	case t.calls > 1:
		return d * timedEvery
	}
	return d
}

// ranKernels keeps a function timed.
func (t *timing) ranKernels() { t.heat = heatMost }
