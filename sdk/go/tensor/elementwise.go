package tensor

import (
	"math"

	"github.com/gwrun/gwrun/sdk/go/lib"
)

// like makes a tensor of x's shape, after checking that x can be used.
func like(op string, x *Tensor) *Tensor {
	x.want(op, "x", F32)
	return newTensor(op, F32, x.shape...)
}

func size(t *Tensor) uint32 { return uint32(t.Count()) }

// Add is x + y, of equal shapes.
func Add(x, y *Tensor) *Tensor {
	z := like("add", x)
	y.want("add", "y", F32, x.shape...)
	run(lib.Add{N: size(x)}, x, y, z)
	return z
}

// Mul is x y, element by element, of equal shapes.
func Mul(x, y *Tensor) *Tensor {
	z := like("mul", x)
	y.want("mul", "y", F32, x.shape...)
	run(lib.Mul{N: size(x)}, x, y, z)
	return z
}

// Scale is a x.
func Scale(x *Tensor, a float32) *Tensor {
	y := like("scale", x)
	run(lib.Scale{N: size(x), A: a}, x, y)
	return y
}

// Axpy is a x + y, of equal shapes.
func Axpy(a float32, x, y *Tensor) *Tensor {
	z := like("axpy", x)
	y.want("axpy", "y", F32, x.shape...)
	run(lib.Axpy{N: size(x), A: a}, x, y, z)
	return z
}

// BiasAdd adds b [n] to every row of x.
func BiasAdd(x, b *Tensor) *Tensor {
	y := like("bias_add", x)
	rows, n := x.lines()
	b.want("bias_add", "b", F32, n)
	run(lib.BiasAdd{Rows: uint32(rows), N: uint32(n)}, x, b, y)
	return y
}

func (a Activation) check(op string) uint32 {
	if a < ReLU || a > Sigmoid {
		fail(op, "activation %d, want %d to %d", a, ReLU, Sigmoid)
	}
	return uint32(a)
}

// Activate is the activation of every element.
func Activate(x *Tensor, kind Activation) *Tensor {
	y := like("activate", x)
	run(lib.Activate{N: size(x), Activation: kind.check("activate")}, x, y)
	return y
}

// ActivateGrad is the gradient of Activate for x, which is what Activate was given.
func ActivateGrad(x, dy *Tensor, kind Activation) *Tensor {
	dx := like("activate_grad", x)
	dy.want("activate_grad", "dy", F32, x.shape...)
	run(lib.ActivateGrad{N: size(x), Activation: kind.check("activate_grad")}, x, dy, dx)
	return dx
}

// BroadcastRows makes rows of n from v: every element of row r is factor v[r].
func BroadcastRows(v *Tensor, n int, factor float32) *Tensor {
	v.want("broadcast_rows", "v", F32, v.Count())
	y := newTensor("broadcast_rows", F32, v.Count(), n)
	run(lib.Broadcast{Rows: size(v), N: uint32(n), Factor: factor}, v, y)
	return y
}

// BroadcastColumns makes rows of v: every row is factor v.
func BroadcastColumns(v *Tensor, rows int, factor float32) *Tensor {
	v.want("broadcast_columns", "v", F32, v.Count())
	y := newTensor("broadcast_columns", F32, rows, v.Count())
	run(lib.Broadcast{Rows: uint32(rows), N: size(v), Factor: factor, Columns: true}, v, y)
	return y
}

// Scatter makes rows of n: v[r] in column index[r] (u32) of row r, 0 elsewhere.
func Scatter(v, index *Tensor, n int) *Tensor {
	v.want("scatter", "v", F32, v.Count())
	index.want("scatter", "index", U32, v.shape...)
	y := newTensor("scatter", F32, v.Count(), n)
	run(lib.Scatter{Rows: size(v), N: uint32(n)}, v, index, y)
	return y
}

// Clip scales g down in place to the norm limit; squares [1] is SumSquares of all gradients, added up.
func Clip(g, squares *Tensor, limit float32) {
	g.want("clip", "g", F32)
	squares.want("clip", "squares", F32, 1)
	run(lib.Clip{N: size(g), Limit: limit}, squares, g)
}

// Dropout drops elements with probability p, from 0 up to 1, and scales the others by 1 / (1 - p). Different streams of one
// seed are independent.
func Dropout(x *Tensor, p float32, seed uint64, stream uint32) *Tensor {
	if !(p >= 0 && p < 1) {
		fail("dropout", "a probability of %v, want one from 0 up to 1", p)
	}
	y := like("dropout", x)
	run(lib.Dropout{N: size(x), Stream: stream, SeedLow: uint32(seed), SeedHigh: uint32(seed >> 32),
		Below: uint32(math.Floor(float64(p) * (1 << 32))), Factor: float32(1 / (1 - float64(p)))}, x, y)
	return y
}

// RandomUniform gives numbers from low up to high.
func RandomUniform(low, high float32, seed uint64, stream uint32, shape ...int) *Tensor {
	return random("random_uniform", 0, low, high-low, seed, stream, shape)
}

// RandomNormal gives normally distributed numbers.
func RandomNormal(mean, deviation float32, seed uint64, stream uint32, shape ...int) *Tensor {
	return random("random_normal", 1, mean, deviation, seed, stream, shape)
}

func random(op string, distribution uint32, a, b float32, seed uint64, stream uint32, shape []int) *Tensor {
	y := newTensor(op, F32, shape...)
	run(lib.Random{N: size(y), Stream: stream, SeedLow: uint32(seed), SeedHigh: uint32(seed >> 32), A: a, B: b, Distribution: distribution}, y)
	return y
}

// ToBF16 rounds to bf16: u32 [ceil(count / 2)], two in a word.
func ToBF16(x *Tensor) *Tensor {
	x.want("to_bf16", "x", F32)
	y := newTensor("to_bf16", U32, (x.Count()+1)/2)
	run(lib.F32ToBf16{N: size(x)}, x, y)
	return y
}

// FromBF16 gives the numbers of a shape from words of two bf16.
func FromBF16(words *Tensor, shape ...int) *Tensor {
	n := count("from_bf16", shape)
	words.want("from_bf16", "the tensor of words", U32, (n+1)/2)
	y := newTensor("from_bf16", F32, shape...)
	run(lib.Bf16ToF32{N: uint32(n)}, words, y)
	return y
}
