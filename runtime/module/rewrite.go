package module

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// rewriter writes the bodies of an instrumented module.
//
// A body becomes
//
//	block $trap
//	  block $function (result ...)
//	    entry: pay the stack and the first segment, br_if $trap
//	    body: a branch to the function's label now goes to $function, return becomes one
//	  end
//	  write the gas counter, give the stack back
//	  return
//	end
//	unreachable
//
// so that every way out gives the stack back, and every check is one conditional branch to one place.
//
// The gas counter lives in a local beside the global. The global is written where others may read it (calls, the end) and
// where it is checked (loops, the entry of functions that call), and is read at the entry and behind calls.
type rewriter struct {
	m, out     *Module
	r          *reader
	an         *analysis
	gas, stack uint32 // global indices
	mark, stop uint32 // global indices, where there is a memory
	yield      uint32 // function index, 0 where there is no memory
	types      map[string]uint32
	refs       bool              // some function uses ref.func
	merges     int               // of all functions so far
	dataFlags  map[uint32]uint32 // flag global by data segment
	elemFlags  map[uint32]uint32

	// of the function at hand
	body    []byte
	depth   uint32   // open blocks inside $function
	labels  []uint32 // depth inside each open block of the guest, $function first
	apart   []bool   // whether a conditional branch to it is better written as an if; see branchIf
	opened  int      // blocks of the guest so far
	nlocals uint32
	scratch []ValType
	slots   [slotCount]uint32 // local index + 1
	paid    bool              // somewhere above, a payment was made in the local alone
	behind  bool              // the global may be behind the local here
}

// The scratch locals a body may need.
const (
	slotGas = iota
	slotStack
	slotLength
	slotA
	slotB
	slotWide
	slotF32
	slotF64
	slotV128
	slotMask
	slotCount
)

var slotTypes = [slotCount]ValType{I64, I64, I32, I32, I32, I64, F32, F64, V128, V128}

func (w *rewriter) functions(ins *Instrumented) error {
	w.dropFlags(ins)
	if w.m.Memory != nil {
		w.yielding()
	}
	v := newValidator(w.m, w.r)
	v.an, v.budget = w.an, 1<<62
	for i := range w.m.Code {
		if err := w.function(v, i); err != nil {
			return err
		}
	}
	if len(ins.Drops) > 0 {
		ins.Redrop = RedropExport
		w.redrop(ins.Drops)
	}
	return nil
}

// dropFlags adds a flag for each segment that some instruction drops.
func (w *rewriter) dropFlags(ins *Instrumented) {
	w.dataFlags, w.elemFlags = map[uint32]uint32{}, map[uint32]uint32{}
	for _, s := range slices.Sorted(maps.Keys(w.m.dataDrops)) {
		name := fmt.Sprintf("gw:d%d", s)
		w.dataFlags[s] = w.addGlobal(name, I32, 0)
		ins.Drops = append(ins.Drops, DropRef{Export: name, Segment: s})
	}
	for _, s := range slices.Sorted(maps.Keys(w.m.elemDrops)) {
		name := fmt.Sprintf("gw:e%d", s)
		w.elemFlags[s] = w.addGlobal(name, I32, 0)
		ins.Drops = append(ins.Drops, DropRef{Export: name, Segment: s, Elem: true})
	}
}

