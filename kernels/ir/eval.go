package ir

import (
	"math"
	"math/bits"

	"github.com/gwrun/gwrun/kernels/f32"
)

// NaN is the one NaN that arithmetic makes.
const NaN = 0x7fc00000

// Eval computes a pure scalar operator on bit patterns: operands and result are I32 or F32 bits, or 0 and 1 for Bool.
// It is the definition of the operator in Go: the interpreter and constant folding both use it. It panics on an op
// that is not a pure scalar operator (see IsPure).
func Eval(op Op, a, b, c uint32) uint32 {
	switch op {
	case OpIAdd:
		return a + b
	case OpISub:
		return a - b
	case OpIMul:
		return a * b
	case OpSDiv:
		switch {
		case b == 0:
			return a
		case a == 1<<31 && b == math.MaxUint32:
			return a
		}
		return uint32(int32(a) / int32(b))
	case OpUDiv:
		if b == 0 {
			return a
		}
		return a / b
	case OpSRem:
		if b == 0 || b == math.MaxUint32 {
			return 0
		}
		return uint32(int32(a) % int32(b))
	case OpURem:
		if b == 0 {
			return 0
		}
		return a % b
	case OpAnd, OpBAnd:
		return a & b
	case OpOr, OpBOr:
		return a | b
	case OpXor:
		return a ^ b
	case OpNot:
		return ^a
	case OpBNot:
		return a ^ 1
	case OpShl:
		return a << (b & 31)
	case OpShrU:
		return a >> (b & 31)
	case OpShrS:
		return uint32(int32(a) >> (b & 31))
	case OpSMin:
		return uint32(min(int32(a), int32(b)))
	case OpSMax:
		return uint32(max(int32(a), int32(b)))
	case OpUMin:
		return min(a, b)
	case OpUMax:
		return max(a, b)
	case OpClz:
		return uint32(bits.LeadingZeros32(a))
	case OpCtz:
		return uint32(bits.TrailingZeros32(a))
	case OpPopcnt:
		return uint32(bits.OnesCount32(a))
	case OpReverseBits:
		return bits.Reverse32(a)
	case OpIEq:
		return flag(a == b)
	case OpINe:
		return flag(a != b)
	case OpSLt:
		return flag(int32(a) < int32(b))
	case OpSLe:
		return flag(int32(a) <= int32(b))
	case OpULt:
		return flag(a < b)
	case OpULe:
		return flag(a <= b)
	case OpFNeg:
		return a ^ 1<<31
	case OpFAbs:
		return a &^ (1 << 31)
	case OpFToS:
		return ftos(from(a))
	case OpFToU:
		return ftou(from(a))
	case OpSToF:
		return math.Float32bits(float32(int32(a)))
	case OpUToF:
		return math.Float32bits(float32(a))
	case OpBToI, OpBitcast:
		return a
	case OpSelect:
		if a != 0 {
			return b
		}
		return c
	case OpFEq:
		return flag(from(a) == from(b))
	case OpFNe:
		return flag(from(a) != from(b))
	case OpFLt:
		return flag(from(a) < from(b))
	case OpFLe:
		return flag(from(a) <= from(b))
	}
	x, y, z := from(a), from(b), from(c)
	var r float32
	switch op {
	case OpFAdd:
		r = float32(x + y)
	case OpFSub:
		r = float32(x - y)
	case OpFMul:
		r = float32(x * y)
	case OpFDiv:
		r = float32(x / y)
	case OpFSqrt:
		r = float32(math.Sqrt(float64(x))) // exact: binary64 has more than 2*24+2 bits
	case OpFFma:
		r = f32.Fma(x, y, z)
	case OpFMin, OpFMax:
		return fminmax(op == OpFMin, a, b)
	case OpFFloor:
		r = float32(math.Floor(float64(x)))
	case OpFCeil:
		r = float32(math.Ceil(float64(x)))
	case OpFTrunc:
		r = float32(math.Trunc(float64(x)))
	case OpFRound:
		r = float32(math.RoundToEven(float64(x)))
	case OpFExp:
		r = f32.Exp(x)
	case OpFExp2:
		r = f32.Exp2(x)
	case OpFLog:
		r = f32.Log(x)
	case OpFLog2:
		r = f32.Log2(x)
	case OpFSin:
		r = f32.Sin(x)
	case OpFCos:
		r = f32.Cos(x)
	case OpFTan:
		r = f32.Tan(x)
	case OpFTanh:
		r = f32.Tanh(x)
	case OpFAsin:
		r = f32.Asin(x)
	case OpFAcos:
		r = f32.Acos(x)
	case OpFAtan:
		r = f32.Atan(x)
	case OpFSinh:
		r = f32.Sinh(x)
	case OpFCosh:
		r = f32.Cosh(x)
	case OpFAsinh:
		r = f32.Asinh(x)
	case OpFAcosh:
		r = f32.Acosh(x)
	case OpFAtanh:
		r = f32.Atanh(x)
	case OpFInvSqrt:
		r = f32.InvSqrt(x)
	default:
		panic("ir: Eval of " + op.String())
	}
	return canon(r)
}

// IsPure reports whether op is a scalar operator that Eval can compute.
func IsPure(op Op) bool { return op >= OpIAdd && op <= OpSelect }

func from(b uint32) float32 { return math.Float32frombits(b) }

func canon(f float32) uint32 {
	if f != f {
		return NaN
	}
	return math.Float32bits(f)
}

func flag(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func ftos(f float32) uint32 {
	switch {
	case f != f:
		return 0
	case f >= 1<<31:
		return math.MaxInt32
	case f < -1<<31:
		return 1 << 31
	}
	return uint32(int32(f))
}

func ftou(f float32) uint32 {
	switch {
	case !(f > 0): // NaN too
		return 0
	case f >= 1<<32:
		return math.MaxUint32
	}
	return uint32(f)
}

func isNaN(b uint32) bool { return b&0x7fffffff > 0x7f800000 }

// fminmax orders by the sign-magnitude bits, so that -0 is below +0 and nothing is rounded or flushed.
func fminmax(isMin bool, a, b uint32) uint32 {
	switch {
	case isNaN(a) && isNaN(b):
		return NaN
	case isNaN(a):
		return b
	case isNaN(b):
		return a
	}
	if (order(a) < order(b)) == isMin {
		return a
	}
	return b
}

func order(b uint32) uint32 {
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}
