package devnet_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// A committee's member says guilty of what is proven, innocent where the evidence was gone through and shows nothing against the accused in this
// job, and unavailable of everything that it could not find out, whoever's fault that is.
func TestBallots(t *testing.T) {
	n := devnettest.Network(t, devnet.Config{Providers: 2, Validators: 3, Prices: fixed("3", "4"), Chain: &devnet.Money{},
		Faults: map[int]*runtime.Fault{0: {Step: 5, Any: true, Bit: 3}}})
	r, err := buy(t, n)
	if err != nil {
		t.Fatal(err)
	}
	if len(r[0].Rejected) != 1 {
		t.Fatalf("%d results are rejected, want the cheat's", len(r[0].Rejected))
	}
	made, err := n.Consumer.Settlement.Case(t.Context(), r[0].Rejected[0].Job)
	if err != nil || len(made.Rulings) != 1 {
		t.Fatalf("the consumer's book has %+v, %v", made, err)
	}
	f, err := n.Consumer.Consumer.Open(made.Rulings[0].Evidence)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	// shown has the consumer show other bytes instead.
	shown := func(data []byte) msg.Blob {
		b, err := n.Consumer.Store().Put(t.Context(), "test", bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	changed := func(change func(*dispute.Evidence)) msg.Blob {
		e, err := dispute.ReadEvidence(bytes.NewReader(whole))
		if err != nil {
			t.Fatal(err)
		}
		change(e)
		var out bytes.Buffer
		if err := e.Write(&out); err != nil {
			t.Fatal(err)
		}
		return shown(out.Bytes())
	}
	terms := made.Agreement.Terms
	judge := n.Validators[0]
	question := evm.Question{ID: 1, Round: 1, Job: terms.Job, Evidence: made.Rulings[0].Evidence, Accuser: n.Consumer.Account(), Accused: terms.Provider,
		Consumer: terms.Consumer, Provider: terms.Provider}
	for _, tc := range []struct {
		what   string
		change func(q *evm.Question)
		want   evm.Ballot
	}{
		{"proven", func(*evm.Question) {}, evm.Guilty},
		{"somebody else", func(q *evm.Question) { q.Accused = n.Validators[1].Account() }, evm.Innocent},
		{"another job", func(q *evm.Question) { q.Job[0] ^= 1 }, evm.Innocent},
		{"no job", func(q *evm.Question) { q.Job = msg.Hash{} }, evm.Unavailable},
		{"no evidence", func(q *evm.Question) { q.Evidence = shown([]byte("he did it")) }, evm.Innocent},
		{"too long", func(q *evm.Question) { q.Evidence = msg.Blob{Root: msg.Hash{1}, Size: dispute.MaxEvidence + 1} }, evm.Innocent},
		{"another's move", func(q *evm.Question) {
			q.Evidence = changed(func(e *dispute.Evidence) { m := e.Dispute.Moves; m[0], m[1] = m[1], m[0] })
		}, evm.Innocent},
		{"a part of the proof is missing", func(q *evm.Question) {
			q.Evidence = changed(func(e *dispute.Evidence) { e.Dispute.Proof.Pages = nil })
		}, evm.Innocent},
		{"the module is missing", func(q *evm.Question) { q.Evidence = changed(func(e *dispute.Evidence) { e.Blobs = [][]byte{} }) }, evm.Unavailable},
		{"it is not shown", func(q *evm.Question) { q.Evidence.Root[0] ^= 1 }, evm.Unavailable},
		{"the accuser is nowhere", func(q *evm.Question) { q.Accuser, q.Evidence.Root[0] = msg.Account{1}, 0 }, evm.Unavailable},
	} {
		q := question
		tc.change(&q)
		q.Until = time.Now().Add(time.Minute)
		if tc.want == evm.Unavailable {
			q.Until = time.Now().Add(4 * time.Second)
		}
		if b, err := judge.Vote(t.Context(), q); err != nil || b != tc.want {
			t.Errorf("%s: ballot %d, %v, want %d", tc.what, b, err, tc.want)
		}
	}
	// Cut short anywhere, it could not be found out.
	unable := 0
	for wait := time.Millisecond; wait < 10*time.Second; wait = wait * 5 / 4 {
		q := question
		q.Until = time.Now().Add(wait)
		b, err := judge.Vote(t.Context(), q)
		if err != nil || b != evm.Guilty && b != evm.Unavailable {
			t.Errorf("with %v of time: ballot %d, %v", wait, b, err)
		}
		if b == evm.Guilty {
			break
		}
		unable++
	}
	if unable == 0 {
		t.Error("a millisecond was enough to find it out")
	}
	// A node that stops says nothing.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	question.Until = time.Now().Add(time.Minute)
	if b, err := judge.Vote(ctx, question); !errors.Is(err, context.Canceled) {
		t.Errorf("a node that stops votes %d, %v", b, err)
	}
}
