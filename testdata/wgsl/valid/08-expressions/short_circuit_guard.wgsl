// in 0.1: 0 5
// expect 0.0: 0 1
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// The right side is not evaluated where the left decides, so that it may trap nothing.
@compute @workgroup_size(1)
fn main() { let i = inp[1]; out[0] = u32(i < 2 && inp[i] == 5); out[1] = u32(inp[0] == 0 || inp[1] / inp[0] > 1); }