// doors puts a function in front of every exported one, which checks the gas counter when it returns: straight code is paid
// without a check, so a call may end with the counter below zero.
func (w *rewriter) doors() {
	doors := map[uint32]uint32{}
	w.out.Exports = slices.Clone(w.out.Exports)
	for i := range w.out.Exports {
		e := &w.out.Exports[i]
		if e.Kind != ExternFunc || e.Index < uint32(w.m.importFuncs) || e.Index >= uint32(w.m.NumFuncs()) {
			continue
		}
		door, ok := doors[e.Index]
		if !ok {
			t := w.m.Funcs[e.Index-uint32(w.m.importFuncs)]
			w.body = nil
			for l := range w.m.Types[t].Params {
				w.opIdx(opLocalGet, uint32(l))
			}
			w.opIdx(opCall, e.Index)
			w.opIdx(opGlobalGet, w.gas)
			w.i64(0)
			w.op(opI64LtS)
			w.byte(byte(opIf), 0x40)
			w.op(opUnreachable)
			w.op(opEnd)
			w.op(opEnd)
			door = w.addFunction(t, Code{Body: w.body})
			doors[e.Index] = door
		}
		e.Index = door
	}
	if w.refs {
		// An export also lets ref.func name the function.
		w.out.Elems = append(clip(w.out.Elems), Elem{Mode: Declarative, Type: FuncRef, Funcs: slices.Sorted(maps.Keys(doors))})
	}
}

// addFunction adds a function and returns its index.
func (w *rewriter) addFunction(t uint32, c Code) uint32 {
	index := uint32(w.m.importFuncs + len(w.out.Funcs))
	w.out.Funcs = append(w.out.Funcs, t)
	w.out.Code = append(w.out.Code, c)
	return index
}

// redrop adds the function that drops every segment whose flag is set.
func (w *rewriter) redrop(drops []DropRef) {
	w.body = nil
	for _, d := range drops {
		flag, drop := w.dataFlags[d.Segment], opDataDrop
		if d.Elem {
			flag, drop = w.elemFlags[d.Segment], opElemDrop
		}
		w.opIdx(opGlobalGet, flag)
		w.byte(byte(opIf), 0x40)
		w.opIdx(drop, d.Segment)
		w.op(opEnd)
	}
	w.op(opEnd)
	index := w.addFunction(w.addType(FuncType{}), Code{Body: w.body})
	w.out.Exports = append(w.out.Exports, Export{Name: RedropExport, Kind: ExternFunc, Index: index})
}

func (w *rewriter) function(v *validator, i int) error {
	c := &w.m.Code[i]
	t := w.m.Types[w.m.Funcs[i]]
	w.r.b = c.Body
	v.function(i, 0)
	if w.r.err != nil {
		return w.r.err
	}
	w.merges += w.an.merges
	if w.an.merges > maxMerges || w.merges > maxMergesModule {
		return w.m.errorAt(Limit, "code", c.At, w.m.importFuncs+i, "found up to %d locals to merge where control flow joins, and %d in all functions so far, want at most %d and %d", w.an.merges, w.merges, maxMerges, maxMergesModule)
	}
	w.an.resolve()
	w.an.settle()

	w.body = make([]byte, 0, len(c.Body)*2+64)
	w.depth, w.labels = 0, append(w.labels[:0], 0)
	w.opened, w.apart = 0, append(w.apart[:0], len(t.Results) == 0 && w.an.entries[0] > 1)
	w.scratch, w.slots = w.scratch[:0], [slotCount]uint32{}
	w.paid, w.behind = false, false
	w.nlocals = uint32(w.m.countLocals(i))

	w.byte(byte(opBlock), 0x40)
	w.op(opBlock)
	switch len(t.Results) {
	case 0:
		w.byte(0x40)
	case 1:
		w.byte(byte(t.Results[0]))
	default:
		w.body = appendSigned(w.body, int64(w.addType(FuncType{Results: t.Results})))
	}
	entry := uint64(GasEntry + (int(w.nlocals)-len(t.Params))>>gasLocalsShift)
	stack := w.stackCost(t)
	w.enter(stack, w.an.segments[0].cost+entry)
	w.rewrite()
	w.op(opEnd)
	w.behind = w.paid
	w.flush()
	if stack > 0 {
		w.opIdx(opGlobalGet, w.stack)
		w.i64(int64(stack))
		w.op(opI64Add)
		w.opIdx(opGlobalSet, w.stack)
	}
	w.op(opReturn)
	w.op(opEnd)
	w.op(opUnreachable)
	w.op(opEnd)

	locals := clip(c.Locals)
	for _, s := range w.scratch {
		locals = append(locals, Locals{1, s})
	}
	w.out.Code[i] = Code{Locals: locals, Body: w.body}
	return nil
}

