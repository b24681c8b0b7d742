package tour_test

import (
	"math"
)

// ulp is half a unit in the last place of 1.
const ulp = 0x1p-24

// v and ids are the inputs.
func v(count, m int) []float64 {
	out := make([]float64, count)
	for i := range out {
		out[i] = float64((7*i+5*m)%23-11) / 8
	}
	return out
}

func ids(count, m, n int) []uint32 {
	out := make([]uint32, count)
	for i := range out {
		out[i] = uint32((3*i + m) % n)
	}
	return out
}

// largest is the greatest magnitude of the inputs.
const largest = 11. / 8

// exact are results of few bits: kernels give them without rounding.
func exact(values []float64) want { return want{values: values} }

// within allows the same error everywhere, relative allows a part of each value.
func within(values []float64, off float64) want {
	return want{values: values, off: func(int) float64 { return off }}
}

func relative(values []float64, part float64) want {
	return want{values: values, off: func(i int) float64 { return part*math.Abs(values[i]) + 0x1p-51 }}
}

func each(f func(x float64) float64, x []float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = f(x[i])
	}
	return out
}

func both(f func(x, y float64) float64, x, y []float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = f(x[i], y[i])
	}
	return out
}

// matmul is a [m, k] times b [k, n], each read where at says that its element is.
func matmul(m, k, n int, a, b func(i, j int) float64) []float64 {
	out := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for x := range k {
				out[i*n+j] += a(i, x) * b(x, j)
			}
		}
	}
	return out
}

func plain(x []float64, columns int) func(i, j int) float64 {
	return func(i, j int) float64 { return x[i*columns+j] }
}

func transposed(x []float64, columns int) func(i, j int) float64 {
	return func(i, j int) float64 { return x[j*columns+i] }
}

// rows gives f of each row of n, one after another.
func rows(x []float64, n int, f func(row []float64) []float64) []float64 {
	var out []float64
	for i := 0; i < len(x); i += n {
		out = append(out, f(x[i:i+n])...)
	}
	return out
}

// one makes rows of one number.
func one(f func(row []float64) float64) func([]float64) []float64 {
	return func(row []float64) []float64 { return []float64{f(row)} }
}

func sum(x []float64) float64 {
	s := 0.
	for _, v := range x {
		s += v
	}
	return s
}

func squares(x []float64) float64 { return sum(both(mul, x, x)) }

func mul(x, y float64) float64 { return x * y }

