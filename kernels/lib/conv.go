package lib

// conv are convolutions over images and their gradients.
var conv = []*Op{}
