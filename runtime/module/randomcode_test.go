package module

import (
	"slices"
	"sync"
)

// What random functions are made of: expressions that leave one value, and statements that leave none.

const opI32LeS = Opcode(0x4c)

// opcodes are the instructions typed by themselves, without constants, by their result, and those of memory, stores under the
// type 0.
var opcodes = sync.OnceValues(func() (plain, memory map[ValType][]Opcode) {
	plain, memory = map[ValType][]Opcode{}, map[ValType][]Opcode{}
	for _, op := range allOpcodes() {
		in := op.info()
		if !in.plain || op == opV128Const {
			continue
		}
		var result ValType
		if len(in.results) > 0 {
			result = in.results[0]
		}
		if in.imm == immMem || in.imm == immMemLane {
			memory[result] = append(memory[result], op)
		} else {
			plain[result] = append(plain[result], op)
		}
	}
	return plain, memory
})

// allOpcodes are the numbers an instruction may have, in order.
func allOpcodes() []Opcode {
	var ops []Opcode
	for _, from := range []struct{ first, n int }{{0, 256}, {0xfc00, len(opsFC)}, {0xfd00, 256}} {
		for i := range from.n {
			ops = append(ops, Opcode(from.first+i))
		}
	}
	return ops
}

func (g *generator) leaf(t ValType) {
	switch n := g.n(8); {
	case n < 5:
		g.get(g.local(t))
	case n == 5 && t != V128:
		g.opIdx(opGlobalGet, g.global(t))
	case n == 5:
		g.opIdx(opGlobalGet, uint32(len(g.m.Globals)-1))
	default:
		g.constant(t, g.bits(t))
	}
}

func (g *generator) expr(t ValType, depth int) {
	g.room--
	if depth <= 0 || g.room <= 0 {
		g.leaf(t)
		return
	}
	switch n := g.n(24); {
	case n < 10:
		g.operation(t, depth)
	case n < 12:
		g.load(t, depth)
	case n == 12:
		g.expr(t, depth-1)
		g.opIdx(opLocalTee, g.local(t))
	case n < 15:
		g.choose(t, depth)
	case n == 15:
		g.ifElse(t, depth)
	case n == 16:
		g.block(t, depth)
	case n == 17:
		g.branchTable(t, depth)
	case n == 18 && !g.quiet:
		g.loop(t, depth)
	case n == 19 && !g.quiet:
		g.callFor(t, depth)
	case n == 20:
		g.compared(t, depth)
	case n == 21 && t == I32:
		g.op(opMemorySize)
		g.emit(0)
	default:
		g.leaf(t)
	}
}

func (g *generator) exprs(ts []ValType, depth int) {
	for _, t := range ts {
		g.expr(t, depth)
	}
}

// operation is a plain instruction on expressions.
func (g *generator) operation(t ValType, depth int) {
	op := g.plain[t][g.n(len(g.plain[t]))]
	// Truncations and divisions that trap end a call, so most become ones that do not.
	if op >= 0xa8 && op <= 0xb1 && op != 0xac && op != 0xad && !g.one(12) {
		if op > 0xad {
			op -= 2
		}
		op += 0xfc00 - 0xa8
	}
	in := op.info()
	for i, p := range in.params {
		if i > 0 && in.float.result != shapeNone && g.one(6) && g.params > 0 {
			g.get(g.local(p)) // a value next to itself, often
			continue
		}
		g.expr(p, depth-1)
	}
	if (op >= 0x6d && op <= 0x70 || op >= 0x7f && op <= 0x82) && !g.one(12) {
		g.constant(t, [2]uint64{1 + uint64(g.n(3))})
		g.op(map[ValType]Opcode{I32: opI32Or, I64: opI64Or}[t])
	}
	g.op(op)
	switch in.imm {
	case immLane:
		g.emit(byte(g.n(int(in.lanes))))
	case immShuffle:
		same := g.n(32)
		for range 16 {
			if g.one(3) {
				same = g.n(32)
			}
			g.emit(byte(same))
			same = (same + 1) % 32
		}
	}
	g.canonicalise(op)
}

