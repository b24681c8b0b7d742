package profile

import (
	"math"
	"strconv"
	"strings"

	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// limited checks an expression that must have its value by the given stage.
func (c *checker) limited(last stage, f func() *expr, what string) *expr {
	x := f()
	if x.stage > last {
		want := "a constant expression"
		if last == stOverride {
			want = "an expression of constants and overrides"
		}
		c.fault(x.pos, "%s must be %s", what, want)
	}
	return x
}

func (c *checker) constExpr(e syntax.Expr, what string) *expr {
	return c.limited(stConst, func() *expr { return c.value(e) }, what)
}

// value checks an expression whose value is wanted.
func (c *checker) value(e syntax.Expr) *expr {
	x := c.load(c.expr(e))
	if x.t == tVoid {
		c.fault(x.pos, "function %q gives no value", x.calleeName())
	}
	if x.op == opBuiltin && x.bi.rmw {
		c.fault(x.pos, "using the value that %q returns is refused by the profile: it depends on the order of the invocations", x.name)
	}
	return x
}

func (e *expr) calleeName() string {
	if e.fn != nil {
		return e.fn.name
	}
	return e.name
}

// load is the value that a reference refers to; other expressions stay as they are.
func (c *checker) load(x *expr) *expr {
	if !x.ref {
		return x
	}
	switch {
	case x.t.kind == kAtomic:
		c.fault(x.pos, "an atomic is read with atomicLoad")
	case !x.t.constructible():
		c.fault(x.pos, "a value of type %s cannot be loaded as a whole", x.t)
	case x.access == acWrite:
		c.fault(x.pos, "this memory cannot be read")
	}
	c.noteAccess(x, false)
	return &expr{op: opLoad, pos: x.pos, t: x.t, stage: stRuntime, args: []*expr{x}}
}

// noteAccess records that the function being checked reads or writes through a reference.
func (c *checker) noteAccess(x *expr, write bool) {
	if c.fn == nil || x.root == nil {
		return
	}
	if write {
		c.fn.effects.write(x.root)
	} else {
		c.fn.effects.read(x.root)
	}
}

// node finishes an expression: its stage, and its value if it is constant.
func (c *checker) node(e *expr) *expr {
	for _, a := range e.args {
		e.stage = max(e.stage, a.stage)
	}
	if e.stage != stConst || e.ref {
		return e
	}
	if e.op == opConstruct {
		c.constWork(e.pos, e.t)
	}
	vals := make([]*value, len(e.args))
	for i, a := range e.args {
		vals[i] = a.val
	}
	v, err := applyConst(e, vals)
	if err != nil {
		if c.noEval == 0 {
			c.fault(e.pos, "%s", err)
		}
		if e.t.leaves() > maxConstLeaves {
			c.fault(e.pos, "%s", err)
		}
		v = zeroValue(e.t)
	}
	e.val = v
	return e
}

// constWork spends what a constant of type t costs.
func (c *checker) constWork(at syntax.Pos, t *typ) {
	before := c.constLeaves
	if c.constLeaves += t.leaves(); c.constLeaves > maxConstWork {
		if before > maxConstWork {
			panic(bail{}) // told before
		}
		c.fault(at, "the constants of this text have more than %d components", maxConstWork)
	}
}

func constant(pos syntax.Pos, v *value) *expr { return &expr{op: opConst, pos: pos, t: v.t, val: v} }

// converted keys the composite constants that were converted, so that each use of one is the same value.
type converted struct {
	v *value
	t *typ
}

// convert gives x as type t by an automatic conversion.
func (c *checker) convert(x *expr, t *typ, what string) *expr {
	if x.t == t {
		return x
	}
	if conversionRank(x.t, t) < 0 {
		c.fault(x.pos, "%s is %s, want %s", what, x.t, t)
	}
	k := converted{x.val, t}
	if v := c.converted[k]; v != nil {
		return constant(x.pos, v)
	}
	c.constWork(x.pos, t)
	v, err := x.val.convert(t)
	if err != nil {
		if c.noEval == 0 {
			c.fault(x.pos, "%s", err)
		}
		v = zeroValue(t)
	}
	if len(v.e) > 0 {
		c.converted[k] = v
	}
	return constant(x.pos, v)
}

// concreteType is the type an abstract value takes where nothing asks for another.
func (c *checker) concreteType(t *typ) *typ {
	switch t.kind {
	case kAInt:
		return tI32
	case kAFloat:
		return tF32
	case kVec, kMat:
		return t.withScalar(c.concreteType(t.elem))
	case kArray:
		if t.isAbstract() {
			return c.d.array(c.concreteType(t.elem), t.n)
		}
	case kStruct:
		if t.isAbstract() {
			return resultType(abstractResult(t), c.concreteType(t.members[0].t))
		}
	}
	return t
}

func (c *checker) concrete(x *expr) *expr { return c.convert(x, c.concreteType(x.t), "this") }

func (c *checker) expr(e syntax.Expr) *expr {
	switch e := e.(type) {
	case *syntax.Paren:
		return c.expr(e.X)
	case *syntax.Literal:
		return constant(e.Pos, c.literal(e))
	case *syntax.Ref:
		return c.ident(e)
	case *syntax.Unary:
		return c.unary(e)
	case *syntax.Binary:
		return c.binaryExpr(e)
	case *syntax.Index:
		return c.index(e)
	case *syntax.Field:
		return c.field(e)
	case *syntax.Call:
		return c.call(e)
	}
	c.fault(e.At(), "expected an expression")
	return nil
}

func (c *checker) literal(e *syntax.Literal) *value {
	switch e.Kind {
	case "true", "false":
		return boolValue(e.Kind == "true")
	}
	text := e.Text
	hex := strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X")
	var suffix byte
	switch last := text[len(text)-1]; {
	case last == 'i' || last == 'u' || last == 'h':
		suffix = last
	case last == 'f' && (!hex || e.Kind == syntax.FloatLit && strings.ContainsAny(text, "pP")):
		suffix = last
	}
	if suffix != 0 {
		text = text[:len(text)-1]
	}
	if suffix == 'h' {
		c.fault(e.Pos, "literal %q is refused by the profile: f16 is a storage format only", e.Text)
	}
	if e.Kind == syntax.FloatLit {
		return c.floatLiteral(e, text, hex, suffix)
	}
	n, err := strconv.ParseUint(text, 0, 64)
	t, most := tAInt, uint64(math.MaxInt64)
	switch suffix {
	case 'i':
		t, most = tI32, math.MaxInt32
	case 'u':
		t, most = tU32, math.MaxUint32
	}
	if err != nil || n > most {
		c.fault(e.Pos, "literal %s does not fit in %s", e.Text, t)
	}
	return intValue(t, int64(n))
}

func (c *checker) floatLiteral(e *syntax.Literal, text string, hex bool, suffix byte) *value {
	if hex && !strings.ContainsAny(text, "pP") {
		text += "p0"
	}
	bits, t := 64, tAFloat
	if suffix == 'f' {
		bits, t = 32, tF32
	}
	f, err := strconv.ParseFloat(text, bits)
	if err != nil || math.IsInf(f, 0) {
		c.fault(e.Pos, "literal %s does not fit in %s", e.Text, t)
	}
	if hex && !exactHex(text, f) {
		// A hexadecimal float that cannot be represented exactly is an error (WGSL section 3.5.2).
		c.fault(e.Pos, "literal %s cannot be represented exactly as %s", e.Text, t)
	}
	return floatValue(t, f)
}

func (c *checker) ident(e *syntax.Ref) *expr {
	v, g := c.lookup(e.Name)
	if v == nil && g == nil {
		switch {
		case builtins[e.Name] != nil:
			c.fault(e.Pos, "builtin function %q is not called", e.Name)
		case c.predeclared(e) != nil:
			c.fault(e.Pos, "type %q is not a value", e.Name)
		}
		c.fault(e.Pos, "unknown name %q", e.Name)
	}
	if e.Templated {
		c.fault(e.Pos, "%q takes no template arguments", e.Name)
	}
	if g != nil {
		switch g.decl.(type) {
		case *syntax.Func:
			c.fault(e.Pos, "function %q is not called", e.Name)
		case *syntax.Struct, *syntax.Alias:
			c.fault(e.Pos, "type %q is not a value", e.Name)
		}
		c.resolve(g, e.Pos)
		v = g.v
	}
	if v.t == nil {
		panic(bail{}) // its declaration is at fault, and was reported there
	}
	c.checkContinue(v, e.Pos)
	x := &expr{op: opVar, pos: e.Pos, t: v.t, decl: v}
	switch v.kind {
	case syntax.KindConst:
		return constant(e.Pos, v.val)
	case syntax.KindOverride:
		x.stage = stOverride
	case syntax.KindVar:
		x.stage = stRuntime
		x.ref, x.space, x.access, x.root = true, v.space, v.access, v.root
	default:
		x.stage = stRuntime
		x.root = v.root
	}
	if v.module {
		if c.fn != nil {
			c.fn.uses[v] = true
		} else if x.stage == stRuntime {
			c.fault(e.Pos, "variable %q cannot be used outside a function", e.Name)
		}
	}
	return x
}

func (c *checker) unary(e *syntax.Unary) *expr {
	switch e.Op {
	case "&":
		x := c.expr(e.X)
		switch {
		case !x.ref:
			c.fault(e.Pos, "\"&\" wants a variable or a part of one, found a value of type %s", x.t)
		case isComponent(x):
			c.fault(e.Pos, "\"&\" cannot take the address of a vector's component")
		}
		return &expr{op: opAddr, pos: e.Pos, t: c.d.ptr(x.space, x.t, x.access), stage: stRuntime, args: []*expr{x}, root: x.root}
	case "*":
		x := c.value(e.X)
		if x.t.kind != kPtr {
			c.fault(e.Pos, "\"*\" wants a pointer, found %s", x.t)
		}
		return deref(x, e.Pos)
	}
	x := c.value(e.X)
	s := x.t.scalar()
	ok := false
	if s != nil && x.t.kind != kMat {
		switch e.Op {
		case "-":
			ok = s.isNumeric() && s.kind != kU32
		case "~":
			ok = s.isInteger()
		case "!":
			ok = s.kind == kBool
		}
	}
	if !ok {
		c.fault(e.Pos, "operator %q cannot take %s", e.Op, x.t)
	}
	return c.node(&expr{op: opUnary, pos: e.Pos, t: x.t, name: e.Op, args: []*expr{x}})
}

func deref(x *expr, pos syntax.Pos) *expr {
	return &expr{op: opDeref, pos: pos, t: x.t.elem, stage: stRuntime, ref: true, space: x.t.space, access: x.t.access,
		root: x.root, args: []*expr{x}}
}

// isComponent reports whether a reference leads to one component of a vector.
func isComponent(x *expr) bool {
	return x.op == opSwizzle || x.op == opIndex && x.args[0].t.kind == kVec
}

func (c *checker) binaryExpr(e *syntax.Binary) *expr {
	x := c.value(e.X)
	skip := x.val != nil && x.t == tBool && (e.Op == "&&" && x.val.i == 0 || e.Op == "||" && x.val.i != 0)
	if skip {
		c.noEval++
	}
	y := c.value(e.Y)
	if skip {
		c.noEval--
	}
	return c.binary(e.Pos, e.Op, x, y)
}

func (c *checker) binary(pos syntax.Pos, op string, x, y *expr) *expr {
	bad := func() {
		c.fault(pos, "operator %q cannot take %s and %s", op, x.t, y.t)
	}
	sx, sy := x.t.scalar(), y.t.scalar()
	if sx == nil || sy == nil {
		bad()
	}
	node := func(t *typ) *expr {
		return c.node(&expr{op: opBinary, pos: pos, t: t, name: op, args: []*expr{x, y}})
	}
	if op == "<<" || op == ">>" {
		if x.t.kind == kMat || y.t.kind == kMat || x.t.width() != y.t.width() || !sx.isInteger() || conversionRank(sy, tU32) < 0 {
			bad()
		}
		y = c.convert(y, y.t.withScalar(tU32), "the shift count")
		if y.stage != stConst {
			x = c.concrete(x)
		}
		if y.val != nil && !x.t.isAbstract() {
			for _, n := range y.val.flatten(nil) {
				if n.i >= 32 && c.noEval == 0 {
					c.fault(pos, "shift by %d, but %s has 32 bits", n.i, x.t.scalar())
				}
			}
		}
		return node(x.t)
	}
	u := unifyScalars(sx, sy)
	if u == nil {
		bad()
	}
	tx, ty := x.t.withScalar(u), y.t.withScalar(u)
	var t *typ
	sameShape := tx == ty && tx.kind != kMat
	switch op {
	case "&&", "||":
		if tx != tBool || ty != tBool {
			bad()
		}
		t = tBool
	case "==", "!=":
		if !sameShape {
			bad()
		}
		t = tx.withScalar(tBool)
	case "<", "<=", ">", ">=":
		if !sameShape || u.kind == kBool {
			bad()
		}
		t = tx.withScalar(tBool)
	case "&", "|":
		if !sameShape || !u.isInteger() && u.kind != kBool {
			bad()
		}
		t = tx
	case "^":
		if !sameShape || !u.isInteger() {
			bad()
		}
		t = tx
	default:
		t = arithmetic(op, tx, ty)
		if t == nil || !u.isNumeric() {
			bad()
		}
	}
	x, y = c.convert(x, tx, "the left operand"), c.convert(y, ty, "the right operand")
	if (op == "/" || op == "%") && u.isInteger() && y.val != nil && c.noEval == 0 {
		for _, n := range y.val.flatten(nil) {
			if n.i == 0 {
				c.fault(pos, "integer division by zero")
			}
		}
	}
	return node(t)
}

// arithmetic is the type of tx op ty for + - * / %, or nil; both have the same component type.
func arithmetic(op string, tx, ty *typ) *typ {
	mx, my := tx.kind == kMat, ty.kind == kMat
	switch {
	case !mx && !my:
		switch {
		case tx == ty, ty.isScalar():
			return tx
		case tx.isScalar():
			return ty
		}
	case (op == "+" || op == "-") && tx == ty:
		return tx
	case op != "*":
	case mx && ty.isScalar():
		return tx
	case my && tx.isScalar():
		return ty
	case mx && ty.isVecOf(tx.n):
		return vecOf(tx.elem, tx.rows)
	case my && tx.isVecOf(ty.rows):
		return vecOf(ty.elem, ty.n)
	case mx && my && tx.n == ty.rows:
		return matOf(tx.elem, ty.n, tx.rows)
	}
	return nil
}

// base checks what stands before [ or a point: a reference, or a value; a pointer is followed.
func (c *checker) base(e syntax.Expr) *expr {
	x := c.expr(e)
	if !x.ref && x.t.kind == kPtr {
		return deref(x, x.pos)
	}
	return x
}

func (c *checker) index(e *syntax.Index) *expr {
	x := c.base(e.X)
	i := c.value(e.I)
	var t *typ
	n := x.t.n
	switch x.t.kind {
	case kVec, kArray:
		t = x.t.elem
	case kMat:
		t = x.t.column()
	default:
		c.fault(x.pos, "a value of type %s cannot be indexed", x.t)
	}
	if !i.t.isInteger() {
		c.fault(i.pos, "an index is an integer, not %s", i.t)
	}
	if i.val != nil && (i.val.i < 0 || n > 0 && i.val.i >= int64(n)) && c.noEval == 0 {
		c.fault(i.pos, "index %d is out of bounds of %s", i.val.i, x.t)
	}
	i = c.concrete(i)
	if i.stage != stConst {
		x = c.concrete(x)
		t = c.concreteType(t)
		if x.root != nil {
			x.root.dyn |= map[kind]dynamic{kVec: dynVec, kMat: dynMat, kArray: dynArr}[x.t.kind]
		}
	}
	r := &expr{op: opIndex, pos: x.pos, t: t, args: []*expr{x, i}}
	if x.ref {
		r.ref, r.space, r.access, r.root = true, x.space, x.access, x.root
	}
	return c.node(r)
}

func (c *checker) field(e *syntax.Field) *expr {
	x := c.base(e.X)
	name := e.Name.Text
	switch x.t.kind {
	case kStruct:
		for i, m := range x.t.members {
			if m.name == name {
				r := &expr{op: opMember, pos: x.pos, t: m.t, n: i, args: []*expr{x}}
				if x.ref {
					r.ref, r.space, r.access, r.root = true, x.space, x.access, x.root
				}
				return c.node(r)
			}
		}
		c.fault(e.Name.Pos, "structure %s has no member %q", x.t, name)
	case kVec:
		return c.swizzle(x, e.Name)
	}
	c.fault(e.Name.Pos, "a value of type %s has no members", x.t)
	return nil
}

func (c *checker) swizzle(x *expr, name syntax.Name) *expr {
	set := "xyzw"
	if strings.IndexByte("rgba", name.Text[0]) >= 0 {
		set = "rgba"
	}
	var swz []int
	for i := range len(name.Text) {
		k := strings.IndexByte(set, name.Text[i])
		if k < 0 || len(name.Text) > 4 {
			c.fault(name.Pos, "%q is not a swizzle of %s", name.Text, x.t)
		}
		if k >= x.t.n {
			c.fault(name.Pos, "%s has no component %q", x.t, name.Text[i])
		}
		swz = append(swz, k)
	}
	r := &expr{op: opSwizzle, pos: x.pos, t: vecOf(x.t.elem, len(swz)), swz: swz}
	if len(swz) > 1 {
		x = c.load(x)
	} else if x.ref {
		r.ref, r.space, r.access, r.root = true, x.space, x.access, x.root
	}
	r.args = []*expr{x}
	return c.node(r)
}
