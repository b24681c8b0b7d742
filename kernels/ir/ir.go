// Package ir is the typed intermediate representation of one compute kernel.
//
// It is the single meaning that every printer must reproduce: kernels/cpu prints it as WebAssembly, kernels/lower as
// canonical WGSL, and kernels/ir/interp runs it directly (slowly, for tests and disputes). Nothing
// in it is WGSL-shaped: the front end (kernels/profile) has already inlined every call, resolved every override,
// evaluated every constant expression and split vectors, matrices and structs into scalars. What is left is scalar
// values in single-assignment form inside structured control flow.
//
// # Values
//
// There are three types: Bool, I32 (32 bits without a sign; signed operations say so in their name) and F32 (IEEE-754
// binary32). Every operator is the gw1 operator: rounds once to nearest even, keeps subnormals and -0, and any NaN an
// arithmetic operator makes is 0x7fc00000. Operators that only move bits (FNeg, FAbs, Select, Load, Store, Bitcast)
// keep the bits of a NaN they are given.
//
// # Memory
//
// Memory is addressed in 32-bit words. A Binding (storage or uniform buffer) is a run of words whose length is known
// only when it is bound; a Var is a private or workgroup run of Len words of one type. Load, Store and the atomics
// take a word index and an optional Bool "ok" operand: where ok is false a load gives zero and a store or atomic does
// nothing. An access without ok has been proven in bounds by the front end. Private and workgroup variables start at
// zero, private ones at each invocation, workgroup ones at each workgroup.
//
// # Control
//
// If, Loop and Block hold regions. Exit leaves an enclosing Loop or Block, Continue goes to the continuing region of an
// enclosing Loop, Return ends the invocation. Nothing follows one of those three in its region. A value may be used
// later in the region that defines it and in regions nested there; a value defined directly in a loop's body may also
// be used in that loop's continuing region (and by its BreakIf).
//
// # Gas
//
// Executing an instruction costs Cost(inst); a Loop also costs its Cost again at the start of every iteration after
// the first. The gas of a dispatch is the sum over all its invocations, which is why it is the same in any order.
package ir

// Type is the type of a value.
type Type uint8

const (
	Void Type = iota // no result
	Bool
	I32
	F32
)

func (t Type) String() string { return [...]string{"void", "bool", "i32", "f32"}[t] }

// Pos is a place in the WGSL source: line and column count from 1, columns in bytes; the zero Pos is unknown.
type Pos struct{ Line, Col int }

// Op says what an instruction does.
type Op uint8

const (
	OpInvalid Op = iota

	// OpConst is a constant: Bits holds it (0 or 1 for Bool).
	OpConst
	// OpInput reads one of the invocation's built-in inputs, named by Input.
	OpInput

	// Integer operators, I32 operands and result. They wrap; shift counts are taken modulo 32; x/0 = x, x%0 = 0,
	// MIN/-1 = MIN, MIN%-1 = 0.
	OpIAdd
	OpISub
	OpIMul
	OpSDiv
	OpUDiv
	OpSRem
	OpURem
	OpAnd
	OpOr
	OpXor
	OpNot
	OpShl
	OpShrU
	OpShrS
	OpSMin
	OpSMax
	OpUMin
	OpUMax
	OpClz // 32 for zero
	OpCtz // 32 for zero
	OpPopcnt
	OpReverseBits

	// Integer comparisons, I32 operands and Bool result. IEq and INe also take Bool operands.
	OpIEq
	OpINe
	OpSLt
	OpSLe
	OpULt
	OpULe

	// Bool operators (both operands are always evaluated; short circuit is an If).
	OpBAnd
	OpBOr
	OpBNot

	// Float operators, F32 operands and result.
	OpFAdd
	OpFSub
	OpFMul
	OpFDiv
	OpFSqrt
	OpFFma // a*b+c rounded once
	// OpFRem is WGSL's %: a - b*trunc(a/b), each step rounded. The front end emits it as that chain, never as an op.
	OpFNeg // flips the sign bit, of a NaN too
	OpFAbs // clears the sign bit, of a NaN too
	// OpFMin and OpFMax: if one operand is a NaN the result is the other one, if both are it is 0x7fc00000;
	// -0 is less than +0.
	OpFMin
	OpFMax
	OpFFloor
	OpFCeil
	OpFTrunc
	OpFRound // to nearest, ties to even; these four give 0x7fc00000 for a NaN and keep -0

	// Transcendental functions, F32 to F32, correctly rounded.
	OpFExp
	OpFExp2
	OpFLog
	OpFLog2
	OpFSin
	OpFCos
	OpFTan
	OpFTanh
	OpFAsin
	OpFAcos
	OpFAtan
	OpFSinh
	OpFCosh
	OpFAsinh
	OpFAcosh
	OpFAtanh
	OpFInvSqrt

	// Float comparisons, F32 operands and Bool result. A NaN compares unequal to everything; -0 equals +0.
	OpFEq
	OpFNe
	OpFLt
	OpFLe

	// Conversions.
	OpSToF    // I32 as signed to F32, round to nearest even
	OpUToF    // I32 as unsigned to F32, round to nearest even
	OpFToS    // F32 to I32 signed: truncates, saturates, NaN gives 0
	OpFToU    // F32 to I32 unsigned: truncates, saturates, NaN gives 0
	OpBToI    // Bool to I32, 0 or 1
	OpBitcast // I32 to F32 or F32 to I32, bits unchanged

	// OpSelect: Args are cond, then, else. Operands of any one type.
	OpSelect

	// OpLoad reads a word: Args are [index] or [index, ok]. Exactly one of Var and Binding (>= 0) says where. From a
	// binding the type may be I32 or F32; from a Var it is the Var's type.
	OpLoad
	// OpStore writes a word: Args are [index, value] or [index, value, ok].
	OpStore
	// OpZero sets every word of a private Var to zero (a var declared in a loop body starts anew each time).
	OpZero
	// OpBufferWords gives the length of a binding in whole 32-bit words.
	OpBufferWords
	// OpAtomic applies AtomicOp: Args are [index, value] or [index, value, ok]. It has no result except for
	// AtomicLoad, whose Args are [index] or [index, ok]. On a binding or a workgroup Var.
	OpAtomic
	// OpBarrier waits for all invocations of the workgroup and makes their earlier writes to workgroup and storage
	// memory visible. It stands only in uniform control flow.
	OpBarrier

	// Control.
	OpIf       // Args[0] cond; Then, Else (Else may be empty)
	OpLoop     // Then is the body, Else the continuing region; BreakIf may be nil
	OpBlock    // Then is run once; Exit may leave it
	OpExit     // leaves Target, an enclosing OpLoop or OpBlock
	OpContinue // goes to the continuing region of Target, an enclosing OpLoop
	OpReturn

	NumOps
)

