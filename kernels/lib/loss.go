package lib

// loss are the functions that training makes small, with their gradients.
var loss = []*Op{}
