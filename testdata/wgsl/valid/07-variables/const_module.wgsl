// expect 0.0: 3 4 4 4 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const a = 3; const b: u32 = a + 1; const c = vec2u(a, b); const d = array<u32, b>(1, 2, 3, 4); const e = d[c.x];
@compute @workgroup_size(1)
fn main() { out[0] = a; out[1] = b; out[2] = c.y; out[3] = d[3]; out[4] = e; }
