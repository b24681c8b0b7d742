package lib

// attention is attention over keys and values, with its gradients.
var attention = []*Op{
	{Name: "attention", Params: attentionParams, Tiles: attentionTiles, Grid: alongQueries},
}

var attentionParams = []string{"batch", "n", "capacity", "heads", "kv_heads", "scale:f32"}

var attentionTiles = []Tile{{"size": 128}, {"size": 32}, {"size": 256}}

func alongQueries(p map[string]uint32, t Tile, _ map[string]float64) [3]uint64 {
	return [3]uint64{ceil(p["n"]*(p["heads"]/max(p["kv_heads"], 1)), t["size"]/4), uint64(p["kv_heads"]), uint64(p["batch"])}
}
