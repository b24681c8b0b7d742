// expect 0.0: 0 0xfffffffe 0x80000000 0 0x7fffffff 0x80000000
// in 0.1: 4294967295 2147483648
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// Concrete integers wrap in constants where nothing overflows into an error; u32 arithmetic wraps at run time.
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = inp[0] + 1; out[1] = inp[0] * 2; out[2] = 0 - inp[1]; out[3] = inp[1] + inp[1]; out[4] = u32(i32(inp[1]) - 1); out[5] = u32(-i32(inp[1])); }
