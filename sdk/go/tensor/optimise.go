package tensor

import "github.com/gwrun/gwrun/sdk/go/lib"

// SGD is a step of gradient descent on w with the gradient g; the velocity v is zeros before the first.
func SGD(w, g, v *Tensor, rate, momentum, decay float32) {
	w.want("sgd", "w", F32)
	g.want("sgd", "g", F32, w.shape...)
	v.want("sgd", "v", F32, w.shape...)
	run(lib.Sgd{N: size(w), Rate: rate, Momentum: momentum, Decay: decay}, w, g, v)
}

// AdamOptions are the numbers of Adam.
type AdamOptions struct{ Rate, Beta1, Beta2, Epsilon, Decay float32 }

// DefaultAdam are the numbers that are used most.
var DefaultAdam = AdamOptions{Rate: 0.001, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}

// Adam is step t (the first is 1) on w with the gradient g; the moments m and v are zeros before the first. The decay of the
// weights is part of the gradient.
func Adam(w, g, m, v *Tensor, t int, o AdamOptions) {
	adam("adam", w, g, m, v, t, o, func(n uint32, one, two float32) lib.Kernel {
		return lib.Adam{N: n, Rate: o.Rate, Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon, Decay: o.Decay, Correct1: one, Correct2: two}
	})
}

// AdamW is Adam with the decay of the weights apart from the gradient.
func AdamW(w, g, m, v *Tensor, t int, o AdamOptions) {
	adam("adamw", w, g, m, v, t, o, func(n uint32, one, two float32) lib.Kernel {
		return lib.Adamw{N: n, Rate: o.Rate, Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon, Decay: o.Decay, Correct1: one, Correct2: two}
	})
}

func adam(op string, w, g, m, v *Tensor, t int, o AdamOptions, kernel func(n uint32, one, two float32) lib.Kernel) {
	w.want(op, "w", F32)
	g.want(op, "g", F32, w.shape...)
	m.want(op, "m", F32, w.shape...)
	v.want(op, "v", F32, w.shape...)
	if t < 1 {
		fail(op, "step %d, want 1 or more", t)
	}
	run(kernel(size(w), correct(o.Beta1, t), correct(o.Beta2, t)), w, g, m, v)
}

// correct is 1 / (1 - beta^t), in double and rounded.
func correct(beta float32, t int) float32 {
	p := 1.0
	for range t {
		p *= float64(beta)
	}
	return float32(1 / (1 - p))
}
