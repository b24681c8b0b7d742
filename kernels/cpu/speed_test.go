package cpu

import (
	"context"
	"encoding/binary"
	"os"
	"testing"

	"github.com/gwrun/gwrun/kernels"
)

// bench is a kernel on a device of its own with its buffers.
type bench struct {
	d *Device
	x *kernels.Dispatch
}

// open compiles WGSL and binds buffers of the given sizes in bytes, the first with the words of params.
func open(t testing.TB, source string, o Options, groups [3]uint32, params []uint32, sizes ...uint64) *bench {
	t.Helper()
	m, err := kernels.Compile(source)
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.Kernel(m.Entries()[0].Name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return bound(t, k, o, groups, params, sizes...)
}

// bound binds buffers to a kernel.
func bound(t testing.TB, k *kernels.Kernel, o Options, groups [3]uint32, params []uint32, sizes ...uint64) *bench {
	t.Helper()
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	p, err := d.NewPipeline(context.Background(), k)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{d.(*Device), &kernels.Dispatch{Pipeline: p, Workgroups: groups, GasLimit: 1 << 31}}
	for n, size := range sizes {
		buf, err := d.NewBuffer(size)
		if err != nil {
			t.Fatal(err)
		}
		b.x.Bindings = append(b.x.Bindings, kernels.Bound{Buffer: buf, Size: size})
		data := make([]byte, size)
		for i := 0; i < len(data); i += 4 {
			w := uint32(0x3f800000 + (i*2654435761)&0x7fffff)
			if n == 0 {
				if w = 0; i/4 < len(params) {
					w = params[i/4]
				}
			}
			binary.LittleEndian.PutUint32(data[i:], w)
		}
		if err := d.Write(buf, 0, data); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *bench) run(t testing.TB) {
	if _, err := b.d.Dispatch(context.Background(), b.x); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, name string) string {
	t.Helper()
	s, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(s)
}
