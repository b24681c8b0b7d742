package market

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

func policy(t testing.TB, text, floor, ceiling string) Policy {
	t.Helper()
	p, err := ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	p.Floor, p.Ceiling = tokensOf(t, floor), tokensOf(t, ceiling)
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	return p
}

func job(gas, gpu uint64) *msg.JobSpec {
	s := &msg.JobSpec{Version: 1}
	s.Program.Limits = msg.DefaultLimits()
	s.Program.Limits.Gas, s.Program.Limits.GPUGas = gas, gpu
	return s
}

func TestPrice(t *testing.T) {
	const most = 1<<64 - 1
	for _, tc := range []struct {
		policy, floor, ceiling string
		ask                    Ask
		want                   string // "" is refused
	}{
		{"free", "0", "0", Ask{}, "0"},
		{"", "0", "0", Ask{}, "0"},
		{"free", "0.5", "0", Ask{}, "0.5"},
		{"fixed:0.25", "0", "0", Ask{}, "0.25"},
		{"fixed:0.25", "0.5", "0", Ask{}, "0.5"},
		{"fixed:0.25", "0", "0.1", Ask{}, "0.1"},
		{"gas:2,0.5", "0", "0", Ask{Gas: 1e9, GPUGas: 4e9}, "4"},
		{"gas:0.000000001,0", "0", "0", Ask{Gas: 1}, "0.000000000000000001"},          // a unit exactly
		{"gas:0.000000000000000001,0", "0", "0", Ask{Gas: 1}, "0.000000000000000001"}, // rounded up
		{"gas:0.000000000000000001,0", "0", "0", Ask{Gas: 1e9 + 1}, "0.000000000000000002"},
		{"gas:340282366920938463463,340282366920938463463", "0", "0", Ask{Gas: most, GPUGas: most}, ""},
		{"gas:1,1", "0", "0", Ask{}, ""},                                                 // nothing is known of anything
		{"gas:1,1", "0", "0", Ask{Speed: 1e9, GPUSpeed: 2e9}, "90"},                      // half a minute of each
		{"gas:1,1", "0", "0", Ask{Speed: 1e9, GPUSpeed: 2e9, Spec: job(5e9, 7e9)}, "12"}, // which the job's limits bound
		{"gas:1,1", "0", "0", Ask{Gas: 100e9, Spec: job(5e9, 7e9)}, "5"},
		{"device-second:0.5", "0", "0", Ask{Gas: 3e9, GPUGas: 8e9, Speed: 1e9, GPUSpeed: 4e9}, "2.5"},
		{"device-second:0.000000000000000001", "0", "0", Ask{Gas: 1, Speed: 3}, "0.000000000000000001"},
		{"device-second:1", "0", "0", Ask{Gas: 1e9}, ""},
		{"device-second:1", "0", "0", Ask{Gas: 1e9, GPUGas: 1, Speed: 1e9}, ""},
		{"device-second:1", "0", "0", Ask{Gas: 1e9, Speed: 1e9}, "1"},
		{"device-second:340282366920938463463", "0", "0", Ask{Gas: most, Speed: 1}, ""},
		{"device-second:1", "0", "0", Ask{Speed: most, GPUSpeed: most}, "0.000003814697265626"}, // a faster one than there can be
	} {
		p := policy(t, tc.policy, tc.floor, tc.ceiling)
		if tc.ask.Spec == nil {
			tc.ask.Spec = job(most, most)
			if tc.ask.Speed == most {
				tc.ask.Spec = job(1<<46, 1)
			}
		}
		got, err := p.Price(t.Context(), tc.ask)
		var no *Refusal
		if tc.want == "" {
			if !errors.As(err, &no) || no.Reason == "" {
				t.Errorf("%s of %+v: %s, %v; want a refusal", tc.policy, tc.ask, got, err)
			}
			continue
		}
		if err != nil || got.String() != tc.want {
			t.Errorf("%s of gas %d and %d at %d and %d: %s, %v; want %s", tc.policy, tc.ask.Gas, tc.ask.GPUGas, tc.ask.Speed, tc.ask.GPUSpeed, got, err, tc.want)
		}
	}
}

