// in 0.1: 7 8 9
// expect 0.0: 7 8 4 3 10 10 5 20 10 3 1 5
requires swizzle_assignment;
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var v = vec4u(1, 2, 3, 4);
  v.xy = vec2u(inp[0], inp[1]); v.wz = v.zw; // the right side is read before anything is written
  out[0] = v.x; out[1] = v.y; out[2] = v.z; out[3] = v.w;
  v.zyx += vec3u(1, 2, 3); out[4] = v.x; out[5] = v.y; out[6] = v.z;
  v.rgb *= 2; out[7] = v.x; out[8] = v.z;
  var m = mat2x3f(1, 2, 3, 4, 5, 6); m[1].xz = m[0].zx; out[9] = u32(m[1].x); out[10] = u32(m[1].z); out[11] = u32(m[1].y);
}
