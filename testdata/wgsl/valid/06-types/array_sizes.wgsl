// expect 0.0: 1 2 3 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const n = 2; const m: u32 = 3; const k = n * 2i;
var<private> a: array<u32, n>; var<private> b: array<u32, m>; var<private> c: array<u32, k>; var<workgroup> d: array<u32, 0x4>;
@compute @workgroup_size(1)
fn main() { a[1] = 1; b[2] = 2; c[3] = 3; d[3] = 4; out[0] = a[1]; out[1] = b[2]; out[2] = c[3]; out[3] = d[3]; }
