package market

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

func trade(n uint64, device string, gas, gpu uint64, price uint64, at time.Time) Trade {
	return Trade{Job: key(n), Consumer: who(1), Provider: who(2), Device: device, Gas: gas, GPUGas: gpu, Price: msg.AmountOf(price), At: at.Unix()}
}

func TestIndex(t *testing.T) {
	s, c := inMemory(t), &clock{noon}
	x, err := OpenIndex(s, c.now)
	if err != nil {
		t.Fatal(err)
	}
	add := func(tr Trade) {
		t.Helper()
		if err := x.Add(tr); err != nil {
			t.Fatal(err)
		}
	}
	// 100 jobs of a cpu at 1 to 100 units for 10^9 gas, in no order; each has twice the gas for twice the price.
	for n := range uint64(100) {
		p := n*37%100 + 1
		add(trade(n, "cpu", 2e9, 0, 2*p, noon.Add(time.Duration(n)*time.Second-time.Hour)))
	}
	add(trade(0, "cpu", 1, 0, 1e9, noon))                               // known already
	add(trade(200, "cpu", 1e9, 0, 0, noon))                             // for nothing
	add(trade(201, "cpu", 0, 0, 5, noon))                               // of nothing
	add(trade(202, "cpu", 1e9, 0, 5, noon.Add(-windowAge-time.Minute))) // too old
	add(trade(300, "discrete", 1e9, 2e9, 10, noon))                     // rounded up: 10/3
	for _, open := range []func() (*Index, error){func() (*Index, error) { return x, nil }, func() (*Index, error) { return OpenIndex(s, c.now) }} {
		x, err := open()
		if err != nil {
			t.Fatal(err)
		}
		p := x.Prices()
		if len(p) != 2 || p[0].Device != "cpu" || p[0].Work != "module" || p[1].Device != "discrete" || p[1].Work != "kernels" {
			t.Fatalf("%+v", p)
		}
		for what, v := range map[string][2]msg.Amount{"p10": {p[0].Low, msg.AmountOf(10)}, "p25": {p[0].Lower, msg.AmountOf(25)}, "median": {p[0].Median, msg.AmountOf(50)},
			"p75": {p[0].Upper, msg.AmountOf(75)}, "p90": {p[0].High, msg.AmountOf(90)}, "last": {p[0].Last, msg.AmountOf(99*37%100 + 1)}, "kernels": {p[1].Median, msg.AmountOf(4)}} {
			if v[0] != v[1] {
				t.Errorf("%s is %s, want %s", what, v[0].Big(), v[1].Big())
			}
		}
		if p[0].Jobs != 100 || p[0].Until-p[0].Since != 99 {
			t.Errorf("%+v", p[0])
		}
		if a, b := x.Position(who(1)), x.Position(who(2)); a.Bought != 101 || a.Spent != msg.AmountOf(2*5050+10) || a.Sold != 0 || b.Sold != 101 || b.Earned != a.Spent {
			t.Errorf("positions %+v and %+v", a, b)
		}
	}
	c.at = noon.Add(windowAge + time.Second)
	if p := x.Prices(); len(p) != 0 {
		t.Errorf("a week later %+v", p)
	}
}

// However many trades there are, of however many devices, what is kept is bounded, in memory and on disk.
func TestIndexIsBounded(t *testing.T) {
	s, c := inMemory(t), &clock{noon}
	x, err := OpenIndex(s, c.now)
	if err != nil {
		t.Fatal(err)
	}
	for n := range uint64(window + 300) {
		if err := x.Add(trade(n, "cpu", 1e9, 0, n+1, noon.Add(time.Duration(n)*time.Second-time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	for n := range uint64(3 * maxKinds) {
		if err := x.Add(trade(1e6+n, string(rune('A'+n)), 1e9, 0, 1, noon)); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := x.journal.Keys()
	if err != nil || len(keys) != window+maxKinds-1 || len(x.trades) != len(keys) {
		t.Errorf("%d trades on disk, %d in memory, %v; want %d", len(keys), len(x.trades), err, window+maxKinds-1)
	}
	if p := x.Prices(); len(p) != maxKinds || p[len(p)-1].Device != "cpu" || p[len(p)-1].Low != msg.AmountOf(300+window/10) {
		t.Errorf("%d classes; of the cpu %+v, want the newest %d", len(p), p[len(p)-1], window)
	}
}

// feed is a chain with two trades, which fails first.
type feed struct {
	failed bool
	asked  []uint64
	done   context.CancelFunc
}

func (f *feed) Settled(_ context.Context, from uint64, each func(Trade) error) (uint64, error) {
	f.asked = append(f.asked, from)
	switch {
	case !f.failed:
		f.failed = true
		return 0, errors.New("no connection")
	case from == 0:
		return 17, errors.Join(each(trade(1, "cpu", 1e9, 0, 5, noon)), each(trade(2, "cpu", 1e9, 0, 7, noon)))
	}
	f.done()
	return from, nil
}

func TestFollow(t *testing.T) {
	m, err := Open(inMemory(t), nil, (&clock{noon}).now, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, done := context.WithCancel(t.Context())
	f := &feed{done: done}
	m.Follow(ctx, f, time.Millisecond)
	if len(f.asked) < 3 || f.asked[0] != 0 || f.asked[1] != 0 || f.asked[2] != 17 {
		t.Errorf("asked from %v, want 0, again 0, then 17", f.asked)
	}
	p := m.Prices()
	if len(p) != 1 || p[0].Jobs != 2 || p[0].Median != msg.AmountOf(5) {
		t.Errorf("%+v", p)
	}
}
