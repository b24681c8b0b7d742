package lib

// reduce are sums and extrema along a line or over everything.
var reduce = []*Op{}
