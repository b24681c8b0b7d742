package deterrence

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

// TestRule compares with the protocol's formula where both mean the same: one validator out of many, long jobs.
func TestRule(t *testing.T) {
	c := Check{Intervals: 10_000, SamplePPM: 250_000, Validators: 1, Population: 1000, Colluding: 200}
	if got, want := c.Caught(), 0.25*(1-0.2); math.Abs(got-want) > 1e-12 {
		t.Errorf("caught with chance %v, want p(1-r) = %v", got, want)
	}
	terms := Terms{Reward: 2, Stake: 8.01, Saved: 1}
	if !terms.Holds(c.Caught()) || math.Abs(terms.Gain(c.Caught())-(1-0.2*10.01)) > 1e-9 {
		t.Errorf("ratio %v, gain %v", terms.Ratio(c.Caught()), terms.Gain(c.Caught()))
	}
	terms.Stake = terms.StakeFor(c.Caught()) * 0.999
	if terms.Holds(c.Caught()) {
		t.Error("the rule holds below the least stake")
	}
	// At least one interval is sampled, so a small job is caught more often.
	if got := (Check{Intervals: 1, Validators: 1, Population: 1}).Rate(); got != 1 {
		t.Errorf("the only interval is sampled with chance %v", got)
	}
	// All colluding: nothing is caught, and no stake is enough.
	all := Check{Intervals: 4, SamplePPM: 1_000_000, Validators: 2, Population: 5, Colluding: 5}
	if got := all.Caught(); math.Abs(got) > 1e-12 || !math.IsInf(terms.StakeFor(0), 1) {
		t.Errorf("caught with chance %v", got)
	}
	// Two drawn of three, one of them colluding, everything sampled: at least one honest one is always among them.
	two := Check{Intervals: 4, SamplePPM: 1_000_000, Validators: 2, Population: 3, Colluding: 1}
	if got := two.Caught(); math.Abs(got-1) > 1e-12 {
		t.Errorf("caught with chance %v", got)
	}
}

func TestRefuse(t *testing.T) {
	c := Check{Intervals: 100, Population: 20, Colluding: 5}
	policy := msg.Policy{SamplePPM: 100_000, Validators: 2}
	if err := Refuse(policy, c, Terms{Reward: 1, Stake: 100, Saved: 1}); err != nil {
		t.Error(err)
	}
	err := Refuse(policy, c, Terms{Reward: 1, Stake: 2, Saved: 1})
	if err == nil || !strings.Contains(err.Error(), "a stake of ") {
		t.Errorf("refused with %v", err)
	}
	for _, bad := range []Check{{}, {Intervals: 1, Population: 1}, {Intervals: 1, Population: 3, Colluding: 4}} {
		if Refuse(policy, bad, Terms{Reward: 1, Stake: 1e9, Saved: 1}) == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// TestSimulate holds the simulation against the theory, and cheating to its sign on both sides of the rule.
func TestSimulate(t *testing.T) {
	s := Simulate(60_000, 7, nil)
	if s.Worst > 4.5 || s.Worst == 0 {
		t.Errorf("a mean is %.1f standard errors from the theory", s.Worst)
	}
	broken, held := 0, 0
	for _, p := range s.Points {
		switch {
		case p.Ratio >= Margin:
			held++
			if p.Mean >= 0 {
				t.Errorf("cheating pays under the rule: %+v", p)
			}
		case p.Ratio < 0.8:
			broken++
			if p.Mean <= 0 {
				t.Errorf("cheating does not pay though the rule is broken: %+v", p)
			}
		}
	}
	if broken < 5 || held < 5 {
		t.Errorf("%d settings break the rule, %d keep it: too few to say anything", broken, held)
	}
	// The same seed gives the same points, however the work was divided.
	again := Simulate(60_000, 7, func(float64) {})
	for i := range s.Points {
		if s.Points[i] != again.Points[i] {
			t.Fatalf("point %d: %+v, then %+v", i, s.Points[i], again.Points[i])
		}
	}
	if other := Simulate(60_000, 8, nil); other.Points[3] == s.Points[3] {
		t.Error("another seed gave the same")
	}
	svg := s.SVG()
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the plot is not XML: %v", err)
		}
	}
	if n := bytes.Count(svg, []byte("<circle")); n < 20 {
		t.Errorf("%d points are drawn", n)
	}
}
