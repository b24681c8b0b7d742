// in 0.1: 3.0 4.0 0.0
// expect 0.0: 5.0 5.0 0.6 0.8 -3.0 6.0 25.0 1.0 3.0 -4.0 3.0 0.0 3.0 7
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: vec3f;
@compute @workgroup_size(1) fn main() {
  out[0] = length(x); out[1] = distance(x, vec3f()); let n = normalize(x.xy); out[2] = n.x; out[3] = n.y;
  let c = cross(vec3f(1, 2, 3), vec3f(4, 5, 6)); out[4] = c.x; out[5] = c.y;
  out[6] = dot(x, x); out[7] = length(-1.0 * x.x + 2);
  let r = reflect(x, vec3f(0, 1, 0)); out[8] = r.x; out[9] = r.y;
  out[10] = faceForward(x, vec3f(0, 1, 0), vec3f(0, -1, 0)).x;
  out[11] = refract(vec2f(0.8, -0.6), vec2f(0, 1), 9.0).x; out[12] = refract(vec2f(x.x, 0), vec2f(0, 1), 1.0).x;
  let i = dot(vec2i(1, 2), vec2i(3, 2)); out[13] = bitcast<f32>(i);
}
