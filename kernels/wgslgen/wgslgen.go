// Package wgslgen makes random WGSL programs for differential tests of the front end and the devices behind it: valid,
// terminating and free of races, so that every correct stack computes the same bits from them.
//
// An invocation writes only its own words of the output. Workgroup memory is written by its owner and read by all, with
// barriers between. Every operator has an operand that is not known before the kernel runs, so that no constant
// expression can be a fault; the operands that are hard come from a buffer.
package wgslgen

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// Options says what a program may contain.
type Options struct {
	// Transcendental allows exp, log, sin and their like.
	Transcendental bool
	// Integers leaves floats out: WGSL itself then says every bit, and any other implementation of it must agree.
	Integers bool
	// Size is about how many statements there are; 0 means 20.
	Size int
}

const (
	srcWords = 64
	ownWords = 8 // of the output, for each invocation
	groupX   = 16
)

// New makes the program of a seed.
func New(seed uint64, o Options) string {
	if o.Size == 0 {
		o.Size = 20
	}
	g := &gen{r: rand.New(rand.NewPCG(seed, 0x5851f42d4c957f2d)), o: o}
	return g.module()
}

// Case makes the program of a seed, compiled, with a dispatch of it.
func Case(seed uint64, o Options) (string, *irgen.Case, error) {
	source := New(seed, o)
	m, err := kernels.Compile(source)
	if err != nil {
		return source, nil, err
	}
	k, err := m.Kernel("main", nil)
	if err != nil {
		return source, nil, err
	}
	r := rand.New(rand.NewPCG(seed, 1))
	c := &irgen.Case{Kernel: k.IR, Workgroups: [3]uint32{2, 1, 1}, GasLimit: 1 << 24}
	sizes := []int{srcWords, 8, 2 * groupX * ownWords, 4}
	for _, bound := range k.IR.Bindings { // those that the program uses
		b := make([]uint32, sizes[bound.Binding])
		for i := range b {
			b[i] = irgen.Word(r)
		}
		c.Buffers = append(c.Buffers, b)
	}
	return source, c, nil
}

// typ is a scalar or a vector: the kind of its components (f, i, u or b) and their number.
type typ struct {
	kind byte
	n    int
}

func (t typ) String() string {
	scalar := map[byte]string{'f': "f32", 'i': "i32", 'u': "u32", 'b': "bool"}[t.kind]
	if t.n == 1 {
		return scalar
	}
	return fmt.Sprintf("vec%d<%s>", t.n, scalar)
}

type variable struct {
	name     string
	t        typ
	writable bool
}

type function struct {
	name   string
	params []typ
	byRef  bool // the first parameter is a pointer
	result typ
}

type gen struct {
	r         *rand.Rand
	o         Options
	b         strings.Builder
	indent    int
	vars      []variable
	functions []function
	names     int
	left      int
	inLoop    int
	inHelper  *function
	main      bool
	dear      int // transcendental functions so far
}

func (g *gen) line(format string, a ...any) {
	g.b.WriteString(strings.Repeat("  ", g.indent))
	fmt.Fprintf(&g.b, format+"\n", a...)
}

func (g *gen) one(list ...string) string { return list[g.r.IntN(len(list))] }

func (g *gen) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *gen) anyType() typ {
	t := typ{g.kind("ffffiiuub"), 1}
	if g.r.IntN(3) == 0 {
		t.n = 2 + g.r.IntN(3)
	}
	return t
}

// kind chooses a kind of component.
func (g *gen) kind(list string) byte {
	if g.o.Integers {
		list = strings.ReplaceAll(list, "f", "")
	}
	return list[g.r.IntN(len(list))]
}

func (g *gen) module() string {
	g.line(`struct Params { count: u32, shift: i32, scale: f32, bias: f32, v: vec4<f32> }
struct Pair { a: f32, b: vec3<u32>, c: array<i32, 3> }
@group(0) @binding(0) var<storage, read> src: array<u32>;
@group(0) @binding(1) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> dst: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<atomic<u32>, 4>;
var<workgroup> shared_f: array<f32, %d>;
var<workgroup> shared_u: array<vec2<u32>, %d>;
var<private> kept: array<f32, 8>;
var<private> state: u32;
fn word(i: u32) -> u32 { return src[i %% arrayLength(&src)]; }
fn real(i: u32) -> f32 { return bitcast<f32>(src[i %% %du]); }`, groupX, groupX, srcWords)
	for range 1 + g.r.IntN(3) {
		g.helper()
	}
	g.entry()
	return g.b.String()
}

