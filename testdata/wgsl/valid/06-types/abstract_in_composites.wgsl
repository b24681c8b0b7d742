// expect 0.0: 0x40c00000 0x40800000 0x3f800000 0x40400000 2 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const v = vec3(1, 2, 3); const m = mat2x2(1, 2, 3, 4); const a = array(1, 2.5); const n = array(vec2(1, 2), vec2(3, 4));
@compute @workgroup_size(1)
fn main() {
  let f: vec3f = v; let i: vec3i = v; let u: vec3u = v; out[0] = bitcast<u32>(f.x + f32(i.y) + f32(u.z)); let mm: mat2x2f = m; out[1] = bitcast<u32>(mm[1].y);
  let aa: array<f32, 2> = a; out[2] = bitcast<u32>(aa[0]); let nn: array<vec2f, 2> = n; out[3] = bitcast<u32>(nn[1].x); let nu: array<vec2u, 2> = n; out[4] = nu[0].y; out[5] = n[1][1];
}
