package market

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

// A provider that says it is ten times as fast as an honest one, and is half as fast, has an advantage until it was seen to work: then its
// claims count for what they are worth. The honest one, whose times scatter as times do, keeps its word's worth.
func TestBoasting(t *testing.T) {
	s := inMemory(t)
	truth := OpenTruth(s)
	r := rand.New(rand.NewPCG(5, 6))
	honest, boasting := who(1), who(2)
	const gas, real, boast = 100e9, 5e9, 10 // seconds: 20; and it says that it is ten times as fast
	pick := func() msg.Account {
		a := Quote{msg.AmountOf(5), 1 + gas/(real*truth.Factor(honest)), 0.5}
		b := Quote{msg.AmountOf(5), 1 + gas/(boast*real*truth.Factor(boasting)), 0.5}
		return []msg.Account{honest, boasting}[Rank([]Quote{a, b}, BySpeed)[0]]
	}
	if pick() != boasting {
		t.Fatal("a boast should win before anything is known")
	}
	first, wins := -1, 0
	for n := range 60 {
		a := pick()
		claimed, took := gas/real, gas/real*1.3*math.Exp(0.2*r.NormFloat64()) // jobs have more to do than gas says
		if a == boasting {
			claimed, took = claimed/boast, 2*took
		} else if first < 0 {
			first = n
		}
		if a == honest && n >= 40 {
			wins++
		}
		if err := truth.Observe(a, claimed, took); err != nil {
			t.Fatal(err)
		}
	}
	if first < 0 || first > 12 {
		t.Errorf("the boasting one won the first %d jobs", first)
	}
	if wins < 19 {
		t.Errorf("of the last 20 jobs the honest one had %d", wins)
	}
	t.Logf("the boasting one had the first %d jobs; of the last 20 the honest one had %d", first, wins)
	if f := truth.Factor(honest); f < 0.6 || f > 1 {
		t.Errorf("the honest one's claims count %.2f, though its jobs take 1.3 times as long as gas alone", f)
	}
	if f := OpenTruth(s).Factor(boasting); f > 0.15 {
		t.Errorf("after a restart the boast counts %.2f", f)
	}
}

func TestTruth(t *testing.T) {
	truth := OpenTruth(inMemory(t))
	a := who(1)
	for _, nothing := range [][2]float64{{0, 1}, {1, 0}, {-1, 1}, {1, math.NaN()}, {math.Inf(1), 1}, {1, math.Inf(1)}} {
		if err := truth.Observe(a, nothing[0], nothing[1]); err != nil {
			t.Error(err)
		}
	}
	if f := truth.Factor(a); f != 1 {
		t.Errorf("a factor of %g of nothing", f)
	}
	// A job of a millisecond says next to nothing, one of minutes much.
	if err := truth.Observe(a, 0.0001, 0.001); err != nil {
		t.Error(err)
	}
	if f := truth.Factor(a); f < 0.99 {
		t.Errorf("a factor of %g after a millisecond", f)
	}
	for range 100 {
		if err := truth.Observe(a, 1e-12, 1e12); err != nil {
			t.Error(err)
		}
	}
	if f := truth.Factor(a); f < 0.999/(1<<62) || f > 1.001/(1<<62) {
		t.Errorf("a factor of %g of the worst liar, want 2^-62", f)
	}
	for range 50 { // who mends its ways is believed again
		if err := truth.Observe(a, 100, 100); err != nil {
			t.Error(err)
		}
	}
	if f := truth.Factor(a); f < 0.99 {
		t.Errorf("a factor of %g after fifty true claims", f)
	}
	// What is on disk is not believed blindly.
	if err := truth.journal.Put(accountKey(a), standing{Log: 1e9}); err != nil {
		t.Fatal(err)
	}
	if f := truth.Factor(a); f != 1 {
		t.Errorf("a factor of %g of what cannot be", f)
	}
}

func TestWord(t *testing.T) {
	truth := OpenTruth(inMemory(t))
	a, b := who(1), who(2)
	if truth.Word(a) != 1 {
		t.Error("the word of somebody new counts less than all")
	}
	for range 3 {
		if err := truth.Sealed(a, Shut); err != nil {
			t.Fatal(err)
		}
	}
	if err := truth.Sealed(b, Broken); err != nil {
		t.Fatal(err)
	}
	if x, y := truth.Word(a), truth.Word(b); x != 0.25 || y != 1/11.0 {
		t.Errorf("after three that were not opened %g, after one that was another %g", x, y)
	}
	for range 40 {
		if err := truth.Sealed(a, Kept); err != nil {
			t.Fatal(err)
		}
	}
	if x := truth.Word(a); x < 0.9 {
		t.Errorf("after forty kept ones %g", x)
	}
}
