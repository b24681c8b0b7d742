package profile

import (
	"fmt"
	"math"
	"math/bits"
)

// Evaluation of operators on constants. Abstract integers are 64 bits wide and must not overflow; concrete ones wrap.
// Abstract floats are binary64, f32 is rounded after each operation, and neither may become infinite or a NaN (WGSL
// sections 8.7 and 15.7).

func overflow(a *value, op string, b *value) error {
	return fmt.Errorf("%q overflows %s: %s %s %s", op, a.t, a, op, b)
}

func evalUnary(op string, t *typ, x *value) (*value, error) {
	if len(x.e) > 0 {
		out := &value{t: t, e: make([]*value, len(x.e))}
		for i, e := range x.e {
			v, err := evalUnary(op, t.child(i), e)
			if err != nil {
				return nil, err
			}
			out.e[i] = v
		}
		return out, nil
	}
	switch op {
	case "-":
		switch {
		case t.isFloat():
			return floatValue(t, -x.f), nil
		case t.kind == kI32:
			return intValue(t, int64(int32(-x.i))), nil
		}
		return intValue(t, -x.i), nil
	case "~":
		if t.kind == kU32 {
			return intValue(t, int64(^uint32(x.i))), nil
		}
		return intValue(t, ^x.i), nil
	}
	return intValue(t, x.i^1), nil // !
}

