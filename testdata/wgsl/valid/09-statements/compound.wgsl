// expect 0.0: 5 3 12 6 2 8 2 6 4 5 4 7
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(1) fn main() {
  var x = 3; x += 2; out[0] = x; x -= 2; out[1] = x; x *= 4; out[2] = x; x /= 2; out[3] = x; x %= 4; out[4] = x;
  x <<= 2; out[5] = x; x >>= 2u; out[6] = x; x |= 4; out[7] = x; x &= 12; out[8] = x; x ^= 1; out[9] = x; x--; out[10] = x;
  var v = vec2i(1, 2); v += 5; v.x++; out[11] = v.x;
}
