package tensor

import (
	"math"

	"github.com/gwrun/gwrun/sdk/go/lib"
)

// AttentionOptions change attention.
type AttentionOptions struct {
	Scale float32 // 0 is 1 / sqrt(dim)
	// Causal: the queries are the last n of the m positions, and each sees those up to its own.
	Causal bool
}

// Attention is softmax(scale q k^T) v for q [batch, n, heads, dim] and k, v [batch, m, kvHeads, dim]: [batch, n, heads, dim].
// kvHeads divides heads, and dim is at most 256.
func Attention(q, k, v *Tensor, o AttentionOptions) *Tensor {
	const op = "attention"
	q.want(op, "q", F32)
	k.want(op, "k", F32)
	if len(q.shape) != 4 || len(k.shape) != 4 || k.shape[0] != q.shape[0] || k.shape[3] != q.shape[3] || q.shape[2]%k.shape[2] != 0 {
		fail(op, "k is %s, want [batch, m, kv_heads, dim] for q of [batch, n, heads, dim], which is %s, with kv_heads a divisor of heads", k, q)
	}
	v.want(op, "v", F32, k.shape...)
	batch, n, heads, dim, m := q.shape[0], q.shape[1], q.shape[2], q.shape[3], k.shape[1]
	if dim > 256 {
		fail(op, "q is %s, want heads of at most 256", q)
	}
	if o.Causal && m < n {
		fail(op, "k is %s, want at least %d positions, as q is %s and the mask causal", k, n, q)
	}
	scale := o.Scale
	if scale == 0 {
		scale = 1 / float32(math.Sqrt(float64(dim)))
	}
	y := newTensor(op, F32, q.shape...)
	Scope(func() []*Tensor {
		lengths := make([]uint32, 2*batch)
		for i := range batch {
			lengths[2*i], lengths[2*i+1] = uint32(max(m-n, 0)), uint32(m)
		}
		most, sum := newTensor(op, F32, batch, n, heads), newTensor(op, F32, batch, n, heads)
		run(lib.Attention{Batch: uint32(batch), N: uint32(n), Capacity: uint32(m), Heads: uint32(heads), KvHeads: uint32(k.shape[2]), Scale: scale,
			Dim: uint32(dim), Causal: o.Causal}, FromU32(lengths, batch, 2), q, k, v, y, most, sum)
		return nil
	})
	return y
}
