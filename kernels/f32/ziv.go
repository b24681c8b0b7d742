package f32

import "math"

// decide rounds y, whose relative error is below 2^-slack, to binary32. ok is false if that error could change the
// result (Ziv's test): the caller then computes the value more precisely.
func decide(y float64, slack int) (r float32, ok bool) {
	d := math.Ldexp(math.Abs(y), -slack) + 0x1p-1000
	lo, hi := float32(y-d), float32(y+d)
	return lo, math.Float32bits(lo) == math.Float32bits(hi)
}
