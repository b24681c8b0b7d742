// expect 0.0: 3 4 2 4 0 3 3 2 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let a = array<u32, 3>(1, 2, 3); let b = array(4u, 5, 6); var c = array(1, 2); let d = array<vec2u, 2>(vec2u(1, 2), vec2u(3, 4)); let e = array<u32, 2>();
  let f = array(vec2(1, 2), vec2(3, 4)); let g = array(array(1u, 2u), array(3u, 4u)); let h = array(array(1, 2), array(3u, 4u));
  out[0] = a[2]; out[1] = b[0]; out[2] = u32(c[1]); out[3] = d[1].y; out[4] = e[1]; out[5] = u32(f[1].x); out[6] = g[1][0]; out[7] = h[0][1];
  out[8] = array<u32, 4>(1, 2, 3, 4)[3];
}