// stackCost is what a frame of the function at hand takes from the stack counter; see stack.go.
func (w *rewriter) stackCost(t FuncType) uint64 {
	if !w.an.calls {
		return 0
	}
	return uint64(stackFrame + 2*(int(w.nlocals)+len(t.Results)) + (w.an.values+len(w.an.segments))/stackValues)
}

// rewrite copies the guest's instructions up to its final end, each with what belongs before and behind it.
func (w *rewriter) rewrite() {
	r := w.r
	r.p, r.end = 0, len(r.b)-1
	nodes, segments, dead, picks, joined := w.an.nodes[1:], w.an.segments[1:], w.an.dead, w.an.picks, w.an.joined
	var in instr
	for r.p < r.end {
		r.instr(&in)
		if len(joined) > 0 && joined[0] == in.at {
			w.unjoin(in.op)
			joined = joined[1:]
		}
		if len(picks) > 0 && picks[0].at == in.at {
			w.pick(picks[0].t)
			picks = picks[1:]
		} else if in.op == opLoop && w.yield != 0 && segments[0].tight && segments[0].cost > 0 {
			w.tightLoop(&in, segments[0].cost)
			segments = segments[1:]
		} else {
			w.instruction(&in)
		}
		if len(nodes) > 0 && nodes[0].at == r.p {
			w.canonicalise(w.an.canonical(&nodes[0]))
			nodes = nodes[1:]
		}
		if len(segments) > 0 && segments[0].at == r.p {
			w.pay(segments[0].cost, in.op == opLoop)
			segments = segments[1:]
		}
		if len(dead) > 0 && dead[0].from == r.p {
			r.p = min(dead[0].to, r.end)
			dead = dead[1:]
		}
	}
}

func (w *rewriter) instruction(in *instr) {
	switch in.op {
	case opBlock, opLoop, opIf:
		w.depth++
		w.open(in)
	case opElse:
		w.behind = w.paid
	case opEnd:
		w.behind = w.paid
		w.labels = w.labels[:len(w.labels)-1]
		w.apart = w.apart[:len(w.apart)-1]
		for to := w.labels[len(w.labels)-1]; w.depth > to+1; w.depth-- {
			w.op(opEnd)
		}
		w.depth--
	case opBrIf:
		w.branchIf(in.idx)
		return
	case opBr:
		w.opIdx(opBr, w.label(in.idx))
		return
	case opBrTable:
		w.opIdx(opBrTable, uint32(len(in.targets)-1))
		for _, l := range in.targets {
			w.body = appendU32(w.body, w.label(l))
		}
		return
	case opReturn:
		w.opIdx(opBr, w.depth)
		return
	case opI32RemU:
		w.remU()
		return
	case opMemoryCopy, opMemoryFill, opMemoryInit:
		w.payLength(gasBytesShift)
	case opTableCopy, opTableFill, opTableInit:
		w.payLength(0)
	case opMemoryGrow:
		w.payGrowth(maxPages, gasPage)
	case opTableGrow:
		w.payGrowth(maxTableElems, 1)
	case opRefFunc:
		w.refs = true
	case opDataDrop:
		w.setFlag(w.dataFlags[in.idx])
	case opElemDrop:
		w.setFlag(w.elemFlags[in.idx])
	}
	if w.inPlace(in) {
		return
	}
	call := in.op == opCall || in.op == opCallIndirect
	if call {
		w.flush()
	}
	w.body = append(w.body, w.r.b[in.at:w.r.p]...)
	if call {
		w.opIdx(opGlobalGet, w.gas)
		w.opIdx(opLocalSet, w.slot(slotGas))
	}
}

