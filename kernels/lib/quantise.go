package lib

// quantise turns numbers into few bits and back.
var quantise = []*Op{}
