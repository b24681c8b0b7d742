package lib

// position are the kernels that know a token's place: embedding, rotary, with their gradients.
var position = []*Op{
	{Name: "embedding", Params: []string{"n", "vocab", "dim"}, Tiles: rowTiles, Grid: alongRows("dim", "n")},
	{Name: "embedding_index", Params: []string{"n", "vocab"}, Tiles: lines, Grid: alongLine},
	{Name: "embedding_backward", Params: []string{"n", "vocab", "dim"}, Tiles: rowTiles, Grid: alongRows("dim", "vocab")},
	{Name: "rotary_frequencies", Params: []string{"n", "base:f32"}, Tiles: lines, Grid: alongLine},
	{Name: "rotary_table", Params: []string{"rows", "n", "first"}, Tiles: rowTiles, Grid: alongRows("n", "rows")},
	{Name: "rotary", Params: []string{"tokens", "heads", "dim", "n", "rows"}, Tiles: rowTiles, Grid: alongRows("n", "tokens", "heads")},
	{Name: "cache_append", Params: []string{"batch", "n", "capacity", "width"}, Tiles: rowTiles, Grid: alongRows("width", "batch", "n")},
}

// rowTiles are the tiles of kernels that run along the columns of many rows.
var rowTiles = []Tile{{"size": 32, "tall": 2}, {"size": 64, "tall": 1}, {"size": 16, "tall": 16}}

// alongRows is the grid over the columns and rows of a matrix, of which the product of the parameters named is the number.
func alongRows(columns string, rows ...string) func(map[string]uint32, Tile, map[string]float64) [3]uint64 {
	return func(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
		n := uint64(1)
		for _, r := range rows {
			n *= uint64(p[r])
		}
		f := folded((n + uint64(t["tall"]) - 1) / uint64(t["tall"]))
		return [3]uint64{ceil(p[columns], t["size"]), f[0], f[1]}
	}
}
