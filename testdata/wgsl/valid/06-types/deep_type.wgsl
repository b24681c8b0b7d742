// expect 0.0: 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { var a: array<array<array<array<array<u32, 2>, 2>, 2>, 2>, 2>; a[1][0][1][0][1] = 3; out[0] = a[1][0][1][0][1] + a[0][0][1][0][1]; }