// Input names a built-in input of an invocation.
type Input uint8

const (
	LocalX Input = iota // local_invocation_id
	LocalY
	LocalZ
	LocalIndex // local_invocation_index
	GlobalX    // global_invocation_id
	GlobalY
	GlobalZ
	GroupX // workgroup_id
	GroupY
	GroupZ
	NumGroupsX // num_workgroups
	NumGroupsY
	NumGroupsZ
	NumInputs
)

// AtomicOp is what an OpAtomic does to the word.
type AtomicOp uint8

const (
	AtomicAdd AtomicOp = iota
	AtomicSub
	AtomicAnd
	AtomicOr
	AtomicXor
	AtomicSMin
	AtomicSMax
	AtomicUMin
	AtomicUMax
	AtomicStore
	AtomicLoad
	NumAtomicOps
)

// Inst is an instruction and, if it has a type, the value it gives.
type Inst struct {
	Op   Op
	Type Type
	// ID numbers the instructions of a kernel densely from 0 in the order they stand (Kernel.Renumber sets it).
	ID   int
	Args []*Inst

	Bits    uint32   // OpConst
	Input   Input    // OpInput
	Atomic  AtomicOp // OpAtomic
	Var     *Var     // OpLoad, OpStore, OpZero, OpAtomic on a variable
	Binding int      // index into Kernel.Bindings for an access to a buffer; -1 otherwise
	Target  *Inst    // OpExit, OpContinue
	Then    Region
	Else    Region
	BreakIf *Inst // OpLoop: evaluated after the continuing region, true leaves the loop
	Pos     Pos
}

// Region is a list of instructions run in order.
type Region []*Inst

// Space says where a Var lives.
type Space uint8

const (
	Private   Space = iota // one copy an invocation
	Workgroup              // one copy a workgroup
)

// Var is a run of Len words in private or workgroup memory. Bool is allowed only for private variables of length 1.
type Var struct {
	Name  string // for people; not unique
	Space Space
	Type  Type
	Len   uint32
	ID    int // dense from 0 within the kernel, set by Renumber
}

// Access says what a kernel may do with a binding.
type Access uint8

const (
	Uniform   Access = iota // var<uniform>
	Read                    // var<storage, read>
	ReadWrite               // var<storage, read_write>
)

func (a Access) String() string { return [...]string{"uniform", "read", "read_write"}[a] }

// Binding is a buffer the kernel uses. Bindings are sorted by group, then binding number.
type Binding struct {
	Group, Binding uint32
	Name           string
	Access         Access
	MinBytes       uint64 // what WebGPU calls the minimum binding size
	Atomic         bool   // some OpAtomic touches it
}

// Kernel is one entry point, complete: no calls, no overrides, no types but scalars.
type Kernel struct {
	Name          string
	WorkgroupSize [3]uint32
	Bindings      []Binding
	Vars          []*Var
	Body          Region
	NumInsts      int // set by Renumber
}

// Invocations is the number of invocations in one workgroup.
func (k *Kernel) Invocations() int {
	return int(k.WorkgroupSize[0] * k.WorkgroupSize[1] * k.WorkgroupSize[2])
}

// HasBarrier reports whether any instruction of the kernel is a barrier.
func (k *Kernel) HasBarrier() bool {
	found := false
	k.Walk(func(i *Inst) {
		if i.Op == OpBarrier {
			found = true
		}
	})
	return found
}

// Walk calls f for every instruction in the order it stands.
func (k *Kernel) Walk(f func(*Inst)) { k.Body.walk(f) }

func (r Region) walk(f func(*Inst)) {
	for _, i := range r {
		f(i)
		i.Then.walk(f)
		i.Else.walk(f)
	}
}

// Renumber sets the IDs of instructions and variables, and NumInsts.
func (k *Kernel) Renumber() {
	n := 0
	k.Walk(func(i *Inst) { i.ID = n; n++ })
	k.NumInsts = n
	for i, v := range k.Vars {
		v.ID = i
	}
}
