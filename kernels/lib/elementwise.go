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

func overPoints(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
	return folded(ceil(p["n"], t["size"]))
}

// columns are the tiles of include/column.wgsl.
var columns = []Tile{{"size": 64, "each": 8}, {"size": 128, "each": 1}}

func overColumns(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
	f := folded(ceil(p["rows"], t["each"]))
	return [3]uint64{ceil(p["n"], t["size"]), f[0], f[1]}
}

// lines are the tiles of include/line.wgsl: the workgroup's size and how many elements an invocation does. Only with one each
// do the CPU device's lanes stay side by side.
var lines = []Tile{{"size": 64, "each": 1}, {"size": 256, "each": 1}, {"size": 64, "each": 4}}

func alongLine(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
	return folded(ceil(p["n"], t["size"]*t["each"]))
}

// folded lays workgroups out in rows of 65,535 where one dimension does not hold them.
func folded(groups uint64) [3]uint64 {
	y := (groups + 65534) / 65535
	return [3]uint64{min(groups, 65535), max(y, 1), 1}
}
