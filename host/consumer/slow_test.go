package consumer_test

import (
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/rpc"
)

// measured has a provider do a job for somebody else, so that it knows its speed.
func measured(t *testing.T, p *member) {
	t.Helper()
	s := submit(t, start(t, t.TempDir(), node.Config{}), request(t, p))
	s.wait()
	if s.err != nil {
		t.Fatal(s.err)
	}
}

func is(kind string) func(consumer.Event) bool {
	return func(e consumer.Event) bool { return e.Kind == kind }
}

// A provider that does not get on is not waited for while another could have the job done: that one begins where the state is, the first
// result is taken, and the slow one hears that it need not go on.
func TestSlowProviderGetsCompany(t *testing.T) {
	g1, g2 := newGate(3*perInterval), newGate(-1)
	p1, p2 := providerWith(t, g1, nil), providerWith(t, g2, nil)
	measured(t, p2)
	v := start(t, t.TempDir(), node.Config{Validator: true})
	c := start(t, t.TempDir(), node.Config{Patience: time.Hour})
	req := request(t, p1, p2, v)
	req.Reissue = 100 * time.Millisecond
	s := submit(t, c, req)
	job := s.chosen(p1).Job
	s.kept(job, 2)
	s.until("finding that it is slow", is("slow"))
	if e := s.chosen(p2); e.From != 3 {
		t.Errorf("the second provider begins with interval %d, want 3", e.From)
	}
	got := s.wait()
	if s.err != nil {
		t.Fatal(s.err)
	}
	if said := sameAsAlone(t, c, got[0], waves(t)); said.By[5] != p2.Account() {
		t.Errorf("the result is by %s, want the second provider", said.By[5])
	}
	if st, err := p1.Provider.Status(job); err != nil || st.State != rpc.StateCancelled {
		t.Errorf("the slow provider's job is %s (%v), want cancelled", st.State, err)
	}
	if sub, _, err := c.Consumer.Find(job); err != nil || sub.Over != "superseded" {
		t.Errorf("its submission is %q (%v), want superseded", sub.Over, err)
	}
}

// Whoever is done first is taken, be it the slow one.
func TestSlowProviderMayStillBeFirst(t *testing.T) {
	g1, g2 := newGate(3*perInterval), newGate(-1)
	p1, p2 := providerWith(t, g1, nil), providerWith(t, g2, nil)
	measured(t, p2)
	g2.pass(1) // from none left at all on
	g2.mu.Lock()
	g2.left = 0
	g2.mu.Unlock()
	c := start(t, t.TempDir(), node.Config{Patience: time.Hour})
	req := request(t, p1, p2)
	req.Reissue = 100 * time.Millisecond
	s := submit(t, c, req)
	s.chosen(p1)
	second := s.chosen(p2)
	s.until("start of the second", func(e consumer.Event) bool { return e.Provider == p2.Addr() && e.Status != nil })
	g1.pass(-1)
	got := s.wait()
	if s.err != nil {
		t.Fatal(s.err)
	}
	sameAsAlone(t, c, got[0], waves(t))
	if got[0].Provider != p1.Account() {
		t.Errorf("the result is by %s, want the first provider", got[0].Provider)
	}
	if st, err := p2.Provider.Status(second.Job); err != nil || st.State != rpc.StateCancelled {
		t.Errorf("the second provider's job is %s (%v), want cancelled", st.State, err)
	}
}

// A job that its provider gives back for its time is moved, with the work that is done.
func TestPastItsTimeIsMoved(t *testing.T) {
	g1, g2 := newGate(3*perInterval), newGate(-1)
	p1, p2 := providerWith(t, g1, nil), providerWith(t, g2, nil)
	c := start(t, t.TempDir(), node.Config{Patience: time.Hour})
	req := request(t, p1, p2)
	req.Times.Run = 2
	s := submit(t, c, req)
	s.chosen(p1)
	moved := s.until("giving back", is("moved"))
	if e := s.chosen(p2); e.From == 0 {
		t.Errorf("given back with %q: the second provider begins at the beginning", moved.Text)
	}
	got := s.wait()
	if s.err != nil {
		t.Fatal(s.err)
	}
	sameAsAlone(t, c, got[0], waves(t))
}

// Where replicas of one job run, each shows what the others could do, even if nobody has a figure to bid with.
func TestReplicaShowsThatAnotherIsSlow(t *testing.T) {
	g1, g2, g3 := newGate(2*perInterval), newGate(-1), newGate(-1)
	p1, p2, p3 := providerWith(t, g1, nil), providerWith(t, g2, nil), providerWith(t, g3, nil)
	c := start(t, t.TempDir(), node.Config{Patience: time.Hour})
	req := request(t, p1, p2, p3)
	req.Replicas, req.Reissue = 2, 100*time.Millisecond
	s := submit(t, c, req)
	s.until("finding that one is slow", is("slow"))
	e := s.until("the third", func(e consumer.Event) bool { return e.Kind == "chosen" && e.Provider == p3.Addr() })
	got := s.wait()
	if s.err != nil {
		t.Fatal(s.err)
	}
	if len(got) != 2 || e.From == 0 {
		t.Errorf("%d results, the third began with interval %d", len(got), e.From)
	}
	for _, r := range got {
		sameAsAlone(t, c, r, waves(t))
	}
}
