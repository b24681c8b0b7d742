package lib

import "fmt"

// position are the kernels that know a token's place: embedding, rotary, with their gradients.
var position = []*Op{
	{Name: "embedding", Params: []string{"n", "vocab", "dim"}, Tiles: rowTiles, Grid: alongRows("dim", "n")},
	{Name: "embedding_index", Params: []string{"n", "vocab"}, Tiles: lines, Grid: alongLine},
	{Name: "embedding_backward", Params: []string{"n", "vocab", "dim"}, Tiles: rowTiles, Grid: alongRows("dim", "vocab")},
	{Name: "rotary_frequencies", Params: []string{"n", "base:f32"}, Tiles: lines, Grid: alongLine},
	{Name: "rotary_table", Params: []string{"rows", "n", "first"}, Tiles: rowTiles, Grid: alongRows("n", "rows")},
	{Name: "rotary", Params: []string{"tokens", "heads", "dim", "n", "rows"}, Tiles: rowTiles, Grid: alongRows("n", "tokens * heads")},
	{Name: "cache_append", Params: []string{"batch", "n", "capacity", "width"}, Tiles: rowTiles, Grid: alongRows("width", "batch * n")},
}

// rowTiles are the tiles of kernels that run along the columns of many rows.
var rowTiles = []Tile{{"size": 32, "tall": 2}, {"size": 64, "tall": 1}, {"size": 16, "tall": 16}}

// alongRows is the grid over the columns and rows of a matrix.
func alongRows(columns, rows string) string {
	return fmt.Sprintf("ceil(%s / tile.size), fold(ceil(%s / tile.tall))", columns, rows)
}
