// in 0.1: 0 4294967295 2147483648 5
// expect 0.0: 1 2 3 4
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 4; i++) { switch (inp[i]) { case 0u: { out[i] = 1; } case 0xffffffffu: { out[i] = 2; } case 2147483648: { out[i] = 3; } default: { out[i] = 4; } } } }
