package lower

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gwrun/gwrun/kernels/lower/libm"
)

// prelude is the WGSL of the functions named in uses and of all they call. Names with gl_ are this package's, names
// with gw_ those of package libm; the rest are WGSL's own.
func prelude(uses map[string]bool) (string, error) {
	want := map[string]bool{}
	var need func(name string)
	need = func(name string) {
		if want[name] {
			return
		}
		want[name] = true
		for _, callee := range called.FindAllString(functions[name], -1) {
			need(callee)
		}
	}
	for name := range uses {
		if called.MatchString(name) {
			need(name)
		}
	}
	var own, soft []string
	for name := range want {
		if strings.HasPrefix(name, "gw_") {
			soft = append(soft, name)
		} else {
			own = append(own, name)
		}
	}
	slices.Sort(own)
	slices.Sort(soft)
	var b strings.Builder
	for _, name := range soft {
		if !slices.Contains(libm.Names(), name) {
			return "", fmt.Errorf("the library has no function %s", name)
		}
	}
	if len(soft) > 0 {
		b.WriteString(libm.Source(soft...))
	}
	if want["gl_exp"] {
		b.WriteString(cutLoops)
	}
	for _, name := range own {
		b.WriteString(functions[name])
	}
	return b.String(), nil
}

var called = regexp.MustCompile(`\bg[lw]_[a-z0-9_]+`)

// functions are this package's own, by name. All take and give bits. None relies on more than WGSL promises, but for
// the sums and products of the guarded ones.
var functions = map[string]string{}

func init() {
	for _, text := range []string{integerFunctions, compareFunctions, roundFunctions, convertFunctions, divideFunctions,
		guardFunctions, expFunctions()} {
		for _, fn := range strings.SplitAfter(text, "\n}\n") {
			if name := called.FindString(fn); name != "" {
				functions[name] = strings.TrimLeft(fn, "\n")
			}
		}
	}
}

const integerFunctions = `
fn gl_i32(a: u32) -> i32 {
 return bitcast<i32>(a);
}
fn gl_udiv(a: u32, b: u32) -> u32 {
 return a / select(b, 1u, b == 0u);
}
fn gl_urem(a: u32, b: u32) -> u32 {
 return a % select(b, 1u, b == 0u);
}
fn gl_sdiv(a: u32, b: u32) -> u32 {
 let d = select(b, 1u, b == 0u || (a == 0x80000000u && b == 0xffffffffu));
 return bitcast<u32>(bitcast<i32>(a) / bitcast<i32>(d));
}
fn gl_srem(a: u32, b: u32) -> u32 {
 let sa = a >> 31u;
 let m = select(a, 0u - a, sa != 0u);
 let d = select(b, 0u - b, b > 0x80000000u);
 let r = m % select(d, 1u, d == 0u);
 return select(r, 0u - r, sa != 0u);
}
fn gl_shrs(a: u32, b: u32) -> u32 {
 return bitcast<u32>(bitcast<i32>(a) >> (b & 31u));
}
fn gl_smin(a: u32, b: u32) -> u32 {
 return bitcast<u32>(min(bitcast<i32>(a), bitcast<i32>(b)));
}
fn gl_smax(a: u32, b: u32) -> u32 {
 return bitcast<u32>(max(bitcast<i32>(a), bitcast<i32>(b)));
}
fn gl_ctz(a: u32) -> u32 {
 return countOneBits(~a & (a - 1u));
}
fn gl_slt(a: u32, b: u32) -> bool {
 return bitcast<i32>(a) < bitcast<i32>(b);
}
fn gl_sle(a: u32, b: u32) -> bool {
 return bitcast<i32>(a) <= bitcast<i32>(b);
}
`

