// expect 0.0: 100 101 120 103
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { for (var i = 0u; i < 4; i++) { var a: array<u32, 2>; a[i % 2] += i; var v: vec2u; v[i % 2] += 1; out[i] = a[0] * 10 + a[1] + 100 * (v.x + v.y); } }
