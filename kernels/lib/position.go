package lib

// position are the kernels that know a token's place: embedding, rotary, with their gradients.
var position = []*Op{}
