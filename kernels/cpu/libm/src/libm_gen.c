// Code generated from kernels/f32 by go generate; DO NOT EDIT. libm.c includes it.

typedef struct { uint32_t hi; uint32_t lo; } soft_u64;
static soft_u64 soft_mulWide(uint32_t a, uint32_t b) {
 const uint32_t al = (a & 0xffffu);
 const uint32_t ah = (a >> 0x10u);
 const uint32_t bl = (b & 0xffffu);
 const uint32_t bh = (b >> 0x10u);
 const uint32_t p = (al * bl);
 const uint32_t m = ((ah * bl) + (p >> 0x10u));
 const uint32_t n = ((al * bh) + (m & 0xffffu));
 return (soft_u64){(((ah * bh) + (m >> 0x10u)) + (n >> 0x10u)), ((n << 0x10u) | (p & 0xffffu))};
}
static uint32_t soft_mulHi(uint32_t a, uint32_t b) {
 return soft_mulWide(a, b).hi;
}
static soft_u64 soft_mul64(soft_u64 a, soft_u64 b) {
 const soft_u64 p = soft_mulWide(a.hi, b.hi);
 const uint32_t x = soft_mulHi(a.hi, b.lo);
 const uint32_t y = (p.lo + x);
 const uint32_t z = (y + soft_mulHi(a.lo, b.hi));
 return (soft_u64){((p.hi + ((y < x) ? 0x1u : 0x0u)) + ((z < y) ? 0x1u : 0x0u)), z};
}
static uint32_t soft_clz(uint32_t x) {
 uint32_t v = x;
 uint32_t n = ((v == 0x0u) ? 0x1u : 0x0u);
 if (v < 0x10000u) {
  n = (n + 0x10u);
  v = (v << 0x10u);
 }
 if (v < 0x1000000u) {
  n = (n + 0x8u);
  v = (v << 0x8u);
 }
 if (v < 0x10000000u) {
  n = (n + 0x4u);
  v = (v << 0x4u);
 }
 if (v < 0x40000000u) {
  n = (n + 0x2u);
  v = (v << 0x2u);
 }
 if (v < 0x80000000u) {
  n = (n + 0x1u);
 }
 return n;
}
static soft_u64 soft_shl64(soft_u64 a, uint32_t n) {
 if (n >= 0x20u) {
  return (soft_u64){(a.lo << ((n - 0x20u) & 0x1fu)), 0x0u};
 }
 if (n == 0x0u) {
  return a;
 }
 return (soft_u64){((a.hi << (n & 0x1fu)) | (a.lo >> ((0x20u - n) & 0x1fu))), (a.lo << (n & 0x1fu))};
}
typedef struct { int32_t e; soft_u64 m; } soft_wide;
static soft_wide soft_norm(soft_u64 m, int32_t e) {
 uint32_t n = soft_clz(m.hi);
 if (n == 0x20u) {
  n = (n + soft_clz(m.lo));
 }
 if (n == 0x40u) {
  return (soft_wide){(-4096), (soft_u64){0x80000000u, 0x0u}};
 }
 return (soft_wide){(e - ((int32_t)(n))), soft_shl64(m, n)};
}
typedef struct { uint32_t hi; uint32_t mid; uint32_t lo; } soft_u96;
static soft_u96 soft_shr96(soft_u96 a, uint32_t n) {
 soft_u96 v = a;
 uint32_t k = n;
 for (int32_t i = (0); (i < (3)); i = (i + (1))) {
  if (k >= 0x20u) {
   v = (soft_u96){0x0u, v.hi, v.mid};
   k = (k - 0x20u);
  }
 }
 if (k == 0x0u) {
  return v;
 }
 if (k >= 0x20u) {
  return (soft_u96){0x0u, 0x0u, 0x0u};
 }
 return (soft_u96){(v.hi >> (k & 0x1fu)), ((v.mid >> (k & 0x1fu)) | (v.hi << ((0x20u - k) & 0x1fu))), ((v.lo >> (k & 0x1fu)) | (v.mid << ((0x20u - k) & 0x1fu)))};
}
static soft_u64 soft_square(soft_wide f) {
 const uint32_t n = ((uint32_t)(((0) - f.e)));
 const soft_u96 s = soft_shr96((soft_u96){f.m.hi, f.m.lo, 0x0u}, n);
 return soft_mul64((soft_u64){s.hi, s.mid}, (soft_u64){s.hi, s.mid});
}
static soft_u64 soft_sub64(soft_u64 a, soft_u64 b) {
 return (soft_u64){((a.hi - b.hi) - ((a.lo < b.lo) ? 0x1u : 0x0u)), (a.lo - b.lo)};
}
static soft_wide soft_wmul(soft_wide a, soft_wide b) {
 return soft_norm(soft_mul64(a.m, b.m), (a.e + b.e));
}
static soft_wide soft_atanSmall(soft_wide u) {
 const soft_u64 z = soft_square(u);
 soft_u64 q = soft_sub64((soft_u64){0xba2be6cu, 0x8c1b67eu}, soft_mul64(z, (soft_u64){0x9ba60abu, 0xa43646b3u}));
 q = soft_sub64((soft_u64){0xe38e370u, 0xd5cb5372u}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x12492492u, 0x3ea88e8fu}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x19999999u, 0x9997d17cu}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x2aaaaaaau, 0xaaaaaa8eu}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x80000000u, 0x0u}, soft_mul64(z, q));
 return soft_wmul(u, soft_norm(q, (1)));
}
static const soft_u64 soft_atanTable[9] = {{0x0u, 0x0u}, {0x1fd5ba9au, 0xac2f6dc6u}, {0x3eb6ebf2u, 0x5901bac5u}, {0x5bd86507u, 0x937bc23au}, {0x76b19c15u, 0x86ed3da3u}, {0x8f005d5eu, 0xf7f59f9bu}, {0xa4bc7d19u, 0x34f70924u}, {0xb8053e2bu, 0xc2319e74u}, {0xc90fdaa2u, 0x2168c235u}};
static bool soft_less(soft_wide a, soft_wide b) {
 return ((a.e < b.e) || ((a.e == b.e) && ((a.m.hi < b.m.hi) || ((a.m.hi == b.m.hi) && (a.m.lo < b.m.lo)))));
}
static soft_wide soft_twice(soft_wide a, bool up) {
 if (up) {
  return (soft_wide){(a.e + (1)), a.m};
 }
 return (soft_wide){(a.e - (1)), a.m};
}
static soft_u64 soft_add64(soft_u64 a, soft_u64 b) {
 const uint32_t lo = (a.lo + b.lo);
 return (soft_u64){((a.hi + b.hi) + ((lo < a.lo) ? 0x1u : 0x0u)), lo};
}
static soft_wide soft_wadd(soft_wide a, soft_wide b) {
 soft_wide x = a;
 soft_wide y = b;
 if (a.e < b.e) {
  x = b;
  y = a;
 }
 const soft_u96 s = soft_shr96((soft_u96){y.m.hi, y.m.lo, 0x0u}, ((uint32_t)((x.e - y.e))));
 const soft_u64 m = soft_add64(x.m, (soft_u64){s.hi, s.mid});
 if ((m.hi < x.m.hi) || ((m.hi == x.m.hi) && (m.lo < x.m.lo))) {
  return (soft_wide){(x.e + (1)), (soft_u64){((m.hi >> 0x1u) | 0x80000000u), ((m.lo >> 0x1u) | (m.hi << 0x1fu))}};
 }
 return (soft_wide){x.e, m};
}
static soft_u64 soft_recip64(soft_u64 b) {
 uint32_t r = ((0xffffffffu / ((b.hi >> 0x10u) + 0x1u)) << 0xfu);
 r = (soft_mulHi(r, ((0x0u - soft_mulHi(b.hi, r)) - 0x3u)) << 0x1u);
 soft_u64 y = (soft_u64){r, 0x0u};
 for (int32_t i = (0); (i < (2)); i = (i + (1))) {
  y = soft_shl64(soft_mul64(y, soft_sub64((soft_u64){0xffffffffu, 0xfffffff8u}, soft_mul64(b, y))), 0x1u);
 }
 return y;
}
static soft_wide soft_wdiv(soft_wide a, soft_wide b) {
 return soft_norm(soft_mul64(a.m, soft_recip64(b.m)), ((a.e - b.e) + (1)));
}
static soft_wide soft_wideInt(uint32_t n) {
 const uint32_t k = soft_clz(n);
 return (soft_wide){((int32_t)((0x20u - k))), (soft_u64){(n << (k & 0x1fu)), 0x0u}};
}
static soft_wide soft_wsub(soft_wide a, soft_wide b) {
 const soft_u96 s = soft_shr96((soft_u96){b.m.hi, b.m.lo, 0x0u}, ((uint32_t)((a.e - b.e))));
 return soft_norm(soft_sub64(a.m, (soft_u64){s.hi, s.mid}), a.e);
}
static soft_wide soft_atanBelow(soft_wide a, soft_wide b) {
 const soft_wide t = soft_wdiv(a, b);
 uint32_t i = 0x0u;
 if (t.e >= (-3)) {
  i = (((t.m.hi >> (((uint32_t)(((28) - t.e))) & 0x1fu)) + 0x1u) >> 0x1u);
  if (t.e > (0)) {
   i = 0x8u;
  }
 }
 if (i == 0x0u) {
  return soft_atanSmall(t);
 }
 const soft_wide n = soft_wideInt(i);
 const soft_wide x = soft_twice(soft_twice(soft_twice(a, true), true), true);
 const soft_wide y = soft_wmul(b, n);
 const soft_wide d = soft_wadd(soft_twice(soft_twice(soft_twice(b, true), true), true), soft_wmul(a, n));
 const bool neg = soft_less(x, y);
 soft_wide u = soft_wsub(x, y);
 if (neg) {
  u = soft_wsub(y, x);
 }
 const soft_wide s = soft_atanSmall(soft_wdiv(u, d));
 if (neg) {
  return soft_wsub(soft_norm(soft_atanTable[i], (0)), s);
 }
 return soft_wadd(soft_norm(soft_atanTable[i], (0)), s);
}
static soft_wide soft_atanRatio(soft_wide a, soft_wide b) {
 if (soft_less(b, a)) {
  return soft_wsub((soft_wide){(1), (soft_u64){0xc90fdaa2u, 0x2168c235u}}, soft_atanBelow(b, a));
 }
 return soft_atanBelow(a, b);
}
static soft_wide soft_evenExp(soft_wide a) {
 if ((a.e & (1)) != (0)) {
  return (soft_wide){(a.e + (1)), (soft_u64){(a.m.hi >> 0x1u), ((a.m.lo >> 0x1u) | (a.m.hi << 0x1fu))}};
 }
 return a;
}
static soft_u64 soft_rsqrt64(soft_u64 a) {
 uint32_t h = ((0x541de486u - soft_mulHi(a.hi, (0x64497d2bu - soft_mulHi(a.hi, 0x30bdecbcu)))) << 0x2u);
 for (int32_t i = (0); (i < (2)); i = (i + (1))) {
  h = (soft_mulHi(h, (0xbffffffcu - soft_mulHi(a.hi, soft_mulHi(h, h)))) << 0x1u);
 }
 soft_u64 y = (soft_u64){h, 0x0u};
 for (int32_t i = (0); (i < (2)); i = (i + (1))) {
  y = soft_shl64(soft_mul64(y, soft_sub64((soft_u64){0xbfffffffu, 0xfffffff4u}, soft_mul64(a, soft_mul64(y, y)))), 0x1u);
 }
 return y;
}
static soft_wide soft_wsqrt(soft_wide a) {
 const soft_wide x = soft_evenExp(a);
 return soft_norm(soft_mul64(x.m, soft_rsqrt64(x.m)), ((x.e >> 0x1u) + (1)));
}
static soft_wide soft_cosOfAsin(soft_wide x) {
 const soft_wide u = soft_wideInt(0x1u);
 return soft_wsqrt(soft_wmul(soft_wsub(u, x), soft_wadd(u, x)));
}
static uint32_t soft_pack(uint32_t s, int32_t e, uint32_t m) {
 if (e >= (255)) {
  return (s | 0x7f800000u);
 }
 if (e <= (0)) {
  const uint32_t n = ((uint32_t)(((1) - e)));
  const uint32_t v = ((n > 0x1fu) ? 0x1u : ((m >> (n & 0x1fu)) | (((m << ((0x20u - n) & 0x1fu)) != 0x0u) ? 0x1u : 0x0u)));
  const uint32_t r = (v >> 0x8u);
  const uint32_t low = (v & 0xffu);
  return (s | (r + (((low > 0x80u) || ((low == 0x80u) && ((r & 0x1u) != 0x0u))) ? 0x1u : 0x0u)));
 }
 const uint32_t r = (m >> 0x8u);
 const uint32_t low = (m & 0xffu);
 return (s | (((((uint32_t)((e - (1)))) << 0x17u) + r) + (((low > 0x80u) || ((low == 0x80u) && ((r & 0x1u) != 0x0u))) ? 0x1u : 0x0u)));
}
static uint32_t soft_packWide(uint32_t s, soft_wide a) {
 return soft_pack(s, (a.e + (126)), (a.m.hi | ((a.m.lo != 0x0u) ? 0x1u : 0x0u)));
}
static int32_t soft_expOf(uint32_t a) {
 const uint32_t e = ((a >> 0x17u) & 0xffu);
 if (e == 0x0u) {
  return ((int32_t)((0x9u - soft_clz((a & 0x7fffffu)))));
 }
 return ((int32_t)(e));
}
static uint32_t soft_sigOf(uint32_t a) {
 const uint32_t m = (a & 0x7fffffu);
 if ((a & 0x7f800000u) == 0x0u) {
  return (m << ((soft_clz(m) - 0x8u) & 0x1fu));
 }
 return (m | 0x800000u);
}
static soft_wide soft_wideOf(uint32_t a) {
 return (soft_wide){(soft_expOf(a) - (126)), (soft_u64){(soft_sigOf(a) << 0x8u), 0x0u}};
}
static uint32_t soft_Acos(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x3f800000u) {
  return 0x7fc00000u;
 }
 if (x == 0x3f800000u) {
  return ((a == 0x3f800000u) ? 0x0u : 0x40490fdbu);
 }
 if (x < 0x32800000u) {
  return 0x3fc90fdbu;
 }
 soft_wide r = soft_atanRatio(soft_cosOfAsin(soft_wideOf(x)), soft_wideOf(x));
 if (a >= 0x80000000u) {
  r = soft_wsub((soft_wide){(2), (soft_u64){0xc90fdaa2u, 0x2168c235u}}, r);
 }
 return soft_packWide(0x0u, r);
}
static soft_u96 soft_add96(soft_u96 a, soft_u96 b) {
 const soft_u64 l = soft_add64((soft_u64){a.mid, a.lo}, (soft_u64){b.mid, b.lo});
 const uint32_t c = (((l.hi < a.mid) || ((l.hi == a.mid) && (l.lo < a.lo))) ? 0x1u : 0x0u);
 return (soft_u96){((a.hi + b.hi) + c), l.hi, l.lo};
}
static soft_u96 soft_sub96(soft_u96 a, soft_u96 b) {
 const soft_u64 l = soft_sub64((soft_u64){a.mid, a.lo}, (soft_u64){b.mid, b.lo});
 const uint32_t c = (((a.mid < b.mid) || ((a.mid == b.mid) && (a.lo < b.lo))) ? 0x1u : 0x0u);
 return (soft_u96){((a.hi - b.hi) - c), l.hi, l.lo};
}
static soft_u96 soft_fixed(soft_u96 a, bool neg) {
 if (neg) {
  return soft_sub96((soft_u96){0x0u, 0x0u, 0x0u}, a);
 }
 return a;
}
typedef struct { uint32_t w3; uint32_t w2; uint32_t w1; uint32_t w0; } soft_u128;
static soft_u128 soft_add128(soft_u128 a, soft_u128 b) {
 const soft_u96 l = soft_add96((soft_u96){a.w2, a.w1, a.w0}, (soft_u96){b.w2, b.w1, b.w0});
 bool c = (l.hi < a.w2);
 if (l.hi == a.w2) {
  c = ((l.mid < a.w1) || ((l.mid == a.w1) && (l.lo < a.w0)));
 }
 return (soft_u128){((a.w3 + b.w3) + (c ? 0x1u : 0x0u)), l.hi, l.mid, l.lo};
}
typedef struct { int32_t e; soft_u96 f; } soft_logParts;
static soft_u128 soft_neg128(soft_u128 a) {
 return soft_add128((soft_u128){(~a.w3), (~a.w2), (~a.w1), (~a.w0)}, (soft_u128){0x0u, 0x0u, 0x0u, 0x1u});
}
static soft_u128 soft_lnSum(soft_logParts l) {
 const bool neg = (l.e < (0));
 uint32_t n = ((uint32_t)(l.e));
 if (neg) {
  n = (0x0u - n);
 }
 const soft_u64 p0 = soft_mulWide(n, 0xc9e3b398u);
 const soft_u64 p1 = soft_mulWide(n, 0xd1cf79abu);
 const soft_u64 p2 = soft_mulWide(n, 0xb17217f7u);
 const soft_u96 s = soft_add96((soft_u96){p2.hi, p2.lo, p1.lo}, (soft_u96){0x0u, p1.hi, p0.hi});
 soft_u128 r = (soft_u128){s.hi, s.mid, s.lo, p0.lo};
 if (neg) {
  r = soft_neg128(r);
 }
 return soft_add128(r, (soft_u128){(0x0u - (l.f.hi >> 0x1fu)), l.f.hi, l.f.mid, l.f.lo});
}
static soft_u64 soft_log1pPoly(soft_u64 v, bool neg) {
 const uint32_t n = (neg ? 0x0u : 0xffffffffu);
 uint32_t h = soft_mulHi(v.hi, 0xbfaa6acu);
 h = soft_mulHi(v.hi, (0xe35f97au + (h ^ n)));
 h = (0x10001967u + (h ^ n));
 soft_u64 q = soft_mul64(v, (soft_u64){h, 0x0u});
 q = soft_add64((soft_u64){0x1249252cu, 0xf919838au}, (soft_u64){(q.hi ^ n), (q.lo ^ n)});
 q = soft_mul64(v, q);
 q = soft_add64((soft_u64){0x15555554u, 0x807fce2fu}, (soft_u64){(q.hi ^ n), (q.lo ^ n)});
 q = soft_mul64(v, q);
 q = soft_add64((soft_u64){0x19999999u, 0x918527adu}, (soft_u64){(q.hi ^ n), (q.lo ^ n)});
 q = soft_mul64(v, q);
 q = soft_add64((soft_u64){0x20000000u, 0x149f1u}, (soft_u64){(q.hi ^ n), (q.lo ^ n)});
 q = soft_mul64(v, q);
 q = soft_add64((soft_u64){0x2aaaaaaau, 0xaaaacce0u}, (soft_u64){(q.hi ^ n), (q.lo ^ n)});
 q = soft_mul64(v, q);
 q = soft_add64((soft_u64){0x40000000u, 0x2u}, (soft_u64){(q.hi ^ n), (q.lo ^ n)});
 q = soft_mul64(v, q);
 q = soft_add64((soft_u64){0x80000000u, 0x0u}, (soft_u64){(q.hi ^ n), (q.lo ^ n)});
 return q;
}
typedef struct { uint32_t r; uint32_t hi; uint32_t mid; uint32_t lo; } soft_logRow;
static const soft_logRow soft_logTable[32] = {{0x100u, 0x0u, 0x0u, 0x0u}, {0xf5u, 0xb3e4a79u, 0x6a5dac20u, 0x827cca0cu}, {0xedu, 0x13bdf5a7u, 0xd1ee642fu, 0x52eda76bu}, {0xe7u, 0x1a4e7640u, 0xb1bc37a9u, 0x28d77f07u}, {0xe0u, 0x222f1d04u, 0x4fc8f7bcu, 0x671683f9u}, {0xdau, 0x29227b06u, 0x676ac1bcu, 0xaa7edb3cu}, {0xd5u, 0x2f131b0au, 0x8898e67bu, 0xe3dbaf3fu}, {0xcfu, 0x3663b0aeu, 0xb79c794eu, 0x562a63cbu}, {0xcau, 0x3ca61dffu, 0xce202424u, 0x4ec083e8u}, {0xc5u, 0x4310b59du, 0x858b8c45u, 0x8b1e7574u}, {0xc1u, 0x485115b4u, 0x3ae350fbu, 0xd748d75du}, {0xbcu, 0x4f0949dcu, 0xccc60ed5u, 0x2d81af57u}, {0xb8u, 0x548ab81cu, 0xe28f5f38u, 0x40b263adu}, {0xb4u, 0xa8b90902u, 0x9fd8d6bdu, 0xc9c7c238u}, {0xb0u, 0xae79d0f7u, 0x8e84f60bu, 0xd2132133u}, {0xacu, 0xb45c7514u, 0x7b8b3d8fu, 0x4cdb95ecu}, {0xa9u, 0xb8dd9cfau, 0x59981410u, 0xe5c62affu}, {0xa5u, 0xbeff69adu, 0x2cbefc94u, 0x7610bd28u}, {0xa2u, 0xc3b1f123u, 0xaa1a342cu, 0x2af0003cu}, {0x9fu, 0xc87af317u, 0xa4e653acu, 0xc62ede4u}, {0x9cu, 0xcd5b4ac6u, 0x17529713u, 0x7d9f158fu}, {0x99u, 0xd253e031u, 0xcc5bc6e5u, 0x57134767u}, {0x96u, 0xd765a926u, 0x6905c330u, 0x584d5e0fu}, {0x94u, 0xdad55a0fu, 0xc015b967u, 0xf4471dfcu}, {0x91u, 0xe0136eceu, 0x24154555u, 0xd1ae6607u}, {0x8eu, 0xe56d92c5u, 0xb52a9c9au, 0xf42dd564u}, {0x8cu, 0xe90f2d75u, 0x1a94b464u, 0x1b664613u}, {0x8au, 0xecbe2869u, 0xe42e2f6du, 0x667c89f0u}, {0x87u, 0xf25e9147u, 0x7347209eu, 0xb9759c13u}, {0x85u, 0xf630bc23u, 0xa1502bu, 0x7f526febu}, {0x83u, 0xfa11b93eu, 0xa93b955u, 0xb602ace4u}, {0x80u, 0x0u, 0x0u, 0x0u}};
static soft_wide soft_norm128(soft_u128 v, int32_t e) {
 soft_u128 w = v;
 int32_t k = e;
 for (int32_t i = (0); (i < (3)); i = (i + (1))) {
  if (w.w3 == 0x0u) {
   w = (soft_u128){w.w2, w.w1, w.w0, 0x0u};
   k = (k - (32));
  }
 }
 const uint32_t n = soft_clz(w.w3);
 soft_u64 m = soft_shl64((soft_u64){w.w3, w.w2}, n);
 if (n != 0x0u) {
  m.lo = (m.lo | (w.w1 >> ((0x20u - n) & 0x1fu)));
 }
 return (soft_wide){(k - ((int32_t)(n))), m};
}
static soft_wide soft_log1p(soft_wide v) {
 if (v.e <= (-5)) {
  const soft_u96 s = soft_shr96((soft_u96){v.m.hi, v.m.lo, 0x0u}, ((uint32_t)(((0) - v.e))));
  return soft_wmul(v, soft_norm(soft_log1pPoly((soft_u64){s.hi, s.mid}, false), (1)));
 }
 const soft_wide a = soft_wadd(soft_wideInt(0x1u), v);
 const uint32_t i = ((a.m.hi >> 0x1au) & 0x1fu);
 const soft_logRow row = soft_logTable[i];
 int32_t e = (a.e - (1));
 if (i >= 0xdu) {
  e = (e + (1));
 }
 const soft_u64 p = soft_mulWide(a.m.hi, row.r);
 const soft_u64 s = soft_add64(p, (soft_u64){0x0u, soft_mulHi(a.m.lo, row.r)});
 soft_u64 t = (soft_u64){(((s.hi << 0x18u) | (s.lo >> 0x8u)) ^ 0x80000000u), ((s.lo << 0x18u) | ((a.m.lo * row.r) >> 0x8u))};
 const bool neg = (t.hi >= 0x80000000u);
 if (neg) {
  t = soft_sub64((soft_u64){0x0u, 0x0u}, t);
 }
 const soft_u64 q = soft_mul64(soft_shl64(t, 0x1u), soft_log1pPoly(soft_shl64(t, 0x1u), neg));
 const soft_u96 f = (soft_u96){((q.hi << 0x1u) | (q.lo >> 0x1fu)), (q.lo << 0x1u), 0x0u};
 return soft_norm128(soft_lnSum((soft_logParts){e, soft_add96((soft_u96){row.hi, row.mid, row.lo}, soft_fixed(f, neg))}), (32));
}
static uint32_t soft_Acosh(uint32_t a) {
 if ((a < 0x3f800000u) || (a > 0x7f800000u)) {
  return 0x7fc00000u;
 }
 if (a == 0x3f800000u) {
  return 0x0u;
 }
 if (a == 0x7f800000u) {
  return 0x7f800000u;
 }
 const soft_wide t = soft_wsub(soft_wideOf(a), soft_wideInt(0x1u));
 return soft_packWide(0x0u, soft_log1p(soft_wadd(t, soft_wsqrt(soft_wmul(t, soft_wadd(t, soft_wideInt(0x2u)))))));
}
static uint32_t soft_Add(uint32_t a, uint32_t b) {
 uint32_t x = a;
 uint32_t y = b;
 if ((x & 0x7fffffffu) < (y & 0x7fffffffu)) {
  x = b;
  y = a;
 }
 const uint32_t xm = (x & 0x7fffffffu);
 const uint32_t ym = (y & 0x7fffffffu);
 if (xm >= 0x7f800000u) {
  if ((xm > 0x7f800000u) || ((ym == 0x7f800000u) && (x != y))) {
   return 0x7fc00000u;
  }
  return x;
 }
 if (ym == 0x0u) {
  if (xm == 0x0u) {
   return (x & y);
  }
  return x;
 }
 uint32_t ex = (xm >> 0x17u);
 uint32_t ey = (ym >> 0x17u);
 uint32_t sx = (xm & 0x7fffffu);
 uint32_t sy = (ym & 0x7fffffu);
 if (ex == 0x0u) {
  ex = 0x1u;
 } else {
  sx = (sx | 0x800000u);
 }
 if (ey == 0x0u) {
  ey = 0x1u;
 } else {
  sy = (sy | 0x800000u);
 }
 sx = (sx << 0x7u);
 sy = (sy << 0x7u);
 const uint32_t d = (ex - ey);
 if (d > 0x1fu) {
  sy = 0x1u;
 } else if (d != 0x0u) {
  sy = ((sy >> (d & 0x1fu)) | (((sy << ((0x20u - d) & 0x1fu)) != 0x0u) ? 0x1u : 0x0u));
 }
 uint32_t m = (sx + sy);
 if (((x ^ y) & 0x80000000u) != 0x0u) {
  m = (sx - sy);
 }
 if (m == 0x0u) {
  return 0x0u;
 }
 const uint32_t n = soft_clz(m);
 return soft_pack((x & 0x80000000u), ((int32_t)(((ex + 0x1u) - n))), (m << (n & 0x1fu)));
}
static uint32_t soft_Asin(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x3f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 if (x == 0x3f800000u) {
  return ((a & 0x80000000u) | 0x3fc90fdbu);
 }
 return soft_packWide((a & 0x80000000u), soft_atanRatio(soft_wideOf(x), soft_cosOfAsin(soft_wideOf(x))));
}
static uint32_t soft_Asinh(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if ((x < 0x39000000u) || (x == 0x7f800000u)) {
  return a;
 }
 const soft_wide v = soft_wideOf(x);
 const soft_wide s = soft_wmul(v, v);
 const soft_wide r = soft_wsqrt(soft_wadd(soft_wideInt(0x1u), s));
 return soft_packWide((a & 0x80000000u), soft_log1p(soft_wadd(v, soft_wdiv(s, soft_wadd(soft_wideInt(0x1u), r)))));
}
static uint32_t soft_Atan(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 if (x >= 0x4c800000u) {
  return ((a & 0x80000000u) | 0x3fc90fdbu);
 }
 return soft_packWide((a & 0x80000000u), soft_atanRatio(soft_wideOf(x), soft_wideInt(0x1u)));
}
static uint32_t soft_Atanh(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x3f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 if (x == 0x3f800000u) {
  return ((a & 0x80000000u) | 0x7f800000u);
 }
 const soft_wide v = soft_wideOf(x);
 return soft_packWide((a & 0x80000000u), soft_twice(soft_log1p(soft_wdiv(soft_twice(v, true), soft_wsub(soft_wideInt(0x1u), v))), false));
}
static uint32_t soft_Trunc(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x3f800000u) {
  return (a & 0x80000000u);
 }
 const uint32_t e = (x >> 0x17u);
 if (e >= 0x96u) {
  return a;
 }
 return (a & (0xffffffffu << ((0x96u - e) & 0x1fu)));
}
static uint32_t soft_Floor(uint32_t a) {
 const uint32_t t = soft_Trunc(a);
 if (((a < 0x80000000u) || (t == a)) || (t == 0x7fc00000u)) {
  return t;
 }
 if ((t & 0x7fffffffu) == 0x0u) {
  return 0xbf800000u;
 }
 return (t + (0x1u << ((0x96u - ((t >> 0x17u) & 0xffu)) & 0x1fu)));
}
static uint32_t soft_Ceil(uint32_t a) {
 if ((a & 0x7fffffffu) > 0x7f800000u) {
  return 0x7fc00000u;
 }
 return (soft_Floor((a ^ 0x80000000u)) ^ 0x80000000u);
}
typedef struct { uint32_t q; bool neg; soft_wide f; } soft_angle;
static uint32_t soft_joined(uint32_t a, uint32_t b, uint32_t k) {
 if (k == 0x0u) {
  return a;
 }
 return ((a << (k & 0x1fu)) | (b >> ((0x20u - k) & 0x1fu)));
}
static soft_u128 soft_shl128(soft_u128 a, uint32_t n) {
 return (soft_u128){((a.w3 << (n & 0x1fu)) | (a.w2 >> ((0x20u - n) & 0x1fu))), ((a.w2 << (n & 0x1fu)) | (a.w1 >> ((0x20u - n) & 0x1fu))), ((a.w1 << (n & 0x1fu)) | (a.w0 >> ((0x20u - n) & 0x1fu))), (a.w0 << (n & 0x1fu))};
}
static const uint32_t soft_twoOverPi[9] = {0x0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u};
static soft_angle soft_reduce(uint32_t x) {
 if (x < 0x3f490fdbu) {
  return (soft_angle){0x0u, false, soft_wmul(soft_wideOf(x), (soft_wide){(0), (soft_u64){0xa2f9836eu, 0x4e44152au}})};
 }
 const uint32_t m = ((x & 0x7fffffu) | 0x800000u);
 const uint32_t at = ((x >> 0x17u) - 0x78u);
 const uint32_t i = (at >> 0x5u);
 const uint32_t k = (at & 0x1fu);
 const uint32_t w4 = soft_twoOverPi[i];
 const uint32_t w3 = soft_twoOverPi[(i + 0x1u)];
 const uint32_t w2 = soft_twoOverPi[(i + 0x2u)];
 const uint32_t w1 = soft_twoOverPi[(i + 0x3u)];
 const uint32_t w0 = soft_twoOverPi[(i + 0x4u)];
 const soft_u64 p3 = soft_mulWide(m, soft_joined(w4, w3, k));
 const soft_u64 p2 = soft_mulWide(m, soft_joined(w3, w2, k));
 const soft_u64 p1 = soft_mulWide(m, soft_joined(w2, w1, k));
 const soft_u64 p0 = soft_mulWide(m, soft_joined(w1, w0, k));
 const soft_u96 s = soft_add96((soft_u96){p3.lo, p2.lo, p1.lo}, (soft_u96){p2.hi, p1.hi, p0.hi});
 soft_u128 v = soft_shl128((soft_u128){s.hi, s.mid, s.lo, p0.lo}, 0x2u);
 uint32_t q = (s.hi >> 0x1eu);
 const bool neg = (v.w3 >= 0x80000000u);
 if (neg) {
  v = soft_neg128(v);
  q = (q + 0x1u);
 }
 return (soft_angle){(q & 0x3u), neg, soft_norm128(v, (0))};
}
static soft_wide soft_cosPi2(soft_wide f) {
 const soft_u64 z = soft_square(f);
 soft_u64 q = soft_sub64((soft_u64){0xdu, 0xb6eb67d1u}, soft_mul64(z, (soft_u64){0x0u, 0x23c54d3fu}));
 q = soft_sub64((soft_u64){0x3f3u, 0xa70a9025u}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0xd368u, 0xf94f8e40u}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x1e1f50u, 0x68919a8au}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x2aba78fu, 0xc797fdafu}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x20783e10u, 0x36b5875du}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x9de9e64du, 0xf22ef2d2u}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x80000000u, 0x0u}, soft_mul64(z, q));
 return soft_norm(q, (1));
}
static soft_wide soft_sinPi2(soft_wide f) {
 const soft_u64 z = soft_square(f);
 soft_u64 q = soft_sub64((soft_u64){0x7au, 0x3bb44bb8u}, soft_mul64(z, (soft_u64){0x1u, 0x6c5b875du}));
 q = soft_sub64((soft_u64){0x1e30u, 0x74b4ff30u}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x541e0u, 0xd2172f61u}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x996966u, 0x73156112u}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0xa335e33u, 0xbad56c90u}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0x52aef398u, 0x96f94aedu}, soft_mul64(z, q));
 q = soft_sub64((soft_u64){0xc90fdaa2u, 0x2168c235u}, soft_mul64(z, q));
 return soft_wmul(f, (soft_wide){(1), q});
}
static uint32_t soft_sinTurned(soft_angle a, uint32_t turns, uint32_t s) {
 const uint32_t q = (a.q + turns);
 const uint32_t t = (s ^ ((q & 0x2u) << 0x1eu));
 if ((q & 0x1u) != 0x0u) {
  return soft_packWide(t, soft_cosPi2(a.f));
 }
 return soft_packWide((t ^ (a.neg ? 0x80000000u : 0x0u)), soft_sinPi2(a.f));
}
static uint32_t soft_Cos(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x >= 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return 0x3f800000u;
 }
 return soft_sinTurned(soft_reduce(x), 0x1u, 0x0u);
}
static soft_u64 soft_exp2Poly(soft_u64 u) {
 const soft_u64 v = (soft_u64){(u.hi >> 0x5u), ((u.hi << 0x1bu) | (u.lo >> 0x5u))};
 const uint32_t h = (0x58b19eebu + soft_mulHi(v.hi, (0x3679c436u + soft_mulHi(v.hi, 0x20ca10d5u))));
 soft_u64 q = soft_add64((soft_u64){0x7ff2f605u, 0xf78960ddu}, soft_mul64(v, (soft_u64){h, 0x0u}));
 q = soft_add64((soft_u64){0xa184899cu, 0x316d51fdu}, soft_mul64(v, q));
 q = soft_add64((soft_u64){0xaec3ff3cu, 0xe94d070u}, soft_mul64(v, q));
 q = soft_add64((soft_u64){0x9d955b7du, 0xd2c84cccu}, soft_mul64(v, q));
 q = soft_add64((soft_u64){0x71ac235cu, 0x1282c947u}, soft_mul64(v, q));
 q = soft_add64((soft_u64){0x3d7f7bffu, 0x58b1d5eu}, soft_mul64(v, q));
 q = soft_add64((soft_u64){0x162e42feu, 0xfa39ef35u}, soft_mul64(v, q));
 return q;
}
static soft_u64 soft_exp2Frac(soft_u64 f) {
 const soft_u64 u = (soft_u64){((f.hi << 0x2u) | (f.lo >> 0x1eu)), (f.lo << 0x2u)};
 const soft_u64 w = soft_mul64(u, soft_exp2Poly(u));
 const uint32_t i = (f.hi >> 0x1eu);
 soft_u64 t = (soft_u64){0x80000000u, 0x0u};
 if (i == 0x1u) {
  t = (soft_u64){0x9837f051u, 0x8db8a96fu};
 } else if (i == 0x2u) {
  t = (soft_u64){0xb504f333u, 0xf9de6484u};
 } else if (i == 0x3u) {
  t = (soft_u64){0xd744fccau, 0xd69d6af4u};
 }
 return soft_add64(t, soft_mul64(soft_shl64(w, 0x1u), t));
}
static soft_u96 soft_timesLog2e(uint32_t x) {
 const uint32_t m = (soft_sigOf(x) << 0x8u);
 const soft_u64 p = soft_mulWide(m, 0xb8aa3b29u);
 const soft_u64 q = soft_mulWide(m, 0x5c17f0bbu);
 const soft_u64 s = soft_add64(p, (soft_u64){0x0u, q.hi});
 const uint32_t t = (q.lo + soft_mulHi(m, 0xbe87fed0u));
 return soft_shr96(soft_add96((soft_u96){s.hi, s.lo, t}, (soft_u96){0x0u, ((t < q.lo) ? 0x1u : 0x0u), 0x0u}), (0x9du - (x >> 0x17u)));
}
static uint32_t soft_Cosh(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return 0x3f800000u;
 }
 if (x >= 0x43000000u) {
  return 0x7f800000u;
 }
 const soft_u96 y = soft_timesLog2e(x);
 const soft_wide e = (soft_wide){(((int32_t)(y.hi)) + (1)), soft_exp2Frac((soft_u64){y.mid, y.lo})};
 return soft_packWide(0x0u, soft_twice(soft_wadd(e, soft_wdiv(soft_wideInt(0x1u), e)), false));
}
static uint32_t soft_Div(uint32_t a, uint32_t b) {
 const uint32_t s = ((a ^ b) & 0x80000000u);
 const uint32_t x = (a & 0x7fffffffu);
 const uint32_t y = (b & 0x7fffffffu);
 if ((((x > 0x7f800000u) || (y > 0x7f800000u)) || ((x == 0x7f800000u) && (y == 0x7f800000u))) || ((x == 0x0u) && (y == 0x0u))) {
  return 0x7fc00000u;
 }
 if ((x == 0x7f800000u) || (y == 0x0u)) {
  return (s | 0x7f800000u);
 }
 if ((y == 0x7f800000u) || (x == 0x0u)) {
  return s;
 }
 int32_t e = ((soft_expOf(x) - soft_expOf(y)) + (127));
 uint32_t r = soft_sigOf(x);
 const uint32_t d = soft_sigOf(y);
 if (r < d) {
  r = (r << 0x1u);
  e = (e - (1));
 }
 uint32_t q = 0x1u;
 r = ((r - d) << 0x8u);
 for (int32_t i = (0); (i < (3)); i = (i + (1))) {
  const uint32_t t = (r / d);
  q = ((q << 0x8u) | t);
  r = ((r - (t * d)) << 0x8u);
 }
 return soft_pack(s, e, ((q << 0x7u) | ((r != 0x0u) ? 0x1u : 0x0u)));
}
static uint32_t soft_exp2Fixed(soft_u96 a) {
 const soft_u64 m = soft_exp2Frac((soft_u64){a.mid, a.lo});
 return soft_pack(0x0u, (((int32_t)(a.hi)) + (127)), (m.hi | ((m.lo != 0x0u) ? 0x1u : 0x0u)));
}
static uint32_t soft_Exp(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x >= 0x43000000u) {
  return ((a >= 0x80000000u) ? 0x0u : 0x7f800000u);
 }
 if (x < 0x32800000u) {
  return 0x3f800000u;
 }
 return soft_exp2Fixed(soft_fixed(soft_timesLog2e(x), (a >= 0x80000000u)));
}
static uint32_t soft_Exp2(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x >= 0x43800000u) {
  return ((a >= 0x80000000u) ? 0x0u : 0x7f800000u);
 }
 if (x < 0x32800000u) {
  return 0x3f800000u;
 }
 if (a == 0xc3160000u) {
  return 0x0u;
 }
 return soft_exp2Fixed(soft_fixed(soft_shr96((soft_u96){(soft_sigOf(x) << 0x8u), 0x0u, 0x0u}, (0x9eu - (x >> 0x17u))), (a >= 0x80000000u)));
}
static uint32_t soft_FEq(uint32_t a, uint32_t b) {
 if (((a & 0x7fffffffu) > 0x7f800000u) || ((b & 0x7fffffffu) > 0x7f800000u)) {
  return 0x0u;
 }
 return (((a == b) || (((a | b) & 0x7fffffffu) == 0x0u)) ? 0x1u : 0x0u);
}
static uint32_t soft_order(uint32_t a) {
 return ((a >= 0x80000000u) ? (~a) : (a | 0x80000000u));
}
static uint32_t soft_FLe(uint32_t a, uint32_t b) {
 if (((a & 0x7fffffffu) > 0x7f800000u) || ((b & 0x7fffffffu) > 0x7f800000u)) {
  return 0x0u;
 }
 return (((soft_order(a) <= soft_order(b)) || (((a | b) & 0x7fffffffu) == 0x0u)) ? 0x1u : 0x0u);
}
static uint32_t soft_FLt(uint32_t a, uint32_t b) {
 if (((a & 0x7fffffffu) > 0x7f800000u) || ((b & 0x7fffffffu) > 0x7f800000u)) {
  return 0x0u;
 }
 return (((soft_order(a) < soft_order(b)) && (((a | b) & 0x7fffffffu) != 0x0u)) ? 0x1u : 0x0u);
}
static uint32_t soft_FToU(uint32_t a) {
 if ((a > 0x7f800000u) || (a < 0x3f800000u)) {
  return 0x0u;
 }
 const uint32_t e = (a >> 0x17u);
 if (e >= 0x9fu) {
  return 0xffffffffu;
 }
 return ((((a & 0x7fffffu) | 0x800000u) << 0x8u) >> ((0x9eu - e) & 0x1fu));
}
static uint32_t soft_FToS(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x0u;
 }
 if (x >= 0x4f000000u) {
  return ((a >= 0x80000000u) ? 0x80000000u : 0x7fffffffu);
 }
 const uint32_t m = soft_FToU(x);
 return ((a >= 0x80000000u) ? (0x0u - m) : m);
}
static soft_u64 soft_shrSticky64(soft_u64 a, uint32_t n) {
 if (n == 0x0u) {
  return a;
 }
 if (n >= 0x40u) {
  return (soft_u64){0x0u, (((a.hi | a.lo) != 0x0u) ? 0x1u : 0x0u)};
 }
 if (n >= 0x20u) {
  const uint32_t m = (n - 0x20u);
  uint32_t lost = a.lo;
  if (m != 0x0u) {
   lost = (lost | (a.hi << ((0x20u - m) & 0x1fu)));
  }
  return (soft_u64){0x0u, ((a.hi >> (m & 0x1fu)) | ((lost != 0x0u) ? 0x1u : 0x0u))};
 }
 const uint32_t lost = (a.lo << ((0x20u - n) & 0x1fu));
 return (soft_u64){(a.hi >> (n & 0x1fu)), (((a.hi << ((0x20u - n) & 0x1fu)) | (a.lo >> (n & 0x1fu))) | ((lost != 0x0u) ? 0x1u : 0x0u))};
}
static uint32_t soft_Fma(uint32_t a, uint32_t b, uint32_t c) {
 const uint32_t sp = ((a ^ b) & 0x80000000u);
 const uint32_t x = (a & 0x7fffffffu);
 const uint32_t y = (b & 0x7fffffffu);
 const uint32_t z = (c & 0x7fffffffu);
 if (((x > 0x7f800000u) || (y > 0x7f800000u)) || (z > 0x7f800000u)) {
  return 0x7fc00000u;
 }
 if ((x == 0x7f800000u) || (y == 0x7f800000u)) {
  if (((x == 0x0u) || (y == 0x0u)) || ((z == 0x7f800000u) && ((c & 0x80000000u) != sp))) {
   return 0x7fc00000u;
  }
  return (sp | 0x7f800000u);
 }
 if (z == 0x7f800000u) {
  return c;
 }
 if ((x == 0x0u) || (y == 0x0u)) {
  if (z == 0x0u) {
   return (c & (sp | 0x7fffffffu));
  }
  return c;
 }
 soft_u64 pm = soft_mulWide((soft_sigOf(x) << 0x8u), (soft_sigOf(y) << 0x7u));
 const int32_t ep = ((soft_expOf(x) + soft_expOf(y)) - (126));
 soft_u64 cm = (soft_u64){0x0u, 0x0u};
 int32_t ec = ep;
 if (z != 0x0u) {
  cm = (soft_u64){(soft_sigOf(z) << 0x7u), 0x0u};
  ec = soft_expOf(z);
 }
 int32_t e = ep;
 if (ec > ep) {
  e = ec;
  pm = soft_shrSticky64(pm, ((uint32_t)((ec - ep))));
 } else {
  cm = soft_shrSticky64(cm, ((uint32_t)((ep - ec))));
 }
 uint32_t s = sp;
 soft_u64 m = soft_add64(pm, cm);
 if ((c & 0x80000000u) != sp) {
  m = soft_sub64(pm, cm);
  if (m.hi >= 0x80000000u) {
   m = soft_sub64(cm, pm);
   s = (c & 0x80000000u);
  }
 }
 if ((m.hi | m.lo) == 0x0u) {
  return 0x0u;
 }
 uint32_t n = soft_clz(m.hi);
 if (n == 0x20u) {
  n = (n + soft_clz(m.lo));
 }
 m = soft_shl64(m, n);
 return soft_pack(s, ((e + (1)) - ((int32_t)(n))), (m.hi | ((m.lo != 0x0u) ? 0x1u : 0x0u)));
}
static uint32_t soft_InvSqrt(uint32_t a) {
 if ((a & 0x7fffffffu) == 0x0u) {
  return (a | 0x7f800000u);
 }
 if (a >= 0x7f800000u) {
  return ((a == 0x7f800000u) ? 0x0u : 0x7fc00000u);
 }
 const soft_wide x = soft_evenExp(soft_wideOf(a));
 return soft_packWide(0x0u, soft_norm(soft_rsqrt64(x.m), ((1) - (x.e >> 0x1u))));
}
static soft_logParts soft_logSplit(uint32_t a) {
 int32_t e = (soft_expOf(a) - (127));
 const uint32_t m = soft_sigOf(a);
 const uint32_t i = ((m >> 0x12u) & 0x1fu);
 const soft_logRow row = soft_logTable[i];
 if (i >= 0xdu) {
  e = (e + (1));
 }
 const uint32_t t = ((m * row.r) - 0x80000000u);
 const bool neg = (t >= 0x80000000u);
 const uint32_t v = (neg ? (0x0u - t) : t);
 const soft_u64 q = soft_log1pPoly((soft_u64){(v << 0x1u), 0x0u}, neg);
 const soft_u64 p = soft_mulWide(v, q.hi);
 const soft_u64 r = soft_mulWide(v, q.lo);
 const soft_u64 s = soft_add64(p, (soft_u64){0x0u, r.hi});
 const soft_u96 f = (soft_u96){((s.hi << 0x2u) | (s.lo >> 0x1eu)), ((s.lo << 0x2u) | (r.lo >> 0x1eu)), (r.lo << 0x2u)};
 return (soft_logParts){e, soft_add96((soft_u96){row.hi, row.mid, row.lo}, soft_fixed(f, neg))};
}
static uint32_t soft_pack128(soft_u128 a) {
 const uint32_t s = (a.w3 & 0x80000000u);
 soft_u128 v = a;
 if (s != 0x0u) {
  v = soft_neg128(a);
 }
 int32_t e = (158);
 for (int32_t i = (0); (i < (3)); i = (i + (1))) {
  if (v.w3 == 0x0u) {
   v = (soft_u128){v.w2, v.w1, v.w0, 0x0u};
   e = (e - (32));
  }
 }
 if (v.w3 == 0x0u) {
  return 0x0u;
 }
 const uint32_t n = soft_clz(v.w3);
 const soft_u64 m = soft_shl64((soft_u64){v.w3, v.w2}, n);
 return soft_pack(s, (e - ((int32_t)(n))), (m.hi | ((((m.lo | v.w1) | v.w0) != 0x0u) ? 0x1u : 0x0u)));
}
static uint32_t soft_Log(uint32_t a) {
 if ((a & 0x7fffffffu) == 0x0u) {
  return 0xff800000u;
 }
 if (a >= 0x7f800000u) {
  return ((a == 0x7f800000u) ? 0x7f800000u : 0x7fc00000u);
 }
 return soft_pack128(soft_lnSum(soft_logSplit(a)));
}
static uint32_t soft_Log2(uint32_t a) {
 if ((a & 0x7fffffffu) == 0x0u) {
  return 0xff800000u;
 }
 if (a >= 0x7f800000u) {
  return ((a == 0x7f800000u) ? 0x7f800000u : 0x7fc00000u);
 }
 const soft_logParts l = soft_logSplit(a);
 const bool neg = (l.f.hi >= 0x80000000u);
 soft_u96 f = soft_fixed(l.f, neg);
 uint32_t n = 0x0u;
 if (f.hi == 0x0u) {
  n = 0x20u;
  f = (soft_u96){f.mid, f.lo, 0x0u};
 }
 const uint32_t k = soft_clz(f.hi);
 soft_u64 g = soft_shl64((soft_u64){f.hi, f.mid}, k);
 if ((k != 0x0u) && (k != 0x20u)) {
  g.lo = (g.lo | (f.lo >> ((0x20u - k) & 0x1fu)));
 }
 const soft_u64 p = soft_mul64(g, (soft_u64){0xb8aa3b29u, 0x5c17f0bcu});
 const soft_u96 h = soft_shr96((soft_u96){p.hi, p.lo, 0x0u}, (n + k));
 soft_u128 d = soft_shl128((soft_u128){0x0u, h.hi, h.mid, h.lo}, 0x1u);
 if (neg) {
  d = soft_neg128(d);
 }
 return soft_pack128(soft_add128(d, (soft_u128){((uint32_t)(l.e)), 0x0u, 0x0u, 0x0u}));
}
static uint32_t soft_Max(uint32_t a, uint32_t b) {
 if ((a & 0x7fffffffu) > 0x7f800000u) {
  return (((b & 0x7fffffffu) > 0x7f800000u) ? 0x7fc00000u : b);
 }
 if ((b & 0x7fffffffu) > 0x7f800000u) {
  return a;
 }
 return ((soft_order(a) < soft_order(b)) ? b : a);
}
static uint32_t soft_Min(uint32_t a, uint32_t b) {
 if ((a & 0x7fffffffu) > 0x7f800000u) {
  return (((b & 0x7fffffffu) > 0x7f800000u) ? 0x7fc00000u : b);
 }
 if ((b & 0x7fffffffu) > 0x7f800000u) {
  return a;
 }
 return ((soft_order(a) < soft_order(b)) ? a : b);
}
static uint32_t soft_Mul(uint32_t a, uint32_t b) {
 const uint32_t s = ((a ^ b) & 0x80000000u);
 const uint32_t x = (a & 0x7fffffffu);
 const uint32_t y = (b & 0x7fffffffu);
 if ((x >= 0x7f800000u) || (y >= 0x7f800000u)) {
  if ((((x > 0x7f800000u) || (y > 0x7f800000u)) || (x == 0x0u)) || (y == 0x0u)) {
   return 0x7fc00000u;
  }
  return (s | 0x7f800000u);
 }
 if ((x == 0x0u) || (y == 0x0u)) {
  return s;
 }
 int32_t e = ((soft_expOf(x) + soft_expOf(y)) - (126));
 const soft_u64 p = soft_mulWide((soft_sigOf(x) << 0x8u), (soft_sigOf(y) << 0x8u));
 uint32_t m = (p.hi | ((p.lo != 0x0u) ? 0x1u : 0x0u));
 if (m < 0x80000000u) {
  m = (((p.hi << 0x1u) | (p.lo >> 0x1fu)) | (((p.lo << 0x1u) != 0x0u) ? 0x1u : 0x0u));
  e = (e - (1));
 }
 return soft_pack(s, e, m);
}
static uint32_t soft_Round(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 const uint32_t e = (x >> 0x17u);
 if (e >= 0x96u) {
  return a;
 }
 if ((e < 0x7eu) || (x == 0x3f000000u)) {
  return (a & 0x80000000u);
 }
 if (e == 0x7eu) {
  return ((a & 0x80000000u) | 0x3f800000u);
 }
 const uint32_t half = (0x1u << ((0x95u - e) & 0x1fu));
 uint32_t odd = ((x >> ((0x96u - e) & 0x1fu)) & 0x1u);
 if (e == 0x7fu) {
  odd = 0x1u;
 }
 const uint32_t r = (((x + half) - 0x1u) + odd);
 return ((a & 0x80000000u) | (r & (0xffffffffu << ((0x96u - e) & 0x1fu))));
}
static uint32_t soft_UToF(uint32_t a) {
 if (a == 0x0u) {
  return 0x0u;
 }
 const uint32_t n = soft_clz(a);
 return soft_pack(0x0u, ((int32_t)((0x9eu - n))), (a << (n & 0x1fu)));
}
static uint32_t soft_SToF(uint32_t a) {
 if (a >= 0x80000000u) {
  return (soft_UToF((0x0u - a)) | 0x80000000u);
 }
 return soft_UToF(a);
}
static uint32_t soft_Sin(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x >= 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 return soft_sinTurned(soft_reduce(x), 0x0u, (a & 0x80000000u));
}
static soft_wide soft_expm1(uint32_t x) {
 if (x < 0x3e2e147bu) {
  const soft_wide y = soft_wmul(soft_wideOf(x), (soft_wide){(1), (soft_u64){0xb8aa3b29u, 0x5c17f0bcu}});
  const soft_u96 g = soft_shr96((soft_u96){y.m.hi, y.m.lo, 0x0u}, ((uint32_t)(((0) - y.e))));
  return soft_wmul(y, soft_norm(soft_exp2Poly((soft_u64){((g.hi << 0x2u) | (g.mid >> 0x1eu)), ((g.mid << 0x2u) | (g.lo >> 0x1eu))}), (3)));
 }
 const soft_u96 a = soft_timesLog2e(x);
 return soft_wsub((soft_wide){(((int32_t)(a.hi)) + (1)), soft_exp2Frac((soft_u64){a.mid, a.lo})}, soft_wideInt(0x1u));
}
static uint32_t soft_Sinh(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 if (x >= 0x43000000u) {
  return ((a & 0x80000000u) | 0x7f800000u);
 }
 const soft_wide m = soft_expm1(x);
 return soft_packWide((a & 0x80000000u), soft_twice(soft_wadd(m, soft_wdiv(m, soft_wadd(m, soft_wideInt(0x1u)))), false));
}
static uint32_t soft_Sqrt(uint32_t a) {
 if ((a & 0x7fffffffu) == 0x0u) {
  return a;
 }
 if (a == 0x7f800000u) {
  return a;
 }
 if (a > 0x7f800000u) {
  return 0x7fc00000u;
 }
 const int32_t e = (soft_expOf(a) - (127));
 uint32_t m = soft_sigOf(a);
 if ((e & (1)) != (0)) {
  m = (m << 0x1u);
 }
 uint32_t r = 0x0u;
 uint32_t q = 0x0u;
 uint32_t v = (m << 0x7u);
 for (int32_t i = (0); (i < (26)); i = (i + (1))) {
  r = ((r << 0x2u) | (v >> 0x1eu));
  v = (v << 0x2u);
  const uint32_t t = ((q << 0x2u) | 0x1u);
  q = (q << 0x1u);
  if (r >= t) {
   r = (r - t);
   q = (q | 0x1u);
  }
 }
 return soft_pack(0x0u, ((e >> 0x1u) + (127)), ((q << 0x6u) | ((r != 0x0u) ? 0x1u : 0x0u)));
}
static uint32_t soft_Sub(uint32_t a, uint32_t b) {
 return soft_Add(a, (b ^ 0x80000000u));
}
static uint32_t soft_Tan(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x >= 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 const soft_angle r = soft_reduce(x);
 const soft_wide s = soft_sinPi2(r.f);
 const soft_wide c = soft_cosPi2(r.f);
 const uint32_t t = ((a & 0x80000000u) ^ (r.neg ? 0x80000000u : 0x0u));
 if ((r.q & 0x1u) != 0x0u) {
  return soft_packWide((t ^ 0x80000000u), soft_wdiv(c, s));
 }
 return soft_packWide(t, soft_wdiv(s, c));
}
static uint32_t soft_Tanh(uint32_t a) {
 const uint32_t x = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 if (x >= 0x41180000u) {
  return ((a & 0x80000000u) | 0x3f800000u);
 }
 const soft_wide m = soft_expm1((x + 0x800000u));
 return soft_packWide((a & 0x80000000u), soft_wdiv(m, soft_wadd(m, soft_wideInt(0x2u))));
}
static const double f32_atanTable[9] = {(0x0p+00), (0x1.fd5ba9aac2f6ep-04), (0x1.f5b75f92c80ddp-03), (0x1.6f61941e4def1p-02), (0x1.dac670561bb4fp-02), (0x1.1e00babdefeb4p-01), (0x1.4978fa3269ee1p-01), (0x1.700a7c5784634p-01), (0x1.921fb54442d18p-01)};
INLINE double f32_atanBelow(double a, double b) {
 const uint32_t i = ((uint32_t)((((a / b) * (0x1p+03)) + (0x1p-01))));
 const double c = (((double)(i)) * (0x1p-03));
 const double u = ((a - (c * b)) / (b + (c * a)));
 const double z = (u * u);
 return (f32_atanTable[i] + (u + ((u * z) * ((-0x1.5555555555553p-02) + (z * ((0x1.999999998916dp-03) + (z * ((-0x1.249248a306c55p-03) + (z * ((0x1.c719a9faf31adp-04) + (z * (-0x1.713e21c4e9ae7p-04))))))))))));
}
INLINE double f32_atanRatio(double a, double b) {
 if (a > b) {
  return ((0x1.921fb54442d18p+00) - f32_atanBelow(b, a));
 }
 return f32_atanBelow(a, b);
}
INLINE bool f32_settled(double y) {
 const uint64_t u = bits64(y);
 const uint32_t e = (((uint32_t)((u >> 0x34u))) & 0x7ffu);
 return (((e - 0x381u) < 0x200u) && (((((uint32_t)(u)) & 0x1fffffffu) - 0xffffe00u) > 0x400u));
}
INLINE float f32_Acos(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if ((a >= 0x32800000u) && (a < 0x3f800000u)) {
  const double v = __builtin_fabs(((double)(x)));
  double y = f32_atanRatio(__builtin_sqrt((((0x1p+00) - v) * ((0x1p+00) + v))), v);
  if (u != a) {
   y = ((0x1.921fb54442d18p+01) - y);
  }
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Acos(u));
}
typedef struct { uint32_t r; double l; } f32_logRow;
static const f32_logRow f32_logTable[32] = {{0x100u, (0x0p+00)}, {0xf5u, (0x1.67c94f2d4bb58p-05)}, {0xedu, (0x1.3bdf5a7d1ee64p-04)}, {0xe7u, (0x1.a4e7640b1bc38p-04)}, {0xe0u, (0x1.1178e8227e47cp-03)}, {0xdau, (0x1.4913d8333b561p-03)}, {0xd5u, (0x1.7898d85444c73p-03)}, {0xcfu, (0x1.b31d8575bce3dp-03)}, {0xcau, (0x1.e530effe71012p-03)}, {0xc5u, (0x1.0c42d676162e3p-02)}, {0xc1u, (0x1.214456d0eb8d4p-02)}, {0xbcu, (0x1.3c25277333184p-02)}, {0xb8u, (0x1.522ae0738a3d8p-02)}, {0xb4u, (-0x1.5d1bdbf5809cap-02)}, {0xb0u, (-0x1.4618bc21c5ec2p-02)}, {0xacu, (-0x1.2e8e2bae11d31p-02)}, {0xa9u, (-0x1.1c898c16999fbp-02)}, {0xa5u, (-0x1.0402594b4d041p-02)}, {0xa2u, (-0x1.e27076e2af2e6p-03)}, {0x9fu, (-0x1.bc286742d8cd6p-03)}, {0x9cu, (-0x1.9525a9cf456b4p-03)}, {0x99u, (-0x1.6d60fe719d21dp-03)}, {0x96u, (-0x1.44d2b6ccb7d1ep-03)}, {0x94u, (-0x1.29552f81ff523p-03)}, {0x91u, (-0x1.fec9131dbeabbp-04)}, {0x8eu, (-0x1.a926d3a4ad563p-04)}, {0x8cu, (-0x1.6f0d28ae56b4cp-04)}, {0x8au, (-0x1.341d7961bd1d1p-04)}, {0x87u, (-0x1.b42dd711971bfp-05)}, {0x85u, (-0x1.39e87b9febd6p-05)}, {0x83u, (-0x1.7b91b07d5b11bp-06)}, {0x80u, (0x0p+00)}};
INLINE double f32_logTail(double t) {
 return (t * ((0x1p+00) + (t * ((-0x1.000000000009cp-01) + (t * ((0x1.5555555542a65p-02) + (t * ((-0x1.fffffff1a013cp-03) + (t * ((0x1.99999e200077dp-03) + (t * ((-0x1.5556e0c15017dp-03) + (t * ((0x1.247d19103444cp-03) + (t * (-0x1.e632486b232e4p-04))))))))))))))));
}
INLINE double f32_log1p(double v) {
 if (v < (0x1p-05)) {
  return f32_logTail(v);
 }
 const uint64_t u = bits64(((0x1p+00) + v));
 const uint32_t i = (((uint32_t)((u >> 0x2fu))) & 0x1fu);
 int32_t e = (((int32_t)((u >> 0x34u))) - (1023));
 if (i >= 0xdu) {
  e = (e + (1));
 }
 const double m = from64(((u & 0xfffffffffffffull) | 0x3ff0000000000000ull));
 return ((((double)(e)) * (0x1.62e42fefa39efp-01)) + (f32_logTable[i].l + f32_logTail(((m * (((double)(f32_logTable[i].r)) * (0x1p-08))) - (0x1p+00)))));
}
INLINE float f32_Acosh(float x) {
 const uint32_t u = bits32(x);
 if ((u > 0x3f800000u) && (u < 0x7f800000u)) {
  const double t = (((double)(x)) - (0x1p+00));
  const double y = f32_log1p((t + __builtin_sqrt((t * (t + (0x1p+01))))));
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Acosh(u));
}
INLINE float f32_Asin(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if (a < 0x39000000u) {
  return x;
 }
 if (a < 0x3f800000u) {
  const double v = __builtin_fabs(((double)(x)));
  double y = f32_atanRatio(v, __builtin_sqrt((((0x1p+00) - v) * ((0x1p+00) + v))));
  if (u != a) {
   y = (-y);
  }
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Asin(u));
}
INLINE float f32_Asinh(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if (a < 0x39000000u) {
  return x;
 }
 if (a < 0x7f800000u) {
  const double v = __builtin_fabs(((double)(x)));
  const double z = (v * v);
  double y = f32_log1p((v + (z / ((0x1p+00) + __builtin_sqrt(((0x1p+00) + z))))));
  if (u != a) {
   y = (-y);
  }
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Asinh(u));
}
INLINE float f32_Atan(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if (a < 0x39000000u) {
  return x;
 }
 if (a < 0x4c800000u) {
  double y = f32_atanRatio(__builtin_fabs(((double)(x))), (0x1p+00));
  if (u != a) {
   y = (-y);
  }
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Atan(u));
}
INLINE float f32_Atanh(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if (a < 0x39000000u) {
  return x;
 }
 if (a < 0x3f800000u) {
  const double v = __builtin_fabs(((double)(x)));
  double y = ((0x1p-01) * f32_log1p((((0x1p+01) * v) / ((0x1p+00) - v))));
  if (u != a) {
   y = (-y);
  }
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Atanh(u));
}
typedef struct { uint32_t q; double r; bool ok; } f32_angle;
static const uint32_t f32_twoOverPi[9] = {0x0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u};
INLINE uint64_t f32_window(uint32_t at) {
 const uint32_t i = (at >> 0x5u);
 return ((((((uint64_t)(f32_twoOverPi[i])) << 0x20u) | ((uint64_t)(f32_twoOverPi[(i + 0x1u)]))) >> ((0x20u - (at & 0x1fu)) & 0x3fu)) & 0xffffffffull);
}
INLINE f32_angle f32_reduce(uint32_t u) {
 const double x = ((double)(from32(u)));
 if (u < 0x3f490fdbu) {
  return (f32_angle){0x0u, x, true};
 }
 if (u < 0x49800000u) {
  const double t = ((x * (0x1.45f306dc9c883p-01)) + (0x1.8p+52));
  const double n = (t - (0x1.8p+52));
  const double r = ((x - (n * (0x1.921fb544p+00))) - (n * (0x1.0b4611a626331p-34)));
  return (f32_angle){((uint32_t)(bits64(t))), r, (__builtin_fabs(r) > (0x1p-15))};
 }
 const uint64_t m = ((uint64_t)(((u & 0x7fffffu) | 0x800000u)));
 const uint32_t at = ((u >> 0x17u) - 0x78u);
 const uint64_t v = ((m * ((f32_window(at) << 0x20u) | f32_window((at + 0x20u)))) + ((m * f32_window((at + 0x40u))) >> 0x20u));
 const double f = (((double)(((int64_t)((v << 0x2u))))) * (0x1p-64));
 return (f32_angle){(((uint32_t)(((v >> 0x3du) + 0x1ull))) >> 0x1u), (f * (0x1.921fb54442d18p+00)), (__builtin_fabs(f) > (0x1p-13))};
}
INLINE double f32_cosTail(double r) {
 const double z = (r * r);
 return ((0x1p+00) + (z * ((-0x1p-01) + (z * ((0x1.5555555555551p-05) + (z * ((-0x1.6c16c16c15d66p-10) + (z * ((0x1.a01a019ddeeb9p-16) + (z * ((-0x1.27e4f8e2a96f3p-22) + (z * ((0x1.1eea7d95372b2p-29) + (z * (-0x1.8ff8e8524f59bp-37)))))))))))))));
}
INLINE double f32_sinTail(double r) {
 const double z = (r * r);
 return (r + ((r * z) * ((-0x1.5555555555555p-03) + (z * ((0x1.1111111110babp-07) + (z * ((-0x1.a01a019e820aep-13) + (z * ((0x1.71de37946ed6dp-19) + (z * ((-0x1.ae6008d114485p-26) + (z * (0x1.5e0a4fc16be59p-33)))))))))))));
}
INLINE double f32_sinTurned(f32_angle a, uint32_t turns) {
 if ((!a.ok)) {
  return (0x0p+00);
 }
 const uint32_t q = (a.q + turns);
 double y = f32_sinTail(a.r);
 if ((q & 0x1u) != 0x0u) {
  y = f32_cosTail(a.r);
 }
 if ((q & 0x2u) != 0x0u) {
  return (-y);
 }
 return y;
}
INLINE float f32_Cos(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if (a < 0x39000000u) {
  return (0x1p+00f);
 }
 if (a < 0x7f800000u) {
  const double y = f32_sinTurned(f32_reduce(a), 0x1u);
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Cos(u));
}
INLINE double f32_expTail(double r) {
 return (r * ((0x1p+00) + (r * ((0x1.ffffffffe5a18p-02) + (r * ((0x1.555555554dccap-03) + (r * ((0x1.5555c2e1d04bbp-05) + (r * (0x1.11114faa79fd2p-07))))))))));
}
static const double f32_powers[32] = {(0x1p+00), (0x1.059b0d3158574p+00), (0x1.0b5586cf9890fp+00), (0x1.11301d0125b51p+00), (0x1.172b83c7d517bp+00), (0x1.1d4873168b9aap+00), (0x1.2387a6e756238p+00), (0x1.29e9df51fdee1p+00), (0x1.306fe0a31b715p+00), (0x1.371a7373aa9cbp+00), (0x1.3dea64c123422p+00), (0x1.44e086061892dp+00), (0x1.4bfdad5362a27p+00), (0x1.5342b569d4f82p+00), (0x1.5ab07dd485429p+00), (0x1.6247eb03a5585p+00), (0x1.6a09e667f3bcdp+00), (0x1.71f75e8ec5f74p+00), (0x1.7a11473eb0187p+00), (0x1.82589994cce13p+00), (0x1.8ace5422aa0dbp+00), (0x1.93737b0cdc5e5p+00), (0x1.9c49182a3f09p+00), (0x1.a5503b23e255dp+00), (0x1.ae89f995ad3adp+00), (0x1.b7f76f2fb5e47p+00), (0x1.c199bdd85529cp+00), (0x1.cb720dcef9069p+00), (0x1.d5818dcfba487p+00), (0x1.dfc97337b9b5fp+00), (0x1.ea4afa2a490dap+00), (0x1.f50765b6e454p+00)};
INLINE double f32_scaled(int32_t k, double p) {
 const double t = f32_powers[(k & (31))];
 return from64((bits64((t + (t * p))) + (((uint64_t)(((int64_t)((k >> 0x5u))))) << 0x34u)));
}
INLINE double f32_exp(double x) {
 const double t = ((x * (0x1.71547652b82fep+05)) + (0x1.8p+52));
 const double n = (t - (0x1.8p+52));
 const double r = ((x - (n * (0x1.62e42fefa2p-06))) - (n * (0x1.9ef35793c7673p-46)));
 return f32_scaled(((int32_t)(bits64(t))), f32_expTail(r));
}
INLINE float f32_Cosh(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if (a < 0x42b00000u) {
  const double e = f32_exp(((double)(x)));
  const double y = ((e + ((0x1p+00) / e)) * (0x1p-01));
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Cosh(u));
}
INLINE float f32_Exp(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if ((u >= 0xc2d20000u) && (u <= 0xff800000u)) {
  return (0x0p+00f);
 }
 if (a < 0x42b00000u) {
  const double y = f32_exp(((double)(x)));
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Exp(u));
}
INLINE double f32_exp2(double x) {
 const double t = ((x * (0x1p+05)) + (0x1.8p+52));
 const double n = (t - (0x1.8p+52));
 return f32_scaled(((int32_t)(bits64(t))), f32_expTail(((x - (n * (0x1p-05))) * (0x1.62e42fefa39efp-01))));
}
INLINE float f32_Exp2(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if ((u >= 0xc3170000u) && (u <= 0xff800000u)) {
  return (0x0p+00f);
 }
 if (a < 0x42fc0000u) {
  const double y = f32_exp2(((double)(x)));
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Exp2(u));
}
INLINE float f32_Fma(float a, float b, float c) {
 const double p = (((double)(a)) * ((double)(b)));
 const double x = ((double)(c));
 const double s = (p + x);
 if (s != s) {
  return from32(0x7fc00000u);
 }
 if ((s - s) != (0x0p+00)) {
  return ((float)(s));
 }
 const double bb = (s - p);
 const double e = ((p - (s - bb)) + (x - bb));
 uint64_t u = bits64(s);
 if ((e != (0x0p+00)) && ((u & 0x1ull) == 0x0ull)) {
  if ((e > (0x0p+00)) == (s > (0x0p+00))) {
   u = (u + 0x1ull);
  } else {
   u = (u - 0x1ull);
  }
 }
 return ((float)(from64(u)));
}
INLINE float f32_InvSqrt(float x) {
 const uint32_t u = bits32(x);
 if ((u - 0x1u) < 0x7f7fffffu) {
  const double y = ((0x1p+00) / __builtin_sqrt(((double)(x))));
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_InvSqrt(u));
}
typedef struct { double e; double f; } f32_logParts;
INLINE f32_logParts f32_logSplit(uint32_t u) {
 const uint32_t m = ((u & 0x7fffffu) | 0x800000u);
 const uint32_t i = ((m >> 0x12u) & 0x1fu);
 int32_t e = (((int32_t)((u >> 0x17u))) - (127));
 if (i >= 0xdu) {
  e = (e + (1));
 }
 const double t = (((double)(((int32_t)(((m * f32_logTable[i].r) - 0x80000000u))))) * (0x1p-31));
 return (f32_logParts){((double)(e)), (f32_logTable[i].l + f32_logTail(t))};
}
INLINE float f32_Log(float x) {
 const uint32_t u = bits32(x);
 if ((u - 0x800000u) < 0x7f000000u) {
  const f32_logParts l = f32_logSplit(u);
  const double y = ((l.e * (0x1.62e42fefa39efp-01)) + l.f);
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Log(u));
}
INLINE float f32_Log2(float x) {
 const uint32_t u = bits32(x);
 if ((u - 0x800000u) < 0x7f000000u) {
  const f32_logParts l = f32_logSplit(u);
  const double y = (l.e + (l.f * (0x1.71547652b82fep+00)));
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Log2(u));
}
INLINE float f32_Sin(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if (a < 0x39000000u) {
  return x;
 }
 if (a < 0x7f800000u) {
  double y = f32_sinTurned(f32_reduce(a), 0x0u);
  if (u != a) {
   y = (-y);
  }
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Sin(u));
}
INLINE float f32_Sinh(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if (a < 0x39000000u) {
  return x;
 }
 if (a < 0x42b00000u) {
  const double v = __builtin_fabs(((double)(x)));
  double y = (0x0p+00);
  if (v < (0x1p-01)) {
   const double z = (v * v);
   y = (v + ((v * z) * ((0x1.555555555556p-03) + (z * ((0x1.11111111086b6p-07) + (z * ((0x1.a01a01e5451b9p-13) + (z * ((0x1.71dd78b73b71bp-19) + (z * (0x1.b01e9edac9456p-26)))))))))));
  } else {
   const double e = f32_exp(v);
   y = ((e - ((0x1p+00) / e)) * (0x1p-01));
  }
  if (u != a) {
   y = (-y);
  }
  if (f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Sinh(u));
}
INLINE float f32_Tan(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if (a < 0x39000000u) {
  return x;
 }
 if (a < 0x7f800000u) {
  const f32_angle r = f32_reduce(a);
  double y = (f32_sinTail(r.r) / f32_cosTail(r.r));
  if ((r.q & 0x1u) != 0x0u) {
   y = ((-0x1p+00) / y);
  }
  if (u != a) {
   y = (-y);
  }
  if (r.ok && f32_settled(y)) {
   return ((float)(y));
  }
 }
 return from32(soft_Tan(u));
}
INLINE float f32_Tanh(float x) {
 const uint32_t u = bits32(x);
 const uint32_t a = (u & 0x7fffffffu);
 if (a < 0x39000000u) {
  return x;
 }
 if (a < 0x41180000u) {
  const double v = __builtin_fabs(((double)(x)));
  double y = (0x0p+00);
  if (v < (0x1p-02)) {
   const double z = (v * v);
   y = (v + ((v * z) * ((-0x1.5555555555551p-02) + (z * ((0x1.111111110dad2p-03) + (z * ((-0x1.ba1ba1ac8748ap-05) + (z * ((0x1.664f3e4c9bb5cp-06) + (z * ((-0x1.226a8b66370d4p-07) + (z * ((0x1.d578fd2c2365bp-09) + (z * (-0x1.5d8ce3a0d6b4bp-10)))))))))))))));
  } else {
   y = ((0x1p+00) - ((0x1p+01) / (f32_exp(((0x1p+01) * v)) + (0x1p+00))));
  }
  if (u != a) {
   y = (-y);
  }
  if (f32_settled(y)) {
   return ((float)(y));
  }
 } else if (a <= 0x7f800000u) {
  return from32(((u & 0x80000000u) | 0x3f800000u));
 }
 return from32(soft_Tanh(u));
}
