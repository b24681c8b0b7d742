package profile

import (
	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// Error is one fault of a source text and Errors are all that were found; see package syntax.
type (
	Error  = syntax.Error
	Errors = syntax.Errors
)

// Module is a checked source text. It is immutable and safe for use by several goroutines.
type Module struct {
	types     *derived
	overrides []*variable
	entries   []*function
}

type globalState uint8

const (
	unresolved globalState = iota
	resolving
	resolved
	failed
)

// global is a name declared at module scope.
type global struct {
	name  string
	pos   syntax.Pos
	decl  syntax.Decl
	state globalState
	v     *variable
	f     *function
	t     *typ
}

type checker struct {
	d       *derived
	globals map[string]*global
	order   []*global
	errs    Errors
	module  *Module

	converted    map[converted]*value
	constLeaves  uint64 // in the constants made so far
	barriers     bool   // some function needs uniform control flow
	uniformSteps int
	graphSteps   int

	// State of the function whose body is being checked.
	fn     *function
	scopes []map[string]*variable
	loops  []*loopInfo
	noEval int // inside an operand that is not evaluated: constants there may overflow
	depth  int
	only   stage // the latest stage allowed for an expression being checked
}

// maxFaults ends the checking of a text; the first syntax.MaxErrors by place are reported.
const maxFaults = 200

// bail unwinds to the nearest try; the error has been recorded.
type bail struct{}

func (c *checker) fault(at syntax.Pos, format string, a ...any) {
	c.note(at, format, a...)
	panic(bail{})
}

func (c *checker) note(at syntax.Pos, format string, a ...any) {
	c.errs = append(c.errs, syntax.Errorf(at, format, a...))
}

// try runs f and reports whether it came to its end.
func (c *checker) try(f func()) (ok bool) {
	scopes, loops, noEval, depth, only := len(c.scopes), len(c.loops), c.noEval, c.depth, c.only
	fn := c.fn
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(bail); !is {
				panic(r)
			}
			c.scopes, c.loops, c.noEval, c.depth, c.only = c.scopes[:scopes], c.loops[:loops], noEval, depth, only
			c.fn = fn
		}
	}()
	f()
	return true
}

// Check parses and checks a source text. The error, if any, is of type Errors.
func Check(source string) (*Module, error) {
	syn, errs := syntax.Parse(source)
	if len(errs) > 0 {
		return nil, errs.Err()
	}
	c := &checker{d: &derived{arrays: map[arrayKey]*typ{}, ptrs: map[ptrKey]*typ{}}, globals: map[string]*global{},
		module: &Module{}, converted: map[converted]*value{}, only: stRuntime}
	c.module.types = c.d
	c.run(syn)
	if len(c.errs) > 0 {
		err := c.errs.Err().(Errors)
		return nil, err[:min(len(err), syntax.MaxErrors)]
	}
	return c.module, nil
}

func (c *checker) run(syn *syntax.Module) {
	rules := map[string]syntax.Name{}
	for _, d := range syn.Directives {
		c.try(func() { c.directive(d, rules) })
	}
	for _, d := range syn.Decls {
		var n syntax.Name
		switch d := d.(type) {
		case *syntax.Var:
			n = d.Name
		case *syntax.Func:
			n = d.Name
		case *syntax.Struct:
			n = d.Name
		case *syntax.Alias:
			n = d.Name
		case *syntax.ConstAssert:
			c.order = append(c.order, &global{decl: d, pos: d.Pos})
			continue
		}
		g := &global{name: n.Text, pos: n.Pos, decl: d}
		if old := c.globals[n.Text]; old != nil {
			c.note(n.Pos, "%q is declared twice; the first time at %s", n.Text, old.pos)
			continue
		}
		c.globals[n.Text] = g
		c.order = append(c.order, g)
	}
	for _, g := range c.order {
		if len(c.errs) >= maxFaults {
			return
		}
		c.try(func() {
			if a, ok := g.decl.(*syntax.ConstAssert); ok {
				c.constAssert(a)
				return
			}
			c.resolve(g, g.pos)
		})
	}
	for _, g := range c.order {
		if g.f != nil && g.state == resolved && len(c.errs) < maxFaults {
			c.try(func() { c.functionBody(g.f) })
		}
	}
	if len(c.errs) > 0 {
		return
	}
	for _, g := range c.order {
		if g.f != nil {
			c.try(func() { c.callGraph(g.f) })
		}
	}
	if len(c.errs) > 0 {
		return
	}
	for _, g := range c.order {
		if g.f != nil && g.f.entry {
			c.try(func() { c.entryInterface(g.f) })
			c.module.entries = append(c.module.entries, g.f)
		}
	}
	c.overrideIDs()
	for _, g := range c.order {
		if g.f != nil {
			c.try(func() { c.uniformity(g.f) })
		}
	}
}

