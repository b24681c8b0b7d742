package lower

import (
	"fmt"

	"github.com/gwrun/gwrun/kernels/ir"
)

var floatOps = map[ir.Op]string{ir.OpFAdd: "+", ir.OpFSub: "-", ir.OpFMul: "*", ir.OpFDiv: "/",
	ir.OpFEq: "==", ir.OpFNe: "!=", ir.OpFLt: "<", ir.OpFLe: "<="}

// builtins are WGSL's own functions, which the plain lowering takes for the operators of gw1.
var builtins = map[ir.Op]string{ir.OpFSqrt: "sqrt", ir.OpFFma: "fma", ir.OpFMin: "min", ir.OpFMax: "max",
	ir.OpFFloor: "floor", ir.OpFCeil: "ceil", ir.OpFTrunc: "trunc", ir.OpFRound: "round",
	ir.OpFExp: "exp", ir.OpFExp2: "exp2", ir.OpFLog: "log", ir.OpFLog2: "log2", ir.OpFSin: "sin", ir.OpFCos: "cos",
	ir.OpFTan: "tan", ir.OpFTanh: "tanh", ir.OpFAsin: "asin", ir.OpFAcos: "acos", ir.OpFAtan: "atan", ir.OpFSinh: "sinh",
	ir.OpFCosh: "cosh", ir.OpFAsinh: "asinh", ir.OpFAcosh: "acosh", ir.OpFAtanh: "atanh", ir.OpFInvSqrt: "inverseSqrt"}

// native prints an operator by the adapter's own where that is right: all float operators in the plain lowering, and in
// the others what is exact however it is computed, or does not need a float at all.
func (p *printer) native(i *ir.Inst) bool {
	float := func(n int) string { return "bitcast<f32>(" + p.raw(i.Args[n]) + ")" }
	fs := p.f.fences
	switch i.Op {
	case ir.OpFAdd, ir.OpFSub, ir.OpFMul:
		if p.mode != ModePlain && !fs.free[i.ID] {
			return false
		}
		p.define(i, fmt.Sprintf("bitcast<u32>(%s %s %s)", float(0), floatOps[i.Op], float(1)))
		return true
	case ir.OpSToF:
		if p.mode != ModePlain && !fs.free[i.ID] {
			return false
		}
		p.define(i, fmt.Sprintf("bitcast<u32>(f32(bitcast<i32>(%s)))", p.val(i.Args[0])))
		return true
	case ir.OpUToF:
		if p.mode != ModePlain && !fs.free[i.ID] {
			return false
		}
		p.define(i, fmt.Sprintf("bitcast<u32>(f32(%s))", p.val(i.Args[0])))
		return true
	case ir.OpFToS:
		if x := fs.known.Float(i.Args[0]); p.mode != ModePlain && (p.mode == ModeSoft || !x.Finite() || x.Max >= 1<<31) {
			return false
		}
		p.define(i, fmt.Sprintf("bitcast<u32>(i32(%s))", float(0)))
		return true
	case ir.OpFLt, ir.OpFLe:
		if p.mode != ModePlain && p.compare(i) {
			return true
		}
	}
	if p.mode != ModePlain {
		return false
	}
	switch {
	case i.Op == ir.OpFToU:
		p.define(i, fmt.Sprintf("u32(%s)", float(0)))
	case floatOps[i.Op] != "" && i.Type == ir.Bool:
		p.define(i, fmt.Sprintf("%s %s %s", float(0), floatOps[i.Op], float(1)))
	case floatOps[i.Op] != "":
		p.define(i, fmt.Sprintf("bitcast<u32>(%s %s %s)", float(0), floatOps[i.Op], float(1)))
	case builtins[i.Op] != "":
		args := float(0)
		for n := 1; n < len(i.Args); n++ {
			args += ", " + float(n)
		}
		p.define(i, fmt.Sprintf("bitcast<u32>(%s(%s))", builtins[i.Op], args))
	default:
		return false
	}
	return true
}

// compare prints a < b or a <= b in a few integer operations where one of them is a constant: the numbers on one side of it
// are one range of bit patterns, or two.
func (p *printer) compare(i *ir.Inst) bool {
	less := 0 // what has to be added for <=
	if i.Op == ir.OpFLt {
		less = 1
	}
	within := func(x string, lo, hi uint32) string {
		switch {
		case lo > hi:
			return "false"
		case lo == 0:
			return fmt.Sprintf("(%s <= 0x%xu)", x, hi)
		}
		return fmt.Sprintf("(%s - 0x%xu <= 0x%xu)", x, lo, hi-lo)
	}
	const inf, sign = 0x7f800000, 0x80000000
	constant := func(n int) (uint32, bool) {
		c := p.konst[i.Args[n].ID]
		if c == nil || *c&0x7fffffff > inf {
			return 0, false
		}
		if *c == sign {
			return 0, true // as far as comparisons can see
		}
		return *c, true
	}
	// Sizes have no sign.
	size := func(n int) bool { return i.Args[n].Op == ir.OpFAbs }
	if c, ok := constant(0); ok { // c < x
		x := p.val(i.Args[1])
		switch {
		case c < sign && (c > 0 || less == 1 || size(1)):
			p.define(i, within(x, c+uint32(less), inf))
		case c < sign: // 0 <= x
			p.define(i, within(x, 0, inf)+fmt.Sprintf(" || (%s == 0x80000000u)", x))
		default: // negative: what is not above it in size, and all the rest
			p.define(i, within(x, 0, inf)+" || "+within(x, sign, c-uint32(less)))
		}
		return true
	}
	if c, ok := constant(1); ok { // x < c
		x := p.val(i.Args[0])
		switch {
		case c >= sign:
			p.define(i, within(x, c+uint32(less), sign|inf))
		case size(0):
			if c == 0 && less == 1 {
				p.define(i, "false")
			} else {
				p.define(i, within(x, 0, c-uint32(less)))
			}
		case c == 0 && less == 1:
			p.define(i, within(x, sign+1, sign|inf))
		default:
			p.define(i, within(x, 0, c-uint32(less))+" || "+within(x, sign, sign|inf))
		}
		return true
	}
	return false
}
