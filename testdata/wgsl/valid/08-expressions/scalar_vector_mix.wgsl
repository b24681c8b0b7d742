// in 0.1: 2.0 3.0
// expect 0.0: 4.0 5.0 2.0 -2.0 6.0 0.5 1.5 1.0 3.0 6.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() {
  let v = vec3f(inp[0], inp[1], 4); let s = inp[0];
  out[0] = (v + s).x; out[1] = (s + v).y; out[2] = (v - s).z; out[3] = (s - v).z; out[4] = (v * s).y; out[5] = (s / v).z; out[6] = (v / s).y; out[7] = (v % s).y;
  let i = vec2i(7, 9) % 4; out[8] = f32(i.x); out[9] = f32((10 - vec2u(3, 4)).y);
}
