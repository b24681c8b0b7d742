package profile

import (
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
)

// loopOps counts the operators, other than accesses of private scalars, inside the loops of a kernel.
func loopOps(k *ir.Kernel) map[ir.Op]int {
	n := map[ir.Op]int{}
	var walk func(r ir.Region, inside bool)
	walk = func(r ir.Region, inside bool) {
		for _, i := range r {
			if inside && (i.Var == nil || i.Var.Space != ir.Private) {
				n[i.Op]++
			}
			walk(i.Then, inside || i.Op == ir.OpLoop)
			walk(i.Else, inside || i.Op == ir.OpLoop)
		}
	}
	walk(k.Body, false)
	return n
}

// TestHoist checks what is left in a loop: in a product of matrices the two reads and what depends on the turn.
func TestHoist(t *testing.T) {
	m, err := Check(`
struct P { m: u32, n: u32, k: u32 }
@group(0) @binding(0) var<uniform> p: P;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) g: vec3u) {
  if (g.x >= p.n || g.y >= p.m) { return; }
  var sum = 0.0;
  for (var i = 0u; i < p.k; i++) { sum += a[g.y * p.k + i] * b[i * p.n + g.x]; }
  c[g.y * p.n + g.x] = sum;
}`)
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.Emit("main", nil)
	if err != nil {
		t.Fatal(err)
	}
	n := loopOps(k)
	for op, want := range map[ir.Op]int{ir.OpLoad: 2, ir.OpIMul: 1, ir.OpIAdd: 3, ir.OpULt: 2, ir.OpULe: 1} {
		if n[op] != want {
			t.Errorf("%d times %s in the loop, want %d\n%s", n[op], op, want, k)
		}
	}
}

// TestHoistKeeps runs loops out of which something must not move.
func TestHoistKeeps(t *testing.T) {
	const head = `
@group(0) @binding(0) var<storage, read_write> o: array<u32, 4>;
@group(0) @binding(1) var<storage, read> r: array<u32, 4>;
@compute @workgroup_size(1) fn main() {`
	for name, c := range map[string]struct {
		body string
		want [4]uint32
	}{
		"a scalar that an if in the loop writes": {"var x = 1u; for (var i = 0u; i < 4; i++) { let y = x * 3; if i == 1 { x = 5; } o[i] = y; }",
			[4]uint32{3, 3, 15, 15}},
		"a scalar that an inner loop writes": {"var x = 1u; for (var i = 0u; i < 2; i++) { o[i] = x; for (var j = 0; j < 2; j++) { x += 1; } }",
			[4]uint32{1, 3, 0, 0}},
		"a scalar the continuing block writes": {"var x = 1u; var i = 0u; loop { o[i] = x * 2; continuing { x += 3; i++; break if i == 4; } }",
			[4]uint32{2, 8, 14, 20}},
		"memory that is written":    {"for (var i = 0u; i < 4; i++) { let y = o[r[0] - 1]; o[0] = y + 1; o[i] += y; }", [4]uint32{4, 1, 2, 3}},
		"a guarded read":            {"let n = r[3]; for (var i = 0u; i < 4; i++) { if n < 4 { o[i] = r[n]; } else { o[i] = 9; } }", [4]uint32{9, 9, 9, 9}},
		"a loop that makes no turn": {"var i = r[3]; while i < 4 { o[0] = r[i] / r[0]; i++; }", [4]uint32{}},
		"what a continue skips": {"var i = 0u; loop { if i == 1 { i++; continue; } let y = r[1] * 7; o[i] = y; continuing { i += 1; o[3] = r[1] * 7 + i; break if i > 2; } }",
			[4]uint32{14, 0, 0, 14 + 3}},
		"equal values of two branches": {"for (var i = 0u; i < 4; i++) { var y = 0u; if i < 2 { y = r[i] * 3; } else { y = r[i] * 3 + 1; } o[i] = y; }",
			[4]uint32{3, 6, 10, 100*3 + 1}},
		"a break if that stays the same": {"var i = 0u; loop { o[i] = 5; i++; continuing { break if r[0] == 1; } }", [4]uint32{5, 0, 0, 0}},
	} {
		out := runKernel(t, head+c.body+" if o[0] == r[3] * 77 { o[0] = 0; } }", [3]uint32{1, 1, 1}, nil, make([]uint32, 4), []uint32{1, 2, 3, 100})
		if [4]uint32(out[0]) != c.want {
			t.Errorf("%s: %v, want %v", name, out[0], c.want)
		}
	}
}
