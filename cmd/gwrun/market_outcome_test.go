package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/proto/msg"
)

// An outcome is right where the cheat and the lazy validator have paid, nobody else has, and the balances come to the supply; else what differs is said.
func TestMarketOutcome(t *testing.T) {
	gwr := func(text string) msg.Amount {
		a, err := msg.ParseAmount(text)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	had := func(name, sum, staked string, jailed bool) devnet.Balance {
		return devnet.Balance{Name: name, Sum: gwr(sum), Staked: gwr(staked), Jailed: jailed}
	}
	outcome := func(f func(jobs *[]demoJob, after []devnet.Balance, supply *msg.Amount)) *marketOutcome {
		before := []devnet.Balance{had(demoCheatNode, "100", "50", false), had("provider-2", "100", "50", false), had(demoLazyNode, "100", "50", false),
			had("validator-2", "100", "50", false), had("consumer", "100", "0", false), had("treasury", "0", "0", false), had("held by contracts", "0", "0", false)}
		after := []devnet.Balance{had(demoCheatNode, "90", "40", true), had("provider-2", "103.5", "50", false), had(demoLazyNode, "75", "25", true),
			had("validator-2", "102", "50", false), had("consumer", "112", "0", false), had("treasury", "7", "0", false), had("held by contracts", "0", "0", false)}
		r := &marketOutcome{Cheat: demoCheatNode, Lazy: demoLazyNode, Jobs: []demoJob{{Provider: demoCheatNode, Price: gwr("2")}, {Provider: "provider-2", Price: gwr("3.5"), Accepted: true}}}
		supply := gwr("489.5")
		f(&r.Jobs, after, &supply)
		r.take(before, after, gwr("500"), supply)
		return r
	}
	right := outcome(func(*[]demoJob, []devnet.Balance, *msg.Amount) {})
	if err := right.judge(1); err != nil {
		t.Fatal(err)
	}
	text := new(strings.Builder)
	right.text(text)
	for _, want := range []string{"REJECTED", "was paid 3.5", "lost 25 of its stake", "\nburnt", "+10.5\n", "\nsum"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s\nwant %q in it", text, want)
		}
	}
	for want, f := range map[string]func(jobs *[]demoJob, after []devnet.Balance, supply *msg.Amount){
		"accepted is true":             func(j *[]demoJob, _ []devnet.Balance, _ *msg.Amount) { (*j)[0].Accepted = true },
		"accepted is false":            func(j *[]demoJob, _ []devnet.Balance, _ *msg.Amount) { (*j)[1].Accepted = false },
		"2 trainings are accepted":     func(j *[]demoJob, _ []devnet.Balance, _ *msg.Amount) { *j = append(*j, (*j)[1]) },
		"provider-1 was not convicted": func(_ *[]demoJob, a []devnet.Balance, _ *msg.Amount) { a[0].Jailed = false },
		"validator-1 was not convicted": func(_ *[]demoJob, a []devnet.Balance, _ *msg.Amount) {
			a[2].Staked = gwr("50")
		},
		"provider-2 is honest, and was slashed: 1 are": func(_ *[]demoJob, a []devnet.Balance, _ *msg.Amount) { a[1].Staked = gwr("49") },
		"earned 3.5 besides":                           func(_ *[]demoJob, a []devnet.Balance, _ *msg.Amount) { a[1].Sum = gwr("103.4") },
		"validator-2 is honest, had":                   func(_ *[]demoJob, a []devnet.Balance, _ *msg.Amount) { a[3].Sum = gwr("100") },
		"the balances come to":                         func(_ *[]demoJob, _ []devnet.Balance, s *msg.Amount) { *s = gwr("489") },
		"that is nobody's": func(_ *[]demoJob, a []devnet.Balance, _ *msg.Amount) {
			a[4].Sum, a[6].Sum = gwr("111"), gwr("1")
		},
	} {
		if err := outcome(f).judge(1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("judged %v, want %q", err, want)
		}
	}
}

// What a validator found valid one after the other is one line, and accounts that have names are called by them.
func TestFollowerIsBrief(t *testing.T) {
	out := new(bytes.Buffer)
	f := newFollower(&globals{stderr: out})
	who := msg.Account{1}
	f.spell = strings.NewReplacer(who.String(), "vera", shorten(who), "vera")
	found := func(addr string, value msg.Value, interval uint64) {
		f.event(consumer.Event{Kind: "verdict", Provider: addr, Verdict: &msg.Verdict{Value: value, Interval: interval, Validator: who}})
	}
	for _, i := range []uint64{0, 1, 4} {
		found("a:1", msg.Valid, i)
	}
	found("b:1", msg.Valid, 2)
	found("b:1", msg.Invalid, 3)
	found("b:1", msg.Valid, 5)
	f.close()
	job := shorten(msg.Hash{})
	want := []string{"a:1 on " + job + ": valid, intervals 0,1,4", "b:1 on " + job + ": valid, interval 2", "b:1 on " + job + ": invalid, interval 3, by vera",
		"b:1 on " + job + ": valid, interval 5"}
	var got []string
	for line := range strings.Lines(out.String()) {
		_, text, _ := strings.Cut(line, "s  ")
		got = append(got, strings.TrimSpace(text))
	}
	if !slices.Equal(got, want) {
		t.Errorf("it says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
