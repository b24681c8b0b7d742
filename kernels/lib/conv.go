package lib

// conv are convolutions over images and their gradients. Of what is fused, the gradient of the activation is activate_grad
// on what came out before it, and that of bias is reduce_rows of the gradient, a row for each image and filter, and
// reduce_columns of what comes out.
var conv = []*Op{
	{Name: "conv2d", Params: convolution, Defaults: ungrouped, Flops: convolutions, Tiles: planes,
		Grid: func(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
			return overPlane(p, t, p["out_width"], p["out_height"], p["filters"])
		}},
	{Name: "conv2d_grad_input", Params: convolution, Defaults: ungrouped, Flops: convolutions, Tiles: planes,
		Grid: func(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
			return overPlane(p, t, p["width"], p["height"], p["channels"])
		}},
	{Name: "conv2d_grad_weight", Params: convolution, Defaults: ungrouped, Flops: convolutions, Tiles: filters,
		Grid: func(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
			g := max(p["groups"], 1)
			return [3]uint64{ceil(p["channels"]/g*p["kernel_y"]*p["kernel_x"], t["x"]*t["cols"]), ceil(p["filters"]/g, t["y"]*t["rows"]), uint64(g)}
		}},
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

func overPlane(p map[string]uint32, t Tile, width, height, made uint32) [3]uint64 {
	g := max(p["groups"], 1)
	return [3]uint64{ceil(width, t["x"]*t["cols"]), uint64(height) * ceil(made/g, t["y"]*t["rows"]), uint64(p["batch"]) * uint64(g)}
}