// helper declares a function that later ones may call.
func (g *gen) helper() {
	f := function{name: g.name("f"), result: g.anyType(), byRef: g.r.IntN(3) == 0}
	g.vars = nil
	var params []string
	for n := range 1 + g.r.IntN(3) {
		t := g.anyType()
		f.params = append(f.params, t)
		p := g.name("p")
		if n == 0 && f.byRef {
			params = append(params, fmt.Sprintf("%s: ptr<function, %s>", p, t))
			g.vars = append(g.vars, variable{"(*" + p + ")", t, true})
		} else {
			params = append(params, fmt.Sprintf("%s: %s", p, t))
			g.vars = append(g.vars, variable{p, t, false})
		}
	}
	g.line("fn %s(%s) -> %s {", f.name, strings.Join(params, ", "), f.result)
	g.indent++
	g.inHelper = &f
	g.left = 1 + g.r.IntN(4)
	for g.left > 0 {
		g.statement()
	}
	g.line("return %s;", g.expr(f.result, 2).text)
	g.inHelper = nil
	g.indent--
	g.line("}")
	g.functions = append(g.functions, f)
}

func (g *gen) entry() {
	g.line(`@compute @workgroup_size(%d) fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_index) lid: u32,
  @builtin(workgroup_id) wid: vec3<u32>, @builtin(num_workgroups) nwg: vec3<u32>) {`, groupX)
	g.indent++
	g.vars = []variable{{"gid.x", typ{'u', 1}, false}, {"lid", typ{'u', 1}, false}, {"wid", typ{'u', 3}, false},
		{"params.shift", typ{'i', 1}, false}, {"state", typ{'u', 1}, true}}
	if !g.o.Integers {
		g.vars = append(g.vars, variable{"params.scale", typ{'f', 1}, false}, variable{"params.v", typ{'f', 4}, false})
	}
	g.line("let own = gid.x * %du;", ownWords)
	g.line("var pair = Pair(real(gid.x), vec3<u32>(word(lid), word(gid.x + 5u), 7u), array<i32, 3>(1, -2, bitcast<i32>(word(lid * 3u))));")
	g.vars = append(g.vars, variable{"pair.b", typ{'u', 3}, true}, variable{"pair.c[1]", typ{'i', 1}, true})
	if !g.o.Integers {
		g.vars = append(g.vars, variable{"pair.a", typ{'f', 1}, true})
	}
	for _, k := range []byte("fiub") {
		if k == 'f' && g.o.Integers {
			continue
		}
		n := g.name("v")
		t := typ{k, 1 + g.r.IntN(4)}
		g.line("var %s = %s;", n, g.fresh(t))
		g.vars = append(g.vars, variable{n, t, true})
	}
	g.main = true
	g.left = g.o.Size
	for g.left > 0 {
		g.statement()
	}
	g.main = false
	for n := range ownWords {
		g.line("dst[own + %du] = %s;", n, g.bits())
	}
	g.indent--
	g.line("}")
}

// bits is an expression of type u32 with the bits of some scalar.
func (g *gen) bits() string {
	t := typ{g.kind("ffiu"), 1}
	return fmt.Sprintf("bitcast<u32>(%s)", g.expr(t, 2).text)
}

// fresh is a value out of the input.
func (g *gen) fresh(t typ) string {
	var parts []string
	for range t.n {
		at := fmt.Sprintf("%s + %du", g.one("gid.x", "lid", "gid.x * 3u", "wid.x"), g.r.IntN(srcWords))
		switch t.kind {
		case 'f':
			parts = append(parts, "real("+at+")")
		case 'u':
			parts = append(parts, "word("+at+")")
		case 'i':
			parts = append(parts, "bitcast<i32>(word("+at+"))")
		default:
			parts = append(parts, "(word("+at+") & 1u) == 1u")
		}
	}
	if t.n == 1 {
		return parts[0]
	}
	return fmt.Sprintf("%s(%s)", t, strings.Join(parts, ", "))
}

// block makes statements in braces; what they declare ends there.
func (g *gen) block(most int) {
	old := len(g.vars)
	wasMain := g.main
	g.main = false // barriers stand at the top only
	g.indent++
	for n := 1 + g.r.IntN(most); n > 0 && g.left > 0; n-- {
		g.statement()
	}
	g.indent--
	g.main = wasMain
	g.vars = g.vars[:old:old]
}

