package gw

import (
	"math"
	"strconv"
	"strings"
	"unsafe"

	"github.com/gwrun/gwrun/sdk/go/raw"
)

// Args are the arguments in the job's description.
func Args() []string {
	args := make([]string, raw.ArgCount())
	for i := range args {
		b := make([]byte, raw.ArgLen(uint32(i)))
		raw.ArgRead(uint32(i), unsafe.Pointer(unsafe.SliceData(b)), uint32(len(b)))
		args[i] = string(b)
	}
	return args
}

// Arg finds the argument name=value.
func Arg(name string) (value string, ok bool) { return lookup(Args(), name) }

func lookup(args []string, name string) (value string, ok bool) {
	for _, a := range args {
		if key, value, ok := strings.Cut(a, "="); ok && key == name {
			return value, true
		}
	}
	return "", false
}

// ArgText is the value of the argument name=value, or the fallback.
func ArgText(name, fallback string) string {
	if v, ok := Arg(name); ok {
		return v
	}
	return fallback
}

// ArgU32 is the argument name=value as a whole number, or the fallback. A value that is no plain decimal from low to high
// ends the job.
func ArgU32(name string, fallback, low, high uint32) uint32 {
	text, ok := Arg(name)
	if !ok {
		return fallback
	}
	n, ok := parseU32(text)
	if !ok || n < low || n > high {
		Failf("argument %s is %q, want a number from %d to %d", name, text, low, high)
	}
	return n
}

// ArgF32 is the argument name=value as a number, or the fallback. A value that is no plain decimal (at most 15 digits and
// a point) from low to high ends the job.
func ArgF32(name string, fallback, low, high float32) float32 {
	text, ok := Arg(name)
	if !ok {
		return fallback
	}
	n, ok := parseF32(text)
	if !ok || n < low || n > high {
		Failf("argument %s is %q, want a number from %g to %g", name, text, low, high)
	}
	return n
}

func parseU32(text string) (uint32, bool) {
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), err == nil && len(text) <= 10
}

// parseF32 reads a plain decimal as the other SDKs do: as one whole number divided by a power of ten, rounded to a double
// and then to a float.
func parseF32(text string) (float32, bool) {
	digits, scale, point, some := 0.0, 1.0, false, false
	for _, c := range []byte(text) {
		switch {
		case c == '.' && !point:
			point = true
		case c >= '0' && c <= '9':
			some = true
			digits = digits*10 + float64(c-'0')
			if point {
				scale *= 10
			}
		default:
			return 0, false
		}
	}
	n := float32(digits / scale)
	return n, some && len(text) <= 16 && !math.IsInf(float64(n), 0)
}
