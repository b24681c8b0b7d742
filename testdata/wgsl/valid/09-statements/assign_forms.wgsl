// in 0.1: 6
// expect 0.0: 8 5 20 6 2 11 8 13 104 26 27
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var x = inp[0]; x += 2; out[0] = x; x -= 3; out[1] = x; x *= 4; out[2] = x; x /= 3; out[3] = x; x %= 4; out[4] = x; x |= 9; out[5] = x; x &= 12; out[6] = x; x ^= 5; out[7] = x; x <<= 3u; out[8] = x; x >>= 2u; out[9] = x; x++; x--; x++; out[10] = x;
}
