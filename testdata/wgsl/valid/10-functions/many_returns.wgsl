// in 0.1: 0 3 8 50
// expect 0.0: 1 18 102 100
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn kind(x: u32) -> u32 { if x == 0 { return 1; } var y = x; for (var i = 0u; i < 10; i++) { if y > 20 { return 100 + i; } switch i { case 5 { return y; } default {} } y += x; } return 7; }
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 4; i++) { out[i] = kind(inp[i]); } }
