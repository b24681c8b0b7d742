package lower

import (
	"regexp"
	"strings"
)

// The exponential in two steps: binary32 arithmetic gives it with an error below 2e-10 of the result's power of two, and
// where that leaves the rounding open, for one operand in 200, a loop of integer arithmetic decides. A loop, since the
// software drivers run both sides of every branch, but a loop only as long as someone needs it.
//
// With k = x * 16/ln(2) rounded, j its last four bits and r = x - k * ln(2)/16, e^x = 2^(k/16 rounded down) * t * e^r, where
// t = 2^(j/16) is h + l, h of 12 bits. ln(2)/16 comes in three parts; k times the first two is exact and so are the differences.
// c is r to a multiple of 2^-12, so that h * c is exact, d the rest of it. (The table is Tang's, ACM TOMS 15, 1989, the
// rounding test Ziv's, ACM TOMS 17, 1991.)
//
// Each operation is fenced and none comes near the subnormal range, so the result is the same wherever + - * round to
// nearest even; TestExp computes it the same way in Go and, if asked, for every operand.
//
// The loop evaluates e^g = 1 + g(1 + g/2(1 + g/3(...))) with 62 bits after the point, 0.02 < g < 0.74. It divides by n in four
// digits of 16 bits: a quotient below 2^16, off by less than 1/36 of a unit, cannot pass an integer.
const expText = `
fn gl_over(t: u32, n: u32) -> u32 {
 return u32((f32(t) + 0.5) / f32(n));
}
fn gl_exp(a: u32, z: u32) -> u32 {
 let size = a & 0x7fffffffu;
 let neg = a >= 0x80000000u;
 let x = bitcast<f32>(a);
 q k0 = x * 2.308312e+01f
 q k1 = k0 + 12582912.0f
 q n = k1 - 12582912.0f
 q r1 = x - n * 4.3319702e-02f
 q r = r1 - n * 1.9967556e-06f
 q rl = n * -1.1904089e-10f
 q c0 = r + 3072.0f
 q c = c0 - 3072.0f
 q d0 = r - c
 q d = d0 - rl
 q v = c + d
 q p0 = v * 8.333334e-03f
 q p1 = p0 + 4.1666668e-02f
 q p2 = v * p1
 q p3 = p2 + 1.6666667e-01f
 q p4 = v * p3
 q p5 = p4 + 0.5f
 q vv = v * v
 q p = vv * p5
 let k = bitcast<i32>(bitcast<u32>(k1) - 0x4b400000u);
 let b0 = (k & 1) != 0;
 let b1 = (k & 2) != 0;
 let b2 = (k & 4) != 0;
 let b3 = (k & 8) != 0;
 let hb = select(
  select(select(select(0x3f800000u, 0x3f85b000u, b0), select(0x3f8b9000u, 0x3f91c000u, b0), b1),
   select(select(0x3f983000u, 0x3f9ef000u, b0), select(0x3fa60000u, 0x3fad6000u, b0), b1), b2),
  select(select(select(0x3fb50000u, 0x3fbd1000u, b0), select(0x3fc56000u, 0x3fce2000u, b0), b1),
   select(select(0x3fd74000u, 0x3fe0d000u, b0), select(0x3feac000u, 0x3ff52000u, b0), b1), b2), b3);
 let lb = select(
  select(select(select(0x0u, 0xb9279306u, b0), select(0x39383c7du, 0x38f4dcebu, b0), b1),
   select(select(0x397e0a32u, 0x39264c12u, b0), select(0xb814ab27u, 0xb97822b8u, b0), b1), b2),
  select(select(select(0x391e667fu, 0xb96b8c15u, b0), select(0x3965422bu, 0x391182a4u, b0), b1),
   select(select(0x391f995bu, 0xb8c844f5u, b0), select(0x37c6e7ddu, 0x392fa2a5u, b0), b1), b2), b3);
 let h = bitcast<f32>(hb ^ z);
 let l = bitcast<f32>(lb ^ z);
 q u = h * c
 q s = h + u
 q s0 = s - h
 q e = u - s0
 q w = p + d
 q hw = h * w
 q vp = v + p
 q l0 = l * vp
 q l1 = l + l0
 q l2 = hw + l1
 q low = e + l2
 q lower = low - 2.0e-10f
 q upper = low + 2.0e-10f
 q y0 = s + lower
 q y1 = s + upper
 let whole = k >> 4u;
 var y = bitcast<u32>(y0) + (bitcast<u32>(whole) << 23u);
 let fits = size >= 0x32800000u && size <= select(0x42b17217u, 0x42d00000u, neg);
 let settled = !fits || (bitcast<u32>(y0) == bitcast<u32>(y1) && !(neg && size > 0x42aea000u));
 var turns = select(18u, 0u, settled);
 let kk = (k - 1) >> 4u;
 let m = (a & 0x7fffffu) | 0x800000u;
 let sh = (size >> 23u) - 86u;
 let xl = select(m << (sh & 31u), 0u, sh >= 32u);
 let xh = select(m >> ((32u - sh) & 31u), m << (sh & 31u), sh >= 32u);
 let fl = select(xl, 0u - xl, neg);
 let fh = select(xh, ~xh + select(0u, 1u, xl == 0u), neg);
 let t = gw_mulwide(bitcast<u32>(kk), 0xd1cf79acu);
 let th = t.hi + bitcast<u32>(kk) * 0xb17217f7u - select(0u, 0xd1cf79acu, kk < 0);
 let g = gw_u64(fh - th - select(0u, 1u, fl < t.lo), fl - t.lo);
 var sum = gw_u64(0x40000000u, 0u);
 loop {
  if (turns == 0u) { break; }
  let f = gw_mul64(g, sum);
  let a1 = f.hi >> 16u;
  let q1 = gl_over(a1, turns);
  let a2 = ((a1 - q1 * turns) << 16u) | (f.hi & 0xffffu);
  let q2 = gl_over(a2, turns);
  let a3 = ((a2 - q2 * turns) << 16u) | (f.lo >> 16u);
  let q3 = gl_over(a3, turns);
  let a4 = ((a3 - q3 * turns) << 16u) | (f.lo & 0xffffu);
  let q4 = gl_over(a4, turns);
  sum = gw_u64(0x40000000u + ((q1 << 16u) | q2), (q3 << 16u) | q4);
  turns = turns - 1u;
 }
 cut_loops = cut_loops | turns;
 let carry = sum.hi >= 0x80000000u;
 let top = select((sum.hi << 1u) | (sum.lo >> 31u), sum.hi, carry) | select(0u, 1u, (sum.lo << 1u) != 0u);
 y = select(gw_pack(0u, kk + select(127, 128, carry), top), y, settled);
 let flat = select(select(0x7f800000u, 0u, neg), 0x3f800000u, size < 0x32800000u);
 return select(select(flat, y, fits), 0x7fc00000u, size > 0x7f800000u);
}
`

var fencedLine = regexp.MustCompile(`(?m)^ q (\w+) = (.*)$`)

// expFunctions is expText with its fences written out.
func expFunctions() string {
	return strings.TrimPrefix(fencedLine.ReplaceAllString(expText, " let $1 = bitcast<f32>(bitcast<u32>($2) ^ z);"), "\n")
}

// cutLoops is a variable that is not zero at the end if the driver has left a loop of a function here on its own account.
const cutLoops = "var<private> cut_loops: u32;\n"
