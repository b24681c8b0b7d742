package lib

// conv are convolutions over images and their gradients. Of what is fused, the gradient of the activation is activate_grad
// on what came out before it, and that of bias is reduce_rows of the gradient, a row for each image and filter, and
// reduce_columns of what comes out.
var conv = []*Op{
	{Name: "conv2d", Params: convolution, Defaults: ungrouped, Flops: convolutions, Tiles: planes,
		Grid: "ceil(out_width / (tile.x * tile.cols)), out_height * ceil(filters / max(groups, 1) / (tile.y * tile.rows)), batch * max(groups, 1)"},
	{Name: "conv2d_grad_input", Params: convolution, Defaults: ungrouped, Flops: convolutions, Tiles: planes,
		Grid: "ceil(width / (tile.x * tile.cols)), height * ceil(channels / max(groups, 1) / (tile.y * tile.rows)), batch * max(groups, 1)"},
	{Name: "conv2d_grad_weight", Params: convolution, Defaults: ungrouped, Flops: convolutions, Tiles: filters,
		Grid: "ceil(channels / max(groups, 1) * kernel_y * kernel_x / (tile.x * tile.cols)), ceil(filters / max(groups, 1) / (tile.y * tile.rows)), max(groups, 1)"},
}

var convolution = []string{"batch", "groups", "channels", "height", "width", "filters", "out_height", "out_width", "kernel_y", "kernel_x", "pad_y", "pad_x"}

// ungrouped is one image and one group, without padding.
var ungrouped = map[string]uint32{"batch": 1, "groups": 1, "pad_y": 0, "pad_x": 0}

func convolutions(p map[string]uint32) float64 {
	n := 2.
	for _, name := range []string{"batch", "channels", "filters", "out_height", "out_width", "kernel_y", "kernel_x"} {
		n *= float64(p[name])
	}
	return n / float64(max(p["groups"], 1))
}

var planes = []Tile{
	{"x": 8, "y": 4, "rows": 4, "cols": 4},
	{"x": 16, "y": 4, "rows": 4, "cols": 2},
	{"x": 8, "y": 8, "rows": 4, "cols": 1},
	{"x": 32, "y": 2, "rows": 4, "cols": 1},
	{"x": 4, "y": 8, "rows": 4, "cols": 2},
}

var filters = []Tile{
	{"x": 16, "y": 4, "rows": 4, "cols": 4},
	{"x": 16, "y": 4, "rows": 4, "cols": 2},
	{"x": 32, "y": 2, "rows": 4, "cols": 1},
	{"x": 16, "y": 4, "rows": 1, "cols": 1},
}
