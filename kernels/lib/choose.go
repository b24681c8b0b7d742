package lib

// choose picks among values: argmax, top-k, seeded sampling.
var choose = []*Op{}
