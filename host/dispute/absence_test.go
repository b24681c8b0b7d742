package dispute

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// jobWithJury is a court whose jury is the challenger; w1 to w3 are its witnesses.
func jobWithJury(t testing.TB) *court {
	t.Helper()
	c := try(t, waves(t), nil)
	if jury := settle.Jury(c.seed(), &c.said.Spec, &c.said.Receipt, nil); !slices.Equal(jury, []msg.Account{c.account("challenger")}) {
		t.Fatalf("the jury is %v", jury)
	}
	return c
}

// drawn is who comes behind so many others.
func (c *court) drawn(behind int) string {
	rank := settle.Draw(c.seed(), &c.said.Spec, &c.said.Receipt)
	for name, id := range c.ids {
		if id.Account() == rank[behind] {
			return name
		}
	}
	return ""
}

// TestAbsence: whoever owes something and does not give it to most witnesses is guilty.
func TestAbsence(t *testing.T) {
	c := jobWithJury(t)
	promise, _ := c.opened(t, "challenger", 1)
	late := c.about("challenger", rpc.DutyVerdict, 0)
	late.Until += 60 // it may wait for the others once
	second, third := c.drawn(1), c.drawn(2)
	replaced := c.attest(t, c.about("challenger", rpc.DutyPromise, 0), 2)
	for name, x := range map[string]struct {
		who   string
		about rpc.Absence
		with  Absence
	}{
		"reveal":                                 {"consumer", c.about("consumer", rpc.DutyReveal, 0), Absence{}},
		"state":                                  {"provider", c.about("provider", rpc.DutyState, 3), Absence{}},
		"promise":                                {"challenger", c.about("challenger", rpc.DutyPromise, 0), Absence{}},
		"verdict":                                {"challenger", late, Absence{Owed: &promise}},
		"challenge":                              {"challenger", c.about("challenger", rpc.DutyChallenge, 2), Absence{Owed: c.verdict(t, "challenger", 2, msg.Invalid)}},
		"the next one":                           {second, c.about(second, rpc.DutyPromise, 0), Absence{Others: replaced}},
		"one for the next":                       {third, c.about(third, rpc.DutyPromise, 0), Absence{Others: replaced}},
		"one in the place of one that was wrong": {second, c.about(second, rpc.DutyPromise, 0), Absence{}},
	} {
		if n := len(c.witnesses(x.about)); n != 3 {
			t.Fatalf("%s: %d witnesses", name, n)
		}
		for n := 2; n <= 3; n++ {
			x.with.Statements = c.attest(t, x.about, n)
			slices.Reverse(x.with.Statements)
			e, err := Absent(c.records, x.with)
			c.convicts(t, e, err, x.who)
			if out, err := e.Verify(context.Background(), nil); err != nil || len(out.Witnesses) != n {
				t.Errorf("%s: witnesses %v, wanted %d (%v)", name, out.Witnesses, n, err)
			}
		}
		x.with.Statements = c.attest(t, x.about, 1)
		if e, err := Absent(c.records, x.with); !errors.Is(err, ErrEvidence) {
			t.Errorf("%s by one of three: %+v, %v", name, e, err)
		}
	}
	// Before the share of the beacon is known, the consumer's witnesses are.
	r := c.records
	r.Reveal = nil
	e, err := Absent(r, Absence{Statements: c.attest(t, c.about("consumer", rpc.DutyReveal, 0), 2)})
	c.convicts(t, e, err, "consumer")
}

