// in 0.1: 0 5 9 100
// expect 0.0: 1 2 3 2
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 4; i++) { switch inp[i] { case 0, 1, 2, 3, 4, { out[i] = 1; } case 5, 6, default, 7 { out[i] = 2; } case 8, 9, 10: { out[i] = 3; } } } }
