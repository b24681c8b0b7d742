package lib

// choose picks among values (argmax, top-k, seeded sampling) and draws random numbers.
var choose = []*Op{
	{Name: "argmax", Params: []string{"rows", "n"}, Tiles: rows, Grid: overRows},
	{Name: "top_k", Params: []string{"rows", "n", "k"}, Tiles: []Tile{{"width": 32, "rows": 1}, {"width": 8, "rows": 1}, {"width": 128, "rows": 1}}, Grid: overRows},
	{Name: "sample", Params: []string{"rows", "n", "inverse_temperature:f32", "seed_low", "seed_high", "step"},
		Tiles: []Tile{{"width": 64, "rows": 1}, {"width": 8, "rows": 8}}, Grid: overRows},
	{Name: "sample_top", Params: []string{"rows", "k", "inverse_temperature:f32", "top_p:f32", "seed_low", "seed_high", "step"},
		Tiles: points, Grid: "fold(ceil(rows / tile.size))"},
	{Name: "random", Params: []string{"n", "stream", "seed_low", "seed_high", "a:f32", "b:f32"}, Tiles: points, Grid: overFours},
	{Name: "dropout", Params: []string{"n", "stream", "seed_low", "seed_high", "below", "factor:f32"}, Tiles: points, Grid: overFours},
}

// overFours is for kernels that do four elements of every 256 in an invocation.
const overFours = "fold(ceil(64 * ceil(n / 256) / tile.size))"
