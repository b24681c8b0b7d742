// Package soak runs a network for a long time and under faults, and looks for what it must not do: come to another result, blame somebody
// honest, or grow. What is here measures; the runs are its tests (see TestSoak and TestKills).
package soak

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Series is one figure over time.
type Series struct {
	Name string
	Unit string
	// Allowance is how much it may have grown in the end without being called a leak.
	Allowance float64
	At        []time.Duration
	Values    []float64
}

// Growth is what a series did after its warm-up.
type Growth struct {
	First, Last float64 // medians of the first and the last quarter
	Peak        float64
	Slope       float64 // per hour, least squares
	Error       float64 // of the slope, one standard error
	Over        time.Duration
}

// warmUp is the share of the samples, from the first on, that is left out: caches fill, pools find their size.
const warmUp = 0.2

// Grow measures a series. It wants 8 samples after the warm-up.
func (s *Series) Grow() (Growth, error) {
	skip := int(math.Ceil(float64(len(s.Values)) * warmUp))
	at, values := s.At[skip:], s.Values[skip:]
	n := len(values)
	if n < 8 {
		return Growth{}, fmt.Errorf("%s: %d samples after the warm-up, want at least 8", s.Name, n)
	}
	g := Growth{First: median(values[:n/4]), Last: median(values[n-n/4:]), Peak: slices.Max(values), Over: at[n-1] - at[0]}
	var sumX, sumY float64
	for i := range n {
		sumX += at[i].Hours()
		sumY += values[i]
	}
	meanX, meanY := sumX/float64(n), sumY/float64(n)
	var xx, xy float64
	for i := range n {
		dx := at[i].Hours() - meanX
		xx += dx * dx
		xy += dx * (values[i] - meanY)
	}
	if xx == 0 {
		return Growth{}, fmt.Errorf("%s: all samples are of one moment", s.Name)
	}
	g.Slope = xy / xx
	var rest float64
	for i := range n {
		d := values[i] - meanY - g.Slope*(at[i].Hours()-meanX)
		rest += d * d
	}
	g.Error = math.Sqrt(rest / float64(n-2) / xx)
	return g, nil
}

// Leak says why a growth is a leak, "" if it is none. A leak goes on: the slope is above zero by more than four standard errors, so that what
// wavers is none; and it matters: both the slope over the time measured and the step from the first quarter to the last are more than the allowance.
func (s *Series) Leak(g Growth) string {
	byLine, byQuarters := g.Slope*g.Over.Hours(), g.Last-g.First
	if g.Slope > 4*g.Error && byLine > s.Allowance && byQuarters > s.Allowance {
		return fmt.Sprintf("%s grows by %.4g %s an hour (standard error %.2g), from %.4g to %.4g in %s; %.4g are allowed", s.Name, g.Slope, s.Unit, g.Error,
			g.First, g.Last, g.Over.Round(time.Second), s.Allowance)
	}
	return ""
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}
