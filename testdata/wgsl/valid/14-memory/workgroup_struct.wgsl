// expect 0.0: 1084 1083 1082 1081
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { n: atomic<u32>, v: array<vec3u, 4>, b: bool }
var<workgroup> s: S;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) {
  s.v[i].y = i + 1; atomicAdd(&s.n, 2); if i == 2 { s.b = true; } workgroupBarrier(); out[i] = s.v[3 - i].y + atomicLoad(&s.n) * 10 + u32(s.b) * 1000;
}
