// expect 0.0: 1 3 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
alias V = vec3u; alias S = T; struct T { a: u32, v: V } alias U = u32;
@compute @workgroup_size(1)
fn main() { let s = S(U(1.0), V(1, 2, 3)); out[0] = s.a; out[1] = s.v.z; out[2] = S().v.x; }
