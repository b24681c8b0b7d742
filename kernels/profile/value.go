package profile

import (
	"fmt"
	"math"

	"github.com/gwrun/gwrun/kernels/ir"
)

// value is the value of a const-expression.
type value struct {
	t *typ
	i int64   // integers, and 0 or 1 for bool
	f float64 // floats; an f32 holds a value that is exact in binary32
	e []*value
}

func intValue(t *typ, i int64) *value { return &value{t: t, i: i} }

func floatValue(t *typ, f float64) *value { return &value{t: t, f: f} }

func boolValue(b bool) *value {
	if b {
		return &value{t: tBool, i: 1}
	}
	return &value{t: tBool}
}

// maxConstLeaves bounds the scalars in one constant, so that no text makes us build an enormous one.
const maxConstLeaves = 1 << 16

// maxConstWork bounds the scalars in all the constants that one text constructs or converts.
const maxConstWork = 1 << 22

// zeroValue is the zero value of a constructible type of fixed size.
func zeroValue(t *typ) *value {
	v := &value{t: t}
	if n := t.children(); n > 0 {
		v.e = make([]*value, n)
		if t.kind != kStruct {
			z := zeroValue(t.child(0))
			for i := range v.e {
				v.e[i] = z
			}
			return v
		}
		for i := range v.e {
			v.e[i] = zeroValue(t.child(i))
		}
	}
	return v
}

// bits is the pattern of a concrete scalar in a 32-bit word.
func (v *value) bits() uint32 {
	if v.t.kind == kF32 {
		return math.Float32bits(float32(v.f))
	}
	return uint32(v.i)
}

// fromBits is the concrete scalar of type t that has the pattern b.
func fromBits(t *typ, b uint32) *value {
	switch t.kind {
	case kF32:
		return floatValue(t, float64(math.Float32frombits(b)))
	case kI32:
		return intValue(t, int64(int32(b)))
	}
	return intValue(t, int64(b))
}

func irType(t *typ) ir.Type {
	switch t.kind {
	case kBool:
		return ir.Bool
	case kF32, kAFloat:
		return ir.F32
	}
	return ir.I32
}

func (v *value) String() string {
	switch {
	case v.t.kind == kBool:
		return fmt.Sprint(v.i != 0)
	case v.t.isInteger():
		return fmt.Sprint(v.i)
	case v.t.isFloat():
		return fmt.Sprint(v.f)
	}
	return v.t.String() + " value"
}

// convert gives v as type t, which conversionRank says is possible; the error says what does not fit.
func (v *value) convert(t *typ) (*value, error) {
	if v.t == t {
		return v, nil
	}
	if len(v.e) > 0 {
		out := &value{t: t, e: make([]*value, len(v.e))}
		for i, e := range v.e {
			c, err := e.convert(t.child(i))
			if err != nil {
				return nil, err
			}
			out.e[i] = c
		}
		return out, nil
	}
	switch {
	case t.kind == kAFloat:
		return floatValue(t, float64(v.i)), nil
	case t.kind == kF32:
		if v.t.kind == kAInt {
			// Round the integer once, not by way of binary64.
			return roundF32(t, float64(float32(v.i)), fmt.Sprint(v.i))
		}
		return roundF32(t, v.f, fmt.Sprint(v.f))
	case t.kind == kI32 && (v.i < math.MinInt32 || v.i > math.MaxInt32), t.kind == kU32 && (v.i < 0 || v.i > math.MaxUint32):
		return nil, fmt.Errorf("value %d cannot be represented as %s", v.i, t)
	}
	return intValue(t, v.i), nil
}

// roundF32 rounds f to binary32 and refuses what overflows (WGSL section 15.7.6).
func roundF32(t *typ, f float64, text string) (*value, error) {
	r := float64(float32(f))
	if math.Abs(f) > math.MaxFloat32 || math.IsNaN(r) { // also what would round down to the largest f32
		return nil, fmt.Errorf("value %s cannot be represented as f32", text)
	}
	return floatValue(t, r), nil
}

// flatten appends the scalars of v in order.
func (v *value) flatten(out []*value) []*value {
	if v.t.children() == 0 {
		return append(out, v)
	}
	for _, e := range v.e {
		out = e.flatten(out)
	}
	return out
}

// unflatten builds a value of type t from scalars.
func unflatten(t *typ, s []*value) (*value, []*value) {
	n := t.children()
	if n == 0 {
		return s[0], s[1:]
	}
	v := &value{t: t, e: make([]*value, n)}
	for i := range v.e {
		v.e[i], s = unflatten(t.child(i), s)
	}
	return v, s
}
