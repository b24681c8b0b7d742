package lib

// norm are softmax and the normalisations, with their gradients.
var norm = []*Op{}