// open notes the guest's block, loop or if at hand.
func (w *rewriter) open(in *instr) {
	w.opened++
	carries := in.block != blockEmpty && in.op != opLoop
	if in.block >= 0 {
		t := w.m.Types[in.block]
		carries = len(t.Results) > 0
		if in.op == opLoop {
			carries = len(t.Params) > 0
		}
	}
	w.labels = append(w.labels, w.depth)
	w.apart = append(w.apart, !carries && w.an.entries[w.opened] > 1)
}

// branchIf writes a br_if of the guest. Where other ways lead to the same label, wazero splits the branch's edge, and then
// it no longer sees that a compare could be one instruction with the branch: it makes a number of the condition first and
// tests that. An if around a br has the split edge already.
func (w *rewriter) branchIf(l uint32) {
	if !w.apart[len(w.apart)-1-int(l)] {
		w.opIdx(opBrIf, w.label(l))
		return
	}
	w.byte(byte(opIf), 0x40)
	w.opIdx(opBr, w.label(l)+1)
	w.op(opEnd)
}

// flush writes the gas counter to the global, if it may be behind.
func (w *rewriter) flush() {
	if w.behind {
		w.opIdx(opLocalGet, w.slot(slotGas))
		w.opIdx(opGlobalSet, w.gas)
		w.behind = false
	}
}

func (w *rewriter) byte(b ...byte) { w.body = append(w.body, b...) }

func (w *rewriter) op(op Opcode) {
	if op > 0xff {
		w.body = appendU32(append(w.body, byte(op>>8)), uint32(op&0xff))
		return
	}
	w.body = append(w.body, byte(op))
}

func (w *rewriter) opIdx(op Opcode, idx uint32) {
	w.op(op)
	w.body = appendU32(w.body, idx)
}

func (w *rewriter) i64(v int64) {
	w.op(opI64Const)
	w.body = appendSigned(w.body, v)
}

// slot returns the index of a scratch local, declaring it on first use.
func (w *rewriter) slot(s int) uint32 {
	if w.slots[s] == 0 {
		w.slots[s] = w.nlocals + uint32(len(w.scratch)) + 1
		w.scratch = append(w.scratch, slotTypes[s])
	}
	return w.slots[s] - 1
}

// trapIfNegative branches to $trap if the i64 on the stack is negative.
func (w *rewriter) trapIfNegative() {
	w.i64(0)
	w.op(opI64LtS)
	w.opIdx(opBrIf, w.depth+1)
}

// enter pays for a frame and the first segment. Only a function that calls takes part in a recursion, so only there must
// the counters be checked; loops check for themselves.
func (w *rewriter) enter(stack, gas uint64) {
	w.opIdx(opGlobalGet, w.gas)
	w.i64(int64(gas))
	w.op(opI64Sub)
	if !w.an.calls {
		w.opIdx(opLocalSet, w.slot(slotGas))
		w.paid, w.behind = true, true
		return
	}
	w.opIdx(opLocalTee, w.slot(slotGas))
	w.opIdx(opGlobalSet, w.gas)
	w.opIdx(opGlobalGet, w.stack)
	w.i64(int64(stack))
	w.op(opI64Sub)
	w.opIdx(opLocalTee, w.slot(slotStack))
	w.opIdx(opGlobalSet, w.stack)
	w.trapOrYield(true, func(fromMark bool) {
		w.opIdx(opLocalGet, w.slot(slotGas))
		if fromMark {
			w.opIdx(opGlobalGet, w.mark)
			w.op(opI64Sub)
		}
		w.opIdx(opLocalGet, w.slot(slotStack))
		w.op(opI64Or)
	})
}