// makesNaN tells the shape of NaNs an instruction may make. It is a list of its own: what the pass goes by must not be judged
// by itself.
var makesNaN = func() map[string]shape {
	of := map[string]shape{
		"f32.demote_f64": shapeF32, "f64.promote_f32": shapeF64, "f32x4.demote_f64x2_zero": shapeF32x4, "f64x2.promote_low_f32x4": shapeF64x2,
	}
	for typ, s := range map[string]shape{"f32": shapeF32, "f64": shapeF64, "f32x4": shapeF32x4, "f64x2": shapeF64x2} {
		for _, op := range []string{"add", "sub", "mul", "div", "sqrt", "min", "max", "ceil", "floor", "trunc", "nearest"} {
			of[typ+"."+op] = s
		}
	}
	return of
}()

// canonicalise does so in the guest's own code, if it is asked to.
func (g *generator) canonicalise(op Opcode) {
	s := makesNaN[op.info().name]
	if !g.canon || s == shapeNone {
		return
	}
	switch s {
	case shapeF32, shapeF64:
		t, eq, nan := F32, Opcode(0x5b), uint64(0x7fc00000)
		if s == shapeF64 {
			t, eq, nan = F64, 0x61, 0x7ff8000000000000
		}
		g.opIdx(opLocalTee, g.scratch(t))
		g.constant(t, [2]uint64{nan})
		g.get(g.scratch(t))
		g.get(g.scratch(t))
		g.op(eq)
		g.op(opSelect)
	default:
		eq, nan := opF32x4Eq, uint64(0x7fc000007fc00000)
		if s == shapeF64x2 {
			eq, nan = opF64x2Eq, 0x7ff8000000000000
		}
		g.opIdx(opLocalTee, g.scratch(V128))
		g.constant(V128, [2]uint64{nan, nan})
		g.get(g.scratch(V128))
		g.get(g.scratch(V128))
		g.op(eq)
		g.op(opBitselect)
	}
}

// dirty is an i32 below 2^bits, whose register holds something in its upper half.
func (g *generator) dirty(bits, depth int) {
	g.expr(I64, depth-1)
	g.i64(-1<<32 | (1<<bits - 1))
	g.op(0x83) // i64.and
	if g.one(2) {
		g.i64(int64(g.rng.Uint32())<<32 | 1<<62)
		g.op(opI64Or)
	}
	g.op(0xa7) // i32.wrap_i64
}

// address leaves an address and returns the offset that goes with it. Most lie inside.
func (g *generator) address(depth int) uint32 {
	switch n := g.n(160); {
	case n == 0: // where the memory ends, or has not grown to
		g.i32(int32(65536*(1+g.n(2)) - g.n(20)))
		return uint32(g.n(8))
	case n == 1:
		g.expr(I32, depth-1)
		return 0
	case n == 2:
		g.get(g.pointer())
		return 0xffffff00 + uint32(g.n(256))
	case n == 3:
		g.i32(-1 << 31)
		return uint32(g.n(16))
	case n < 6: // traps if the pointer is large
		g.get(g.pointer())
		return 65536 - uint32(g.n(pointerEnd))
	case n < 40:
		g.dirty(14, depth)
		return uint32(g.n(0x8000))
	case n < 100:
		g.get(g.pointer())
		if g.one(2) {
			return uint32(g.n(40))
		}
		return uint32(g.n(0xb000))
	case n < 110:
		g.i32(int32(g.n(pointerEnd)))
		return uint32(g.n(0x4000))
	case n < 120:
		g.get(g.pointer())
		g.i32(int32(g.n(4)))
		g.op(opI32Shl)
		g.i32(int32(g.n(0x2000)))
		g.op(0x6a) // i32.add
		return uint32(g.n(64))
	}
	g.expr(I32, depth-1)
	g.i32(pointerEnd - 1 - int32(g.n(8)))
	g.op(opI32And)
	return uint32(g.n(0x3000))
}

// point gives a pointer a new value.
func (g *generator) point() {
	if g.one(2) {
		g.dirty(14, 1)
	} else {
		g.expr(I32, 1)
		g.i32(pointerEnd - 1)
		g.op(opI32And)
	}
	g.opIdx(opLocalSet, g.pointer())
}

