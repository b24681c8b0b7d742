package lower

import (
	"fmt"

	"github.com/gwrun/gwrun/kernels/ir"
)

// val is how a value is written where its bits or its truth are wanted.
func (p *printer) val(i *ir.Inst) string {
	if i.Type == ir.F32 && p.f.fences.free[i.ID] && p.konst[i.ID] == nil {
		// Out of the reach of the driver, and zeros as they should be.
		if fact := p.f.fences.known.Float(i); fact.Zero && i.Op != ir.OpSToF && i.Op != ir.OpUToF {
			return fmt.Sprintf("(%s(%s) ^ z)", p.use("gl_plus"), p.name[i.ID])
		}
		return fmt.Sprintf("(%s ^ z)", p.name[i.ID])
	}
	return p.raw(i)
}

// raw is val where a free value may stay free.
func (p *printer) raw(i *ir.Inst) string {
	if c := p.konst[i.ID]; c != nil {
		switch {
		case i.Type == ir.Bool && *c != 0:
			return "true"
		case i.Type == ir.Bool:
			return "false"
		case i.Type == ir.F32 && p.mode == ModePlain:
			return fmt.Sprintf("k%d", i.ID)
		case i.Type == ir.F32 && p.fenced() && *c == 0x80000000:
			return "sign"
		case p.mode != ModePlain && (i.Type == ir.F32 && p.fenced() || *c&0x7fffffff == 0x3f800000):
			// Integers that are the bits of 1.0 and -1.0 too: Mesa takes select(0, bits of -1.0, c) for -f32(c), and
			// that gives -0.
			return fmt.Sprintf("(0x%xu ^ z)", *c)
		}
		return fmt.Sprintf("0x%xu", *c)
	}
	return p.name[i.ID]
}

// seen is val with a loose NaN made the one NaN.
func (p *printer) seen(i *ir.Inst) string {
	if i.Type == ir.F32 && p.f.nan[i.ID] == loose && p.konst[i.ID] == nil {
		return p.use("gl_canon") + "(" + p.val(i) + ")"
	}
	return p.val(i)
}

// as is a float value written for a place whose values are of the given kind.
func (p *printer) as(i *ir.Inst, kind nanKind) string {
	if kind == exact {
		return p.seen(i)
	}
	return p.val(i)
}

// loose is raw for a free value and as it is for what may be mixed with one: neither is ever a NaN there.
func (p *printer) loose(i *ir.Inst) string {
	if p.f.fences.free[i.ID] {
		return p.raw(i)
	}
	return p.seen(i)
}

func (p *printer) define(i *ir.Inst, expr string) {
	if h := p.name[i.ID]; h != "" { // hoisted
		p.line("%s = %s;", h, expr)
		return
	}
	p.name[i.ID] = fmt.Sprintf("v%d", i.ID)
	p.line("let v%d = %s;", i.ID, expr)
}

// fence gives an expression of type u32 the fence that makes it opaque as a float.
func (p *printer) fence(expr string) string {
	if p.fenced() {
		return expr + " ^ z"
	}
	return expr
}

// sign is the sign bit of a float. It too is read at run time where there are fences, since compilers take an integer
// operation with the constant for a negation and move it about: one was seen to lose the sign of a zero.
func (p *printer) sign() string {
	if p.fenced() {
		return "sign"
	}
	return "0x80000000u"
}

var intOps = map[ir.Op]string{
	ir.OpIAdd: "+", ir.OpISub: "-", ir.OpIMul: "*", ir.OpAnd: "&", ir.OpOr: "|", ir.OpXor: "^",
	ir.OpIEq: "==", ir.OpINe: "!=", ir.OpULt: "<", ir.OpULe: "<=", ir.OpBAnd: "&&", ir.OpBOr: "||",
}