// resolve makes sure that the global has its type and value; at is the place that needs it.
func (c *checker) resolve(g *global, at syntax.Pos) {
	switch g.state {
	case resolved:
		return
	case resolving:
		c.fault(at, "%q depends on itself", g.name)
	case failed:
		panic(bail{}) // reported where it is declared
	}
	g.state = resolving
	// A declaration is checked apart from whatever needs it.
	scopes, loops, fn, noEval, only := c.scopes, c.loops, c.fn, c.noEval, c.only
	c.scopes, c.loops, c.fn, c.noEval, c.only = nil, nil, nil, 0, stRuntime
	if c.depth++; c.depth > 200 {
		c.fault(at, "declarations depend on each other more than 200 deep")
	}
	ok := c.try(func() {
		switch d := g.decl.(type) {
		case *syntax.Var:
			g.v = c.globalVar(d)
		case *syntax.Func:
			g.f = c.signature(d)
		case *syntax.Struct:
			g.t = c.structure(d)
		case *syntax.Alias:
			g.t = c.typeOf(d.Type)
		}
	})
	c.depth--
	c.scopes, c.loops, c.fn, c.noEval, c.only = scopes, loops, fn, noEval, only
	if !ok {
		g.state = failed
		panic(bail{})
	}
	g.state = resolved
}

func (c *checker) push() { c.scopes = append(c.scopes, map[string]*variable{}) }
func (c *checker) pop()  { c.scopes = c.scopes[:len(c.scopes)-1] }

func (c *checker) declare(v *variable) {
	top := c.scopes[len(c.scopes)-1]
	if old := top[v.name]; old != nil {
		c.fault(v.pos, "%q is declared twice in this scope; the first time at %s", v.name, old.pos)
	}
	top[v.name] = v
	if c.fn != nil {
		c.fn.locals++
		v.order = c.fn.locals
	}
}

// lookup finds a name: a variable of a function, or something global; both nil where it is neither.
func (c *checker) lookup(name string) (*variable, *global) {
	for i := len(c.scopes) - 1; i >= 0; i-- {
		if v := c.scopes[i][name]; v != nil {
			return v, nil
		}
	}
	return nil, c.globals[name]
}

func (c *checker) constAssert(a *syntax.ConstAssert) {
	x := c.constExpr(a.Cond, "the condition of const_assert")
	if x.t != tBool {
		c.fault(x.pos, "const_assert wants a bool, found %s", x.t)
	}
	if x.val.i == 0 {
		c.fault(a.Pos, "const_assert failed")
	}
}

// directive refuses what the profile lacks. A diagnostic directive changes nothing: what the profile refuses it refuses at
// any severity. rules holds the severities that directives gave before.
func (c *checker) directive(d *syntax.Directive, rules map[string]syntax.Name) {
	switch d.Kind {
	case "enable":
		for _, n := range d.Args {
			why := "is not an extension of WGSL"
			switch n.Text {
			case "f16":
				why = "is refused by the profile: f16 is a storage format only (use pack2x16float and unpack2x16float)"
			case "subgroups":
				why = "is refused by the profile: subgroup operations depend on the device"
			case "clip_distances", "dual_source_blending", "primitive_index":
				why = "is refused by the profile: it belongs to graphics"
			}
			c.note(n.Pos, "extension %q %s", n.Text, why)
		}
	case "requires":
		for _, n := range d.Args {
			switch n.Text {
			case "packed_4x8_integer_dot_product", "unrestricted_pointer_parameters", "pointer_composite_access",
				"uniform_buffer_standard_layout", "swizzle_assignment", "linear_indexing":
			case "readonly_and_readwrite_storage_textures", "texture_formats_tier1", "texture_and_sampler_let":
				c.note(n.Pos, "language feature %q is refused by the profile: it has no textures", n.Text)
			case "subgroup_id", "subgroup_uniformity":
				c.note(n.Pos, "language feature %q is refused by the profile: subgroups depend on the device", n.Text)
			case "fragment_depth":
				c.note(n.Pos, "language feature %q is refused by the profile: it belongs to graphics", n.Text)
			case "immediate_address_space", "buffer_view":
				c.note(n.Pos, "language feature %q is refused by the profile: a kernel's inputs are its buffers, as they are bound", n.Text)
			default:
				c.note(n.Pos, "language feature %q is not known", n.Text)
			}
		}
	case "diagnostic":
		severity, rule := d.Args[0], d.Args[1]
		c.severity(severity)
		if old, ok := rules[rule.Text]; ok && old.Text != severity.Text {
			c.fault(rule.Pos, "rule %q is set to %q here and to %q at %s", rule.Text, severity.Text, old.Text, old.Pos)
		}
		rules[rule.Text] = severity
	}
}

func (c *checker) diagnosticAttr(a *syntax.Attribute) {
	c.attrArgs(a, 2, 2)
	severity, _, ok := a.Diagnostic()
	if !ok {
		c.fault(a.Pos, "@diagnostic wants a severity and the name of a rule")
	}
	c.severity(severity)
}

func (c *checker) severity(n syntax.Name) {
	switch n.Text {
	case "off", "info", "warning", "error":
	default:
		c.note(n.Pos, "diagnostic severity %q is not one of off, info, warning, error", n.Text)
	}
}
