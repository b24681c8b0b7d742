package evm_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/proto/msg"
)

// What nodes take for terms that the market allows must be what it allows: a provider that found out when it opens the escrow would have worked
// for nothing.
func TestTermsAreTaken(t *testing.T) {
	w, ctx := newWorld(t, 3), context.Background()
	m := w.market(w.people[1])
	rules, err := m.Rules(ctx)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(6, 14))
	one := func(of ...uint64) uint64 { return of[random.IntN(len(of))] }
	seconds := func(d time.Duration) uint64 { return uint64(d / time.Second) }
	taken, refused := 0, 0
	for range 4000 {
		now, err := m.ChainTime(ctx)
		if err != nil {
			t.Fatal(err)
		}
		spec := &msg.JobSpec{Version: 1, Consumer: w.people[0].Account(), Deadline: now.Unix() + int64(one(60, 600, 3600, seconds(rules.MaxDuration)-60, seconds(rules.MaxDuration)+3600)),
			Policy: msg.Policy{SamplePPM: uint32(one(0, 1000, 100_000, 1_000_000)), Validators: uint32(one(0, 1, 2, uint64(rules.MaxValidators), uint64(rules.MaxValidators)+1)),
				Window: uint32(one(0, seconds(rules.MinWindow), 600, seconds(rules.MaxWindow), seconds(rules.MaxWindow)+1)),
				Clock:  uint32(one(0, seconds(rules.MinClock)-1, seconds(rules.MinClock), 60, seconds(rules.MaxClock), seconds(rules.MaxClock)+1))}}
		price := msg.AmountOf(one(0, 1, 999_999_999, 1e18, 7e18+3))
		terms, err := payment.Terms(spec, w.people[1].Account(), price, &rules)
		if err != nil {
			continue // no bond is enough
		}
		switch random.IntN(6) {
		case 0:
			terms.Bond = terms.Bond.Sub(msg.AmountOf(1))
		case 1:
			terms.Saving = terms.Saving.Sub(msg.AmountOf(1))
		case 2:
			terms.Opens = terms.Deadline + uint64(terms.Window) + seconds(rules.MaxLate) + uint64(random.IntN(2))
		}
		allowed := payment.Allowed(&terms, &rules, now)
		err = m.CheckTerms(ctx, &terms)
		if (allowed == nil) != (err == nil) {
			t.Fatalf("terms %+v: nodes say %v, the market %v", terms, allowed, err)
		}
		if err == nil {
			taken++
		} else {
			refused++
		}
	}
	t.Logf("%d taken, %d refused", taken, refused)
	if taken < 40 || refused < 40 {
		t.Error("the test is about too few of one kind")
	}
}
