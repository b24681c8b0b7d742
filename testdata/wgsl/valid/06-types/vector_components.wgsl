// in 0.1: 10 20 30 40
// expect 0.0: 10 20 30 40 10 40 40 30 10 30
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let v = vec4u(inp[0], inp[1], inp[2], inp[3]);
  out[0] = v.r; out[1] = v.g; out[2] = v.b; out[3] = v.a; out[4] = v[0]; out[5] = v[3u]; out[6] = v.wx.x; out[7] = v.rgba.b; out[8] = v.xxx.z; out[9] = v.bgr.x;
}