// access writes an instruction of memory: operands behind the address, then itself.
func (g *generator) access(op Opcode, depth int) {
	in := op.info()
	offset := g.address(depth)
	for _, p := range in.params[1:] {
		g.expr(p, depth-1)
	}
	g.op(op)
	g.b = appendU32(appendU32(g.b, uint32(g.n(int(in.align)+1))), offset)
	if in.imm == immMemLane {
		g.emit(byte(g.n(int(in.lanes))))
	}
}

func (g *generator) load(t ValType, depth int) {
	g.access(g.memory[t][g.n(len(g.memory[t]))], depth)
}

func (g *generator) store(depth int) {
	g.access(g.memory[0][g.n(len(g.memory[0]))], depth)
}

// condition leaves an i32 that goes both ways often.
func (g *generator) condition(depth int) {
	g.room--
	t := g.kind()
	switch n := g.n(12); {
	case n == 0:
		g.expr(I32, depth-1)
	case n == 1:
		g.expr(I32, depth-1)
		g.op(0x45) // i32.eqz
	case n == 2:
		g.dirty(1+g.n(2), depth)
	case n == 3:
		g.expr(t, depth-1)
		g.bitsOf(t)
		g.i32(int32(1) << g.n(32))
		g.op(opI32And)
		if g.one(2) {
			g.opIdx(opLocalSet, g.first(I32))
			g.i32(0)
			g.get(g.first(I32))
			g.op(0x46 + Opcode(g.n(10)))
		}
	case n == 4:
		g.expr(I64, depth-1)
		if g.one(2) {
			g.op(0x50) // i64.eqz
			break
		}
		g.i64(int64(g.bits(I64)[0]))
		g.op(0x83) // i64.and
		g.i64(0)
		g.op(0x51 + Opcode(g.n(10)))
	case n == 5:
		g.expr(V128, depth-1)
		g.op([]Opcode{0xfd53, 0xfd63, 0xfd83, 0xfda3, 0xfdc3}[g.n(5)]) // any_true, all_true
	case t == V128 || t == I32 && n < 8:
		g.expr(I32, depth-1)
		g.leaf(I32)
		g.op(0x46 + Opcode(g.n(10)))
	case t == I32:
		g.expr(I32, depth-1)
		g.i32(int32(turn32[g.n(len(turn32))]))
		g.op(0x46 + Opcode(g.n(10)))
	default:
		g.expr(t, depth-1)
		g.expr(t, depth-2)
		switch t {
		case I64:
			g.op(0x51 + Opcode(g.n(10)))
		case F32:
			g.op(0x5b + Opcode(g.n(6)))
		default:
			g.op(0x61 + Opcode(g.n(6)))
		}
	}
	if g.one(6) {
		g.op(0x45)
	}
}

// bitsOf turns a value into an i32 that shows some of its bits.
func (g *generator) bitsOf(t ValType) {
	switch t {
	case F32:
		g.op(opI32ReinterpretF32)
	case F64:
		g.op(opI64ReinterpretF64)
		g.bitsOf(I64)
	case V128:
		g.emit(0xfd, 0x1d, byte(g.n(2))) // i64x2.extract_lane
		g.bitsOf(I64)
	case I64:
		if g.one(2) {
			g.i64(int64(g.n(64)))
			g.op([]Opcode{0x87, 0x88, 0x8a}[g.n(3)]) // shr_s, shr_u, rotr
		}
		g.op(0xa7)
	}
}

// compared turns the way a comparison went into a value.
func (g *generator) compared(t ValType, depth int) {
	g.condition(depth)
	switch t {
	case I64:
		g.op(0xac + Opcode(g.n(2))) // i64.extend_i32
	case F32:
		g.op(0xb2 + Opcode(g.n(2))) // f32.convert_i32
	case F64:
		g.op(0xb7 + Opcode(g.n(2)))
	case V128:
		g.op([]Opcode{0xfd0f, 0xfd10, opI32x4Splat}[g.n(3)])
	}
}

// choose is a select.
func (g *generator) choose(t ValType, depth int) {
	g.expr(t, depth-1)
	g.expr(t, depth-1)
	g.condition(depth - 1)
	if g.one(2) {
		g.op(opSelect)
		return
	}
	g.op(opSelectT)
	g.emit(1, byte(t))
}

