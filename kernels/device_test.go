package kernels

import (
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
)

type fakeBuffer struct{ size uint64 }

func (b *fakeBuffer) Size() uint64 { return b.size }
func (b *fakeBuffer) Free()        {}

type fakePipeline struct{ k *Kernel }

func (p fakePipeline) Kernel() *Kernel { return p.k }
func (p fakePipeline) Free()           {}

// Bindings may share a buffer as long as nobody writes where somebody else looks.
func TestCheckDispatchOverlap(t *testing.T) {
	b := ir.NewBuilder("k", 1, 1, 1)
	b.Bind("r", ir.Read, false)
	b.Bind("s", ir.Read, false)
	b.Bind("w", ir.ReadWrite, false)
	b.Bind("v", ir.ReadWrite, false)
	p := fakePipeline{NewKernel("k", "", nil, b.Kernel())}
	x, y := &fakeBuffer{1 << 33}, &fakeBuffer{1 << 10}
	for _, c := range []struct {
		name string
		list [4]Bound
		want string
	}{
		{"apart", [4]Bound{{x, 0, 8}, {x, 8, 8}, {x, 16, 8}, {x, 24, 8}}, ""},
		{"two reads of one place", [4]Bound{{x, 0, 8}, {x, 4, 8}, {x, 16, 8}, {x, 24, 8}}, ""},
		{"other buffers", [4]Bound{{x, 0, 8}, {x, 0, 8}, {y, 0, 8}, {x, 8, 8}}, ""},
		{"a read and a write", [4]Bound{{x, 0, 8}, {x, 16, 8}, {x, 4, 8}, {x, 24, 8}}, "0.2: bytes 4+8 overlap bytes 0+8 of the same buffer at binding 0.0"},
		{"one inside the other", [4]Bound{{x, 0, 4}, {x, 20, 4}, {x, 16, 32}, {x, 64, 8}}, "overlap"},
		{"two writes", [4]Bound{{y, 0, 8}, {y, 0, 8}, {x, 12, 8}, {x, 16, 8}}, "0.3: bytes 16+8 overlap bytes 12+8"},
		{"too large", [4]Bound{{x, 0, 1 << 32}, {y, 0, 8}, {y, 8, 8}, {y, 16, 8}}, "0.0: 4294967296 bytes bound, at most 4294967292"},
		{"as large as may be", [4]Bound{{x, 0, 1<<32 - 4}, {y, 0, 8}, {y, 8, 8}, {y, 16, 8}}, ""},
	} {
		err := CheckDispatch(&Dispatch{Pipeline: p, Bindings: c.list[:], GasLimit: MaxGasLimit})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	list := []Bound{{x, 0, 8}, {x, 8, 8}, {x, 16, 8}, {x, 24, 8}}
	if err := CheckDispatch(&Dispatch{Pipeline: p, Bindings: list, GasLimit: MaxGasLimit + 1}); err == nil || !strings.Contains(err.Error(), "gas limit") {
		t.Errorf("gas limit: %v", err)
	}
}
