// in 0.1: 2 1 7
// expect 0.0: 3 0 9 4.0 5 6 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> i: array<u32>;
@compute @workgroup_size(1) fn main() {
  let v = vec3u(1, 2, 3);
  out[0] = v[i[0]]; out[1] = v[i[2]];
  var w = vec4u(); w[i[1]] = 9; w[i[2]] = 77; out[2] = w.x + w.y + w.z + w.w;
  var m = mat2x2f(1, 2, 3, 4);
  out[3] = bitcast<u32>(m[i[1]][i[1]]);
  const t = array(4u, 5, 6);
  out[4] = t[i[1]]; out[5] = array(t[2], 6, 7, 8, 9, 10)[i[1]]; out[6] = t[i[2]];
}
