package lib

// loss are the functions that training makes small, with their gradients.
var loss = []*Op{
	{Name: "cross_entropy", Params: []string{"rows", "n", "ignored"}, Tiles: rows, Grid: overRows},
	{Name: "cross_entropy_grad", Params: []string{"rows", "n", "ignored", "factor:f32"}, Tiles: columns, Grid: overColumns},
	{Name: "mse", Params: []string{"blocks", "total"}, Tiles: rows, Grid: "fold(ceil(blocks / tile.rows))"},
	{Name: "mse_grad", Params: []string{"n", "factor:f32"}, Tiles: points, Grid: overPoints},
}
