// in 0.1: 1 2 3 4
// expect 0.0: 1 0 1 1 0 3
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let v = vec4u(inp[0], inp[1], inp[2], inp[3]); let b = v > vec4u(2);
  out[0] = u32(any(b)); out[1] = u32(all(b)); out[2] = u32(b.w); let n = !b; out[3] = u32(n.x); let c = (b & vec4<bool>(true, true, false, true)) | n; out[4] = u32(all(c)); out[5] = select(vec4u(0), v, b).z;
}