// calls are the operators that are a function of the prelude in every mode: u32 to u32, or to bool. Those on floats
// take any NaN and give only the one NaN.
var calls = map[ir.Op]string{
	ir.OpSDiv: "gl_sdiv", ir.OpUDiv: "gl_udiv", ir.OpSRem: "gl_srem", ir.OpURem: "gl_urem",
	ir.OpShrS: "gl_shrs", ir.OpSMin: "gl_smin", ir.OpSMax: "gl_smax", ir.OpUMin: "min", ir.OpUMax: "max",
	ir.OpClz: "countLeadingZeros", ir.OpCtz: "gl_ctz", ir.OpPopcnt: "countOneBits", ir.OpReverseBits: "reverseBits",
	ir.OpSLt: "gl_slt", ir.OpSLe: "gl_sle",
	ir.OpFMin: "gl_fmin", ir.OpFMax: "gl_fmax",
	ir.OpFFloor: "gl_ffloor", ir.OpFCeil: "gl_fceil", ir.OpFTrunc: "gl_ftrunc", ir.OpFRound: "gl_fround",
	ir.OpFEq: "gl_feq", ir.OpFLt: "gl_flt", ir.OpFLe: "gl_fle",
	ir.OpSToF: "gl_stof", ir.OpUToF: "gl_utof", ir.OpFToS: "gl_ftos", ir.OpFToU: "gl_ftou",
	ir.OpFFma: "gw_fma",
	ir.OpFExp: "gw_exp", ir.OpFExp2: "gw_exp2", ir.OpFLog: "gw_log", ir.OpFLog2: "gw_log2",
	ir.OpFSin: "gw_sin", ir.OpFCos: "gw_cos", ir.OpFTan: "gw_tan", ir.OpFTanh: "gw_tanh",
	ir.OpFAsin: "gw_asin", ir.OpFAcos: "gw_acos", ir.OpFAtan: "gw_atan", ir.OpFSinh: "gw_sinh",
	ir.OpFCosh: "gw_cosh", ir.OpFAsinh: "gw_asinh", ir.OpFAcosh: "gw_acosh", ir.OpFAtanh: "gw_atanh",
	ir.OpFInvSqrt: "gw_invsqrt",
}

// plain prints an instruction that is no control flow.
func (p *printer) plain(i *ir.Inst) {
	if p.fold(i) {
		return
	}
	arg := func(n int) string { return p.val(i.Args[n]) }
	if p.native(i) {
		return
	}
	if op, ok := intOps[i.Op]; ok {
		p.define(i, fmt.Sprintf("%s %s %s", arg(0), op, arg(1)))
		return
	}
	if fn, ok := calls[i.Op]; ok {
		last := ""
		if i.Op == ir.OpFExp && p.fenced() {
			fn, last = "gl_exp", ", z"
		}
		expr := p.use(fn) + "(" + arg(0)
		for n := 1; n < len(i.Args); n++ {
			expr += ", " + arg(n)
		}
		expr += last + ")"
		if i.Type == ir.F32 {
			expr = p.fence(expr)
		}
		p.define(i, expr)
		return
	}
	switch i.Op {
	case ir.OpInput:
		p.define(i, inputs[i.Input](p.k.WorkgroupSize))
	case ir.OpNot:
		p.define(i, "~"+arg(0))
	case ir.OpBNot:
		p.define(i, "!"+arg(0))
	case ir.OpShl, ir.OpShrU:
		op := "<<"
		if i.Op == ir.OpShrU {
			op = ">>"
		}
		if c := p.konst[i.Args[1].ID]; c != nil {
			p.define(i, fmt.Sprintf("%s %s %du", arg(0), op, *c&31))
		} else {
			p.define(i, fmt.Sprintf("%s %s (%s & 31u)", arg(0), op, arg(1)))
		}
	case ir.OpFAdd, ir.OpFSub, ir.OpFMul, ir.OpFDiv, ir.OpFSqrt:
		p.arith(i)
	case ir.OpFNeg:
		p.define(i, p.seen(i.Args[0])+" ^ "+p.sign())
	case ir.OpFAbs:
		p.define(i, p.seen(i.Args[0])+" & ~"+p.sign())
	case ir.OpFNe:
		p.define(i, fmt.Sprintf("!%s(%s, %s)", p.use("gl_feq"), arg(0), arg(1)))
	case ir.OpBToI:
		p.define(i, fmt.Sprintf("select(0u, 1u, %s)", arg(0)))
	case ir.OpBitcast:
		if i.Type == ir.F32 {
			p.define(i, p.fence(p.val(i.Args[0])))
		} else {
			p.define(i, p.seen(i.Args[0]))
		}
	case ir.OpSelect:
		a, b := p.val(i.Args[1]), p.val(i.Args[2])
		if i.Type == ir.F32 {
			a, b = p.as(i.Args[1], p.f.nan[i.ID]), p.as(i.Args[2], p.f.nan[i.ID])
			if p.f.fences.free[i.ID] {
				a, b = p.loose(i.Args[1]), p.loose(i.Args[2])
			}
		}
		p.define(i, fmt.Sprintf("select(%s, %s, %s)", b, a, arg(0)))
	case ir.OpLoad:
		p.load(i)
	case ir.OpStore:
		p.store(i)
	case ir.OpZero:
		p.line("p%d = %s;", i.Var.ID, p.zero(i.Var))
	case ir.OpBufferWords:
		p.define(i, fmt.Sprintf("n%d", i.Binding))
	case ir.OpAtomic:
		p.atomic(i)
	case ir.OpBarrier:
		p.line("workgroupBarrier();")
		for n := range p.k.Bindings {
			if p.writable(n) {
				p.line("storageBarrier();")
				break
			}
		}
	default:
		p.err = fmt.Errorf("operator %s cannot be printed", i.Op)
	}
}

