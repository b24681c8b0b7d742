// expect 0.0: 3 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
alias T = u32; alias F = f32;
@compute @workgroup_size(1)
fn main() { let v = vec3<T>(1, 2, 3); let m = mat2x2<F>(1, 2, 3, 4); out[0] = v.z; out[1] = u32(m[1][0]); }
