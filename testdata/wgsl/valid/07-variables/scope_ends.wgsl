// expect 0.0: 1 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { { let a = 1u; out[0] = a; } { let a = 2u; out[1] = a; } for (var i = 0; i < 1; i++) {} for (var i = 0; i < 1; i++) {} }
