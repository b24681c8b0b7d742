// in 0.1: 7 -7 0 3
// expect 0.0: 2 -2 0 1 3 -3 0 0
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(1)
fn main() {
  let v = vec4i(inp[0], inp[1], inp[2], inp[3]); let d = v / inp[3]; let r = v % vec4i(4, 4, 4, inp[2]);
  out[0] = d.x; out[1] = d.y; out[2] = d.z; out[3] = d.w; out[4] = r.x; out[5] = r.y; out[6] = r.z; out[7] = r.w;
}
