// expect 0.0: 5 15 9
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn two(p: ptr<function, array<u32, 2>>) { (*p)[0] += 1; p[1] *= 3; let q = &(*p)[1]; *q -= 2; *q++; (*q)++; }
@compute @workgroup_size(1)
fn main() { var a = array<u32, 2>(4, 5); two(&a); out[0] = a[0]; out[1] = a[1]; var b = a; *&b[0] = 9; out[2] = b[0]; }