// open starts a block. The instruction's labels carry what a branch to it takes.
func (g *generator) open(op Opcode, params, results []ValType) {
	g.op(op)
	switch {
	case len(params) == 0 && len(results) == 0:
		g.emit(0x40)
	case len(params) == 0 && len(results) == 1 && !g.one(8):
		g.emit(byte(results[0]))
	default:
		g.b = appendSigned(g.b, int64(g.typeIndex(FuncType{params, results})))
	}
	l := label{types: results}
	if op == opLoop {
		l = label{types: params, loop: true}
	}
	g.labels = append(g.labels, l)
}

func (g *generator) end() {
	g.op(opEnd)
	g.labels = g.labels[:len(g.labels)-1]
}

func (g *generator) ifElse(t ValType, depth int) {
	params := g.someKinds(g.n(4) / 2)
	g.exprs(params, depth-1)
	g.condition(depth - 1)
	g.open(opIf, params, []ValType{t})
	g.take(params)
	g.body(depth - 1)
	g.expr(t, depth-1)
	g.op(opElse)
	g.take(params)
	g.expr(t, depth-1)
	g.end()
}

// body is up to two statements.
func (g *generator) body(depth int) {
	for range g.n(3) {
		g.statement(depth)
	}
}

// take moves the values on top of the stack into locals, or drops them.
func (g *generator) take(ts []ValType) {
	for _, t := range slices.Backward(ts) {
		switch {
		case g.one(8):
			g.op(opDrop)
		case t != V128 && g.one(8):
			g.opIdx(opGlobalSet, g.global(t))
		default:
			g.opIdx(opLocalSet, g.local(t))
		}
	}
}

// block is left at its end, by a branch that may be taken, and by one that is.
func (g *generator) block(t ValType, depth int) {
	results := []ValType{t}
	if g.one(3) {
		results = append(results, g.someKinds(1+g.n(3))...)
	}
	params := g.someKinds(g.n(6) / 3)
	g.exprs(params, depth-1)
	g.open(opBlock, params, results)
	g.take(params)
	g.body(depth - 1)
	g.exprs(results, depth-1)
	g.condition(depth - 1)
	g.opIdx(opBrIf, 0)
	if g.one(2) {
		g.take(results)
		g.body(depth - 1)
		g.exprs(results, depth-1)
	}
	if g.one(4) {
		g.opIdx(opBr, 0)
		if g.one(2) { // code that cannot be reached
			g.exprs(results, 1)
		}
	}
	g.end()
	g.take(results[1:])
}

// branchTable is a switch between blocks that all carry a value of the same type.
func (g *generator) branchTable(t ValType, depth int) {
	n := 1 + g.n(5)
	for range n {
		g.open(opBlock, nil, []ValType{t})
	}
	g.expr(t, depth-1)
	switch g.n(4) {
	case 0:
		g.expr(I32, depth-1)
	case 1:
		g.condition(depth - 1)
	default:
		g.dirty(1+g.n(4), depth-1)
	}
	var targets []uint32
	for i, l := range slices.Backward(g.labels) {
		if up := len(g.labels) - 1 - i; up < n || !l.loop && len(l.types) == 1 && l.types[0] == t && g.one(3) {
			targets = append(targets, uint32(up))
		}
	}
	g.rng.Shuffle(len(targets), func(i, j int) { targets[i], targets[j] = targets[j], targets[i] })
	for range g.n(4) {
		targets = append(targets, targets[g.n(len(targets))])
	}
	g.opIdx(opBrTable, uint32(len(targets)-1))
	for _, l := range targets {
		g.b = appendU32(g.b, l)
	}
	for i := range n {
		g.end()
		if i < n-1 {
			g.opIdx(opLocalSet, g.local(t))
			g.body(depth - 1)
			g.expr(t, depth-1)
		}
	}
}

// turn leaves whether a loop goes round once more.
func (g *generator) turn(depth int) {
	if g.quiet || g.one(2) {
		g.get(g.turns())
		g.i32(1)
		g.op(opI32Sub)
		g.opIdx(opLocalTee, g.turns())
	} else {
		g.spendFuel()
	}
	g.i32(0)
	g.op(0x4a) // i32.gt_s
	if g.one(3) {
		g.condition(depth)
		g.op(opI32And)
	}
}