const compareFunctions = `
fn gl_plus(a: u32) -> u32 {
 return select(a, 0u, (a << 1u) == 0u);
}
fn gl_canon(a: u32) -> u32 {
 return select(a, 0x7fc00000u, (a & 0x7fffffffu) > 0x7f800000u);
}
fn gl_key(a: u32) -> i32 {
 return select(bitcast<i32>(a), 0 - bitcast<i32>(a & 0x7fffffffu), a >= 0x80000000u);
}
fn gl_ordered(a: u32, b: u32) -> bool {
 return max(a & 0x7fffffffu, b & 0x7fffffffu) <= 0x7f800000u;
}
fn gl_feq(a: u32, b: u32) -> bool {
 return (a == b && (a & 0x7fffffffu) <= 0x7f800000u) || ((a | b) << 1u) == 0u;
}
fn gl_flt(a: u32, b: u32) -> bool {
 return gl_ordered(a, b) && gl_key(a) < gl_key(b);
}
fn gl_fle(a: u32, b: u32) -> bool {
 return gl_ordered(a, b) && gl_key(a) <= gl_key(b);
}
fn gl_rank(a: u32) -> u32 {
 return select(a | 0x80000000u, ~a, a >= 0x80000000u);
}
fn gl_pick(a: u32, b: u32, first: bool) -> u32 {
 let na = (a & 0x7fffffffu) > 0x7f800000u;
 let nb = (b & 0x7fffffffu) > 0x7f800000u;
 let one = select(b, a, (first && !na) || nb);
 return select(one, 0x7fc00000u, na && nb);
}
fn gl_fmin(a: u32, b: u32) -> u32 {
 return gl_pick(a, b, gl_rank(a) < gl_rank(b));
}
fn gl_fmax(a: u32, b: u32) -> u32 {
 return gl_pick(a, b, gl_rank(a) >= gl_rank(b));
}
`

// Rounding to an integer clears the bits of the significand below the point, m, after adding what may carry.
const roundFunctions = `
fn gl_ftrunc(x: u32) -> u32 {
 let e = (x >> 23u) & 255u;
 if (e >= 150u) { return gl_canon(x); }
 if (e < 127u) { return x & 0x80000000u; }
 return x & ~(0x7fffffu >> (e - 127u));
}
fn gl_away(x: u32, up: bool) -> u32 {
 let e = (x >> 23u) & 255u;
 if (e >= 150u) { return gl_canon(x); }
 if ((x << 1u) == 0u) { return x; }
 let s = x & 0x80000000u;
 if (e < 127u) { return select(s, s | 0x3f800000u, up); }
 let m = 0x7fffffu >> (e - 127u);
 return select(x, x + m, up) & ~m;
}
fn gl_ffloor(x: u32) -> u32 {
 return gl_away(x, x >= 0x80000000u);
}
fn gl_fceil(x: u32) -> u32 {
 return gl_away(x, x < 0x80000000u);
}
fn gl_fround(x: u32) -> u32 {
 let e = (x >> 23u) & 255u;
 if (e >= 150u) { return gl_canon(x); }
 let s = x & 0x80000000u;
 if (e < 127u) { return select(s, s | 0x3f800000u, (x & 0x7fffffffu) > 0x3f000000u); }
 let m = 0x7fffffu >> (e - 127u);
 let odd = (x >> (150u - e)) & 1u;
 return (x + (m >> 1u) + odd) & ~m;
}
`

const convertFunctions = `
fn gl_utof(a: u32) -> u32 {
 let n = countLeadingZeros(a);
 let w = a << (n & 31u);
 let m = w >> 8u;
 let up = ((w & 255u) + (m & 1u) + 127u) >> 8u;
 return select(((157u - n) << 23u) + m + up, 0u, a == 0u);
}
fn gl_stof(a: u32) -> u32 {
 let s = a & 0x80000000u;
 return s | gl_utof(select(a, 0u - a, s != 0u));
}
fn gl_whole(x: u32) -> u32 {
 let e = (x >> 23u) & 255u;
 let m = (x & 0x7fffffu) | 0x800000u;
 return select(select(m >> ((150u - e) & 31u), m << ((e - 150u) & 31u), e >= 150u), 0u, e < 127u);
}
fn gl_ftou(x: u32) -> u32 {
 if (x >= 0x4f800000u) { return select(0u, 0xffffffffu, x <= 0x7f800000u); }
 return gl_whole(x);
}
fn gl_ftos(x: u32) -> u32 {
 let a = x & 0x7fffffffu;
 let s = x >> 31u;
 if (a >= 0x4f000000u) { return select(0u, 0x7fffffffu + s, a <= 0x7f800000u); }
 let w = gl_whole(a);
 return select(w, 0u - w, s != 0u);
}
`

