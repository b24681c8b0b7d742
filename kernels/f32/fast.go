package f32

import "math"

// What is in this file is evaluated in binary64 and never decides a result alone: settled does, with a margin of 2^9
// units of binary64's last place, while every evaluation here errs by fewer than 2^7. So a compiler that fuses a product and a sum
// (Go may on some processors) changes no result. Products that must be exact are, fused or not.

// settled reports whether rounding y to binary32 is right for every value within 2^9 units of y's last place: y lies in the
// normal range of binary32 and its 29 bits below binary32's last place are not that near to a half (Ziv's test, ACM
// TOMS 17, 1991). It fails for about one random y in 2^19, for subnormal results and for NaN.
func settled(y float64) bool {
	u := math.Float64bits(y)
	e := uint32(u>>52) & 0x7ff
	return e-897 < 512 && (uint32(u)&0x1fffffff)-(0x10000000-512) > 1024
}

// unsettled is what an evaluation gives to have the value computed exactly.
const unsettled = 0

// roundTurn added to a double below 2^51 in size leaves the nearest integer in its low bits.
const roundTurn = 0x1.8p52

// powers is 2^(i/32).
var powers = [32]float64{
	1.0, 1.0218971486541166, 1.0442737824274138, 1.0671404006768237,
	1.0905077326652577, 1.1143867425958924, 1.1387886347566916, 1.1637248587775775,
	1.189207115002721, 1.215247359980469, 1.241857812073484, 1.2690509571917332,
	1.2968395546510096, 1.3252366431597413, 1.3542555469368927, 1.383909881963832,
	1.4142135623730951, 1.4451808069770467, 1.4768261459394993, 1.5091644275934228,
	1.5422108254079407, 1.5759808451078865, 1.6104903319492543, 1.645755478153965,
	1.681792830507429, 1.718619298122478, 1.7562521603732995, 1.7947090750031072,
	1.8340080864093424, 1.8741676341103, 1.9152065613971474, 1.9571441241754002,
}

// scaled is powers[k mod 32] * (1+p) * 2^(k/32 rounded down).
func scaled(k int32, p float64) float64 {
	t := powers[k&31]
	return math.Float64frombits(math.Float64bits(t+t*p) + uint64(int64(k>>5))<<52)
}

// expTail is e^r - 1 for r up to ln(2)/64 in size, with an error below 2^-52 (degree 5).
func expTail(r float64) float64 {
	return r * (1 + r*(0.49999999999400435+r*(0.16666666666581015+r*(0.0416668707171168+r*0.008333362483384042))))
}

// exp is e^x for x up to 200 in size: x = k*ln(2)/32 + r, ln(2)/32 in two parts of which the first has 40 bits, so that its
// product with k is exact.
func exp(x float64) float64 {
	t := x*46.16624130844683 + roundTurn
	n := t - roundTurn
	r := (x - n*0.021660849392475257) - n*2.303438301614937e-14
	return scaled(int32(math.Float64bits(t)), expTail(r))
}

// exp2 is 2^x for x up to 200 in size.
func exp2(x float64) float64 {
	t := x*32 + roundTurn
	n := t - roundTurn
	return scaled(int32(math.Float64bits(t)), expTail((x-n*0x1p-5)*0.6931471805599453))
}

// logRow is a factor r/256 that brings a significand near 1 and minus its logarithm, that of twice the factor for
// significands above 1.40625.
type logRow struct {
	r uint32
	l float64
}

// logTable is indexed by the first five bits after the point of the significand.
var logTable = [32]logRow{
	{256, 0.0},
	{245, 0.04391923393483549},
	{237, 0.07711730334443129},
	{231, 0.10275973395776894},
	{224, 0.13353139262452263},
	{218, 0.16068238169047347},
	{213, 0.18388527877013736},
	{207, 0.2124586512141934},
	{202, 0.2369097470783577},
	{197, 0.26197371574157396},
	{193, 0.2824872555746769},
	{188, 0.3087354816496133},
	{184, 0.33024168687057687},
	{180, -0.3409265869705932},
	{176, -0.3184537311185346},
	{172, -0.2954642128938359},
	{169, -0.2778684510034563},
	{165, -0.25391520998096345},
	{162, -0.2355660713127669},
	{159, -0.21687393830061436},
	{156, -0.19782574332991987},
	{153, -0.1784076574728183},
	{150, -0.15860503017663857},
	{148, -0.1451820098444979},
	{145, -0.12470347850095724},
	{142, -0.10379679368164356},
	{140, -0.08961215868968714},
	{138, -0.07522342123758753},
	{135, -0.053244514518812285},
	{133, -0.0383188643021366},
	{131, -0.02316705928153438},
	{128, 0.0},
}

// logTail is log(1+t) for t from -0.0164 to 1/32, with a relative error below 2^-51 (degree 8).
func logTail(t float64) float64 {
	return t * (1 + t*(-0.5000000000000173+t*(0.33333333332908516+t*(-0.2499999995816412+t*(0.2000000337139304+
		t*(-0.16666961278862039+t*(0.14281673031522002+t*-0.11870029724577652)))))))
}