// loop carries values, which it permutes.
func (g *generator) loop(t ValType, depth int) {
	carried := []ValType{t}
	if g.one(2) {
		carried = append(carried, t)
	}
	carried = append(carried, g.someKinds(g.n(5))...)
	g.exprs(carried, depth-1)
	quiet := g.quiet
	g.quiet = g.quiet || g.one(3)
	g.open(opLoop, carried, carried)
	g.body(depth - 1)
	into := make([]uint32, len(carried))
	for i, k := range slices.Backward(carried) {
		into[i] = g.local(k)
		g.opIdx(opLocalSet, into[i])
	}
	from := slices.Clone(into)
	g.rng.Shuffle(len(from), func(i, j int) {
		if carried[i] == carried[j] {
			from[i], from[j] = from[j], from[i]
		}
	})
	for i, k := range carried {
		if g.one(4) {
			g.expr(k, depth-1)
		} else {
			g.get(from[i])
		}
	}
	g.turn(depth - 1)
	if g.one(3) {
		g.emit(byte(opIf))
		g.b = appendSigned(g.b, int64(g.typeIndex(FuncType{carried, carried})))
		g.opIdx(opBr, 1)
		g.op(opEnd)
	} else {
		g.opIdx(opBrIf, 0)
	}
	g.end()
	g.quiet = quiet
	g.take(carried[1:])
}

// call writes a call with its arguments, now and then through a table.
func (g *generator) call(f, depth int) {
	g.exprs(g.sigs[f].Params, depth-1)
	slot := slices.Index(g.slots, f)
	if slot < 0 || g.one(2) {
		g.opIdx(opCall, uint32(f))
		return
	}
	switch n := g.n(60); {
	case n == 0: // any other function, null, or outside
		g.dirty(4, 1)
	case n < 30:
		g.i64(int64(g.rng.Uint32())<<32 | int64(slot))
		g.op(0xa7)
	default:
		g.i32(int32(slot))
	}
	g.opIdx(opCallIndirect, g.typeIndex(g.sigs[f]))
	g.b = appendU32(g.b, 1)
}

// callFor calls a function that returns a value of type t, among others.
func (g *generator) callFor(t ValType, depth int) {
	var fs []int
	for f, s := range g.sigs {
		if slices.Contains(s.Results, t) {
			fs = append(fs, f)
		}
	}
	f := fs[g.n(len(fs))]
	g.call(f, depth)
	results := g.sigs[f].Results
	i := slices.Index(results, t)
	g.take(results[i+1:])
	if i > 0 {
		kept := g.local(t)
		g.opIdx(opLocalSet, kept)
		for range i {
			g.op(opDrop)
		}
		g.get(kept)
	}
}

func (g *generator) statement(depth int) {
	g.room--
	if g.room <= 0 {
		return
	}
	t := g.kind()
	switch n := g.n(36); {
	case n < 8 || depth <= 0:
		g.expr(t, 3)
		g.opIdx(opLocalSet, g.local(t))
	case n < 10:
		if t == V128 {
			t = I64
		}
		g.expr(t, 3)
		g.opIdx(opGlobalSet, g.global(t))
	case n < 13:
		g.store(2)
	case n < 15:
		g.point()
	case n < 17:
		g.condition(2)
		g.open(opIf, nil, nil)
		g.statement(depth - 1)
		if g.one(2) {
			g.op(opElse)
			g.statement(depth - 1)
		}
		g.end()
	case n == 17:
		g.open(opBlock, nil, nil)
		g.statement(depth - 1)
		g.condition(2)
		g.opIdx(opBrIf, 0)
		g.statement(depth - 1)
		g.end()
	case n < 20 && !g.quiet:
		g.tight(depth)
	case n < 22 && !g.quiet:
		f := g.n(len(g.sigs))
		g.call(f, 2)
		g.take(g.sigs[f].Results)
	case n < 24:
		g.pressure(depth)
	case n < 26:
		g.permute()
	case n == 26:
		g.bulk()
	case n == 27:
		g.fields()
	case n < 30:
		g.leave()
	case n == 30 && !g.quiet:
		g.reduce()
	case n > 32:
		g.steps()
	case n == 31 && !g.quiet:
		g.expr(t, 2)
		g.loop(t, depth)
		g.take([]ValType{t, t})
	default:
		g.expr(t, 4)
		g.opIdx(opLocalSet, g.local(t))
	}
}

