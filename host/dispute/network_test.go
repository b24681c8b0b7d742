package dispute_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// TestHonestNetwork has honest nodes do a job over the network, two replicas of it: no two of the messages that they sign contradict each
// other, their records do not, and every interval run again bears out its record and every verdict on it.
func TestHonestNetwork(t *testing.T) {
	ctx := context.Background()
	n := devnettest.Network(t, devnet.Config{Providers: 2, Validators: 3})
	job, err := runtime.NewJob(devnettest.Guest(t, "waves"), nil, runtime.Spec{Seed: 3, Interval: 4})
	if err != nil {
		t.Fatal(err)
	}
	got, err := n.Consumer.Consumer.Submit(ctx, consumer.Request{Job: job, Peers: n.Peers(), Validators: 2, Replicas: 2, Deadline: time.Now().Add(time.Hour),
		Policy: msg.Policy{SamplePPM: 1_000_000, Window: 600, Clock: 30}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dev, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	states := []*state.Snapshot{nil}
	if _, err := runtime.Run(ctx, job, runtime.Options{Device: dev, OnInterval: func(_ msg.Interval, take func() (*state.Snapshot, error)) error {
		s, err := take()
		states = append(states, s)
		return err
	}}); err != nil {
		t.Fatal(err)
	}
	var all []identity.Signed
	verdicts := 0
	for _, r := range got {
		if !r.Outcome.Accepted || len(r.Disputes) != 0 {
			t.Fatalf("%+v", r.Outcome)
		}
		made, err := n.Consumer.Settlement.Case(ctx, r.Job)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r.Records.Spec, r.Records.Receipt, *r.Records.Reveal)
		all = append(all, r.Records.Intervals...)
		all = append(all, made.Promises...)
		for _, o := range made.Opened {
			all = append(append(all, o.Opening), o.Verdicts...)
			for _, signed := range o.Verdicts {
				var v msg.Verdict
				if _, err := signed.Open(&v); err != nil {
					t.Fatal(err)
				}
				verdicts++
				var manifest []byte
				page := func(h msg.Hash) ([]byte, error) {
					p, ok := states[v.Interval].Page(h)
					if !ok {
						return nil, os.ErrNotExist
					}
					return p, nil
				}
				if v.Interval > 0 {
					manifest = states[v.Interval].Manifest()
				}
				if e, err := dispute.Replayed(ctx, r.Records, v.Interval, &signed, job, manifest, page); !errors.Is(err, dispute.ErrEvidence) ||
					!strings.Contains(err.Error(), "comes to what its record says") {
					t.Errorf("interval %d, %s: %+v, %v", v.Interval, v.Value, e, err)
				}
			}
		}
		if e, err := dispute.Inconsistent(r.Records); !errors.Is(err, dispute.ErrEvidence) {
			t.Errorf("%+v, %v", e, err)
		}
	}
	if len(got) != 2 || verdicts != 12 {
		t.Errorf("%d results with %d verdicts, want 2 with 2 validators on 3 intervals each", len(got), verdicts)
	}
	for i, a := range all {
		for _, b := range all[i+1:] {
			if bytes.Equal(a.Body, b.Body) && a.Sig == b.Sig {
				t.Error("a message is there twice")
			}
			if e, err := dispute.Contradicts(a, b); !errors.Is(err, dispute.ErrEvidence) {
				t.Errorf("%+v, %v", e, err)
			}
		}
	}
}
