// expect 0.0: 0 0 0 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = u32(bool()); out[1] = u32(i32()); out[2] = u32(); out[3] = bitcast<u32>(f32()); }
