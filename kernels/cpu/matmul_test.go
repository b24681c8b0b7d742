package cpu

import (
	"testing"

	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// TestMatmul: the benchmark's kernels give the interpreter's bits for all sorts of sizes.
func TestMatmul(t *testing.T) {
	for _, v := range []vectors{vectorsWorth, vectorsNever, vectorsAlways} {
		d := opener(Options{vectors: v})(t)
		for _, n := range []uint32{1, 2, 3, 4, 5, 7, 8, 16, 17, 20} {
			m := func(scale uint32) []uint32 {
				w := make([]uint32, n*n)
				for i := range w {
					w[i] = 0x3f800000 + uint32(i)*scale*12345 ^ uint32(i&1)<<31
				}
				return w
			}
			for _, k := range []*ir.Kernel{naiveMatmul(16, 16), naiveMatmul(64, 1), naiveMatmul(3, 5), tiledMatmul()} {
				s := k.WorkgroupSize
				c := &irgen.Case{Kernel: k, Workgroups: [3]uint32{(n + s[0] - 1) / s[0], (n + s[1] - 1) / s[1], 1}, GasLimit: 1 << 20,
					Buffers: [][]uint32{{n, 0, 0, 0}, m(1), m(3), make([]uint32, n*n)}}
				if k.Name == "tiled" && n%16 != 0 {
					continue
				}
				if err := devicetest.Check(d, c); err != nil {
					t.Errorf("vectors %d, %s, n=%d: %.300v", v, k.Name, n, err)
				}
			}
		}
		d.Close()
	}
}
