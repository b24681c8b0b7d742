package market

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/gwrun/gwrun/proto/msg"
)

// Preference is what a consumer looks at first.
type Preference string

// The preferences.
const (
	ByPrice      Preference = "price" // the default
	BySpeed      Preference = "speed"
	ByReputation Preference = "reputation"
)

// ParsePreference reads one; "" is ByPrice.
func ParsePreference(s string) (Preference, error) {
	switch p := Preference(s); p {
	case "":
		return ByPrice, nil
	case ByPrice, BySpeed, ByReputation:
		return p, nil
	}
	return "", fmt.Errorf("%q, want price, speed or reputation", short(s))
}

// Weights are the exponents of what a bid costs: price^Price * time^Time / chance^Chance, the scoring rule of Cobb and Douglas. It needs no
// price of a second: only ratios count, so the units of price and time do not. The time to a good result is that of one run through the
// chance that it is good, since a bad one is not paid but has to be waited for again; so where only price and time are looked at, Chance is
// Time.
type Weights struct{ Price, Time, Chance float64 }

// Weights are what a preference stands for. Twice the price is worth it
//
//	by price       for 16 times the speed
//	by speed       for a fifth more of it (2^(1/4))
//	by reputation  for twice the speed, or for a chance of a good result that is a fifth better
func (p Preference) Weights() Weights {
	switch p {
	case BySpeed:
		return Weights{Price: 0.25, Time: 1, Chance: 1}
	case ByReputation:
		return Weights{Price: 0.5, Time: 0.5, Chance: 2}
	}
	return Weights{Price: 1, Time: 0.25, Chance: 0.25}
}

// Quote is a bid as it is chosen by.
type Quote struct {
	Price   msg.Amount
	Seconds float64 // until its result is expected; above 0
	Chance  float64 // that it is good; above 0
}

// unlikely is how much less likely than the best to be good a result may be at any price. Price buys none: who bids next to nothing and gives
// nothing good would be chosen for ever, since a bad result is not paid.
const unlikely = 1.0 / 6

// nothing is what a bid at no price counts as, of the lowest price that is one.
const nothing = 1e-3

// Rank gives the places of the bids, the best first. What is chosen by is a number that is no money; of equal ones the cheaper one is the
// better, to the last unit, then the sooner one, then the one that stands first.
func Rank(bids []Quote, p Preference) []int {
	w := p.Weights()
	var least *big.Int
	for _, b := range bids {
		if n := b.Price.Big(); n.Sign() > 0 && (least == nil || n.Cmp(least) < 0) {
			least = n
		}
	}
	best := 0.0
	for _, b := range bids {
		best = max(best, b.Chance)
	}
	last := func(i int) bool { return bids[i].Chance < unlikely*best }
	cost, order := make([]float64, len(bids)), make([]int, len(bids))
	for i, b := range bids {
		ratio := 1.0
		switch {
		case least == nil:
		case b.Price.IsZero():
			ratio = nothing
		default:
			ratio, _ = new(big.Rat).SetFrac(b.Price.Big(), least).Float64()
		}
		order[i] = i
		cost[i] = w.Price*math.Log(ratio) + w.Time*math.Log(b.Seconds) - w.Chance*math.Log(b.Chance)
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case last(i) != last(j):
			if last(j) {
				return -1
			}
			return 1
		case cost[i] < cost[j]:
			return -1
		case cost[i] > cost[j]:
			return 1
		case bids[i].Price != bids[j].Price:
			return bids[i].Price.Cmp(bids[j].Price)
		case bids[i].Seconds < bids[j].Seconds:
			return -1
		case bids[i].Seconds > bids[j].Seconds:
			return 1
		}
		return 0
	})
	return order
}
