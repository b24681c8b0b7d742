// binary16 in integers: 1 sign bit, 5 of exponent, 10 of fraction.

// The binary16 nearest to the f32 of these bits, to even in a tie; every NaN gives 0x7e00.
fn half_from(bits: u32) -> u32 {
  let sign = (bits >> 16) & 0x8000;
  let a = bits & 0x7fffffff;
  if (a > 0x7f800000) {
    return 0x7e00;
  }
  if (a >= 0x477ff000) { // 65520, halfway between the largest and what would come next
    return sign | 0x7c00;
  }
  if (a >= 0x38800000) { // 2^-14
    let r = a - 0x38000000;
    return sign | ((r + 0xfff + ((r >> 13) & 1)) >> 13);
  }
  if (a < 0x33000000) { // 2^-25, half of the least
    return sign;
  }
  let m = (a & 0x7fffff) | 0x800000;
  let shift = 126 - (a >> 23);
  let rest = m & ((1u << shift) - 1);
  let half = 1u << (shift - 1);
  var q = m >> shift;
  if (rest > half || (rest == half && (q & 1) != 0)) {
    q++;
  }
  return sign | q;
}

// The bits of the f32 that is the binary16 h; every NaN gives 0x7fc00000.
fn half_to(h: u32) -> u32 {
  let sign = (h & 0x8000) << 16;
  let e = (h >> 10) & 31;
  let m = h & 0x3ff;
  if (e == 31) {
    return select(sign | 0x7f800000, 0x7fc00000, m != 0);
  }
  if (e != 0) {
    return sign | ((e + 112) << 23) | (m << 13);
  }
  if (m == 0) {
    return sign;
  }
  let zeros = countLeadingZeros(m);
  return sign | ((134 - zeros) << 23) | ((m << (zeros - 8)) & 0x7fffff);
}
