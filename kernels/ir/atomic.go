package ir

// EvalAtomic computes what an atomic operation with value v leaves in a word that held old.
func EvalAtomic(op AtomicOp, old, v uint32) uint32 {
	switch op {
	case AtomicAdd:
		return old + v
	case AtomicSub:
		return old - v
	case AtomicAnd:
		return old & v
	case AtomicOr:
		return old | v
	case AtomicXor:
		return old ^ v
	case AtomicSMin:
		return Eval(OpSMin, old, v, 0)
	case AtomicSMax:
		return Eval(OpSMax, old, v, 0)
	case AtomicUMin:
		return min(old, v)
	case AtomicUMax:
		return max(old, v)
	case AtomicLoad:
		return old
	}
	return v
}
