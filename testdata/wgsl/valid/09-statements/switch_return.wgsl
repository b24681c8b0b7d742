// in 0.1: 0 1 2
// expect 0.0: 10 20 30
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f(x: u32) -> u32 { switch x { case 0 { return 10; } case 1 { return 20; } default { return 30; } } }
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 3; i++) { out[i] = f(inp[i]); } }
