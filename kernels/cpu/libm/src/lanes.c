// Four operands at once. The common operands go through the same binary64 operations in the same order as those of
// libm_gen.c, two lanes to a vector; if any of the four is out of the common range or its result is not settled, all four go
// through the function of one operand. So the results are the same whichever way a lane takes.

#include <wasm_simd128.h>

typedef double d2 __attribute__((vector_size(16)));
typedef long long l2 __attribute__((vector_size(16)));
typedef int i4 __attribute__((vector_size(16)));
typedef unsigned u4 __attribute__((vector_size(16)));

INLINE d2 lower(v128_t x) { return (d2)wasm_f64x2_promote_low_f32x4(x); }
INLINE d2 upper(v128_t x) { return lower(wasm_i32x4_shuffle(x, x, 2, 3, 2, 3)); }

INLINE v128_t rounded(d2 a, d2 b) {
 return wasm_i32x4_shuffle(wasm_f32x4_demote_f64x2_zero((v128_t)a), wasm_f32x4_demote_f64x2_zero((v128_t)b), 0, 1, 4, 5);
}

// away is all ones in the lanes whose value is settled, given that it is in the normal range: see f32_settled.
INLINE l2 away(d2 y) {
 const l2 low = ((l2)y & 0x1fffffff) - 0x10000000;
 return (l2)wasm_i64x2_gt(wasm_i64x2_abs((v128_t)low), wasm_i64x2_splat(512));
}

INLINE d2 splat(double x) { return (d2){x, x}; }

INLINE d2 scaled(l2 t, d2 p) {
 const d2 w = {f32_powers[t[0] & 31], f32_powers[t[1] & 31]};
 return (d2)((l2)(w + w * p) + ((t >> 5) << 52));
}

INLINE d2 exp_tail(d2 r) {
 return r * (1 + r * (0.49999999999400435 + r * (0.16666666666581015 + r * (0.0416668707171168 + r * 0.008333362483384042))));
}

INLINE d2 exp_two(d2 x) {
 const d2 t = x * 46.16624130844683 + f32_turn;
 const d2 n = t - f32_turn;
 const d2 r = (x - n * 0.021660849392475257) - n * 2.303438301614937e-14;
 return scaled((l2)t, exp_tail(r));
}

INLINE d2 exp2_two(d2 x) {
 const d2 t = x * 32 + f32_turn;
 const d2 n = t - f32_turn;
 return scaled((l2)t, exp_tail((x - n * 0x1p-5) * 0.6931471805599453));
}

INLINE d2 tanh_two(d2 x) {
 const d2 v = (d2)wasm_f64x2_abs((v128_t)x);
 const d2 z = v * v;
 const d2 near = v + v * z * (-0.3333333333333331 + z * (0.1333333333329479 + z * (-0.053968253869450214 + z * (0.02186947902594781 +
  z * (-0.008862798753789404 + z * (0.003581791786990957 + z * -0.0013334287579797762))))));
 const d2 far = 1 - 2 / (exp_two(2 * v) + 1);
 const v128_t y = wasm_v128_bitselect((v128_t)near, (v128_t)far, (v128_t)(v < 0.25));
 return (d2)wasm_v128_or(y, wasm_v128_and((v128_t)x, wasm_i64x2_splat((long long)0x8000000000000000)));
}

// logs are logarithms as e*ln(2) + f.
typedef struct { d2 e, f; } logs;

INLINE logs log_split(uint32_t a, uint32_t b) {
 const f32_logParts p = f32_logSplit(a), q = f32_logSplit(b);
 return (logs){{p.e, q.e}, {p.f, q.f}};
}

INLINE d2 log_two(uint32_t a, uint32_t b) {
 const logs l = log_split(a, b);
 return l.e * 0.6931471805599453 + l.f;
}

INLINE d2 log2_two(uint32_t a, uint32_t b) {
 const logs l = log_split(a, b);
 return l.e + l.f * 1.4426950408889634;
}

