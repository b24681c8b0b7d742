// in 0.1: 0xf0 0x3c 33 0x80000000
// expect 0.0: 0x30 0xfc 0xcc 0xffffff0f 0x1e0 0xf 0xc0000000 0x40000000 0x1e0 2 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@compute @workgroup_size(1) fn main() {
  out[0] = x[0] & x[1]; out[1] = x[0] | x[1]; out[2] = x[0] ^ x[1]; out[3] = ~x[0];
  out[4] = x[0] << 1; out[5] = x[0] >> 4u; out[6] = u32(bitcast<i32>(x[3]) >> 1u); out[7] = x[3] >> 1;
  out[8] = x[0] << x[2];
  let b = vec2<bool>(x[0] > 1, false) | vec2(false, false); out[9] = select(1u, 2u, any(b) & true);
  let s = vec2u(1, 3) << vec2u(4, 1); out[10] = s.y;
}
