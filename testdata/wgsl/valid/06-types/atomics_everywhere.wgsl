// expect 0.0: 6 3 8 2
// in 0.1: 5 7 0
// expect 0.1: 1 0xfffffffd 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { n: atomic<u32>, a: array<atomic<i32>, 2> }
var<workgroup> w: S; var<workgroup> g: array<array<atomic<u32>, 2>, 2>;
@group(0) @binding(1) var<storage, read_write> s: S;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) {
  atomicAdd(&w.n, i); atomicMax(&w.a[1], i32(i)); atomicOr(&g[i / 2][i % 2], 1u << i); atomicSub(&s.n, 1); atomicMin(&s.a[0], -i32(i));
  workgroupBarrier();
  if i == 0 { out[0] = atomicLoad(&w.n); out[1] = u32(atomicLoad(&w.a[1])); out[2] = atomicLoad(&g[1][1]); out[3] = atomicLoad(&g[0][1]); }
}
