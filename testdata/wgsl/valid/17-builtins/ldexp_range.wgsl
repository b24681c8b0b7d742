// in 0.1: -200 100 0
// expect 0.0: 0 0x71800000 0x3f800000
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 3; i++) { out[i] = bitcast<u32>(ldexp(1.0, inp[i])); } }
