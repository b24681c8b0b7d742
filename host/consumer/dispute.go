package consumer

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/host/witness"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Disputed is something that was proven: a dispute that was led to its end, or evidence of another kind.
type Disputed struct {
	Evidence *dispute.Evidence
	Outcome  *dispute.Outcome
	Blob     msg.Blob // of the evidence, in this node's store
}

// disputeRecord is what the journal has of a dispute that is under way.
type disputeRecord struct {
	Evidence dispute.Evidence `cbor:"1,keyasint"`
}

// evidenceOwner pins the evidence about a job, for good.
func evidenceOwner(job msg.Hash) string { return "evidence/" + job.String() }

// prove stores evidence and has it ruled on.
func (j *judging) prove(ctx context.Context, e *dispute.Evidence, interval uint64) error {
	out, err := e.Verify(ctx, nil)
	if err != nil {
		return err
	}
	d, err := j.c.keep(ctx, j.r.res.Job, e, out)
	if err != nil {
		return err
	}
	return j.rule(ctx, d, interval)
}

// keep stores evidence.
func (c *Consumer) keep(ctx context.Context, job msg.Hash, e *dispute.Evidence, out *dispute.Outcome) (*Disputed, error) {
	var b bytes.Buffer
	if err := e.Write(&b); err != nil {
		return nil, err
	}
	d := &Disputed{Evidence: e, Outcome: out}
	var err error
	d.Blob, err = c.cfg.Store.Put(ctx, evidenceOwner(job), &b)
	return d, err
}

// inconsistent refuses a result whose records contradict each other, all signed by the provider: that is a proof by itself.
func (c *Consumer) inconsistent(ctx context.Context, s *Submission, job msg.Hash, res *Result, lie *claim.Inconsistent, event func(Event)) error {
	rejected := fmt.Errorf("%w: the provider's own records contradict each other: %s", ErrRejected, lie.Text)
	e, err := dispute.Inconsistent(res.Records)
	if err != nil {
		return errors.Join(rejected, err)
	}
	out, err := e.Verify(ctx, nil)
	if err != nil {
		return errors.Join(rejected, err)
	}
	d, err := c.keep(ctx, job, e, out)
	if err != nil {
		return errors.Join(rejected, err)
	}
	err = c.cfg.Settlement.Rule(ctx, d.ruling(job, 0))
	event(Event{Job: job, Provider: s.Addr, Kind: "ruling", Text: fmt.Sprintf("wrong is the provider, by %s: %s", out.Kind, out.Reason)})
	if err == nil {
		_, err = c.cfg.Settlement.Settle(ctx, job)
	}
	return errors.Join(rejected, err)
}

// Convict rules on evidence about a job of this consumer's that was found in another way, and stores it.
func (c *Consumer) Convict(ctx context.Context, job msg.Hash, e *dispute.Evidence) (msg.Blob, error) {
	out, err := e.Verify(ctx, nil)
	if err != nil {
		return msg.Blob{}, err
	}
	if out.Job != job {
		return msg.Blob{}, fmt.Errorf("evidence about job %s, wanted %s", out.Job, job)
	}
	d, err := c.keep(ctx, job, e, out)
	if err != nil {
		return msg.Blob{}, err
	}
	interval := uint64(0)
	if out.Interval != nil {
		interval = *out.Interval
	}
	if err := c.cfg.Settlement.Rule(ctx, d.ruling(job, interval)); err != nil {
		return d.Blob, err
	}
	// Whoever is named is known for it from now on, however the job stands.
	if _, err := c.cfg.Settlement.Settle(ctx, job); err != nil && !errors.Is(err, settle.ErrNotYet) {
		return d.Blob, err
	}
	return d.Blob, nil
}

// evidence reads evidence back.
func (c *Consumer) evidence(b msg.Blob) (*dispute.Evidence, error) {
	r, err := c.Open(b)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return dispute.ReadEvidence(r)
}

