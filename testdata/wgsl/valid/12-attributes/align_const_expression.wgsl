// in 0.1: 1 2 0 0 3 0 4 0
// expect 0.0: 2 3 4
const a = 8; struct S { @align(a * 2) x: u32, @size(a + 4) y: u32, z: u32, @align(1u << 3) w: u32 }
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> s: S;
@compute @workgroup_size(1)
fn main() { out[0] = s.y; out[1] = s.z; out[2] = s.w; }
