// in 0.1: 0xf0f0 0x0ff0 4
// expect 0.0: 240 65520 65280 0xffff0f0f 986880 3855 61440 240 16320 0xffffffff
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let a = inp[0]; let b = inp[1]; out[0] = a & b; out[1] = a | b; out[2] = a ^ b; out[3] = ~a; out[4] = a << inp[2]; out[5] = a >> inp[2];
  let v = vec2u(a, b) & vec2u(0xff00, 0x00ff); out[6] = v.x; out[7] = v.y; out[8] = (vec2u(a, b) << vec2u(1, 2)).y; out[9] = u32((~vec2i(0, -1)).x);
}
