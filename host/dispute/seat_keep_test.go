package dispute

import (
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/proto/rpc"
)

// An account that nobody asks any more is not kept, and made again it says the same.
func TestSeatLetsGo(t *testing.T) {
	x := newTable(t, 60)
	for _, name := range []string{"provider", "challenger"} {
		s := x.seat(name)
		s.keep = time.Millisecond
		e := x.afresh()
		ask := func() string {
			t.Helper()
			m, err := s.Move(context.Background(), rpc.Dispute{Challenge: e.Dispute.Challenge, Moves: e.Dispute.Moves})
			if err != nil {
				return err.Error() // not its turn, if it is the other's
			}
			return string(m.Body)
		}
		seated := func() int {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(s.accounts)
		}
		first := ask()
		for seated() > 0 {
			time.Sleep(time.Millisecond)
		}
		if again := ask(); again != first {
			t.Errorf("%s says %q, and later %q", name, first, again)
		}
		s = x.seat(name)
		ask()
		if seated() != 1 {
			t.Errorf("%s keeps %d accounts between two questions, want 1", name, seated())
		}
	}
}

// An account is kept for the next move, and not for long where there is none.
func TestSeatLetsGoWhenAllIsSaid(t *testing.T) {
	ctx := context.Background()
	x := newTable(t, 60)
	seats := map[string]*Seat{"provider": x.seat("provider"), "challenger": x.seat("challenger")}
	kept := func(name string) time.Duration {
		t.Helper()
		s := seats[name]
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, g := range s.accounts {
			return g.keep
		}
		t.Fatalf("%s has no account", name)
		return 0
	}
	said, err := claim.Read(x.evidence.Records)
	if err != nil {
		t.Fatal(err)
	}
	d := rpc.Dispute{Challenge: x.evidence.Dispute.Challenge}
	g, err := BeginWith(said, d.Challenge)
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	for g.Question() == nil {
		if last != "" && kept(last) != keepSeated {
			t.Fatalf("after %d moves %s keeps its account for %s, though more is to be said", len(d.Moves), last, kept(last))
		}
		last = "provider"
		if g.Turn().Who == x.ids["challenger"].Account() {
			last = "challenger"
		}
		m, err := seats[last].Move(ctx, d)
		if err == nil {
			err = g.Play(m)
		}
		if err != nil {
			t.Fatal(err)
		}
		d.Moves = append(d.Moves, m)
	}
	if kept(last) != keepOver {
		t.Errorf("%s keeps its account for %s after the last move, wanted %s", last, kept(last), keepOver)
	}
	for name, s := range seats {
		if _, err := s.Proof(ctx, d); err != nil {
			t.Fatal(err)
		}
		if kept(name) != keepOver {
			t.Errorf("%s keeps its account for %s after the proof, wanted %s", name, kept(name), keepOver)
		}
	}
}