// evalBinary applies op to two constants whose types the checker has matched; t is the type of the result.
func evalBinary(op string, t *typ, x, y *value) (*value, error) {
	if t.kind == kMat || x.t.kind == kMat && t.kind == kVec || y.t.kind == kMat && t.kind == kVec {
		return evalMatrix(op, t, x, y)
	}
	if t.kind == kVec {
		out := &value{t: t, e: make([]*value, t.n)}
		for i := range out.e {
			a, b := x, y
			if x.t.kind == kVec {
				a = x.e[i]
			}
			if y.t.kind == kVec {
				b = y.e[i]
			}
			v, err := evalBinary(op, t.elem, a, b)
			if err != nil {
				return nil, err
			}
			out.e[i] = v
		}
		return out, nil
	}
	switch op {
	case "==", "!=", "<", "<=", ">", ">=":
		var c int
		switch {
		case x.t.isFloat() && x.f < y.f, !x.t.isFloat() && x.i < y.i:
			c = -1
		case x.t.isFloat() && x.f > y.f, !x.t.isFloat() && x.i > y.i:
			c = 1
		}
		return boolValue(map[string]bool{"==": c == 0, "!=": c != 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[op]), nil
	case "&&":
		return boolValue(x.i&y.i != 0), nil
	case "||":
		return boolValue(x.i|y.i != 0), nil
	case "<<", ">>":
		return evalShift(op, t, x, y)
	case "&":
		return intValue(t, x.i&y.i), nil
	case "|":
		return intValue(t, x.i|y.i), nil
	case "^":
		return intValue(t, x.i^y.i), nil
	}
	if t.isFloat() {
		return evalFloat(op, t, x, y)
	}
	return evalInt(op, t, x, y)
}

func evalFloat(op string, t *typ, x, y *value) (*value, error) {
	var r float64
	switch op {
	case "+":
		r = x.f + y.f
	case "-":
		r = x.f - y.f
	case "*":
		r = x.f * y.f
	case "/":
		r = x.f / y.f
	case "%":
		r = math.NaN()
		if y.f != 0 {
			if t.kind == kF32 {
				// The chain of gw1 operations that % stands for at run time.
				q := float32(math.Trunc(float64(float32(x.f / y.f))))
				p := float32(float64(y.f) * float64(q))
				r = x.f - float64(p)
			} else {
				r = math.Mod(x.f, y.f) // exact
			}
		}
	}
	if t.kind == kF32 {
		r = float64(float32(r))
	}
	if math.IsInf(r, 0) || math.IsNaN(r) {
		return nil, overflow(x, op, y)
	}
	return floatValue(t, r), nil
}

func evalInt(op string, t *typ, x, y *value) (*value, error) {
	a, b := x.i, y.i
	if (op == "/" || op == "%") && b == 0 {
		return nil, fmt.Errorf("integer division by zero: %d %s 0", a, op)
	}
	lo := int64(math.MinInt64)
	if t.kind == kI32 {
		lo = math.MinInt32
	}
	if (op == "/" || op == "%") && b == -1 && a == lo && t.kind != kU32 {
		return nil, overflow(x, op, y)
	}
	var r int64
	ok := true
	switch op {
	case "+":
		r = a + b
		ok = (r > a) == (b > 0) || b == 0
	case "-":
		r = a - b
		ok = (r < a) == (b > 0) || b == 0
	case "*":
		hi, l := bits.Mul64(abs64(a), abs64(b))
		r = a * b
		neg := (a < 0) != (b < 0)
		ok = hi == 0 && (l <= math.MaxInt64 || neg && l == 1<<63)
	case "/":
		r = a / b
	case "%":
		r = a % b
	}
	switch t.kind {
	case kI32:
		return intValue(t, int64(int32(r))), nil
	case kU32:
		return intValue(t, int64(uint32(r))), nil
	}
	if !ok {
		return nil, overflow(x, op, y)
	}
	return intValue(t, r), nil
}

func abs64(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// evalShift follows WGSL section 8.9: a constant shift must not lose bits or change a sign.
func evalShift(op string, t *typ, x, y *value) (*value, error) {
	n := y.i
	if t.kind != kAInt && n >= 32 {
		return nil, fmt.Errorf("shift by %d, but %s has 32 bits", n, t)
	}
	if op == ">>" {
		return intValue(t, x.i>>min(n, 63)), nil
	}
	switch t.kind {
	case kU32:
		if bits.LeadingZeros32(uint32(x.i)) < int(n) && x.i != 0 {
			return nil, overflow(x, op, y)
		}
		return intValue(t, int64(uint32(x.i)<<n)), nil
	case kI32:
		r := int32(x.i) << n
		if r>>n != int32(x.i) {
			return nil, overflow(x, op, y)
		}
		return intValue(t, int64(r)), nil
	}
	if x.i == 0 {
		return x, nil
	}
	if n >= 64 || x.i<<n>>n != x.i {
		return nil, overflow(x, op, y)
	}
	return intValue(t, x.i<<n), nil
}

// evalMatrix does the operators that have a matrix among their operands, with sums from left to right.
func evalMatrix(op string, t *typ, x, y *value) (*value, error) {
	s := t.elem
	dot := func(n int, a, b func(int) *value) (*value, error) {
		var sum *value
		for k := range n {
			p, err := evalFloat("*", s, a(k), b(k))
			if err == nil && sum != nil {
				p, err = evalFloat("+", s, sum, p)
			}
			if err != nil {
				return nil, err
			}
			sum = p
		}
		return sum, nil
	}
	column := func(vec *value) (*value, error) { // x * vec
		out := &value{t: vecOf(s, x.t.rows)}
		for r := range x.t.rows {
			v, err := dot(x.t.n, func(k int) *value { return x.e[k].e[r] }, func(k int) *value { return vec.e[k] })
			if err != nil {
				return nil, err
			}
			out.e = append(out.e, v)
		}
		return out, nil
	}
	out := &value{t: t}
	switch {
	case op == "*" && x.t.kind == kMat && y.t.kind == kVec:
		return column(y)
	case op == "*" && x.t.kind == kVec && y.t.kind == kMat:
		for _, c := range y.e {
			v, err := dot(len(x.e), func(k int) *value { return x.e[k] }, func(k int) *value { return c.e[k] })
			if err != nil {
				return nil, err
			}
			out.e = append(out.e, v)
		}
		return out, nil
	case op == "*" && x.t.kind == kMat && y.t.kind == kMat:
		for _, c := range y.e {
			v, err := column(c)
			if err != nil {
				return nil, err
			}
			out.e = append(out.e, v)
		}
		return out, nil
	}
	for i := range t.n {
		a, b := x, y
		if x.t.kind == kMat {
			a = x.e[i]
		}
		if y.t.kind == kMat {
			b = y.e[i]
		}
		v, err := evalBinary(op, t.column(), a, b)
		if err != nil {
			return nil, err
		}
		out.e = append(out.e, v)
	}
	return out, nil
}