// trapOrYield branches to $trap if left(false) is negative. Where the module can yield, one compare, of left(true), stands
// for both questions: whether the counter has passed its mark, and whether it is used up.
//
// wazero's register allocator lets the code behind an if begin with what the first arm leaves in registers. With keep the
// arm that does nothing comes first, and what was in registers stays there. Otherwise the arm that calls comes first, and
// what is used later is read from the stack again.
func (w *rewriter) trapOrYield(keep bool, left func(fromMark bool)) {
	if w.yield == 0 {
		left(false)
		w.trapIfNegative()
		return
	}
	left(true)
	w.i64(0)
	if keep {
		w.op(opI64GeS)
		w.byte(byte(opIf), 0x40)
		w.op(opElse)
	} else {
		w.op(opI64LtS)
		w.byte(byte(opIf), 0x40)
	}
	w.opIdx(opCall, w.yield)
	w.depth++
	left(false)
	w.trapIfNegative()
	w.depth--
	w.op(opEnd)
}

// yieldEvery is the gas between two calls of the yielding function: about a millisecond.
const yieldEvery = 1 << 20

// yielding adds the function that a long-running guest calls now and then, at the top of a loop or the entry of a
// function, when the gas counter has passed its mark. Go cannot interrupt compiled code: a garbage collection, and with
// it the whole process, would wait for a guest's loop to end. Growing the memory by nothing leaves the compiled code for
// a moment, which is all the scheduler needs. The function costs no gas and changes nothing a guest can see; the mark is
// no part of the state. It is also where the host can stop a guest.
func (w *rewriter) yielding() {
	w.mark = w.addGlobal(markExport, I64, 1<<62)
	w.stop = w.addGlobal(StopExport, I32, 0)
	w.body = nil
	w.opIdx(opGlobalGet, w.gas)
	w.i64(0)
	w.op(opI64LtS)
	w.byte(byte(opIf), 0x40)
	w.op(opReturn)
	w.op(opEnd)
	w.byte(byte(opI32Const), 0)
	w.byte(byte(opMemoryGrow), 0)
	w.op(opDrop)
	w.opIdx(opGlobalGet, w.stop)
	w.byte(byte(opIf), 0x40)
	w.op(opUnreachable)
	w.op(opEnd)
	// mark = max(gas - yieldEvery, 0)
	w.opIdx(opGlobalGet, w.gas)
	w.i64(yieldEvery)
	w.op(opI64Sub)
	w.opIdx(opLocalTee, 0)
	w.i64(0)
	w.opIdx(opLocalGet, 0)
	w.i64(0)
	w.op(opI64GtS)
	w.op(opSelect)
	w.opIdx(opGlobalSet, w.mark)
	w.op(opEnd)
	w.yield = w.addFunction(w.addType(FuncType{}), Code{Locals: []Locals{{1, I64}}, Body: w.body})
}

// pay charges a constant, at the top of a loop's body or elsewhere.
func (w *rewriter) pay(gas uint64, loop bool) {
	if gas == 0 {
		return
	}
	w.opIdx(opLocalGet, w.slot(slotGas))
	w.i64(int64(gas))
	w.op(opI64Sub)
	if !loop {
		w.opIdx(opLocalSet, w.slot(slotGas))
		w.paid, w.behind = true, true
		return
	}
	w.opIdx(opLocalTee, w.slot(slotGas))
	w.opIdx(opGlobalSet, w.gas)
	w.behind = false
	w.checkLoop(true)
}

// checkLoop traps or yields behind the payment of a loop's turn.
func (w *rewriter) checkLoop(keep bool) {
	w.trapOrYield(keep, func(fromMark bool) {
		w.opIdx(opLocalGet, w.slot(slotGas))
		if fromMark {
			w.opIdx(opGlobalGet, w.mark)
			w.op(opI64Sub)
		}
	})
}

// label is the label that the guest's label l has become.
func (w *rewriter) label(l uint32) uint32 { return w.depth - w.labels[len(w.labels)-1-int(l)] }

// crowded is the cost of a turn from which a tight loop begins with few values in registers: every turn ends with the same
// ones there, and where there are more values than registers, that is more work than to read from the stack what is needed
// (a loop of 150 gas that stores floats took 1.35 instead of 1.53 times its plain time, rounds of SHA-256 1.01 instead of
// 1.14; small loops are better off with all they have: one that stores floats 1.23 instead of 1.41).
const crowded = 40

