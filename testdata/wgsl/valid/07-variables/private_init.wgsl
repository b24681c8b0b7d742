// expect 0.0: 7 3 0 8
override n: u32 = 7;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> a = n;
var<private> v = vec3u(1, 2, 3);
var<private> z: array<u32, 3>;
fn bump() { a++; }
@compute @workgroup_size(1) fn main() { out[0] = a; bump(); out[1] = v.z; out[2] = z[2]; out[3] = a; }
