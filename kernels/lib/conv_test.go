package lib_test

import (
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

// images is one case of a convolution.
type images struct {
	name                                            string
	batch, groups, channels, height, width, filters int
	ky, kx, padY, padX                              int
	strideY, strideX, dilationY, dilationX          int
	bottom, right                                   int // rows and columns of zeros after the image
}

func (c *images) out() (height, width int) {
	return (c.height+c.padY+c.bottom-c.dilationY*(c.ky-1)-1)/c.strideY + 1, (c.width+c.padX+c.right-c.dilationX*(c.kx-1)-1)/c.strideX + 1
}

func (c *images) params() map[string]uint32 {
	h, w := c.out()
	return map[string]uint32{"batch": uint32(c.batch), "groups": uint32(c.groups), "channels": uint32(c.channels), "height": uint32(c.height),
		"width": uint32(c.width), "filters": uint32(c.filters), "out_height": uint32(h), "out_width": uint32(w), "kernel_y": uint32(c.ky),
		"kernel_x": uint32(c.kx), "pad_y": uint32(c.padY), "pad_x": uint32(c.padX)}
}

func (c *images) overrides(more map[string]float64) map[string]float64 {
	o := map[string]float64{}
	for name, v := range map[string]int{"stride_y": c.strideY, "stride_x": c.strideX, "dilation_y": c.dilationY, "dilation_x": c.dilationX} {
		if v != 1 {
			o[name] = float64(v)
		}
	}
	for name, v := range more {
		o[name] = v
	}
	return o
}

func (c *images) imageWords() int  { return c.batch * c.channels * c.height * c.width }
func (c *images) weightWords() int { return c.filters * c.channels / c.groups * c.ky * c.kx }
func (c *images) outWords() int {
	h, w := c.out()
	return c.batch * c.filters * h * w
}

func (c *images) imageAt(n, channel, y, x int) int {
	return ((n*c.channels+channel)*c.height+y)*c.width + x
}

func (c *images) weightAt(f, channel, ky, kx int) int {
	return ((f*(c.channels/c.groups)+channel)*c.ky+ky)*c.kx + kx
}

func (c *images) outAt(n, f, y, x int) int {
	h, w := c.out()
	return ((n*c.filters+f)*h+y)*w + x
}

// pairs calls f for every image element and weight that meet, and the output element that their product goes to.
func (c *images) pairs(f func(image, weight, out int)) {
	h, w := c.out()
	cg, fg := c.channels/c.groups, c.filters/c.groups
	for n := range c.batch {
		for filter := range c.filters {
			for y := range h {
				for x := range w {
					for channel := range cg {
						for ky := range c.ky {
							for kx := range c.kx {
								iy, ix := y*c.strideY+ky*c.dilationY-c.padY, x*c.strideX+kx*c.dilationX-c.padX
								if iy < 0 || iy >= c.height || ix < 0 || ix >= c.width {
									continue
								}
								f(c.imageAt(n, filter/fg*cg+channel, iy, ix), c.weightAt(filter, channel, ky, kx), c.outAt(n, filter, y, x))
							}
						}
					}
				}
			}
		}
	}
}

// limits are what an error may be: the terms that follow each other times the sum of magnitudes, and what the domain leaves
// out. Where a sum may overflow on the way there is none.
type limits struct{ want, magnitude, outside []float64 }

func newLimits(n int) *limits {
	return &limits{make([]float64, n), make([]float64, n), make([]float64, n)}
}

func (l *limits) add(at int, a, b float32) {
	x, y := float64(a), float64(b)
	l.want[at] += x * y
	l.magnitude[at] += math.Abs(x * y)
	if min(math.Abs(x), math.Abs(y)) < 0x1p-51 {
		l.outside[at] += 0x1p-51 * (math.Abs(x) + math.Abs(y))
	}
}

func (l *limits) at(i, terms int) float64 {
	return float64(terms)*0x1p-24*l.magnitude[i] + l.outside[i]
}

func times(a, b float32) float32 {
	product := inDomain(a, 0x1p-51) * inDomain(b, 0x1p-51)
	return product
}

// inBlocks adds terms of n channels, each of a number of places, as conv2d does. term gives +0 for what does not exist.
func (c *images) inBlocks(n int, term func(channel, ky, kx int) float32) float32 {
	var total float32
	many := max(256/(c.ky*c.kx), 1)
	for first := 0; first < n; first += many {
		var block float32
		for channel := first; channel < min(n, first+many); channel++ {
			for ky := range c.ky {
				for kx := range c.kx {
					block += term(channel, ky, kx)
				}
			}
		}
		total += block
	}
	return total
}

func (c *images) blockTerms(n int) int {
	places := c.ky * c.kx
	many := max(256/places, 1)
	return min(n, many)*places + (n+many-1)/many
}

// run runs a kernel whose last buffer is written, with bits and limits.
func (c *images) run(t *testing.T, op string, overrides map[string]float64, buffers [][]uint32, bits []uint32, l *limits, terms int, tiles []lib.Tile) {
	last := len(buffers) - 1
	limit := make([]float64, len(bits))
	for i := range limit {
		v := float64(number(bits[i]))
		if limit[i] = l.at(i, terms); l.magnitude[i] > math.MaxFloat32 || v != v || math.IsInf(v, 0) {
			l.want[i], limit[i] = v, 0 // the bits say what comes out
		}
	}
	libtest.Run(t, libtest.Case{Name: op + ", " + c.name, Op: op, Overrides: c.overrides(overrides), Params: c.params(), Buffers: buffers,
		Bits: map[int][]uint32{last: bits}, Want: map[int][]float64{last: l.want}, Error: func(_, i int) float64 { return limit[i] }, DriverTiles: tiles})
}

var smallPlane = []lib.Tile{{"x": 4, "y": 4, "rows": 2, "cols": 1}}

func TestConv2d(t *testing.T) {
	one := images{batch: 1, groups: 1, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1}
	plain, strided, single, large, edges := one, one, one, one, one
	plain.batch, plain.channels, plain.height, plain.width, plain.filters, plain.ky, plain.kx, plain.padY, plain.padX, plain.bottom, plain.right = 2, 5, 9, 11, 6, 3, 3, 1, 1, 1, 1
	strided.batch, strided.groups, strided.channels, strided.height, strided.width, strided.filters, strided.ky, strided.kx = 2, 2, 4, 13, 17, 6, 3, 2
	strided.padY, strided.padX, strided.strideY, strided.strideX, strided.dilationY, strided.dilationX, strided.right = 2, 1, 2, 3, 2, 3, 2
	single.channels, single.height, single.width, single.filters, single.ky, single.kx = 300, 3, 5, 3, 1, 1
	large.channels, large.height, large.width, large.filters, large.ky, large.kx, large.padY, large.bottom = 2, 18, 19, 2, 17, 18, 3, 3
	edges.channels, edges.height, edges.width, edges.filters, edges.ky, edges.kx, edges.padY, edges.padX, edges.bottom, edges.right = 2, 6, 7, 3, 2, 3, 1, 1, 0, 1
	plain.name, strided.name, single.name, large.name, edges.name = "plain", "strided", "many channels", "large filters", "edges"
	for i, c := range []*images{&plain, &strided, &single, &large, &edges} {
		tiles := noBlock
		if i < 2 {
			tiles = smallPlane
		}
		image, weight, grad := libtest.Normal(c.imageWords(), 1, 1), libtest.Normal(c.weightWords(), 2, 1), libtest.Normal(c.outWords(), 3, 1)
		if c == &edges {
			for n, v := range []float64{math.Inf(1), math.NaN(), 1e-45, 0x1p-51, 0x1p-52, math.Copysign(0, -1), 3e38, -3e38, 0x1p127} {
				image[4*n+2], weight[n+3], grad[5*n+1] = word(float32(v)), word(float32(v)), word(float32(v))
			}
		}
		x, w, g := numbers(image), numbers(weight), numbers(grad)
		forward, forImage, forWeight := newLimits(len(g)), newLimits(len(x)), newLimits(len(w))
		c.pairs(func(i, j, k int) {
			forward.add(k, x[i], w[j])
			forImage.add(i, g[k], w[j])
			forWeight.add(j, g[k], x[i])
		})
		c.forward(t, x, w, image, weight, forward, tiles)
		c.gradInput(t, w, g, weight, grad, forImage, tiles)
		c.gradWeight(t, x, g, image, grad, forWeight, tiles)
	}
}

func (c *images) forward(t *testing.T, x, w []float32, image, weight []uint32, l *limits, tiles []lib.Tile) {
	h, wide := c.out()
	cg, fg := c.channels/c.groups, c.filters/c.groups
	bias := libtest.Normal(c.filters, 4, 1)
	bits, withBias := make([]uint32, c.outWords()), make([]uint32, c.outWords())
	for n := range c.batch {
		for f := range c.filters {
			for oy := range h {
				for ox := range wide {
					v := c.inBlocks(cg, func(channel, ky, kx int) float32 {
						iy, ix := oy*c.strideY+ky*c.dilationY-c.padY, ox*c.strideX+kx*c.dilationX-c.padX
						element := float32(0)
						if iy >= 0 && iy < c.height && ix >= 0 && ix < c.width {
							element = x[c.imageAt(n, f/fg*cg+channel, iy, ix)]
						}
						return times(element, w[c.weightAt(f, channel, ky, kx)])
					})
					at := c.outAt(n, f, oy, ox)
					bits[at] = word(v)
					withBias[at] = word(activations[2].f(v + number(bias[f])))
				}
			}
		}
	}
	c.run(t, "conv2d", nil, [][]uint32{image, weight, bias, libtest.Garbage(len(bits))}, bits, l, c.blockTerms(cg), tiles)
	libtest.Run(t, libtest.Case{Name: c.name + ", with bias and gelu", Op: "conv2d", Overrides: c.overrides(map[string]float64{"with_bias": 1, "activation": 2}), Params: c.params(),
		Buffers: [][]uint32{image, weight, bias, libtest.Garbage(len(bits))}, Bits: map[int][]uint32{3: withBias}, DriverTiles: noBlock})
}

func (c *images) gradInput(t *testing.T, w, g []float32, weight, grad []uint32, l *limits, tiles []lib.Tile) {
	h, wide := c.out()
	cg, fg := c.channels/c.groups, c.filters/c.groups
	old := libtest.Normal(c.imageWords(), 5, 1)
	bits, added := make([]uint32, len(old)), make([]uint32, len(old))
	for n := range c.batch {
		for channel := range c.channels {
			for iy := range c.height {
				for ix := range c.width {
					v := c.inBlocks(fg, func(f, ky, kx int) float32 {
						down, right := iy+c.padY-ky*c.dilationY, ix+c.padX-kx*c.dilationX
						f += channel / cg * fg
						element := float32(0)
						if down >= 0 && right >= 0 && down%c.strideY == 0 && right%c.strideX == 0 && down/c.strideY < h && right/c.strideX < wide {
							element = g[c.outAt(n, f, down/c.strideY, right/c.strideX)]
						}
						return times(element, w[c.weightAt(f, channel%cg, ky, kx)])
					})
					at := c.imageAt(n, channel, iy, ix)
					bits[at], added[at] = word(v), word(number(old[at])+v)
				}
			}
		}
	}
	c.run(t, "conv2d_grad_input", nil, [][]uint32{grad, weight, libtest.Garbage(len(bits))}, bits, l, c.blockTerms(fg), tiles)
	libtest.Run(t, libtest.Case{Name: "conv2d_grad_input, " + c.name + ", accumulate", Op: "conv2d_grad_input", Overrides: c.overrides(map[string]float64{"accumulate": 1}), Params: c.params(),
		Buffers: [][]uint32{grad, weight, old}, Bits: map[int][]uint32{2: added}, DriverTiles: noBlock})
}

func (c *images) gradWeight(t *testing.T, x, g []float32, image, grad []uint32, l *limits, tiles []lib.Tile) {
	h, wide := c.out()
	cg, fg := c.channels/c.groups, c.filters/c.groups
	old := libtest.Normal(c.weightWords(), 6, 1)
	bits, added := make([]uint32, len(old)), make([]uint32, len(old))
	for f := range c.filters {
		for channel := range cg {
			for ky := range c.ky {
				for kx := range c.kx {
					var total float32
					for n := range c.batch {
						var plane float32
						for oy := range h {
							var line float32
							for ox := range wide {
								iy, ix := oy*c.strideY+ky*c.dilationY-c.padY, ox*c.strideX+kx*c.dilationX-c.padX
								element := float32(0)
								if iy >= 0 && iy < c.height && ix >= 0 && ix < c.width {
									element = x[c.imageAt(n, f/fg*cg+channel, iy, ix)]
								}
								line += times(g[c.outAt(n, f, oy, ox)], element)
							}
							plane += line
						}
						total += plane
					}
					at := c.weightAt(f, channel, ky, kx)
					bits[at], added[at] = word(total), word(number(old[at])+total)
				}
			}
		}
	}
	c.run(t, "conv2d_grad_weight", nil, [][]uint32{image, grad, libtest.Garbage(len(bits))}, bits, l, h+wide+c.batch, tiles)
	libtest.Run(t, libtest.Case{Name: "conv2d_grad_weight, " + c.name + ", accumulate", Op: "conv2d_grad_weight", Overrides: c.overrides(map[string]float64{"accumulate": 1}), Params: c.params(),
		Buffers: [][]uint32{image, grad, old}, Bits: map[int][]uint32{2: added}, DriverTiles: noBlock})
}
