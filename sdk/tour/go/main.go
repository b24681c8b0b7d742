//go:build wasip1

// Command go calls every tensor function once, as ../README.md says.
package main

import (
	"github.com/gwrun/gwrun/sdk/go/gw"
	"github.com/gwrun/gwrun/sdk/go/lib"
	. "github.com/gwrun/gwrun/sdk/go/tensor"
	"github.com/gwrun/gwrun/sdk/go/wgpu"
)

func v(count, m int) []float32 {
	out := make([]float32, count)
	for i := range out {
		out[i] = float32((7*i+5*m)%23-11) / 8
	}
	return out
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func f(m int, shape ...int) *Tensor { return FromF32(v(product(shape), m), shape...) }

func u(m, n int, shape ...int) *Tensor {
	out := make([]uint32, product(shape))
	for i := range out {
		out[i] = uint32((3*i + m) % n)
	}
	return FromU32(out, shape...)
}

func out(name string, t *Tensor) {
	if t.Elem() == U32 {
		gw.WriteOutput(name, wgpu.Bytes(t.U32()))
	} else {
		gw.WriteOutput(name, wgpu.Bytes(t.F32()))
	}
}

func main() {
	out("zeros", Zeros(3, 5))
	out("from_u32", u(2, 5, 7))
	t := Zeros(6)
	t.WriteF32(v(6, 1))
	out("write", t)
	out("rows", f(1, 9, 7).Rows(2, 5))
	out("rows_used", Scale(f(1, 9, 7).Rows(2, 5), 2))
	out("reshape", f(2, 4, 6).Reshape(2, 3, 4))

	out("matmul", MatMul(f(1, 5, 7), f(2, 7, 3)))
	out("matmul_batch", MatMul(f(1, 2, 5, 7), f(2, 2, 7, 3)))
	out("matmul_shared", MatMul(f(1, 2, 5, 7), f(2, 7, 3)))
	out("matmul_with", MatMulWith(f(1, 7, 5), f(2, 3, 7), MatMulOptions{TransposeA: true, TransposeB: true, Bias: f(3, 3), Activation: ReLU}))
	c := f(4, 5, 3)
	MatMulWith(f(1, 5, 7), f(2, 7, 3), MatMulOptions{Into: c})
	out("matmul_into", c)

	out("add", Add(f(1, 3, 5), f(2, 3, 5)))
	out("mul", Mul(f(1, 3, 5), f(2, 3, 5)))
	out("scale", Scale(f(1, 3, 5), -2.5))
	out("axpy", Axpy(0.5, f(1, 3, 5), f(2, 3, 5)))
	out("bias_add", BiasAdd(f(1, 2, 3, 5), f(2, 5)))
	for _, a := range []struct {
		name string
		kind Activation
	}{{"relu", ReLU}, {"gelu", GELU}, {"silu", SiLU}, {"tanh", Tanh}, {"sigmoid", Sigmoid}} {
		out(a.name, Activate(f(0, 23), a.kind))
		out(a.name+"_grad", ActivateGrad(f(0, 23), f(1, 23), a.kind))
	}

	out("softmax", Softmax(f(1, 4, 9)))
	out("log_softmax", LogSoftmax(f(1, 4, 9)))
	out("softmax_grad", SoftmaxGrad(Softmax(f(1, 4, 9)), f(2, 4, 9)))
	out("log_softmax_grad", LogSoftmaxGrad(LogSoftmax(f(1, 4, 9)), f(2, 4, 9)))
	out("layer_norm", LayerNorm(f(1, 4, 9), f(2, 9), f(3, 9), 0.00001))
	out("rms_norm", RMSNorm(f(1, 4, 9), f(2, 9), 0.00001))

	out("sum_rows", SumRows(f(1, 2, 4, 9)))
	out("mean_rows", MeanRows(f(1, 2, 4, 9)))
	out("max_rows", MaxRows(f(1, 2, 4, 9)))
	out("min_rows", MinRows(f(1, 2, 4, 9)))
	out("sumsq_rows", SumSqRows(f(1, 2, 4, 9)))
	out("sum_columns", SumColumns(f(1, 300, 5)))
	out("mean_columns", MeanColumns(f(1, 300, 5)))
	out("sum_squares", SumSquares(f(1, 5000)))
	out("argmax", ArgMax(f(1, 4, 9)))
	out("argmin", ArgMin(f(1, 4, 9)))
	out("scatter", Scatter(f(1, 6), u(1, 4, 6), 4))
	out("broadcast_rows", BroadcastRows(f(1, 4), 5, 0.5))
	out("broadcast_columns", BroadcastColumns(f(1, 5), 4, 0.5))

	loss, stats := CrossEntropy(f(1, 6, 5), u(1, 5, 6), 2)
	out("cross_entropy", loss)
	out("cross_entropy_stats", stats)
	out("cross_entropy_grad", CrossEntropyGrad(f(1, 6, 5), u(1, 5, 6), stats, 2, 0.25))
	out("mse", MSE(f(1, 5000), f(2, 5000)))
	out("mse_grad", MSEGrad(f(1, 3, 5), f(2, 3, 5)))
	out("embedding", Embedding(u(1, 4, 6), f(1, 4, 5)))
	out("embedding_grad", EmbeddingGrad(u(1, 4, 6), f(1, 6, 5), 4))

	out("conv2d", Conv2D(f(1, 2, 3, 6, 7), f(2, 4, 3, 3, 2), Conv2DOptions{}))
	out("conv2d_with", Conv2D(f(1, 2, 4, 6, 7), f(2, 6, 2, 3, 2), Conv2DOptions{Bias: f(3, 6), Activation: ReLU, PadY: 1, PadX: 2,
		StrideY: 2, StrideX: 1, DilationY: 1, DilationX: 2, Groups: 2}))
	q, k, w := f(1, 2, 3, 4, 8), f(2, 2, 5, 2, 8), f(3, 2, 5, 2, 8)
	out("attention", Attention(q, k, w, AttentionOptions{}))
	out("attention_causal", Attention(q, k, w, AttentionOptions{Scale: 0.25, Causal: true}))

	w, s := f(1, 7), f(3, 7)
	SGD(w, f(2, 7), s, 0.1, 0.9, 0.01)
	out("sgd_w", w)
	out("sgd_v", s)
	for name, step := range map[string]func(w, g, m, v *Tensor, t int, o AdamOptions){"adam": Adam, "adamw": AdamW} {
		w, m, v := f(1, 7), Zeros(7), Zeros(7)
		o := DefaultAdam
		o.Rate, o.Decay = 0.1, 0.01
		step(w, f(2, 7), m, v, 1, o)
		step(w, f(3, 7), m, v, 2, o)
		out(name+"_w", w)
		out(name+"_m", m)
		out(name+"_v", v)
	}
	g := f(1, 7)
	Clip(g, SumSquares(g), 0.5)
	out("clip", g)

	out("dropout", Dropout(f(1, 600), 0.25, gw.Seed(), 3))
	out("random_uniform", RandomUniform(-1, 2, gw.Seed(), 4, 600))
	out("random_normal", RandomNormal(1, 0.5, gw.Seed(), 5, 600))
	out("to_bf16", ToBF16(f(1, 7)))
	out("from_bf16", FromBF16(ToBF16(Scale(f(1, 7), 0.1)), 7))

	y := Zeros(4, 9)
	Run(lib.Softmax{Rows: 4, N: 9, Scale: 0.5, Period: 4, Offset: 1, Mask: 1}, []*Tensor{f(1, 4, 9), u(0, 1, 1), y},
		lib.Constant{Name: "width", Value: 8}, lib.Constant{Name: "rows", Value: 8})
	out("run", y)
}
