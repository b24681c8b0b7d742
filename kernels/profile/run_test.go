package profile

import (
	"context"
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
)

// runKernel compiles src, runs its entry point main over groups, and gives back the buffers.
func runKernel(t testing.TB, src string, groups [3]uint32, overrides map[string]float64, buffers ...[]uint32) [][]uint32 {
	t.Helper()
	m, err := Check(src)
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	k, err := m.Emit("main", overrides)
	if err != nil {
		t.Fatalf("emit: %v", err)
	}
	return runIR(t, k, groups, buffers...)
}

func runIR(t testing.TB, k *ir.Kernel, groups [3]uint32, buffers ...[]uint32) [][]uint32 {
	t.Helper()
	d := interp.Dispatch{Kernel: k, Buffers: buffers, Workgroups: groups, GasLimit: 1 << 30}
	if _, err := d.Run(context.Background()); err != nil {
		t.Fatalf("run: %v\n%s", err, k)
	}
	return buffers
}

func fbits(f ...float32) []uint32 {
	out := make([]uint32, len(f))
	for i, x := range f {
		out[i] = math.Float32bits(x)
	}
	return out
}

const matmulSrc = `
struct P { m: u32, n: u32, k: u32 }
@group(0) @binding(0) var<uniform> p: P;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;
const T = 4u;
var<workgroup> ta: array<array<f32, T>, T>;
var<workgroup> tb: array<array<f32, T>, T>;
@compute @workgroup_size(T, T)
fn main(@builtin(global_invocation_id) g: vec3u, @builtin(local_invocation_id) l: vec3u) {
  var sum = 0.0;
  for (var t = 0u; t < (p.k + T - 1) / T; t++) {
    let ka = t * T + l.x;
    let kb = t * T + l.y;
    ta[l.y][l.x] = select(0.0, a[g.y * p.k + ka], g.y < p.m && ka < p.k);
    tb[l.y][l.x] = select(0.0, b[kb * p.n + g.x], kb < p.k && g.x < p.n);
    workgroupBarrier();
    for (var k = 0u; k < T; k++) {
      sum += ta[l.y][k] * tb[k][l.x];
    }
    workgroupBarrier();
  }
  if (g.y < p.m && g.x < p.n) {
    c[g.y * p.n + g.x] = sum;
  }
}
`

func TestTiledMatmul(t *testing.T) {
	m, n, k := 5, 6, 7
	a, b := make([]float32, m*k), make([]float32, k*n)
	for i := range a {
		a[i] = float32(i%11) / 3
	}
	for i := range b {
		b[i] = float32(i%7) - 2.5
	}
	want := make([]float32, m*n)
	for y := range m {
		for x := range n {
			var s float32
			for i := range 8 {
				var p float32
				if i < k {
					p = float32(a[y*k+i] * b[i*n+x])
				}
				s = float32(s + p)
			}
			want[y*n+x] = s
		}
	}
	out := runKernel(t, matmulSrc, [3]uint32{2, 2, 1}, nil, []uint32{uint32(m), uint32(n), uint32(k)}, fbits(a...), fbits(b...), make([]uint32, m*n))
	for i, w := range fbits(want...) {
		if out[3][i] != w {
			t.Fatalf("element %d is %v, want %v", i, math.Float32frombits(out[3][i]), want[i])
		}
	}
}
