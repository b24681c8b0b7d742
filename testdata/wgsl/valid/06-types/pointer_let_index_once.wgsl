// expect 0.0: 1 9 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// The index of a pointer is evaluated where the pointer is made.
@compute @workgroup_size(1)
fn main() { var a = array<u32, 3>(1, 2, 3); var i = 1; let p = &a[i]; i = 2; *p = 9; out[0] = a[0]; out[1] = a[1]; out[2] = a[2]; }
