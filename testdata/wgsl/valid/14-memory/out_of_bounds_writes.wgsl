// expect 0.0: 0 0 10 1
// in 0.1: 3 7 4294967295
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read_write> a: array<u32, 3>;
@compute @workgroup_size(1)
fn main() { var p: array<u32, 2>; var v: vec2u; let i = a[0]; p[i] = 1; v[a[1]] = 2; a[a[2]] = 9; out[i + a[1]] = 5; out[0] = p[0] + p[1]; out[1] = v.x + v.y; out[2] = a[0] + a[1]; out[3] = 1; }
