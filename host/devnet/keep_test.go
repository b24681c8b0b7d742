package devnet_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Whatever a role pinned for a job has an end once the job is over for it.
func TestNothingIsKeptForEver(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 1, Keep: time.Hour})
	req := request(t, n)
	if _, err := n.Consumer.Consumer.Submit(context.Background(), req, nil); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range n.Stores() {
		all, err := s.Holdings()
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range all {
			role, _, _ := strings.Cut(h.Owner, "/")
			seen[role] = true
			if left := time.Until(h.Until); left < time.Hour-time.Minute || left > 2*time.Hour {
				t.Errorf("what %s pins ends at %v, want its window and an hour from now", h.Owner, h.Until)
			}
		}
	}
	if !seen["provider"] || !seen["consumer"] || !seen["validator"] {
		t.Errorf("somebody pins nothing: %v", seen)
	}
}

// A consumer that died before a submission was in its journal, or before anybody was given it, keeps nothing of it when it is back.
func TestOrphansAreReleased(t *testing.T) {
	s, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	pin := func(owner, what string) {
		t.Helper()
		if _, err := s.Put(context.Background(), owner, bytes.NewReader([]byte(what))); err != nil {
			t.Fatal(err)
		}
	}
	signed := func(nonce uint64) (identity.Signed, msg.Hash) {
		t.Helper()
		spec := msg.JobSpec{Version: 1, Program: waves(t).Program, Consumer: id.Account(), Nonce: nonce}
		signed, err := id.Sign(spec)
		if err != nil {
			t.Fatal(err)
		}
		return signed, msg.HashOf(spec)
	}
	keep := map[string]bool{}
	_, never := signed(1)
	pin("consumer/"+never.String(), "never came into the journal")
	for i, sub := range []consumer.Submission{{}, {Addr: "127.0.0.1:1"}, {Addr: "127.0.0.1:1", Over: "accepted"}} {
		spec, job := signed(uint64(i) + 2)
		sub.Spec = spec
		if err := s.Journal("consumer/jobs").Put(job, sub); err != nil {
			t.Fatal(err)
		}
		pin("consumer/"+job.String(), string(rune('a'+i)))
		keep["consumer/"+job.String()] = i == 1
	}
	pin("evidence/"+never.String(), "stays")
	keep["evidence/"+never.String()] = true
	n, err := node.Start(node.Config{Identity: id, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close(context.Background())
	all, err := s.Holdings()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range all {
		if stays, known := keep[h.Owner]; !known || stays != h.Until.IsZero() {
			t.Errorf("%s is kept until %v; under way: %v, known: %v", h.Owner, h.Until, stays, known)
		}
		delete(keep, h.Owner)
	}
	for owner, stays := range keep {
		if stays {
			t.Errorf("%s is gone", owner)
		}
	}
}
