// in 0.1: 0
// expect 0.0: 5 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = 5; for (var i = 0u; i < inp[0]; i++) { out[0] = 6; } while inp[0] > 3 { out[1] = 1; } }
