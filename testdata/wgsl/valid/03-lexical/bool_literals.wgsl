// expect 0.0: 1 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let t = true; let f: bool = false; out[0] = u32(t); out[1] = u32(f); }
