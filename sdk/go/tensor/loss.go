package tensor

import "github.com/gwrun/gwrun/sdk/go/lib"

// CrossEntropy gives the loss of each row of x [rows, n] for its label (u32), and what CrossEntropyGrad wants, [rows, 2].
// Labels equal to ignored don't count.
func CrossEntropy(x, label *Tensor, ignored uint32) (loss, stats *Tensor) {
	const op = "cross_entropy"
	rows, n := rowsAndLabels(op, x, label)
	loss, stats = newTensor(op, F32, rows), newTensor(op, F32, rows, 2)
	run(lib.CrossEntropy{Rows: uint32(rows), N: uint32(n), Ignored: ignored}, x, label, loss, stats)
	return loss, stats
}

// CrossEntropyGrad is the gradient of CrossEntropy for x, times factor.
func CrossEntropyGrad(x, label, stats *Tensor, ignored uint32, factor float32) *Tensor {
	const op = "cross_entropy_grad"
	rows, n := rowsAndLabels(op, x, label)
	stats.want(op, "stats", F32, rows, 2)
	dx := like(op, x)
	run(lib.CrossEntropyGrad{Rows: uint32(rows), N: uint32(n), Ignored: ignored, Factor: factor}, x, label, stats, dx)
	return dx
}

func rowsAndLabels(op string, x, label *Tensor) (rows, n int) {
	x.want(op, "x", F32)
	if len(x.shape) != 2 {
		fail(op, "x is %s, want two dimensions", x)
	}
	label.want(op, "label", U32, x.shape[0])
	return x.shape[0], x.shape[1]
}

// MSE is the mean of the squared differences of x and t: [1].
func MSE(x, t *Tensor) (y *Tensor) {
	x.want("mse", "x", F32)
	t.want("mse", "t", F32, x.shape...)
	Scope(func() []*Tensor {
		blocks := (x.Count() + block - 1) / block
		y = newTensor("mse", F32, blocks)
		run(lib.Mse{Blocks: uint32(blocks), Total: size(x)}, x, t, y)
		for {
			y = reduceBlocks("mse", y, sum, float32(x.Count()))
			if y.Count() == 1 {
				return []*Tensor{y}
			}
		}
	})
	return y
}

// MSEGrad is the gradient of MSE for x.
func MSEGrad(x, t *Tensor) *Tensor {
	dx := like("mse_grad", x)
	t.want("mse_grad", "t", F32, x.shape...)
	run(lib.MseGrad{N: size(x), Factor: float32(2 / float64(x.Count()))}, x, t, dx)
	return dx
}

// Embedding gives the rows of table [vocab, dim] that ids [n] (u32) name: [n, dim]. An id that is no row gives zeros.
func Embedding(ids, table *Tensor) *Tensor {
	const op = "embedding"
	ids.want(op, "ids", U32, ids.Count())
	table.want(op, "table", F32)
	if len(table.shape) != 2 {
		fail(op, "table is %s, want two dimensions", table)
	}
	y := newTensor(op, F32, ids.Count(), table.shape[1])
	run(lib.Embedding{N: size(ids), Vocab: uint32(table.shape[0]), Dim: uint32(table.shape[1])}, ids, table, y)
	return y
}

// EmbeddingGrad is the gradient of Embedding for its table, [vocab, dim].
func EmbeddingGrad(ids, dy *Tensor, vocab int) *Tensor {
	const op = "embedding_grad"
	ids.want(op, "ids", U32, ids.Count())
	dy.want(op, "dy", F32)
	if len(dy.shape) != 2 || dy.shape[0] != ids.Count() {
		fail(op, "dy is %s, want %d rows, one for each id", dy, ids.Count())
	}
	table := newTensor(op, F32, vocab, dy.shape[1])
	Scope(func() []*Tensor {
		head, next := newTensor(op, U32, vocab), newTensor(op, U32, ids.Count())
		run(lib.EmbeddingIndex{N: size(ids), Vocab: uint32(vocab)}, ids, head, next)
		run(lib.EmbeddingBackward{N: size(ids), Vocab: uint32(vocab), Dim: uint32(dy.shape[1])}, head, next, dy, table)
		return nil
	})
	return table
}
