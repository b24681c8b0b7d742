package lib

// elementwise are the kernels whose every output depends on the inputs at its own index, or in its own column.
var elementwise = []*Op{
	{Name: "activate", Params: []string{"n"}, Tiles: points, Grid: overPoints},
	{Name: "activate_grad", Params: []string{"n"}, Tiles: points, Grid: overPoints},
	{Name: "add", Params: []string{"n"}, Tiles: points, Grid: overPoints},
	{Name: "mul", Params: []string{"n"}, Tiles: points, Grid: overPoints},
	{Name: "scale", Params: []string{"n", "a:f32"}, Tiles: points, Grid: overPoints},
	{Name: "axpy", Params: []string{"n", "a:f32"}, Tiles: points, Grid: overPoints},
	{Name: "bias_add", Params: []string{"rows", "n"}, Tiles: columns, Grid: overColumns},
	{Name: "broadcast", Params: []string{"rows", "n", "factor:f32"}, Tiles: columns, Grid: overColumns},
}

// points are the tiles of include/point.wgsl.
var points = []Tile{{"size": 64}, {"size": 256}}

const overPoints = "fold(ceil(n / tile.size))"

// columns are the tiles of include/column.wgsl.
var columns = []Tile{{"size": 64, "each": 8}, {"size": 128, "each": 1}}

const overColumns = "ceil(n / tile.size), fold(ceil(rows / tile.each))"

// lines are the tiles of include/line.wgsl: the workgroup's size and how many elements an invocation does. Only with one each
// do the CPU device's lanes stay side by side.
var lines = []Tile{{"size": 64, "each": 1}, {"size": 256, "each": 1}, {"size": 64, "each": 4}}

const alongLine = "fold(ceil(n / (tile.size * tile.each)))"
