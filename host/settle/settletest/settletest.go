// Package settletest is the suite that every Settlement passes.
package settletest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Job is a job of the suite with everybody's key.
type Job struct {
	Consumer, Provider *identity.Identity
	Validators         []*identity.Identity
	Spec               msg.JobSpec
	Signed             identity.Signed
	Hash               msg.Hash
	Secret             msg.Hash
	Receipt            msg.Receipt
}

// NewJob makes a job whose policy wants two validators within window seconds.
func NewJob(t testing.TB, window uint32) *Job {
	t.Helper()
	j := &Job{Secret: msg.Hash{7}}
	key := func() *identity.Identity {
		id, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	j.Consumer, j.Provider, j.Validators = key(), key(), []*identity.Identity{key(), key(), key()}
	j.Spec = msg.JobSpec{Version: 1, Consumer: j.Consumer.Account(), Deadline: time.Now().Add(time.Hour).Unix(),
		Program: msg.Program{Version: 1, Inputs: []msg.Input{}, Args: []string{}, Interval: 1},
		Policy:  msg.Policy{SamplePPM: 500_000, Validators: 2, Window: window}, Commitment: settle.Commitment(j.Secret)}
	j.Signed = sign(t, j.Consumer, j.Spec)
	j.Hash = msg.HashOf(j.Spec)
	j.Receipt = msg.Receipt{Version: 1, Job: j.Hash, Program: msg.HashOf(j.Spec.Program), Status: msg.Finished, Trace: msg.Hash{1},
		Outputs: []msg.Output{}, Provider: j.Provider.Account(), Nonce: msg.Hash{2}}
	return j
}

func sign(t testing.TB, id *identity.Identity, v msg.Hashed) identity.Signed {
	t.Helper()
	s, err := id.Sign(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Reveal is the consumer's signed share of the beacon.
func (j *Job) Reveal(t testing.TB, secret msg.Hash) identity.Signed {
	return sign(t, j.Consumer, rpc.Reveal{Job: j.Hash, Secret: secret})
}

// Verdict is a signed verdict on the job's receipt.
func (j *Job) Verdict(t testing.TB, by *identity.Identity, value msg.Value) identity.Signed {
	return sign(t, by, msg.Verdict{Version: 1, Job: j.Hash, Receipt: msg.HashOf(j.Receipt), Validator: by.Account(), Value: value})
}

// Run runs the suite. open gives a fresh Settlement; reopen, if not nil, gives one over what the last one kept, as after a
// kill.
func Run(t *testing.T, open func(t *testing.T) (s settle.Settlement, reopen func() settle.Settlement)) {
	ctx := context.Background()
	want := func(t *testing.T, err, target error) {
		t.Helper()
		if !errors.Is(err, target) {
			t.Errorf("error %v, want %v", err, target)
		}
	}
	ok := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	// begun has a job up to its beacon.
	begun := func(t *testing.T, s settle.Settlement, window uint32) *Job {
		j := NewJob(t, window)
		ok(t, s.Open(ctx, j.Signed, j.Provider.Account()))
		ok(t, s.Commit(ctx, sign(t, j.Provider, j.Receipt)))
		ok(t, s.Reveal(ctx, j.Reveal(t, j.Secret)))
		return j
	}

	t.Run("order", func(t *testing.T) {
		s, _ := open(t)
		j := NewJob(t, 60)
		receipt := sign(t, j.Provider, j.Receipt)
		want(t, s.Commit(ctx, receipt), settle.ErrUnknown)
		want(t, s.Reveal(ctx, j.Reveal(t, j.Secret)), settle.ErrUnknown)
		_, err := s.Seed(ctx, j.Hash)
		want(t, err, settle.ErrUnknown)
		_, err = s.Settle(ctx, j.Hash)
		want(t, err, settle.ErrUnknown)

		ok(t, s.Open(ctx, j.Signed, j.Provider.Account()))
		want(t, s.Reveal(ctx, j.Reveal(t, j.Secret)), settle.ErrNotYet) // the provider must not learn it before it commits
		want(t, s.Verdict(ctx, j.Verdict(t, j.Validators[0], msg.Valid)), settle.ErrNotYet)
		ok(t, s.Commit(ctx, receipt))
		_, err = s.Seed(ctx, j.Hash)
		want(t, err, settle.ErrNotYet)
		want(t, s.Reveal(ctx, j.Reveal(t, msg.Hash{8})), settle.ErrMismatch)
		ok(t, s.Reveal(ctx, j.Reveal(t, j.Secret)))
		seed, err := s.Seed(ctx, j.Hash)
		ok(t, err)
		if again, err := s.Seed(ctx, j.Hash); err != nil || again != seed || seed == (msg.Hash{}) {
			t.Errorf("seed %v, then %v (%v)", seed, again, err)
		}
	})

	t.Run("every move repeated", func(t *testing.T) {
		s, _ := open(t)
		j := NewJob(t, 60)
		v := [2]identity.Signed{j.Verdict(t, j.Validators[0], msg.Valid), j.Verdict(t, j.Validators[1], msg.Valid)}
		receipt := sign(t, j.Provider, j.Receipt)
		for range 2 {
			ok(t, s.Open(ctx, j.Signed, j.Provider.Account()))
		}
		for range 2 {
			ok(t, s.Commit(ctx, receipt))
		}
		for range 2 {
			ok(t, s.Reveal(ctx, j.Reveal(t, j.Secret)))
		}
		for range 2 {
			ok(t, s.Verdict(ctx, v[0]))
			ok(t, s.Verdict(ctx, v[1]))
		}
		for range 2 {
			out, err := s.Settle(ctx, j.Hash)
			ok(t, err)
			if err == nil && (!out.Accepted || out.Guilty != nil || len(out.Verdicts) != 2) {
				t.Errorf("outcome %+v, want accepted by two", out)
			}
		}
	})

	t.Run("wrong parties", func(t *testing.T) {
		s, _ := open(t)
		j := NewJob(t, 60)
		want(t, s.Open(ctx, sign(t, j.Provider, j.Spec), j.Provider.Account()), settle.ErrMismatch)
		ok(t, s.Open(ctx, j.Signed, j.Provider.Account()))
		want(t, s.Open(ctx, j.Signed, j.Validators[0].Account()), settle.ErrConflict)
		want(t, s.Commit(ctx, sign(t, j.Validators[0], j.Receipt)), settle.ErrMismatch)
		other := j.Receipt
		other.Program = msg.Hash{3}
		want(t, s.Commit(ctx, sign(t, j.Provider, other)), settle.ErrMismatch)
		ok(t, s.Commit(ctx, sign(t, j.Provider, j.Receipt)))
		other = j.Receipt
		other.Trace = msg.Hash{3}
		want(t, s.Commit(ctx, sign(t, j.Provider, other)), settle.ErrConflict)
		ok(t, s.Reveal(ctx, j.Reveal(t, j.Secret)))
		for _, party := range []*identity.Identity{j.Provider, j.Consumer} {
			want(t, s.Verdict(ctx, j.Verdict(t, party, msg.Valid)), settle.ErrMismatch)
		}
		forged := msg.Verdict{Version: 1, Job: j.Hash, Receipt: msg.HashOf(j.Receipt), Validator: j.Validators[0].Account(), Value: msg.Invalid}
		want(t, s.Verdict(ctx, sign(t, j.Validators[1], forged)), settle.ErrMismatch)
		stale := forged
		stale.Receipt = msg.Hash{4}
		want(t, s.Verdict(ctx, sign(t, j.Validators[0], stale)), settle.ErrMismatch)
		ok(t, s.Verdict(ctx, j.Verdict(t, j.Validators[0], msg.Valid)))
		want(t, s.Verdict(ctx, j.Verdict(t, j.Validators[0], msg.Invalid)), settle.ErrConflict)
	})

	t.Run("outcomes", func(t *testing.T) {
		s, _ := open(t)
		j := begun(t, s, 60)
		ok(t, s.Verdict(ctx, j.Verdict(t, j.Validators[0], msg.Valid)))
		_, err := s.Settle(ctx, j.Hash)
		want(t, err, settle.ErrNotYet) // one of two, and the window is open
		ok(t, s.Verdict(ctx, j.Verdict(t, j.Validators[1], msg.Invalid)))
		out, err := s.Settle(ctx, j.Hash)
		ok(t, err)
		if err == nil && (out.Accepted || out.Guilty == nil || *out.Guilty != j.Provider.Account()) {
			t.Errorf("outcome %+v, want that the provider is guilty", out)
		}
		// Nobody was asked: accepted, and it says so.
		j = NewJob(t, 60)
		j.Spec.Policy.Validators = 0
		j.Signed, j.Hash = sign(t, j.Consumer, j.Spec), msg.HashOf(j.Spec)
		j.Receipt.Job = j.Hash
		ok(t, s.Open(ctx, j.Signed, j.Provider.Account()))
		ok(t, s.Commit(ctx, sign(t, j.Provider, j.Receipt)))
		ok(t, s.Reveal(ctx, j.Reveal(t, j.Secret)))
		out, err = s.Settle(ctx, j.Hash)
		ok(t, err)
		if err == nil && (!out.Accepted || !strings.HasPrefix(out.Reason, "unchecked")) {
			t.Errorf("outcome %+v, want accepted and unchecked", out)
		}
		j = begun(t, s, 0) // a window that is over at once
		ok(t, s.Verdict(ctx, j.Verdict(t, j.Validators[0], msg.Valid)))
		ok(t, s.Verdict(ctx, j.Verdict(t, j.Validators[1], msg.Unavailable)))
		out, err = s.Settle(ctx, j.Hash)
		ok(t, err)
		if err == nil && (out.Accepted || out.Guilty != nil) {
			t.Errorf("outcome %+v, want neither accepted nor anybody guilty: it could not be checked", out)
		}
	})

	t.Run("rulings", func(t *testing.T) {
		s, reopen := open(t)
		// A challenger that was found wrong: its verdict does not count, and the other two do.
		j := begun(t, s, 60)
		for i, v := range []msg.Value{msg.Invalid, msg.Valid, msg.Valid} {
			ok(t, s.Verdict(ctx, j.Verdict(t, j.Validators[i], v)))
		}
		ruling := settle.Ruling{Dispute: msg.Hash{5}, Job: j.Hash, Provider: j.Provider.Account(), Challenger: j.Validators[0].Account(),
			Guilty: []msg.Account{j.Validators[0].Account()}, Reason: "a false challenge"}
		other := ruling
		other.Challenger = j.Validators[1].Account()
		want(t, s.Rule(ctx, other), settle.ErrMismatch) // it has disputed nothing
		unknown := ruling
		unknown.Job = msg.Hash{9}
		want(t, s.Rule(ctx, unknown), settle.ErrUnknown)
		for range 2 {
			ok(t, s.Rule(ctx, ruling))
			if reopen != nil {
				s = reopen()
			}
		}
		other = ruling
		other.Guilty = []msg.Account{j.Provider.Account()}
		want(t, s.Rule(ctx, other), settle.ErrConflict)
		out, err := s.Settle(ctx, j.Hash)
		ok(t, err)
		if err == nil && (!out.Accepted || out.Guilty != nil || len(out.Rulings) != 1) {
			t.Errorf("outcome %+v, want accepted: the one verdict against it was overruled", out)
		}
		// A provider that was proven wrong.
		j = begun(t, s, 60)
		ok(t, s.Verdict(ctx, j.Verdict(t, j.Validators[0], msg.Invalid)))
		ok(t, s.Rule(ctx, settle.Ruling{Dispute: msg.Hash{6}, Job: j.Hash, Provider: j.Provider.Account(), Challenger: j.Validators[0].Account(),
			Guilty: []msg.Account{j.Provider.Account()}, Reason: "a word"}))
		out, err = s.Settle(ctx, j.Hash)
		ok(t, err)
		if err == nil && (out.Accepted || out.Guilty == nil || *out.Guilty != j.Provider.Account() || !strings.Contains(out.Reason, "proven wrong")) {
			t.Errorf("outcome %+v, want the provider proven wrong", out)
		}
	})

	t.Run("reopened", func(t *testing.T) {
		s, reopen := open(t)
		if reopen == nil {
			return
		}
		j := NewJob(t, 60)
		ok(t, s.Open(ctx, j.Signed, j.Provider.Account()))
		s = reopen()
		ok(t, s.Commit(ctx, sign(t, j.Provider, j.Receipt)))
		s = reopen()
		ok(t, s.Reveal(ctx, j.Reveal(t, j.Secret)))
		s = reopen()
		seed, err := s.Seed(ctx, j.Hash)
		ok(t, err)
		if want := settle.Beacon(j.Hash, j.Secret, j.Receipt.Nonce, j.Receipt.Trace); seed != want {
			t.Errorf("seed %v, want %v", seed, want)
		}
		ok(t, s.Verdict(ctx, j.Verdict(t, j.Validators[0], msg.Valid)))
		s = reopen()
		ok(t, s.Verdict(ctx, j.Verdict(t, j.Validators[1], msg.Valid)))
		s = reopen()
		out, err := s.Settle(ctx, j.Hash)
		ok(t, err)
		if err == nil && !out.Accepted {
			t.Errorf("outcome %+v, want accepted", out)
		}
	})
}