// tightLoop opens the guest's loop at hand, and pays at its top. The call that yields must stand outside: around a
// call a compiler spills, and everything a call may change it reads again, in each turn. So the loop becomes
//
//	pay
//	loop $cold (type)
//	  where the counter has passed the mark: yield, or br $trap
//	  take the payment back, from the local only
//	  loop (type)
//	    pay
//	    where the counter has passed the mark: br $cold
//	    ...
//	  end
//	end
//
// The payment that led to $cold stands in the global there, as it does for a payment that is checked on the spot. Behind
// yield the mark is not above the counter, so the second payment goes through. A loop with a loop or a call in it has
// a call in each of its turns anyway, and is left as it is; so this nests blocks by one more at most.
func (w *rewriter) tightLoop(in *instr, gas uint64) {
	loop := w.r.b[in.at:w.r.p]
	counter := w.slot(slotGas)
	pay := func() {
		w.opIdx(opLocalGet, counter)
		w.i64(int64(gas))
		w.op(opI64Sub)
		w.opIdx(opLocalTee, counter)
		w.opIdx(opGlobalSet, w.gas)
	}
	pay()
	w.byte(loop...)
	w.depth++
	w.checkLoop(gas < crowded)
	w.opIdx(opLocalGet, counter)
	w.i64(int64(gas))
	w.op(opI64Add)
	w.opIdx(opLocalSet, counter)
	w.byte(loop...)
	w.depth++
	w.open(in)
	pay()
	w.behind = false
	w.opIdx(opLocalGet, counter)
	w.opIdx(opGlobalGet, w.mark)
	w.op(opI64LtS)
	if in.block >= 0 && len(w.m.Types[in.block].Params) > 0 {
		w.opIdx(opBrIf, 1)
		return
	}
	// wazero lays this out better than br_if: dot takes 1.0 instead of 1.25 times its plain time, collatz 1.15 for 1.3.
	w.byte(byte(opIf), 0x40)
	w.opIdx(opBr, 2)
	w.op(opEnd)
}

// payLength charges by the i32 on top of the stack, and leaves it there.
func (w *rewriter) payLength(shift int64) {
	w.opIdx(opLocalTee, w.slot(slotLength))
	w.opIdx(opLocalGet, w.slot(slotGas))
	w.opIdx(opLocalGet, w.slot(slotLength))
	w.op(opI64ExtendU)
	if shift > 0 {
		w.i64(shift)
		w.op(opI64ShrU)
	}
	w.chargeTop()
}

// chargeTop subtracts: on the stack are the counter's value and the charge.
func (w *rewriter) chargeTop() {
	w.op(opI64Sub)
	w.opIdx(opLocalTee, w.slot(slotGas))
	w.opIdx(opGlobalSet, w.gas)
	w.opIdx(opLocalGet, w.slot(slotGas))
	w.trapIfNegative()
}

// payGrowth charges each for the number of pages or elements on top of the stack, unless it is above most, where the
// instruction fails whatever happens, and leaves the number there.
func (w *rewriter) payGrowth(most int32, each int64) {
	n := w.slot(slotLength)
	w.opIdx(opLocalTee, n)
	w.opIdx(opLocalGet, w.slot(slotGas))
	w.opIdx(opLocalGet, n)
	w.op(opI64ExtendU)
	w.i64(each)
	w.op(opI64Mul)
	w.i64(0)
	w.opIdx(opLocalGet, n)
	w.op(opI32Const)
	w.body = appendSigned(w.body, int64(most))
	w.op(opI32LeU)
	w.op(opSelect)
	w.chargeTop()
}

func (w *rewriter) setFlag(global uint32) {
	w.byte(byte(opI32Const), 1)
	w.opIdx(opGlobalSet, global)
}

