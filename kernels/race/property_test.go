package race_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/race"
)

// writer makes random kernels that index memory in the ways kernels do, and in ways that nearly are.
type writer struct {
	r     *rand.Rand
	b     strings.Builder
	names []string // u32 values in scope
	left  int
	depth int
	flat  bool // no barrier may stand here
}

func (w *writer) pick(s ...string) string { return s[w.r.IntN(len(s))] }

func (w *writer) line(format string, a ...any) { fmt.Fprintf(&w.b, format+"\n", a...) }

func (w *writer) number() string {
	return w.pick("1u", "2u", "3u", "4u", "5u", "7u", "8u", "16u", "20u", "64u", "65536u", "0x40000000u", "0x80000000u",
		"0x20000001u", "0xfffffffeu", "n", "m", "groups.x", "groups.y", "arrayLength(&out)")
}

func (w *writer) name() string { return w.names[w.r.IntN(len(w.names))] }

// value is an expression, mostly affine.
func (w *writer) value(depth int) string {
	if depth == 0 {
		if w.r.IntN(4) == 0 {
			return w.number()
		}
		return w.name()
	}
	x := w.value(depth - 1)
	switch w.r.IntN(14) {
	case 0, 1, 2, 3:
		return "(" + x + " + " + w.value(depth-1) + ")"
	case 4, 5, 6:
		return "(" + x + " * " + w.number() + ")"
	case 7:
		return "(" + x + " - " + w.number() + ")"
	case 8:
		return "(" + x + " / " + w.pick("2u", "3u", "4u", "8u", "n") + ")"
	case 9:
		return "(" + x + " % " + w.pick("2u", "3u", "4u", "8u", "n") + ")"
	case 10:
		return w.pick("min", "max") + "(" + x + ", " + w.value(depth-1) + ")"
	case 11:
		return "select(" + x + ", " + w.value(0) + ", " + w.condition() + ")"
	case 12:
		return "(" + x + w.pick(" << 1u", " << 3u", " >> 1u", " >> 2u", " & 7u", " & 0xfffffff8u", " | 1u", " ^ 1u") + ")"
	}
	return x
}

// row is a value as matrices are indexed.
func (w *writer) row() string {
	switch w.r.IntN(6) {
	case 0:
		return "gid.x"
	case 1:
		return "gid.y * n + gid.x"
	case 2:
		return "(gid.y * 8u + " + w.name() + ") * n + gid.x"
	case 3:
		return "gid.x * " + w.number() + " + " + w.name()
	case 4:
		return "wid.x * " + w.number() + " + lid.x"
	}
	return w.value(2)
}

func (w *writer) condition() string {
	c := w.name() + w.pick(" < ", " < ", " <= ", " == ", " != ") + w.pick(w.number(), w.name(), w.value(1))
	switch w.r.IntN(6) {
	case 0:
		return "(" + c + " && " + w.name() + " < " + w.number() + ")"
	case 1:
		return "(" + c + " || " + w.name() + " >= " + w.number() + ")"
	case 2:
		return "(i32(" + w.name() + ") < i32(" + w.number() + "))"
	}
	return "(" + c + ")"
}

func (w *writer) block(statements int) {
	names := len(w.names)
	for range statements {
		w.statement()
	}
	w.names = w.names[:names]
}

func (w *writer) statement() {
	if w.left--; w.left < 0 {
		return
	}
	fresh := fmt.Sprintf("v%d", w.left)
	switch w.r.IntN(12) {
	case 0:
		w.line("let %s = %s;", fresh, w.value(2))
		w.names = append(w.names, fresh)
	case 1, 2, 3:
		w.line("out[%s] = %s;", w.row(), w.name())
	case 4:
		w.line("out[%s] += out[%s];", w.row(), w.row())
	case 5:
		w.line("%s(&count[%s], %s);", w.pick("atomicAdd", "atomicAdd", "atomicMax", "atomicStore"), w.value(1), w.pick("1u", w.name()))
	case 6:
		w.line("tile[%s] = tile[%s];", w.pick("li", "lid.y * 4u + lid.x", "li / 4u * 4u + li % 4u", w.value(1)), w.pick("li", w.value(1)))
	case 7:
		if w.flat {
			w.line("tile[li] = %s;", w.name())
		} else {
			w.line("workgroupBarrier();")
		}
	case 8, 9:
		if w.depth == 2 {
			return
		}
		w.depth++
		flat := w.flat
		w.flat = true
		w.line("if %s {", w.condition())
		w.block(1 + w.r.IntN(3))
		if w.r.IntN(3) == 0 {
			w.line("} else {")
			w.block(1 + w.r.IntN(2))
		}
		w.line("}")
		w.flat = flat
		w.depth--
	case 10:
		if w.depth == 2 {
			return
		}
		w.depth++
		flat := w.flat
		start, end, step := w.pick("0u", "lid.x", "gid.x", "1u"), w.pick("3u", "20u", "n", "9u"), w.pick("1u", "1u", "4u", "groups.x * 4u", "n")
		w.flat = flat || start != "0u" && start != "1u"
		w.line("{ var guard = 0u; for (var %s = %s; %s < %s && guard < 40u; %s += %s) { guard++;", fresh, start, fresh, end, fresh, step)
		w.names = append(w.names, fresh)
		w.block(1 + w.r.IntN(3))
		w.line("} }")
		w.names = w.names[:len(w.names)-1]
		w.flat = flat
		w.depth--
	case 11:
		if w.depth == 2 {
			return
		}
		w.depth++
		start, end := w.pick("0u", "lid.x", "gid.x"), w.pick("3u", "20u", "n", "9u", "arrayLength(&out)")
		flat := w.flat
		w.flat = flat || start != "0u"
		w.line("for (var %s = %s; %s < min(%s, 60u); %s += %s) {", fresh, start, fresh, end, fresh, w.pick("1u", "1u", "4u", "max(4u, groups.x * 4u)"))
		w.names = append(w.names, fresh)
		w.block(1 + w.r.IntN(3))
		w.line("}")
		w.names = w.names[:len(w.names)-1]
		w.flat = flat
		w.depth--
	}
}

