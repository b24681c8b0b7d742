// expect 0.0: 0 1
// What follows a return is checked and never runs.
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f() -> u32 { return 1; let x = 2u; out[0] = x; return x; }
@compute @workgroup_size(1)
fn main() { out[1] = f(); loop { break; out[0] = 3; } for (var i = 0; i < 2; i++) { continue; out[0] = 4; } }
