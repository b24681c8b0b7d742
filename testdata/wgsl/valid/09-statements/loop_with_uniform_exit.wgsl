// in 0.1: 3
// expect 0.0: 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<uniform> n: u32;
@compute @workgroup_size(1)
fn main() { var s = 0u; for (var i = 0u; ; i += 1) { if i >= n { break; } s += i * i; } out[0] = s; }
