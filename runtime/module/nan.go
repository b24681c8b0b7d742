package module

import (
	"slices"
	"strings"
)

// Where a NaN is made canonical.
//
// WebAssembly leaves the bits of a NaN that arithmetic produces to the engine, so the bits must be fixed before
// anything can see them. The analysis follows every such result to what takes it from the operand stack:
//
//   - another arithmetic instruction, a comparison or a truncation of the same shape cannot tell NaNs apart, and its
//     own result is taken care of, so nothing is done;
//   - a local that only ever holds arithmetic results (and constants) of one shape keeps them as they are, and the
//     question passes on to each local.get of it;
//   - anything else (a store, a call, a branch, a reinterpretation, abs, neg, copysign, select ...) may show the
//     bits, so the value is made canonical right where it is pushed.
//
// Values that did not come from arithmetic (loads, parameters, call results, constants) pass untouched: their bits
// are defined.

// shape is a kind of float value, as far as NaNs are concerned.
type shape uint8

const (
	shapeNone shape = iota
	shapeF32
	shapeF64
	shapeF32x4
	shapeF64x2
	shapeClean // of results: a float that is never a NaN, or the canonical one
)

// floatClass is what an instruction does with floats: use is the shape it takes without looking at a NaN's bits,
// result the shape of an arithmetic result.
type floatClass struct {
	use, result shape
}

var shapes = map[string]shape{"f32": shapeF32, "f64": shapeF64, "f32x4": shapeF32x4, "f64x2": shapeF64x2}

// classifyFloat tells an instruction's class by its name.
func classifyFloat(name string) floatClass {
	typ, op, _ := strings.Cut(name, ".")
	s := shapes[typ]
	switch op {
	case "add", "sub", "mul", "div", "sqrt", "min", "max", "ceil", "floor", "trunc", "nearest":
		return floatClass{s, s}
	case "eq", "ne", "lt", "gt", "le", "ge":
		return floatClass{use: s}
	case "demote_f64":
		return floatClass{shapeF64, shapeF32}
	case "promote_f32":
		return floatClass{shapeF32, shapeF64}
	case "demote_f64x2_zero":
		return floatClass{shapeF64x2, shapeF32x4}
	case "promote_low_f32x4":
		return floatClass{shapeF32x4, shapeF64x2}
	}
	if s != shapeNone && strings.HasPrefix(op, "convert") {
		return floatClass{result: shapeClean}
	}
	if from, ok := strings.CutPrefix(op, "trunc_"); ok && s == shapeNone {
		from, _, _ = strings.Cut(strings.TrimPrefix(from, "sat_"), "_")
		return floatClass{use: shapes[from]}
	}
	return floatClass{}
}

const (
	canonF32 = 0x7fc00000
	canonF64 = 0x7ff8000000000000
)

func cleanF32(bits uint64) bool {
	return bits&0x7fffffff <= 0x7f800000 || bits == canonF32
}

func cleanF64(bits uint64) bool {
	return bits&^(1<<63) <= 0x7ff<<52 || bits == canonF64
}

// cleanV128 asks for a vector that is clean in both shapes.
func cleanV128(lo, hi uint64) bool {
	return cleanF64(lo) && cleanF64(hi) && cleanF32(lo&0xffffffff) && cleanF32(lo>>32) && cleanF32(hi&0xffffffff) && cleanF32(hi>>32)
}

const nodeClean = -1 // a value.node that is never a NaN, or the canonical one

const (
	dstNone   = -1 // dropped, or cut off by a branch
	dstEscape = -2
	dstUse    = -3 // taken by an instruction that does not look at NaN bits of shape use
)

// node is a value the analysis follows: an arithmetic result or a read of a local.
type node struct {
	at    int   // byte offset behind the instruction that pushes it
	local int32 // the local read, -1 for arithmetic
	dst   int32 // what takes it: a local it is written to, or one of the above
	shape shape // of arithmetic
	use   shape // with dstUse
}

// span is a range of unreachable code.
type span struct{ from, to int }

// analysis is what validation of one function body leaves for the passes. Offsets ascend.
type analysis struct {
	nodes    []node
	segments []segment
	current  int32 // segment that pays for the next instruction
	dead     []span
	picks    []pick           // selects of floats and vectors
	joined   []int            // comparisons, by byte offset, that an engine may get wrong; see compare.go
	stretch  stretches        // what they are found by
	calls    bool             // it calls functions
	merges   int              // of them, where control flow joins
	values   int              // a bound on the values a compiler makes of it, a v128 counted twice
	tights   int              // loops the rewriter puts into another
	width    int              // 2 if it has a local of type v128, else 1
	states   map[uint32]shape // what each local written to holds
	entries  []uint8          // by reachable block, the function's first: ways to where branches to it go, 2 for more
}

// shapeMixed marks a local that holds something else than one shape of arithmetic results.
const shapeMixed = shapeClean + 1