// fold works out an operator on constants. Left to the compilers behind us, some would refuse it (a division by zero,
// an overflow) and others would get it wrong.
func (p *printer) fold(i *ir.Inst) bool {
	var bits uint32
	switch {
	case i.Op == ir.OpConst:
		bits = i.Bits
	case ir.IsPure(i.Op):
		var a [3]uint32
		for n, x := range i.Args {
			c := p.konst[x.ID]
			if c == nil {
				return false
			}
			a[n] = *c
		}
		bits = ir.Eval(i.Op, a[0], a[1], a[2])
	default:
		return false
	}
	p.konst[i.ID] = &bits
	if i.Type == ir.F32 && p.mode == ModePlain {
		p.line("var k%d = 0x%xu;", i.ID, bits)
	}
	return true
}

var inputs = [ir.NumInputs]func(size [3]uint32) string{
	ir.LocalX: text("lid.x"), ir.LocalY: text("lid.y"), ir.LocalZ: text("lid.z"), ir.LocalIndex: text("lix"),
	ir.GlobalX:    func(s [3]uint32) string { return fmt.Sprintf("wid.x * %du + lid.x", s[0]) },
	ir.GlobalY:    func(s [3]uint32) string { return fmt.Sprintf("wid.y * %du + lid.y", s[1]) },
	ir.GlobalZ:    func(s [3]uint32) string { return fmt.Sprintf("wid.z * %du + lid.z", s[2]) },
	ir.GroupX:     text("wid.x"),
	ir.GroupY:     text("wid.y"),
	ir.GroupZ:     text("wid.z"),
	ir.NumGroupsX: text("gw_meta[1].x"), ir.NumGroupsY: text("gw_meta[1].y"), ir.NumGroupsZ: text("gw_meta[1].z"),
}

func text(s string) func([3]uint32) string { return func([3]uint32) string { return s } }