// logParts is a logarithm as e*ln(2) + f.
type logParts struct{ e, f float64 }

// logSplit takes apart the logarithm of a positive normal binary32 number given by its bits. The reduced operand is exact.
func logSplit(u uint32) logParts {
	m := (u & 0x7fffff) | 0x800000
	i := (m >> 18) & 31
	e := int32(u>>23) - 127
	if i >= 13 {
		e++
	}
	t := float64(int32(m*logTable[i].r-0x80000000)) * 0x1p-31
	return logParts{float64(e), logTable[i].l + logTail(t)}
}

// log1p is log(1+v) for v >= 0.
func log1p(v float64) float64 {
	if v < 0x1p-5 {
		return logTail(v)
	}
	u := math.Float64bits(1 + v)
	i := uint32(u>>47) & 31
	e := int32(u>>52) - 1023
	if i >= 13 {
		e++
	}
	m := math.Float64frombits((u & 0xfffffffffffff) | 0x3ff0000000000000)
	return float64(e)*0.6931471805599453 + (logTable[i].l + logTail(m*(float64(logTable[i].r)*0x1p-8)-1))
}

// twoOverPi is 2/pi in words, after one word of zeros.
var twoOverPi = [9]uint32{0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561}

// window is the 32 bits of twoOverPi from bit at on.
func window(at uint32) uint64 {
	i := at >> 5
	return ((uint64(twoOverPi[i])<<32 | uint64(twoOverPi[i+1])) >> ((32 - (at & 31)) & 63)) & 0xffffffff
}

// angle is q*pi/2 + r; ok is false if r is so small that too few of its bits are right.
type angle struct {
	q  uint32
	r  float64
	ok bool
}

// reduce takes multiples of pi/2 from a positive finite binary32 number given by its bits. Below 2^20 pi/2 is in two
// parts, of which the first has 33 bits and an exact product (Cody and Waite); from there on 96 bits of 2/pi are
// multiplied in integers (Payne and Hanek, SIGNUM 18, 1983), those that weigh 2 or less in the product.
func reduce(u uint32) angle {
	x := float64(math.Float32frombits(u))
	if u < 0x3f490fdb {
		return angle{0, x, true}
	}
	if u < 0x49800000 {
		t := x*0.6366197723675814 + roundTurn
		n := t - roundTurn
		r := (x - n*1.5707963267341256) - n*6.077100506506192e-11
		return angle{uint32(math.Float64bits(t)), r, math.Abs(r) > 0x1p-15}
	}
	m := uint64((u & 0x7fffff) | 0x800000)
	at := (u >> 23) - 120
	v := m*(window(at)<<32|window(at+32)) + (m*window(at+64))>>32
	f := float64(int64(v<<2)) * 0x1p-64
	return angle{uint32((v>>61)+1) >> 1, f * 1.5707963267948966, math.Abs(f) > 0x1p-13}
}

// sinTail is sin r for r up to pi/4 in size, with a relative error below 2^-51 (degree 13).
func sinTail(r float64) float64 {
	z := r * r
	return r + r*z*(-0.16666666666666666+z*(0.008333333333330936+z*(-0.00019841269836740532+z*(2.7557316093198404e-06+
		z*(-2.5051129896450185e-08+z*1.5917988979397435e-10)))))
}

// cosTail is cos r for r up to pi/4 in size, with an error below 2^-52 (degree 14).
func cosTail(r float64) float64 {
	z := r * r
	return 1 + z*(-0.5+z*(0.04166666666666664+z*(-0.0013888888888880734+z*(2.480158729366189e-05+z*(-2.7557315555381283e-07+
		z*(2.0875885001628906e-09+z*-1.136789634714201e-11))))))
}

// sinTurned is the sine of the angle plus turns*pi/2.
func sinTurned(a angle, turns uint32) float64 {
	if !a.ok {
		return unsettled
	}
	q := a.q + turns
	y := sinTail(a.r)
	if q&1 != 0 {
		y = cosTail(a.r)
	}
	if q&2 != 0 {
		return -y
	}
	return y
}

// atanTable is the arc tangents of 0, 1/8 ... 1.
var atanTable = [9]float64{0, 0.12435499454676144, 0.24497866312686414, 0.35877067027057225, 0.4636476090008061,
	0.5585993153435624, 0.6435011087932844, 0.7188299996216245, 0.7853981633974483}

// atanBelow is atan(a/b) for 0 < a <= b: with c = i/8 near a/b, atan c + atan((a-cb)/(b+ca)); the polynomial (degree 11)
// has a relative error below 2^-60.
func atanBelow(a, b float64) float64 {
	i := uint32(a/b*8 + 0.5)
	c := float64(i) * 0.125
	u := (a - c*b) / (b + c*a)
	z := u * u
	return atanTable[i] + (u + u*z*(-0.3333333333333332+z*(0.19999999999812293+z*(-0.1428571390868877+
		z*(0.11110845945876831+z*-0.09014714423265567)))))
}

// atanRatio is atan(a/b) for positive a and b.
func atanRatio(a, b float64) float64 {
	if a > b {
		return 1.5707963267948966 - atanBelow(b, a)
	}
	return atanBelow(a, b)
}
