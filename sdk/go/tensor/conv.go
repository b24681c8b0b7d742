package tensor

import "github.com/gwrun/gwrun/sdk/go/lib"

// Conv2DOptions change a convolution. The zero value has no padding, strides and dilations of 1, and one group.
type Conv2DOptions struct {
	Bias       *Tensor // [filters]
	Activation Activation

	PadY, PadX           int
	StrideY, StrideX     int // 0 is 1
	DilationY, DilationX int // 0 is 1
	Groups               int // 0 is 1
}

// Conv2D convolves image [batch, channels, h, w] with weight [filters, channels / groups, ky, kx]: [batch, filters, oh, ow],
// where oh = (h + 2 PadY - DilationY (ky - 1) - 1) / StrideY + 1, rounded down.
func Conv2D(image, weight *Tensor, o Conv2DOptions) *Tensor {
	const op = "conv2d"
	image.want(op, "image", F32)
	weight.want(op, "weight", F32)
	if len(image.shape) != 4 || len(weight.shape) != 4 {
		fail(op, "image is %s and weight %s, want four dimensions each", image, weight)
	}
	for _, v := range []*int{&o.StrideY, &o.StrideX, &o.DilationY, &o.DilationX, &o.Groups} {
		if *v == 0 {
			*v = 1
		}
		if *v < 1 || *v > 1<<16 {
			fail(op, "strides %d and %d, dilations %d and %d, %d groups: want each from 1 to 65536", o.StrideY, o.StrideX, o.DilationY, o.DilationX, o.Groups)
		}
	}
	if o.PadY < 0 || o.PadX < 0 || o.PadY > 1<<16 || o.PadX > 1<<16 {
		fail(op, "padding of %d and %d, want from 0 to 65536", o.PadY, o.PadX)
	}
	batch, channels, filters, ky, kx := image.shape[0], image.shape[1], weight.shape[0], weight.shape[2], weight.shape[3]
	if channels%o.Groups != 0 || filters%o.Groups != 0 || weight.shape[1] != channels/o.Groups {
		fail(op, "weight is %s, want channels and filters that %d groups divide, and %d / %d channels, as image is %s",
			weight, o.Groups, channels, o.Groups, image)
	}
	high := image.shape[2] + 2*o.PadY - o.DilationY*(ky-1) - 1
	wide := image.shape[3] + 2*o.PadX - o.DilationX*(kx-1) - 1
	if high < 0 || wide < 0 {
		fail(op, "image is %s, less than the filters of %s with their dilations", image, weight)
	}
	oh, ow := high/o.StrideY+1, wide/o.StrideX+1
	if o.Bias != nil {
		o.Bias.want(op, "bias", F32, filters)
	}
	if o.Activation > Sigmoid {
		fail(op, "activation %d, want 0 to %d", o.Activation, Sigmoid)
	}
	y := newTensor(op, F32, batch, filters, oh, ow)
	run(lib.Conv2d{Batch: uint32(batch), Groups: uint32(o.Groups), Channels: uint32(channels), Height: uint32(image.shape[2]), Width: uint32(image.shape[3]),
		Filters: uint32(filters), OutHeight: uint32(oh), OutWidth: uint32(ow), KernelY: uint32(ky), KernelX: uint32(kx), PadY: uint32(o.PadY), PadX: uint32(o.PadX),
		StrideY: uint32(o.StrideY), StrideX: uint32(o.StrideX), DilationY: uint32(o.DilationY), DilationX: uint32(o.DilationX),
		Activation: uint32(o.Activation), WithBias: o.Bias != nil}, image, weight, o.Bias, y)
	return y
}
