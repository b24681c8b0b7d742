package node

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// A running node lets go of what no job needs, keeps what one does, and has stopped when it is closed.
func TestTend(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	s := store.NewMemory(store.Options{})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	needed, err := s.Put(ctx, "consumer/job", bytes.NewReader(make([]byte, 100_000)))
	if err != nil {
		t.Fatal(err)
	}
	loose, err := s.Put(ctx, "loose", bytes.NewReader(make([]byte, 200_000)))
	if err == nil {
		err = s.Release("loose")
	}
	if err != nil {
		t.Fatal(err)
	}
	past := msg.Hash{1} // a job that is over for long
	spec, err := id.Sign(msg.JobSpec{Version: 1, Consumer: id.Account(), Deadline: 1, Policy: msg.Policy{Candidates: []msg.Candidate{}}})
	if err == nil {
		err = s.Journal("consumer/jobs").Put(past, consumer.Submission{Spec: spec, Root: past, Over: "failed", Peers: []string{}, Intervals: []identity.Signed{}})
	}
	if err != nil {
		t.Fatal(err)
	}
	n, err := Start(Config{Identity: id, Store: s, Cache: -1, Tend: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for s.Has(loose) {
		if ctx.Err() != nil {
			t.Fatal("content that nobody needs is still here")
		}
		time.Sleep(time.Millisecond)
	}
	for {
		if jobs, err := n.Consumer.Jobs(); err != nil || len(jobs) == 0 {
			break
		}
		if ctx.Err() != nil {
			t.Fatal("a job that is over for long is still known")
		}
		time.Sleep(time.Millisecond)
	}
	if !s.Has(needed) {
		t.Error("content that a job needs is gone")
	}
	if err := n.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(ctx, "loose", bytes.NewReader(make([]byte, 200_000))); err != nil {
		t.Fatal(err)
	}
	if err := s.Release("loose"); err != nil {
		t.Fatal(err)
	}
	select { // untend is through: nothing of it runs
	case <-time.After(20 * time.Millisecond):
	case <-ctx.Done():
	}
	if !s.Has(loose) {
		t.Error("a closed node removes content")
	}
}
