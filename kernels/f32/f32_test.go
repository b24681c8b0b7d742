package f32_test

import (
	"testing"

	"github.com/gwrun/gwrun/kernels/f32"
	"github.com/gwrun/gwrun/kernels/f32/internal/truth"
	"github.com/gwrun/gwrun/kernels/f32/soft"
	"github.com/gwrun/gwrun/kernels/ir"
)

// unary has every operation of one operand: what it is in package ir, and its text in integers.
var unary = []struct {
	name string
	op   ir.Op
	soft func(uint32) uint32
}{
	{"exp", ir.OpFExp, soft.Exp}, {"exp2", ir.OpFExp2, soft.Exp2}, {"log", ir.OpFLog, soft.Log}, {"log2", ir.OpFLog2, soft.Log2},
	{"sin", ir.OpFSin, soft.Sin}, {"cos", ir.OpFCos, soft.Cos}, {"tan", ir.OpFTan, soft.Tan}, {"tanh", ir.OpFTanh, soft.Tanh},
	{"asin", ir.OpFAsin, soft.Asin}, {"acos", ir.OpFAcos, soft.Acos}, {"atan", ir.OpFAtan, soft.Atan},
	{"sinh", ir.OpFSinh, soft.Sinh}, {"cosh", ir.OpFCosh, soft.Cosh}, {"asinh", ir.OpFAsinh, soft.Asinh},
	{"acosh", ir.OpFAcosh, soft.Acosh}, {"atanh", ir.OpFAtanh, soft.Atanh}, {"invsqrt", ir.OpFInvSqrt, soft.InvSqrt},
	{"sqrt", ir.OpFSqrt, soft.Sqrt}, {"floor", ir.OpFFloor, soft.Floor}, {"ceil", ir.OpFCeil, soft.Ceil},
	{"trunc", ir.OpFTrunc, soft.Trunc}, {"round", ir.OpFRound, soft.Round}, {"stof", ir.OpSToF, soft.SToF},
	{"utof", ir.OpUToF, soft.UToF}, {"ftos", ir.OpFToS, soft.FToS}, {"ftou", ir.OpFToU, soft.FToU},
}

// TestFunctions tries a sample of every operation, as the interpreter has it and in integers.
func TestFunctions(t *testing.T) {
	for _, f := range unary {
		t.Run(f.name, func(t *testing.T) {
			truth.Check(t, f.name, 300_000, func(u uint32) uint32 { return ir.Eval(f.op, u, 0, 0) })
			truth.Check(t, f.name, 300_000, f.soft)
		})
	}
}

func BenchmarkFunctions(b *testing.B) {
	for _, f := range []struct {
		name string
		f    func(float32) float32
	}{
		{"exp", f32.Exp}, {"exp2", f32.Exp2}, {"log", f32.Log}, {"log2", f32.Log2}, {"sin", f32.Sin}, {"cos", f32.Cos},
		{"tan", f32.Tan}, {"tanh", f32.Tanh}, {"asin", f32.Asin}, {"acos", f32.Acos}, {"atan", f32.Atan}, {"sinh", f32.Sinh},
		{"cosh", f32.Cosh}, {"asinh", f32.Asinh}, {"acosh", f32.Acosh}, {"atanh", f32.Atanh}, {"invsqrt", f32.InvSqrt},
	} {
		b.Run(f.name, func(b *testing.B) {
			x := float32(0.1)
			for b.Loop() {
				x += 0.0001
				if x > 0.9 {
					x = 0.1
				}
				f.f(x)
			}
		})
	}
}
