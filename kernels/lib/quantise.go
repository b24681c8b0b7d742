package lib

import "fmt"

// quantise turns numbers into few bits and back, and multiplies by them.
var quantise = []*Op{
	{Name: "f32_to_bf16", Params: []string{"n"}, Tiles: lines, Grid: alongParts(2)},
	{Name: "bf16_to_f32", Params: []string{"n"}, Tiles: lines, Grid: alongLine},
	{Name: "f32_to_f16", Params: []string{"n"}, Tiles: lines, Grid: alongParts(2)},
	{Name: "f16_to_f32", Params: []string{"n"}, Tiles: lines, Grid: alongLine},
	{Name: "quantise_q8", Params: []string{"n"}, Tiles: lines, Grid: alongParts(64)},
	{Name: "quantise_q4", Params: []string{"n"}, Tiles: lines, Grid: alongParts(64)},
	{Name: "dequantise_q8", Params: []string{"n"}, Tiles: lines, Grid: alongLine},
	{Name: "dequantise_q4", Params: []string{"n"}, Tiles: lines, Grid: alongLine},
	{Name: "quantise_rows", Params: []string{"rows", "cols"}, Tiles: []Tile{{"size": 64}, {"size": 16}, {"size": 256}}, Grid: "fold(rows)"},
	{Name: "dequantise_rows", Params: []string{"rows", "cols"}, Tiles: rowTiles, Grid: alongRows("cols", "rows")},
	{Name: "dequantise_product", Params: []string{"rows", "cols"}, Tiles: rowTiles, Grid: alongRows("cols", "rows")},
	{Name: "straight_through", Params: []string{"n", "low:f32", "high:f32"}, Tiles: lines, Grid: alongLine},
	{Name: "matvec_q8", Params: []string{"rows", "blocks", "vectors"}, Flops: matvecs, Tiles: matvecTiles, Grid: alongMatvec},
	{Name: "matvec_q4", Params: []string{"rows", "blocks", "vectors"}, Flops: matvecs, Tiles: matvecTiles, Grid: alongMatvec},
}

// alongParts is alongLine for parts of that many elements.
func alongParts(size int) string {
	return fmt.Sprintf("fold(ceil(ceil(n / %d) / (tile.size * tile.each)))", size)
}

var matvecTiles = []Tile{{"size": 64, "lanes": 1}, {"size": 64, "lanes": 16}, {"size": 128, "lanes": 32}, {"size": 32, "lanes": 4}}

// alongMatvec folds the rows into z, since y has the vectors.
const alongMatvec = "min(ceil(rows / (tile.size / tile.lanes)), 65535), vectors, " +
	"max(ceil(ceil(rows / (tile.size / tile.lanes)) / 65535), 1)"

func matvecs(p map[string]uint32) float64 {
	return 64 * float64(p["rows"]) * float64(p["blocks"]) * float64(p["vectors"])
}