// ruling is what a settlement is told of it.
func (d *Disputed) ruling(job msg.Hash, interval uint64) settle.Ruling {
	out := d.Outcome
	// Where a record is proven wrong, the result that is built on it cannot stand, whoever signed the record.
	void := out.Kind == dispute.ByReplay && slices.ContainsFunc(out.Guilty, func(a msg.Account) bool { return a != out.Validator })
	return settle.Ruling{Job: job, Kind: out.Kind, Interval: interval, Guilty: out.Guilty, Void: void, Reason: out.Reason, Evidence: d.Blob}
}

// rule gives what was proven to the settlement.
func (j *judging) rule(ctx context.Context, d *Disputed, interval uint64) error {
	out, r := d.Outcome, d.ruling(j.r.res.Job, interval)
	if err := j.c.cfg.Settlement.Rule(ctx, r); err != nil {
		return err
	}
	j.proven(d)
	names := make([]string, len(out.Guilty))
	for i, a := range out.Guilty {
		names[i] = j.name(a)
	}
	if len(names) == 0 {
		names = []string{"nobody"}
	}
	rounds := ""
	if out.Rounds > 0 {
		rounds = fmt.Sprintf(" after %d rounds", out.Rounds)
	}
	j.event(Event{Job: r.Job, Provider: j.r.s.Addr, Kind: "ruling", Text: fmt.Sprintf("wrong is %s%s, by %s: %s", strings.Join(names, ", "), rounds, out.Kind, out.Reason)})
	return nil
}

// name calls somebody by its part in the job.
func (j *judging) name(a msg.Account) string {
	switch a {
	case j.r.s.Provider:
		return "the provider"
	case j.r.spec.Consumer:
		return "the consumer"
	}
	return a.String()
}

// proven takes note of what was ruled on.
func (j *judging) proven(d *Disputed) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.r.res.Disputes = append(j.r.res.Disputes, *d)
	if a := d.Evidence.Absence; a != nil {
		j.absences = append(j.absences, a.Statements...)
	}
}

// claimed is a verdict as it was given.
type claimed struct {
	msg.Verdict
	signed identity.Signed
}

// resolve has the verdicts of the jury that found something invalid proven or refuted, of each juror the first such interval. What can be
// neither leaves the verdict standing.
func (j *judging) resolve(ctx context.Context, jury []msg.Account) (moved bool, _ error) {
	made, err := j.c.cfg.Settlement.Case(ctx, j.r.res.Job)
	if err != nil {
		return false, err
	}
	var all []claimed
	for _, o := range made.Opened {
		for _, signed := range o.Verdicts {
			v := claimed{signed: signed}
			if err := msg.Decode(signed.Body, &v.Verdict); err != nil {
				return false, err
			}
			all = append(all, v)
		}
	}
	slices.SortStableFunc(all, func(a, b claimed) int {
		return cmp.Or(cmp.Compare(a.Interval, b.Interval), bytes.Compare(a.Validator[:], b.Validator[:]))
	})
	seen := map[msg.Account]bool{}
	for _, v := range all {
		at := doubt{v.Validator, v.Interval}
		if v.Value != msg.Invalid || !slices.Contains(jury, v.Validator) || seen[v.Validator] || j.tried[at] {
			continue
		}
		seen[v.Validator], j.tried[at] = true, true
		d, interval, err := j.settleDoubt(ctx, v)
		if ctx.Err() != nil {
			return moved, ctx.Err()
		}
		if err != nil {
			j.c.cfg.Log.Warn("dispute", "job", j.r.res.Job, "interval", v.Interval, "err", err)
			j.event(Event{Job: j.r.res.Job, Provider: j.r.s.Addr, Kind: "ruling", Text: "no ruling: " + err.Error()})
			continue
		}
		if d == nil {
			moved = true // ruled on already
			continue
		}
		if err := j.rule(ctx, d, interval); err != nil {
			return moved, err
		}
		moved = true
		if slices.Contains(d.Outcome.Guilty, v.Validator) {
			if again, err := j.others(ctx, v.Validator, interval, all); again != nil || err != nil {
				if err == nil {
					err = j.rule(ctx, again.d, again.interval)
				}
				if err != nil {
					return true, err
				}
				return true, j.convict(ctx, again.interval, all)
			}
		}
		if slices.Contains(d.Outcome.Guilty, j.r.s.Provider) || slices.ContainsFunc(d.Outcome.Guilty, func(a msg.Account) bool { return a != v.Validator }) {
			return true, j.convict(ctx, interval, all) // once is enough
		}
	}
	if moved {
		return true, nil
	}
	// What a juror could not check this node may: where nothing is to be replayed, since the job was over before, that is a proof.
	looked := 0
	for _, v := range all {
		at := doubt{by: v.Validator, interval: v.Interval}
		if v.Value != msg.Unavailable || !slices.Contains(jury, v.Validator) || j.tried[at] || looked == maxUnchecked {
			continue
		}
		j.tried[at] = true
		looked++
		d, err := j.replay(ctx, v.Interval, nil)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err != nil {
			j.c.cfg.Log.Info("what a juror could not check", "job", j.r.res.Job, "interval", v.Interval, "err", err)
			continue
		}
		return true, j.rule(ctx, d, v.Interval)
	}
	return false, nil
}