// sin_two is the sine of x + turns*pi/2 for x below 2^20 in size; small gets the lanes that lost too many bits.
INLINE d2 sin_two(d2 x, int turns, l2 *small) {
 const d2 t = x * 0.6366197723675814 + f32_turn;
 const d2 n = t - f32_turn;
 const d2 r = (x - n * 1.5707963267341256) - n * 6.077100506506192e-11;
 const l2 q = (l2)t + turns;
 const d2 z = r * r;
 const d2 s = r + r * z * (-0.16666666666666666 + z * (0.008333333333330936 + z * (-0.00019841269836740532 + z * (2.7557316093198404e-06 +
  z * (-2.5051129896450185e-08 + z * 1.5917988979397435e-10)))));
 const d2 c = 1 + z * (-0.5 + z * (0.04166666666666664 + z * (-0.0013888888888880734 + z * (2.480158729366189e-05 + z * (-2.7557315555381283e-07 +
  z * (2.0875885001628906e-09 + z * -1.136789634714201e-11))))));
 const v128_t y = wasm_v128_bitselect((v128_t)c, (v128_t)s, (v128_t)-(q & 1));
 *small |= (l2)wasm_f64x2_lt(wasm_f64x2_abs((v128_t)r), (v128_t)splat(0x1p-15));
 return (d2)wasm_v128_xor(y, (v128_t)((q & 2) << 62));
}

INLINE v128_t each(v128_t x, float (*f)(float)) {
 x = wasm_f32x4_replace_lane(x, 0, f(wasm_f32x4_extract_lane(x, 0)));
 x = wasm_f32x4_replace_lane(x, 1, f(wasm_f32x4_extract_lane(x, 1)));
 x = wasm_f32x4_replace_lane(x, 2, f(wasm_f32x4_extract_lane(x, 2)));
 return wasm_f32x4_replace_lane(x, 3, f(wasm_f32x4_extract_lane(x, 3)));
}

// sizes is the lanes' bits without the sign.
INLINE u4 sizes(v128_t x) { return (u4)wasm_v128_and(x, wasm_i32x4_splat(0x7fffffff)); }

INLINE bool all4(u4 x) { return wasm_i32x4_all_true((v128_t)x); }
INLINE bool all2(l2 x) { return wasm_i64x2_all_true((v128_t)x); }

// FOUR defines name4: common is the condition on the operands x (their bits u, sizes a), two the evaluation of two lanes.
#define FOUR(name, common, ya, yb)                                       \
 EXPORT(name##4) v128_t export_##name##4(v128_t x) {                    \
  const u4 u = (u4)x, a = sizes(x);                                      \
  (void)u, (void)a;                                                      \
  if (all4((u4)(common))) {                                              \
   const d2 p = ya, q = yb;                                              \
   if (all2(away(p) & away(q))) return rounded(p, q);                    \
  }                                                                      \
  return each(x, one_##name);                                            \
 }

// The bound 87 keeps e^x a normal number; from 9.5 on tanh is 1 rounded, below 2^-13 it is its operand.
FOUR(exp, a < 0x42ae0000, exp_two(lower(x)), exp_two(upper(x)))
FOUR(exp2, a < 0x42fc0000, exp2_two(lower(x)), exp2_two(upper(x)))
FOUR(tanh, (a >= 0x39000000) & (a < 0x41180000), tanh_two(lower(x)), tanh_two(upper(x)))
FOUR(log, (u - 0x800000 < 0x7f000000) & (u != 0x3f800000), log_two(u[0], u[1]), log_two(u[2], u[3]))
FOUR(log2, (u - 0x800000 < 0x7f000000) & (u != 0x3f800000), log2_two(u[0], u[1]), log2_two(u[2], u[3]))
FOUR(invsqrt, (u - 0x800000 < 0x7f000000), 1 / (d2)wasm_f64x2_sqrt((v128_t)lower(x)), 1 / (d2)wasm_f64x2_sqrt((v128_t)upper(x)))

#define FOUR_ANGLES(name, turns)                                         \
 EXPORT(name##4) v128_t export_##name##4(v128_t x) {                    \
  const u4 a = sizes(x);                                                 \
  if (all4((u4)((a >= 0x39000000) & (a < 0x49800000)))) {                \
   l2 small = {0, 0};                                                    \
   const d2 p = sin_two(lower(x), turns, &small), q = sin_two(upper(x), turns, &small); \
   if (all2(away(p) & away(q) & ~small)) return rounded(p, q);           \
  }                                                                      \
  return each(x, one_##name);                                            \
 }

FOUR_ANGLES(sin, 0)
FOUR_ANGLES(cos, 1)

#define EACH(name) \
 EXPORT(name##4) v128_t export_##name##4(v128_t x) { return each(x, one_##name); }

EACH(tan)
EACH(asin)
EACH(acos)
EACH(atan)
EACH(sinh)
EACH(cosh)
EACH(asinh)
EACH(acosh)
EACH(atanh)
