// expect 0.0: 4 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const n = max(2, 3); const m = u32(dot(vec2(1, 2), vec2(3, 4)));
var<private> a: array<u32, n + i32(m)>;
@compute @workgroup_size(1)
fn main() { a[13] = 4; out[0] = a[13]; var b: array<array<u32, n>, select(1, 2, n == 3)>; b[1][2] = 5; out[1] = b[1][2]; }
