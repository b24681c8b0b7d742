package dispute

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// opened is a validator's promise and opening of verdicts.
func (c *court) opened(t testing.TB, by string, salt byte, verdicts ...*identity.Signed) (promise, opening identity.Signed) {
	t.Helper()
	o := rpc.Opening{Version: 1, Job: c.said.Job, Receipt: msg.HashOf(c.said.Receipt), Validator: c.account(by), Salt: msg.Hash{salt}}
	for _, s := range verdicts {
		var v msg.Verdict
		if _, err := s.Open(&v); err != nil {
			t.Fatal(err)
		}
		o.Verdicts = append(o.Verdicts, msg.HashOf(v))
	}
	p := rpc.VerdictCommit{Version: 1, Job: o.Job, Receipt: o.Receipt, Validator: o.Validator, Hash: msg.HashOf(o)}
	return sign(t, c.ids[by], p), sign(t, c.ids[by], o)
}

// changed is a message as its signer would have signed it otherwise.
func changed[T any, P interface {
	*T
	msg.Hashed
}](t testing.TB, id *identity.Identity, s identity.Signed, change func(*T)) identity.Signed {
	t.Helper()
	var v T
	if _, err := s.Open(P(&v)); err != nil {
		t.Fatal(err)
	}
	change(&v)
	return sign(t, id, P(&v))
}

// TestContradictions: two messages of one key that exclude each other convict it, whichever comes first; the same two of different keys, or
// about different things, convict nobody.
func TestContradictions(t *testing.T) {
	c := try(t, waves(t), nil)
	v := c.verdict(t, "challenger", 2, msg.Valid)
	promise, opening := c.opened(t, "challenger", 1, v)
	provider, challenger, consumer := c.ids["provider"], c.ids["challenger"], c.ids["consumer"]
	challenge := sign(t, challenger, challengeOf(t, &c.records, c.ids))
	move := sign(t, provider, Move{Version: 1, Dispute: msg.Hash{1}, Before: msg.Hash{2}, Stage: Steps})
	type pair struct {
		who      string
		by       *identity.Identity
		a, b     identity.Signed
		elsewise func(b identity.Signed, by *identity.Identity) identity.Signed // about something else
	}
	for name, x := range map[string]pair{
		"interval records": {"provider", provider, c.records.Intervals[2], changed(t, provider, c.records.Intervals[2], func(m *rpc.IntervalCommit) { m.Record.State[0] ^= 1 }),
			func(b identity.Signed, by *identity.Identity) identity.Signed {
				return changed(t, by, b, func(m *rpc.IntervalCommit) { m.Record.Index = 3 })
			}},
		"receipts": {"provider", provider, c.records.Receipt, changed(t, provider, c.records.Receipt, func(m *msg.Receipt) { m.Nonce[0] ^= 1 }),
			func(b identity.Signed, by *identity.Identity) identity.Signed {
				return changed(t, by, b, func(m *msg.Receipt) { m.Job[0] ^= 1 })
			}},
		"verdicts": {"challenger", challenger, *v, changed(t, challenger, *v, func(m *msg.Verdict) { m.Value = msg.Invalid }),
			func(b identity.Signed, by *identity.Identity) identity.Signed {
				return changed(t, by, b, func(m *msg.Verdict) { m.Receipt[0] ^= 1 })
			}},
		"promises": {"challenger", challenger, promise, changed(t, challenger, promise, func(m *rpc.VerdictCommit) { m.Hash[0] ^= 1 }),
			func(b identity.Signed, by *identity.Identity) identity.Signed {
				return changed(t, by, b, func(m *rpc.VerdictCommit) { m.Receipt[0] ^= 1 })
			}},
		"openings": {"challenger", challenger, opening, changed(t, challenger, opening, func(m *rpc.Opening) { m.Verdicts[0][0] ^= 1 }),
			func(b identity.Signed, by *identity.Identity) identity.Signed {
				return changed(t, by, b, func(m *rpc.Opening) { m.Receipt[0] ^= 1 })
			}},
		"promise and opening": {"challenger", challenger, promise, changed(t, challenger, opening, func(m *rpc.Opening) { m.Salt[0] ^= 1 }),
			func(b identity.Signed, by *identity.Identity) identity.Signed {
				return changed(t, by, b, func(m *rpc.Opening) { m.Receipt[0] ^= 1 })
			}},
		"challenges": {"challenger", challenger, challenge, changed(t, challenger, challenge, func(m *Challenge) { m.Record.Index++ }),
			func(b identity.Signed, by *identity.Identity) identity.Signed {
				return changed(t, by, b, func(m *Challenge) { m.Receipt[0] ^= 1 })
			}},
		"moves": {"provider", provider, move, changed(t, provider, move, func(m *Move) { m.Count = 4 }),
			func(b identity.Signed, by *identity.Identity) identity.Signed {
				return changed(t, by, b, func(m *Move) { m.Before[0] ^= 1 })
			}},
		"share of the beacon": {"consumer", consumer, c.records.Spec, changed(t, consumer, *c.records.Reveal, func(m *rpc.Reveal) { m.Secret[0] ^= 1 }),
			func(b identity.Signed, by *identity.Identity) identity.Signed {
				return changed(t, by, b, func(m *rpc.Reveal) { m.Job[0] ^= 1 })
			}},
	} {
		for _, two := range [][2]identity.Signed{{x.a, x.b}, {x.b, x.a}} {
			e, err := Contradicts(two[0], two[1])
			c.convicts(t, e, err, x.who)
			if e.Contradiction.What != name {
				t.Errorf("%s is called %q", name, e.Contradiction.What)
			}
			turned := *e.Contradiction
			turned.Messages = []identity.Signed{turned.Messages[1], turned.Messages[0]}
			if out, err := (&Evidence{Version: 2, Contradiction: &turned}).Verify(context.Background(), nil); !errors.Is(err, ErrEvidence) {
				t.Errorf("%s the other way round: %+v, %v", name, out, err)
			}
			for _, other := range exclusions {
				wrong := *e.Contradiction
				wrong.What = other.what
				if out, err := (&Evidence{Version: 2, Contradiction: &wrong}).Verify(context.Background(), nil); other.what != name && !errors.Is(err, ErrEvidence) {
					t.Errorf("%s as %s: %+v, %v", name, other.what, out, err)
				}
			}
		}
		for what, b := range map[string]identity.Signed{"the same twice": x.a, "about something else": x.elsewise(x.b, x.by), "of another key": x.elsewise(x.b, c.ids["w1"]),
			"signed by another": resigned(t, c.ids["w1"], x.b)} {
			if e, err := Contradicts(x.a, b); !errors.Is(err, ErrEvidence) {
				t.Errorf("%s, %s: %+v, %v", name, what, e, err)
			}
		}
	}
}