// pick is a select of floats or vectors.
type pick struct {
	at int // byte offset of the instruction
	t  ValType
}

func (a *analysis) begin(at int, params []ValType, locals []Locals) {
	a.width = 1
	if slices.Contains(params, V128) || slices.ContainsFunc(locals, func(l Locals) bool { return l.Type == V128 && l.Count > 0 }) {
		a.width = 2
	}
	a.nodes, a.segments, a.dead, a.picks, a.joined = a.nodes[:0], a.segments[:0], a.dead[:0], a.picks[:0], a.joined[:0]
	a.stretch.begin()
	a.nodes = append(a.nodes, node{}) // node 0 stands for a value that is not followed
	a.segments = append(a.segments, segment{at: at, parent: -1})
	a.current = 0
	a.calls, a.values, a.merges, a.tights = false, 0, 0, 0
	a.states = make(map[uint32]shape)
	a.entries = append(a.entries[:0], 0)
}

// open numbers a block that can be reached.
func (a *analysis) open() int32 {
	a.entries = append(a.entries, 0)
	return int32(len(a.entries) - 1)
}

// enter notes a way to where branches to block n go: its end, or a loop's top.
func (a *analysis) enter(n int32) { a.entries[n] = min(a.entries[n]+1, 2) }

// define counts values an instruction makes, in unreachable code too.
func (a *analysis) define(ts ...ValType) {
	for _, t := range ts {
		if a.values++; t == V128 {
			a.values++
		}
	}
}

// merge counts values made where control flow joins: locals, of any type, the gas counter, and results.
func (a *analysis) merge(locals int, results []ValType) {
	a.values += locals*a.width + 1
	a.merges += locals
	a.define(results...)
}

// tight marks a loop that the rewriter puts into another, and counts what a compiler merges at the top of that one, and
// the few values its check for yielding makes.
func (a *analysis) tight(top int32, locals int, params []ValType) {
	if a.tights == maxTight {
		return
	}
	a.tights++
	a.segments[top].tight = true
	a.values += 8
	a.merge(locals, params)
}

func (a *analysis) deadFrom(at int) { a.dead = append(a.dead, span{at, at}) }
func (a *analysis) liveFrom(at int) { a.dead[len(a.dead)-1].to = at }
func (a *analysis) escape(n int32)  { a.nodes[n].dst = dstEscape }

func (a *analysis) consume(n int32, use shape) {
	if use == shapeNone {
		a.escape(n)
		return
	}
	a.nodes[n].dst, a.nodes[n].use = dstUse, use
}

func (a *analysis) produce(at int, s shape) int32 {
	a.nodes = append(a.nodes, node{at: at, local: -1, dst: dstNone, shape: s})
	return int32(len(a.nodes) - 1)
}

func (a *analysis) read(at int, local uint32) int32 {
	a.nodes = append(a.nodes, node{at: at, local: int32(local), dst: dstNone})
	return int32(len(a.nodes) - 1)
}

// flow records that value n is written to a local.
func (a *analysis) flow(n int32, local uint32) {
	switch {
	case n > 0:
		a.nodes[n].dst = int32(local)
	case n == 0:
		a.states[local] = shapeMixed
	}
}

// resolve finds what each local holds: shapes spread along writes of one local to another until nothing changes.
// A state only rises (none, one shape, mixed), so this takes time linear in the writes.
func (a *analysis) resolve() {
	edges := make(map[uint32][]uint32)
	var work []uint32
	raise := func(local uint32, s shape) {
		old := a.states[local]
		if s == shapeNone || old == s || old == shapeMixed {
			return
		}
		if old != shapeNone {
			s = shapeMixed
		}
		a.states[local] = s
		work = append(work, local)
	}
	for l := range a.states {
		work = append(work, l)
	}
	for i := 1; i < len(a.nodes); i++ {
		n := &a.nodes[i]
		switch {
		case n.dst < 0:
		case n.local >= 0:
			edges[uint32(n.local)] = append(edges[uint32(n.local)], uint32(n.dst))
		default:
			raise(uint32(n.dst), n.shape)
		}
	}
	for len(work) > 0 {
		l := work[len(work)-1]
		work = work[:len(work)-1]
		for _, to := range edges[l] {
			raise(to, a.states[l])
		}
	}
}

// canonical returns the shape in which node n must be made canonical where it is pushed, shapeNone if it need not.
func (a *analysis) canonical(n *node) shape {
	s := n.shape
	if n.local >= 0 {
		if s = a.states[uint32(n.local)]; s == shapeMixed {
			return shapeNone
		}
	}
	switch {
	case s == shapeNone, n.dst == dstNone:
		return shapeNone
	case n.dst == dstUse && n.use == s:
		return shapeNone
	case n.dst >= 0 && a.states[uint32(n.dst)] == s:
		return shapeNone
	}
	return s
}
