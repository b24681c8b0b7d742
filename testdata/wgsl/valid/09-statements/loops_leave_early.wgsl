// in 0.1: 5
// expect 0.0: 106 609 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn find(x: u32) -> u32 { for (var i = 0u; i < 10; i++) { for (var j = 0u; j < 10; j++) { if i * j > x { return i * 100 + j; } } } return 0; }
@compute @workgroup_size(1)
fn main() { out[0] = find(inp[0]); out[1] = find(50); out[2] = find(99); }
