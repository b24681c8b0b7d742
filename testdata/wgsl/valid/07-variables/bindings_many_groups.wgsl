// in 1.5: 5
// in 2.0: 6
// in 3.7: 7
// expect 0.0: 5 6 7
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(1) @binding(5) var<storage> a: u32; @binding(0) @group(2) var<storage, read> b: array<u32>; @group(3) @binding(7) var<storage, read_write> c: u32;
@compute @workgroup_size(1)
fn main() { out[0] = a; out[1] = b[0]; out[2] = c; }
