package lib

// attention is attention over keys and values, with its gradients.
var attention = []*Op{
	{Name: "attention", Params: attentionParams, Tiles: attentionTiles, Grid: alongQueries},
	{Name: "attention_row", Params: attentionParams, Tiles: []Tile{{"size": 64}, {"size": 32}, {"size": 128}}, Grid: aGroupEachQuery},
	{Name: "attention_delta", Params: []string{"rows", "dim"}, Tiles: lines, Grid: alongLineOf("rows")},
	{Name: "attention_dq", Params: attentionParams, Tiles: attentionTiles, Grid: alongQueries},
	{Name: "attention_dkv", Params: attentionParams, Tiles: attentionTiles, Grid: alongKeys},
}

var attentionParams = []string{"batch", "n", "capacity", "heads", "kv_heads", "scale:f32"}

var attentionTiles = []Tile{{"size": 128}, {"size": 32}, {"size": 64}}

func alongQueries(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
	return [3]uint64{ceil(p["n"]*(p["heads"]/max(p["kv_heads"], 1)), t["size"]/4), uint64(p["kv_heads"]), uint64(p["batch"])}
}

func aGroupEachQuery(p map[string]uint32, _ Tile, _ map[string]float64) [3]uint64 {
	return [3]uint64{uint64(p["heads"]), uint64(p["n"]), uint64(p["batch"])}
}

func alongKeys(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
	return [3]uint64{ceil(p["capacity"], t["size"]/4), uint64(p["kv_heads"]), uint64(p["batch"])}
}

// alongLineOf is alongLine where another parameter has the number of elements.
func alongLineOf(name string) func(map[string]uint32, Tile, map[string]float64) [3]uint64 {
	return func(p map[string]uint32, t Tile, o map[string]float64) [3]uint64 {
		return alongLine(map[string]uint32{"n": p[name]}, t, o)
	}
}
