package tensor

import "github.com/gwrun/gwrun/sdk/go/lib"

// Activation is a function of one number.
type Activation uint32

// The activations.
const (
	None Activation = iota
	ReLU
	GELU
	SiLU
	Tanh
	Sigmoid
)

// MatMulOptions change a product.
type MatMulOptions struct {
	TransposeA bool    // a is [k, m]
	TransposeB bool    // b is [n, k]
	Bias       *Tensor // [n], added to every row
	Activation Activation
	// Into is added to the product, and has the result: activation(Into + a b + bias).
	Into *Tensor
}

// MatMul is a [m, k] times b [k, n]: [m, n]. a may have a batch in front, [z, m, k]; b then is [z, k, n] or, for all, [k, n].
func MatMul(a, b *Tensor) *Tensor { return MatMulWith(a, b, MatMulOptions{}) }

// MatMulWith is MatMul with options.
func MatMulWith(a, b *Tensor, o MatMulOptions) *Tensor {
	const op = "matmul"
	a.want(op, "a", F32)
	b.want(op, "b", F32)
	d := len(a.shape)
	if d != 2 && d != 3 {
		fail(op, "a is %s, want two dimensions, or three with a batch", a)
	}
	if len(b.shape) != 2 && len(b.shape) != d {
		fail(op, "b is %s, want two dimensions, or as many as a's %s", b, a)
	}
	m, k := a.shape[d-2], a.shape[d-1]
	if o.TransposeA {
		m, k = k, m
	}
	e := len(b.shape)
	rows, n, side := b.shape[e-2], b.shape[e-1], "rows"
	if o.TransposeB {
		rows, n, side = n, rows, "columns"
	}
	if rows != k {
		fail(op, "b is %s, want %d %s, as a is %s", b, k, side, a)
	}
	p := lib.MatmulF32{M: uint32(m), N: uint32(n), K: uint32(k), Batch: 1, TransposeA: o.TransposeA, TransposeB: o.TransposeB,
		Activation: uint32(o.Activation), WithBias: o.Bias != nil, Accumulate: o.Into != nil}
	shape := []int{m, n}
	if d == 3 {
		shape = []int{a.shape[0], m, n}
		p.Batch, p.AStep = uint32(a.shape[0]), uint32(m*k)
		if e == 3 {
			p.BStep = uint32(k * n)
			if b.shape[0] != a.shape[0] {
				fail(op, "b is %s, want a batch of %d, as a is %s", b, a.shape[0], a)
			}
		}
	}
	if o.Bias != nil {
		o.Bias.want(op, "bias", F32, n)
	}
	if o.Activation > Sigmoid {
		fail(op, "activation %d, want 0 to %d", o.Activation, Sigmoid)
	}
	c := o.Into
	if c == nil {
		c = newTensor(op, F32, shape...)
	} else {
		c.want(op, "the tensor to accumulate into", F32, shape...)
	}
	run(p, a, b, o.Bias, c)
	return c
}