// TestNobodyElseIsAbsent: whatever witnesses say, nobody is found absent who does not owe it, was not given its time, or is spoken of by
// others than those drawn.
func TestNobodyElseIsAbsent(t *testing.T) {
	c := jobWithJury(t)
	promise, opening := c.opened(t, "challenger", 1)
	base := c.about("provider", rpc.DutyState, 3)
	third := c.drawn(2) // on the bench is the one before
	closes := settle.Closes(&c.said.Spec, &c.said.Receipt).Unix()
	with := func(a rpc.Absence, change func(*rpc.Absence)) rpc.Absence { change(&a); return a }
	refused := func(name string, a Absence) {
		t.Helper()
		if e, err := Absent(c.records, a); !errors.Is(err, ErrEvidence) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	for name, about := range map[string]rpc.Absence{
		"the first interval's state":     with(base, func(a *rpc.Absence) { a.Interval = 0 }),
		"a state behind the last":        with(base, func(a *rpc.Absence) { a.Interval = 6 }),
		"a state of somebody else":       with(base, func(a *rpc.Absence) { a.Who = c.account("challenger") }),
		"a share of the provider":        c.about("provider", rpc.DutyReveal, 0),
		"a promise of the provider":      c.about("provider", rpc.DutyPromise, 0),
		"a promise of a stranger":        c.about("referee", rpc.DutyPromise, 0),
		"a promise of one not drawn":     c.about(third, rpc.DutyPromise, 0),
		"a verdict without a promise":    c.about("challenger", rpc.DutyVerdict, 0),
		"a challenge without a verdict":  c.about("challenger", rpc.DutyChallenge, 2),
		"a move without a dispute":       with(c.about("provider", rpc.DutyMove, 0), func(a *rpc.Absence) { a.Other, a.Before = c.account("challenger"), msg.Hash{1} }),
		"a move before nothing":          c.about("provider", rpc.DutyMove, 0),
		"no duty that there is":          c.about("provider", "to be kind", 0),
		"an interval of a promise":       c.about("challenger", rpc.DutyPromise, 1),
		"another job":                    with(base, func(a *rpc.Absence) { a.Job[0] ^= 1 }),
		"another receipt":                with(base, func(a *rpc.Absence) { a.Receipt[0] ^= 1 }),
		"too short a time":               with(base, func(a *rpc.Absence) { a.Until-- }),
		"a time before all time":         with(base, func(a *rpc.Absence) { a.Since = -100 }),
		"a time that wraps around":       with(base, func(a *rpc.Absence) { a.Since, a.Until = 1<<62, -1<<62 }),
		"when the window was closed":     with(base, func(a *rpc.Absence) { a.Since, a.Until = closes+1, closes+100 }),
		"with another party":             with(base, func(a *rpc.Absence) { a.Other = c.account("w1") }),
		"with something it came after":   with(base, func(a *rpc.Absence) { a.Before = msg.Hash{1} }),
		"of another version":             with(base, func(a *rpc.Absence) { a.Version = 2 }),
		"a verdict that came in between": with(c.about("challenger", rpc.DutyVerdict, 0), func(a *rpc.Absence) { a.Until = a.Since + 119 }),
	} {
		statements := c.attest(t, about, len(c.witnesses(about)))
		refused(name, Absence{Statements: statements})
		if about.Duty == rpc.DutyVerdict && about.Until-about.Since == 119 {
			refused(name, Absence{Statements: statements, Owed: &promise})
		}
	}
	two := c.attest(t, base, 2)
	refused("none", Absence{})
	refused("more than it needs", Absence{Statements: two, Owed: &promise})
	refused("others who have nothing to do with it", Absence{Statements: two, Others: two})
	refused("one who says it twice", Absence{Statements: []identity.Signed{two[0], two[0]}})
	refused("somebody else's word", Absence{Statements: []identity.Signed{two[0], c.absent(t, "consumer", base)}})
	refused("a validator's word", Absence{Statements: []identity.Signed{two[0], c.absent(t, "challenger", base)}})
	refused("the party's own word", Absence{Statements: []identity.Signed{two[0], c.absent(t, "provider", base)}})
	refused("words about two things", Absence{Statements: []identity.Signed{two[0], c.attest(t, with(base, func(a *rpc.Absence) { a.Interval = 2 }), 2)[1]}})
	damaged := slices.Clone(two)
	damaged[1].Sig[7] ^= 1
	refused("a damaged signature", Absence{Statements: damaged})
	// A duty that follows from something else than what it is said to follow from.
	verdict := c.about("challenger", rpc.DutyVerdict, 0)
	verdict.Until += 60
	other, _ := c.opened(t, "w1", 1)
	elsewhere := changed(t, c.ids["challenger"], promise, func(p *rpc.VerdictCommit) { p.Receipt[0] ^= 1 })
	for name, owed := range map[string]*identity.Signed{"another's promise": &other, "an opening": &opening, "a promise on another receipt": &elsewhere} {
		refused(name, Absence{Statements: c.attest(t, verdict, 3), Owed: owed})
	}
	challenge := c.about("challenger", rpc.DutyChallenge, 2)
	for name, owed := range map[string]*identity.Signed{"a valid verdict": c.verdict(t, "challenger", 2, msg.Valid), "an unavailable verdict": c.verdict(t, "challenger", 2, msg.Unavailable),
		"a verdict on another interval": c.verdict(t, "challenger", 3, msg.Invalid), "another's verdict": c.verdict(t, "w1", 2, msg.Invalid)} {
		refused(name, Absence{Statements: c.attest(t, challenge, 3), Owed: owed})
	}
	// What the provider took over from another it need not defend, and nobody need dispute.
	for prior, owes := range map[uint64]bool{2: true, 3: false} {
		said := *c.said
		said.Spec.Prior = &msg.Prior{Intervals: prior}
		s, err := seed(c.said)
		if err != nil {
			t.Fatal(err)
		}
		a := Absence{Owed: c.verdict(t, "challenger", 2, msg.Invalid)}
		if _, _, err := a.owed(&said, s, &challenge); (err == nil) != owes {
			t.Errorf("a challenge of interval 2, behind %d of another's: %v", prior, err)
		}
	}
	// Replaced by one witness's word, nobody was replaced.
	refused("a promise of one who was not drawn yet", Absence{Statements: c.attest(t, c.about(third, rpc.DutyPromise, 0), 3), Others: c.attest(t, c.about("challenger", rpc.DutyPromise, 0), 1)})
	// Without the share of the beacon nobody is drawn.
	r := c.records
	r.Reveal = nil
	if e, err := Absent(r, Absence{Statements: two}); !errors.Is(err, ErrEvidence) {
		t.Errorf("without the share of the beacon: %+v, %v", e, err)
	}
	// In a job without a clock nobody can be late, and where nobody can be a witness nobody is.
	for name, change := range map[string]func(*msg.JobSpec){
		"no clock":      func(s *msg.JobSpec) { s.Policy.Clock, s.Policy.Validators = 0, 0 },
		"no candidates": func(s *msg.JobSpec) { s.Policy.Candidates = []msg.Candidate{} },
		"no policy": func(s *msg.JobSpec) {
			slices.Reverse(s.Policy.Candidates)
		},
	} {
		spec := c.said.Spec
		spec.Policy.Candidates = slices.Clone(spec.Policy.Candidates)
		change(&spec)
		x := &court{ids: c.ids, job: c.job, run: c.run}
		x.records = signedAs(t, spec, c)
		var err error
		if x.said, err = claim.Read(&x.records); err != nil {
			t.Fatal(err)
		}
		a := x.about("provider", rpc.DutyState, 3)
		if e, err := Absent(x.records, Absence{Statements: []identity.Signed{x.absent(t, "w1", a), x.absent(t, "w2", a), x.absent(t, "w3", a)}}); !errors.Is(err, ErrEvidence) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

// TestEntitled: those may dispute who were drawn, into the jury or behind it to stand in, with a clock that is long enough.
func TestEntitled(t *testing.T) {
	c := jobWithJury(t)
	rank := settle.Draw(c.seed(), &c.said.Spec, &c.said.Receipt)
	for i, a := range rank {
		err := Entitled(&Challenge{Challenger: a, Clock: 60}, c.said, nil)
		if drawn := i < 2; drawn == (err != nil) {
			t.Errorf("the one drawn in place %d: %v", i, err)
		}
	}
	out := c.attest(t, c.about("challenger", rpc.DutyPromise, 0), 2)
	if err := Entitled(&Challenge{Challenger: rank[2], Clock: 60}, c.said, out); err != nil {
		t.Errorf("the third, where the first is out: %v", err)
	}
	if err := Entitled(&Challenge{Challenger: rank[0], Clock: 59}, c.said, nil); !errors.Is(err, ErrEvidence) {
		t.Errorf("a clock of 59 seconds where the policy's is 60: %v", err)
	}
	said := *c.said
	said.Secret = nil
	if err := Entitled(&Challenge{Challenger: rank[0], Clock: 60}, &said, nil); !errors.Is(err, ErrEvidence) {
		t.Errorf("before anybody was drawn: %v", err)
	}
}

// signedAs is a court's run under another job.
func signedAs(t testing.TB, spec msg.JobSpec, c *court) rpc.JobRecords {
	t.Helper()
	receipt := c.said.Receipt
	receipt.Job = msg.HashOf(spec)
	reveal := sign(t, c.ids["consumer"], rpc.Reveal{Job: receipt.Job, Secret: secret})
	out := rpc.JobRecords{Spec: sign(t, c.ids["consumer"], spec), Receipt: sign(t, c.ids["provider"], receipt), Reveal: &reveal}
	for _, r := range c.said.Intervals {
		out.Intervals = append(out.Intervals, sign(t, c.ids["provider"], rpc.IntervalCommit{Job: receipt.Job, Record: r}))
	}
	return out
}

// TestMovedJobsStates: a provider owes the state that it went on from and those behind it, and not those of whoever was before.
func TestMovedJobsStates(t *testing.T) {
	job := waves(t)
	c := moved(t, job, run(t, job, nil))
	for i := uint64(1); i < 6; i++ {
		e, err := Absent(c.records, Absence{Statements: c.attest(t, c.about("provider", rpc.DutyState, i), 2)})
		if i < 4 {
			if !errors.Is(err, ErrEvidence) {
				t.Errorf("the state before interval %d: %+v, %v", i, e, err)
			}
			continue
		}
		c.convicts(t, e, err, "provider")
	}
}

// silenceOf is what the witnesses would say of the party whose turn it is.
func silenceOf(t testing.TB, x *table, e *Evidence, n int) []identity.Signed {
	t.Helper()
	said, err := claim.Read(e.Records)
	if err != nil {
		t.Fatal(err)
	}
	a := rebuild(t, e).owes(said)
	a.Since, a.Until = ended+10, ended+10+int64(rebuild(t, e).Challenge.Clock)
	var out []identity.Signed
	for _, name := range []string{"w1", "w2", "w3"}[:n] {
		out = append(out, sign(t, x.ids[name], a))
	}
	return out
}

// TestSilentParties: whoever says nothing at any turn is guilty by its witnesses' words, and the other never is. Where a witness is given the
// move the dispute goes on; where there are too few words nobody is guilty.
func TestSilentParties(t *testing.T) {
	ctx := context.Background()
	c := try(t, waves(t), &lieAt)
	whole := c.dispute(t)
	x := &table{job: c.job, ids: c.ids, evidence: whole}
	told := lieAt
	for from := range whole.Dispute.Moves {
		name := []string{"provider", "challenger"}[from%2]
		for _, answer := range []string{"silent", "given", "one word", "no answer", "no witnesses", "a forged move"} {
			var late time.Duration
			x.accounts = map[string]Prover{"provider": account(t, c.job, c.run, lieIn, &told), "challenger": account(t, c.job, c.run, lieIn, nil)}
			x.keepJournals()
			players := map[string]Player{"provider": x.seat("provider"), "challenger": x.seat("challenger")}
			asked := x.seat(name)
			players[name] = quiet{players[name], from, from + 1, &late}
			e := x.afresh()
			r := &Referee{Identity: x.ids["referee"], now: func() time.Time { return time.Now().Add(late) }}
			r.Absent = func(ctx context.Context, d rpc.Dispute, about rpc.Absence) (*identity.Signed, []identity.Signed, error) {
				if about.Who != c.account(name) || len(d.Moves) != from {
					t.Fatalf("witnesses are asked about %+v", about)
				}
				switch answer {
				case "silent":
					return nil, silenceOf(t, x, e, 3), nil
				case "one word":
					return nil, silenceOf(t, x, e, 1), nil
				case "no answer":
					return nil, nil, errQuiet
				}
				m, err := asked.Move(ctx, d)
				if answer == "a forged move" {
					m.Sig[4] ^= 1
				}
				return &m, nil, err
			}
			if answer == "no witnesses" {
				r.Absent = nil
			}
			out, err := r.Lead(ctx, e, x.job, players["provider"], players["challenger"])
			switch answer {
			case "silent":
				c.convicts(t, e, err, name)
				if err == nil && (!slices.Equal(out.Guilty, []msg.Account{c.account(name)}) || len(out.Witnesses) != 3 || len(e.Dispute.Moves) != from) {
					t.Errorf("silent from move %d: %+v", from, out)
				}
			case "given":
				c.convicts(t, e, err, "provider")
				if len(e.Dispute.Moves) != len(whole.Dispute.Moves) {
					t.Errorf("%d moves, %d where nobody is silent", len(e.Dispute.Moves), len(whole.Dispute.Moves))
				}
			default:
				if !errors.Is(err, ErrUndecided) || out != nil {
					t.Errorf("%s at move %d: %+v, %v", answer, from, out, err)
				}
				if out, err := e.Verify(ctx, nil); err == nil {
					t.Errorf("%s at move %d: the evidence says %+v", answer, from, out)
				}
			}
		}
	}
}

// TestSilenceRefused: of a turn that it does not owe, in a dispute that it need not answer, nobody is silent.
func TestSilenceRefused(t *testing.T) {
	ctx := context.Background()
	c := try(t, waves(t), &lieAt)
	e := c.dispute(t)
	x := &table{job: c.job, ids: c.ids, evidence: e}
	e.Dispute.Proof, e.Dispute.Moves, e.Blobs = nil, e.Dispute.Moves[:3], nil // now it is the challenger's turn
	words := silenceOf(t, x, e, 3)
	e.Dispute.Silence = bySigner(words)
	c.convicts(t, e, nil, "challenger")
	rechallenge := func(change func(*Challenge)) func(*Evidence, *Dispute) {
		return func(e *Evidence, d *Dispute) {
			var ch Challenge
			if _, err := d.Challenge.Open(&ch); err != nil {
				t.Fatal(err)
			}
			change(&ch)
			by := "challenger"
			if ch.Challenger == c.account("w1") {
				by = "w1"
			}
			d.Challenge, d.Moves = sign(t, c.ids[by], ch), nil
			d.Silence = bySigner(silenceOf(t, x, e, 3))
			if by == "w1" {
				d.Silence = d.Silence[:2]
			}
		}
	}
	e.Dispute.Silence = bySigner(words)
	again := func(change func(*rpc.Absence)) func(*Evidence, *Dispute) {
		return func(_ *Evidence, d *Dispute) {
			for i, name := range []string{"w1", "w2", "w3"} {
				d.Silence[i] = changed(t, c.ids[name], words[i], change)
			}
			d.Silence = bySigner(d.Silence)
		}
	}
	for name, change := range map[string]func(*Evidence, *Dispute){
		"of the other":         again(func(a *rpc.Absence) { a.Who, a.Other = a.Other, a.Who }),
		"of an older turn":     again(func(a *rpc.Absence) { a.Before = rebuild(t, e).ID }),
		"of another duty":      again(func(a *rpc.Absence) { a.Duty = rpc.DutyState }),
		"too short":            again(func(a *rpc.Absence) { a.Until-- }),
		"when all was over":    again(func(a *rpc.Absence) { a.Since += 3600 + 1800; a.Until += 3600 + 1800 }),
		"of one who owes else": again(func(a *rpc.Absence) { a.Interval = lieIn }),
		"one word":             func(_ *Evidence, d *Dispute) { d.Silence = d.Silence[:1] },
		"in another order":     func(_ *Evidence, d *Dispute) { slices.Reverse(d.Silence) },
		"one twice":            func(_ *Evidence, d *Dispute) { d.Silence[1] = d.Silence[0] },
		"the referee's word": func(_ *Evidence, d *Dispute) {
			d.Silence = []identity.Signed{resignedAbsence(t, c.ids["referee"], words[0])}
		},
		"the parties' words": func(_ *Evidence, d *Dispute) {
			d.Silence = bySigner([]identity.Signed{resignedAbsence(t, c.ids["provider"], words[0]), words[1]})
		},
		"a move more":       func(e *Evidence, d *Dispute) { d.Moves = c.dispute(t).Dispute.Moves[:4] },
		"a move less":       func(_ *Evidence, d *Dispute) { d.Moves = d.Moves[:2] },
		"with a blob":       func(e *Evidence, _ *Dispute) { e.Include(c.job) },
		"a clock too short": rechallenge(func(ch *Challenge) { ch.Clock = 59 }),
		"a challenger not drawn": rechallenge(func(ch *Challenge) {
			ch.Challenger = c.account("w1")
		}),
		"without the beacon": func(e *Evidence, _ *Dispute) { e.Records.Reveal = nil },
	} {
		bad, d, r := *e, *e.Dispute, *e.Records
		d.Silence = slices.Clone(d.Silence)
		bad.Dispute, bad.Records = &d, &r
		change(&bad, &d)
		if out, err := bad.Verify(ctx, nil); !errors.Is(err, ErrEvidence) {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	// A challenge as it should be, to compare.
	good, d := *e, *e.Dispute
	good.Dispute = &d
	rechallenge(func(ch *Challenge) { ch.Clock = 61 })(&good, &d)
	c.convicts(t, &good, nil, "provider")
}

// resignedAbsence is a witness's word under another's signature.
func resignedAbsence(t testing.TB, by *identity.Identity, s identity.Signed) identity.Signed {
	t.Helper()
	return changed(t, by, s, func(*rpc.Absence) {})
}
