// expect 0.0: 1 2 3 4 4 3 2 1 1 1 9 10 2 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() {
  let v = vec4u(1, 2, 3, 4);
  out[0] = v.x; out[1] = v.g; out[2] = v[2]; out[3] = v.wzyx.x;
  let w = v.wzyx;
  out[4] = w.x; out[5] = w.y; out[6] = w.z; out[7] = w.w;
  let s = v.xx;
  out[8] = s.x; out[9] = s.y;
  var m = vec3<u32>(v.xy, 9);
  out[10] = m.z;
  m.y = 10; out[11] = m[1];
  m[0] += 1u; out[12] = m.x;
  let q = vec4(vec2(1u, 2), vec2u(3, 4)); out[13] = q.a;
}
