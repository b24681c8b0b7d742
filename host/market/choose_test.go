package market

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

func TestRank(t *testing.T) {
	q := func(price string, seconds, chance float64) Quote { return Quote{tokensOf(t, price), seconds, chance} }
	unit := q("1.000000000000000001", 10, 0.5)
	for name, tc := range map[string]struct {
		bids                     []Quote
		price, speed, reputation string
	}{
		"the cheaper":                 {[]Quote{q("2", 10, 0.5), q("1", 10, 0.5)}, "[1 0]", "[1 0]", "[1 0]"},
		"the faster":                  {[]Quote{q("1", 20, 0.5), q("1", 10, 0.5)}, "[1 0]", "[1 0]", "[1 0]"},
		"the better known":            {[]Quote{q("1", 10, 0.5), q("1", 10, 0.9)}, "[1 0]", "[1 0]", "[1 0]"},
		"twice as dear for 8 times":   {[]Quote{q("1", 80, 0.5), q("2", 10, 0.5)}, "[0 1]", "[1 0]", "[1 0]"},
		"twice as dear for 20 times":  {[]Quote{q("1", 200, 0.5), q("2", 10, 0.5)}, "[1 0]", "[1 0]", "[1 0]"},
		"twice as dear for a tenth":   {[]Quote{q("1", 11, 0.5), q("2", 10, 0.5)}, "[0 1]", "[0 1]", "[0 1]"},
		"trust for twice the price":   {[]Quote{q("1", 10, 0.5), q("2", 10, 0.9)}, "[0 1]", "[1 0]", "[1 0]"},
		"trust for half the speed":    {[]Quote{q("1", 10, 0.6), q("1", 20, 0.9)}, "[0 1]", "[0 1]", "[1 0]"},
		"nobody has a price":          {[]Quote{q("0", 20, 0.5), q("0", 10, 0.5)}, "[1 0]", "[1 0]", "[1 0]"},
		"one for nothing":             {[]Quote{q("0.000001", 10, 0.5), q("0", 20, 0.5)}, "[1 0]", "[1 0]", "[1 0]"},
		"one that is never good":      {[]Quote{q("0.001", 10, 0.1), q("5", 100, 0.9)}, "[1 0]", "[1 0]", "[1 0]"},
		"none that is":                {[]Quote{q("0.001", 10, 0.1), q("5", 100, 0.2)}, "[0 1]", "[0 1]", "[0 1]"},
		"a unit is cheaper":           {[]Quote{unit, q("1", 10, 0.5)}, "[1 0]", "[1 0]", "[1 0]"},
		"equal ones as they stand":    {[]Quote{q("1", 10, 0.5), q("1", 10, 0.5), q("1", 10, 0.5)}, "[0 1 2]", "[0 1 2]", "[0 1 2]"},
		"none":                        {nil, "[]", "[]", "[]"},
		"the largest amount there is": {[]Quote{{amount(new(big.Int).Lsh(token, 100)), 1, 1}, q("1", 1, 1)}, "[1 0]", "[1 0]", "[1 0]"},
	} {
		for p, want := range map[Preference]string{ByPrice: tc.price, "": tc.price, BySpeed: tc.speed, ByReputation: tc.reputation} {
			if got := fmt.Sprint(Rank(tc.bids, p)); got != want {
				t.Errorf("%s, by %q: %s, want %s", name, p, got, want)
			}
		}
	}
}

// What is chosen does not depend on the unit of money or of time.
func TestRankHasNoUnits(t *testing.T) {
	bids := []Quote{{msg.AmountOf(3), 5, 0.5}, {msg.AmountOf(4), 2, 0.7}, {msg.AmountOf(9), 1, 0.9}, {msg.AmountOf(5), 3, 0.4}}
	for _, p := range []Preference{ByPrice, BySpeed, ByReputation} {
		want := fmt.Sprint(Rank(bids, p))
		var scaled []Quote
		for _, b := range bids {
			scaled = append(scaled, Quote{b.Price.Times(1e15), b.Seconds * 3600, b.Chance})
		}
		if got := fmt.Sprint(Rank(scaled, p)); got != want {
			t.Errorf("by %s: %s, in other units %s", p, want, got)
		}
	}
}

func TestParsePreference(t *testing.T) {
	if p, err := ParsePreference(""); p != ByPrice || err != nil {
		t.Errorf("%q, %v", p, err)
	}
	if _, err := ParsePreference("luck"); err == nil {
		t.Error("luck")
	}
}
