// in 0.1: 1
// in 0.2: 2
// in 1.0: 3
// in 1.1: 4
// in 2.0: 5
// expect 0.0: 54321
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage> a: u32; @group(0) @binding(2) var<storage> b: u32; @group(1) @binding(0) var<uniform> c: u32; @group(1) @binding(1) var<storage, read_write> d: u32; @group(2) @binding(0) var<storage> e: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = a + 10 * b + 100 * c + 1000 * d + 10000 * e[0]; d = 9; }
