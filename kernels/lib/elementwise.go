package lib

// elementwise are the kernels whose every output depends on the inputs at its own index.
var elementwise = []*Op{
	{Name: "relu", Params: []string{"n"}, Tiles: lines, Grid: alongLine},
}

// lines are the tiles of kernels that run along one line of elements: the workgroup's size and how many elements an
// invocation does.
var lines = []Tile{{"size": 64, "each": 4}, {"size": 64, "each": 1}, {"size": 256, "each": 4}, {"size": 32, "each": 16}}

func alongLine(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
	groups := ceil(p["n"], t["size"]*t["each"])
	// More than one dimension holds: rows of at most 65,535 workgroups.
	y := (groups + 65534) / 65535
	return [3]uint64{min(groups, 65535), max(y, 1), 1}
}
