// in 0.1: 3
// expect 0.0: 4 3 3 0x40c00000 0x41000000 2
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = inp[0] + 1; out[1] = max(2, inp[0]); out[2] = select(1, inp[0], true); out[3] = bitcast<u32>(f32(inp[0]) * 2); out[4] = bitcast<u32>(pow(2, 3.0)); out[5] = clamp(inp[0], 1, 2);
}
