// in 0.1: 2.0 3.0 4.0
// expect 0.0: 10.0 12.0 432.0 18.0 24.0 0.0 4.0 -3.0 -7.0 24.0 -10.0 4.5
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() {
  let v = vec3f(inp[0], inp[1], inp[2]); out[0] = fma(inp[0], inp[1], inp[2]); out[1] = fma(v, v, v).y; out[2] = dot(v, vec3f(1, 10, 100)); out[3] = dot(v.xy, v.yz); out[4] = dot(vec4f(1, v), vec4f(v, 1));
  let c = cross(v, vec3f(1, 0, 0)); out[5] = c.x; out[6] = c.y; out[7] = c.z; out[8] = f32(dot(vec2i(i32(inp[0]), -3), vec2i(4, 5))); out[9] = f32(dot(vec3u(1, 2, 3), vec3u(4))); out[10] = f32(dot(vec4i(1, 2, 3, 4), vec4i(-1))); out[11] = fma(vec2f(1, inp[0]), vec2f(2), vec2f(0.5)).y;
}
