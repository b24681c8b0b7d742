// expect 0.0: 3 8 1 2 6 4 1.5 5 2 10 4294967295 0x3f3504f3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct P { a: u32, b: vec2u }
const p = P(3, vec2(1, 2));
const arr = array(vec2(1, 2), vec2(3, 4));
const m = mat2x2(1, 2, 3, 4) * vec2(1, 1.5);
const_assert arr[1].x == 3 && m.y == 8;
const_assert clamp(5, 1, 3) == 3;
const_assert dot(vec2(1, 2), vec2(3, 4)) == 11;
const_assert !any(vec2(false));
const_assert 7 % 4 == 3 && -7 / 2 == -3;
const_assert (1 << 40) > 5;
const_assert countOneBits(7) == 3;
const_assert abs(-5) == 5 && sign(-2.5) == -1.0;
const_assert modf(1.5).whole == 1 && frexp(8.0).exp == 4;
@compute @workgroup_size(1) fn main() {
  out[0] = p.a; out[1] = u32(m.y); out[2] = u32(arr[0][0]); out[3] = p.b.y;
  const six = 2 * 3; out[4] = six; out[5] = u32(arr[1].y);
  out[6] = bitcast<u32>(f32(3) / 2); out[7] = u32(length(vec2(3.0, 4)));
  out[8] = u32(sqrt(4)); out[9] = max(10, 3); out[10] = 0u - 1u;
  out[11] = bitcast<u32>(inverseSqrt(2.0f));
}
