package profile

import (
	"fmt"

	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// behavior is how control may leave a statement (WGSL section 9.7).
type behavior uint8

const (
	bNext behavior = 1 << iota
	bBreak
	bContinue
	bReturn
)

// loopInfo is a loop or switch around the statement being checked.
type loopInfo struct {
	isSwitch   bool
	continuing bool
	skipped    int // locals at the first continue, plus one; 0 if there was none
	end        int // of the function's locals when the body ended
}

// checkContinue refuses a name in a continuing block whose declaration a continue may have skipped.
func (c *checker) checkContinue(v *variable, at syntax.Pos) {
	if v.module {
		return
	}
	for _, l := range c.loops {
		if l.continuing && l.skipped > 0 && v.order >= l.skipped && v.order <= l.end {
			c.fault(at, "a continue may skip the declaration of %q, which the continuing block uses", v.name)
		}
	}
}

func (c *checker) functionBody(f *function) {
	c.fn = f
	defer func() { c.fn = nil }()
	c.scopes, c.loops, c.noEval = nil, nil, 0
	c.push()
	for _, p := range f.params {
		c.declare(p)
	}
	// The parameters and the body share a scope (WGSL section 3.8).
	c.blockAttrs(f.syn.Body)
	body, b := c.statements(f.syn.Body.List)
	f.body, f.returns = body, countReturns(body)
	c.pop()
	if b&bNext != 0 && f.result != tVoid && !f.faulty {
		c.fault(f.end, "function %q can end without returning its value of type %s", f.name, f.result)
	}
}

func (c *checker) blockAttrs(b *syntax.Block) {
	for _, a := range b.Attrs {
		if a.Name != "diagnostic" {
			c.unknownAttr(a, "a statement")
		}
		c.diagnosticAttr(a)
	}
}

func (c *checker) block(b *syntax.Block) ([]stmt, behavior) {
	c.blockAttrs(b)
	c.push()
	defer c.pop()
	return c.statements(b.List)
}

func (c *checker) statements(list []syntax.Stmt) ([]stmt, behavior) {
	var out []stmt
	b := bNext
	for _, s := range list {
		if len(c.errs) >= maxFaults {
			break
		}
		ok := c.try(func() {
			st, sb := c.statement(s)
			if b&bNext != 0 {
				// What follows a statement that control never leaves by its end has no say (WGSL section 9.7).
				b = b&^bNext | sb
				if st != nil {
					out = append(out, st)
				}
			}
		})
		if !ok {
			c.fn.faulty = true
			c.poison(s)
		}
	}
	return out, b
}

// poison declares the name of a faulty declaration, so that its uses are not faults of their own: it has no type, and
// an expression that meets it is given up in silence.
func (c *checker) poison(s syntax.Stmt) {
	if d, ok := s.(*syntax.VarStmt); ok {
		if top := c.scopes[len(c.scopes)-1]; top[d.Var.Name.Text] == nil {
			top[d.Var.Name.Text] = &variable{name: d.Var.Name.Text, pos: d.Var.Name.Pos}
		}
	}
}

func (c *checker) statement(s syntax.Stmt) (stmt, behavior) {
	switch s := s.(type) {
	case *syntax.Block:
		list, b := c.block(s)
		return &sBlock{list}, b
	case *syntax.VarStmt:
		return c.localVar(s.Var), bNext
	case *syntax.Assign:
		return c.assign(s), bNext
	case *syntax.IncDec:
		return c.incDec(s), bNext
	case *syntax.CallStmt:
		return c.callStmt(s), bNext
	case *syntax.If:
		return c.ifStmt(s)
	case *syntax.Switch:
		return c.switchStmt(s)
	case *syntax.Loop, *syntax.For, *syntax.While:
		return c.loop(s)
	case *syntax.Break:
		if len(c.loops) == 0 {
			c.fault(s.Pos, "break outside a loop or switch")
		}
		if c.loops[len(c.loops)-1].continuing {
			c.fault(s.Pos, "break in a continuing block; it can only end with break if")
		}
		return &sBreak{s.Pos}, bBreak
	case *syntax.Continue:
		for i := len(c.loops) - 1; i >= 0; i-- {
			l := c.loops[i]
			if l.continuing {
				c.fault(s.Pos, "continue in a continuing block")
			}
			if !l.isSwitch {
				if l.skipped == 0 {
					l.skipped = c.fn.locals + 1
				}
				return &sContinue{s.Pos}, bContinue
			}
		}
		c.fault(s.Pos, "continue outside a loop")
	case *syntax.Discard:
		c.fault(s.Pos, "discard is refused by the profile: it belongs to fragment shaders")
	case *syntax.Return:
		return c.returnStmt(s), bReturn
	case *syntax.AssertStmt:
		c.constAssert(s.Assert)
		return nil, bNext
	}
	panic(fmt.Sprintf("profile: unknown statement %T", s))
}

func (c *checker) localVar(d *syntax.Var) stmt {
	v := &variable{kind: d.Kind, name: d.Name.Text, pos: d.Name.Pos}
	switch d.Kind {
	case syntax.KindConst:
		c.constDecl(v, d)
		c.declare(v)
		return nil
	case syntax.KindVar:
		v.space, v.access = spFunction, acReadWrite
		if len(d.Templates) > 0 {
			if v.space = c.spaceOf(d.Templates[0]); v.space != spFunction || len(d.Templates) > 1 {
				c.fault(d.Templates[0].At(), "a variable in a function is in address space function, not %s", v.space)
			}
		}
		v.root = v
	}
	if d.Type != nil {
		v.t = c.typeOf(d.Type)
	}
	if d.Init != nil {
		x := c.value(d.Init)
		if v.t == nil {
			x = c.concrete(x)
			v.t = x.t
		}
		v.init = c.convert(x, v.t, "the value of "+v.name)
		if d.Kind == syntax.KindLet {
			v.root = x.root
		}
	}
	if d.Kind == syntax.KindVar {
		at := v.pos
		if d.Type != nil {
			at = d.Type.At()
		}
		c.storable(v.t, spFunction, at)
	} else if v.t.kind != kPtr && !v.t.constructible() {
		c.fault(v.pos, "a let cannot be of type %s", v.t)
	}
	if n := v.t; n.kind != kPtr && n.leaves()*4 > maxPrivateBytes {
		c.fault(v.pos, "%q has %d bytes, more than the %d a function's variables may have", v.name, n.leaves()*4, maxPrivateBytes)
	}
	c.declare(v)
	return &sVar{v}
}

// place checks the left side of an assignment.
func (c *checker) place(e syntax.Expr) *expr {
	x := c.expr(e)
	if x.op == opSwizzle && len(x.swz) > 1 && x.args[0].op == opLoad {
		x = c.swizzlePlace(x)
	}
	switch {
	case !x.ref && placeName(e) != "":
		c.fault(x.pos, "%q cannot be assigned to: it is not a var", placeName(e))
	case !x.ref:
		c.fault(x.pos, "a value of type %s cannot be assigned to", x.t)
	case x.access == acRead:
		c.fault(x.pos, "memory in address space %s with access read cannot be written", x.space)
	case x.t.kind == kAtomic:
		c.fault(x.pos, "an atomic is written with atomicStore")
	case !x.t.constructible():
		c.fault(x.pos, "a value of type %s cannot be stored as a whole", x.t)
	}
	c.noteAccess(x, true)
	return x
}

// placeName is the name that the left side of an assignment starts with, or "" where it starts otherwise.
func placeName(e syntax.Expr) string {
	for {
		switch x := e.(type) {
		case *syntax.Paren:
			e = x.X
		case *syntax.Field:
			e = x.X
		case *syntax.Index:
			e = x.X
		case *syntax.Ref:
			return x.Name
		default:
			return ""
		}
	}
}

// swizzlePlace is a swizzle of several components of a vector in memory, as the left side of an assignment.
func (c *checker) swizzlePlace(x *expr) *expr {
	seen := [4]bool{}
	for _, k := range x.swz {
		if seen[k] {
			c.fault(x.pos, "component %q is assigned to twice", "xyzw"[k])
		}
		seen[k] = true
	}
	v := x.args[0].args[0]
	return &expr{op: opSwizzle, pos: x.pos, t: x.t, stage: stRuntime, swz: x.swz, args: []*expr{v},
		ref: true, space: v.space, access: v.access, root: v.root}
}

// assign may return no statement at all.
func (c *checker) assign(s *syntax.Assign) stmt {
	if s.X == nil {
		x := c.expr(s.Y)
		x = c.load(x)
		switch {
		case x.t == tVoid:
			c.fault(x.pos, "function %q gives no value", x.calleeName())
		case x.t.kind == kPtr:
			return &sEval{x}
		}
		if x.val != nil {
			return nil // nothing to evaluate, nor to convert
		}
		return &sEval{c.concrete(x)}
	}
	x := c.place(s.X)
	if s.Op == "=" {
		y := c.convert(c.value(s.Y), x.t, "the assigned value")
		return &sAssign{pos: s.Pos, x: x, y: y, t: x.t}
	}
	return c.compoundAssign(s.Pos, s.Op[:len(s.Op)-1], x, c.value(s.Y))
}

// compoundAssign types x op= y by way of the operator; x is evaluated once.
func (c *checker) compoundAssign(pos syntax.Pos, op string, x, y *expr) stmt {
	c.noteAccess(x, false)
	old := &expr{op: opLoad, pos: x.pos, t: x.t, stage: stRuntime, args: []*expr{x}}
	r := c.binary(pos, op, old, y)
	if r.t != x.t {
		c.fault(pos, "%s %s= %s gives %s, which cannot be stored in %s", x.t, op, y.t, r.t, x.t)
	}
	return &sAssign{pos: pos, op: op, x: x, y: r.args[1], t: r.t}
}

func (c *checker) incDec(s *syntax.IncDec) stmt {
	x := c.place(s.X)
	if x.t != tI32 && x.t != tU32 {
		c.fault(s.Pos, "%q wants an i32 or u32, found %s", s.Op, x.t)
	}
	c.noteAccess(x, false)
	return &sAssign{pos: s.Pos, op: s.Op[:1], x: x, y: constant(s.Pos, intValue(x.t, 1)), t: x.t}
}

func (c *checker) callStmt(s *syntax.CallStmt) stmt {
	x := c.expr(s.Call)
	switch {
	case x.op == opCall && x.fn.must, x.op == opBuiltin && x.bi.must && x.t != tVoid:
		c.fault(x.pos, "the value of function %q must be used", x.calleeName())
	case x.op == opCall || x.op == opBuiltin && !x.bi.must:
		return &sEval{x}
	case x.op == opConst && builtins[s.Call.Fn.Name] != nil:
		c.fault(x.pos, "the value of function %q must be used", s.Call.Fn.Name)
	case x.op == opBuiltin:
		return &sEval{x}
	}
	c.fault(x.pos, "the value constructed here must be used")
	return nil
}

func (c *checker) condition(e syntax.Expr, where string) *expr {
	x := c.value(e)
	if x.t != tBool {
		c.fault(x.pos, "the condition of %s is a bool, not %s", where, x.t)
	}
	return x
}

func (c *checker) ifStmt(s *syntax.If) (stmt, behavior) {
	out := &sIf{pos: s.Pos}
	c.try(func() { out.cond = c.condition(s.Cond, "if") })
	var b, eb behavior
	out.then, b = c.block(s.Then)
	switch e := s.Else.(type) {
	case nil:
		eb = bNext
	case *syntax.If:
		var inner stmt
		inner, eb = c.ifStmt(e)
		out.els = []stmt{inner}
	case *syntax.Block:
		out.els, eb = c.block(e)
	}
	return out, b | eb
}

func (c *checker) switchStmt(s *syntax.Switch) (stmt, behavior) {
	out := &sSwitch{pos: s.Pos}
	sel := c.value(s.Sel)
	if !sel.t.isInteger() {
		c.fault(sel.pos, "the selector of a switch is an integer, not %s", sel.t)
	}
	// All selectors have one type, which may be that of the cases.
	t := sel.t
	cases := make([][]*expr, len(s.Cases))
	for i, k := range s.Cases {
		for _, e := range k.Selectors {
			if e == nil {
				continue
			}
			x := c.constExpr(e, "a case's selector")
			if !x.t.isInteger() || unifyScalars(t, x.t) == nil {
				c.fault(x.pos, "this case's selector is %s, the switch is on %s", x.t, t)
			}
			t = unifyScalars(t, x.t)
			cases[i] = append(cases[i], x)
		}
	}
	t = c.concreteType(t)
	out.sel = c.convert(sel, t, "the selector")
	seen := map[int64]syntax.Pos{}
	defaults := 0
	var b behavior
	c.loops = append(c.loops, &loopInfo{isSwitch: true})
	for i, k := range s.Cases {
		sc := sCase{}
		for _, x := range cases[i] {
			x = c.convert(x, t, "the selector")
			if old, dup := seen[x.val.i]; dup {
				c.fault(x.pos, "selector %d stands twice in this switch; the first time at %s", x.val.i, old)
			}
			seen[x.val.i] = x.pos
			sc.vals = append(sc.vals, x)
		}
		if len(sc.vals) < len(k.Selectors) {
			sc.def = true
			defaults += len(k.Selectors) - len(sc.vals)
		}
		var kb behavior
		sc.body, kb = c.block(k.Body)
		b |= kb
		out.cases = append(out.cases, sc)
	}
	c.loops = c.loops[:len(c.loops)-1]
	if defaults != 1 {
		c.fault(s.Pos, "a switch has exactly one default, found %d", defaults)
	}
	if b&bBreak != 0 {
		b = b&^bBreak | bNext
	}
	return out, b
}

func (c *checker) loop(s syntax.Stmt) (stmt, behavior) {
	out := &sLoop{pos: s.StmtAt()}
	var body, cont *syntax.Block
	var step syntax.Stmt
	var breakIf syntax.Expr
	c.push() // the scope of a for loop's variable; continuing sees the body's names in a scope of its own below
	defer c.pop()
	what := "loop"
	switch s := s.(type) {
	case *syntax.Loop:
		body, cont, breakIf = s.Body, s.Continuing, s.BreakIf
	case *syntax.While:
		what = "while"
		body = s.Body
		out.cond = c.condition(s.Cond, what)
	case *syntax.For:
		what = "for"
		body, step = s.Body, s.Step
		if s.Init != nil {
			switch s.Init.(type) {
			case *syntax.VarStmt, *syntax.Assign, *syntax.IncDec, *syntax.CallStmt:
			default:
				c.fault(s.Pos, "this statement cannot start a for loop")
			}
			if st, _ := c.statement(s.Init); st != nil {
				out.init = []stmt{st}
			}
		}
		if s.Cond != nil {
			out.cond = c.condition(s.Cond, what)
		}
	}
	l := &loopInfo{}
	c.loops = append(c.loops, l)
	c.blockAttrs(body)
	c.push()
	var b, cb behavior
	out.body, b = c.statements(body.List)
	l.end = c.fn.locals
	cb = bNext
	switch {
	case cont != nil:
		l.continuing = true
		c.blockAttrs(cont)
		c.push()
		out.cont, cb = c.statements(cont.List)
		if breakIf != nil {
			out.breakIf = c.condition(breakIf, "break if")
			cb |= bBreak
		}
		c.pop()
	case step != nil:
		// A for loop's step does not see what its body declares.
		c.pop()
		l.continuing = true
		var st stmt
		st, cb = c.statement(step)
		if st != nil {
			out.cont = []stmt{st}
		}
		c.push()
	}
	c.pop()
	c.loops = c.loops[:len(c.loops)-1]
	all := b | cb
	if out.cond != nil {
		all |= bBreak
	}
	r := all &^ (bBreak | bContinue | bNext)
	if all&bBreak != 0 {
		r |= bNext
	}
	if r == 0 {
		c.fault(out.pos, "this %s never ends: it has neither a break nor a return", what)
	}
	return out, r
}

func (c *checker) returnStmt(s *syntax.Return) stmt {
	for _, l := range c.loops {
		if l.continuing {
			c.fault(s.Pos, "return in a continuing block")
		}
	}
	out := &sReturn{pos: s.Pos}
	switch {
	case s.X == nil && c.fn.result != tVoid:
		c.fault(s.Pos, "return without a value; function %q gives %s", c.fn.name, c.fn.result)
	case s.X != nil && c.fn.result == tVoid:
		c.fault(s.Pos, "return with a value; function %q gives none", c.fn.name)
	case s.X != nil:
		out.x = c.convert(c.value(s.X), c.fn.result, "the returned value")
	}
	return out
}
