// The binary32 functions of the CPU device. libm_gen.c is printed from the Go package kernels/f32 and does the work; here
// are the exports, with one NaN (0x7fc00000) for all NaN results. Built by build.sh; nothing is imported.

#include <stdbool.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

INLINE uint32_t bits32(float x) {
 uint32_t u;
 __builtin_memcpy(&u, &x, 4);
 return u;
}

INLINE float from32(uint32_t u) {
 float x;
 __builtin_memcpy(&x, &u, 4);
 return x;
}

INLINE uint64_t bits64(double x) {
 uint64_t u;
 __builtin_memcpy(&u, &x, 8);
 return u;
}

INLINE double from64(uint64_t u) {
 double x;
 __builtin_memcpy(&x, &u, 8);
 return x;
}

#include "libm_gen.c"

INLINE float canonical(float x) { return x == x ? x : from32(0x7fc00000); }

#define EXPORT(name) __attribute__((export_name(#name)))

#define UNARY(name, f)                                                                    \
 static __attribute__((noinline)) float one_##name(float x) { return canonical(f(x)); }  \
 EXPORT(name) float export_##name(float x) { return one_##name(x); }

UNARY(exp, f32_Exp)
UNARY(exp2, f32_Exp2)
UNARY(log, f32_Log)
UNARY(log2, f32_Log2)
UNARY(sin, f32_Sin)
UNARY(cos, f32_Cos)
UNARY(tan, f32_Tan)
UNARY(tanh, f32_Tanh)
UNARY(asin, f32_Asin)
UNARY(acos, f32_Acos)
UNARY(atan, f32_Atan)
UNARY(sinh, f32_Sinh)
UNARY(cosh, f32_Cosh)
UNARY(asinh, f32_Asinh)
UNARY(acosh, f32_Acosh)
UNARY(atanh, f32_Atanh)
UNARY(invsqrt, f32_InvSqrt)

EXPORT(fma) float export_fma(float a, float b, float c) { return canonical(f32_Fma(a, b, c)); }

// roundTurn of kernels/f32: added to a double below 2^51 in size it leaves the nearest integer in its low bits.
static const double f32_turn = 0x1.8p52;

#include "lanes.c"
