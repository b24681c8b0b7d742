package profile

import (
	"maps"
	"slices"
)

// Builtins lists the names of the builtin functions that a kernel may call, sorted.
func Builtins() []string { return slices.Sorted(maps.Keys(builtins)) }
