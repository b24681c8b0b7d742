// in 0.1: 0 1 2
// expect 0.0: 1 5 3 2 2 6
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn a(x: u32) -> u32 { if x == 0 { return 1; } else { return 2; } }
fn b(x: u32) -> u32 { switch x { case 0 { return 1; } case 1 { loop { return 5; } } default { return 2; } } }
fn c(x: u32) -> u32 { loop { if x > 1 { return 3; } return 4; } }
fn d(x: u32) -> u32 { { { return x; } } }
fn e(x: u32) -> u32 { var y = x; loop { y += 1; if y > 5 { return y; } continuing { y += 1; } } }
@compute @workgroup_size(1)
fn main() { out[0] = a(inp[0]); out[1] = b(inp[1]); out[2] = c(inp[2]); out[3] = d(inp[2]); out[4] = b(inp[2]); out[5] = e(inp[1]); }
