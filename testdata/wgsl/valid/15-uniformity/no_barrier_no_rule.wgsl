// in 0.1: 1 0 1 0
// expect 0.0: 5 5 0 16
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f(x: u32) -> u32 { if x > 0 { return 5; } return 6; }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { if inp[i] > 0 { if i > 1 { return; } } for (var k = 0u; k < inp[i] + i; k++) { out[i] += f(inp[k]); } }