// tight is a loop that calls nothing.
func (g *generator) tight(depth int) {
	quiet := g.quiet
	g.quiet = true
	g.open(opLoop, nil, nil)
	for range 1 + g.n(4) {
		g.statement(depth - 1)
	}
	g.turn(2)
	g.opIdx(opBrIf, 0)
	g.end()
	g.quiet = quiet
}

// pressure has more values on the stack than a processor has registers, and something in between.
func (g *generator) pressure(depth int) {
	ts := g.someKinds(4 + g.n(24))
	if g.one(3) {
		t := g.kind()
		for i := range ts {
			ts[i] = t
		}
	}
	for _, t := range ts {
		if g.one(3) {
			g.operation(t, 1)
		} else {
			g.leaf(t)
		}
	}
	if g.quiet {
		g.store(1)
	} else {
		f := g.n(len(g.sigs))
		g.call(f, 1)
		g.take(g.sigs[f].Results)
	}
	for i := len(ts) - 1; i > 0; i-- {
		// Fold neighbours of a type with an instruction, take the rest.
		if ts[i] == ts[i-1] && g.one(2) {
			if op, ok := g.folding(ts[i]); ok {
				g.op(op)
				g.canonicalise(op)
				continue
			}
		}
		g.take(ts[i : i+1])
	}
	g.take(ts[:1])
}

// folding is an instruction that makes one value of two of its type.
func (g *generator) folding(t ValType) (Opcode, bool) {
	for range 20 {
		op := g.plain[t][g.n(len(g.plain[t]))]
		if in := op.info(); in.imm == immNone && slices.Equal(in.params, []ValType{t, t}) && (op < 0x6d || op > 0x82 || op > 0x70 && op < 0x7f) {
			return op, true
		}
	}
	return 0, false
}

// permute moves locals among each other all at once.
func (g *generator) permute() {
	var locals []uint32
	var ts []ValType
	for range 1 + g.n(3) {
		t := g.kind()
		for i := range 2 + g.n(localsEach-1) {
			locals = append(locals, g.first(t)+uint32(i))
			ts = append(ts, t)
		}
	}
	for _, l := range locals {
		g.get(l)
	}
	to := slices.Clone(locals)
	g.rng.Shuffle(len(to), func(i, j int) {
		if ts[i] == ts[j] {
			to[i], to[j] = to[j], to[i]
		}
	})
	for _, l := range slices.Backward(to) {
		g.opIdx(opLocalSet, l)
	}
}

// bulk copies, fills, initialises, drops or grows.
func (g *generator) bulk() {
	span := func() {
		if g.one(24) {
			g.i32(int32(65536 - g.n(300)))
		} else {
			g.dirty(14, 1)
		}
	}
	length := func() {
		switch g.n(24) {
		case 0:
			g.i32(-1 - int32(g.n(4)))
		case 1, 2:
			g.i32(0)
		default:
			g.dirty(4+g.n(5), 1)
		}
	}
	switch g.n(6) {
	case 0, 1:
		span()
		span()
		length()
		g.op(opMemoryCopy)
		g.emit(0, 0)
	case 2:
		span()
		g.expr(I32, 1)
		length()
		g.op(opMemoryFill)
		g.emit(0)
	case 3:
		span()
		g.i32(int32(g.n(8)))
		g.dirty(5, 1)
		g.opIdx(opMemoryInit, uint32(2+g.n(2)))
		g.emit(0)
	case 4:
		if g.one(2) {
			g.opIdx(opDataDrop, uint32(2+g.n(2)))
		}
	default:
		if g.one(3) {
			g.expr(I32, 1)
		} else {
			g.dirty(1, 1)
		}
		g.op(opMemoryGrow)
		g.emit(0)
		g.opIdx(opLocalSet, g.local(I32))
	}
}

