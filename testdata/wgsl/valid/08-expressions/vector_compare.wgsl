// in 0.1: 1.0 2.0 2.0 3.0
// expect 0.0: 1 1 0 1 1 0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let a = vec2f(inp[0], inp[1]); let b = vec2f(inp[2], inp[2]);
  out[0] = u32(any(a < b)); out[1] = u32(all(a <= b)); out[2] = u32(all(a == b)); out[3] = u32(any(a != b)); out[4] = u32(all(b >= a)); out[5] = u32(any(b > a.yy));
}