// TestContradictionInAnothersName: what somebody signs in another's name is no message of either.
func TestContradictionInAnothersName(t *testing.T) {
	c := try(t, waves(t), nil)
	v := c.verdict(t, "challenger", 2, msg.Valid)
	a, b := resigned(t, c.ids["w1"], *v), changed(t, c.ids["w1"], *v, func(m *msg.Verdict) { m.Value = msg.Invalid })
	if e, err := Contradicts(a, b); !errors.Is(err, ErrEvidence) {
		t.Errorf("%+v, %v", e, err)
	}
}

// resigned is a message's body under another's signature.
func resigned(t testing.TB, by *identity.Identity, s identity.Signed) identity.Signed {
	t.Helper()
	for _, v := range []msg.Hashed{new(rpc.IntervalCommit), new(msg.Receipt), new(msg.Verdict), new(rpc.VerdictCommit), new(rpc.Opening), new(Challenge), new(Move), new(rpc.Reveal)} {
		if msg.Decode(s.Body, v) == nil {
			return sign(t, by, v)
		}
	}
	t.Fatal("a message of no known kind")
	return s
}

// honestly is every message that honest parties sign about a job, and about a lying provider's job but for its own: with what they say when
// they are asked again later, under other circumstances.
func honestly(t testing.TB, job *runtime.Job, fault *runtime.Fault) (*court, []identity.Signed) {
	t.Helper()
	c := try(t, job, fault)
	out := []identity.Signed{c.records.Spec, *c.records.Reveal}
	if fault == nil {
		out = append(out, c.records.Receipt)
		out = append(out, c.records.Intervals...)
	}
	for _, by := range []string{"challenger", "w1"} {
		var verdicts []*identity.Signed
		for i := range uint64(len(c.said.Intervals)) {
			truth := msg.Valid
			if fault != nil && i == lieIn {
				truth = msg.Invalid
			}
			v := c.verdict(t, by, i, truth)
			verdicts = append(verdicts, v)
			if i < lieIn-1 || i > lieIn {
				continue // like the others
			}
			// Before the state could be had; on another device; and with the difference narrowed down by what the provider answered.
			out = append(out, *c.verdict(t, by, i, msg.Unavailable), *v,
				changed(t, c.ids[by], *v, func(m *msg.Verdict) { m.Device = "another" }),
				changed(t, c.ids[by], *v, func(m *msg.Verdict) {
					if truth == msg.Invalid {
						m.First = &msg.Difference{What: "guest"}
					}
				}),
				changed(t, c.ids[by], *c.verdict(t, by, i, msg.Unavailable), func(m *msg.Verdict) { m.Missing = "later" }))
		}
		promise, opening := c.opened(t, by, by[0], verdicts...)
		out = append(out, promise, opening)
	}
	for _, who := range []string{"provider", "challenger"} {
		out = append(out, c.attest(t, c.about(who, rpc.DutyState, 2), 2)...)
	}
	if fault != nil {
		e := c.dispute(t)
		for i, m := range e.Dispute.Moves {
			if i%2 == 1 { // the challenger's
				out = append(out, m)
			}
		}
		out = append(out, e.Dispute.Challenge)
	}
	return c, out
}

// dispute leads a dispute about the interval with the lie, which the provider loses: by seats that tell what they computed.
func (c *court) dispute(t testing.TB) *Evidence {
	told := lieAt
	return c.led(t, &told, nil)
}

