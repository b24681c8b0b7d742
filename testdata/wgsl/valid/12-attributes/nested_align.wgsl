// in 0.1: 1 2 0 0 3 4 0 0 5 6 0 0 7 0 0 0
// expect 0.0: 2 3 6 5 7
struct I { a: u32, @size(12) b: u32 } struct O { i: I, @align(16) j: array<I, 2>, k: u32 }
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> o: O;
@compute @workgroup_size(1)
fn main() { out[0] = o.i.b; out[1] = o.j[0].a; var n = 1; out[2] = o.j[n].b; out[3] = o.j[1].a; out[4] = o.k; }
