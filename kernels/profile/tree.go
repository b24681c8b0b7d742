package profile

import (
	"fmt"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// The typed tree: what the checker makes of the syntax tree, and what uniformity analysis and emission walk.

type exprOp uint8

const (
	opConst     exprOp = iota // val
	opVar                     // decl: an override, let, parameter (values) or var (a reference)
	opLoad                    // the value of the reference args[0]
	opDeref                   // *args[0]: a reference
	opAddr                    // &args[0]: a pointer
	opMember                  // args[0] and member n
	opIndex                   // args[0][args[1]]
	opSwizzle                 // args[0] and the components swz
	opUnary                   // name args[0]
	opBinary                  // args[0] name args[1]
	opCall                    // fn(args)
	opBuiltin                 // bi(args)
	opConstruct               // t(args), the zero value without args
)

// stage says when an expression has a value.
type stage uint8

const (
	stConst stage = iota
	stOverride
	stRuntime
)

type expr struct {
	op    exprOp
	pos   syntax.Pos
	t     *typ // of the value; of a reference, the type it stores
	stage stage
	val   *value // if stage is stConst and ref is not set

	// A reference to memory: its address space, access mode and the variable it leads to (nil by way of a pointer
	// parameter, then root is that parameter).
	ref    bool
	space  space
	access access
	root   *variable

	args []*expr
	name string
	decl *variable
	fn   *function
	bi   *builtin
	n    int
	swz  []int
}

// variable is anything that has a value and a name.
type variable struct {
	kind   syntax.VarKind // KindLet for a parameter, with param set
	name   string
	pos    syntax.Pos
	t      *typ
	space  space
	access access
	init   *expr
	val    *value // const
	root   *variable
	param  bool
	module bool
	nparam int // index among the function's parameters

	group, binding uint32  // of a resource
	id             int     // of an override, -1 without @id
	io             ioAttr  // of an entry point's parameter
	order          int     // place in its function, for the rule about continue
	dyn            dynamic // of a var or a pointer parameter
}

// ioAttr is what @builtin says of an entry point's parameter or a structure's member.
type ioAttr struct {
	builtin string
	pos     syntax.Pos
}

type function struct {
	name    string
	pos     syntax.Pos
	syn     *syntax.Func
	params  []*variable
	result  *typ // tVoid for none
	body    []stmt
	end     syntax.Pos
	entry   bool
	must    bool // @must_use
	size    [3]*expr
	calls   []callSite
	effects effects
	uses    map[*variable]bool // module variables and overrides, directly
	all     map[*variable]bool // with those of the functions it calls
	state   int
	sum     *summary
	locals  int
	returns int  // return statements in the body
	faulty  bool // some statement could not be checked
}

type callSite struct {
	fn   *function
	pos  syntax.Pos
	args []*expr
}

// effects are the variables a function reads and writes, pointer parameters standing for what they point to.
type effects struct{ reads, writes map[*variable]bool }

func (e *effects) read(v *variable) {
	if e.reads == nil {
		e.reads = map[*variable]bool{}
	}
	e.reads[v] = true
}

func (e *effects) write(v *variable) {
	if e.writes == nil {
		e.writes = map[*variable]bool{}
	}
	e.writes[v] = true
}

type stmt interface{}

type (
	sBlock struct{ list []stmt }
	sVar   struct{ v *variable }
	// sAssign is x op= y, op empty for a plain assignment. y is a value of the type the operator wants.
	sAssign struct {
		pos  syntax.Pos
		op   string
		x, y *expr
		t    *typ // type of the operator's result, before it is stored
	}
	sEval struct{ x *expr } // a call, or what a phony assignment evaluates
	sIf   struct {
		pos       syntax.Pos
		cond      *expr
		then, els []stmt
	}
	sSwitch struct {
		pos   syntax.Pos
		sel   *expr
		cases []sCase
	}
	sCase struct {
		vals []*expr
		def  bool
		body []stmt
	}
	// sLoop is every kind of loop. cond, if not nil, is tested before body; cont and breakIf come after it.
	sLoop struct {
		pos     syntax.Pos
		init    []stmt
		cond    *expr
		body    []stmt
		cont    []stmt
		breakIf *expr
	}
	sBreak    struct{ pos syntax.Pos }
	sContinue struct{ pos syntax.Pos }
	sReturn   struct {
		pos syntax.Pos
		x   *expr
	}
)

// evalExpr gives the value of a const- or override-expression; env gives the values of overrides.
func evalExpr(e *expr, env map[*variable]*value) (*value, error) {
	if e.val != nil {
		return e.val, nil
	}
	if e.op == opVar {
		if v := env[e.decl]; v != nil {
			return v, nil
		}
		return nil, fmt.Errorf("%q has no value here", e.decl.name)
	}
	args := make([]*value, len(e.args))
	for i, a := range e.args {
		v, err := evalExpr(a, env)
		if err != nil {
			return nil, err
		}
		args[i] = v
		if e.op == opBinary && i == 0 && (e.name == "&&" && v.i == 0 || e.name == "||" && v.i != 0) {
			return v, nil
		}
	}
	v, err := applyConst(e, args)
	if err != nil {
		return nil, syntax.Error{Line: e.pos.Line, Col: e.pos.Col, Msg: err.Error()}
	}
	return v, nil
}

// applyConst evaluates one node whose operands are known.
func applyConst(e *expr, a []*value) (*value, error) {
	switch e.op {
	case opMember:
		return a[0].e[e.n], nil
	case opIndex:
		if i := a[1].i; i < 0 || i >= int64(len(a[0].e)) {
			return nil, fmt.Errorf("index %d is out of bounds of %s", i, a[0].t)
		} else {
			return a[0].e[i], nil
		}
	case opSwizzle:
		if len(e.swz) == 1 {
			return a[0].e[e.swz[0]], nil
		}
		v := &value{t: e.t}
		for _, i := range e.swz {
			v.e = append(v.e, a[0].e[i])
		}
		return v, nil
	case opUnary:
		return evalUnary(e.name, e.t, a[0])
	case opBinary:
		return evalBinary(e.name, e.t, a[0], a[1])
	case opBuiltin:
		return evalBuiltin(e, a)
	case opConstruct:
		return evalConstruct(e.t, a)
	}
	return nil, fmt.Errorf("this is not a constant expression")
}

// evalConstruct makes a value of type t. Scalars are converted as an explicit conversion does.
func evalConstruct(t *typ, a []*value) (*value, error) {
	if t.leaves() > maxConstLeaves {
		return nil, fmt.Errorf("a constant of type %s has %d components, at most %d are allowed", t, t.leaves(), maxConstLeaves)
	}
	if len(a) == 0 {
		return zeroValue(t), nil
	}
	switch t.kind {
	case kVec, kMat:
		var flat []*value
		for _, v := range a {
			flat = v.flatten(flat)
		}
		out := make([]*value, 0, t.leaves())
		for i := range int(t.leaves()) {
			v := flat[0]
			if len(flat) > 1 {
				v = flat[i]
			}
			c, err := convertScalar(t.elem, v)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
		v, _ := unflatten(t, out)
		return v, nil
	case kArray, kStruct:
		return &value{t: t, e: a}, nil
	}
	if a[0].t == t || len(a[0].e) > 0 {
		return a[0], nil
	}
	return convertScalar(t, a[0])
}

// convertScalar is the explicit conversion of a constant scalar (WGSL section 15.7.6). Values of a const-expression
// that do not fit are errors only where they come from an abstract number.
func convertScalar(t *typ, v *value) (*value, error) {
	if v.t == t {
		return v, nil
	}
	if v.t.isAbstract() && conversionRank(v.t, t) >= 0 {
		return v.convert(t)
	}
	switch {
	case t.kind == kBool:
		return boolValue(v.i != 0 || v.f != 0), nil
	case t.isFloat():
		if v.t.isFloat() {
			return roundF32(t, v.f, fmt.Sprint(v.f))
		}
		return floatValue(t, float64(float32(v.i))), nil
	case v.t.kind == kAFloat:
		// To an integer: truncate and saturate.
		f := v.f
		lo, hi := -2147483648.0, 2147483647.0
		if t.kind == kU32 {
			lo, hi = 0, 4294967295
		}
		return intValue(t, int64(max(lo, min(hi, f)))), nil
	case v.t.kind == kF32:
		op := ir.OpFToS
		if t.kind == kU32 {
			op = ir.OpFToU
		}
		return fromBits(t, ir.Eval(op, v.bits(), 0, 0)), nil
	}
	return fromBits(t, uint32(v.i)), nil // bool, i32 and u32 among each other
}
