package ir

// sig describes an operator: its name, operand types and result. Operators with irregular operands have args nil and
// are checked by hand in Verify.
type sig struct {
	name   string
	args   string // one letter an operand: b, i, f; "" with irregular
	result Type
	cost   uint32
	irr    bool
}

// Costs are in units of one simple scalar operation. They are part of the gas table: changing one changes GasID.
const (
	costSimple    = 1
	costMul       = 1
	costDiv       = 8
	costTranscend = 24
	costMemory    = 4
	costAtomic    = 16
	costBarrier   = 16
)

// GasID names this table of costs and the front end's way of turning source into instructions.
const GasID = "gk2"

var sigs = [NumOps]sig{
	OpConst: {name: "const", irr: true},
	OpInput: {name: "input", result: I32, cost: 0},

	OpIAdd: {"iadd", "ii", I32, costSimple, false}, OpISub: {"isub", "ii", I32, costSimple, false},
	OpIMul: {"imul", "ii", I32, costMul, false}, OpSDiv: {"sdiv", "ii", I32, costDiv, false},
	OpUDiv: {"udiv", "ii", I32, costDiv, false}, OpSRem: {"srem", "ii", I32, costDiv, false},
	OpURem: {"urem", "ii", I32, costDiv, false}, OpAnd: {"and", "ii", I32, costSimple, false},
	OpOr: {"or", "ii", I32, costSimple, false}, OpXor: {"xor", "ii", I32, costSimple, false},
	OpNot: {"not", "i", I32, costSimple, false}, OpShl: {"shl", "ii", I32, costSimple, false},
	OpShrU: {"shru", "ii", I32, costSimple, false}, OpShrS: {"shrs", "ii", I32, costSimple, false},
	OpSMin: {"smin", "ii", I32, costSimple, false}, OpSMax: {"smax", "ii", I32, costSimple, false},
	OpUMin: {"umin", "ii", I32, costSimple, false}, OpUMax: {"umax", "ii", I32, costSimple, false},
	OpClz: {"clz", "i", I32, costSimple, false}, OpCtz: {"ctz", "i", I32, costSimple, false},
	OpPopcnt: {"popcnt", "i", I32, costSimple, false}, OpReverseBits: {"revbits", "i", I32, costSimple, false},

	OpIEq: {name: "ieq", result: Bool, cost: costSimple, irr: true},
	OpINe: {name: "ine", result: Bool, cost: costSimple, irr: true},
	OpSLt: {"slt", "ii", Bool, costSimple, false}, OpSLe: {"sle", "ii", Bool, costSimple, false},
	OpULt: {"ult", "ii", Bool, costSimple, false}, OpULe: {"ule", "ii", Bool, costSimple, false},

	OpBAnd: {"band", "bb", Bool, costSimple, false}, OpBOr: {"bor", "bb", Bool, costSimple, false},
	OpBNot: {"bnot", "b", Bool, costSimple, false},

	OpFAdd: {"fadd", "ff", F32, costSimple, false}, OpFSub: {"fsub", "ff", F32, costSimple, false},
	OpFMul: {"fmul", "ff", F32, costMul, false}, OpFDiv: {"fdiv", "ff", F32, costDiv, false},
	OpFSqrt: {"fsqrt", "f", F32, costDiv, false}, OpFFma: {"ffma", "fff", F32, costDiv, false},
	OpFNeg: {"fneg", "f", F32, costSimple, false}, OpFAbs: {"fabs", "f", F32, costSimple, false},
	OpFMin: {"fmin", "ff", F32, costSimple, false}, OpFMax: {"fmax", "ff", F32, costSimple, false},
	OpFFloor: {"ffloor", "f", F32, costSimple, false}, OpFCeil: {"fceil", "f", F32, costSimple, false},
	OpFTrunc: {"ftrunc", "f", F32, costSimple, false}, OpFRound: {"fround", "f", F32, costSimple, false},

	OpFExp: {"fexp", "f", F32, costTranscend, false}, OpFExp2: {"fexp2", "f", F32, costTranscend, false},
	OpFLog: {"flog", "f", F32, costTranscend, false}, OpFLog2: {"flog2", "f", F32, costTranscend, false},
	OpFSin: {"fsin", "f", F32, costTranscend, false}, OpFCos: {"fcos", "f", F32, costTranscend, false},
	OpFTan: {"ftan", "f", F32, costTranscend, false}, OpFTanh: {"ftanh", "f", F32, costTranscend, false},
	OpFAsin: {"fasin", "f", F32, costTranscend, false}, OpFAcos: {"facos", "f", F32, costTranscend, false},
	OpFAtan: {"fatan", "f", F32, costTranscend, false}, OpFSinh: {"fsinh", "f", F32, costTranscend, false},
	OpFCosh: {"fcosh", "f", F32, costTranscend, false}, OpFAsinh: {"fasinh", "f", F32, costTranscend, false},
	OpFAcosh: {"facosh", "f", F32, costTranscend, false}, OpFAtanh: {"fatanh", "f", F32, costTranscend, false},
	OpFInvSqrt: {"finvsqrt", "f", F32, costTranscend, false},

	OpFEq: {"feq", "ff", Bool, costSimple, false}, OpFNe: {"fne", "ff", Bool, costSimple, false},
	OpFLt: {"flt", "ff", Bool, costSimple, false}, OpFLe: {"fle", "ff", Bool, costSimple, false},

	OpSToF: {"stof", "i", F32, costSimple, false}, OpUToF: {"utof", "i", F32, costSimple, false},
	OpFToS: {"ftos", "f", I32, costSimple, false}, OpFToU: {"ftou", "f", I32, costSimple, false},
	OpBToI:    {"btoi", "b", I32, costSimple, false},
	OpBitcast: {name: "bitcast", irr: true},
	OpSelect:  {name: "select", cost: costSimple, irr: true},

	OpLoad:        {name: "load", cost: costMemory, irr: true},
	OpStore:       {name: "store", cost: costMemory, irr: true},
	OpZero:        {name: "zero", irr: true},
	OpBufferWords: {name: "words", result: I32},
	OpAtomic:      {name: "atomic", cost: costAtomic, irr: true},
	OpBarrier:     {name: "barrier", cost: costBarrier},

	OpIf: {name: "if", cost: costSimple, irr: true}, OpLoop: {name: "loop", cost: costSimple, irr: true},
	OpBlock: {name: "block", irr: true}, OpExit: {name: "exit", irr: true},
	OpContinue: {name: "continue", irr: true}, OpReturn: {name: "return"},
}

func (op Op) String() string {
	if op < NumOps && sigs[op].name != "" {
		return sigs[op].name
	}
	return "op?"
}

// Cost is what executing the instruction once adds to the gas of its invocation. Scalar private variables are
// registers and cost nothing to read or write; zeroing an array costs a unit for every four words.
func Cost(i *Inst) uint32 {
	switch i.Op {
	case OpLoad, OpStore:
		if i.Var != nil && i.Var.Space == Private && i.Var.Len == 1 {
			return 0
		}
	case OpZero:
		return (i.Var.Len + 3) / 4
	}
	return sigs[i.Op].cost
}