// remU writes i32.rem_u as x - (x / y) * y, which traps alike. wazero v1.12.0's arm64 compiler gets the instruction
// itself wrong; rewriting it everywhere keeps instrumented modules the same on every machine.
func (w *rewriter) remU() {
	x, y := w.slot(slotA), w.slot(slotB)
	w.opIdx(opLocalSet, y)
	w.opIdx(opLocalTee, x)
	w.opIdx(opLocalGet, x)
	w.opIdx(opLocalGet, y)
	w.op(opI32DivU)
	w.opIdx(opLocalGet, y)
	w.op(opI32Mul)
	w.op(opI32Sub)
}

// pick writes a select of floats or vectors with integer or bitwise instructions. wazero v1.12.0's amd64 compiler
// gets its conditional move of a vector register wrong: it names the destination, which is also read, as written only,
// so that the register allocator may have put something else there.
func (w *rewriter) pick(t ValType) {
	cond := w.slot(slotA)
	w.opIdx(opLocalSet, cond)
	if t == V128 {
		w.byte(byte(opI32Const), 0)
		w.opIdx(opLocalGet, cond)
		w.byte(byte(opI32Const), 0)
		w.op(opI32Ne)
		w.op(opI32Sub)
		w.op(opI32x4Splat)
		w.bitselect()
		return
	}
	toInt, toFloat, second := opI32ReinterpretF32, opF32ReinterpretI32, slotB
	if t == F64 {
		toInt, toFloat, second = opI64ReinterpretF64, opF64ReinterpretI64, slotWide
	}
	w.op(toInt)
	w.opIdx(opLocalSet, w.slot(second))
	w.op(toInt)
	w.opIdx(opLocalGet, w.slot(second))
	w.opIdx(opLocalGet, cond)
	w.op(opSelect)
	w.op(toFloat)
}

// canonicalise makes the NaNs on top of the stack canonical. A scalar is tested by x >= x, which wazero compiles to one
// compare and one well-predicted jump, and only where both arms of an if are written out (as a select, or with vector
// instructions, a loop that stores took 1.7 instead of 1.5 times its plain time; x == x needs two jumps, one for
// unordered). The arm that keeps x comes first: it decides which values stay in registers behind the if. A vector is
// blended lane by lane by x == x.
func (w *rewriter) canonicalise(s shape) {
	if s == shapeNone {
		return
	}
	switch s {
	case shapeF32:
		w.canonicaliseScalar(w.slot(slotF32), opF32Ge, binary.LittleEndian.AppendUint32([]byte{byte(opF32Const)}, canonF32))
	case shapeF64:
		w.canonicaliseScalar(w.slot(slotF64), opF64Ge, binary.LittleEndian.AppendUint64([]byte{byte(opF64Const)}, canonF64))
	case shapeF32x4:
		w.canonicaliseVector(opF32x4Eq, canonF32<<32|canonF32)
	default:
		w.canonicaliseVector(opF64x2Eq, canonF64)
	}
}

func (w *rewriter) canonicaliseScalar(t uint32, ge Opcode, constant []byte) {
	w.opIdx(opLocalTee, t)
	w.opIdx(opLocalGet, t)
	w.op(ge)
	w.byte(byte(opIf), 0x40)
	w.op(opElse)
	w.byte(constant...)
	w.opIdx(opLocalSet, t)
	w.op(opEnd)
	w.opIdx(opLocalGet, t)
}

func (w *rewriter) canonicaliseVector(eq Opcode, half uint64) {
	t := w.slot(slotV128)
	w.opIdx(opLocalTee, t)
	w.byte(0xfd, 0x0c)
	w.body = binary.LittleEndian.AppendUint64(w.body, half)
	w.body = binary.LittleEndian.AppendUint64(w.body, half)
	w.opIdx(opLocalGet, t)
	w.opIdx(opLocalGet, t)
	w.op(eq)
	w.bitselect()
}