// arith prints the float operators that differ by mode.
func (p *printer) arith(i *ir.Inst) {
	a := p.val(i.Args[0])
	b := ""
	if len(i.Args) > 1 {
		b = p.val(i.Args[1])
	}
	sum := i.Op == ir.OpFAdd || i.Op == ir.OpFSub
	if sum && p.fenced() && p.f.root[i.Args[0].ID].mayEqual(p.f.root[i.Args[1].ID]) {
		// The compiler might know one operand to be the other or its negative.
		b = "(" + b + " ^ z2)"
	}
	switch {
	case p.mode == ModeSoft:
		fn := map[ir.Op]string{ir.OpFAdd: "gw_add", ir.OpFSub: "gw_sub", ir.OpFMul: "gw_mul", ir.OpFDiv: "gw_div",
			ir.OpFSqrt: "gw_sqrt"}[i.Op]
		if b != "" {
			a += ", " + b
		}
		p.define(i, p.use(fn)+"("+a+")")
	case i.Op == ir.OpFDiv:
		p.define(i, p.fence(fmt.Sprintf("%s(%s, %s)", p.use("gl_ndiv"), a, b)))
	case i.Op == ir.OpFSqrt:
		p.define(i, p.fence(fmt.Sprintf("%s(%s)", p.use("gl_nsqrt"), a)))
	case p.mode == ModeGuard && !p.f.fences.unguarded(i):
		fn := map[ir.Op]string{ir.OpFAdd: "gl_gadd", ir.OpFSub: "gl_gsub", ir.OpFMul: "gl_gmul"}[i.Op]
		p.define(i, p.fence(fmt.Sprintf("%s(%s, %s)", p.use(fn), a, b)))
	default:
		expr := fmt.Sprintf("bitcast<u32>(bitcast<f32>(%s) %s bitcast<f32>(%s))", a, floatOps[i.Op], b)
		if !p.f.fences.fused[i.ID] {
			expr = p.fence(expr)
		}
		p.define(i, expr)
	}
}

// place is where an access goes: the WGSL of the word, and how its element type is to be read.
type place struct {
	ref    string
	atomic bool
	signed bool // element type is atomic<i32>
	mixed  bool // atomics of both signs: signed minima go by compare and exchange
	none   bool // a constant index past the end
}

// place prints the word of an access whose index is operand 0. Where ok (its text, or "") is false the word 0 is meant,
// which is always there, also behind a binding of no length. An index that is not guarded at all, because the front end
// has proven it, is held inside private and workgroup memory all the same: drivers don't, and a fault in a proof must not
// become a write into the memory of the device process.
func (p *printer) place(i *ir.Inst, ok string, guarded bool) place {
	at := p.val(i.Args[0])
	known := p.konst[i.Args[0].ID]
	if ok != "" && known == nil {
		at = fmt.Sprintf("select(0u, %s, %s)", at, ok)
	}
	if v := i.Var; v != nil {
		if known == nil && !guarded {
			at = fmt.Sprintf("min(%s, %du)", at, v.Len-1)
		}
		pl := place{none: known != nil && *known >= v.Len}
		if v.Space == ir.Private {
			pl.ref = fmt.Sprintf("p%d", v.ID)
			if v.Len > 1 {
				pl.ref += "[" + at + "]"
			}
			return pl
		}
		pl.ref = fmt.Sprintf("w%d[%s]", v.ID, at)
		pl.atomic = p.f.atomic[v.ID]
		pl.signed, pl.mixed = signs(p.f.varSigned[v.ID], p.f.varUnsigned[v.ID])
		return pl
	}
	b := i.Binding
	if ok != "" && known != nil {
		at = fmt.Sprintf("select(0u, %s, %s)", at, ok)
	}
	pl := place{ref: fmt.Sprintf("b%d[o%d + %s]", b, b, at), atomic: p.k.Bindings[b].Atomic}
	pl.signed, pl.mixed = signs(p.f.bindSigned[b], p.f.bindUnsigned[b])
	return pl
}

func signs(signed, unsigned bool) (isSigned, mixed bool) {
	return signed && !unsigned, signed && unsigned
}

// guard is the text of the ok operand at index n, "" where there is none or it is known to be true.
func (p *printer) guard(i *ir.Inst, n int) string {
	if len(i.Args) <= n {
		return ""
	}
	if c := p.konst[i.Args[n].ID]; c != nil && *c != 0 {
		return ""
	}
	return p.val(i.Args[n])
}

