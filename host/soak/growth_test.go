package soak

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

func series(allowance float64, n int, f func(hours float64) float64) *Series {
	s := &Series{Name: "x", Unit: "things", Allowance: allowance}
	for i := range n {
		at := time.Duration(i) * time.Minute
		s.At, s.Values = append(s.At, at), append(s.Values, f(at.Hours()))
	}
	return s
}

func TestLeak(t *testing.T) {
	for name, tc := range map[string]struct {
		f    func(hours float64) float64
		leak bool
	}{
		"flat":              {func(float64) float64 { return 100 }, false},
		"noise":             {func(float64) float64 { return 100 + 50*rand.NormFloat64() }, false},
		"noise and a leak":  {func(h float64) float64 { return 100 + 10*rand.NormFloat64() + 100*h }, true},
		"a small leak":      {func(h float64) float64 { return 100 + 5*h }, false}, // within the allowance
		"warm-up":           {func(h float64) float64 { return 100 - 90*math.Exp(-40*h) }, false},
		"a leak":            {func(h float64) float64 { return 100 + 30*h }, true},
		"falls":             {func(h float64) float64 { return 100 - 30*h }, false},
		"saw":               {func(h float64) float64 { return 100 + 100*math.Mod(h*6, 1) }, false},
		"saw and a leak":    {func(h float64) float64 { return 100 + 30*math.Mod(h*6, 1) + 100*h }, true},
		"one late outburst": {func(h float64) float64 { return map[bool]float64{true: 1000, false: 100}[h == 58./60] }, false},
	} {
		s := series(10, 60, tc.f)
		g, err := s.Grow()
		if err != nil {
			t.Fatal(err)
		}
		if why := s.Leak(g); (why != "") != tc.leak {
			t.Errorf("%s: a leak: %v (%+v, %s)", name, !tc.leak, g, why)
		}
	}
}

func TestGrow(t *testing.T) {
	s := series(0, 61, func(h float64) float64 { return 7 + 24*h })
	g, err := s.Grow()
	if err != nil {
		t.Fatal(err)
	}
	// 13 of 61 are warm-up, 48 are left, from minute 13 to minute 60.
	if math.Abs(g.Slope-24) > 1e-9 || g.Error > 1e-9 || g.Over != 47*time.Minute || math.Abs(g.First-(7+24*18.5/60)) > 1e-9 || math.Abs(g.Last-(7+24*54.5/60)) > 1e-9 || math.Abs(g.Peak-31) > 1e-9 {
		t.Errorf("%+v", g)
	}
	if _, err := series(0, 9, func(float64) float64 { return 1 }).Grow(); err == nil {
		t.Error("nine samples are enough")
	}
	still := series(0, 20, func(float64) float64 { return 1 })
	clear(still.At)
	if _, err := still.Grow(); err == nil {
		t.Error("a slope without time")
	}
}

func TestMeasure(t *testing.T) {
	before, err := Measure()
	if err != nil {
		t.Fatal(err)
	}
	held := make([]byte, 64<<20)
	for i := range held {
		held[i] = 1
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	end := make(chan struct{})
	go func() { <-end }()
	after, err := Measure()
	close(end)
	if err != nil {
		t.Fatal(err)
	}
	if after.Heap < before.Heap+63<<20 || after.Goroutines != before.Goroutines+1 {
		t.Errorf("64 MiB and a goroutine more: %+v, before %+v", after, before)
	}
	if after.Open != 0 && (after.Open != before.Open+1 || after.Resident < before.Resident+60<<20) {
		t.Errorf("a file and 64 MiB more: %+v, before %+v", after, before)
	}
	if held[len(held)-1] != 1 {
		t.Error("the bytes are gone")
	}
}
