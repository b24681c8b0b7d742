package profile

import (
	"math/big"
	"strings"

	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// exactHex reports whether f is exactly what the hexadecimal literal says.
func exactHex(text string, f float64) bool {
	if i := strings.LastIndexAny(text, "pP"); i >= 0 && len(text)-i > 8 {
		return f == 0 && strings.Trim(text[2:i], "0.") == ""
	}
	x, _, err := big.ParseFloat(text, 0, 4096, big.ToNearestEven)
	return err == nil && x.Cmp(new(big.Float).SetFloat64(f)) == 0
}

// call checks a call of a function, a builtin function or a constructor.
func (c *checker) call(e *syntax.Call) *expr {
	r := e.Fn
	v, g := c.lookup(r.Name)
	if v != nil {
		c.fault(r.Pos, "%q is a value and cannot be called", r.Name)
	}
	if g != nil {
		switch g.decl.(type) {
		case *syntax.Func:
			if r.Templated {
				c.fault(r.Pos, "function %q takes no template arguments", r.Name)
			}
			c.resolve(g, r.Pos)
			return c.userCall(e, g.f)
		case *syntax.Struct, *syntax.Alias:
			return c.construct(r, c.typeOf(r), c.values(e.Args))
		}
		c.fault(r.Pos, "%q is a value and cannot be called", r.Name)
	}
	if why := refusedCall(r.Name); why != "" {
		c.fault(r.Pos, "builtin function %q is refused by the profile: %s", r.Name, why)
	}
	if b := builtins[r.Name]; b != nil {
		return c.builtinCall(e, b)
	}
	if !r.Templated {
		if r.Name == "array" {
			return c.inferArray(r, c.values(e.Args))
		}
		if n, elem, ok := vecName(r.Name); ok && elem == nil {
			return c.inferVec(r, n, c.values(e.Args))
		}
		if cols, rows, elem, ok := matName(r.Name); ok && elem == nil {
			return c.inferMat(r, cols, rows, c.values(e.Args))
		}
	}
	if t := c.predeclared(r); t != nil {
		return c.construct(r, t, c.values(e.Args))
	}
	c.fault(r.Pos, "unknown function %q", r.Name)
	return nil
}

func (c *checker) values(args []syntax.Expr) []*expr {
	out := make([]*expr, len(args))
	for i, a := range args {
		out[i] = c.value(a)
	}
	return out
}

func (c *checker) userCall(e *syntax.Call, f *function) *expr {
	at := e.Fn.Pos
	if c.fn == nil {
		c.fault(at, "function %q cannot be called outside a function", f.name)
	}
	if f.entry {
		c.fault(at, "entry point %q cannot be called", f.name)
	}
	if len(e.Args) != len(f.params) {
		c.fault(at, "function %q is called with %d arguments, want %d", f.name, len(e.Args), len(f.params))
	}
	x := &expr{op: opCall, pos: at, t: f.result, stage: stRuntime, fn: f}
	for i, a := range e.Args {
		arg := c.convert(c.value(a), f.params[i].t, "argument "+f.params[i].name)
		x.args = append(x.args, arg)
	}
	c.fn.calls = append(c.fn.calls, callSite{f, at, x.args})
	return x
}

// construct checks t(args) for a type that is fully known.
func (c *checker) construct(r *syntax.Ref, t *typ, args []*expr) *expr {
	at := r.Pos
	if !t.constructible() {
		c.fault(at, "a value of type %s cannot be constructed", t)
	}
	n := &expr{op: opConstruct, pos: at, t: t, args: args}
	if len(args) == 0 {
		if t.leaves() > maxConstLeaves {
			c.fault(at, "a constant of type %s has %d components, at most %d are allowed", t, t.leaves(), maxConstLeaves)
		}
		return c.node(n)
	}
	switch t.kind {
	case kVec:
		n.args = c.vecArgs(at, t, args)
	case kMat:
		n.args = c.matArgs(at, t, args)
	case kArray, kStruct:
		if len(args) != t.children() {
			c.fault(at, "%s is constructed from %d values, found %d", t, t.children(), len(args))
		}
		for i := range args {
			what := "this element"
			if t.kind == kStruct {
				what = "member " + t.members[i].name
			}
			args[i] = c.convert(args[i], t.child(i), what)
		}
	default: // a scalar: a conversion of any scalar
		if len(args) != 1 || !args[0].t.isScalar() {
			c.fault(at, "%s is constructed from one scalar", t)
		}
	}
	return c.node(n)
}

func (c *checker) inferArray(r *syntax.Ref, args []*expr) *expr {
	if len(args) == 0 {
		c.fault(r.Pos, "array() without a type needs at least one value")
	}
	t := args[0].t
	for _, a := range args[1:] {
		switch {
		case conversionRank(a.t, t) >= 0:
		case conversionRank(t, a.t) >= 0:
			t = a.t
		default:
			c.fault(a.pos, "this element of the array is %s, the others are %s", a.t, t)
		}
	}
	if !t.constructible() {
		c.fault(r.Pos, "%s cannot be the element of an array value", t)
	}
	for _, a := range args {
		if a.stage != stConst {
			t = c.concreteType(t)
		}
	}
	if t.depth() >= maxComposite {
		c.fault(r.Pos, "arrays and structures nested deeper than %d", maxComposite)
	}
	return c.construct(r, c.d.array(t, len(args)), args)
}

// commonScalar is the component type that all of args can take, which an abstract one keeps only if all are constant.
func (c *checker) commonScalar(at syntax.Pos, args []*expr) *typ {
	var t *typ
	konst := true
	for _, a := range args {
		s := a.t.scalar()
		if s == nil {
			c.fault(a.pos, "a component cannot be made of %s", a.t)
		}
		if t == nil {
			t = s
		} else if u := unifyScalars(t, s); u != nil {
			t = u
		} else {
			c.fault(a.pos, "this component is %s, the others are %s", s, t)
		}
		konst = konst && a.stage == stConst
	}
	if !konst {
		t = c.concreteType(t)
	}
	return t
}

func (c *checker) inferVec(r *syntax.Ref, n int, args []*expr) *expr {
	if len(args) == 0 {
		return c.construct(r, vecOf(tAInt, n), args)
	}
	return c.construct(r, vecOf(c.commonScalar(r.Pos, args), n), args)
}

func (c *checker) inferMat(r *syntax.Ref, cols, rows int, args []*expr) *expr {
	if len(args) == 0 {
		c.fault(r.Pos, "%s() without a type needs values", r.Name)
	}
	t := c.commonScalar(r.Pos, args)
	if t == tAInt {
		t = tAFloat
	}
	if !t.isFloat() {
		c.fault(args[0].pos, "a matrix's component is a float, not %s", t)
	}
	return c.construct(r, matOf(t, cols, rows), args)
}

// vecArgs checks the arguments of a vector's constructor: one scalar for all, another vector to convert, or scalars
// and vectors that fill it.
func (c *checker) vecArgs(at syntax.Pos, t *typ, args []*expr) []*expr {
	if len(args) == 1 && args[0].t.isVecOf(t.n) {
		if !args[0].t.isAbstract() || conversionRank(args[0].t, t) < 0 {
			return args // each component is converted
		}
		return []*expr{c.convert(args[0], t, "this vector")}
	}
	total := 0
	for i, a := range args {
		if a.t.kind != kVec && !a.t.isScalar() {
			c.fault(a.pos, "%s cannot be made of %s", t, a.t)
		}
		total += a.t.width()
		args[i] = c.convert(a, a.t.withScalar(t.elem), "this component")
	}
	if total != t.n && !(len(args) == 1 && args[0].t.isScalar()) {
		c.fault(at, "%s is made of %d components, found %d", t, t.n, total)
	}
	return args
}

func (c *checker) matArgs(at syntax.Pos, t *typ, args []*expr) []*expr {
	if len(args) == 1 && args[0].t.kind == kMat {
		return []*expr{c.convert(args[0], t, "this matrix")}
	}
	want := t.elem
	switch len(args) {
	case t.n:
		want = t.column()
	case t.n * t.rows:
	default:
		c.fault(at, "%s is made of %d columns or %d scalars, found %d values", t, t.n, t.n*t.rows, len(args))
	}
	for i, a := range args {
		args[i] = c.convert(a, want, "this part of the matrix")
	}
	return args
}

func refusedCall(name string) string {
	switch {
	case strings.HasPrefix(name, "texture") && name != "texture":
		return "it has no textures"
	case strings.HasPrefix(name, "subgroup"), strings.HasPrefix(name, "quadBroadcast"), strings.HasPrefix(name, "quadSwap"):
		return "subgroup operations depend on the device"
	case strings.HasPrefix(name, "dpd"), strings.HasPrefix(name, "fwidth"):
		return "derivatives belong to fragment shaders"
	case name == "atomicCompareExchangeWeak":
		return "what it does depends on the order of the invocations"
	}
	return ""
}
