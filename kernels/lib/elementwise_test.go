package lib_test

import (
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

func TestRelu(t *testing.T) {
	const n = 1003
	x := libtest.Normal(n, 1, 2)
	for i, v := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e-45, -1e-45} {
		x[i] = math.Float32bits(float32(v))
	}
	want := make([]uint32, n)
	for i, v := range libtest.Floats(x) {
		if v > 0 {
			want[i] = x[i]
		}
	}
	libtest.Run(t, libtest.Case{Name: "relu", Op: "relu", Params: map[string]uint32{"n": n}, Buffers: [][]uint32{x, libtest.Garbage(n)}, Bits: map[int][]uint32{1: want}})
}
