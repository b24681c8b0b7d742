// expect 0.0: 3 -3 0 4294967295 2147483647 -2147483648 1 0 1.0 4294967296.0 -1.0 1 0 3 4294967293 0 16777216.0
// in 0.1: 3.7 -3.7 nan 1e20 -1e20 -0.0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(1) fn main() {
  out[0] = u32(x[0]); out[1] = bitcast<u32>(i32(x[1])); out[2] = u32(x[2]) + u32(x[1]);
  out[3] = u32(x[3]); out[4] = u32(i32(x[3])); out[5] = u32(i32(x[4]));
  out[6] = u32(bool(x[0])); out[7] = u32(bool(x[5]));
  out[8] = bitcast<u32>(f32(x[0] > 0)); out[9] = bitcast<u32>(f32(u32(x[3])));
  out[10] = bitcast<u32>(f32(i32(4294967295u))); out[11] = u32(bool(i32(x[0]))); out[12] = u32(false);
  let v = vec2i(vec2<bool>(x[0] > 1, x[0] > 5)); out[13] = u32(vec2u(vec2f(3.5, 1)).x);
  out[14] = u32(vec2i(vec2f(-3.5, 1)).x); out[15] = u32(v.y);
  out[16] = bitcast<u32>(f32(16777217i + i32(x[2])));
}