// led leads a dispute about the interval with the lie between parties whose machines have these faults.
func (c *court) led(t testing.TB, provider, challenger *runtime.Fault) *Evidence {
	t.Helper()
	ctx := context.Background()
	ours := account(t, c.job, c.run, lieIn, challenger)
	x := &table{job: c.job, ids: c.ids, accounts: map[string]Prover{"provider": account(t, c.job, c.run, lieIn, provider), "challenger": ours}}
	x.keepJournals()
	rec, err := ours.Record(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ch := challengeOf(t, &c.records, c.ids)
	ch.Record = rec
	x.evidence = Begun(c.records, sign(t, c.ids["challenger"], ch), nil)
	if _, err := (&Referee{Identity: c.ids["referee"]}).Lead(ctx, x.evidence, c.job, x.seat("provider"), x.seat("challenger")); err != nil {
		t.Fatal(err)
	}
	return x.evidence
}

// TestHonestMessagesNeverContradict tries every pair of messages that honest parties sign, in their own job and in that of another run.
func TestHonestMessagesNeverContradict(t *testing.T) {
	job := waves(t)
	var all []identity.Signed
	for _, fault := range []*runtime.Fault{nil, &lieAt} {
		c, messages := honestly(t, job, fault)
		// The same job submitted again by the same parties: other messages about the same intervals.
		again := &court{job: job, run: c.run, ids: c.ids}
		spec := c.said.Spec
		spec.Nonce = 77
		s := sign(t, c.ids["consumer"], spec)
		messages = append(messages, s, changed(t, c.ids["consumer"], *c.records.Reveal, func(m *rpc.Reveal) { m.Job = msg.HashOf(spec) }))
		if fault == nil {
			for _, commit := range c.records.Intervals {
				messages = append(messages, changed(t, again.ids["provider"], commit, func(m *rpc.IntervalCommit) { m.Job = msg.HashOf(spec) }))
			}
			messages = append(messages, changed(t, c.ids["provider"], c.records.Receipt, func(m *msg.Receipt) { m.Job = msg.HashOf(spec) }))
		}
		all = append(all, messages...)
	}
	pairs := 0
	for i, a := range all {
		for _, b := range all[i:] {
			pairs++
			if e, err := Contradicts(a, b); !errors.Is(err, ErrEvidence) {
				out, _ := e.Verify(context.Background(), nil)
				t.Fatalf("%+v, %v", out, err)
			}
		}
	}
	t.Logf("%d pairs of %d messages", pairs, len(all))
}

// TestInconsistentRecords: a provider whose receipt is over other records than those it gave out has contradicted itself; its own records,
// left out, given twice or turned round, have not.
func TestInconsistentRecords(t *testing.T) {
	job := waves(t)
	c := &court{job: job, run: run(t, job, nil), ids: identities(t)}
	c.run.res.Receipt.Trace = msg.Hash{8}
	c.records = recordsBy(t, job, c.run.res, c.ids)
	e, err := Inconsistent(c.records)
	c.convicts(t, e, err, "provider")
	var lie *claim.Inconsistent
	if _, err := claim.Read(e.Records); !errors.As(err, &lie) {
		t.Errorf("the records are read: %v", err)
	}

	honest := try(t, job, nil)
	n := len(honest.records.Intervals)
	for name, change := range map[string]func(r *rpc.JobRecords){
		"as they are": func(*rpc.JobRecords) {},
		"one less":    func(r *rpc.JobRecords) { r.Intervals = r.Intervals[:n-1] },
		"one twice":   func(r *rpc.JobRecords) { r.Intervals[2] = r.Intervals[1] },
		"one more":    func(r *rpc.JobRecords) { r.Intervals = append(r.Intervals, r.Intervals[0]) },
		"turned":      func(r *rpc.JobRecords) { slices.Reverse(r.Intervals) },
		"another's":   func(r *rpc.JobRecords) { r.Intervals[1] = resigned(t, honest.ids["w1"], r.Intervals[1]) },
		"a signature": func(r *rpc.JobRecords) { r.Intervals[1].Sig[9] ^= 1 },
		"another job": func(r *rpc.JobRecords) {
			r.Spec = changed(t, honest.ids["consumer"], r.Spec, func(m *msg.JobSpec) { m.Nonce++ })
		},
		"another program": func(r *rpc.JobRecords) {
			r.Spec = changed(t, honest.ids["consumer"], r.Spec, func(m *msg.JobSpec) { m.Program.Seed++ })
		},
		"a job that goes on": func(r *rpc.JobRecords) {
			r.Spec = changed(t, honest.ids["consumer"], r.Spec, func(m *msg.JobSpec) { m.Prior = &msg.Prior{Intervals: 1, Trace: trace.Root(honest.said.Intervals[:1])} })
		},
	} {
		r := honest.records
		r.Intervals = slices.Clone(r.Intervals)
		change(&r)
		if e, err := Inconsistent(r); !errors.Is(err, ErrEvidence) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	if !bytes.Equal(honest.records.Intervals[1].Body, msg.Encode(rpc.IntervalCommit{Job: honest.said.Job, Record: honest.said.Intervals[1]})) {
		t.Error("the records were changed by the test")
	}
}
