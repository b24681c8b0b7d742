// expect 0.0: 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let x = 2u; { let x = x + 1; let y = x; { let x = x + y; out[0] = x; } } }
