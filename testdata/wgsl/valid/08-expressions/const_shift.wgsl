// expect 0.0: 1073741824 4 -4 -16777216 -2147483648
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
const a = 1 << 30; const b = (1 << 40) >> 38; const c = -8 >> 1; const d = 0xffu << 24; const e = -1 << 31;
@compute @workgroup_size(1)
fn main() { out[0] = a; out[1] = b; out[2] = c; out[3] = i32(d); out[4] = e; }
