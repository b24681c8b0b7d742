// in 0.1: 1 7 27 97
// expect 0.0: 0 16 111 118
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn steps(start: u32) -> u32 { var n = start; var k = 0u; while n != 1 { n = select(n / 2, 3 * n + 1, n % 2 == 1); k++; } return k; }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { out[i] = steps(inp[i]); }
