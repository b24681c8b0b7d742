package free_test

import (
	"context"
	"testing"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/settle/settletest"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
)

func TestSuite(t *testing.T) {
	settletest.Run(t, func(t *testing.T) (settle.Settlement, func() settle.Settlement) {
		dir := t.TempDir()
		s, err := store.Open(dir, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return free.New(s), func() settle.Settlement {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = store.Open(dir, store.Options{}); err != nil {
				t.Fatal(err)
			}
			return free.New(s)
		}
	})
}

func TestReputation(t *testing.T) {
	s, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := free.New(s)
	p := msg.Account{1}
	for i := range free.TrustedStreak {
		if r, err := f.Reputation(p); err != nil || r.Trusted() {
			t.Fatalf("trusted after %d jobs (%v)", i, err)
		}
		for range 2 { // a job counts once
			if err := f.Judge(p, msg.Hash{byte(i + 1)}, msg.Valid); err != nil {
				t.Fatal(err)
			}
		}
	}
	if r, err := f.Reputation(p); err != nil || !r.Trusted() || r.Valid != free.TrustedStreak {
		t.Errorf("reputation %+v (%v), want trusted", r, err)
	}
	if err := f.Judge(p, msg.Hash{200}, msg.Invalid); err != nil {
		t.Fatal(err)
	}
	if r, err := f.Reputation(p); err != nil || r.Trusted() || r.Streak != 0 || r.Invalid != 1 {
		t.Errorf("reputation %+v (%v), want none after a lie", r, err)
	}
}

// What a job earns is counted once however often it is settled.
func TestSettledTwiceEarnsOnce(t *testing.T) {
	s, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f, ctx := free.New(s), context.Background()
	j := settletest.NewJob(t, 60)
	receipt, err := j.Provider.Sign(j.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{f.Open(ctx, j.Signed, j.Provider.Account()), f.Commit(ctx, receipt), f.Reveal(ctx, j.Reveal(t, j.Secret)),
		f.Verdict(ctx, j.Verdict(t, j.Validators[0], msg.Valid)), f.Verdict(ctx, j.Verdict(t, j.Validators[1], msg.Valid))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if _, err := f.Settle(ctx, j.Hash); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := f.Reputation(j.Provider.Account()); err != nil || r.Valid != 1 {
		t.Errorf("reputation %+v (%v), want one valid result", r, err)
	}
}