func (p *printer) load(i *ir.Inst) {
	ok := p.guard(i, 1)
	pl := p.place(i, ok, ok != "")
	zero := "0u"
	switch {
	case i.Type == ir.Bool:
		zero = "false"
	case i.Type == ir.F32 && p.fenced():
		zero = "z"
	}
	if pl.none {
		p.define(i, zero)
		return
	}
	expr := pl.ref
	if pl.atomic {
		expr = "atomicLoad(&" + expr + ")"
		if pl.signed {
			expr = "bitcast<u32>(" + expr + ")"
		}
	}
	if ok != "" {
		expr = fmt.Sprintf("select(%s, %s, %s)", zero, expr, ok)
	}
	// A private scalar holds only fenced values and a read-only buffer only values no compiler can know. The rest
	// might have been stored here as something else.
	known := i.Var != nil && i.Var.Space == ir.Private && i.Var.Len == 1 ||
		i.Var == nil && p.k.Bindings[i.Binding].Access != ir.ReadWrite
	if i.Type == ir.F32 && !known {
		expr = p.fence(expr)
	}
	p.define(i, expr)
}

func (p *printer) store(i *ir.Inst) {
	ok := p.guard(i, 2)
	pl := p.place(i, "", ok != "")
	if pl.none {
		return
	}
	v := p.seen(i.Args[1])
	switch {
	case i.Var == nil || i.Var.Type != ir.F32:
	case passes(i) && p.f.fences.free[i.Args[1].ID]:
		v = p.raw(i.Args[1])
	default:
		v = p.as(i.Args[1], p.f.varNaN[i.Var.ID])
	}
	stmt := fmt.Sprintf("%s = %s;", pl.ref, v)
	if pl.atomic {
		if pl.signed {
			v = p.use("gl_i32") + "(" + v + ")"
		}
		stmt = fmt.Sprintf("atomicStore(&%s, %s);", pl.ref, v)
	}
	p.ifOK(ok, stmt)
}

func (p *printer) ifOK(ok, stmt string) {
	if ok != "" {
		stmt = fmt.Sprintf("if (%s) { %s }", ok, stmt)
	}
	p.line("%s", stmt)
}

var atomicFuncs = [ir.NumAtomicOps]string{
	ir.AtomicAdd: "atomicAdd", ir.AtomicSub: "atomicSub", ir.AtomicAnd: "atomicAnd", ir.AtomicOr: "atomicOr",
	ir.AtomicXor: "atomicXor", ir.AtomicSMin: "atomicMin", ir.AtomicSMax: "atomicMax", ir.AtomicUMin: "atomicMin",
	ir.AtomicUMax: "atomicMax", ir.AtomicStore: "atomicStore",
}

func (p *printer) atomic(i *ir.Inst) {
	if i.Atomic == ir.AtomicLoad {
		p.load(i)
		return
	}
	ok := p.guard(i, 2)
	pl := p.place(i, "", ok != "")
	if pl.none {
		return
	}
	v := p.val(i.Args[1])
	if pl.mixed && (i.Atomic == ir.AtomicSMin || i.Atomic == ir.AtomicSMax) {
		fn := p.use("gl_smin")
		if i.Atomic == ir.AtomicSMax {
			fn = p.use("gl_smax")
		}
		p.open("if (%s) {", orTrue(ok))
		p.open("loop {")
		p.line("let old = atomicLoad(&%s);", pl.ref)
		p.line("let next = %s(old, %s);", fn, v)
		p.line("if (next == old) { break; }")
		p.line("let done = atomicCompareExchangeWeak(&%s, old, next);", pl.ref)
		p.line("if (done.exchanged) { break; }")
		p.close()
		p.close()
		return
	}
	if pl.signed {
		v = p.use("gl_i32") + "(" + v + ")"
	}
	p.ifOK(ok, fmt.Sprintf("%s(&%s, %s);", atomicFuncs[i.Atomic], pl.ref, v))
}

func orTrue(ok string) string {
	if ok == "" {
		return "true"
	}
	return ok
}
