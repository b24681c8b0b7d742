package profile

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// typeOf resolves a type expression.
func (c *checker) typeOf(e syntax.Expr) *typ {
	r, ok := e.(*syntax.Ref)
	if !ok {
		c.fault(e.At(), "expected a type, found an expression")
	}
	t := c.typeRef(r)
	if t == nil {
		if v, g := c.lookup(r.Name); v != nil || g != nil {
			c.fault(r.Pos, "%q is not a type", r.Name)
		}
		if builtins[r.Name] != nil {
			c.fault(r.Pos, "%q is a builtin function, not a type", r.Name)
		}
		c.fault(r.Pos, "unknown type %q", r.Name)
	}
	return t
}

// typeRef gives the type a name stands for, or nil if it is no type.
func (c *checker) typeRef(r *syntax.Ref) *typ {
	v, g := c.lookup(r.Name)
	if v != nil {
		return nil
	}
	if g != nil {
		switch g.decl.(type) {
		case *syntax.Struct, *syntax.Alias:
			if r.Templated {
				c.fault(r.Pos, "type %q takes no template arguments", r.Name)
			}
			c.resolve(g, r.Pos)
			return g.t
		}
		return nil
	}
	return c.predeclared(r)
}

var plainTypes = map[string]*typ{"bool": tBool, "i32": tI32, "u32": tU32, "f32": tF32}

func (c *checker) predeclared(r *syntax.Ref) *typ {
	args := func(least, most int) []syntax.Expr {
		if !r.Templated || len(r.Templates) < least || len(r.Templates) > most {
			want := fmt.Sprint(least)
			if most > least {
				want = fmt.Sprintf("%d to %d", least, most)
			}
			c.fault(r.Pos, "type %q has %d template arguments, want %s", r.Name, len(r.Templates), want)
		}
		return r.Templates
	}
	plain := func(t *typ) *typ {
		if r.Templated {
			c.fault(r.Pos, "type %q takes no template arguments", r.Name)
		}
		return t
	}
	if t := plainTypes[r.Name]; t != nil {
		return plain(t)
	}
	name := r.Name
	switch {
	case name == "f16" || isHalf(name):
		c.fault(r.Pos, "type %q is refused by the profile: f16 is a storage format only (use pack2x16float and unpack2x16float)", name)
	case name == "sampler" || name == "sampler_comparison" || strings.HasPrefix(name, "texture_"):
		c.fault(r.Pos, "type %q is refused by the profile: it has no textures and samplers", name)
	case name == "array":
		a := args(1, 2)
		elem := c.typeOf(a[0])
		if !elem.hasFixedSize() && elem.kind != kPtr || elem.kind == kPtr {
			c.fault(a[0].At(), "%s cannot be the element of an array", elem)
		}
		if len(a) == 1 {
			return c.d.array(elem, 0)
		}
		return c.arrayType(elem, a[1])
	case name == "atomic":
		switch t := c.typeOf(args(1, 1)[0]); t.kind {
		case kI32:
			return tAtomI
		case kU32:
			return tAtomU
		case kF32:
			c.fault(r.Pos, "atomic<f32> is refused by the profile: float atomics depend on the order of the adds")
		default:
			c.fault(r.Pos, "atomic<%s> does not exist; an atomic holds an i32 or u32", t)
		}
	case name == "ptr":
		return c.ptrType(r, args(2, 3))
	}
	if n, elem, ok := vecName(name); ok {
		if elem != nil {
			return plain(vecOf(elem, n))
		}
		t := c.typeOf(args(1, 1)[0])
		if !t.isScalar() {
			c.fault(r.Pos, "a vector's component is a scalar, not %s", t)
		}
		return vecOf(t, n)
	}
	if cols, rows, elem, ok := matName(name); ok {
		if elem != nil {
			return plain(matOf(elem, cols, rows))
		}
		if t := c.typeOf(args(1, 1)[0]); t != tF32 {
			c.fault(r.Pos, "a matrix's component is f32, not %s", t)
		}
		return matOf(tF32, cols, rows)
	}
	return nil
}

func isHalf(name string) bool {
	return strings.HasSuffix(name, "h") && (len(name) == 5 && strings.HasPrefix(name, "vec") || len(name) == 7 && strings.HasPrefix(name, "mat"))
}

func digit24(b byte) int {
	if b >= '2' && b <= '4' {
		return int(b - '0')
	}
	return 0
}

// vecName reads vec3 (elem nil) and vec3f.
func vecName(s string) (n int, elem *typ, ok bool) {
	if len(s) < 4 || len(s) > 5 || s[:3] != "vec" || digit24(s[3]) == 0 {
		return 0, nil, false
	}
	if len(s) == 5 {
		elem = map[byte]*typ{'f': tF32, 'i': tI32, 'u': tU32}[s[4]]
		if elem == nil {
			return 0, nil, false
		}
	}
	return digit24(s[3]), elem, true
}

