package consumer

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// What nobody can ask about any more goes, with all that it pins; what somebody may ask about, or follows now, stays, and so does the evidence
// of what was proven.
func TestPrune(t *testing.T) {
	ctx := t.Context()
	s := store.NewMemory(store.Options{})
	const window, keep = 1000, 2 * time.Hour
	c := &Consumer{cfg: Config{Store: s, Keep: keep}, journal: journal{s.Journal("consumer/jobs"), s.Journal("consumer/intervals")}}
	long := time.Duration(window)*time.Second + settle.Grace + keep
	key, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	nonce := uint64(0)
	add := func(ago time.Duration, root *msg.Hash, over string) msg.Hash {
		t.Helper()
		nonce++
		spec := msg.JobSpec{Version: 1, Consumer: key.Account(), Nonce: nonce, Deadline: time.Now().Add(-ago).Unix(), Policy: msg.Policy{Window: window, Candidates: []msg.Candidate{}}}
		signed, err := key.Sign(spec)
		if err != nil {
			t.Fatal(err)
		}
		job := msg.HashOf(spec)
		m, err := s.Put(ctx, "manifest", bytes.NewReader(job[:]))
		if err != nil {
			t.Fatal(err)
		}
		a := &Submission{Spec: signed, Intervals: records(0, 3), Over: over, Addr: "somewhere", Root: job, Peers: []string{}, Kept: map[uint64]msg.Blob{1: m}}
		if root != nil {
			a.Root = *root
		}
		for _, by := range []string{owner(job), stateOwner(job, m), evidenceOwner(job)} {
			if err := s.Pin(by, m); err != nil {
				t.Fatal(err)
			}
		}
		e := dispute.Begun(rpc.JobRecords{Spec: signed, Intervals: []identity.Signed{}}, signed, []identity.Signed{})
		if err := errors.Join(s.Release("manifest"), c.journal.write(job, a), s.Journal("consumer/disputes").Put(job, disputeRecord{*e})); err != nil {
			t.Fatal(err)
		}
		return job
	}
	gone := map[string]msg.Hash{"old": add(long+time.Minute, nil, "accepted"), "never given": add(2*long, nil, ""), "moved": add(2*long, nil, "moved")}
	first := gone["moved"]
	gone["where it went"] = add(long+time.Minute, &first, "rejected")
	stays := map[string]msg.Hash{"young": add(long-time.Minute, nil, "accepted"), "not due": add(-time.Minute, nil, "failed"), "followed": add(2*long, nil, "")}
	stays["its first"] = add(2*long, nil, "moved")
	root := stays["its first"]
	stays["goes on elsewhere"] = add(long-time.Minute, &root, "")
	c.following.Store(stays["followed"], nil)
	for round := range 2 {
		n, err := c.Prune(ctx)
		if want := len(gone) * (1 - round); n != want || err != nil {
			t.Fatalf("%d forgotten, %v; wanted %d", n, err, want)
		}
		for name, job := range gone {
			if _, _, err := c.Find(job); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v, wanted it forgotten", name, err)
			}
		}
		for name, job := range stays {
			if got, _, err := c.Find(job); err != nil || !same(got.Intervals, records(0, 3)) {
				t.Errorf("%s is not whole: %v", name, err)
			}
		}
	}
	pins := map[string]bool{}
	owners, err := s.Owners()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range owners {
		pins[o] = true
	}
	for name, job := range gone {
		if pins[owner(job)] || !pins[evidenceOwner(job)] {
			t.Errorf("%s pins its content %v, its evidence %v", name, pins[owner(job)], pins[evidenceOwner(job)])
		}
	}
	if want := 3*len(stays) + len(gone); len(owners) != want {
		t.Errorf("%d owners pin something, wanted %d: %q", len(owners), want, owners)
	}
	for name, want := range map[string]int{"consumer/jobs": len(stays), "consumer/intervals": len(stays), "consumer/disputes": len(stays) - 2} {
		if keys, err := s.Journal(name).Keys(); err != nil || len(keys) != want {
			t.Errorf("%s has %d records, %v; wanted %d", name, len(keys), err, want)
		}
	}
}
