// Package hard lists the operands at which the binary32 functions are hardest to round: the mathematical value is
// nearest to the middle between two binary32 neighbours. A fault of an implementation shows there first. The lists come
// from runs over all 2^32 operands (go test ./kernels/f32 -run Exhaustive -exhaustive -hard hard/inputs).
package hard

import (
	"embed"
	"strconv"
	"strings"
)

//go:embed inputs
var files embed.FS

// Inputs gives up to 200 bit patterns for the function of that name (exp, log2, invsqrt ...), the hardest first; nil for
// a name it does not know.
func Inputs(name string) []uint32 {
	text, err := files.ReadFile("inputs/" + name + ".txt")
	if err != nil {
		return nil
	}
	var out []uint32
	for _, f := range strings.Fields(string(text)) {
		u, err := strconv.ParseUint(f, 16, 32)
		if err != nil {
			panic("hard: bad input " + f + " for " + name)
		}
		out = append(out, uint32(u))
	}
	return out
}
