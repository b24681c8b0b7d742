// in 0.1: 1.0 2.0 3.0 6.0 0.0 0.0 8.0 8.0
// expect 0.0: 1403.0 6404.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
const n = 4u;
@compute @workgroup_size(2) fn main(@builtin(local_invocation_index) row: u32) { var s = 0.0; for (var k = 0u; k < n; k++) { s += inp[row * n + k]; } let mean = s / f32(n); var v = 0.0; for (var k = 0u; k < n; k++) { let d = inp[row * n + k] - mean; v += d * d; } out[row] = mean + v * 100; }
