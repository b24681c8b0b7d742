package lib

// matmul are products of matrices, plain and batched. Their gradients are products too: of C = A B with the gradient G of
// C, that of A is G with B and transpose_b, that of B is A with transpose_a and G, and that of bias is reduce_columns of G; G
// is first taken back through the activation by activate_grad.
var matmul = []*Op{
	{Name: "matmul_f32", Params: product, Defaults: one, Flops: products, Grid: overMatrix, Tiles: blocks},
	{Name: "matmul_bf16", Params: product, Defaults: one, Flops: products, Grid: overMatrix, Tiles: blocks},
	{Name: "matmul_i8", Params: product, Defaults: one, Flops: products, Grid: overMatrix, Tiles: blocks},
	{Name: "matmul_i8_scaled", Params: product, Defaults: one, Flops: products, Grid: overMatrix, Tiles: blocks},
}

var product = []string{"m", "n", "k", "batch", "a_step", "b_step"}

// one is a single pair of matrices.
var one = map[string]uint32{"batch": 1, "a_step": 0, "b_step": 0}

func products(p map[string]uint32) float64 {
	return 2 * float64(p["m"]) * float64(p["n"]) * float64(p["k"]) * float64(p["batch"])
}

// blocks are the tiles of products: the fastest on the cpu device first, then what suits others.
var blocks = []Tile{
	{"x": 16, "y": 4, "rows": 4, "cols": 4, "depth": 0},
	{"x": 16, "y": 4, "rows": 4, "cols": 4, "depth": 32},
	{"x": 16, "y": 8, "rows": 4, "cols": 4, "depth": 16},
	{"x": 16, "y": 16, "rows": 4, "cols": 4, "depth": 16},
	{"x": 16, "y": 8, "rows": 8, "cols": 4, "depth": 16},
	{"x": 16, "y": 16, "rows": 8, "cols": 4, "depth": 16},
	{"x": 32, "y": 4, "rows": 8, "cols": 2, "depth": 16},
	{"x": 16, "y": 8, "rows": 2, "cols": 2, "depth": 16},
	{"x": 8, "y": 8, "rows": 4, "cols": 4, "depth": 0},
	{"x": 32, "y": 2, "rows": 2, "cols": 1, "depth": 0},
}

const overMatrix = "ceil(n / (tile.x * tile.cols)), ceil(m / (tile.y * tile.rows)), batch"
