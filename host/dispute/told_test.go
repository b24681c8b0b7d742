package dispute

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// soon is a moment after the receipts of these tests.
func soon() time.Time { return time.Unix(ended+1, 0) }

// Moves are kept as long as their dispute can be led, over restarts and in the form of earlier versions too; after that they go, and there is
// no other in their place.
func TestToldEnds(t *testing.T) {
	ctx := context.Background()
	x := newTable(t, 60)
	var spec msg.JobSpec
	if err := msg.Decode(x.evidence.Records.Spec.Body, &spec); err != nil {
		t.Fatal(err)
	}
	d := rpc.Dispute{Challenge: x.evidence.Dispute.Challenge, Moves: []identity.Signed{}}
	first, err := x.seat("provider").Move(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	journal := x.journals["provider"]
	keys, err := journal.Keys()
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d things are kept, %v; wanted the move, and the challenge that it answers", len(keys), err)
	}
	end := time.Unix(ended+int64(spec.Policy.Window), 0).Add(settle.Grace)
	old := msg.Hash{1} // of an earlier version
	if err := journal.Put(old, first); err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct {
		now   time.Time
		kept  int
		moves bool
	}{{end, 3, true}, {end.Add(time.Second), 1, false}, {end.Add(undated - time.Second), 1, false}, {end.Add(undated + time.Second), 0, false}} {
		s := x.seat("provider")
		s.told.now = func() time.Time { return at.now }
		for range 2 {
			if err := s.told.prune(); err != nil {
				t.Fatal(err)
			}
		}
		if keys, err := journal.Keys(); err != nil || len(keys) != at.kept {
			t.Fatalf("at %s %d moves are kept, %v; wanted %d", at.now.UTC(), len(keys), err, at.kept)
		}
		got, err := s.Move(ctx, d)
		if at.moves && (err != nil || got.Sig != first.Sig) || !at.moves && !errors.Is(err, ErrNotHere) {
			t.Fatalf("at %s: %v, a move like the first: %v; wanted one: %v", at.now.UTC(), err, got.Sig == first.Sig, at.moves)
		}
		if m, err := s.told.get(old); at.kept > 0 && (err != nil || m.Sig != first.Sig) {
			t.Fatalf("at %s a move of an earlier version: %v", at.now.UTC(), err)
		}
	}
	// While there are moves to keep, those that are over are looked for by the way.
	s, now := x.seat("challenger"), time.Unix(ended, 0)
	s.told.now = func() time.Time { return now }
	journal = x.journals["challenger"]
	if err := journal.Put(old, move{first, now.Unix() - 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Move(ctx, rpc.Dispute{Challenge: d.Challenge, Moves: []identity.Signed{first}}); err != nil {
		t.Fatal(err)
	}
	if keys, err := journal.Keys(); err != nil || len(keys) != 2 || slices.Contains(keys, old) {
		t.Errorf("moves %v, %v; wanted the one that was made and the one that it answers", keys, err)
	}
}
