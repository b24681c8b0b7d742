package profile

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden holds the IR of a few kernels. Gas is counted on it, so that a change here is a change of ir.GasID.
func TestGolden(t *testing.T) {
	texts := readCorpus(t, "valid")
	for _, name := range []string{"14-memory/workgroup_reduction", "20-programs/softmax_cross_entropy", "20-programs/sgd",
		"10-functions/early_return", "09-statements/switch", "14-memory/out_of_bounds"} {
		m, err := Check(texts[name+".wgsl"])
		if err != nil {
			t.Fatal(err)
		}
		k, err := m.Emit("main", parsePlan(t, texts[name+".wgsl"]).overrides)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "golden", filepath.Base(name)+".ir")
		if *update {
			os.MkdirAll(filepath.Dir(file), 0o755)
			if err := os.WriteFile(file, []byte(k.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := k.String(); got != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestBoundsProven checks that guarded and masked accesses carry no ok operand.
func TestBoundsProven(t *testing.T) {
	m, err := Check(`
@group(0) @binding(0) var<storage, read_write> x: array<u32>;
var<workgroup> t: array<u32, 64>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3u, @builtin(local_invocation_index) l: u32) {
  t[l] = l; t[g.x & 63] = 1; t[(g.x >> 27) + 32] = 2;
  for (var i = 0u; i < 64; i++) { t[i] += 1; }
  if (g.x >= arrayLength(&x)) { return; }
  x[g.x] = t[g.x % 64] + t[l / 2];
}`)
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.Emit("main", nil)
	if err != nil {
		t.Fatal(err)
	}
	k.Walk(func(i *ir.Inst) {
		if i.Op == ir.OpLoad && len(i.Args) > 1 || i.Op == ir.OpStore && len(i.Args) > 2 {
			t.Errorf("the access at %v is not proven to be in bounds\n%s", i.Pos, k)
		}
	})
}

// TestConcurrentEmit runs one Module in several goroutines (run it with -race).
func TestConcurrentEmit(t *testing.T) {
	m, err := Check(readCorpus(t, "valid")["07-variables/overrides.wgsl"])
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			k, err := m.Emit("main", map[string]float64{"7": 1, "n": float64(n + 1)})
			if err != nil || k.WorkgroupSize[0] != uint32(n+2) {
				t.Errorf("%v: %v", k, err)
			}
		})
	}
	wg.Wait()
}

// exprGen writes random expressions twice: with literals, for constant evaluation, and with the same numbers read from
// a buffer. Both must come out the same.
type exprGen struct {
	r     *rand.Rand
	words []uint32
}

func (g *exprGen) leaf(t string) (lit, run string) {
	i := len(g.words)
	run = fmt.Sprintf("in[%d]", i)
	switch t {
	case "i32":
		v := []int32{0, 1, -1, 7, -13, 1 << 20, math.MaxInt32, math.MinInt32 + 1, int32(g.r.Uint32())}[g.r.IntN(9)]
		if v == math.MinInt32 {
			v++
		}
		g.words = append(g.words, uint32(v))
		return fmt.Sprintf("i32(%d)", v), "bitcast<i32>(" + run + ")"
	case "u32":
		v := []uint32{0, 1, 31, 255, 1 << 31, math.MaxUint32, g.r.Uint32()}[g.r.IntN(7)]
		g.words = append(g.words, v)
		return fmt.Sprintf("%du", v), run
	case "bool":
		v := uint32(g.r.IntN(2))
		g.words = append(g.words, v)
		return fmt.Sprint(v == 1), run + " == 1"
	}
	f := []float32{0, 1, -1.5, 0.1, 3e10, 1e-30, 1e-45, float32(g.r.NormFloat64())}[g.r.IntN(8)]
	g.words = append(g.words, math.Float32bits(f))
	return fmt.Sprintf("bitcast<f32>(%du)", math.Float32bits(f)), "bitcast<f32>(" + run + ")"
}

func (g *exprGen) expr(t string, depth int) (lit, run string) {
	if depth == 0 {
		l, r := g.leaf(t)
		return "(" + l + ")", "(" + r + ")"
	}
	both := func(format string, types ...string) (string, string) {
		var l, r []any
		for _, t := range types {
			a, b := g.expr(t, depth-1)
			l, r = append(l, a), append(r, b)
		}
		return fmt.Sprintf(format, l...), fmt.Sprintf(format, r...)
	}
	pick := func(s ...string) string { return s[g.r.IntN(len(s))] }
	switch t {
	case "i32", "u32":
		switch g.r.IntN(6) {
		case 0:
			return both(pick("countOneBits(%s)", "reverseBits(%s)", "firstLeadingBit(%s)", "firstTrailingBit(%s)", "countLeadingZeros(%s)", "abs(%s)", "(~%s)"), t)
		case 1:
			return both(pick("min(%s, %s)", "max(%s, %s)", "dot(vec2<"+t+">(%s, 3), vec2<"+t+">(5, %s))"), t, t)
		case 2:
			return both("select(%s, %s, %s)", t, t, "bool")
		case 3:
			return both("extractBits(%s, 5u, 9u)", t)
		case 4:
			return both("insertBits(%s, %s, 3u, 20u)", t, t)
		}
		return both("(%s "+pick("+", "-", "*", "&", "|", "^")+" %s)", t, t)
	case "bool":
		of := pick("i32", "u32", "f32")
		if g.r.IntN(4) == 0 {
			return both("(%s "+pick("&&", "||", "==", "!=", "&", "|")+" %s)", "bool", "bool")
		}
		return both("(%s "+pick("<", "<=", ">", ">=", "==", "!=")+" %s)", of, of)
	}
	switch g.r.IntN(5) {
	case 0:
		return both(pick("floor(%s)", "ceil(%s)", "trunc(%s)", "round(%s)", "fract(%s)", "abs(%s)", "sign(%s)", "saturate(%s)", "(-%s)",
			"quantizeToF16(%s)", "exp2(%s)", "sin(%s)", "sqrt(abs(%s))", "modf(%s).fract", "frexp(%s).fract", "tanh(%s)"), "f32")
	case 1:
		return both(pick("min(%s, %s)", "max(%s, %s)", "step(%s, %s)", "atan2(%s, %s)", "length(vec2f(%s, %s))", "(mat2x2f(1, 2, 3, 4) * vec2f(%s, %s)).y"), "f32", "f32")
	case 2:
		return both(pick("f32(%s)", "ldexp(0.75f, clamp(%s, -200, 100))"), "i32")
	case 3:
		return both("mix(%s, %s, %s)", "f32", "f32", "f32")
	}
	return both("(%s "+pick("+", "-", "*", "/", "%%")+" %s)", "f32", "f32")
}

// TestConstantsAgree evaluates random expressions as constants and at run time.
func TestConstantsAgree(t *testing.T) {
	agreed := 0
	for seed := range uint64(400) {
		g := &exprGen{r: rand.New(rand.NewPCG(seed, 1))}
		typ := []string{"i32", "u32", "f32"}[seed%3]
		lit, run := g.expr(typ, 3)
		src := fmt.Sprintf(`
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> in: array<u32>;
const folded: %s = %s;
@compute @workgroup_size(1) fn main() { out[0] = bitcast<u32>(folded); out[1] = bitcast<u32>(%s); }`, typ, lit, run)
		src = strings.ReplaceAll(src, "in[", "inp[")
		src = strings.ReplaceAll(src, "> in:", "> inp:")
		m, err := Check(src)
		if err != nil {
			if !strings.Contains(err.Error(), "finite") && !strings.Contains(err.Error(), "overflow") {
				t.Fatalf("%v\n%s", err, src)
			}
			continue // an infinity or a NaN is an error in a constant
		}
		k, err := m.Emit("main", nil)
		if err != nil {
			t.Fatal(err)
		}
		out := runIR(t, k, [3]uint32{1, 1, 1}, make([]uint32, 2), g.words)[0]
		if out[0] != out[1] {
			t.Errorf("as a constant 0x%08x, at run time 0x%08x:\n%s", out[0], out[1], src)
		}
		agreed++
	}
	if agreed < 200 {
		t.Errorf("only %d of 400 expressions have a constant value", agreed)
	}
}

// TestHardShapes emits programs that once broke, or could break, a stage: what matters is that they end in a kernel or
// a clear error, and soon.
func TestHardShapes(t *testing.T) {
	head := "@group(0) @binding(0) var<storage, read_write> o: array<u32>;\n"
	main := "@compute @workgroup_size(1) fn main() "
	deep := "{ o[0] += a; }"
	for i := range 100 {
		deep = fmt.Sprintf("{ for (var i%d = a; i%d < 3; i%d++) %s a += i%d; b = a; }", i, i, i, deep, i)
		deep = strings.Replace(deep, fmt.Sprintf(" a += i%d; b = a; }", i), " }", 1)
	}
	row := ""
	for i := range 3000 {
		row += fmt.Sprintf("var v%d = o[%d]; if v%d > 2 { v%d = v%d + 1; }\n", i, i, i, i, max(i-1, 0))
	}
	structs := "struct S0 { a: u32, b: u32 }\n"
	for i := range 25 {
		structs += fmt.Sprintf("struct S%d { a: S%d, b: S%d }\n", i+1, i, i)
	}
	chain, vars, uses := "", "", ""
	for i := range 5000 {
		chain += fmt.Sprintf("fn f%d(){f%d();}", i+1, i)
		vars += fmt.Sprintf("var<private>a%d:u32;", i)
		uses += fmt.Sprintf("a%d=1;", i)
	}
	for name, c := range map[string]struct {
		src  string
		fail string
	}{
		"a loop that never ends before the only return": {head + "fn f() -> u32 { loop { if false { break; } } return 1; }\n" + main + "{ o[0] = f() + f(); }", ""},
		"a return that folds away":                      {head + "fn f() -> u32 { if true { return 1; } return 2; }\n" + main + "{ o[0] = f(); if false { return; } o[1] = 1; }", ""},
		"code after an endless loop":                    {head + main + "{ loop { if false { break; } } o[0] = 1; }", ""},
		"loops nested deeply":                           {head + main + "{ var a = 0u; var b = 0u; " + deep + " }", ""},
		"many variables in loops around a barrier":      {head + main + "{ for (var k = 0; k < 4; k++) {" + row + "workgroupBarrier(); } }", "too complex"},
		"a chain of calls":                              {vars + "fn f0(){" + uses + "}" + chain, "too many variables"},
		"many variables":                                {head + main + "{" + row + "}", ""},
		"structures that double":                        {structs + head + main + "{ var s: S25; o[0] = s.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a; }", "may have"},
		"a large constant":                              {"const a = array<array<u32, 6000>, 600>();", "at most"},
		"a call in a continuing block":                  {head + "fn f(x: u32) -> u32 { if x > 3 { return 1; } return x; }\n" + main + "{ var i = 0u; loop { let a = f(i); if a == 9 { break; } continuing { i += f(a); break if f(i) > 2 && f(a) > 0; } } }", ""},
	} {
		m, err := Check(c.src)
		if err == nil {
			_, err = m.Emit("main", nil)
		}
		if c.fail == "" && err != nil || c.fail != "" && (err == nil || !strings.Contains(err.Error(), c.fail)) {
			t.Errorf("%s: %v, want %q", name, err, c.fail)
		}
	}
}
