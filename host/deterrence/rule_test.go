package deterrence_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/host/deterrence"
	"github.com/gwrun/gwrun/proto/msg"
)

// The rule in whole numbers must never let through what it refuses in exact fractions, and ask for hardly more.
func TestRuleIsTheFraction(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		j := deterrence.Job{Price: msg.AmountOf(random.Uint64N(1 << 60)), SamplePPM: 1 + random.Uint32N(1_000_000), Validators: 1 + random.Uint32N(8), CollusionPPM: random.Uint32N(900_000)}
		j.Saving = deterrence.Share(j.Price, 100_000+random.Uint32N(900_001))
		bond, ok := j.Bond()
		if !ok {
			t.Fatalf("%+v: no stake is enough", j)
		}
		if err := j.Refuse(bond); err != nil {
			t.Fatalf("%+v: its own bond: %v", j, err)
		}
		if !bond.IsZero() && j.Refuse(bond.Sub(msg.AmountOf(1))) == nil {
			t.Fatalf("%+v: a bond of one less than the least, %s, is let through", j, bond)
		}
		// p(1-r)(R+S) >= 2C, exactly.
		missed := big.NewRat(1, 1)
		for range j.Validators {
			missed.Mul(missed, big.NewRat(int64(1_000_000-j.SamplePPM), 1_000_000))
		}
		loss := new(big.Rat).Sub(big.NewRat(1, 1), missed)
		loss.Mul(loss, big.NewRat(int64(1_000_000-j.CollusionPPM), 1_000_000))
		loss.Mul(loss, new(big.Rat).SetInt(new(big.Int).Add(j.Price.Big(), bond.Big())))
		need := new(big.Rat).SetInt(new(big.Int).Mul(j.Saving.Big(), big.NewInt(deterrence.Margin)))
		if loss.Cmp(need) < 0 {
			t.Fatalf("%+v with bond %s: a lie costs %s, want %s", j, bond, loss.FloatString(3), need.FloatString(3))
		}
	}
}

func TestRuleWithoutChecks(t *testing.T) {
	j := deterrence.Job{Price: msg.AmountOf(100), Saving: msg.AmountOf(100), SamplePPM: 500_000}
	if _, ok := j.Bond(); ok || j.Refuse(msg.AmountOf(1<<60)) == nil {
		t.Error("a job without validators is let through")
	}
	j.Validators, j.CollusionPPM = 3, 1_000_000
	if _, ok := j.Bond(); ok || j.Refuse(msg.AmountOf(1<<60)) == nil {
		t.Error("a job whose validators all collude is let through")
	}
	j.Saving = msg.Amount{}
	if _, ok := j.Bond(); !ok || j.Refuse(msg.Amount{}) != nil {
		t.Error("a job in which a lie saves nothing is refused")
	}
	if got := deterrence.Share(msg.AmountOf(3), 500_000); got != msg.AmountOf(2) {
		t.Errorf("half of 3 is %v, want 2, rounded up", got.Big())
	}
}