// matName reads mat3x4 (elem nil) and mat3x4f.
func matName(s string) (cols, rows int, elem *typ, ok bool) {
	if len(s) < 6 || len(s) > 7 || s[:3] != "mat" || digit24(s[3]) == 0 || s[4] != 'x' || digit24(s[5]) == 0 {
		return 0, 0, nil, false
	}
	if len(s) == 7 {
		if s[6] != 'f' {
			return 0, 0, nil, false
		}
		elem = tF32
	}
	return digit24(s[3]), digit24(s[5]), elem, true
}

// maxComposite bounds the nesting of arrays and structures in a type.
const maxComposite = 255

func (c *checker) arrayType(elem *typ, count syntax.Expr) *typ {
	n := c.limited(stOverride, func() *expr { return c.value(count) }, "the length of an array")
	if !n.t.isInteger() {
		c.fault(n.pos, "the length of an array is an integer, not %s", n.t)
	}
	if elem.depth() >= maxComposite {
		c.fault(n.pos, "arrays and structures nested deeper than %d", maxComposite)
	}
	if n.stage == stOverride {
		return c.d.overrideArray(elem, n)
	}
	if n.val.i <= 0 {
		c.fault(n.pos, "the length of an array is at least 1, not %d", n.val.i)
	}
	hi, lo := bits.Mul64(uint64(n.val.i), elem.stride())
	if hi != 0 || lo > maxTypeBytes || n.val.i > maxTypeBytes {
		c.fault(n.pos, "array<%s, %d> is larger than %d bytes", elem, n.val.i, int64(maxTypeBytes))
	}
	return c.d.array(elem, int(n.val.i))
}

func (c *checker) enumerant(e syntax.Expr, what string) (string, syntax.Pos) {
	r, ok := e.(*syntax.Ref)
	if !ok || r.Templated {
		c.fault(e.At(), "expected %s", what)
	}
	if v, g := c.lookup(r.Name); v != nil || g != nil {
		c.fault(e.At(), "expected %s, but %q is declared as something else", what, r.Name)
	}
	return r.Name, r.Pos
}

func (c *checker) spaceOf(e syntax.Expr) space {
	name, at := c.enumerant(e, "an address space")
	switch s := space(name); s {
	case spFunction, spPrivate, spWorkgroup, spUniform, spStorage:
		return s
	case "push_constant", "immediate", "handle":
		c.fault(at, "address space %q is refused by the profile", name)
	}
	c.fault(at, "%q is not an address space (function, private, workgroup, uniform, storage)", name)
	return ""
}

func (c *checker) accessOf(e syntax.Expr) access {
	name, at := c.enumerant(e, "an access mode")
	switch a := access(name); a {
	case acRead, acWrite, acReadWrite:
		return a
	}
	c.fault(at, "%q is not an access mode (read, write, read_write)", name)
	return ""
}

func defaultAccess(s space) access {
	if s == spUniform || s == spStorage {
		return acRead
	}
	return acReadWrite
}

func (c *checker) ptrType(r *syntax.Ref, a []syntax.Expr) *typ {
	s := c.spaceOf(a[0])
	t := c.typeOf(a[1])
	ac := defaultAccess(s)
	if len(a) == 3 {
		if s != spStorage {
			c.fault(a[2].At(), "a pointer in address space %s takes no access mode", s)
		}
		ac = c.accessOf(a[2])
		if ac == acWrite {
			c.fault(a[2].At(), "access mode write is for textures; storage has read and read_write")
		}
	}
	c.storable(t, s, r.Pos)
	return c.d.ptr(s, t, ac)
}

// storable checks that a variable of type t can live in address space s (WGSL section 7.3).
func (c *checker) storable(t *typ, s space, at syntax.Pos) {
	switch s {
	case spFunction, spPrivate:
		if !t.constructible() {
			c.fault(at, "type %s cannot be stored in address space %s: it must be constructible", t, s)
		}
	case spWorkgroup:
		if t.holds()&(hUnstorable|hRuntime) != 0 {
			c.fault(at, "type %s cannot be stored in address space workgroup: it must have a fixed size", t)
		}
	case spUniform:
		if !t.constructible() || !t.hostShareable() {
			c.fault(at, "type %s cannot be stored in address space uniform: it must be constructible and host-shareable", t)
		}
	case spStorage:
		if !t.hostShareable() {
			c.fault(at, "type %s cannot be stored in address space storage: it must be host-shareable", t)
		}
	}
}