func randomKernel(r *rand.Rand) string {
	w := &writer{r: r, left: 1 + r.IntN(5), names: []string{"gid.x", "gid.y", "lid.x", "li", "wid.x", "n"}}
	w.line(`@group(0) @binding(0) var<uniform> sizes: vec2u;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@group(0) @binding(2) var<storage, read_write> count: array<atomic<u32>>;
var<workgroup> tile: array<u32, 32>;
@compute @workgroup_size(%s)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(local_invocation_id) lid: vec3u, @builtin(workgroup_id) wid: vec3u,
        @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) li: u32) {
let n = sizes.x; let m = sizes.y; _ = arrayLength(&count); tile[li] = 0u;`, w.pick("4", "8", "4, 2", "2, 4", "4, 4"))
	if r.IntN(2) == 0 {
		w.line("if (gid.x %s n %s gid.y >= m) { return; }", w.pick(">=", ">="), w.pick("||", "||", "&&"))
		w.flat = true
	}
	w.block(w.left)
	w.line("}")
	return w.b.String()
}

var kernelsTried = flag.Int("kernels", 3000, "random kernels whose proofs are tried out")

// What is proven is never found to be wrong, for all dispatches or for the one at hand.
func TestProofsHold(t *testing.T) {
	kernelsTried := *kernelsTried
	tally := map[string]int{}
	for seed := range uint64(kernelsTried) {
		r := rand.New(rand.NewPCG(seed, 7))
		source := randomKernel(r)
		m, err := kernels.Compile(source)
		if err != nil {
			tally["refused"]++
			continue
		}
		k, err := m.Kernel("main", nil)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, source)
		}
		always := race.Prove(k.IR, nil)
		tally["all dispatches: "+string(always.Verdict)]++
		for range 3 {
			d, given := randomDispatch(r, len(k.IR.Bindings), k)
			once := race.Prove(k.IR, given)
			res, err := race.NewChecker(k.IR).Run(context.Background(), d)
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, source)
			}
			found := len(res.Races) > 0
			tally[fmt.Sprintf("one dispatch: %s, races %v", once.Verdict, found)]++
			if !found {
				continue
			}
			if once.Verdict == race.Proven {
				t.Fatalf("seed %d: a proof for %v is wrong: %s\n%s", seed, given, res.Races[0].String(), source)
			}
			if always.Verdict == race.Proven && !tall(always, given) {
				t.Fatalf("seed %d: a proof for all dispatches is wrong with %v: %s\n%s", seed, given, res.Races[0].String(), source)
			}
		}
	}
	t.Log(tally)
	if tally["all dispatches: proven"] < kernelsTried/50 || tally["one dispatch: unproven, races true"] < kernelsTried/10 ||
		tally["one dispatch: proven, races false"] < kernelsTried/10 {
		t.Errorf("the kernels try too little: %v", tally)
	}
}

// tall says whether a dispatch has more than one workgroup in a dimension that a proof wants flat.
func tall(p *race.Proof, g *race.Given) bool {
	for n, flat := range p.Flat {
		if flat && g.Workgroups[n] > 1 {
			return true
		}
	}
	return false
}

func randomDispatch(r *rand.Rand, bindings int, k *kernels.Kernel) (*race.Dispatch, *race.Given) {
	small := func() uint32 {
		if r.IntN(8) == 0 {
			return []uint32{0, 1, 0x80000000, 0xffffffff, 0x40000000, 0x10000}[r.IntN(6)]
		}
		return uint32(r.IntN(24))
	}
	sizes := []uint32{small(), small()}
	d := &race.Dispatch{Workgroups: [3]uint32{1 + uint32(r.IntN(5)), 1 + uint32(r.IntN(3)), 1}, GasLimit: 1 << 20}
	contents := [][]uint32{}
	for _, b := range k.IR.Bindings {
		words := make([]uint32, 1+r.IntN(300))
		if b.Binding == 0 {
			words = sizes
		}
		contents = append(contents, words)
		d.Words = append(d.Words, uint32(len(words)))
	}
	d.Content = func(b int) ([]uint32, error) { return contents[b], nil }
	return d, &race.Given{Workgroups: d.Workgroups, Words: d.Words, Word: func(b int, n uint32) (uint32, bool) {
		if k.IR.Bindings[b].Binding == 0 {
			return sizes[n], true
		}
		return 0, false
	}}
}