// fields reads and writes around one pointer, so that an engine may leave out checks of bounds.
func (g *generator) fields() {
	p := g.pointer()
	for range 2 + g.n(6) {
		t := g.kind()
		write := g.one(2)
		ops := g.memory[t]
		if write {
			ops = g.memory[0]
		}
		op := ops[g.n(len(ops))]
		in := op.info()
		g.get(p)
		for _, q := range in.params[1:] {
			g.leaf(q)
		}
		g.op(op)
		offset := uint32(g.n(80))
		if g.one(30) {
			offset += 65536 - pointerEnd
		}
		g.b = appendU32(appendU32(g.b, 0), offset)
		if in.imm == immMemLane {
			g.emit(byte(g.n(int(in.lanes))))
		}
		if len(in.results) > 0 {
			g.opIdx(opLocalSet, g.local(in.results[0]))
		}
		if g.one(12) && !g.quiet {
			f := g.n(2) // log and note: the host may look at everything here
			g.call(f, 1)
			g.take(g.sigs[f].Results)
		}
	}
}

// leave ends the function, or an outer block, or traps, if a condition holds.
func (g *generator) leave() {
	g.condition(2)
	g.emit(byte(opIf), 0x40)
	g.labels = append(g.labels, label{})
	switch n := g.n(24); {
	case n == 0:
		g.op(opUnreachable)
	case n == 1:
		g.leaf(I32)
		g.i32(0)
		g.op([]Opcode{0x6d, 0x6e, 0x6f, opI32RemU}[g.n(4)])
		g.op(opDrop)
	case n == 2:
		g.leaf(F64)
		g.op([]Opcode{0xaa, 0xab}[g.n(2)])
		g.op(opDrop)
	case n == 3:
		g.exprs(g.labels[0].types, 1)
		g.op(opReturn)
	default:
		up := g.n(len(g.labels))
		if l := g.labels[len(g.labels)-1-up]; !l.loop {
			g.exprs(l.types, 1)
			g.opIdx(opBr, uint32(up))
			if g.one(3) {
				g.statement(1)
			}
		}
	}
	g.end()
}

// steps compute on a few locals of one kind that all stay in use, across calls.
func (g *generator) steps() {
	t := g.kind()
	if g.one(2) {
		t = kinds[2+g.n(3)]
	}
	local := func() uint32 { return g.first(t) + uint32(g.n(4)) }
	for range 4 + g.n(10) {
		switch n := g.n(4); {
		case n == 0 && !g.quiet:
			g.callFor(t, 1)
		case n < 2:
			g.get(local())
			g.get(local())
			if op, ok := g.folding(t); ok {
				g.op(op)
				g.canonicalise(op)
			} else {
				g.op(opDrop)
			}
		default:
			g.get(local())
			g.get(local())
			if g.one(2) {
				g.get(g.turns())
				g.i32(1 << g.n(4))
				g.op(opI32And)
			} else {
				g.condition(1)
			}
			g.op(opSelect)
		}
		g.opIdx(opLocalSet, local())
	}
}

// reduce is a loop over memory as compilers write it: a sum, or a map with a store, over a counted index.
func (g *generator) reduce() {
	t := kinds[2+g.n(3)]
	i, sum := g.first(I32)+uint32(g.n(localsEach)), g.first(t)+uint32(g.n(localsEach))
	load, stride := map[ValType]Opcode{F32: 0x2a, F64: 0x2b, V128: 0xfd00}[t], int32(size(t))
	end := stride * int32(1+g.n(12))
	g.i32(0)
	g.opIdx(opLocalSet, i)
	g.op(opLoop)
	g.emit(0x40)
	g.labels = append(g.labels, label{loop: true})
	g.get(sum)
	g.get(i)
	g.op(load)
	g.b = appendU32(appendU32(g.b, 0), uint32(g.n(200)))
	if op, ok := g.folding(t); ok {
		g.op(op)
		g.canonicalise(op)
	} else {
		g.op(opDrop)
	}
	g.opIdx(opLocalSet, sum)
	if g.one(2) {
		g.get(i)
		g.get(sum)
		g.op(load + map[ValType]Opcode{F32: 0x0e, F64: 0x0e, V128: 0x0b}[t])
		g.b = appendU32(appendU32(g.b, 0), uint32(400+g.n(200)))
	}
	g.get(i)
	g.i32(stride)
	g.op(0x6a)
	g.opIdx(opLocalTee, i)
	g.i32(end)
	g.op(0x47 + Opcode(2*g.n(2))) // ne, lt_u
	g.opIdx(opBrIf, 0)
	g.end()
}
