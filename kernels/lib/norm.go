package lib

// norm are softmax and the normalisations, with their gradients.
var norm = []*Op{
	{Name: "softmax", Params: []string{"rows", "n", "scale:f32", "period", "offset"}, Tiles: rows, Grid: overRows},
	{Name: "softmax_grad", Params: []string{"rows", "n", "scale:f32"}, Tiles: rows, Grid: overRows},
	{Name: "norm", Params: []string{"rows", "n", "epsilon:f32"}, Tiles: rows, Grid: overRows},
	{Name: "norm_grad", Params: []string{"rows", "n"}, Tiles: rows, Grid: overRows},
	{Name: "norm_grad_gain", Params: []string{"rows", "n"}, Tiles: columnBlocks, Grid: overBlocks},
}

// rows are the tiles of include/row.wgsl: narrow ones suit CPUs and short rows, wide ones GPUs and long rows.
var rows = []Tile{{"width": 32, "rows": 2}, {"width": 8, "rows": 8}, {"width": 128, "rows": 1}}

const overRows = "fold(ceil(rows / tile.rows))"

// columnBlocks are the tiles of kernels that sum columns in blocks of 256 rows.
var columnBlocks = []Tile{{"size": 64}, {"size": 16}}

const overBlocks = "ceil(n / tile.size), fold(ceil(rows / 256))"