// Prices are those that fractions give, to the last unit, rounded up.
func TestPriceIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	up := func(x *big.Rat) *big.Int { return ceil(x.Num(), x.Denom()) }
	rat := func(n uint64) *big.Rat { return new(big.Rat).SetInt(number(n)) }
	for range 2000 {
		a := Ask{Spec: job(1<<64-1, 1<<64-1), Gas: r.Uint64N(1<<50) + 1, GPUGas: r.Uint64N(1 << 55), Speed: r.Uint64N(1<<40) + 1, GPUSpeed: r.Uint64N(1<<45) + 1}
		x, y := r.Uint64(), r.Uint64()
		p := Policy{}
		p.Kind, p.Module, p.Kernel = ByGas, msg.AmountOf(x), msg.AmountOf(y)
		got, err := p.Price(t.Context(), a)
		sum := new(big.Rat).Add(new(big.Rat).Mul(rat(a.Gas), rat(x)), new(big.Rat).Mul(rat(a.GPUGas), rat(y)))
		if want := up(sum.Quo(sum, rat(1e9))); err != nil || got.Big().Cmp(want) != 0 {
			t.Fatalf("by gas: %s, %v; want %s", got.Big(), err, want)
		}
		p.Kind, p.Second = DeviceSecond, msg.AmountOf(x)
		got, err = p.Price(t.Context(), a)
		seconds := new(big.Rat).Add(new(big.Rat).Quo(rat(a.Gas), rat(a.Speed)), new(big.Rat).Quo(rat(a.GPUGas), rat(a.GPUSpeed)))
		if want := up(seconds.Mul(seconds, rat(x))); err != nil || got.Big().Cmp(want) != 0 {
			t.Fatalf("by device seconds: %s, %v; want %s", got.Big(), err, want)
		}
	}
}

func TestParsePolicy(t *testing.T) {
	for _, text := range []string{"gold", "fixed", "fixed:", "fixed:-1", "fixed:1e3", "fixed:1,2", "gas:1", "gas:1,2,3", "device-second:", "program:", "program:   ", "free:1",
		"fixed:0.0000000000000000001", "fixed:99999999999999999999999999999"} {
		if p, err := ParsePolicy(text); err == nil {
			t.Errorf("%q is %+v", text, p)
		}
	}
	p := policy(t, "program:/bin/price --slow", "1", "2")
	if len(p.Program) != 2 || p.Program[1] != "--slow" || !p.Paid() || !strings.Contains(Describe(&p.PricePolicy), "at most 2") {
		t.Errorf("%+v", p)
	}
	if err := (&Policy{}).Check(); err != nil || (&Policy{}).Paid() || (&Policy{}).Public().Kind != Free {
		t.Error("the zero policy is not one that works for nothing")
	}
	p.Ceiling = tokensOf(t, "0.5")
	if p.Check() == nil {
		t.Error("a floor above the ceiling")
	}
}

// Nobody gets a lower price by asking again, until the quote is forgotten.
func TestQuotes(t *testing.T) {
	c := &clock{noon}
	q := NewQuotes(nil, c.now)
	spec := job(1, 1)
	other := job(1, 1)
	other.Consumer[0] = 1
	for i, tc := range []struct {
		spec       *msg.JobSpec
		made, want uint64
	}{{spec, 10, 10}, {spec, 7, 10}, {spec, 12, 12}, {spec, 7, 12}, {other, 7, 7}, {job(2, 1), 7, 7}} {
		if got, err := q.Hold(tc.spec, msg.AmountOf(tc.made)); err != nil || got != msg.AmountOf(tc.want) {
			t.Errorf("%d: %s, %v; want %d", i, got.Big(), err, tc.want)
		}
	}
	c.at = noon.Add(MaxTender)
	if got, err := q.Hold(spec, msg.AmountOf(7)); err != nil || got != msg.AmountOf(7) {
		t.Errorf("later: %s, %v", got.Big(), err)
	}
}
