package f32

import (
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32/internal/truth"
)

var functions = map[string]func(float32) float32{
	"exp": Exp, "exp2": Exp2, "log": Log, "log2": Log2, "sin": Sin, "cos": Cos, "tan": Tan, "tanh": Tanh,
	"asin": Asin, "acos": Acos, "atan": Atan, "sinh": Sinh, "cosh": Cosh, "asinh": Asinh, "acosh": Acosh,
	"atanh": Atanh, "invsqrt": InvSqrt,
}

func onBits(f func(float32) float32) func(uint32) uint32 {
	return func(u uint32) uint32 { return math.Float32bits(f(math.Float32frombits(u))) }
}

func TestFunctions(t *testing.T) {
	for name, f := range functions {
		t.Run(name, func(t *testing.T) { truth.Check(t, name, 500_000, onBits(f)) })
	}
}

// TestExhaustive is for make exhaustive: it takes a few minutes for each function.
func TestExhaustive(t *testing.T) {
	for name, f := range functions {
		t.Run(name, func(t *testing.T) {
			truth.CheckAll(t, name, map[string]func(uint32) uint32{"f32": onBits(f)})
		})
	}
}

func BenchmarkFunctions(b *testing.B) {
	for name, f := range functions {
		b.Run(name, func(b *testing.B) {
			x := float32(0.1)
			for b.Loop() {
				x += 0.0001
				if x > 0.9 {
					x = 0.1
				}
				f(x)
			}
		})
	}
}