// maxUnchecked bounds the intervals that this node runs again since a juror could not check them.
const maxUnchecked = 2

// maxOthers bounds the other findings of a juror that was wrong once which are looked at.
const maxOthers = 8

// shown is what running an interval again has shown.
type shown struct {
	d        *Disputed
	interval uint64
}

// others looks at what else a juror found invalid that was wrong once: with one lie it could take the truth that it told beside it out of the
// way. It gives what is wrong with the result, nil if nothing is found.
func (j *judging) others(ctx context.Context, liar msg.Account, at uint64, all []claimed) (*shown, error) {
	ctx, cancel := context.WithTimeout(ctx, j.c.cfg.MaxReplay)
	defer cancel()
	looked := 0
	for _, v := range all {
		if v.Validator != liar || v.Interval == at || v.Value != msg.Invalid || looked == maxOthers {
			continue
		}
		looked++
		d, err := j.replay(ctx, v.Interval, &v.signed)
		if err != nil {
			j.c.cfg.Log.Info("what a wrong juror found besides", "job", j.r.res.Job, "interval", v.Interval, "err", err)
			continue
		}
		if !slices.Contains(d.Outcome.Guilty, v.Validator) {
			return &shown{d, v.Interval}, nil
		}
	}
	return nil, nil
}

// settleDoubt finds out who is right about an interval that a juror found invalid: in a dispute between it and the provider, which costs next to nothing;
// where that cannot be had, by running the interval again here. It gives the interval that was looked at, and nil where there is a ruling
// already.
func (j *judging) settleDoubt(ctx context.Context, v claimed) (*Disputed, uint64, error) {
	if v.Interval < j.r.said.Prior() {
		d, err := j.replay(ctx, v.Interval, &v.signed) // its signer is no party of this job
		return d, v.Interval, err
	}
	d, interval, ruled, err := j.lead(ctx, v)
	if err == nil && (ruled || len(d.Outcome.Guilty) > 0) || ctx.Err() != nil {
		return d, interval, err
	}
	if err == nil {
		err = fmt.Errorf("nobody is wrong: %s", d.Outcome.Reason)
	}
	again, second := j.replay(ctx, v.Interval, &v.signed)
	if second != nil {
		return nil, v.Interval, errors.Join(err, second)
	}
	return again, v.Interval, nil
}

// convict proves wrong who found an interval valid that was proven not to be, as far as that can be afforded.
func (j *judging) convict(ctx context.Context, interval uint64, all []claimed) error {
	for _, v := range all {
		if v.Interval != interval || v.Value != msg.Valid {
			continue
		}
		d, err := j.replay(ctx, interval, &v.signed)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			j.c.cfg.Log.Warn("a verdict that was wrong could not be proven so", "job", j.r.res.Job, "validator", v.Validator, "err", err)
			continue
		}
		if err := j.rule(ctx, d, interval); err != nil {
			return err
		}
	}
	return nil
}