// Division and square root ask the adapter for an estimate and then work out the remainder in integers, modulo 2^32,
// which is enough as long as the estimate of the 25-bit result is off by less than 127 (division) or 31 (root) units:
// 32 times, or 4 times, the worst that WGSL allows an adapter. The result is exact whatever the estimate was within that.
const divideFunctions = `
fn gl_ndiv(a: u32, b: u32) -> u32 {
 let s = (a ^ b) & 0x80000000u;
 let xa = a & 0x7fffffffu;
 let xb = b & 0x7fffffffu;
 if (max(xa, xb) > 0x7f800000u || (xa == xb && (xa == 0u || xa == 0x7f800000u))) { return 0x7fc00000u; }
 if (xa == 0x7f800000u || xb == 0u) { return s | 0x7f800000u; }
 if (xa == 0u || xb == 0x7f800000u) { return s; }
 let na = max(countLeadingZeros(xa), 8u) - 8u;
 let nb = max(countLeadingZeros(xb), 8u) - 8u;
 let la = select(0u, na, xa < 0x800000u);
 let lb = select(0u, nb, xb < 0x800000u);
 let ma = select((xa & 0x7fffffu) | 0x800000u, xa << (la & 31u), xa < 0x800000u);
 let mb = select((xb & 0x7fffffu) | 0x800000u, xb << (lb & 31u), xb < 0x800000u);
 let ea = select(bitcast<i32>(xa >> 23u), 1 - bitcast<i32>(la), xa < 0x800000u);
 let eb = select(bitcast<i32>(xb >> 23u), 1 - bitcast<i32>(lb), xb < 0x800000u);
 let less = ma < mb;
 let e = ea - eb + select(127, 126, less);
 let scale = select(16777216.0, 33554432.0, less);
 let est = f32(ma) / f32(mb) * scale;
 var q = clamp(u32(est), 0x1000000u, 0x1ffffffu);
 var r = bitcast<i32>((ma << select(24u, 25u, less)) - q * mb);
 let d = bitcast<i32>(mb);
 let c = clamp(i32(f32(r) / f32(mb)), -200, 200);
 q = q + bitcast<u32>(c);
 r = r - c * d;
 if (r < 0) {
  q = q - 1u;
  r = r + d;
 }
 if (r >= d) {
  q = q + 1u;
  r = r - d;
 }
 let w = (q << 1u) | select(0u, 1u, r != 0);
 let sh = bitcast<u32>(2 + clamp(1 - e, 0, 25));
 let keep = w >> sh;
 let rest = w & ((1u << sh) - 1u);
 let half = 1u << (sh - 1u);
 let up = select(0u, 1u, rest > half || (rest == half && (keep & 1u) != 0u));
 let top = select(0u, bitcast<u32>(e - 1) << 23u, e > 0);
 return s | min(keep + up + top, 0x7f800000u);
}
fn gl_nsqrt(x: u32) -> u32 {
 if ((x << 1u) == 0u) { return x; }
 if (x == 0x7f800000u) { return x; }
 if (x > 0x7f800000u) { return 0x7fc00000u; }
 let n = max(countLeadingZeros(x), 8u) - 8u;
 let small = x < 0x800000u;
 let m0 = select((x & 0x7fffffu) | 0x800000u, x << (n & 31u), small);
 let e = select(bitcast<i32>(x >> 23u), 1 - bitcast<i32>(n), small) - 127;
 let odd = bitcast<u32>(e) & 1u;
 let m = m0 << odd;
 let h = (e - bitcast<i32>(odd)) / 2;
 var q = clamp(u32(sqrt(f32(m << 1u)) * 4096.0), 0x1000000u, 0x1ffffffu);
 var r = bitcast<i32>((m << 25u) - q * q);
 let c = clamp(i32(f32(r) / f32(q << 1u)), -40, 40);
 r = r - c * (bitcast<i32>(q << 1u) + c);
 q = q + bitcast<u32>(c);
 if (r < 0) {
  q = q - 1u;
  r = r + bitcast<i32>((q << 1u) + 1u);
 }
 if (r < 0) {
  q = q - 1u;
  r = r + bitcast<i32>((q << 1u) + 1u);
 }
 if (r > bitcast<i32>(q << 1u)) {
  r = r - bitcast<i32>((q << 1u) + 1u);
  q = q + 1u;
 }
 let up = select(0u, 1u, (q & 1u) != 0u && (r != 0 || (q & 2u) != 0u));
 return (bitcast<u32>(h + 126) << 23u) + (q >> 1u) + up;
}
`

