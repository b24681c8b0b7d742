package profile

import (
	"fmt"
	"strings"

	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

type kind uint8

const (
	kAInt kind = iota // AbstractInt
	kAFloat
	kBool
	kI32
	kU32
	kF32
	kVec
	kMat
	kArray
	kStruct
	kAtomic
	kPtr
	kVoid
)

// space is an address space.
type space string

const (
	spFunction  space = "function"
	spPrivate   space = "private"
	spWorkgroup space = "workgroup"
	spUniform   space = "uniform"
	spStorage   space = "storage"
)

// access is an access mode.
type access string

const (
	acRead      access = "read"
	acWrite     access = "write"
	acReadWrite access = "read_write"
)

// typ is a type. Types are interned: two types are the same type if and only if the pointers are equal.
type typ struct {
	kind    kind
	elem    *typ   // vec, mat: component; array: element; atomic: value; ptr: store type
	n       int    // vec: components; mat: columns; array: elements, 0 if the length is not a constant
	rows    int    // mat
	count   *expr  // array whose length is an override-expression
	name    string // struct
	members []member
	inside  holds  // struct
	scalars uint64 // struct: leaves
	nesting int    // struct: depth of composites
	space   space  // ptr
	access  access
	pos     syntax.Pos
}

type member struct {
	name   string
	t      *typ
	offset uint64
	size   uint64
	align  uint64
	attrs  []*syntax.Attribute
	pos    syntax.Pos
	io     ioAttr
}

var (
	tAInt   = &typ{kind: kAInt}
	tAFloat = &typ{kind: kAFloat}
	tBool   = &typ{kind: kBool}
	tI32    = &typ{kind: kI32}
	tU32    = &typ{kind: kU32}
	tF32    = &typ{kind: kF32}
	tVoid   = &typ{kind: kVoid}
	tAtomI  = &typ{kind: kAtomic, elem: tI32}
	tAtomU  = &typ{kind: kAtomic, elem: tU32}

	vecs = makeVecs()
	mats = makeMats()
)

func makeVecs() map[*typ][5]*typ {
	all := map[*typ][5]*typ{}
	for _, e := range []*typ{tAInt, tAFloat, tBool, tI32, tU32, tF32} {
		var v [5]*typ
		for n := 2; n <= 4; n++ {
			v[n] = &typ{kind: kVec, elem: e, n: n}
		}
		all[e] = v
	}
	return all
}

func makeMats() map[*typ][5][5]*typ {
	all := map[*typ][5][5]*typ{}
	for _, e := range []*typ{tAFloat, tF32} {
		var m [5][5]*typ
		for c := 2; c <= 4; c++ {
			for r := 2; r <= 4; r++ {
				m[c][r] = &typ{kind: kMat, elem: e, n: c, rows: r}
			}
		}
		all[e] = m
	}
	return all
}

func vecOf(e *typ, n int) *typ {
	if n == 1 {
		return e
	}
	return vecs[e][n]
}

func matOf(e *typ, cols, rows int) *typ { return mats[e][cols][rows] }

// derived interns arrays and pointers of one module.
type derived struct {
	arrays map[arrayKey]*typ
	ptrs   map[ptrKey]*typ
}

type arrayKey struct {
	elem  *typ
	n     int
	count *variable // an override by itself as the length makes equal types; any other expression a new one
}

type ptrKey struct {
	elem *typ
	s    space
	a    access
}

func (d *derived) array(elem *typ, n int) *typ {
	k := arrayKey{elem, n, nil}
	t := d.arrays[k]
	if t == nil {
		t = &typ{kind: kArray, elem: elem, n: n}
		d.arrays[k] = t
	}
	return t
}

func (d *derived) overrideArray(elem *typ, count *expr) *typ {
	if count.op != opVar {
		return &typ{kind: kArray, elem: elem, count: count}
	}
	k := arrayKey{elem, -1, count.decl}
	t := d.arrays[k]
	if t == nil {
		t = &typ{kind: kArray, elem: elem, count: count}
		d.arrays[k] = t
	}
	return t
}

func (d *derived) ptr(s space, elem *typ, a access) *typ {
	k := ptrKey{elem, s, a}
	t := d.ptrs[k]
	if t == nil {
		t = &typ{kind: kPtr, elem: elem, space: s, access: a}
		d.ptrs[k] = t
	}
	return t
}

func (t *typ) String() string {
	switch t.kind {
	case kAInt:
		return "abstract-int"
	case kAFloat:
		return "abstract-float"
	case kBool:
		return "bool"
	case kI32:
		return "i32"
	case kU32:
		return "u32"
	case kF32:
		return "f32"
	case kVec:
		return fmt.Sprintf("vec%d<%s>", t.n, t.elem)
	case kMat:
		return fmt.Sprintf("mat%dx%d<%s>", t.n, t.rows, t.elem)
	case kArray:
		switch {
		case t.count != nil:
			return fmt.Sprintf("array<%s, (override)>", t.elem)
		case t.n == 0:
			return fmt.Sprintf("array<%s>", t.elem)
		}
		return fmt.Sprintf("array<%s, %d>", t.elem, t.n)
	case kStruct:
		return t.name
	case kAtomic:
		return fmt.Sprintf("atomic<%s>", t.elem)
	case kPtr:
		if t.space == spStorage {
			return fmt.Sprintf("ptr<%s, %s, %s>", t.space, t.elem, t.access)
		}
		return fmt.Sprintf("ptr<%s, %s>", t.space, t.elem)
	}
	return "(nothing)"
}

func (t *typ) isScalar() bool     { return t.kind <= kF32 }
func (t *typ) isNumeric() bool    { return t.kind <= kF32 && t.kind != kBool }
func (t *typ) isInteger() bool    { return t.kind == kAInt || t.kind == kI32 || t.kind == kU32 }
func (t *typ) isFloat() bool      { return t.kind == kAFloat || t.kind == kF32 }
func (t *typ) isRuntime() bool    { return t.kind == kArray && t.n == 0 && t.count == nil }
func (t *typ) isVecOf(n int) bool { return t.kind == kVec && t.n == n }

// scalar is the component type of a scalar, vector or matrix, and nil for the rest.
func (t *typ) scalar() *typ {
	switch {
	case t.isScalar():
		return t
	case t.kind == kVec || t.kind == kMat:
		return t.elem
	}
	return nil
}

// width is the number of components of a scalar (1) or vector.
func (t *typ) width() int {
	if t.kind == kVec {
		return t.n
	}
	return 1
}

// withScalar is t with another component type; for a scalar, vector or matrix.
func (t *typ) withScalar(e *typ) *typ {
	switch t.kind {
	case kVec:
		return vecOf(e, t.n)
	case kMat:
		return matOf(e, t.n, t.rows)
	}
	return e
}

// column is the type of a matrix's column.
func (t *typ) column() *typ { return vecOf(t.elem, t.rows) }

// isAbstract reports whether a value of the type is, or holds, an abstract number.
func (t *typ) isAbstract() bool {
	switch t.kind {
	case kAInt, kAFloat:
		return true
	case kVec, kMat, kArray:
		return t.elem.isAbstract()
	case kStruct:
		return strings.HasPrefix(t.name, "__") && t.members[0].t.isAbstract()
	}
	return false
}

// What a type holds somewhere inside, itself included. Structures keep theirs, since looking again and again into
// structures of structures would take exponential time.
type holds uint8

const (
	hAtomic holds = 1 << iota
	hRuntime
	hOverride // an array whose length is an override
	hBool
	hUnstorable // pointers, and no type at all
)

func (t *typ) holds() holds {
	switch t.kind {
	case kBool:
		return hBool
	case kVec, kMat:
		return t.elem.holds()
	case kAtomic:
		return hAtomic
	case kArray:
		h := t.elem.holds()
		if t.count != nil {
			h |= hOverride
		} else if t.n == 0 {
			h |= hRuntime
		}
		return h
	case kStruct:
		return t.inside
	case kPtr, kVoid:
		return hUnstorable
	}
	return 0
}

// constructible reports whether values of the type can be made, loaded and stored (WGSL section 6.2.10).
func (t *typ) constructible() bool { return t.holds()&(hAtomic|hRuntime|hOverride|hUnstorable) == 0 }

// hasFixedSize reports whether the size is known when the shader is created.
func (t *typ) hasFixedSize() bool { return t.holds()&(hRuntime|hOverride|hUnstorable) == 0 }

// hostShareable reports whether a buffer can hold the type (WGSL section 6.2.11).
func (t *typ) hostShareable() bool { return t.holds()&(hBool|hOverride|hUnstorable) == 0 }

func (t *typ) hasAtomic() bool { return t.holds()&hAtomic != 0 }

// maxTypeBytes bounds the size of any type; larger ones could not be bound or stored anyway.
const maxTypeBytes = 1 << 31

func roundUp(n, to uint64) uint64 { return (n + to - 1) / to * to }

// align is AlignOf(t) in bytes (WGSL section 14.4.1); bool counts as u32.
func (t *typ) align() uint64 {
	switch t.kind {
	case kVec:
		if t.n == 2 {
			return 8
		}
		return 16
	case kMat:
		return t.column().align()
	case kArray:
		return t.elem.align()
	case kStruct:
		a := uint64(1)
		for _, m := range t.members {
			a = max(a, m.align)
		}
		return a
	}
	return 4
}

// size is SizeOf(t) in bytes, saturating far above maxTypeBytes; a runtime array counts as one element, as in the
// minimum size of a binding. lens gives the length of an array that an override sizes.
func (t *typ) size(lens func(*expr) uint64) uint64 {
	switch t.kind {
	case kVec:
		return 4 * uint64(t.n)
	case kMat:
		return uint64(t.n) * t.column().stride()
	case kArray:
		n := uint64(max(1, t.n))
		if t.count != nil {
			n = 1
			if lens != nil {
				n = lens(t.count)
			}
		}
		return min(n*roundUp(t.elem.size(lens), t.elem.align()), maxTypeBytes*4)
	case kStruct:
		last := t.members[len(t.members)-1]
		return roundUp(last.offset+max(last.size, last.t.size(lens)), t.align())
	}
	return 4
}

// stride is the distance between elements of the type in an array, in bytes.
func (t *typ) stride() uint64 { return roundUp(t.size(nil), t.align()) }

// leaves is the number of scalars in a value of a type of fixed size, saturating at 2^40.
func (t *typ) leaves() uint64 {
	switch t.kind {
	case kVec:
		return uint64(t.n)
	case kMat:
		return uint64(t.n * t.rows)
	case kArray:
		return min(uint64(max(1, t.n))*t.elem.leaves(), 1<<40)
	case kStruct:
		return t.scalars
	}
	return 1
}

// depth is the nesting of arrays and structures.
func (t *typ) depth() int {
	switch t.kind {
	case kArray:
		return t.elem.depth() + 1
	case kStruct:
		return t.nesting
	}
	return 0
}

// children is the number of direct parts of a composite value and child its n-th part's type.
func (t *typ) children() int {
	switch t.kind {
	case kVec, kMat, kArray:
		return t.n
	case kStruct:
		return len(t.members)
	}
	return 0
}

func (t *typ) child(n int) *typ {
	switch t.kind {
	case kMat:
		return t.column()
	case kStruct:
		return t.members[n].t
	}
	return t.elem
}

// conversionRank is the cost of converting a to b automatically (WGSL section 6.1.2), or -1 where it is not possible.
func conversionRank(a, b *typ) int {
	switch {
	case a == b:
		return 0
	case a.kind == kAFloat && b.kind == kF32:
		return 1
	case a.kind == kAInt:
		switch b.kind {
		case kI32:
			return 3
		case kU32:
			return 4
		case kAFloat:
			return 5
		case kF32:
			return 6
		}
		return -1
	case a.kind == b.kind && (a.kind == kVec && a.n == b.n || a.kind == kMat && a.n == b.n && a.rows == b.rows ||
		a.kind == kArray && a.n == b.n && a.count == b.count):
		return conversionRank(a.elem, b.elem)
	case a.kind == kStruct && b.kind == kStruct && a.isAbstract() && abstractResult(a) == abstractResult(b):
		return conversionRank(a.members[0].t, b.members[0].t)
	}
	return -1
}

// abstractResult is the builtin's name that a result structure like __modf_result_vec2_f32 belongs to.
func abstractResult(t *typ) string {
	name, _, _ := strings.Cut(t.name, "_result_")
	return name
}

// unify is the type that all of a can be converted to: the scalar types only.
func unifyScalars(a ...*typ) *typ {
	t := a[0]
	for _, u := range a[1:] {
		switch {
		case conversionRank(u, t) >= 0:
		case conversionRank(t, u) >= 0:
			t = u
		default:
			return nil
		}
	}
	return t
}
