package free_test

import (
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/settle/settletest"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// bench is a free settlement whose clock the test moves.
func bench(t *testing.T) *settletest.Bench {
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	now := time.Now().Truncate(time.Second)
	clock := func() time.Time { return now }
	open := func() *free.Settlement {
		f := free.New(s)
		f.SetClock(clock)
		return f
	}
	return &settletest.Bench{Settlement: open(), Now: clock, Advance: func(d time.Duration) { now = now.Add(d) },
		Reopen: func() settle.Settlement {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = store.Open(dir, store.Options{}); err != nil {
				t.Fatal(err)
			}
			return open()
		}}
}

func TestSuite(t *testing.T) { settletest.Run(t, bench) }

func TestReputation(t *testing.T) {
	b := bench(t)
	f := b.Settlement.(*free.Settlement)
	p := msg.Account{1}
	know := func() free.Reputation {
		t.Helper()
		r, err := f.Reputation(free.Provider, p)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	judge := func(job byte, deed free.Deed) {
		t.Helper()
		for range 2 { // a job counts once
			if err := f.Judge(p, msg.Hash{job, byte(len(deed))}, deed); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range settle.TrustedStreak {
		if r := know(); r.Trusted() || r.Weight(b.Now()) != 10+9*uint32(i) {
			t.Fatalf("trusted or of another weight after %d jobs: %+v", i, r)
		}
		judge(byte(i), free.Good)
	}
	if r := know(); !r.Trusted() || r.Good != settle.TrustedStreak || r.Barred(b.Now()) {
		t.Errorf("reputation %+v, want trusted", r)
	}
	judge(100, free.Unclear)
	if r := know(); r.Trusted() || r.Barred(b.Now()) || r.Weight(b.Now()) != 10 {
		t.Errorf("reputation %+v, want an ended streak and nothing held against it", r)
	}
	// Each thing missed in a row keeps it away twice as long.
	for i, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
		judge(byte(110+i), free.Missed)
		if r := know(); !r.Barred(b.Now().Add(want-time.Second)) || r.Barred(b.Now().Add(want)) || r.Weight(b.Now()) != 0 {
			t.Errorf("reputation %+v after %d missed, want barred for %s", r, i+1, want)
		}
		b.Advance(want)
	}
	judge(120, free.Good)
	judge(121, free.Missed)
	if r := know(); r.Barred(b.Now().Add(time.Minute)) {
		t.Errorf("reputation %+v: a good one between two missed does not count", r)
	}
	judge(122, free.Wrong)
	if r := know(); r.Wrong != 1 || !r.Barred(b.Now().Add(29*24*time.Hour)) {
		t.Errorf("reputation %+v after a proven lie", r)
	}
}

// What a job shows of everybody is counted once however often it is settled, whatever comes between, and over kills.
func TestWhatAJobEarns(t *testing.T) {
	b, ctx := bench(t), context.Background()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	judge := func(j *settletest.Job, by *identity.Identity, v msg.Value) {
		t.Helper()
		p, o := j.Bind(by, j.Verdicts(by, v))
		check(b.Promise(ctx, p))
		check(b.Opened(ctx, o))
	}
	know := func(role free.Role, id *identity.Identity) free.Reputation {
		t.Helper()
		r, err := b.Settlement.(*free.Settlement).Reputation(role, id.Account())
		check(err)
		return r
	}
	begin := func() *settletest.Job {
		j := settletest.NewJob(t, b.Now(), time.Hour)
		check(b.Open(ctx, j.Signed, j.Agreed(j.Provider)))
		check(b.Commit(ctx, j.Committed()))
		check(b.Reveal(ctx, j.Reveal(j.Secret)))
		return j
	}
	j := begin()
	judge(j, j.Validators[0], msg.Valid)
	check(b.Rule(ctx, j.Ruling(1, settle.Absence, j.Validators[1].Account())))
	if _, err := b.Settle(ctx, j.Hash); err == nil {
		t.Fatal("settled with one of two")
	}
	judge(j, j.Validators[2], msg.Valid)
	for range 3 {
		if _, err := b.Settle(ctx, j.Hash); err != nil {
			t.Fatal(err)
		}
		b.Settlement = b.Reopen()
	}
	for _, x := range []struct {
		role         free.Role
		id           *identity.Identity
		good, missed uint64
	}{{free.Provider, j.Provider, 1, 0}, {free.Consumer, j.Consumer, 1, 0}, {free.Validator, j.Validators[0], 1, 0}, {free.Validator, j.Validators[2], 1, 0},
		{free.Validator, j.Validators[1], 0, 1}, {free.Validator, j.Validators[3], 0, 0}} {
		if r := know(x.role, x.id); r.Good != x.good || r.Missed != x.missed || r.Wrong+r.Unclear != 0 {
			t.Errorf("%s %+v, want %d good and %d missed", x.role, r, x.good, x.missed)
		}
	}
	// Proven wrong after it was accepted.
	check(b.Rule(ctx, j.Ruling(2, settle.Replay, j.Provider.Account(), j.Validators[0].Account())))
	for range 2 {
		if _, err := b.Settle(ctx, j.Hash); err != nil {
			t.Fatal(err)
		}
	}
	if r, v := know(free.Provider, j.Provider), know(free.Validator, j.Validators[0]); r.Wrong != 1 || v.Wrong != 1 || r.Streak+v.Streak != 0 {
		t.Errorf("provider %+v and validator %+v, want both proven wrong once", r, v)
	}
	// What stays unclear ends streaks and is held against nobody.
	j = begin()
	judge(j, j.Validators[0], msg.Valid)
	judge(j, j.Validators[1], msg.Unavailable)
	b.Advance(2 * time.Hour)
	if _, err := b.Settle(ctx, j.Hash); err != nil {
		t.Fatal(err)
	}
	if p, v, w := know(free.Provider, j.Provider), know(free.Validator, j.Validators[1]), know(free.Validator, j.Validators[0]); p.Unclear != 1 || v.Unclear != 1 || w.Unclear+w.Good != 0 || p.Barred(b.Now()) {
		t.Errorf("provider %+v, validators %+v and %+v", p, v, w)
	}
	all, err := b.Settlement.(*free.Settlement).Reputations()
	if err != nil || len(all) != 8 {
		t.Errorf("%d reputations (%v), want of 8 that there is something of", len(all), err)
	}
}