// The guarded operators let the adapter compute and repair what it may have flushed.
//
// A sum needs that only where both operands are below 2^-60: next to a larger one a subnormal changes nothing, and no
// sum of a larger one comes near the subnormal range but an exact zero. Then both are scaled up by 2^64, which makes
// them normal, and the sum, which is right, down again: that is exact, since a sum below the least normal number is
// a multiple of the least subnormal one.
//
// A product is done over in integers if an operand is subnormal or it comes out with the smallest exponent of a normal
// number or less; the exact zeros of zero operands are not worth that. (x << 1) - 1 is below 0xffffff for subnormal x
// alone: zero wraps around.
const guardFunctions = `
fn gl_up(a: u32) -> u32 {
 let m = a & 0x7fffffffu;
 let low = select(bitcast<u32>(f32(m)) - 0x2a800000u, 0u, m == 0u);
 return (a & 0x80000000u) | select(m + 0x20000000u, low, m < 0x800000u);
}
fn gl_down(a: u32) -> u32 {
 let m = a & 0x7fffffffu;
 let low = u32(bitcast<f32>(min(m, 0x20800000u) + 0x2a800000u));
 return (a & 0x80000000u) | select(m - 0x20000000u, low, m < 0x20800000u);
}
fn gl_gadd(a: u32, b: u32) -> u32 {
 var r = bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b));
 if (max(a << 1u, b << 1u) < 0x43000000u) {
  r = gl_down(bitcast<u32>(bitcast<f32>(gl_up(a)) + bitcast<f32>(gl_up(b))));
 }
 return r;
}
fn gl_gsub(a: u32, b: u32) -> u32 {
 var r = bitcast<u32>(bitcast<f32>(a) - bitcast<f32>(b));
 if (max(a << 1u, b << 1u) < 0x43000000u) {
  r = gl_down(bitcast<u32>(bitcast<f32>(gl_up(a)) - bitcast<f32>(gl_up(b))));
 }
 return r;
}
fn gl_small(a: u32, b: u32) -> u32 {
 let x = a & 0x7fffffffu;
 let y = b & 0x7fffffffu;
 let dx = x < 0x800000u;
 let dy = y < 0x800000u;
 let f = select(x, bitcast<u32>(f32(x)) - 0x4a800000u, dx);
 let g = select(y, bitcast<u32>(f32(y)) - 0x4a800000u, dy);
 let u = (f & 0x7fffffu) | 0x800000u;
 let v = (g & 0x7fffffu) | 0x800000u;
 let p = bitcast<u32>(bitcast<f32>(u + 0x3f000000u) * bitcast<f32>(v + 0x3f000000u));
 let e = (bitcast<i32>(f) >> 23u) + (bitcast<i32>(g) >> 23u) + bitcast<i32>(p >> 23u) - 254;
 let w = (p & 0x7fffffu) | 0x800000u;
 let rest = bitcast<i32>(u * v - (w << ((p >> 23u) - 104u)));
 let k = bitcast<u32>(clamp(1 - e, 1, 25));
 let low = ((w & ((1u << k) - 1u)) << 2u) + select(select(1u, 2u, rest == 0), 3u, rest > 0) - 2u;
 let r = w >> k;
 let up = select(0u, 1u, bitcast<i32>(low) + bitcast<i32>(r & select(0u, 1u, rest == 0)) > bitcast<i32>(2u << k));
 let finite = select(r + up, (p & 0x7fffffu) + (bitcast<u32>(e) << 23u), e > 0);
 let big = max(x, y);
 let any = select(select(finite, 0x7f800000u, big == 0x7f800000u), 0u, x == 0u || y == 0u);
 let wrong = big > 0x7f800000u || (big == 0x7f800000u && min(x, y) == 0u);
 return select(((a ^ b) & 0x80000000u) | any, 0x7fc00000u, wrong);
}
fn gl_gmul(a: u32, b: u32) -> u32 {
 var r = bitcast<u32>(bitcast<f32>(a) * bitcast<f32>(b));
 if (min((a << 1u) - 1u, (b << 1u) - 1u) < 0x00ffffffu || ((r << 1u) < 0x02000000u && (a << 1u) != 0u && (b << 1u) != 0u)) {
  r = gl_small(a, b);
 }
 return r;
}
`