func relu(x float64) float64 { return max(x, 0) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// gelu with the hyperbolic tangent (Hendrycks, Gimpel 2016).
func gelu(x float64) float64 {
	return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}

func silu(x float64) float64 { return x * sigmoid(x) }

// slope is the derivative, by the difference over a small stretch.
func slope(f func(float64) float64) func(x, dy float64) float64 {
	const h = 1e-5
	return func(x, dy float64) float64 { return (f(x+h) - f(x-h)) / (2 * h) * dy }
}

func softmax(row []float64) []float64 {
	e := each(math.Exp, row)
	s := sum(e)
	return each(func(x float64) float64 { return x / s }, e)
}

func best(better func(x, y float64) bool) func(row []float64) uint32 {
	return func(row []float64) uint32 {
		at := 0
		for i := range row {
			if better(row[i], row[at]) {
				at = i
			}
		}
		return uint32(at)
	}
}

func picked(x []float64, n int, f func(row []float64) uint32) []uint32 {
	var out []uint32
	for i := 0; i < len(x); i += n {
		out = append(out, f(x[i:i+n]))
	}
	return out
}

// normalised is (x - mean) / sqrt(variance + epsilon), the mean taken as 0 where it is not centred.
func normalised(row []float64, centred bool) []float64 {
	n, mean := float64(len(row)), 0.
	if centred {
		mean = sum(row) / n
	}
	d := each(func(x float64) float64 { return x - mean }, row)
	r := 1 / math.Sqrt(squares(d)/n+float64(float32(0.00001)))
	return each(func(x float64) float64 { return x * r }, d)
}

// image is a convolution's shape.
type image struct{ batch, channels, h, w, filters, ky, kx, padY, padX, strideY, strideX, dilationY, dilationX, groups int }

func (c image) conv(x, weight, bias []float64) []float64 {
	oh := (c.h+2*c.padY-c.dilationY*(c.ky-1)-1)/c.strideY + 1
	ow := (c.w+2*c.padX-c.dilationX*(c.kx-1)-1)/c.strideX + 1
	in := c.channels / c.groups
	var out []float64
	for b := range c.batch {
		for f := range c.filters {
			first := f / (c.filters / c.groups) * in
			for y := range oh {
				for z := range ow {
					s := 0.
					for ch := range in {
						for ky := range c.ky {
							for kx := range c.kx {
								py, px := y*c.strideY+ky*c.dilationY-c.padY, z*c.strideX+kx*c.dilationX-c.padX
								if py >= 0 && py < c.h && px >= 0 && px < c.w {
									s += x[((b*c.channels+first+ch)*c.h+py)*c.w+px] * weight[((f*in+ch)*c.ky+ky)*c.kx+kx]
								}
							}
						}
					}
					if bias != nil {
						s = relu(s + bias[f])
					}
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// attention of q [2, 3, 4, 8] over k and v [2, 5, 2, 8].
func attention(scale float64, causal bool) want {
	const batch, n, heads, dim, m, shared = 2, 3, 4, 8, 5, 2
	q, k, val := v(batch*n*heads*dim, 1), v(batch*m*shared*dim, 2), v(batch*m*shared*dim, 3)
	var out []float64
	most := 0. // of the sums of magnitudes
	for b := range batch {
		for i := range n {
			for h := range heads {
				sees := m
				if causal {
					sees = m - n + i + 1
				}
				scores := make([]float64, sees)
				for j := range sees {
					s := 0.
					for c := range dim {
						p := q[((b*n+i)*heads+h)*dim+c] * k[((b*m+j)*shared+h/2)*dim+c]
						scores[j] += scale * p
						s += scale * math.Abs(p)
					}
					most = max(most, s)
				}
				w := softmax(scores)
				for c := range dim {
					s := 0.
					for j := range sees {
						s += w[j] * val[((b*m+j)*shared+h/2)*dim+c]
					}
					out = append(out, s)
				}
			}
		}
	}
	return within(out, 2*((dim+6)*most+m+m/8.+8)*ulp*largest)
}

// adam is what w, m and v are after two steps.
func adam(decoupled bool) [3]want {
	f := func(x float32) float64 { return float64(x) }
	rate, decay, beta1, beta2, epsilon := f(0.1), f(0.01), f(0.9), f(0.999), f(1e-8)
	w, m, s := v(7, 1), make([]float64, 7), make([]float64, 7)
	for t := 1; t <= 2; t++ {
		g := v(7, 1+t)
		for i := range w {
			d := g[i]
			if decoupled {
				w[i] *= 1 - rate*decay
			} else {
				d += decay * w[i]
			}
			m[i] = beta1*m[i] + (1-beta1)*d
			s[i] = beta2*s[i] + (1-beta2)*d*d
			w[i] -= rate * m[i] / (1 - math.Pow(beta1, float64(t))) / (math.Sqrt(s[i]/(1-math.Pow(beta2, float64(t)))) + epsilon)
		}
	}
	// The header's bound for w is 2^-21 (|w| + rate r), here with r below 3, for each of two steps. Moments are sums of products,
	// each of at most five roundings a step.
	return [3]want{within(w, 2*0x1p-21*(largest+0.3)), within(m, 10*ulp*largest), relative(s, 10*ulp)}
}

// philox is Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011).
func philox(c [4]uint32, k [2]uint32) [4]uint32 {
	for range 10 {
		p0, p1 := uint64(c[0])*0xD2511F53, uint64(c[2])*0xCD9E8D57
		c = [4]uint32{uint32(p1>>32) ^ c[1] ^ k[0], uint32(p1), uint32(p0>>32) ^ c[3] ^ k[1], uint32(p0)}
		k[0] += 0x9E3779B9
		k[1] += 0xBB67AE85
	}
	return c
}

// word is the random word of element i, by the order that the headers of random and dropout state, and the four it is among.
func word(i int, stream, kind uint32) (uint32, [4]uint32) {
	four := philox([4]uint32{uint32(i/256*64 + i%64), stream, kind, 0}, [2]uint32{seed, 0})
	return four[i/64%4], four
}

func random(n int, f func(i int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

func normal(i int) float64 {
	_, four := word(i, 5, 0)
	pair := four[i/128%2*2:]
	r := math.Sqrt(-2 * math.Log(float64(float32(pair[0]))*0x1p-32+0x1p-33))
	t := float64(float32(pair[1])) * 0x1p-32 * 2 * math.Pi
	if i/64%2 == 0 {
		return 1 + 0.5*r*math.Cos(t)
	}
	return 1 + 0.5*r*math.Sin(t)
}

// bf16 is the nearest, to even in a tie.
func bf16(x float64) uint32 {
	b := math.Float32bits(float32(x))
	return (b + 0x7fff + b>>16&1) >> 16
}

func float32s(x []float64) []float64 {
	return each(func(x float64) float64 { return float64(float32(x)) }, x)
}

// expected are the outputs by name.
var expected = func() map[string]want {
	out := map[string]want{}
	put := func(name string, w want) { out[name] = w }
	put("zeros", exact(make([]float64, 15)))
	put("from_u32", want{words: ids(7, 2, 5)})
	put("write", exact(v(6, 1)))
	put("rows", exact(v(63, 1)[14:35]))
	put("rows_used", exact(each(func(x float64) float64 { return 2 * x }, v(63, 1)[14:35])))
	put("reshape", exact(v(24, 2)))

	put("matmul", exact(matmul(5, 7, 3, plain(v(35, 1), 7), plain(v(21, 2), 3))))
	batch := func(b []float64, step int) []float64 {
		a := v(70, 1)
		return append(matmul(5, 7, 3, plain(a, 7), plain(b, 3)), matmul(5, 7, 3, plain(a[35:], 7), plain(b[step:], 3))...)
	}
	put("matmul_batch", exact(batch(v(42, 2), 21)))
	put("matmul_shared", exact(batch(v(21, 2), 0)))
	c, bias := matmul(5, 7, 3, transposed(v(35, 1), 5), transposed(v(21, 2), 7)), v(3, 3)
	for i := range c {
		c[i] = relu(c[i] + bias[i%3])
	}
	put("matmul_with", exact(c))
	put("matmul_into", exact(both(func(x, y float64) float64 { return x + y }, v(15, 4), out["matmul"].values)))

	x, y := v(15, 1), v(15, 2)
	put("add", exact(both(func(x, y float64) float64 { return x + y }, x, y)))
	put("mul", exact(both(mul, x, y)))
	put("scale", exact(each(func(x float64) float64 { return -2.5 * x }, x)))
	put("axpy", exact(both(func(x, y float64) float64 { return 0.5*x + y }, x, y)))
	biased := v(30, 1)
	for i := range biased {
		biased[i] += v(5, 2)[i%5]
	}
	put("bias_add", exact(biased))
	line, dy := v(23, 0), v(23, 1)
	put("relu", exact(each(relu, line)))
	put("tanh", relative(each(math.Tanh, line), ulp))
	put("sigmoid", relative(each(sigmoid, line), 3*2*ulp))
	put("silu", relative(each(silu, line), 4*2*ulp))
	put("gelu", relative(each(gelu, line), (4+2*2.4)*2*ulp))
	put("relu_grad", exact(both(func(x, dy float64) float64 {
		if x > 0 {
			return dy
		}
		return 0
	}, line, dy)))
	for name, f := range map[string]func(float64) float64{"gelu": gelu, "silu": silu, "tanh": math.Tanh, "sigmoid": sigmoid} {
		put(name+"_grad", within(both(slope(f), line, dy), 0x1p-20*(1+largest)))
	}

	m, d := v(36, 1), v(36, 2)
	soft := rows(m, 9, softmax)
	logs := each(math.Log, soft)
	const softError = ulp * (12 + 9./128 + 4*largest)
	put("softmax", relative(soft, softError))
	put("log_softmax", within(logs, softError))
	var softGrad, logGrad []float64
	for i := 0; i < 36; i += 9 {
		inner, all := sum(both(mul, soft[i:i+9], d[i:i+9])), sum(d[i:i+9])
		for j := i; j < i+9; j++ {
			softGrad = append(softGrad, soft[j]*(d[j]-inner))
			logGrad = append(logGrad, d[j]-soft[j]*all)
		}
	}
	// The header's bound, and what the error of y adds to it.
	put("softmax_grad", within(softGrad, ulp*(6+9./128)*3*largest+2*softError*largest))
	put("log_softmax_grad", within(logGrad, ulp*(6+9./128)*10*largest+10*softError*largest))
	gain, shift := v(9, 2), v(9, 3)
	layer := rows(m, 9, func(row []float64) []float64 { return both(mul, normalised(row, true), gain) })
	for i := range layer {
		layer[i] += shift[i%9]
	}
	put("layer_norm", within(layer, ulp*(20+9./64)*(largest*largest*2+largest)))
	put("rms_norm", within(rows(m, 9, func(row []float64) []float64 { return both(mul, normalised(row, false), gain) }),
		ulp*(20+9./64)*largest*largest*2))

	wide := v(72, 1)
	mean := one(func(row []float64) float64 { return sum(row) / 9 })
	greatest := best(func(x, y float64) bool { return x > y })
	least := best(func(x, y float64) bool { return x < y })
	put("sum_rows", exact(rows(wide, 9, one(sum))))
	put("mean_rows", exact(float32s(rows(wide, 9, mean))))
	put("max_rows", exact(rows(wide, 9, one(func(row []float64) float64 { return row[greatest(row)] }))))
	put("min_rows", exact(rows(wide, 9, one(func(row []float64) float64 { return row[least(row)] }))))
	put("sumsq_rows", exact(rows(wide, 9, one(squares))))
	put("argmax", want{words: picked(m, 9, greatest)})
	put("argmin", want{words: picked(m, 9, least)})
	tall, columns := v(1500, 1), make([]float64, 5)
	for i, x := range tall {
		columns[i%5] += x
	}
	put("sum_columns", exact(columns))
	put("mean_columns", exact(float32s(each(func(x float64) float64 { return x / 300 }, columns))))
	put("sum_squares", exact([]float64{squares(v(5000, 1))}))
	scattered, values := make([]float64, 24), v(6, 1)
	for i, c := range ids(6, 1, 4) {
		scattered[i*4+int(c)] = values[i]
	}
	put("scatter", exact(scattered))
	put("broadcast_rows", exact(rows(v(4, 1), 1, func(x []float64) []float64 {
		return []float64{x[0] / 2, x[0] / 2, x[0] / 2, x[0] / 2, x[0] / 2}
	})))
	half := each(func(x float64) float64 { return x / 2 }, v(5, 1))
	put("broadcast_columns", exact(append(append(append(append([]float64{}, half...), half...), half...), half...)))

	logits, labels := v(30, 1), ids(6, 1, 5)
	var loss, stats, grad []float64
	for i, label := range labels {
		row := logits[5*i : 5*i+5]
		top, p := row[greatest(row)], softmax(row)
		stats = append(stats, top, 1/sum(each(func(x float64) float64 { return math.Exp(x - top) }, row)))
		for c := range 5 {
			g := p[c] / 4
			if c == int(label) {
				g = (p[c] - 1) / 4
			}
			if label == 2 {
				g = 0
			}
			grad = append(grad, g)
		}
		if label == 2 {
			loss = append(loss, 0)
		} else {
			loss = append(loss, -math.Log(p[label]))
		}
	}
	const lossError = ulp * (14 + 5./128 + 4*largest)
	put("cross_entropy", within(loss, lossError))
	put("cross_entropy_stats", within(stats, lossError))
	put("cross_entropy_grad", within(grad, lossError))
	difference := both(func(x, y float64) float64 { return x - y }, v(5000, 1), v(5000, 2))
	put("mse", exact(float32s([]float64{squares(difference) / 5000})))
	factor := float64(float32(2. / 15))
	put("mse_grad", within(both(func(x, y float64) float64 { return factor * (x - y) }, x, y), 0x1p-23))

	table, tokens := v(20, 1), ids(6, 1, 4)
	var embedded []float64
	tableGrad, dTokens := make([]float64, 20), v(30, 1)
	for t, id := range tokens {
		embedded = append(embedded, table[5*id:5*id+5]...)
		for c := range 5 {
			tableGrad[5*int(id)+c] += dTokens[5*t+c]
		}
	}
	put("embedding", exact(embedded))
	put("embedding_grad", exact(tableGrad))
	put("conv2d", exact(image{2, 3, 6, 7, 4, 3, 2, 0, 0, 1, 1, 1, 1, 1}.conv(v(252, 1), v(72, 2), nil)))
	put("conv2d_with", exact(image{2, 4, 6, 7, 6, 3, 2, 1, 2, 2, 1, 1, 2, 2}.conv(v(336, 1), v(72, 2), v(6, 3))))
	put("attention", attention(1/math.Sqrt(8), false))
	put("attention_causal", attention(0.25, true))

	w, g, speed := v(7, 1), v(7, 2), v(7, 3)
	for i := range w {
		speed[i] = float64(float32(0.9))*speed[i] + g[i] + float64(float32(0.01))*w[i]
		w[i] -= float64(float32(0.1)) * speed[i]
	}
	put("sgd_w", within(w, 0x1p-22*(largest+0.1*3*largest*2)))
	put("sgd_v", within(speed, 0x1p-22*3*largest*2))
	for name, decoupled := range map[string]bool{"adam": false, "adamw": true} {
		all := adam(decoupled)
		put(name+"_w", all[0])
		put(name+"_m", all[1])
		put(name+"_v", all[2])
	}
	length := math.Sqrt(squares(v(7, 1)))
	put("clip", relative(each(func(x float64) float64 { return x * 0.5 / length }, v(7, 1)), 0x1p-22))

	thinned := v(600, 1)
	for i := range thinned {
		if drawn, _ := word(i, 3, 1); drawn < 1<<30 {
			thinned[i] = 0
		} else {
			thinned[i] = float64(float32(thinned[i] * float64(float32(1/0.75))))
		}
	}
	put("dropout", exact(thinned))
	put("random_uniform", exact(random(600, func(i int) float64 {
		drawn, _ := word(i, 4, 0)
		return float64(-1 + float32(3*float32(drawn>>8)*0x1p-24))
	})))
	put("random_normal", within(random(600, normal), ulp*(1+48*0.5)))

	numbers := append(v(7, 1), 0)
	var words []uint32
	for i := 0; i < 8; i += 2 {
		words = append(words, bf16(numbers[i])|bf16(numbers[i+1])<<16)
	}
	put("to_bf16", want{words: words})
	put("from_bf16", exact(each(func(x float64) float64 {
		return float64(math.Float32frombits(bf16(float64(float32(x)*float32(0.1))) << 16))
	}, v(7, 1))))
	var masked []float64
	for r := range 4 {
		row := each(func(x float64) float64 { return x / 2 }, m[9*r:9*r+r+2])
		masked = append(masked, append(softmax(row), make([]float64, 9-len(row))...)...)
	}
	put("run", relative(masked, softError))
	return out
}()
