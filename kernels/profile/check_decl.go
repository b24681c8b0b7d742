package profile

import (
	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// workgroupLimits are WebGPU's default limits on the size of a workgroup in each dimension.
var workgroupLimits = [3]int64{256, 256, 64}

// Limits of WebGPU that a module must keep to.
const (
	maxGroups     = 4    // bind groups
	maxBindings   = 1000 // largest binding number is one less
	maxOverrideID = 65535
	maxParams     = 255
	// maxGraphSteps bounds the work of following what each function uses by way of those it calls.
	maxGraphSteps = 2_000_000
)

func (c *checker) globalVar(d *syntax.Var) *variable {
	v := &variable{kind: d.Kind, name: d.Name.Text, pos: d.Name.Pos, module: true, id: -1}
	switch d.Kind {
	case syntax.KindConst:
		c.noAttrs(d.Attrs, "a const")
		c.constDecl(v, d)
	case syntax.KindOverride:
		c.override(v, d)
	case syntax.KindVar:
		c.moduleVar(v, d)
	}
	return v
}

func (c *checker) noAttrs(attrs []*syntax.Attribute, where string) {
	for _, a := range attrs {
		c.unknownAttr(a, where)
	}
}

func (c *checker) constDecl(v *variable, d *syntax.Var) {
	x := c.constExpr(d.Init, "the value of a const")
	if d.Type != nil {
		t := c.typeOf(d.Type)
		x = c.convert(x, t, "the value of "+d.Name.Text)
	}
	if !x.t.constructible() {
		c.fault(x.pos, "a const cannot be of type %s", x.t)
	}
	v.t, v.val = x.t, x.val
}

func (c *checker) override(v *variable, d *syntax.Var) {
	if d.Type != nil {
		v.t = c.typeOf(d.Type)
	}
	if d.Init != nil {
		x := c.limited(stOverride, func() *expr { return c.value(d.Init) }, "the value of an override")
		if v.t == nil {
			x = c.concrete(x)
			v.t = x.t
		} else {
			x = c.convert(x, v.t, "the value of "+v.name)
		}
		v.init = x
	}
	if !v.t.isScalar() {
		c.fault(v.pos, "an override is a scalar, not %s", v.t)
	}
	for _, a := range d.Attrs {
		if a.Name != "id" {
			c.unknownAttr(a, "an override")
		}
		if v.id >= 0 {
			c.fault(a.Pos, "attribute @id is given twice")
		}
		n := c.attrInt(a)
		if n < 0 || n > maxOverrideID {
			c.fault(a.Pos, "@id is from 0 to %d, not %d", maxOverrideID, n)
		}
		v.id = int(n)
	}
}

func (c *checker) overrideIDs() {
	ids := map[int]*variable{}
	for _, g := range c.order {
		if g.v == nil || g.v.kind != syntax.KindOverride {
			continue
		}
		c.module.overrides = append(c.module.overrides, g.v)
		if g.v.id < 0 {
			continue
		}
		if old := ids[g.v.id]; old != nil {
			c.note(g.v.pos, "@id(%d) is given to %q and to %q", g.v.id, old.name, g.v.name)
		}
		ids[g.v.id] = g.v
	}
}

func (c *checker) moduleVar(v *variable, d *syntax.Var) {
	if len(d.Templates) == 0 {
		why := "a variable at module scope needs an address space: private, workgroup, uniform or storage"
		if d.Type != nil {
			c.typeOf(d.Type) // a texture or sampler is refused by its own message
		}
		c.fault(v.pos, "%s", why)
	}
	v.space = c.spaceOf(d.Templates[0])
	v.access = defaultAccess(v.space)
	switch {
	case v.space == spFunction:
		c.fault(d.Templates[0].At(), "a variable at module scope cannot be in address space function")
	case len(d.Templates) > 2:
		c.fault(d.Templates[2].At(), "too many template arguments: want an address space and an access mode")
	case len(d.Templates) == 2:
		v.access = c.accessOf(d.Templates[1])
		if v.space != spStorage {
			c.fault(d.Templates[1].At(), "a variable in address space %s takes no access mode", v.space)
		}
		if v.access == acWrite {
			c.fault(d.Templates[1].At(), "access mode write is for textures; storage has read and read_write")
		}
	}
	if d.Type != nil {
		v.t = c.typeOf(d.Type)
	}
	if d.Init != nil {
		if v.space != spPrivate {
			c.fault(d.Init.At(), "a variable in address space %s cannot have a value", v.space)
		}
		x := c.limited(stOverride, func() *expr { return c.value(d.Init) }, "the value of a variable at module scope")
		if v.t == nil {
			x = c.concrete(x)
			v.t = x.t
		}
		v.init = c.convert(x, v.t, "the value of "+v.name)
	}
	at := v.pos
	if d.Type != nil {
		at = d.Type.At()
	}
	c.storable(v.t, v.space, at)
	if v.t.hasAtomic() && !(v.space == spWorkgroup || v.space == spStorage && v.access == acReadWrite) {
		c.fault(at, "an atomic lives in workgroup or read_write storage memory, not in %s %s", v.space, v.access)
	}
	v.root = v
	resource := v.space == spUniform || v.space == spStorage
	seen := map[string]bool{}
	for _, a := range d.Attrs {
		if (a.Name != "group" && a.Name != "binding") || !resource {
			c.unknownAttr(a, "a variable in address space "+string(v.space))
		}
		if seen[a.Name] {
			c.fault(a.Pos, "attribute @%s is given twice", a.Name)
		}
		seen[a.Name] = true
		n := c.attrInt(a)
		if a.Name == "group" {
			if n < 0 || n >= maxGroups {
				c.fault(a.Pos, "@group is from 0 to %d, not %d", maxGroups-1, n)
			}
			v.group = uint32(n)
		} else {
			if n < 0 || n >= maxBindings {
				c.fault(a.Pos, "@binding is from 0 to %d, not %d", maxBindings-1, n)
			}
			v.binding = uint32(n)
		}
	}
	if resource && (!seen["group"] || !seen["binding"]) {
		c.fault(v.pos, "%q is a buffer and needs both @group and @binding", v.name)
	}
}

func (c *checker) builtinAttr(a *syntax.Attribute) ioAttr {
	c.attrArgs(a, 1, 1)
	r, ok := a.Args[0].(*syntax.Ref)
	if !ok || r.Templated {
		c.fault(a.Pos, "@builtin wants a name")
	}
	switch r.Name {
	case "local_invocation_id", "local_invocation_index", "global_invocation_id", "workgroup_id", "num_workgroups",
		"workgroup_index", "global_invocation_index":
	case "subgroup_invocation_id", "subgroup_size", "subgroup_id", "num_subgroups":
		c.fault(r.Pos, "builtin input %q is refused by the profile: subgroups depend on the device", r.Name)
	case "position", "vertex_index", "instance_index", "front_facing", "frag_depth", "sample_index", "sample_mask",
		"clip_distances", "primitive_index":
		c.fault(r.Pos, "builtin input %q is refused by the profile: it belongs to graphics", r.Name)
	default:
		c.fault(r.Pos, "unknown builtin input %q", r.Name)
	}
	return ioAttr{r.Name, a.Pos}
}

// signature checks everything of a function but its body.
func (c *checker) signature(d *syntax.Func) *function {
	f := &function{name: d.Name.Text, pos: d.Name.Pos, syn: d, result: tVoid, end: d.Body.End,
		uses: map[*variable]bool{}}
	var sized *syntax.Attribute
	seen := map[string]bool{}
	for _, a := range d.Attrs {
		if seen[a.Name] && a.Name != "diagnostic" {
			c.fault(a.Pos, "attribute @%s is given twice", a.Name)
		}
		seen[a.Name] = true
		switch a.Name {
		case "compute":
			f.entry = true
		case "workgroup_size":
			sized = a
			c.attrArgs(a, 1, 3)
			var common *typ
			for i, e := range a.Args {
				x := c.limited(stOverride, func() *expr { return c.value(e) }, "@workgroup_size")
				if !x.t.isInteger() {
					c.fault(x.pos, "@workgroup_size wants integers, found %s", x.t)
				}
				if common == nil {
					common = x.t
				} else if common = unifyScalars(common, x.t); common == nil {
					c.fault(x.pos, "the arguments of @workgroup_size are of different types")
				}
				if x.stage == stConst && x.val.i <= 0 {
					c.fault(x.pos, "@workgroup_size wants at least 1, found %d", x.val.i)
				}
				f.size[i] = x
			}
		case "must_use":
			f.must = true
		case "diagnostic":
			c.diagnosticAttr(a)
		case "vertex", "fragment":
			c.fault(a.Pos, "attribute @%s is refused by the profile: it runs compute shaders only", a.Name)
		default:
			c.unknownAttr(a, "a function")
		}
		if (a.Name == "compute" || a.Name == "must_use") && len(a.Args) > 0 {
			c.fault(a.Pos, "attribute @%s takes no arguments", a.Name)
		}
	}
	if f.entry && sized == nil {
		c.fault(f.pos, "compute shader %q needs @workgroup_size", f.name)
	}
	if sized != nil && !f.entry {
		c.fault(sized.Pos, "@workgroup_size is allowed only with @compute")
	}
	for i, x := range f.size {
		if x != nil && x.stage == stConst && x.val.i > workgroupLimits[i] {
			c.fault(x.pos, "@workgroup_size is at most %v, found %d", workgroupLimits, x.val.i)
		}
	}
	if f.entry && f.size[0].stage == stConst {
		n := uint64(1)
		for _, x := range f.size {
			if x != nil && x.stage == stConst {
				n = min(n*uint64(x.val.i), 1<<40)
			}
		}
		if n > maxInvocations {
			c.fault(sized.Pos, "a workgroup of %d invocations is too large, at most %d are allowed", n, maxInvocations)
		}
	}
	if len(d.Params) > maxParams {
		c.fault(f.pos, "function %q has %d parameters, at most %d are allowed", f.name, len(d.Params), maxParams)
	}
	names := map[string]bool{}
	for i, p := range d.Params {
		v := &variable{kind: syntax.KindLet, param: true, nparam: i, name: p.Name.Text, pos: p.Name.Pos}
		if names[v.name] {
			c.fault(v.pos, "parameter %q is declared twice", v.name)
		}
		names[v.name] = true
		v.t = c.typeOf(p.Type)
		if v.t.kind == kPtr {
			v.root = v
			if f.entry {
				c.fault(p.Type.At(), "a parameter of an entry point cannot be a pointer")
			}
		} else if !v.t.constructible() {
			c.fault(p.Type.At(), "a parameter cannot be of type %s", v.t)
		}
		for _, a := range p.Attrs {
			switch {
			case a.Name == "builtin" && f.entry:
				if v.io.builtin != "" {
					c.fault(a.Pos, "attribute @builtin is given twice")
				}
				v.io = c.builtinAttr(a)
			case a.Name == "location" || a.Name == "interpolate" || a.Name == "invariant":
				c.fault(a.Pos, "attribute @%s is refused by the profile: it belongs to graphics", a.Name)
			default:
				c.unknownAttr(a, "this parameter")
			}
		}
		f.params = append(f.params, v)
	}
	if d.Result != nil {
		f.result = c.typeOf(d.Result)
		if !f.result.constructible() {
			c.fault(d.Result.At(), "a function cannot give a value of type %s", f.result)
		}
		if f.entry {
			c.fault(d.Result.At(), "a compute shader gives no value")
		}
	}
	if f.must && f.result == tVoid {
		c.fault(f.pos, "@must_use on function %q, which gives no value", f.name)
	}
	for _, a := range d.ResultAttrs {
		c.unknownAttr(a, "the result of this function")
	}
	return f
}

var builtinInputType = map[string]*typ{
	"local_invocation_index": tU32, "workgroup_index": tU32, "global_invocation_index": tU32,
}

func inputType(name string) *typ {
	if t := builtinInputType[name]; t != nil {
		return t
	}
	return vecOf(tU32, 3)
}

// entryInterface checks the inputs of an entry point and that its buffers do not share a binding.
func (c *checker) entryInterface(f *function) {
	seen := map[string]bool{}
	input := func(io ioAttr, t *typ, at syntax.Pos, name string) {
		if io.builtin == "" {
			c.fault(at, "input %q of entry point %q needs @builtin", name, f.name)
		}
		if want := inputType(io.builtin); t != want {
			c.fault(at, "builtin input %q is %s, not %s", io.builtin, want, t)
		}
		if seen[io.builtin] {
			c.fault(io.pos, "builtin input %q is given twice in entry point %q", io.builtin, f.name)
		}
		seen[io.builtin] = true
	}
	for _, p := range f.params {
		if p.t.kind == kStruct && p.io.builtin == "" {
			for _, m := range p.t.members {
				input(m.io, m.t, m.pos, m.name)
			}
			continue
		}
		input(p.io, p.t, p.pos, p.name)
	}
	bound := map[[2]uint32]*variable{}
	for _, v := range sortedVars(f.all) {
		if v.space != spUniform && v.space != spStorage {
			continue
		}
		k := [2]uint32{v.group, v.binding}
		if old := bound[k]; old != nil {
			c.fault(v.pos, "entry point %q uses %q and %q, both at @group(%d) @binding(%d)", f.name, old.name, v.name, v.group, v.binding)
		}
		bound[k] = v
	}
}

// callGraph refuses recursion and gathers what a function uses by way of others.
func (c *checker) callGraph(f *function) {
	if f.state != 0 { // seen, perhaps on the way to an error
		return
	}
	f.state = 1
	f.all = map[*variable]bool{}
	for v := range f.uses {
		f.all[v] = true
	}
	for _, s := range f.calls {
		if s.fn.state == 1 {
			f.state = 2
			c.fault(s.pos, "function %q calls %q again: recursion is forbidden", f.name, s.fn.name)
		}
		if s.fn.state == 0 {
			c.callGraph(s.fn)
		}
		if c.graphSteps += 1 + len(s.fn.all) + len(s.fn.effects.reads) + len(s.fn.effects.writes); c.graphSteps > maxGraphSteps {
			c.fault(s.pos, "the calls of this module reach too many variables")
		}
		for v := range s.fn.all {
			f.all[v] = true
		}
		c.aliases(f, s)
	}
	f.state = 2
}

// aliases applies the rule against aliasing to a call (WGSL section 11.4.3): memory that a function writes by way of
// one pointer parameter must not be reached by way of another, nor by name. It also passes on to the arguments what
// the function does to its parameters.
func (c *checker) aliases(f *function, s callSite) {
	g := s.fn
	type use struct {
		param       *variable
		read, write bool
	}
	byRoot := map[*variable]use{}
	for i, a := range s.args {
		if a.t.kind != kPtr || a.root == nil {
			continue
		}
		p := g.params[i]
		a.root.dyn |= p.dyn
		u := use{p, g.effects.reads[p], g.effects.writes[p]}
		if old, ok := byRoot[a.root]; ok {
			if u.write && (old.read || old.write) || old.write && (u.read || u.write) {
				c.fault(a.pos, "arguments %s and %s of %q both lead to %q, which the function writes", old.param.name, p.name, g.name, a.root.name)
			}
			u.read, u.write = u.read || old.read, u.write || old.write
		}
		byRoot[a.root] = u
		if a.root.module && (u.write && (g.effects.reads[a.root] || g.effects.writes[a.root]) || u.read && g.effects.writes[a.root]) {
			c.fault(a.pos, "argument %s of %q leads to %q, which the function also uses by name and writes", p.name, g.name, a.root.name)
		}
		if u.read {
			f.effects.read(a.root)
		}
		if u.write {
			f.effects.write(a.root)
		}
	}
	for v := range g.effects.reads {
		if v.module {
			f.effects.read(v)
		}
	}
	for v := range g.effects.writes {
		if v.module {
			f.effects.write(v)
		}
	}
}
