package tensor

import "github.com/gwrun/gwrun/sdk/go/lib"

// Softmax is exp(x) / sum of exp(x) along rows.
func Softmax(x *Tensor) *Tensor { return softmax("softmax", x, false) }

// LogSoftmax is its logarithm.
func LogSoftmax(x *Tensor) *Tensor { return softmax("log_softmax", x, true) }

func softmax(op string, x *Tensor, logarithm bool) *Tensor {
	y := like(op, x)
	rows, n := x.lines()
	run(lib.Softmax{Rows: uint32(rows), N: uint32(n), Scale: 1, Logarithm: logarithm}, x, nil, y)
	return y
}

// SoftmaxGrad is the gradient of Softmax, from y, which it gave.
func SoftmaxGrad(y, dy *Tensor) *Tensor { return softmaxGrad("softmax_grad", y, dy, false) }

// LogSoftmaxGrad is the gradient of LogSoftmax, from y, which it gave.
func LogSoftmaxGrad(y, dy *Tensor) *Tensor { return softmaxGrad("log_softmax_grad", y, dy, true) }

func softmaxGrad(op string, y, dy *Tensor, logarithm bool) *Tensor {
	y.want(op, "y", F32)
	dy.want(op, "dy", F32, y.shape...)
	dx := newTensor(op, F32, y.shape...)
	rows, n := y.lines()
	run(lib.SoftmaxGrad{Rows: uint32(rows), N: uint32(n), Scale: 1, Logarithm: logarithm}, y, dy, dx)
	return dx
}

// LayerNorm is (x - mean) / sqrt(variance + epsilon) gain + shift along rows; gain and shift are [n].
func LayerNorm(x, gain, shift *Tensor, epsilon float32) *Tensor {
	_, n := rowsAndGain("layer_norm", x, gain)
	shift.want("layer_norm", "shift", F32, n)
	return norm("layer_norm", x, gain, shift, epsilon)
}

// RMSNorm is x / sqrt(mean square + epsilon) gain along rows; gain is [n].
func RMSNorm(x, gain *Tensor, epsilon float32) *Tensor {
	rowsAndGain("rms_norm", x, gain)
	return norm("rms_norm", x, gain, nil, epsilon)
}

func rowsAndGain(op string, x, gain *Tensor) (rows, n int) {
	x.want(op, "x", F32)
	rows, n = x.lines()
	gain.want(op, "gain", F32, n)
	return rows, n
}

func norm(op string, x, gain, shift *Tensor, epsilon float32) *Tensor {
	rows, n := x.lines()
	y := newTensor(op, F32, x.shape...)
	Scope(func() []*Tensor {
		stats := newTensor(op, F32, rows, 2)
		run(lib.Norm{Rows: uint32(rows), N: uint32(n), Epsilon: epsilon, NotCentred: shift == nil}, x, gain, shift, y, stats)
		return nil
	})
	return y
}
