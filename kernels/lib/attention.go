package lib

// attention is attention over keys and values, with its gradients.
var attention = []*Op{}
