package soft

import (
	"testing"

	"github.com/gwrun/gwrun/kernels/f32/internal/truth"
)

var functions = map[string]func(uint32) uint32{
	"exp": Exp, "exp2": Exp2, "log": Log, "log2": Log2,
	"sin": Sin, "cos": Cos, "tan": Tan, "tanh": Tanh, "asin": Asin, "acos": Acos, "atan": Atan, "sinh": Sinh, "cosh": Cosh,
	"asinh": Asinh, "acosh": Acosh, "atanh": Atanh, "invsqrt": InvSqrt,
}

func TestFunctions(t *testing.T) {
	for name, f := range functions {
		t.Run(name, func(t *testing.T) { truth.Check(t, name, 300_000, f) })
	}
}

func TestExhaustive(t *testing.T) {
	for name, f := range functions {
		t.Run(name, func(t *testing.T) { truth.CheckAll(t, name, map[string]func(uint32) uint32{"soft": f}) })
	}
}
