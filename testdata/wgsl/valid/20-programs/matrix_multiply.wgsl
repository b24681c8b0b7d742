// in 0.1: 1 2 3 4 5 6 7 8 9
// expect 0.0: 30 36 42 66 81 96 102 126 150
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const n = 3u;
@compute @workgroup_size(n, n) fn main(@builtin(global_invocation_id) g: vec3u) { if any(g.xy >= vec2u(n)) { return; } var s = 0u; for (var k = 0u; k < n; k++) { s += inp[g.y * n + k] * inp[k * n + g.x]; } out[g.y * n + g.x] = s; }
