// expect 0.0: -2147483648 -2147483648 -1 0
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(1)
fn main() { out[0] = -2147483648; out[1] = -0x80000000; out[2] = -1i; out[3] = -0; }
