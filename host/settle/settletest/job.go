// Package settletest is the suite that every Settlement passes.
package settletest

import (
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
	Validators         []*identity.Identity // in the order of the draw
	Spec               msg.JobSpec
	Signed             identity.Signed
	Hash               msg.Hash
	Secret             msg.Hash
	Receipt            msg.Receipt
	Seed               msg.Hash

	t testing.TB
}

// NewJob makes a job of four intervals whose policy wants two validators of four, within window from now on.
func NewJob(t testing.TB, now time.Time, window time.Duration) *Job {
	t.Helper()
	j := &Job{t: t, Secret: msg.Hash{7}}
	key := func() *identity.Identity {
		id, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	j.Consumer, j.Provider = key(), key()
	byAccount := map[msg.Account]*identity.Identity{}
	for range 4 {
		id := key()
		byAccount[id.Account()] = id
	}
	j.Spec = msg.JobSpec{Version: 1, Consumer: j.Consumer.Account(), Deadline: now.Add(time.Hour).Unix(),
		Program:    msg.Program{Version: 1, Inputs: []msg.Input{}, Args: []string{}, Interval: 1},
		Policy:     msg.Policy{SamplePPM: 500_000, Validators: 2, Window: uint32(window / time.Second), Clock: 5},
		Commitment: settle.Commitment(j.Secret)}
	for a := range byAccount {
		j.Spec.Policy.Candidates = append(j.Spec.Policy.Candidates, msg.Candidate{Account: a, Weight: 1})
	}
	sortCandidates(j.Spec.Policy.Candidates)
	j.Receipt = msg.Receipt{Version: 1, Program: msg.HashOf(j.Spec.Program), Status: msg.Finished, Trace: msg.Hash{1},
		Outputs: []msg.Output{}, Provider: j.Provider.Account(), Nonce: msg.Hash{2}, Intervals: 4, Ended: now.Unix()}
	j.Change(func(*msg.JobSpec) {})
	for _, a := range settle.Draw(j.Seed, &j.Spec, &j.Receipt) {
		j.Validators = append(j.Validators, byAccount[a])
	}
	return j
}

// Change changes the job and signs it anew.
func (j *Job) Change(f func(*msg.JobSpec)) {
	j.t.Helper()
	f(&j.Spec)
	j.Signed, j.Hash = j.Sign(j.Consumer, j.Spec), msg.HashOf(j.Spec)
	j.Receipt.Job = j.Hash
	j.Seed = settle.Beacon(j.Hash, j.Secret, j.Receipt.Nonce, j.Receipt.Trace)
}

func sortCandidates(c []msg.Candidate) {
	for i := range c {
		for k := i; k > 0 && string(c[k].Account[:]) < string(c[k-1].Account[:]); k-- {
			c[k], c[k-1] = c[k-1], c[k]
		}
	}
}

// Sign signs a message.
func (j *Job) Sign(id *identity.Identity, v msg.Hashed) identity.Signed {
	j.t.Helper()
	s, err := id.Sign(v)
	if err != nil {
		j.t.Fatal(err)
	}
	return s
}

// Agreed is what the consumer and a provider agree on.
func (j *Job) Agreed(provider *identity.Identity) rpc.Agreement {
	return rpc.Unpaid(&j.Spec, provider.Account())
}

// Committed is the provider's signed receipt.
func (j *Job) Committed() identity.Signed { return j.Sign(j.Provider, j.Receipt) }

// Reveal is the consumer's signed share of the beacon.
func (j *Job) Reveal(secret msg.Hash) identity.Signed {
	return j.Sign(j.Consumer, rpc.Reveal{Job: j.Hash, Secret: secret})
}

// Verdicts are signed verdicts on all that a validator drew, each of them value.
func (j *Job) Verdicts(by *identity.Identity, value msg.Value) []identity.Signed {
	var out []identity.Signed
	for _, i := range settle.Sample(j.Seed, by.Account(), j.Receipt.Intervals, j.Spec.Policy.SamplePPM) {
		out = append(out, j.Verdict(by, i, value))
	}
	return out
}

// Verdict is a signed verdict on one interval of the receipt.
func (j *Job) Verdict(by *identity.Identity, interval uint64, value msg.Value) identity.Signed {
	return j.Sign(by, msg.Verdict{Version: 1, Job: j.Hash, Receipt: msg.HashOf(j.Receipt), Validator: by.Account(), Interval: interval, Value: value})
}

// Bind makes a validator's commitment to verdicts, and what opens it.
func (j *Job) Bind(by *identity.Identity, verdicts []identity.Signed) (identity.Signed, rpc.Opened) {
	o := rpc.Opening{Version: 1, Job: j.Hash, Receipt: msg.HashOf(j.Receipt), Validator: by.Account(), Salt: msg.Hash{3}, Verdicts: []msg.Hash{}}
	for _, signed := range verdicts {
		var v msg.Verdict
		if err := msg.Decode(signed.Body, &v); err != nil {
			j.t.Fatal(err)
		}
		o.Verdicts = append(o.Verdicts, msg.HashOf(v))
	}
	p := rpc.VerdictCommit{Version: 1, Job: j.Hash, Receipt: o.Receipt, Validator: o.Validator, Hash: msg.HashOf(o)}
	return j.Sign(by, p), rpc.Opened{Opening: j.Sign(by, o), Verdicts: verdicts}
}

// Ruling is one against somebody, by evidence with a name.
func (j *Job) Ruling(evidence byte, kind string, guilty ...msg.Account) settle.Ruling {
	return settle.Ruling{Job: j.Hash, Kind: kind, Guilty: guilty, Reason: "a test says so", Evidence: msg.Blob{Root: msg.Hash{evidence}, Size: 1}}
}
