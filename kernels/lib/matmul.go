package lib

// matmul are products of matrices, plain and batched, and their gradients.
var matmul = []*Op{}
