// expect 0.0: 10 10 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { var x = 1u; let p = &x; *p = 2; (*p) += 3; let q = &*p; *q *= 2; out[0] = x; out[1] = *&x; *(&x) = 4; out[2] = *q; }
