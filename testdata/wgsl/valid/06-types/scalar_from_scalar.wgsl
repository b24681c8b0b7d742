// in 0.1: -1.5 3.99 0.0 5.0
// expect 0.0: 0xffffffff 3 0 1 0x3f800000 0xc0400000 0x4f32d05e 1 0xffffffff 1 0 1
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = u32(i32(inp[0])); out[1] = u32(inp[1]); out[2] = u32(bool(inp[2])); out[3] = u32(bool(inp[0]));
  out[4] = bitcast<u32>(f32(true)); out[5] = bitcast<u32>(f32(-3i)); out[6] = bitcast<u32>(f32(3000000000u)); out[7] = u32(i32(4294967295u) == -1);
  out[8] = u32(-1i); out[9] = u32(true); out[10] = u32(i32(false)); out[11] = u32(bool(2u));
}
