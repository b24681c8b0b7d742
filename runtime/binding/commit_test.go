package binding

import (
	"bytes"
	"testing"
)

// checkEncoding checks after a call that the objects whose encoding is kept would still be encoded so.
func (p *puppet) checkEncoding(after string) {
	p.t.Helper()
	if len(p.h.objects) > 100 {
		return
	}
	kept := p.h.State()
	for _, o := range p.h.objects {
		o.encoded = nil
	}
	if !bytes.Equal(kept, p.h.State()) {
		p.t.Fatalf("after %s the host's objects are not encoded as they are", after)
	}
}

func TestWrote(t *testing.T) {
	d := &deviceBuffer{size: 100}
	for _, w := range [][4]uint64{{8, 0, 0, 0}, {40, 8, 40, 48}, {60, 4, 40, 64}, {0, 4, 0, 64}, {64, 36, 0, 100}, {8, 0, 0, 100}} {
		if d.wrote(w[0], w[1]); d.lo != w[2] || d.hi != w[3] {
			t.Errorf("after %d bytes at %d: %d to %d, want %d to %d", w[1], w[0], d.lo, d.hi, w[2], w[3])
		}
	}
}
