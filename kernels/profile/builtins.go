package profile

import (
	"fmt"
	"math"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// builtin is a builtin function: how a call is typed and what it emits.
type builtin struct {
	name  string
	args  int
	types func(c *checker, e *expr) // checks e.args, converts them, and sets e.t
	emit  func(b *builder, k *call) []*ir.Inst
	must  bool // its value must be used
	// exact says that emit may run on abstract floats in binary64; others go by way of f32, which is the accuracy
	// that WGSL section 15.7.4.1 asks of abstract floats.
	exact bool
	// limits refuses constant operands that WGSL forbids and whose result would still be finite; nil stands for operands
	// that are not constant.
	limits func(a []*value) error
	rmw    bool // an atomic whose value the profile refuses to use
}

// call is one call being emitted: the operands' types and their scalars.
type call struct {
	e  *expr
	at []*typ
	a  [][]*ir.Inst
}

var builtins = map[string]*builtin{}

func define(b *builtin) { builtins[b.name] = b }

func (c *checker) builtinCall(e *syntax.Call, b *builtin) *expr {
	x := &expr{op: opBuiltin, pos: e.Fn.Pos, name: b.name, bi: b}
	if b.name == "bitcast" {
		if !e.Fn.Templated || len(e.Fn.Templates) != 1 {
			c.fault(x.pos, "bitcast wants one template argument, the type: bitcast<f32>(x)")
		}
		x.t = c.typeOf(e.Fn.Templates[0])
	} else if e.Fn.Templated {
		c.fault(x.pos, "builtin function %q takes no template arguments", b.name)
	}
	x.args = c.values(e.Args)
	if len(x.args) != b.args {
		c.fault(x.pos, "builtin function %q is called with %d arguments, want %d", b.name, len(x.args), b.args)
	}
	b.types(c, x)
	if x.stage == stConst {
		return c.node(x)
	}
	if b.limits != nil && c.noEval == 0 {
		vals := make([]*value, len(x.args))
		for i, a := range x.args {
			vals[i] = a.val
		}
		if err := b.limits(vals); err != nil {
			c.fault(x.pos, "%s", err)
		}
	}
	return x
}

// badArgs reports operands that no overload takes.
func (c *checker) badArgs(e *expr, want string) {
	types := ""
	for i, a := range e.args {
		if i > 0 {
			types += ", "
		}
		types += a.t.String()
	}
	c.fault(e.pos, "builtin function %q cannot take (%s); it wants %s", e.name, types, want)
}

// same gives the arguments first to last (exclusive) one type, whose component ok accepts, and returns it.
func (c *checker) same(e *expr, last int, ok func(*typ) bool, want string) *typ {
	var u *typ
	for _, a := range e.args[:last] {
		s := a.t.scalar()
		if s == nil || a.t.kind == kMat || a.t.width() != e.args[0].t.width() {
			c.badArgs(e, want)
		}
		if u == nil {
			u = s
		} else if u = unifyScalars(u, s); u == nil {
			c.badArgs(e, want)
		}
	}
	if !ok(u) {
		switch {
		case u == tAInt && ok(tAFloat):
			u = tAFloat
		case u == tAInt && ok(tI32):
			u = tI32
		case u.isAbstract() && ok(tF32):
			u = tF32
		default:
			c.badArgs(e, want)
		}
	}
	for _, a := range e.args {
		if a.stage != stConst {
			u = c.concreteType(u)
		}
	}
	t := e.args[0].t.withScalar(u)
	for i := range last {
		e.args[i] = c.convert(e.args[i], t, "this argument")
	}
	return t
}

func isFloat(t *typ) bool    { return t.isFloat() }
func isNumeric(t *typ) bool  { return t.isNumeric() }
func isSigned(t *typ) bool   { return t.isNumeric() && t.kind != kU32 }
func isConcInt(t *typ) bool  { return t.kind == kI32 || t.kind == kU32 }
func isF32(t *typ) bool      { return t.kind == kF32 }
func isAny(*typ) bool        { return true }
func isBoolType(t *typ) bool { return t.kind == kBool }

// finish sets the type and the stage of a call.
func (e *expr) finish(t *typ) {
	e.t = t
	for _, a := range e.args {
		e.stage = max(e.stage, a.stage)
	}
}

// resultType is the structure that modf and frexp give.
func resultType(name string, t *typ) *typ {
	k := name + "_result_" + t.String()
	if r := resultTypes[k]; r != nil {
		return r
	}
	panic("profile: no result type " + k)
}

var resultTypes = map[string]*typ{}

func init() {
	for n := 1; n <= 4; n++ {
		for _, s := range []*typ{tAFloat, tF32} {
			t := vecOf(s, n)
			i := vecOf(tI32, n)
			if s == tAFloat {
				i = vecOf(tAInt, n)
			}
			pair := func(name string, a, b member) {
				r := &typ{kind: kStruct, name: name + "_result_" + t.String(), members: []member{a, b}, scalars: 2 * t.leaves(), nesting: 1}
				resultTypes[r.name] = r
			}
			pair("__modf", member{name: "fract", t: t, align: t.align(), size: t.size(nil)},
				member{name: "whole", t: t, align: t.align(), size: t.size(nil), offset: t.stride()})
			pair("__frexp", member{name: "fract", t: t, align: t.align(), size: t.size(nil)},
				member{name: "exp", t: i, align: t.align(), size: t.size(nil), offset: t.stride()})
		}
	}
}

// evalBuiltin runs a builtin on constants, by the very code that emits it for run time.
func evalBuiltin(e *expr, a []*value) (*value, error) {
	b := e.bi
	if b.limits != nil {
		if err := b.limits(a); err != nil {
			return nil, err
		}
	}
	if e.t.scalar() == tAInt || (e.name == "dot" && e.t == tAInt) {
		return evalAbstractInt(e, a)
	}
	abstract := e.t.isAbstract()
	if abstract && (e.name == "ldexp" || e.name == "frexp") {
		return evalExponent(e, a)
	}
	fold := &builder{folding: true}
	if abstract && b.exact {
		fold.wide = map[*ir.Inst]float64{}
	}
	k := &call{e: e}
	for _, v := range a {
		var in []*ir.Inst
		for _, s := range v.flatten(nil) {
			switch {
			case s.t == tAFloat && fold.wide != nil:
				in = append(in, fold.wideConst(s.f))
				continue
			case s.t == tAFloat:
				r, err := roundF32(tF32, s.f, fmt.Sprint(s.f))
				if err != nil {
					return nil, err
				}
				s = r
			case s.t == tAInt:
				r, err := s.convert(tI32)
				if err != nil {
					return nil, err
				}
				s = r
			}
			in = append(in, fold.constant(irType(s.t), s.bits()))
		}
		k.at = append(k.at, v.t)
		k.a = append(k.a, in)
	}
	out := b.emit(fold, k)
	leaf := leafTypes(e.t, nil)
	vals := make([]*value, len(out))
	for i, o := range out {
		if o.Op != ir.OpConst {
			return nil, fmt.Errorf("builtin function %q is not a constant", e.name)
		}
		switch t := leaf[i]; {
		case t == tAFloat && fold.wide != nil:
			vals[i] = floatValue(t, fold.wide[o])
		case t == tAFloat:
			vals[i] = floatValue(t, float64(math.Float32frombits(o.Bits)))
		case t == tAInt:
			vals[i] = intValue(t, int64(int32(o.Bits)))
		default:
			vals[i] = fromBits(t, o.Bits)
		}
		if f := vals[i].f; math.IsInf(f, 0) || math.IsNaN(f) {
			if abstract && fold.wide == nil {
				return nil, fmt.Errorf("the value of %q is not finite in f32, in which it is computed", e.name)
			}
			return nil, fmt.Errorf("the value of %q is not finite here", e.name)
		}
	}
	v, _ := unflatten(e.t, vals)
	return v, nil
}

// evalExponent is ldexp and frexp of abstract floats, which go beyond what f32 holds.
func evalExponent(e *expr, a []*value) (*value, error) {
	var first, second []*value
	var exps []*value
	if len(a) > 1 {
		exps = a[1].flatten(nil)
	}
	for i, x := range a[0].flatten(nil) {
		if exps != nil {
			f := math.Ldexp(x.f, int(exps[i].i))
			if math.IsInf(f, 0) {
				return nil, fmt.Errorf("the value of %q is not finite here", e.name)
			}
			first = append(first, floatValue(tAFloat, f))
			continue
		}
		f, n := math.Frexp(x.f)
		first, second = append(first, floatValue(tAFloat, f)), append(second, intValue(tAInt, int64(n)))
	}
	v, _ := unflatten(e.t, append(first, second...))
	return v, nil
}

// leafTypes lists the types of the scalars in a value of type t.
func leafTypes(t *typ, out []*typ) []*typ {
	n := t.children()
	if n == 0 {
		if t.kind == kAtomic {
			t = t.elem
		}
		return append(out, t)
	}
	for i := range n {
		out = leafTypes(t.child(i), out)
	}
	return out
}

// evalAbstractInt runs the few builtins that have an overload for abstract integers.
func evalAbstractInt(e *expr, a []*value) (*value, error) {
	if e.name == "dot" {
		sum := intValue(tAInt, 0)
		for i := range a[0].e {
			p, err := evalInt("*", tAInt, a[0].e[i], a[1].e[i])
			if err == nil {
				sum, err = evalInt("+", tAInt, sum, p)
			}
			if err != nil {
				return nil, err
			}
		}
		return sum, nil
	}
	flat := make([][]*value, len(a))
	for i, v := range a {
		flat[i] = v.flatten(nil)
	}
	out := make([]*value, e.t.width())
	for i := range out {
		x := flat[0][i]
		arg := func(n int) int64 { return flat[n][min(i, len(flat[n])-1)].i }
		switch e.name {
		case "abs":
			if x.i == math.MinInt64 {
				return nil, fmt.Errorf("the absolute value of %d overflows abstract-int", x.i)
			}
			x = intValue(tAInt, max(x.i, -x.i))
		case "min":
			x = intValue(tAInt, min(x.i, arg(1)))
		case "max":
			x = intValue(tAInt, max(x.i, arg(1)))
		case "clamp":
			x = intValue(tAInt, min(max(x.i, arg(1)), arg(2)))
		case "sign":
			s := int64(0)
			if x.i > 0 {
				s = 1
			} else if x.i < 0 {
				s = -1
			}
			x = intValue(tAInt, s)
		case "select":
			if arg(2) != 0 {
				x = intValue(tAInt, arg(1))
			}
		default:
			return nil, fmt.Errorf("builtin function %q has no constant value for abstract-int", e.name)
		}
		out[i] = x
	}
	v, _ := unflatten(e.t, out)
	return v, nil
}
