// in 0.1: 0xff008000 0x7f81ff00 0xffff0000 0x80007fff
// expect 0.0: 0.0 0.0 1.0 0.0 -1.0 1.0 0.0 1.0 1.0 -1.0 -1.0 0.0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { let a = unpack4x8unorm(inp[0]); out[0] = a.x; out[1] = a.z; out[2] = a.w; let b = unpack4x8snorm(inp[1]); out[3] = b.x; out[4] = b.z; out[5] = b.w; let c = unpack2x16unorm(inp[2]); out[6] = c.x; out[7] = c.y; let d = unpack2x16snorm(inp[3]); out[8] = d.x; out[9] = d.y; out[10] = unpack4x8snorm(0x80808080u + inp[2] - inp[2]).x; out[11] = unpack4x8unorm(0x01u + inp[2] - inp[2]).y; }
