package lib

// optimise are the steps of optimisers.
var optimise = []*Op{}