func (g *gen) statement() {
	g.left--
	switch n := g.r.IntN(24); {
	case n < 5:
		t, name := g.anyType(), g.name("v")
		writable := g.r.IntN(2) == 0
		// Declared with or without a type, as both are common.
		colon := ""
		if g.r.IntN(2) == 0 {
			colon = ": " + t.String()
		}
		g.line("%s %s%s = %s;", map[bool]string{true: "var", false: "let"}[writable], name, colon, g.expr(t, 3).text)
		g.vars = append(g.vars, variable{name, t, writable})
	case n < 11:
		g.assign()
	case n < 14:
		g.line("if %s {", g.expr(typ{'b', 1}, 2).text)
		g.block(4)
		switch g.r.IntN(3) {
		case 0:
			g.line("} else {")
			g.block(3)
		case 1:
			g.line("} else if %s {", g.expr(typ{'b', 1}, 1).text)
			g.block(3)
		}
		g.line("}")
	case n < 17:
		g.loop()
	case n < 19:
		g.choose()
	case n < 20 && g.inLoop > 0:
		g.line("if %s { %s; }", g.expr(typ{'b', 1}, 1).text, g.one("break", "continue"))
	case n < 20 && g.inHelper != nil:
		g.line("if %s { return %s; }", g.expr(typ{'b', 1}, 1).text, g.expr(g.inHelper.result, 1).text)
	case n < 21 && !g.o.Integers:
		at := g.expr(typ{'u', 1}, 1).text
		g.line("kept[%s & 7u] = %s;", at, g.expr(typ{'f', 1}, 2).text)
	case g.main && n < 22:
		name, t, array := g.name("v"), typ{'f', 1}, "shared_f"
		if g.o.Integers || g.r.IntN(3) == 0 {
			t, array = typ{'u', 2}, "shared_u"
		}
		g.line("%s[lid] = %s;", array, g.expr(t, 2).text)
		g.line("workgroupBarrier();")
		g.line("let %s = %s[%s %% %du] + %s[lid ^ 1u];", name, array, g.expr(typ{'u', 1}, 1).text, groupX, array)
		g.line("workgroupBarrier();")
		g.vars = append(g.vars, variable{name, t, false})
	case g.main && n < 23:
		k := g.r.IntN(4)
		g.line("%s(&sums[%d], %s);", []string{"atomicAdd", "atomicMax", "atomicXor", "atomicAnd"}[k], k, g.expr(typ{'u', 1}, 2).text)
	default:
		if g.main {
			g.line("dst[own + (%s & %du)] = %s;", g.expr(typ{'u', 1}, 1).text, ownWords-1, g.bits())
		}
	}
}

// assign changes a variable, the whole or a component.
func (g *gen) assign() {
	var at []variable
	for _, v := range g.vars {
		if v.writable {
			at = append(at, v)
		}
	}
	if len(at) == 0 {
		return
	}
	v := at[g.r.IntN(len(at))]
	name, t := v.name, v.t
	if t.n > 1 && g.r.IntN(2) == 0 {
		if g.r.IntN(2) == 0 {
			name += "." + "xyzw"[g.r.IntN(t.n):][:1]
		} else {
			name += fmt.Sprintf("[%s %% %du]", g.expr(typ{'u', 1}, 1).text, t.n)
		}
		t.n = 1
	}
	switch {
	case t.kind == 'b' || g.r.IntN(2) == 0:
		g.line("%s = %s;", name, g.expr(t, 3).text)
	case t.kind == 'f':
		g.line("%s %s= %s;", name, g.one("+", "-", "*", "/"), g.expr(t, 2).text)
	case t.n == 1 && g.r.IntN(4) == 0:
		g.line("%s%s;", name, g.one("++", "--"))
	default:
		// A known right operand could be a fault of / and %.
		g.line("%s %s= %s;", name, g.one("+", "-", "*", "/", "%", "&", "|", "^"), g.varying(t, 2))
	}
}

func (g *gen) loop() {
	if g.inLoop > 1 {
		return
	}
	trips := fmt.Sprintf("%du", 1+g.r.IntN(5))
	if g.r.IntN(2) == 0 {
		trips = fmt.Sprintf("(%s & 7u)", g.varying(typ{'u', 1}, 1))
	}
	i := g.name("i")
	g.inLoop++
	old := len(g.vars)
	switch g.r.IntN(3) {
	case 0:
		g.line("for (var %s = 0u; %s < %s; %s++) {", i, i, trips, i)
		g.vars = append(g.vars, variable{i, typ{'u', 1}, false})
		g.block(4)
		g.line("}")
	case 1:
		g.line("var %s = 0u;", i)
		g.line("while %s < %s {", i, trips)
		g.indent++
		g.line("%s += 1u;", i)
		g.indent--
		g.vars = append(g.vars, variable{i, typ{'u', 1}, false})
		old++
		g.block(4)
		g.line("}")
	default:
		g.line("var %s = 0u;", i)
		g.line("loop {")
		g.vars = append(g.vars, variable{i, typ{'u', 1}, false})
		old++
		g.block(4)
		g.indent++
		g.line("continuing { %s = %s + 1u; break if %s >= %s; }", i, i, i, trips)
		g.indent--
		g.line("}")
	}
	g.vars = g.vars[:old:old]
	g.inLoop--
}

func (g *gen) choose() {
	g.line("switch %s & 7u {", g.varying(typ{'u', 1}, 1))
	loops := g.inLoop
	g.inLoop = 0 // a break would leave the switch, which is tried below
	for n := range 1 + g.r.IntN(3) {
		if g.r.IntN(3) == 0 {
			g.line("case %du, %du: {", 2*n, 2*n+1)
		} else {
			g.line("case %du: {", 2*n)
		}
		g.block(3)
		if g.r.IntN(3) == 0 {
			g.line("  if %s { break; }", g.expr(typ{'b', 1}, 1).text)
			g.block(1)
		}
		g.line("}")
	}
	g.line("default: {")
	g.block(2)
	g.line("}")
	g.line("}")
	g.inLoop = loops
}
