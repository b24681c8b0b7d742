// Code generated from kernels/lower/libm/twin by go generate; DO NOT EDIT.

package libm

var declarations = []declaration{
	{"gw_clz", []string(nil), `fn gw_clz(x: u32) -> u32 {
 var v: u32 = x;
 var n: u32 = select(0x0u, 0x1u, (v == 0x0u));
 if ((v < 0x10000u)) {
  n = (n + 0x10u);
  v = (v << 16u);
 }
 if ((v < 0x1000000u)) {
  n = (n + 0x8u);
  v = (v << 8u);
 }
 if ((v < 0x10000000u)) {
  n = (n + 0x4u);
  v = (v << 4u);
 }
 if ((v < 0x40000000u)) {
  n = (n + 0x2u);
  v = (v << 2u);
 }
 if ((v < 0x80000000u)) {
  n = (n + 1u);
 }
 return n;
}
`},
	{"gw_pack", []string(nil), `fn gw_pack(s: u32, e: i32, m: u32) -> u32 {
 if ((e >= 255i)) {
  return (s | 0x7f800000u);
 }
 if ((e <= 0i)) {
  let n: u32 = bitcast<u32>((1i - e));
  let v: u32 = select(((m >> (n & 0x1fu)) | select(0x0u, 0x1u, ((m << ((0x20u - n) & 0x1fu)) != 0x0u))), 0x1u, (n > 0x1fu));
  let r: u32 = (v >> 8u);
  let low: u32 = (v & 0xffu);
  return (s | (r + select(0x0u, 0x1u, ((low > 0x80u) || ((low == 0x80u) && ((r & 0x1u) != 0x0u))))));
 }
 let r: u32 = (m >> 8u);
 let low: u32 = (m & 0xffu);
 return (s | (((bitcast<u32>((e - 1i)) << 23u) + r) + select(0x0u, 0x1u, ((low > 0x80u) || ((low == 0x80u) && ((r & 0x1u) != 0x0u))))));
}
`},
	{"gw_add", []string{"gw_clz", "gw_pack"}, `fn gw_add(a: u32, b: u32) -> u32 {
 var x: u32 = a;
 var y: u32 = b;
 if (((x & 0x7fffffffu) < (y & 0x7fffffffu))) {
  x = b;
  y = a;
 }
 let xm: u32 = (x & 0x7fffffffu);
 let ym: u32 = (y & 0x7fffffffu);
 if ((xm >= 0x7f800000u)) {
  if (((xm > 0x7f800000u) || ((ym == 0x7f800000u) && (x != y)))) {
   return 0x7fc00000u;
  }
  return x;
 }
 if ((ym == 0x0u)) {
  if ((xm == 0x0u)) {
   return (x & y);
  }
  return x;
 }
 var ex: u32 = (xm >> 23u);
 var ey: u32 = (ym >> 23u);
 var sx: u32 = (xm & 0x7fffffu);
 var sy: u32 = (ym & 0x7fffffu);
 if ((ex == 0x0u)) {
  ex = 0x1u;
 } else {
  sx = (sx | 0x800000u);
 }
 if ((ey == 0x0u)) {
  ey = 0x1u;
 } else {
  sy = (sy | 0x800000u);
 }
 sx = (sx << 7u);
 sy = (sy << 7u);
 let d: u32 = (ex - ey);
 if ((d > 0x1fu)) {
  sy = 0x1u;
 } else if ((d != 0x0u)) {
  sy = ((sy >> (d & 0x1fu)) | select(0x0u, 0x1u, ((sy << ((0x20u - d) & 0x1fu)) != 0x0u)));
 }
 var m: u32 = (sx + sy);
 if ((((x ^ y) & 0x80000000u) != 0x0u)) {
  m = (sx - sy);
 }
 if ((m == 0x0u)) {
  return 0x0u;
 }
 let n: u32 = gw_clz(m);
 return gw_pack((x & 0x80000000u), bitcast<i32>(((ex + 0x1u) - n)), (m << (n & 0x1fu)));
}
`},
	{"gw_u64", []string(nil), `struct gw_u64 { hi: u32, lo: u32 }
`},
	{"gw_add64", []string{"gw_u64"}, `fn gw_add64(a: gw_u64, b: gw_u64) -> gw_u64 {
 let lo: u32 = (a.lo + b.lo);
 return gw_u64(((a.hi + b.hi) + select(0x0u, 0x1u, (lo < a.lo))), lo);
}
`},
	{"gw_trunc", []string(nil), `fn gw_trunc(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if ((x > 0x7f800000u)) {
  return 0x7fc00000u;
 }
 if ((x < 0x3f800000u)) {
  return (a & 0x80000000u);
 }
 let e: u32 = (x >> 23u);
 if ((e >= 0x96u)) {
  return a;
 }
 return (a & (0xffffffffu << ((0x96u - e) & 0x1fu)));
}
`},
	{"gw_floor", []string{"gw_trunc"}, `fn gw_floor(a: u32) -> u32 {
 let t: u32 = gw_trunc(a);
 if ((((a < 0x80000000u) || (t == a)) || (t == 0x7fc00000u))) {
  return t;
 }
 if (((t & 0x7fffffffu) == 0x0u)) {
  return 0xbf800000u;
 }
 return (t + (0x1u << ((0x96u - ((t >> 23u) & 0xffu)) & 0x1fu)));
}
`},
	{"gw_ceil", []string{"gw_floor"}, `fn gw_ceil(a: u32) -> u32 {
 if (((a & 0x7fffffffu) > 0x7f800000u)) {
  return 0x7fc00000u;
 }
 return (gw_floor((a ^ 0x80000000u)) ^ 0x80000000u);
}
`},
	{"gw_expof", []string{"gw_clz"}, `fn gw_expof(a: u32) -> i32 {
 let e: u32 = ((a >> 23u) & 0xffu);
 if ((e == 0x0u)) {
  return bitcast<i32>((0x9u - gw_clz((a & 0x7fffffu))));
 }
 return bitcast<i32>(e);
}
`},
	{"gw_sigof", []string{"gw_clz"}, `fn gw_sigof(a: u32) -> u32 {
 let m: u32 = (a & 0x7fffffu);
 if (((a & 0x7f800000u) == 0x0u)) {
  return (m << ((gw_clz(m) - 0x8u) & 0x1fu));
 }
 return (m | 0x800000u);
}
`},
	{"gw_div", []string{"gw_expof", "gw_pack", "gw_sigof"}, `fn gw_div(a: u32, b: u32) -> u32 {
 let s: u32 = ((a ^ b) & 0x80000000u);
 let x: u32 = (a & 0x7fffffffu);
 let y: u32 = (b & 0x7fffffffu);
 if (((((x > 0x7f800000u) || (y > 0x7f800000u)) || ((x == 0x7f800000u) && (y == 0x7f800000u))) || ((x == 0x0u) && (y == 0x0u)))) {
  return 0x7fc00000u;
 }
 if (((x == 0x7f800000u) || (y == 0x0u))) {
  return (s | 0x7f800000u);
 }
 if (((y == 0x7f800000u) || (x == 0x0u))) {
  return s;
 }
 var e: i32 = ((gw_expof(x) - gw_expof(y)) + 127i);
 var r: u32 = gw_sigof(x);
 let d: u32 = gw_sigof(y);
 if ((r < d)) {
  r = (r << 1u);
  e = (e - 1i);
 }
 var q: u32 = 0x1u;
 r = ((r - d) << 8u);
 for (var i: i32 = 0i; (i < 3i); i = (i + 1i)) {
  let t: u32 = (r / d);
  q = ((q << 8u) | t);
  r = ((r - (t * d)) << 8u);
 }
 return gw_pack(s, e, ((q << 7u) | select(0x0u, 0x1u, (r != 0x0u))));
}
`},
	{"gw_feq", []string(nil), `fn gw_feq(a: u32, b: u32) -> u32 {
 if ((((a & 0x7fffffffu) > 0x7f800000u) || ((b & 0x7fffffffu) > 0x7f800000u))) {
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
 if ((((a & 0x7fffffffu) > 0x7f800000u) || ((b & 0x7fffffffu) > 0x7f800000u))) {
  return 0x0u;
 }
 return select(0x0u, 0x1u, ((gw_order(a) <= gw_order(b)) || (((a | b) & 0x7fffffffu) == 0x0u)));
}
`},
	{"gw_flt", []string{"gw_order"}, `fn gw_flt(a: u32, b: u32) -> u32 {
 if ((((a & 0x7fffffffu) > 0x7f800000u) || ((b & 0x7fffffffu) > 0x7f800000u))) {
  return 0x0u;
 }
 return select(0x0u, 0x1u, ((gw_order(a) < gw_order(b)) && (((a | b) & 0x7fffffffu) != 0x0u)));
}
`},
	{"gw_mulwide", []string{"gw_u64"}, `fn gw_mulwide(a: u32, b: u32) -> gw_u64 {
 let al: u32 = (a & 0xffffu);
 let ah: u32 = (a >> 16u);
 let bl: u32 = (b & 0xffffu);
 let bh: u32 = (b >> 16u);
 let p: u32 = (al * bl);
 let m: u32 = ((ah * bl) + (p >> 16u));
 let n: u32 = ((al * bh) + (m & 0xffffu));
 return gw_u64((((ah * bh) + (m >> 16u)) + (n >> 16u)), ((n << 16u) | (p & 0xffffu)));
}
`},
	{"gw_shl64", []string{"gw_u64"}, `fn gw_shl64(a: gw_u64, n: u32) -> gw_u64 {
 if ((n >= 0x20u)) {
  return gw_u64((a.lo << ((n - 0x20u) & 0x1fu)), 0x0u);
 }
 if ((n == 0x0u)) {
  return a;
 }
 return gw_u64(((a.hi << (n & 0x1fu)) | (a.lo >> ((0x20u - n) & 0x1fu))), (a.lo << (n & 0x1fu)));
}
`},
	{"gw_shrsticky64", []string{"gw_u64"}, `fn gw_shrsticky64(a: gw_u64, n: u32) -> gw_u64 {
 if ((n == 0x0u)) {
  return a;
 }
 if ((n >= 0x40u)) {
  return gw_u64(0x0u, select(0x0u, 0x1u, ((a.hi | a.lo) != 0x0u)));
 }
 if ((n >= 0x20u)) {
  let m: u32 = (n - 0x20u);
  var lost: u32 = a.lo;
  if ((m != 0x0u)) {
   lost = (lost | (a.hi << ((0x20u - m) & 0x1fu)));
  }
  return gw_u64(0x0u, ((a.hi >> (m & 0x1fu)) | select(0x0u, 0x1u, (lost != 0x0u))));
 }
 let lost: u32 = (a.lo << ((0x20u - n) & 0x1fu));
 return gw_u64((a.hi >> (n & 0x1fu)), (((a.hi << ((0x20u - n) & 0x1fu)) | (a.lo >> (n & 0x1fu))) | select(0x0u, 0x1u, (lost != 0x0u))));
}
`},
	{"gw_sub64", []string{"gw_u64"}, `fn gw_sub64(a: gw_u64, b: gw_u64) -> gw_u64 {
 return gw_u64(((a.hi - b.hi) - select(0x0u, 0x1u, (a.lo < b.lo))), (a.lo - b.lo));
}
`},
	{"gw_fma", []string{"gw_add64", "gw_clz", "gw_expof", "gw_mulwide", "gw_pack", "gw_shl64", "gw_shrsticky64", "gw_sigof", "gw_sub64", "gw_u64"}, `fn gw_fma(a: u32, b: u32, c: u32) -> u32 {
 let sp: u32 = ((a ^ b) & 0x80000000u);
 let x: u32 = (a & 0x7fffffffu);
 let y: u32 = (b & 0x7fffffffu);
 let z: u32 = (c & 0x7fffffffu);
 if ((((x > 0x7f800000u) || (y > 0x7f800000u)) || (z > 0x7f800000u))) {
  return 0x7fc00000u;
 }
 if (((x == 0x7f800000u) || (y == 0x7f800000u))) {
  if ((((x == 0x0u) || (y == 0x0u)) || ((z == 0x7f800000u) && ((c & 0x80000000u) != sp)))) {
   return 0x7fc00000u;
  }
  return (sp | 0x7f800000u);
 }
 if ((z == 0x7f800000u)) {
  return c;
 }
 if (((x == 0x0u) || (y == 0x0u))) {
  if ((z == 0x0u)) {
   return (c & (sp | 0x7fffffffu));
  }
  return c;
 }
 var pm: gw_u64 = gw_mulwide((gw_sigof(x) << 8u), (gw_sigof(y) << 7u));
 let ep: i32 = ((gw_expof(x) + gw_expof(y)) - 126i);
 var cm: gw_u64 = gw_u64(0x0u, 0x0u);
 var ec: i32 = ep;
 if ((z != 0x0u)) {
  cm = gw_u64((gw_sigof(z) << 7u), 0x0u);
  ec = gw_expof(z);
 }
 var e: i32 = ep;
 if ((ec > ep)) {
  e = ec;
  pm = gw_shrsticky64(pm, bitcast<u32>((ec - ep)));
 } else {
  cm = gw_shrsticky64(cm, bitcast<u32>((ep - ec)));
 }
 var s: u32 = sp;
 var m: gw_u64 = gw_add64(pm, cm);
 if (((c & 0x80000000u) != sp)) {
  m = gw_sub64(pm, cm);
  if ((m.hi >= 0x80000000u)) {
   m = gw_sub64(cm, pm);
   s = (c & 0x80000000u);
  }
 }
 if (((m.hi | m.lo) == 0x0u)) {
  return 0x0u;
 }
 var n: u32 = gw_clz(m.hi);
 if ((n == 0x20u)) {
  n = (n + gw_clz(m.lo));
 }
 m = gw_shl64(m, n);
 return gw_pack(s, ((e + 1i) - bitcast<i32>(n)), (m.hi | select(0x0u, 0x1u, (m.lo != 0x0u))));
}
`},
	{"gw_ftou", []string(nil), `fn gw_ftou(a: u32) -> u32 {
 if (((a > 0x7f800000u) || (a < 0x3f800000u))) {
  return 0x0u;
 }
 let e: u32 = (a >> 23u);
 if ((e >= 0x9fu)) {
  return 0xffffffffu;
 }
 return ((((a & 0x7fffffu) | 0x800000u) << 8u) >> ((0x9eu - e) & 0x1fu));
}
`},
	{"gw_ftos", []string{"gw_ftou"}, `fn gw_ftos(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if ((x > 0x7f800000u)) {
  return 0x0u;
 }
 if ((x >= 0x4f000000u)) {
  return select(0x7fffffffu, 0x80000000u, (a >= 0x80000000u));
 }
 let m: u32 = gw_ftou(x);
 return select(m, (0x0u - m), (a >= 0x80000000u));
}
`},
	{"gw_max", []string{"gw_order"}, `fn gw_max(a: u32, b: u32) -> u32 {
 if (((a & 0x7fffffffu) > 0x7f800000u)) {
  return select(b, 0x7fc00000u, ((b & 0x7fffffffu) > 0x7f800000u));
 }
 if (((b & 0x7fffffffu) > 0x7f800000u)) {
  return a;
 }
 return select(a, b, (gw_order(a) < gw_order(b)));
}
`},
	{"gw_min", []string{"gw_order"}, `fn gw_min(a: u32, b: u32) -> u32 {
 if (((a & 0x7fffffffu) > 0x7f800000u)) {
  return select(b, 0x7fc00000u, ((b & 0x7fffffffu) > 0x7f800000u));
 }
 if (((b & 0x7fffffffu) > 0x7f800000u)) {
  return a;
 }
 return select(b, a, (gw_order(a) < gw_order(b)));
}
`},
	{"gw_mul", []string{"gw_expof", "gw_mulwide", "gw_pack", "gw_sigof", "gw_u64"}, `fn gw_mul(a: u32, b: u32) -> u32 {
 let s: u32 = ((a ^ b) & 0x80000000u);
 let x: u32 = (a & 0x7fffffffu);
 let y: u32 = (b & 0x7fffffffu);
 if (((x >= 0x7f800000u) || (y >= 0x7f800000u))) {
  if (((((x > 0x7f800000u) || (y > 0x7f800000u)) || (x == 0x0u)) || (y == 0x0u))) {
   return 0x7fc00000u;
  }
  return (s | 0x7f800000u);
 }
 if (((x == 0x0u) || (y == 0x0u))) {
  return s;
 }
 var e: i32 = ((gw_expof(x) + gw_expof(y)) - 126i);
 let p: gw_u64 = gw_mulwide((gw_sigof(x) << 8u), (gw_sigof(y) << 8u));
 var m: u32 = (p.hi | select(0x0u, 0x1u, (p.lo != 0x0u)));
 if ((m < 0x80000000u)) {
  m = (((p.hi << 1u) | (p.lo >> 31u)) | select(0x0u, 0x1u, ((p.lo << 1u) != 0x0u)));
  e = (e - 1i);
 }
 return gw_pack(s, e, m);
}
`},
	{"gw_round", []string(nil), `fn gw_round(a: u32) -> u32 {
 let x: u32 = (a & 0x7fffffffu);
 if ((x > 0x7f800000u)) {
  return 0x7fc00000u;
 }
 let e: u32 = (x >> 23u);
 if ((e >= 0x96u)) {
  return a;
 }
 if (((e < 0x7eu) || (x == 0x3f000000u))) {
  return (a & 0x80000000u);
 }
 if ((e == 0x7eu)) {
  return ((a & 0x80000000u) | 0x3f800000u);
 }
 let half: u32 = (0x1u << ((0x95u - e) & 0x1fu));
 var odd: u32 = ((x >> ((0x96u - e) & 0x1fu)) & 0x1u);
 if ((e == 0x7fu)) {
  odd = 0x1u;
 }
 let r: u32 = (((x + half) - 0x1u) + odd);
 return ((a & 0x80000000u) | (r & (0xffffffffu << ((0x96u - e) & 0x1fu))));
}
`},
	{"gw_sqrt", []string{"gw_expof", "gw_pack", "gw_sigof"}, `fn gw_sqrt(a: u32) -> u32 {
 if (((a & 0x7fffffffu) == 0x0u)) {
  return a;
 }
 if ((a == 0x7f800000u)) {
  return a;
 }
 if ((a > 0x7f800000u)) {
  return 0x7fc00000u;
 }
 let e: i32 = (gw_expof(a) - 127i);
 var m: u32 = gw_sigof(a);
 if (((e & 1i) != 0i)) {
  m = (m << 1u);
 }
 var r: u32 = 0x0u;
 var q: u32 = 0x0u;
 var v: u32 = (m << 7u);
 for (var i: i32 = 0i; (i < 26i); i = (i + 1i)) {
  r = ((r << 2u) | (v >> 30u));
  v = (v << 2u);
  let t: u32 = ((q << 2u) | 0x1u);
  q = (q << 1u);
  if ((r >= t)) {
   r = (r - t);
   q = (q | 0x1u);
  }
 }
 return gw_pack(0x0u, ((e >> 1u) + 127i), ((q << 6u) | select(0x0u, 0x1u, (r != 0x0u))));
}
`},
	{"gw_utof", []string{"gw_clz", "gw_pack"}, `fn gw_utof(a: u32) -> u32 {
 if ((a == 0x0u)) {
  return 0x0u;
 }
 let n: u32 = gw_clz(a);
 return gw_pack(0x0u, bitcast<i32>((0x9eu - n)), (a << (n & 0x1fu)));
}
`},
	{"gw_stof", []string{"gw_utof"}, `fn gw_stof(a: u32) -> u32 {
 if ((a >= 0x80000000u)) {
  return (gw_utof((0x0u - a)) | 0x80000000u);
 }
 return gw_utof(a);
}
`},
	{"gw_sub", []string{"gw_add"}, `fn gw_sub(a: u32, b: u32) -> u32 {
 return gw_add(a, (b ^ 0x80000000u));
}
`},
}
