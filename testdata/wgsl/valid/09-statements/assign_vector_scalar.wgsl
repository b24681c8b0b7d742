// expect 0.0: 1.5 3.0 15.0 33.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { var v = vec2f(1, 2); v *= 3; v += vec2f(1); v /= 2; v -= 0.5; out[0] = v.x; out[1] = v.y; var m = mat2x2f(1, 2, 3, 4); m *= 2; v *= m; out[2] = v.x; out[3] = v.y; }
