// in 0.1: 5 6
// expect 0.0: 1 4 1 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let n = u32(inp[0] > 4) + u32(inp[1] > 10) * 2; out[0] = n; out[1] = select(3u, 4u, bool(n)); out[2] = u32(bool(inp[0]) != bool(inp[1] - 6)); out[3] = u32(vec2<bool>(true, false).x & !(inp[0] == 5)); }
