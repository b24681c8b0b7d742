// Code generated from kernels/f32/soft by go generate; DO NOT EDIT.

package libm

var declarations = []declaration{
	{"gw_u64", []string(nil), `struct gw_u64 { hi: u32, lo: u32 }
`},
	{"gw_mulwide", []string{"gw_u64"}, `fn gw_mulwide(a: u32, b: u32) -> gw_u64 {
 let al: u32 = (a & 0xffffu);
 let ah: u32 = (a >> 0x10u);
 let bl: u32 = (b & 0xffffu);
 let bh: u32 = (b >> 0x10u);
 let p: u32 = (al * bl);
 let m: u32 = ((ah * bl) + (p >> 0x10u));
 let n: u32 = ((al * bh) + (m & 0xffffu));
 return gw_u64((((ah * bh) + (m >> 0x10u)) + (n >> 0x10u)), ((n << 0x10u) | (p & 0xffffu)));
}
`},
	{"gw_mulhi", []string{"gw_mulwide"}, `fn gw_mulhi(a: u32, b: u32) -> u32 {
 return gw_mulwide(a, b).hi;
}
`},
	{"gw_mul64", []string{"gw_mulhi", "gw_mulwide", "gw_u64"}, `fn gw_mul64(a: gw_u64, b: gw_u64) -> gw_u64 {
 let p: gw_u64 = gw_mulwide(a.hi, b.hi);
 let x: u32 = gw_mulhi(a.hi, b.lo);
 let y: u32 = (p.lo + x);
 let z: u32 = (y + gw_mulhi(a.lo, b.hi));
 return gw_u64(((p.hi + select(0x0u, 0x1u, (y < x))) + select(0x0u, 0x1u, (z < y))), z);
}
`},
	{"gw_clz", []string(nil), `fn gw_clz(x: u32) -> u32 {
 return countLeadingZeros(x);
}
`},
	{"gw_shl64", []string{"gw_u64"}, `fn gw_shl64(a: gw_u64, n: u32) -> gw_u64 {
 if (n >= 0x20u) {
  return gw_u64((a.lo << ((n - 0x20u) & 0x1fu)), 0x0u);
 }
 if (n == 0x0u) {
  return a;
 }
 return gw_u64(((a.hi << (n & 0x1fu)) | (a.lo >> ((0x20u - n) & 0x1fu))), (a.lo << (n & 0x1fu)));
}
`},
	{"gw_wide", []string{"gw_u64"}, `struct gw_wide { e: i32, m: gw_u64 }
`},
	{"gw_norm", []string{"gw_clz", "gw_shl64", "gw_u64", "gw_wide"}, `fn gw_norm(m: gw_u64, e: i32) -> gw_wide {
 var n: u32 = gw_clz(m.hi);
 if (n == 0x20u) {
  n = (n + gw_clz(m.lo));
 }
 if (n == 0x40u) {
  return gw_wide((-4096i), gw_u64(0x80000000u, 0x0u));
 }
 return gw_wide((e - bitcast<i32>(n)), gw_shl64(m, n));
}
`},
	{"gw_u96", []string(nil), `struct gw_u96 { hi: u32, mid: u32, lo: u32 }
`},
	{"gw_shr96", []string{"gw_u96"}, `fn gw_shr96(a: gw_u96, n: u32) -> gw_u96 {
 var v: gw_u96 = a;
 var k: u32 = n;
 for (var i: i32 = 0i; (i < 3i); i = (i + 1i)) {
  if (k >= 0x20u) {
   v = gw_u96(0x0u, v.hi, v.mid);
   k = (k - 0x20u);
  }
 }
 if (k == 0x0u) {
  return v;
 }
 if (k >= 0x20u) {
  return gw_u96(0x0u, 0x0u, 0x0u);
 }
 return gw_u96((v.hi >> (k & 0x1fu)), ((v.mid >> (k & 0x1fu)) | (v.hi << ((0x20u - k) & 0x1fu))), ((v.lo >> (k & 0x1fu)) | (v.mid << ((0x20u - k) & 0x1fu))));
}
`},
	{"gw_square", []string{"gw_mul64", "gw_shr96", "gw_u64", "gw_u96", "gw_wide"}, `fn gw_square(f: gw_wide) -> gw_u64 {
 let n: u32 = bitcast<u32>((0i - f.e));
 let s: gw_u96 = gw_shr96(gw_u96(f.m.hi, f.m.lo, 0x0u), n);
 return gw_mul64(gw_u64(s.hi, s.mid), gw_u64(s.hi, s.mid));
}
`},
	{"gw_sub64", []string{"gw_u64"}, `fn gw_sub64(a: gw_u64, b: gw_u64) -> gw_u64 {
 return gw_u64(((a.hi - b.hi) - select(0x0u, 0x1u, (a.lo < b.lo))), (a.lo - b.lo));
}
`},
	{"gw_wmul", []string{"gw_mul64", "gw_norm", "gw_wide"}, `fn gw_wmul(a: gw_wide, b: gw_wide) -> gw_wide {
 return gw_norm(gw_mul64(a.m, b.m), (a.e + b.e));
}
`},
	{"gw_atansmall", []string{"gw_mul64", "gw_norm", "gw_square", "gw_sub64", "gw_u64", "gw_wide", "gw_wmul"}, `fn gw_atansmall(u: gw_wide) -> gw_wide {
 let z: gw_u64 = gw_square(u);
 var q: gw_u64 = gw_sub64(gw_u64(0xba2be6cu, 0x8c1b67eu), gw_mul64(z, gw_u64(0x9ba60abu, 0xa43646b3u)));
 q = gw_sub64(gw_u64(0xe38e370u, 0xd5cb5372u), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x12492492u, 0x3ea88e8fu), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x19999999u, 0x9997d17cu), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x2aaaaaaau, 0xaaaaaa8eu), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x80000000u, 0x0u), gw_mul64(z, q));
 return gw_wmul(u, gw_norm(q, 1i));
}
`},
	{"gw_atantable", []string{"gw_u64"}, `fn gw_atantable(i: u32) -> gw_u64 {
 let b0 = (i & 1u) != 0u;
 let b1 = (i & 2u) != 0u;
 let b2 = (i & 4u) != 0u;
 let b3 = (i & 8u) != 0u;
 return gw_u64(
  select(select(select(select(0x0u, 0x1fd5ba9au, b0), select(0x3eb6ebf2u, 0x5bd86507u, b0), b1), select(select(0x76b19c15u, 0x8f005d5eu, b0), select(0xa4bc7d19u, 0xb8053e2bu, b0), b1), b2), 0xc90fdaa2u, b3),
  select(select(select(select(0x0u, 0xac2f6dc6u, b0), select(0x5901bac5u, 0x937bc23au, b0), b1), select(select(0x86ed3da3u, 0xf7f59f9bu, b0), select(0x34f70924u, 0xc2319e74u, b0), b1), b2), 0x2168c235u, b3));
}
`},
	{"gw_less", []string{"gw_wide"}, `fn gw_less(a: gw_wide, b: gw_wide) -> bool {
 return ((a.e < b.e) || ((a.e == b.e) && ((a.m.hi < b.m.hi) || ((a.m.hi == b.m.hi) && (a.m.lo < b.m.lo)))));
}
`},
	{"gw_twice", []string{"gw_wide"}, `fn gw_twice(a: gw_wide, up: bool) -> gw_wide {
 if (up) {
  return gw_wide((a.e + 1i), a.m);
 }
 return gw_wide((a.e - 1i), a.m);
}
`},
	{"gw_add64", []string{"gw_u64"}, `fn gw_add64(a: gw_u64, b: gw_u64) -> gw_u64 {
 let lo: u32 = (a.lo + b.lo);
 return gw_u64(((a.hi + b.hi) + select(0x0u, 0x1u, (lo < a.lo))), lo);
}
`},
	{"gw_wadd", []string{"gw_add64", "gw_shr96", "gw_u64", "gw_u96", "gw_wide"}, `fn gw_wadd(a: gw_wide, b: gw_wide) -> gw_wide {
 var x: gw_wide = a;
 var y: gw_wide = b;
 if (a.e < b.e) {
  x = b;
  y = a;
 }
 let s: gw_u96 = gw_shr96(gw_u96(y.m.hi, y.m.lo, 0x0u), bitcast<u32>((x.e - y.e)));
 let m: gw_u64 = gw_add64(x.m, gw_u64(s.hi, s.mid));
 if ((m.hi < x.m.hi) || ((m.hi == x.m.hi) && (m.lo < x.m.lo))) {
  return gw_wide((x.e + 1i), gw_u64(((m.hi >> 0x1u) | 0x80000000u), ((m.lo >> 0x1u) | (m.hi << 0x1fu))));
 }
 return gw_wide(x.e, m);
}
`},
	{"gw_recip64", []string{"gw_mul64", "gw_mulhi", "gw_shl64", "gw_sub64", "gw_u64"}, `fn gw_recip64(b: gw_u64) -> gw_u64 {
 var r: u32 = ((0xffffffffu / ((b.hi >> 0x10u) + 0x1u)) << 0xfu);
 r = (gw_mulhi(r, ((0x0u - gw_mulhi(b.hi, r)) - 0x3u)) << 0x1u);
 var y: gw_u64 = gw_u64(r, 0x0u);
 for (var i: i32 = 0i; (i < 2i); i = (i + 1i)) {
  y = gw_shl64(gw_mul64(y, gw_sub64(gw_u64(0xffffffffu, 0xfffffff8u), gw_mul64(b, y))), 0x1u);
 }
 return y;
}
`},
	{"gw_wdiv", []string{"gw_mul64", "gw_norm", "gw_recip64", "gw_wide"}, `fn gw_wdiv(a: gw_wide, b: gw_wide) -> gw_wide {
 return gw_norm(gw_mul64(a.m, gw_recip64(b.m)), ((a.e - b.e) + 1i));
}
`},
	{"gw_wideint", []string{"gw_clz", "gw_u64", "gw_wide"}, `fn gw_wideint(n: u32) -> gw_wide {
 let k: u32 = gw_clz(n);
 return gw_wide(bitcast<i32>((0x20u - k)), gw_u64((n << (k & 0x1fu)), 0x0u));
}
`},
	{"gw_wsub", []string{"gw_norm", "gw_shr96", "gw_sub64", "gw_u64", "gw_u96", "gw_wide"}, `fn gw_wsub(a: gw_wide, b: gw_wide) -> gw_wide {
 let s: gw_u96 = gw_shr96(gw_u96(b.m.hi, b.m.lo, 0x0u), bitcast<u32>((a.e - b.e)));
 return gw_norm(gw_sub64(a.m, gw_u64(s.hi, s.mid)), a.e);
}
`},
	{"gw_atanbelow", []string{"gw_atansmall", "gw_atantable", "gw_less", "gw_norm", "gw_twice", "gw_wadd", "gw_wdiv", "gw_wide", "gw_wideint", "gw_wmul", "gw_wsub"}, `fn gw_atanbelow(a: gw_wide, b: gw_wide) -> gw_wide {
 let t: gw_wide = gw_wdiv(a, b);
 var i: u32 = 0x0u;
 if (t.e >= (-3i)) {
  i = (((t.m.hi >> (bitcast<u32>((28i - t.e)) & 0x1fu)) + 0x1u) >> 0x1u);
  if (t.e > 0i) {
   i = 0x8u;
  }
 }
 if (i == 0x0u) {
  return gw_atansmall(t);
 }
 let n: gw_wide = gw_wideint(i);
 let x: gw_wide = gw_twice(gw_twice(gw_twice(a, true), true), true);
 let y: gw_wide = gw_wmul(b, n);
 let d: gw_wide = gw_wadd(gw_twice(gw_twice(gw_twice(b, true), true), true), gw_wmul(a, n));
 let neg: bool = gw_less(x, y);
 var u: gw_wide = gw_wsub(x, y);
 if (neg) {
  u = gw_wsub(y, x);
 }
 let s: gw_wide = gw_atansmall(gw_wdiv(u, d));
 if (neg) {
  return gw_wsub(gw_norm(gw_atantable(i), 0i), s);
 }
 return gw_wadd(gw_norm(gw_atantable(i), 0i), s);
}
`},
	{"gw_atanratio", []string{"gw_atanbelow", "gw_less", "gw_u64", "gw_wide", "gw_wsub"}, `fn gw_atanratio(a: gw_wide, b: gw_wide) -> gw_wide {
 if (gw_less(b, a)) {
  return gw_wsub(gw_wide(1i, gw_u64(0xc90fdaa2u, 0x2168c235u)), gw_atanbelow(b, a));
 }
 return gw_atanbelow(a, b);
}
`},
	{"gw_evenexp", []string{"gw_u64", "gw_wide"}, `fn gw_evenexp(a: gw_wide) -> gw_wide {
 if ((a.e & 1i) != 0i) {
  return gw_wide((a.e + 1i), gw_u64((a.m.hi >> 0x1u), ((a.m.lo >> 0x1u) | (a.m.hi << 0x1fu))));
 }
 return a;
}
`},
	{"gw_rsqrt64", []string{"gw_mul64", "gw_mulhi", "gw_shl64", "gw_sub64", "gw_u64"}, `fn gw_rsqrt64(a: gw_u64) -> gw_u64 {
 var h: u32 = ((0x541de486u - gw_mulhi(a.hi, (0x64497d2bu - gw_mulhi(a.hi, 0x30bdecbcu)))) << 0x2u);
 for (var i: i32 = 0i; (i < 2i); i = (i + 1i)) {
  h = (gw_mulhi(h, (0xbffffffcu - gw_mulhi(a.hi, gw_mulhi(h, h)))) << 0x1u);
 }
 var y: gw_u64 = gw_u64(h, 0x0u);
 for (var i: i32 = 0i; (i < 2i); i = (i + 1i)) {
  y = gw_shl64(gw_mul64(y, gw_sub64(gw_u64(0xbfffffffu, 0xfffffff4u), gw_mul64(a, gw_mul64(y, y)))), 0x1u);
 }
 return y;
}
`},
	{"gw_wsqrt", []string{"gw_evenexp", "gw_mul64", "gw_norm", "gw_rsqrt64", "gw_wide"}, `fn gw_wsqrt(a: gw_wide) -> gw_wide {
 let x: gw_wide = gw_evenexp(a);
 return gw_norm(gw_mul64(x.m, gw_rsqrt64(x.m)), ((x.e >> 0x1u) + 1i));
}
`},
	{"gw_cosofasin", []string{"gw_wadd", "gw_wide", "gw_wideint", "gw_wmul", "gw_wsqrt", "gw_wsub"}, `fn gw_cosofasin(x: gw_wide) -> gw_wide {
 let u: gw_wide = gw_wideint(0x1u);
 return gw_wsqrt(gw_wmul(gw_wsub(u, x), gw_wadd(u, x)));
}
`},
	{"gw_pack", []string(nil), `fn gw_pack(s: u32, e: i32, m: u32) -> u32 {
 if (e >= 255i) {
  return (s | 0x7f800000u);
 }
 if (e <= 0i) {
  let n: u32 = bitcast<u32>((1i - e));
  let v: u32 = select(((m >> (n & 0x1fu)) | select(0x0u, 0x1u, ((m << ((0x20u - n) & 0x1fu)) != 0x0u))), 0x1u, (n > 0x1fu));
  let r: u32 = (v >> 0x8u);
  let low: u32 = (v & 0xffu);
  return (s | (r + select(0x0u, 0x1u, ((low > 0x80u) || ((low == 0x80u) && ((r & 0x1u) != 0x0u))))));
 }
 let r: u32 = (m >> 0x8u);
 let low: u32 = (m & 0xffu);
 return (s | (((bitcast<u32>((e - 1i)) << 0x17u) + r) + select(0x0u, 0x1u, ((low > 0x80u) || ((low == 0x80u) && ((r & 0x1u) != 0x0u))))));
}
`},
	{"gw_packwide", []string{"gw_pack", "gw_wide"}, `fn gw_packwide(s: u32, a: gw_wide) -> u32 {
 return gw_pack(s, (a.e + 126i), (a.m.hi | select(0x0u, 0x1u, (a.m.lo != 0x0u))));
}
`},
	{"gw_expof", []string{"gw_clz"}, `fn gw_expof(a: u32) -> i32 {
 let e: u32 = ((a >> 0x17u) & 0xffu);
 if (e == 0x0u) {
  return bitcast<i32>((0x9u - gw_clz((a & 0x7fffffu))));
 }
 return bitcast<i32>(e);
}
`},
	{"gw_sigof", []string{"gw_clz"}, `fn gw_sigof(a: u32) -> u32 {
 let m: u32 = (a & 0x7fffffu);
 if ((a & 0x7f800000u) == 0x0u) {
  return (m << ((gw_clz(m) - 0x8u) & 0x1fu));
 }
 return (m | 0x800000u);
}
`},
	{"gw_wideof", []string{"gw_expof", "gw_sigof", "gw_u64", "gw_wide"}, `fn gw_wideof(a: u32) -> gw_wide {
 return gw_wide((gw_expof(a) - 126i), gw_u64((gw_sigof(a) << 0x8u), 0x0u));
}
`},
	{"gw_acos", []string{"gw_atanratio", "gw_cosofasin", "gw_packwide", "gw_u64", "gw_wide", "gw_wideof", "gw_wsub"}, `fn gw_acos(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x3f800000u) {
  return 0x7fc00000u;
 }
 if (x == 0x3f800000u) {
  return select(0x40490fdbu, 0x0u, (a == 0x3f800000u));
 }
 if (x < 0x32800000u) {
  return 0x3fc90fdbu;
 }
 var r: gw_wide = gw_atanratio(gw_cosofasin(gw_wideof(x)), gw_wideof(x));
 if (a >= 0x80000000u) {
  r = gw_wsub(gw_wide(2i, gw_u64(0xc90fdaa2u, 0x2168c235u)), r);
 }
 return gw_packwide(0x0u, r);
}
`},
	{"gw_add96", []string{"gw_add64", "gw_u64", "gw_u96"}, `fn gw_add96(a: gw_u96, b: gw_u96) -> gw_u96 {
 let l: gw_u64 = gw_add64(gw_u64(a.mid, a.lo), gw_u64(b.mid, b.lo));
 let c: u32 = select(0x0u, 0x1u, ((l.hi < a.mid) || ((l.hi == a.mid) && (l.lo < a.lo))));
 return gw_u96(((a.hi + b.hi) + c), l.hi, l.lo);
}
`},
	{"gw_sub96", []string{"gw_sub64", "gw_u64", "gw_u96"}, `fn gw_sub96(a: gw_u96, b: gw_u96) -> gw_u96 {
 let l: gw_u64 = gw_sub64(gw_u64(a.mid, a.lo), gw_u64(b.mid, b.lo));
 let c: u32 = select(0x0u, 0x1u, ((a.mid < b.mid) || ((a.mid == b.mid) && (a.lo < b.lo))));
 return gw_u96(((a.hi - b.hi) - c), l.hi, l.lo);
}
`},
	{"gw_fixed", []string{"gw_sub96", "gw_u96"}, `fn gw_fixed(a: gw_u96, neg: bool) -> gw_u96 {
 if (neg) {
  return gw_sub96(gw_u96(0x0u, 0x0u, 0x0u), a);
 }
 return a;
}
`},
	{"gw_u128", []string(nil), `struct gw_u128 { w3: u32, w2: u32, w1: u32, w0: u32 }
`},
	{"gw_add128", []string{"gw_add96", "gw_u128", "gw_u96"}, `fn gw_add128(a: gw_u128, b: gw_u128) -> gw_u128 {
 let l: gw_u96 = gw_add96(gw_u96(a.w2, a.w1, a.w0), gw_u96(b.w2, b.w1, b.w0));
 var c: bool = (l.hi < a.w2);
 if (l.hi == a.w2) {
  c = ((l.mid < a.w1) || ((l.mid == a.w1) && (l.lo < a.w0)));
 }
 return gw_u128(((a.w3 + b.w3) + select(0x0u, 0x1u, c)), l.hi, l.mid, l.lo);
}
`},
	{"gw_logparts", []string{"gw_u96"}, `struct gw_logparts { e: i32, f: gw_u96 }
`},
	{"gw_neg128", []string{"gw_add128", "gw_u128"}, `fn gw_neg128(a: gw_u128) -> gw_u128 {
 return gw_add128(gw_u128((~a.w3), (~a.w2), (~a.w1), (~a.w0)), gw_u128(0x0u, 0x0u, 0x0u, 0x1u));
}
`},
	{"gw_lnsum", []string{"gw_add128", "gw_add96", "gw_logparts", "gw_mulwide", "gw_neg128", "gw_u128", "gw_u64", "gw_u96"}, `fn gw_lnsum(l: gw_logparts) -> gw_u128 {
 let neg: bool = (l.e < 0i);
 var n: u32 = bitcast<u32>(l.e);
 if (neg) {
  n = (0x0u - n);
 }
 let p0: gw_u64 = gw_mulwide(n, 0xc9e3b398u);
 let p1: gw_u64 = gw_mulwide(n, 0xd1cf79abu);
 let p2: gw_u64 = gw_mulwide(n, 0xb17217f7u);
 let s: gw_u96 = gw_add96(gw_u96(p2.hi, p2.lo, p1.lo), gw_u96(0x0u, p1.hi, p0.hi));
 var r: gw_u128 = gw_u128(s.hi, s.mid, s.lo, p0.lo);
 if (neg) {
  r = gw_neg128(r);
 }
 return gw_add128(r, gw_u128((0x0u - (l.f.hi >> 0x1fu)), l.f.hi, l.f.mid, l.f.lo));
}
`},
	{"gw_log1ppoly", []string{"gw_add64", "gw_mul64", "gw_mulhi", "gw_u64"}, `fn gw_log1ppoly(v: gw_u64, neg: bool) -> gw_u64 {
 let n: u32 = select(0xffffffffu, 0x0u, neg);
 var h: u32 = gw_mulhi(v.hi, 0xbfaa6acu);
 h = gw_mulhi(v.hi, (0xe35f97au + (h ^ n)));
 h = (0x10001967u + (h ^ n));
 var q: gw_u64 = gw_mul64(v, gw_u64(h, 0x0u));
 q = gw_add64(gw_u64(0x1249252cu, 0xf919838au), gw_u64((q.hi ^ n), (q.lo ^ n)));
 q = gw_mul64(v, q);
 q = gw_add64(gw_u64(0x15555554u, 0x807fce2fu), gw_u64((q.hi ^ n), (q.lo ^ n)));
 q = gw_mul64(v, q);
 q = gw_add64(gw_u64(0x19999999u, 0x918527adu), gw_u64((q.hi ^ n), (q.lo ^ n)));
 q = gw_mul64(v, q);
 q = gw_add64(gw_u64(0x20000000u, 0x149f1u), gw_u64((q.hi ^ n), (q.lo ^ n)));
 q = gw_mul64(v, q);
 q = gw_add64(gw_u64(0x2aaaaaaau, 0xaaaacce0u), gw_u64((q.hi ^ n), (q.lo ^ n)));
 q = gw_mul64(v, q);
 q = gw_add64(gw_u64(0x40000000u, 0x2u), gw_u64((q.hi ^ n), (q.lo ^ n)));
 q = gw_mul64(v, q);
 q = gw_add64(gw_u64(0x80000000u, 0x0u), gw_u64((q.hi ^ n), (q.lo ^ n)));
 return q;
}
`},
	{"gw_logrow", []string(nil), `struct gw_logrow { r: u32, hi: u32, mid: u32, lo: u32 }
`},
	{"gw_logtable", []string{"gw_logrow"}, `fn gw_logtable(i: u32) -> gw_logrow {
 let b0 = (i & 1u) != 0u;
 let b1 = (i & 2u) != 0u;
 let b2 = (i & 4u) != 0u;
 let b3 = (i & 8u) != 0u;
 let b4 = (i & 16u) != 0u;
 return gw_logrow(
  select(select(select(select(select(0x100u, 0xf5u, b0), select(0xedu, 0xe7u, b0), b1), select(select(0xe0u, 0xdau, b0), select(0xd5u, 0xcfu, b0), b1), b2), select(select(select(0xcau, 0xc5u, b0), select(0xc1u, 0xbcu, b0), b1), select(select(0xb8u, 0xb4u, b0), select(0xb0u, 0xacu, b0), b1), b2), b3), select(select(select(select(0xa9u, 0xa5u, b0), select(0xa2u, 0x9fu, b0), b1), select(select(0x9cu, 0x99u, b0), select(0x96u, 0x94u, b0), b1), b2), select(select(select(0x91u, 0x8eu, b0), select(0x8cu, 0x8au, b0), b1), select(select(0x87u, 0x85u, b0), select(0x83u, 0x80u, b0), b1), b2), b3), b4),
  select(select(select(select(select(0x0u, 0xb3e4a79u, b0), select(0x13bdf5a7u, 0x1a4e7640u, b0), b1), select(select(0x222f1d04u, 0x29227b06u, b0), select(0x2f131b0au, 0x3663b0aeu, b0), b1), b2), select(select(select(0x3ca61dffu, 0x4310b59du, b0), select(0x485115b4u, 0x4f0949dcu, b0), b1), select(select(0x548ab81cu, 0xa8b90902u, b0), select(0xae79d0f7u, 0xb45c7514u, b0), b1), b2), b3), select(select(select(select(0xb8dd9cfau, 0xbeff69adu, b0), select(0xc3b1f123u, 0xc87af317u, b0), b1), select(select(0xcd5b4ac6u, 0xd253e031u, b0), select(0xd765a926u, 0xdad55a0fu, b0), b1), b2), select(select(select(0xe0136eceu, 0xe56d92c5u, b0), select(0xe90f2d75u, 0xecbe2869u, b0), b1), select(select(0xf25e9147u, 0xf630bc23u, b0), select(0xfa11b93eu, 0x0u, b0), b1), b2), b3), b4),
  select(select(select(select(select(0x0u, 0x6a5dac20u, b0), select(0xd1ee642fu, 0xb1bc37a9u, b0), b1), select(select(0x4fc8f7bcu, 0x676ac1bcu, b0), select(0x8898e67bu, 0xb79c794eu, b0), b1), b2), select(select(select(0xce202424u, 0x858b8c45u, b0), select(0x3ae350fbu, 0xccc60ed5u, b0), b1), select(select(0xe28f5f38u, 0x9fd8d6bdu, b0), select(0x8e84f60bu, 0x7b8b3d8fu, b0), b1), b2), b3), select(select(select(select(0x59981410u, 0x2cbefc94u, b0), select(0xaa1a342cu, 0xa4e653acu, b0), b1), select(select(0x17529713u, 0xcc5bc6e5u, b0), select(0x6905c330u, 0xc015b967u, b0), b1), b2), select(select(select(0x24154555u, 0xb52a9c9au, b0), select(0x1a94b464u, 0xe42e2f6du, b0), b1), select(select(0x7347209eu, 0xa1502bu, b0), select(0xa93b955u, 0x0u, b0), b1), b2), b3), b4),
  select(select(select(select(select(0x0u, 0x827cca0cu, b0), select(0x52eda76bu, 0x28d77f07u, b0), b1), select(select(0x671683f9u, 0xaa7edb3cu, b0), select(0xe3dbaf3fu, 0x562a63cbu, b0), b1), b2), select(select(select(0x4ec083e8u, 0x8b1e7574u, b0), select(0xd748d75du, 0x2d81af57u, b0), b1), select(select(0x40b263adu, 0xc9c7c238u, b0), select(0xd2132133u, 0x4cdb95ecu, b0), b1), b2), b3), select(select(select(select(0xe5c62affu, 0x7610bd28u, b0), select(0x2af0003cu, 0xc62ede4u, b0), b1), select(select(0x7d9f158fu, 0x57134767u, b0), select(0x584d5e0fu, 0xf4471dfcu, b0), b1), b2), select(select(select(0xd1ae6607u, 0xf42dd564u, b0), select(0x1b664613u, 0x667c89f0u, b0), b1), select(select(0xb9759c13u, 0x7f526febu, b0), select(0xb602ace4u, 0x0u, b0), b1), b2), b3), b4));
}
`},
	{"gw_norm128", []string{"gw_clz", "gw_shl64", "gw_u128", "gw_u64", "gw_wide"}, `fn gw_norm128(v: gw_u128, e: i32) -> gw_wide {
 var w: gw_u128 = v;
 var k: i32 = e;
 for (var i: i32 = 0i; (i < 3i); i = (i + 1i)) {
  if (w.w3 == 0x0u) {
   w = gw_u128(w.w2, w.w1, w.w0, 0x0u);
   k = (k - 32i);
  }
 }
 let n: u32 = gw_clz(w.w3);
 var m: gw_u64 = gw_shl64(gw_u64(w.w3, w.w2), n);
 if (n != 0x0u) {
  m.lo = (m.lo | (w.w1 >> ((0x20u - n) & 0x1fu)));
 }
 return gw_wide((k - bitcast<i32>(n)), m);
}
`},
	{"gw_log1p", []string{"gw_add64", "gw_add96", "gw_fixed", "gw_lnsum", "gw_log1ppoly", "gw_logparts", "gw_logrow", "gw_logtable", "gw_mul64", "gw_mulhi", "gw_mulwide", "gw_norm", "gw_norm128", "gw_shl64", "gw_shr96", "gw_sub64", "gw_u64", "gw_u96", "gw_wadd", "gw_wide", "gw_wideint", "gw_wmul"}, `fn gw_log1p(v: gw_wide) -> gw_wide {
 if (v.e <= (-5i)) {
  let s: gw_u96 = gw_shr96(gw_u96(v.m.hi, v.m.lo, 0x0u), bitcast<u32>((0i - v.e)));
  return gw_wmul(v, gw_norm(gw_log1ppoly(gw_u64(s.hi, s.mid), false), 1i));
 }
 let a: gw_wide = gw_wadd(gw_wideint(0x1u), v);
 let i: u32 = ((a.m.hi >> 0x1au) & 0x1fu);
 let row: gw_logrow = gw_logtable(i);
 var e: i32 = (a.e - 1i);
 if (i >= 0xdu) {
  e = (e + 1i);
 }
 let p: gw_u64 = gw_mulwide(a.m.hi, row.r);
 let s: gw_u64 = gw_add64(p, gw_u64(0x0u, gw_mulhi(a.m.lo, row.r)));
 var t: gw_u64 = gw_u64((((s.hi << 0x18u) | (s.lo >> 0x8u)) ^ 0x80000000u), ((s.lo << 0x18u) | ((a.m.lo * row.r) >> 0x8u)));
 let neg: bool = (t.hi >= 0x80000000u);
 if (neg) {
  t = gw_sub64(gw_u64(0x0u, 0x0u), t);
 }
 let q: gw_u64 = gw_mul64(gw_shl64(t, 0x1u), gw_log1ppoly(gw_shl64(t, 0x1u), neg));
 let f: gw_u96 = gw_u96(((q.hi << 0x1u) | (q.lo >> 0x1fu)), (q.lo << 0x1u), 0x0u);
 return gw_norm128(gw_lnsum(gw_logparts(e, gw_add96(gw_u96(row.hi, row.mid, row.lo), gw_fixed(f, neg)))), 32i);
}
`},
	{"gw_acosh", []string{"gw_log1p", "gw_packwide", "gw_wadd", "gw_wide", "gw_wideint", "gw_wideof", "gw_wmul", "gw_wsqrt", "gw_wsub"}, `fn gw_acosh(a: u32) -> u32 {
 if ((a < 0x3f800000u) || (a > 0x7f800000u)) {
  return 0x7fc00000u;
 }
 if (a == 0x3f800000u) {
  return 0x0u;
 }
 if (a == 0x7f800000u) {
  return 0x7f800000u;
 }
 let t: gw_wide = gw_wsub(gw_wideof(a), gw_wideint(0x1u));
 return gw_packwide(0x0u, gw_log1p(gw_wadd(t, gw_wsqrt(gw_wmul(t, gw_wadd(t, gw_wideint(0x2u)))))));
}
`},
	{"gw_add", []string{"gw_clz", "gw_pack"}, `fn gw_add(a: u32, b: u32) -> u32 {
 var x: u32 = a;
 var y: u32 = b;
 if ((x & 0x7fffffffu) < (y & 0x7fffffffu)) {
  x = b;
  y = a;
 }
 let xm: u32 = (x & 0x7fffffffu);
 let ym: u32 = (y & 0x7fffffffu);
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
 var ex: u32 = (xm >> 0x17u);
 var ey: u32 = (ym >> 0x17u);
 var sx: u32 = (xm & 0x7fffffu);
 var sy: u32 = (ym & 0x7fffffu);
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
 let d: u32 = (ex - ey);
 if (d > 0x1fu) {
  sy = 0x1u;
 } else if (d != 0x0u) {
  sy = ((sy >> (d & 0x1fu)) | select(0x0u, 0x1u, ((sy << ((0x20u - d) & 0x1fu)) != 0x0u)));
 }
 var m: u32 = (sx + sy);
 if (((x ^ y) & 0x80000000u) != 0x0u) {
  m = (sx - sy);
 }
 if (m == 0x0u) {
  return 0x0u;
 }
 let n: u32 = gw_clz(m);
 return gw_pack((x & 0x80000000u), bitcast<i32>(((ex + 0x1u) - n)), (m << (n & 0x1fu)));
}
`},
	{"gw_angle", []string{"gw_wide"}, `struct gw_angle { q: u32, neg: bool, f: gw_wide }
`},
	{"gw_asin", []string{"gw_atanratio", "gw_cosofasin", "gw_packwide", "gw_wideof"}, `fn gw_asin(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x3f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 if (x == 0x3f800000u) {
  return ((a & 0x80000000u) | 0x3fc90fdbu);
 }
 return gw_packwide((a & 0x80000000u), gw_atanratio(gw_wideof(x), gw_cosofasin(gw_wideof(x))));
}
`},
	{"gw_asinh", []string{"gw_log1p", "gw_packwide", "gw_wadd", "gw_wdiv", "gw_wide", "gw_wideint", "gw_wideof", "gw_wmul", "gw_wsqrt"}, `fn gw_asinh(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if ((x < 0x39000000u) || (x == 0x7f800000u)) {
  return a;
 }
 let v: gw_wide = gw_wideof(x);
 let s: gw_wide = gw_wmul(v, v);
 let r: gw_wide = gw_wsqrt(gw_wadd(gw_wideint(0x1u), s));
 return gw_packwide((a & 0x80000000u), gw_log1p(gw_wadd(v, gw_wdiv(s, gw_wadd(gw_wideint(0x1u), r)))));
}
`},
	{"gw_atan", []string{"gw_atanratio", "gw_packwide", "gw_wideint", "gw_wideof"}, `fn gw_atan(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 if (x >= 0x4c800000u) {
  return ((a & 0x80000000u) | 0x3fc90fdbu);
 }
 return gw_packwide((a & 0x80000000u), gw_atanratio(gw_wideof(x), gw_wideint(0x1u)));
}
`},
	{"gw_atanh", []string{"gw_log1p", "gw_packwide", "gw_twice", "gw_wdiv", "gw_wide", "gw_wideint", "gw_wideof", "gw_wsub"}, `fn gw_atanh(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x3f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 if (x == 0x3f800000u) {
  return ((a & 0x80000000u) | 0x7f800000u);
 }
 let v: gw_wide = gw_wideof(x);
 return gw_packwide((a & 0x80000000u), gw_twice(gw_log1p(gw_wdiv(gw_twice(v, true), gw_wsub(gw_wideint(0x1u), v))), false));
}
`},
	{"gw_trunc", []string(nil), `fn gw_trunc(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x3f800000u) {
  return (a & 0x80000000u);
 }
 let e: u32 = (x >> 0x17u);
 if (e >= 0x96u) {
  return a;
 }
 return (a & (0xffffffffu << ((0x96u - e) & 0x1fu)));
}
`},
	{"gw_floor", []string{"gw_trunc"}, `fn gw_floor(a: u32) -> u32 {
 let t: u32 = gw_trunc(a);
 if (((a < 0x80000000u) || (t == a)) || (t == 0x7fc00000u)) {
  return t;
 }
 if ((t & 0x7fffffffu) == 0x0u) {
  return 0xbf800000u;
 }
 return (t + (0x1u << ((0x96u - ((t >> 0x17u) & 0xffu)) & 0x1fu)));
}
`},
	{"gw_ceil", []string{"gw_floor"}, `fn gw_ceil(a: u32) -> u32 {
 if ((a & 0x7fffffffu) > 0x7f800000u) {
  return 0x7fc00000u;
 }
 return (gw_floor((a ^ 0x80000000u)) ^ 0x80000000u);
}
`},
	{"gw_joined", []string(nil), `fn gw_joined(a: u32, b: u32, k: u32) -> u32 {
 if (k == 0x0u) {
  return a;
 }
 return ((a << (k & 0x1fu)) | (b >> ((0x20u - k) & 0x1fu)));
}
`},
	{"gw_shl128", []string{"gw_u128"}, `fn gw_shl128(a: gw_u128, n: u32) -> gw_u128 {
 return gw_u128(((a.w3 << (n & 0x1fu)) | (a.w2 >> ((0x20u - n) & 0x1fu))), ((a.w2 << (n & 0x1fu)) | (a.w1 >> ((0x20u - n) & 0x1fu))), ((a.w1 << (n & 0x1fu)) | (a.w0 >> ((0x20u - n) & 0x1fu))), (a.w0 << (n & 0x1fu)));
}
`},
	{"gw_twooverpi", []string(nil), `fn gw_twooverpi(i: u32) -> u32 {
 let b0 = (i & 1u) != 0u;
 let b1 = (i & 2u) != 0u;
 let b2 = (i & 4u) != 0u;
 let b3 = (i & 8u) != 0u;
 return select(select(select(select(0x0u, 0xa2f9836eu, b0), select(0x4e441529u, 0xfc2757d1u, b0), b1), select(select(0xf534ddc0u, 0xdb629599u, b0), select(0x3c439041u, 0xfe5163abu, b0), b1), b2), 0xdebbc561u, b3);
}
`},
	{"gw_reduce", []string{"gw_add96", "gw_angle", "gw_joined", "gw_mulwide", "gw_neg128", "gw_norm128", "gw_shl128", "gw_twooverpi", "gw_u128", "gw_u64", "gw_u96", "gw_wide", "gw_wideof", "gw_wmul"}, `fn gw_reduce(x: u32) -> gw_angle {
 if (x < 0x3f490fdbu) {
  return gw_angle(0x0u, false, gw_wmul(gw_wideof(x), gw_wide(0i, gw_u64(0xa2f9836eu, 0x4e44152au))));
 }
 let m: u32 = ((x & 0x7fffffu) | 0x800000u);
 let at: u32 = ((x >> 0x17u) - 0x78u);
 let i: u32 = (at >> 0x5u);
 let k: u32 = (at & 0x1fu);
 let w4: u32 = gw_twooverpi(i);
 let w3: u32 = gw_twooverpi((i + 0x1u));
 let w2: u32 = gw_twooverpi((i + 0x2u));
 let w1: u32 = gw_twooverpi((i + 0x3u));
 let w0: u32 = gw_twooverpi((i + 0x4u));
 let p3: gw_u64 = gw_mulwide(m, gw_joined(w4, w3, k));
 let p2: gw_u64 = gw_mulwide(m, gw_joined(w3, w2, k));
 let p1: gw_u64 = gw_mulwide(m, gw_joined(w2, w1, k));
 let p0: gw_u64 = gw_mulwide(m, gw_joined(w1, w0, k));
 let s: gw_u96 = gw_add96(gw_u96(p3.lo, p2.lo, p1.lo), gw_u96(p2.hi, p1.hi, p0.hi));
 var v: gw_u128 = gw_shl128(gw_u128(s.hi, s.mid, s.lo, p0.lo), 0x2u);
 var q: u32 = (s.hi >> 0x1eu);
 let neg: bool = (v.w3 >= 0x80000000u);
 if (neg) {
  v = gw_neg128(v);
  q = (q + 0x1u);
 }
 return gw_angle((q & 0x3u), neg, gw_norm128(v, 0i));
}
`},
	{"gw_cospi2", []string{"gw_mul64", "gw_norm", "gw_square", "gw_sub64", "gw_u64", "gw_wide"}, `fn gw_cospi2(f: gw_wide) -> gw_wide {
 let z: gw_u64 = gw_square(f);
 var q: gw_u64 = gw_sub64(gw_u64(0xdu, 0xb6eb67d1u), gw_mul64(z, gw_u64(0x0u, 0x23c54d3fu)));
 q = gw_sub64(gw_u64(0x3f3u, 0xa70a9025u), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0xd368u, 0xf94f8e40u), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x1e1f50u, 0x68919a8au), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x2aba78fu, 0xc797fdafu), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x20783e10u, 0x36b5875du), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x9de9e64du, 0xf22ef2d2u), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x80000000u, 0x0u), gw_mul64(z, q));
 return gw_norm(q, 1i);
}
`},
	{"gw_sinpi2", []string{"gw_mul64", "gw_square", "gw_sub64", "gw_u64", "gw_wide", "gw_wmul"}, `fn gw_sinpi2(f: gw_wide) -> gw_wide {
 let z: gw_u64 = gw_square(f);
 var q: gw_u64 = gw_sub64(gw_u64(0x7au, 0x3bb44bb8u), gw_mul64(z, gw_u64(0x1u, 0x6c5b875du)));
 q = gw_sub64(gw_u64(0x1e30u, 0x74b4ff30u), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x541e0u, 0xd2172f61u), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x996966u, 0x73156112u), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0xa335e33u, 0xbad56c90u), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0x52aef398u, 0x96f94aedu), gw_mul64(z, q));
 q = gw_sub64(gw_u64(0xc90fdaa2u, 0x2168c235u), gw_mul64(z, q));
 return gw_wmul(f, gw_wide(1i, q));
}
`},
	{"gw_sinturned", []string{"gw_angle", "gw_cospi2", "gw_packwide", "gw_sinpi2"}, `fn gw_sinturned(a: gw_angle, turns: u32, s: u32) -> u32 {
 let q: u32 = (a.q + turns);
 let t: u32 = (s ^ ((q & 0x2u) << 0x1eu));
 if ((q & 0x1u) != 0x0u) {
  return gw_packwide(t, gw_cospi2(a.f));
 }
 return gw_packwide((t ^ select(0x0u, 0x80000000u, a.neg)), gw_sinpi2(a.f));
}
`},
	{"gw_cos", []string{"gw_reduce", "gw_sinturned"}, `fn gw_cos(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x >= 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return 0x3f800000u;
 }
 return gw_sinturned(gw_reduce(x), 0x1u, 0x0u);
}
`},
	{"gw_exp2poly", []string{"gw_add64", "gw_mul64", "gw_mulhi", "gw_u64"}, `fn gw_exp2poly(u: gw_u64) -> gw_u64 {
 let v: gw_u64 = gw_u64((u.hi >> 0x5u), ((u.hi << 0x1bu) | (u.lo >> 0x5u)));
 let h: u32 = (0x58b19eebu + gw_mulhi(v.hi, (0x3679c436u + gw_mulhi(v.hi, 0x20ca10d5u))));
 var q: gw_u64 = gw_add64(gw_u64(0x7ff2f605u, 0xf78960ddu), gw_mul64(v, gw_u64(h, 0x0u)));
 q = gw_add64(gw_u64(0xa184899cu, 0x316d51fdu), gw_mul64(v, q));
 q = gw_add64(gw_u64(0xaec3ff3cu, 0xe94d070u), gw_mul64(v, q));
 q = gw_add64(gw_u64(0x9d955b7du, 0xd2c84cccu), gw_mul64(v, q));
 q = gw_add64(gw_u64(0x71ac235cu, 0x1282c947u), gw_mul64(v, q));
 q = gw_add64(gw_u64(0x3d7f7bffu, 0x58b1d5eu), gw_mul64(v, q));
 q = gw_add64(gw_u64(0x162e42feu, 0xfa39ef35u), gw_mul64(v, q));
 return q;
}
`},
	{"gw_exp2frac", []string{"gw_add64", "gw_exp2poly", "gw_mul64", "gw_shl64", "gw_u64"}, `fn gw_exp2frac(f: gw_u64) -> gw_u64 {
 let u: gw_u64 = gw_u64(((f.hi << 0x2u) | (f.lo >> 0x1eu)), (f.lo << 0x2u));
 let w: gw_u64 = gw_mul64(u, gw_exp2poly(u));
 let i: u32 = (f.hi >> 0x1eu);
 var t: gw_u64 = gw_u64(0x80000000u, 0x0u);
 if (i == 0x1u) {
  t = gw_u64(0x9837f051u, 0x8db8a96fu);
 } else if (i == 0x2u) {
  t = gw_u64(0xb504f333u, 0xf9de6484u);
 } else if (i == 0x3u) {
  t = gw_u64(0xd744fccau, 0xd69d6af4u);
 }
 return gw_add64(t, gw_mul64(gw_shl64(w, 0x1u), t));
}
`},
	{"gw_timeslog2e", []string{"gw_add64", "gw_add96", "gw_mulhi", "gw_mulwide", "gw_shr96", "gw_sigof", "gw_u64", "gw_u96"}, `fn gw_timeslog2e(x: u32) -> gw_u96 {
 let m: u32 = (gw_sigof(x) << 0x8u);
 let p: gw_u64 = gw_mulwide(m, 0xb8aa3b29u);
 let q: gw_u64 = gw_mulwide(m, 0x5c17f0bbu);
 let s: gw_u64 = gw_add64(p, gw_u64(0x0u, q.hi));
 let t: u32 = (q.lo + gw_mulhi(m, 0xbe87fed0u));
 return gw_shr96(gw_add96(gw_u96(s.hi, s.lo, t), gw_u96(0x0u, select(0x0u, 0x1u, (t < q.lo)), 0x0u)), (0x9du - (x >> 0x17u)));
}
`},
	{"gw_cosh", []string{"gw_exp2frac", "gw_packwide", "gw_timeslog2e", "gw_twice", "gw_u64", "gw_u96", "gw_wadd", "gw_wdiv", "gw_wide", "gw_wideint"}, `fn gw_cosh(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return 0x3f800000u;
 }
 if (x >= 0x43000000u) {
  return 0x7f800000u;
 }
 let y: gw_u96 = gw_timeslog2e(x);
 let e: gw_wide = gw_wide((bitcast<i32>(y.hi) + 1i), gw_exp2frac(gw_u64(y.mid, y.lo)));
 return gw_packwide(0x0u, gw_twice(gw_wadd(e, gw_wdiv(gw_wideint(0x1u), e)), false));
}
`},
	{"gw_div", []string{"gw_expof", "gw_pack", "gw_sigof"}, `fn gw_div(a: u32, b: u32) -> u32 {
 let s: u32 = ((a ^ b) & 0x80000000u);
 let x: u32 = (a & 0x7fffffffu);
 let y: u32 = (b & 0x7fffffffu);
 if ((((x > 0x7f800000u) || (y > 0x7f800000u)) || ((x == 0x7f800000u) && (y == 0x7f800000u))) || ((x == 0x0u) && (y == 0x0u))) {
  return 0x7fc00000u;
 }
 if ((x == 0x7f800000u) || (y == 0x0u)) {
  return (s | 0x7f800000u);
 }
 if ((y == 0x7f800000u) || (x == 0x0u)) {
  return s;
 }
 var e: i32 = ((gw_expof(x) - gw_expof(y)) + 127i);
 var r: u32 = gw_sigof(x);
 let d: u32 = gw_sigof(y);
 if (r < d) {
  r = (r << 0x1u);
  e = (e - 1i);
 }
 var q: u32 = 0x1u;
 r = ((r - d) << 0x8u);
 for (var i: i32 = 0i; (i < 3i); i = (i + 1i)) {
  let t: u32 = (r / d);
  q = ((q << 0x8u) | t);
  r = ((r - (t * d)) << 0x8u);
 }
 return gw_pack(s, e, ((q << 0x7u) | select(0x0u, 0x1u, (r != 0x0u))));
}
`},
	{"gw_exp2fixed", []string{"gw_exp2frac", "gw_pack", "gw_u64", "gw_u96"}, `fn gw_exp2fixed(a: gw_u96) -> u32 {
 let m: gw_u64 = gw_exp2frac(gw_u64(a.mid, a.lo));
 return gw_pack(0x0u, (bitcast<i32>(a.hi) + 127i), (m.hi | select(0x0u, 0x1u, (m.lo != 0x0u))));
}
`},
	{"gw_exp", []string{"gw_exp2fixed", "gw_fixed", "gw_timeslog2e"}, `fn gw_exp(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x >= 0x43000000u) {
  return select(0x7f800000u, 0x0u, (a >= 0x80000000u));
 }
 if (x < 0x32800000u) {
  return 0x3f800000u;
 }
 return gw_exp2fixed(gw_fixed(gw_timeslog2e(x), (a >= 0x80000000u)));
}
`},
	{"gw_exp2", []string{"gw_exp2fixed", "gw_fixed", "gw_shr96", "gw_sigof", "gw_u96"}, `fn gw_exp2(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x >= 0x43800000u) {
  return select(0x7f800000u, 0x0u, (a >= 0x80000000u));
 }
 if (x < 0x32800000u) {
  return 0x3f800000u;
 }
 if (a == 0xc3160000u) {
  return 0x0u;
 }
 return gw_exp2fixed(gw_fixed(gw_shr96(gw_u96((gw_sigof(x) << 0x8u), 0x0u, 0x0u), (0x9eu - (x >> 0x17u))), (a >= 0x80000000u)));
}
`},
	{"gw_expm1", []string{"gw_exp2frac", "gw_exp2poly", "gw_norm", "gw_shr96", "gw_timeslog2e", "gw_u64", "gw_u96", "gw_wide", "gw_wideint", "gw_wideof", "gw_wmul", "gw_wsub"}, `fn gw_expm1(x: u32) -> gw_wide {
 if (x < 0x3e2e147bu) {
  let y: gw_wide = gw_wmul(gw_wideof(x), gw_wide(1i, gw_u64(0xb8aa3b29u, 0x5c17f0bcu)));
  let g: gw_u96 = gw_shr96(gw_u96(y.m.hi, y.m.lo, 0x0u), bitcast<u32>((0i - y.e)));
  return gw_wmul(y, gw_norm(gw_exp2poly(gw_u64(((g.hi << 0x2u) | (g.mid >> 0x1eu)), ((g.mid << 0x2u) | (g.lo >> 0x1eu)))), 3i));
 }
 let a: gw_u96 = gw_timeslog2e(x);
 return gw_wsub(gw_wide((bitcast<i32>(a.hi) + 1i), gw_exp2frac(gw_u64(a.mid, a.lo))), gw_wideint(0x1u));
}
`},
	{"gw_feq", []string(nil), `fn gw_feq(a: u32, b: u32) -> u32 {
 if (((a & 0x7fffffffu) > 0x7f800000u) || ((b & 0x7fffffffu) > 0x7f800000u)) {
  return 0x0u;
 }
 return select(0x0u, 0x1u, ((a == b) || (((a | b) & 0x7fffffffu) == 0x0u)));
}
`},
	{"gw_order", []string(nil), `fn gw_order(a: u32) -> u32 {
 return select((a | 0x80000000u), (~a), (a >= 0x80000000u));
}
`},
	{"gw_fle", []string{"gw_order"}, `fn gw_fle(a: u32, b: u32) -> u32 {
 if (((a & 0x7fffffffu) > 0x7f800000u) || ((b & 0x7fffffffu) > 0x7f800000u)) {
  return 0x0u;
 }
 return select(0x0u, 0x1u, ((gw_order(a) <= gw_order(b)) || (((a | b) & 0x7fffffffu) == 0x0u)));
}
`},
	{"gw_flt", []string{"gw_order"}, `fn gw_flt(a: u32, b: u32) -> u32 {
 if (((a & 0x7fffffffu) > 0x7f800000u) || ((b & 0x7fffffffu) > 0x7f800000u)) {
  return 0x0u;
 }
 return select(0x0u, 0x1u, ((gw_order(a) < gw_order(b)) && (((a | b) & 0x7fffffffu) != 0x0u)));
}
`},
	{"gw_shrsticky64", []string{"gw_u64"}, `fn gw_shrsticky64(a: gw_u64, n: u32) -> gw_u64 {
 if (n == 0x0u) {
  return a;
 }
 if (n >= 0x40u) {
  return gw_u64(0x0u, select(0x0u, 0x1u, ((a.hi | a.lo) != 0x0u)));
 }
 if (n >= 0x20u) {
  let m: u32 = (n - 0x20u);
  var lost: u32 = a.lo;
  if (m != 0x0u) {
   lost = (lost | (a.hi << ((0x20u - m) & 0x1fu)));
  }
  return gw_u64(0x0u, ((a.hi >> (m & 0x1fu)) | select(0x0u, 0x1u, (lost != 0x0u))));
 }
 let lost: u32 = (a.lo << ((0x20u - n) & 0x1fu));
 return gw_u64((a.hi >> (n & 0x1fu)), (((a.hi << ((0x20u - n) & 0x1fu)) | (a.lo >> (n & 0x1fu))) | select(0x0u, 0x1u, (lost != 0x0u))));
}
`},
	{"gw_fma", []string{"gw_add64", "gw_clz", "gw_expof", "gw_mulwide", "gw_pack", "gw_shl64", "gw_shrsticky64", "gw_sigof", "gw_sub64", "gw_u64"}, `fn gw_fma(a: u32, b: u32, c: u32) -> u32 {
 let sp: u32 = ((a ^ b) & 0x80000000u);
 let x: u32 = (a & 0x7fffffffu);
 let y: u32 = (b & 0x7fffffffu);
 let z: u32 = (c & 0x7fffffffu);
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
 var pm: gw_u64 = gw_mulwide((gw_sigof(x) << 0x8u), (gw_sigof(y) << 0x7u));
 let ep: i32 = ((gw_expof(x) + gw_expof(y)) - 126i);
 var cm: gw_u64 = gw_u64(0x0u, 0x0u);
 var ec: i32 = ep;
 if (z != 0x0u) {
  cm = gw_u64((gw_sigof(z) << 0x7u), 0x0u);
  ec = gw_expof(z);
 }
 var e: i32 = ep;
 if (ec > ep) {
  e = ec;
  pm = gw_shrsticky64(pm, bitcast<u32>((ec - ep)));
 } else {
  cm = gw_shrsticky64(cm, bitcast<u32>((ep - ec)));
 }
 var s: u32 = sp;
 var m: gw_u64 = gw_add64(pm, cm);
 if ((c & 0x80000000u) != sp) {
  m = gw_sub64(pm, cm);
  if (m.hi >= 0x80000000u) {
   m = gw_sub64(cm, pm);
   s = (c & 0x80000000u);
  }
 }
 if ((m.hi | m.lo) == 0x0u) {
  return 0x0u;
 }
 var n: u32 = gw_clz(m.hi);
 if (n == 0x20u) {
  n = (n + gw_clz(m.lo));
 }
 m = gw_shl64(m, n);
 return gw_pack(s, ((e + 1i) - bitcast<i32>(n)), (m.hi | select(0x0u, 0x1u, (m.lo != 0x0u))));
}
`},
	{"gw_ftou", []string(nil), `fn gw_ftou(a: u32) -> u32 {
 if ((a > 0x7f800000u) || (a < 0x3f800000u)) {
  return 0x0u;
 }
 let e: u32 = (a >> 0x17u);
 if (e >= 0x9fu) {
  return 0xffffffffu;
 }
 return ((((a & 0x7fffffu) | 0x800000u) << 0x8u) >> ((0x9eu - e) & 0x1fu));
}
`},
	{"gw_ftos", []string{"gw_ftou"}, `fn gw_ftos(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x0u;
 }
 if (x >= 0x4f000000u) {
  return select(0x7fffffffu, 0x80000000u, (a >= 0x80000000u));
 }
 let m: u32 = gw_ftou(x);
 return select(m, (0x0u - m), (a >= 0x80000000u));
}
`},
	{"gw_invsqrt", []string{"gw_evenexp", "gw_norm", "gw_packwide", "gw_rsqrt64", "gw_wide", "gw_wideof"}, `fn gw_invsqrt(a: u32) -> u32 {
 if ((a & 0x7fffffffu) == 0x0u) {
  return (a | 0x7f800000u);
 }
 if (a >= 0x7f800000u) {
  return select(0x7fc00000u, 0x0u, (a == 0x7f800000u));
 }
 let x: gw_wide = gw_evenexp(gw_wideof(a));
 return gw_packwide(0x0u, gw_norm(gw_rsqrt64(x.m), (1i - (x.e >> 0x1u))));
}
`},
	{"gw_logsplit", []string{"gw_add64", "gw_add96", "gw_expof", "gw_fixed", "gw_log1ppoly", "gw_logparts", "gw_logrow", "gw_logtable", "gw_mulwide", "gw_sigof", "gw_u64", "gw_u96"}, `fn gw_logsplit(a: u32) -> gw_logparts {
 var e: i32 = (gw_expof(a) - 127i);
 let m: u32 = gw_sigof(a);
 let i: u32 = ((m >> 0x12u) & 0x1fu);
 let row: gw_logrow = gw_logtable(i);
 if (i >= 0xdu) {
  e = (e + 1i);
 }
 let t: u32 = ((m * row.r) - 0x80000000u);
 let neg: bool = (t >= 0x80000000u);
 let v: u32 = select(t, (0x0u - t), neg);
 let q: gw_u64 = gw_log1ppoly(gw_u64((v << 0x1u), 0x0u), neg);
 let p: gw_u64 = gw_mulwide(v, q.hi);
 let r: gw_u64 = gw_mulwide(v, q.lo);
 let s: gw_u64 = gw_add64(p, gw_u64(0x0u, r.hi));
 let f: gw_u96 = gw_u96(((s.hi << 0x2u) | (s.lo >> 0x1eu)), ((s.lo << 0x2u) | (r.lo >> 0x1eu)), (r.lo << 0x2u));
 return gw_logparts(e, gw_add96(gw_u96(row.hi, row.mid, row.lo), gw_fixed(f, neg)));
}
`},
	{"gw_pack128", []string{"gw_clz", "gw_neg128", "gw_pack", "gw_shl64", "gw_u128", "gw_u64"}, `fn gw_pack128(a: gw_u128) -> u32 {
 let s: u32 = (a.w3 & 0x80000000u);
 var v: gw_u128 = a;
 if (s != 0x0u) {
  v = gw_neg128(a);
 }
 var e: i32 = 158i;
 for (var i: i32 = 0i; (i < 3i); i = (i + 1i)) {
  if (v.w3 == 0x0u) {
   v = gw_u128(v.w2, v.w1, v.w0, 0x0u);
   e = (e - 32i);
  }
 }
 if (v.w3 == 0x0u) {
  return 0x0u;
 }
 let n: u32 = gw_clz(v.w3);
 let m: gw_u64 = gw_shl64(gw_u64(v.w3, v.w2), n);
 return gw_pack(s, (e - bitcast<i32>(n)), (m.hi | select(0x0u, 0x1u, (((m.lo | v.w1) | v.w0) != 0x0u))));
}
`},
	{"gw_log", []string{"gw_lnsum", "gw_logsplit", "gw_pack128"}, `fn gw_log(a: u32) -> u32 {
 if ((a & 0x7fffffffu) == 0x0u) {
  return 0xff800000u;
 }
 if (a >= 0x7f800000u) {
  return select(0x7fc00000u, 0x7f800000u, (a == 0x7f800000u));
 }
 return gw_pack128(gw_lnsum(gw_logsplit(a)));
}
`},
	{"gw_log2", []string{"gw_add128", "gw_clz", "gw_fixed", "gw_logparts", "gw_logsplit", "gw_mul64", "gw_neg128", "gw_pack128", "gw_shl128", "gw_shl64", "gw_shr96", "gw_u128", "gw_u64", "gw_u96"}, `fn gw_log2(a: u32) -> u32 {
 if ((a & 0x7fffffffu) == 0x0u) {
  return 0xff800000u;
 }
 if (a >= 0x7f800000u) {
  return select(0x7fc00000u, 0x7f800000u, (a == 0x7f800000u));
 }
 let l: gw_logparts = gw_logsplit(a);
 let neg: bool = (l.f.hi >= 0x80000000u);
 var f: gw_u96 = gw_fixed(l.f, neg);
 var n: u32 = 0x0u;
 if (f.hi == 0x0u) {
  n = 0x20u;
  f = gw_u96(f.mid, f.lo, 0x0u);
 }
 let k: u32 = gw_clz(f.hi);
 var g: gw_u64 = gw_shl64(gw_u64(f.hi, f.mid), k);
 if ((k != 0x0u) && (k != 0x20u)) {
  g.lo = (g.lo | (f.lo >> ((0x20u - k) & 0x1fu)));
 }
 let p: gw_u64 = gw_mul64(g, gw_u64(0xb8aa3b29u, 0x5c17f0bcu));
 let h: gw_u96 = gw_shr96(gw_u96(p.hi, p.lo, 0x0u), (n + k));
 var d: gw_u128 = gw_shl128(gw_u128(0x0u, h.hi, h.mid, h.lo), 0x1u);
 if (neg) {
  d = gw_neg128(d);
 }
 return gw_pack128(gw_add128(d, gw_u128(bitcast<u32>(l.e), 0x0u, 0x0u, 0x0u)));
}
`},
	{"gw_max", []string{"gw_order"}, `fn gw_max(a: u32, b: u32) -> u32 {
 if ((a & 0x7fffffffu) > 0x7f800000u) {
  return select(b, 0x7fc00000u, ((b & 0x7fffffffu) > 0x7f800000u));
 }
 if ((b & 0x7fffffffu) > 0x7f800000u) {
  return a;
 }
 return select(a, b, (gw_order(a) < gw_order(b)));
}
`},
	{"gw_min", []string{"gw_order"}, `fn gw_min(a: u32, b: u32) -> u32 {
 if ((a & 0x7fffffffu) > 0x7f800000u) {
  return select(b, 0x7fc00000u, ((b & 0x7fffffffu) > 0x7f800000u));
 }
 if ((b & 0x7fffffffu) > 0x7f800000u) {
  return a;
 }
 return select(b, a, (gw_order(a) < gw_order(b)));
}
`},
	{"gw_mul", []string{"gw_expof", "gw_mulwide", "gw_pack", "gw_sigof", "gw_u64"}, `fn gw_mul(a: u32, b: u32) -> u32 {
 let s: u32 = ((a ^ b) & 0x80000000u);
 let x: u32 = (a & 0x7fffffffu);
 let y: u32 = (b & 0x7fffffffu);
 if ((x >= 0x7f800000u) || (y >= 0x7f800000u)) {
  if ((((x > 0x7f800000u) || (y > 0x7f800000u)) || (x == 0x0u)) || (y == 0x0u)) {
   return 0x7fc00000u;
  }
  return (s | 0x7f800000u);
 }
 if ((x == 0x0u) || (y == 0x0u)) {
  return s;
 }
 var e: i32 = ((gw_expof(x) + gw_expof(y)) - 126i);
 let p: gw_u64 = gw_mulwide((gw_sigof(x) << 0x8u), (gw_sigof(y) << 0x8u));
 var m: u32 = (p.hi | select(0x0u, 0x1u, (p.lo != 0x0u)));
 if (m < 0x80000000u) {
  m = (((p.hi << 0x1u) | (p.lo >> 0x1fu)) | select(0x0u, 0x1u, ((p.lo << 0x1u) != 0x0u)));
  e = (e - 1i);
 }
 return gw_pack(s, e, m);
}
`},
	{"gw_round", []string(nil), `fn gw_round(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 let e: u32 = (x >> 0x17u);
 if (e >= 0x96u) {
  return a;
 }
 if ((e < 0x7eu) || (x == 0x3f000000u)) {
  return (a & 0x80000000u);
 }
 if (e == 0x7eu) {
  return ((a & 0x80000000u) | 0x3f800000u);
 }
 let half: u32 = (0x1u << ((0x95u - e) & 0x1fu));
 var odd: u32 = ((x >> ((0x96u - e) & 0x1fu)) & 0x1u);
 if (e == 0x7fu) {
  odd = 0x1u;
 }
 let r: u32 = (((x + half) - 0x1u) + odd);
 return ((a & 0x80000000u) | (r & (0xffffffffu << ((0x96u - e) & 0x1fu))));
}
`},
	{"gw_sin", []string{"gw_reduce", "gw_sinturned"}, `fn gw_sin(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x >= 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 return gw_sinturned(gw_reduce(x), 0x0u, (a & 0x80000000u));
}
`},
	{"gw_sinh", []string{"gw_expm1", "gw_packwide", "gw_twice", "gw_wadd", "gw_wdiv", "gw_wide", "gw_wideint"}, `fn gw_sinh(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 if (x >= 0x43000000u) {
  return ((a & 0x80000000u) | 0x7f800000u);
 }
 let m: gw_wide = gw_expm1(x);
 return gw_packwide((a & 0x80000000u), gw_twice(gw_wadd(m, gw_wdiv(m, gw_wadd(m, gw_wideint(0x1u)))), false));
}
`},
	{"gw_sqrt", []string{"gw_expof", "gw_pack", "gw_sigof"}, `fn gw_sqrt(a: u32) -> u32 {
 if ((a & 0x7fffffffu) == 0x0u) {
  return a;
 }
 if (a == 0x7f800000u) {
  return a;
 }
 if (a > 0x7f800000u) {
  return 0x7fc00000u;
 }
 let e: i32 = (gw_expof(a) - 127i);
 var m: u32 = gw_sigof(a);
 if ((e & 1i) != 0i) {
  m = (m << 0x1u);
 }
 var r: u32 = 0x0u;
 var q: u32 = 0x0u;
 var v: u32 = (m << 0x7u);
 for (var i: i32 = 0i; (i < 26i); i = (i + 1i)) {
  r = ((r << 0x2u) | (v >> 0x1eu));
  v = (v << 0x2u);
  let t: u32 = ((q << 0x2u) | 0x1u);
  q = (q << 0x1u);
  if (r >= t) {
   r = (r - t);
   q = (q | 0x1u);
  }
 }
 return gw_pack(0x0u, ((e >> 0x1u) + 127i), ((q << 0x6u) | select(0x0u, 0x1u, (r != 0x0u))));
}
`},
	{"gw_utof", []string{"gw_clz", "gw_pack"}, `fn gw_utof(a: u32) -> u32 {
 if (a == 0x0u) {
  return 0x0u;
 }
 let n: u32 = gw_clz(a);
 return gw_pack(0x0u, bitcast<i32>((0x9eu - n)), (a << (n & 0x1fu)));
}
`},
	{"gw_stof", []string{"gw_utof"}, `fn gw_stof(a: u32) -> u32 {
 if (a >= 0x80000000u) {
  return (gw_utof((0x0u - a)) | 0x80000000u);
 }
 return gw_utof(a);
}
`},
	{"gw_sub", []string{"gw_add"}, `fn gw_sub(a: u32, b: u32) -> u32 {
 return gw_add(a, (b ^ 0x80000000u));
}
`},
	{"gw_tan", []string{"gw_angle", "gw_cospi2", "gw_packwide", "gw_reduce", "gw_sinpi2", "gw_wdiv", "gw_wide"}, `fn gw_tan(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x >= 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 let r: gw_angle = gw_reduce(x);
 let s: gw_wide = gw_sinpi2(r.f);
 let c: gw_wide = gw_cospi2(r.f);
 let t: u32 = ((a & 0x80000000u) ^ select(0x0u, 0x80000000u, r.neg));
 if ((r.q & 0x1u) != 0x0u) {
  return gw_packwide((t ^ 0x80000000u), gw_wdiv(c, s));
 }
 return gw_packwide(t, gw_wdiv(s, c));
}
`},
	{"gw_tanh", []string{"gw_expm1", "gw_packwide", "gw_wadd", "gw_wdiv", "gw_wide", "gw_wideint"}, `fn gw_tanh(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if (x > 0x7f800000u) {
  return 0x7fc00000u;
 }
 if (x < 0x39000000u) {
  return a;
 }
 if (x >= 0x41180000u) {
  return ((a & 0x80000000u) | 0x3f800000u);
 }
 let m: gw_wide = gw_expm1((x + 0x800000u));
 return gw_packwide((a & 0x80000000u), gw_wdiv(m, gw_wadd(m, gw_wideint(0x2u))));
}
`},
}
