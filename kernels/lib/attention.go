package lib

// attention is attention over keys and values, with its gradients.
var attention = []*Op{
	{Name: "attention", Params: attentionParams, Tiles: attentionTiles, Grid: alongQueries},
	{Name: "attention_row", Params: attentionParams, Tiles: []Tile{{"size": 64}, {"size": 32}, {"size": 128}}, Grid: "heads, n, batch"},
	{Name: "attention_delta", Params: []string{"rows", "dim"}, Tiles: lines, Grid: "fold(ceil(rows / (tile.size * tile.each)))"},
	{Name: "attention_dq", Params: attentionParams, Tiles: attentionTiles, Grid: alongQueries},
	{Name: "attention_dkv", Params: attentionParams, Tiles: attentionTiles, Grid: alongKeys},
}

var attentionParams = []string{"batch", "n", "capacity", "heads", "kv_heads", "scale:f32"}

var attentionTiles = []Tile{{"size": 128}, {"size": 32}, {"size": 64}}

// A workgroup does size / 4 rows, of queries or of keys.
const (
	alongQueries = "ceil(n * (heads / max(kv_heads, 1)) / (tile.size / 4)), kv_heads, batch"
	alongKeys    = "ceil(capacity / (tile.size / 4)), kv_heads, batch"
)
