package lib

// reduce are sums and extrema along a line or over everything.
var reduce = []*Op{
	{Name: "reduce_rows", Params: []string{"rows", "n", "total", "divide:f32"}, Tiles: rows, Grid: overRows},
	{Name: "reduce_columns", Params: []string{"rows", "n", "divide:f32"}, Tiles: columnBlocks, Grid: overBlocks},
	{Name: "scatter", Params: []string{"rows", "n"}, Tiles: columns, Grid: overColumns},
}
