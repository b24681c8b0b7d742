package f32

import (
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32/internal/truth"
	"github.com/gwrun/gwrun/kernels/f32/soft"
)

var functions = map[string]func(float32) float32{
	"exp": Exp, "exp2": Exp2, "log": Log, "log2": Log2, "sin": Sin, "cos": Cos, "tan": Tan, "tanh": Tanh,
	"asin": Asin, "acos": Acos, "atan": Atan, "sinh": Sinh, "cosh": Cosh, "asinh": Asinh, "acosh": Acosh,
	"atanh": Atanh, "invsqrt": InvSqrt,
}

var inIntegers = map[string]func(uint32) uint32{
	"exp": soft.Exp, "exp2": soft.Exp2, "log": soft.Log, "log2": soft.Log2, "sin": soft.Sin, "cos": soft.Cos, "tan": soft.Tan,
	"tanh": soft.Tanh, "asin": soft.Asin, "acos": soft.Acos, "atan": soft.Atan, "sinh": soft.Sinh, "cosh": soft.Cosh,
	"asinh": soft.Asinh, "acosh": soft.Acosh, "atanh": soft.Atanh, "invsqrt": soft.InvSqrt,
}

func onBits(f func(float32) float32) func(uint32) uint32 {
	return func(u uint32) uint32 { return math.Float32bits(f(math.Float32frombits(u))) }
}

func TestFunctions(t *testing.T) {
	for name, f := range functions {
		t.Run(name, func(t *testing.T) {
			truth.Check(t, name, 300_000, onBits(f))
			truth.Check(t, name, 300_000, inIntegers[name])
		})
	}
}

// TestExhaustive is for make exhaustive: it takes a few minutes for each function. It tries the functions of this
// package and those in integers, which GPUs run, on all inputs.
func TestExhaustive(t *testing.T) {
	for name, f := range functions {
		t.Run(name, func(t *testing.T) {
			truth.CheckAll(t, name, map[string]func(uint32) uint32{"f32": onBits(f), "soft": inIntegers[name]})
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
