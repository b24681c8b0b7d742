// expect 0.0: 1 2 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let value = 1u; let Value = 2u; let VALUE = 3u; out[0] = value; out[1] = Value; out[2] = VALUE; }
