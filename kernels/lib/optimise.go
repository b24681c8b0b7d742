package lib

// optimise are the steps of optimisers.
var optimise = []*Op{
	{Name: "sgd", Params: []string{"n", "rate:f32", "momentum:f32", "decay:f32"}, Tiles: lines, Grid: alongLine},
	{Name: "adam", Params: adamParams, Tiles: lines, Grid: alongLine},
	{Name: "adamw", Params: adamParams, Tiles: lines, Grid: alongLine},
	{Name: "clip", Params: []string{"n", "limit:f32"}, Tiles: lines, Grid: alongLine},
}

var adamParams = []string{"n", "rate:f32", "beta1:f32", "beta2:f32", "epsilon:f32", "decay:f32", "correct1:f32", "correct2:f32"}
