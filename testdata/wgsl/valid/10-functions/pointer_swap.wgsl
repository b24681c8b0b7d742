// expect 0.0: 2 1 9 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn swap(a: ptr<function, u32>, b: ptr<function, u32>) { let t = *a; *a = *b; *b = t; }
@compute @workgroup_size(1)
fn main() { var x = 1u; var y = 2u; swap(&x, &y); out[0] = x; out[1] = y; var v = array<u32, 2>(3, 4); var w = 9u; swap(&v[1], &w); out[2] = v[1]; out[3] = w; }
