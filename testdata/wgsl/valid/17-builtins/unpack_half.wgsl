// in 0.1: 0x3c00c100 0x7bff0400 0x00018000
// expect 0.0: -2.5 1.0 6.1035156e-05 65504.0 -0.0 5.9604645e-08
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 3; i++) { let v = unpack2x16float(inp[i]); out[i * 2] = v.x; out[i * 2 + 1] = v.y; } }
