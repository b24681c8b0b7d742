// expect 0.0: 4 0x40000000 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { a: u32, v: vec2f } const s = S(4, vec2f(1, 2)); const z = S(); const arr = array(S(1, vec2f()), s);
@compute @workgroup_size(1)
fn main() { out[0] = s.a; out[1] = bitcast<u32>(arr[1].v.y); var n: array<u32, arr[1].a>; n[3] = 6; out[2] = n[3] + z.a; }
