// expect 0.0: 3 -3 -1 1 2147483647 -3
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
const a = 7 / 2; const b = -7 / 2; const c = -7 % 3; const d = 7 % -3; const e = 0x7fffffffffffffff / 0x100000000; const f = -7i / 2i;
@compute @workgroup_size(1)
fn main() { out[0] = a; out[1] = b; out[2] = c; out[3] = d; out[4] = e; out[5] = f; }