// replay runs an interval again on this node's CPU, against whoever signed what it does not come to.
func (j *judging) replay(ctx context.Context, interval uint64, verdict *identity.Signed) (*Disputed, error) {
	job, err := j.c.load(&j.r.spec.Program)
	if err != nil {
		return nil, err
	}
	var manifest []byte
	if interval > 0 {
		if manifest, err = j.manifest(ctx, interval-1); err != nil {
			return nil, fmt.Errorf("the state that interval %d begins in: %w", interval, err)
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, j.c.cfg.MaxReplay, fmt.Errorf("running interval %d again takes more than %s", interval, j.c.cfg.MaxReplay))
	defer cancel()
	e, err := dispute.Replayed(ctx, j.r.res.Records, interval, verdict, job, manifest, j.c.cfg.Store.GetPage)
	if err != nil {
		return nil, errors.Join(err, context.Cause(ctx))
	}
	out, err := e.Verify(ctx, nil)
	if err != nil {
		return nil, err
	}
	return j.c.keep(ctx, j.r.res.Job, e, out)
}

// manifest is the table of pages of the state behind an interval, which is here afterwards.
func (j *judging) manifest(ctx context.Context, interval uint64) ([]byte, error) {
	j.mu.Lock()
	b, ok := j.states[interval]
	j.mu.Unlock()
	if ok {
		if m, err := store.ReadAll(j.c.cfg.Store, b, b.Size); err == nil {
			return m, nil
		}
	}
	if interval+1 < j.r.said.Prior() {
		return j.rebuild(ctx, interval)
	}
	m, _, err := j.c.state(ctx, j.r, interval)
	return m, err
}

// lead referees a dispute, from where the journal has it. A juror has one about a receipt, whatever else it has found: interval is what that
// is about. ruled says that the juror did not dispute what it had found invalid, which was proven and ruled on instead.
func (j *judging) lead(ctx context.Context, v claimed) (_ *Disputed, interval uint64, ruled bool, _ error) {
	signed, d, ruled, err := j.challenge(ctx, v)
	if err != nil || ruled || d != nil {
		return d, v.Interval, ruled, err
	}
	ch, err := j.asked(signed, v)
	if err != nil {
		return nil, v.Interval, false, err
	}
	interval = ch.Record.Index
	if at := (doubt{v.Validator, interval}); interval != v.Interval {
		if j.tried[at] {
			return nil, v.Interval, false, fmt.Errorf("%s disputed interval %d instead", v.Validator, interval)
		}
		j.tried[at] = true
	}
	job, err := j.c.load(&j.r.spec.Program)
	if err != nil {
		return nil, interval, false, err
	}
	journal := j.c.cfg.Store.Journal("consumer/disputes")
	id := msg.HashOf(*ch)
	e := dispute.Begun(j.r.res.Records, *signed, append([]identity.Signed{}, j.absences...))
	var kept disputeRecord
	if journal.Get(id, &kept) == nil {
		e = &kept.Evidence
	}
	j.event(Event{Job: j.r.res.Job, Provider: j.r.s.Addr, Kind: "dispute", Text: fmt.Sprintf("%s disputes interval %d", v.Validator, interval)})
	ref := &dispute.Referee{Identity: j.c.cfg.Identity, Absent: j.absent, Keep: func(e *dispute.Evidence) error {
		return journal.Put(id, disputeRecord{Evidence: *e})
	}}
	out, err := ref.Lead(ctx, e, job, j.c.Peer(j.r.s), j.peer(v.Validator))
	if err != nil {
		return nil, interval, false, err
	}
	if d, err = j.c.keep(ctx, j.r.res.Job, e, out); err != nil {
		return nil, interval, false, err
	}
	return d, interval, false, journal.Delete(id)
}

// asked checks that a challenge is one that this node can lead.
func (j *judging) asked(signed *identity.Signed, v claimed) (*dispute.Challenge, error) {
	g, err := dispute.BeginWith(j.r.said, *signed)
	if err != nil {
		return nil, err
	}
	if ch := &g.Challenge; ch.Challenger != v.Validator || ch.Clock != j.r.spec.Policy.Clock || ch.Referee != j.c.cfg.Identity.Account() {
		return nil, fmt.Errorf("%s challenges otherwise than it was asked", v.Validator)
	}
	return &g.Challenge, nil
}

// challenge has a juror begin the dispute about what it found invalid, or witnesses see that it does not. Where the interval can be run
// again here, d is what that proves instead.
func (j *judging) challenge(ctx context.Context, v claimed) (ch *identity.Signed, d *Disputed, ruled bool, _ error) {
	req := rpc.ChallengeRequest{Verdict: v.signed, Referee: j.c.cfg.Identity.Account(), Clock: j.r.spec.Policy.Clock}
	p := j.peer(v.Validator)
	if p == nil {
		return nil, nil, false, fmt.Errorf("%s is not to be found", v.Validator)
	}
	var fault error
	for end := time.Now().Add(j.clock()); ; {
		turn, cancel := context.WithDeadline(ctx, end)
		signed, err := p.Challenge(turn, req)
		cancel()
		if err == nil {
			_, err = j.asked(&signed, v)
		}
		if err == nil {
			return &signed, nil, false, nil
		}
		if fault = err; ctx.Err() != nil || !peer.OutOfReach(err) || !time.Now().Add(200*time.Millisecond).Before(end) {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	if ctx.Err() != nil {
		return nil, nil, false, ctx.Err()
	}
	// Not everything that is wrong can be disputed: a record behind the end of the job is refuted by running it, and its finder cannot be asked
	// for more.
	if d, err := j.replay(ctx, v.Interval, &v.signed); err == nil {
		return nil, d, false, nil
	}
	if ctx.Err() != nil {
		return nil, nil, false, ctx.Err()
	}
	j.event(Event{Job: j.r.res.Job, Provider: p.Addr, Kind: "witness", Text: fmt.Sprintf("%s does not dispute what it found invalid (%v): witnesses ask it", v.Validator, fault)})
	ruled, err := j.witnessed(ctx, rpc.WitnessRequest{Who: v.Validator, Duty: rpc.DutyChallenge, Interval: v.Interval, Challenge: &req, Absences: j.absences},
		dispute.Absence{Owed: &v.signed, Others: j.absences}, func(w *rpc.WitnessAnswer) (bool, error) {
			ch = w.Signed
			return false, nil
		})
	if err != nil || ruled || ch != nil {
		if ch != nil {
			j.mu.Lock()
			delete(j.stuck, v.Validator)
			j.mu.Unlock()
		}
		return ch, nil, ruled, err
	}
	return nil, nil, false, fmt.Errorf("%s does not dispute what it found invalid: %w", v.Validator, fault)
}

// absent has the witnesses of a turn in a dispute ask its party.
func (j *judging) absent(ctx context.Context, d rpc.Dispute, about rpc.Absence) (*identity.Signed, []identity.Signed, error) {
	a := j.announcement(about.Who)
	if a == nil {
		return nil, nil, fmt.Errorf("%s has not announced where witnesses could ask it", about.Who)
	}
	j.event(Event{Job: j.r.res.Job, Provider: j.addr(about.Who), Kind: "witness", Text: fmt.Sprintf("%s makes no move: witnesses ask it", j.name(about.Who))})
	t, err := witness.Ask(ctx, j.reach, rpc.WitnessRequest{Records: j.r.res.Records, Who: about.Who, Announcement: a, Duty: rpc.DutyMove, Dispute: &d, Absences: d.Absences})
	if err != nil {
		return nil, nil, err
	}
	if t.Given != nil {
		return t.Given.Signed, nil, nil
	}
	return nil, t.Absences, nil
}