func (c *checker) structure(d *syntax.Struct) *typ {
	t := &typ{kind: kStruct, name: d.Name.Text, pos: d.Name.Pos}
	seen := map[string]bool{}
	var offset uint64
	for i, s := range d.Members {
		m := member{name: s.Name.Text, attrs: s.Attrs, pos: s.Name.Pos}
		if seen[m.name] {
			c.fault(m.pos, "member %q is declared twice in %s", m.name, t.name)
		}
		seen[m.name] = true
		m.t = c.typeOf(s.Type)
		switch {
		case m.t.kind == kPtr:
			c.fault(s.Type.At(), "member %q cannot be a pointer", m.name)
		case m.t.holds()&hOverride != 0:
			c.fault(s.Type.At(), "member %q cannot be an array whose length is an override", m.name)
		case m.t.holds()&hRuntime != 0 && (i != len(d.Members)-1 || !m.t.isRuntime()):
			c.fault(s.Type.At(), "a runtime-sized array can only be the last member of a structure that is no member itself")
		}
		m.align, m.size = m.t.align(), m.t.size(nil)
		c.memberAttrs(&m, s)
		offset = roundUp(offset, m.align)
		m.offset = offset
		offset = min(offset+m.size, maxTypeBytes*4)
		if offset > maxTypeBytes {
			c.fault(m.pos, "structure %s is larger than %d bytes", t.name, int64(maxTypeBytes))
		}
		t.members = append(t.members, m)
	}
	for _, m := range t.members {
		t.inside |= m.t.holds()
		t.scalars = min(t.scalars+m.t.leaves(), 1<<40)
		t.nesting = max(t.nesting, m.t.depth()+1)
	}
	if t.nesting > maxComposite || len(t.members) > 1023 {
		c.fault(t.pos, "structure %s has more than 1023 members or is nested deeper than %d", t.name, maxComposite)
	}
	return t
}

func (c *checker) memberAttrs(m *member, s *syntax.Member) {
	seen := map[string]bool{}
	for _, a := range s.Attrs {
		if seen[a.Name] {
			c.fault(a.Pos, "attribute @%s is given twice", a.Name)
		}
		seen[a.Name] = true
		switch a.Name {
		case "align":
			n := c.attrInt(a)
			if n <= 0 || n&(n-1) != 0 {
				c.fault(a.Pos, "@align wants a positive power of two, found %d", n)
			}
			if uint64(n)%m.t.align() != 0 {
				c.fault(a.Pos, "@align(%d) of member %q is not a multiple of %d, the alignment of %s", n, m.name, m.t.align(), m.t)
			}
			m.align = uint64(n)
		case "size":
			n := c.attrInt(a)
			if m.t.isRuntime() || !m.t.hasFixedSize() {
				c.fault(a.Pos, "@size is not allowed on a runtime-sized array")
			}
			if n < 0 || uint64(n) < m.t.size(nil) {
				c.fault(a.Pos, "@size(%d) of member %q is less than %d, the size of %s", n, m.name, m.t.size(nil), m.t)
			}
			m.size = min(uint64(n), maxTypeBytes*4)
		case "builtin":
			m.io = c.builtinAttr(a)
		case "location", "interpolate", "invariant", "blend_src":
			c.fault(a.Pos, "attribute @%s is refused by the profile: it belongs to graphics", a.Name)
		default:
			c.unknownAttr(a, "a structure's member")
		}
	}
}

func (c *checker) unknownAttr(a *syntax.Attribute, where string) {
	switch a.Name {
	case "align", "binding", "blend_src", "builtin", "compute", "const", "diagnostic", "fragment", "group", "id",
		"interpolate", "invariant", "location", "must_use", "size", "vertex", "workgroup_size":
		c.fault(a.Pos, "attribute @%s is not allowed on %s", a.Name, where)
	}
	c.fault(a.Pos, "unknown attribute @%s", a.Name)
}

func (c *checker) attrArgs(a *syntax.Attribute, least, most int) {
	if len(a.Args) < least || len(a.Args) > most {
		c.fault(a.Pos, "attribute @%s has %d arguments, want %d", a.Name, len(a.Args), least)
	}
}

// attrInt is the constant integer argument of an attribute.
func (c *checker) attrInt(a *syntax.Attribute) int64 {
	c.attrArgs(a, 1, 1)
	x := c.constExpr(a.Args[0], "the argument of @"+a.Name)
	if !x.t.isInteger() {
		c.fault(x.pos, "the argument of @%s is an integer, not %s", a.Name, x.t)
	}
	if x.val.i > 1<<31-1 {
		c.fault(x.pos, "the argument of @%s is too large: %d", a.Name, x.val.i)
	}
	return x.val.i
}
