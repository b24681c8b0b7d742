// in 0.1: -3 4
// expect 0.0: 0xc0400000 0xfffffffd 1 0xfffffffc 5 1 0x3f800000 1
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let v = vec2i(inp[0], inp[1]);
  let f = vec2f(v); let u = vec2u(v); let b = vec2<bool>(v); let w = vec2i(vec2f(f.x * 1.5, f.y * 1.3));
  out[0] = bitcast<u32>(f.x); out[1] = u.x; out[2] = u32(b.x); out[3] = bitcast<u32>(w.x); out[4] = bitcast<u32>(w.y);
  out[5] = vec2u(b).y; out[6] = bitcast<u32>(vec2f(b).y); out[7] = u32(vec2<bool>(f).y);
}
