// in 0.1: 1 2 3 4 5 6
// in 0.2: 0 3
// expect 0.0: 0 0 3
// An index past the end of an inner array is out of bounds, though the word exists.
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read_write> a: array<array<u32, 3>, 2>; @group(0) @binding(2) var<storage, read> i: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = a[i[0]][i[1]]; a[i[0]][i[1]] = 99; out[1] = a[1][0] - 4; out[2] = a[0][2]; }
