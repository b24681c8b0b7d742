package witness

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// ErrRefused is wrapped where a question is none that this node has to answer, or none that its party has to.
var ErrRefused = errors.New("question refused")

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
}

// question is one that was checked: its party owes what is asked for, by what it and others have signed.
type question struct {
	rpc.WitnessRequest
	claims    *claim.Claims
	about     rpc.Absence // as it would be signed, without its times
	addrs     []string
	clock     time.Duration // how long the party has without a sign of life
	longest   time.Duration // how long it has in all
	witnesses []msg.Account // who was drawn to see it
}

// newQuestion checks that the party owes what is asked for.
func newQuestion(r *rpc.WitnessRequest) (*question, error) {
	c, err := claim.Read(&r.Records)
	if err != nil {
		return nil, refused("records: %v", err)
	}
	if err := settle.CheckPolicy(&c.Spec.Policy); err != nil {
		return nil, refused("policy: %v", err)
	}
	clock := time.Duration(c.Spec.Policy.Clock) * time.Second
	q := &question{WitnessRequest: *r, claims: c, clock: clock, longest: clock}
	q.about = rpc.Absence{Version: 1, Job: c.Job, Receipt: msg.HashOf(c.Receipt), Who: r.Who, Duty: r.Duty}
	var seed msg.Hash
	switch {
	case r.Duty == rpc.DutyReveal:
	case c.Secret == nil:
		return nil, refused("the consumer's share of the beacon is missing: nobody is drawn yet")
	default:
		seed = settle.Beacon(c.Job, *c.Secret, c.Receipt.Nonce, c.Receipt.Trace)
	}
	if err := q.check(seed); err != nil {
		return nil, err
	}
	q.witnesses = settle.WitnessesOf(seed, &c.Spec, &c.Receipt, &q.about)
	return q, nil
}

// read checks a question to this node. Whoever asks chooses every word of it, so what would make an honest party look absent is refused:
// that the party owes nothing, that it is asked wrongly, too late, or where it is not.
func (w *Witness) read(r *rpc.WitnessRequest) (*question, error) {
	q, err := newQuestion(r)
	if err != nil {
		return nil, err
	}
	c := q.claims
	if !slices.Contains(q.witnesses, w.cfg.Identity.Account()) {
		return nil, refused("this node was not drawn as a witness of it")
	}
	end := settle.Closes(&c.Spec, &c.Receipt)
	if r.Duty == rpc.DutyMove {
		end = end.Add(settle.Grace / 2) // a dispute may have begun at the end of the window
	}
	if w.now().After(end) {
		return nil, refused("the challenge window ended at %s: nobody has to keep anything", end.UTC().Format(time.RFC3339))
	}
	if r.Duty == rpc.DutyReveal {
		return q, nil
	}
	if r.Announcement == nil {
		return nil, refused("no announcement says where %s is", r.Who)
	}
	var a rpc.Announcement
	if err := r.Announcement.OpenFrom(&a, r.Who); err != nil {
		return nil, refused("announcement: %v", err)
	}
	if now := w.now().Unix(); a.Version != 1 || a.Account != r.Who || len(a.Addrs) == 0 || len(a.Addrs) > rpc.MaxAddrs || a.Until < now {
		return nil, refused("announcement of %s with %d addresses, valid until %d; wanted one of %s that is valid now, %d", a.Account, len(a.Addrs), a.Until, r.Who, now)
	}
	q.addrs = a.Addrs
	return q, nil
}

// check finds out whether the party owes what is asked for.
func (q *question) check(seed msg.Hash) error {
	c, r := q.claims, &q.WitnessRequest
	me := func(want msg.Account, what string) error {
		if r.Who != want {
			return refused("%s owes no %s, %s does", r.Who, what, want)
		}
		return nil
	}
	jury := func(absences []identity.Signed, who msg.Account) error {
		if !slices.Contains(settle.Bench(seed, &c.Spec, &c.Receipt, settle.Out(seed, &c.Spec, &c.Receipt, absences)), who) {
			return refused("%s was not drawn as a validator", who)
		}
		return nil
	}
	switch r.Duty {
	case rpc.DutyReveal:
		return me(c.Spec.Consumer, "share of the beacon")
	case rpc.DutyState:
		// What it went on from it had; the states before that it need never have seen.
		if r.Interval == 0 || r.Interval < c.Prior() || r.Interval >= uint64(len(c.Intervals)) {
			return refused("interval %d of %d, of which %d are another's, begins in no state that is to be had", r.Interval, len(c.Intervals), c.Prior())
		}
		q.about.Interval = r.Interval
		return me(c.Receipt.Provider, "state")
	case rpc.DutyPromise:
		if r.Validate == nil {
			return refused("nothing that the validator is to be asked with")
		}
		for _, i := range r.Validate.Also {
			if i >= uint64(len(c.Intervals)) {
				return refused("interval %d of %d is to be checked", i, len(c.Intervals))
			}
		}
		q.longest = max(q.clock, time.Duration(c.Spec.Policy.Window)*time.Second)
		q.Validate = &rpc.ValidateRequest{Records: r.Records, Provider: r.Validate.Provider, Also: r.Validate.Also, Absences: r.Absences,
			Sources: r.Validate.Sources, States: r.Validate.States, Final: true} // it is to be bound, whatever it finds
		return jury(r.Absences, r.Who)
	case rpc.DutyVerdict:
		if r.Open == nil || r.Open.Job != c.Job {
			return refused("nothing that the validator is to be asked with")
		}
		// It opens its commitment in any case when its clock has run out, so that is what it is given here.
		q.clock, q.longest = 2*q.clock, 2*q.longest
		for _, signed := range r.Open.Promises {
			var p rpc.VerdictCommit
			if signed.OpenFrom(&p, r.Who) == nil && p.Job == c.Job && p.Receipt == q.about.Receipt {
				return jury(r.Absences, r.Who)
			}
		}
		return refused("%s has promised no verdict", r.Who)
	case rpc.DutyChallenge:
		var v msg.Verdict
		switch {
		case r.Challenge == nil:
			return refused("nothing that the validator is to be asked with")
		case r.Challenge.Verdict.OpenFrom(&v, r.Who) != nil || v.Validator != r.Who || v.Job != c.Job || v.Receipt != q.about.Receipt || v.Value != msg.Invalid:
			return refused("%s did not find an interval of this receipt invalid", r.Who)
		case v.Interval != r.Interval:
			return refused("interval %d, the verdict is on %d", r.Interval, v.Interval)
		case v.Interval < c.Prior():
			return refused("interval %d is another's, the provider went on behind interval %d", v.Interval, c.Prior()-1)
		case r.Challenge.Clock != c.Spec.Policy.Clock || r.Challenge.Referee != c.Spec.Consumer:
			return refused("a challenge with a clock of %d seconds before %s, wanted %d before the consumer", r.Challenge.Clock, r.Challenge.Referee, c.Spec.Policy.Clock)
		}
		q.about.Interval = v.Interval
		return jury(r.Absences, r.Who)
	case rpc.DutyMove:
		return q.move(jury)
	}
	return refused("duty %q is unknown", r.Duty)
}

// move goes through a dispute as far as it has come.
func (q *question) move(jury func([]identity.Signed, msg.Account) error) error {
	c, r := q.claims, &q.WitnessRequest
	if r.Dispute == nil {
		return refused("no dispute to move in")
	}
	g, err := dispute.BeginWith(c, r.Dispute.Challenge)
	if err != nil {
		return refused("%v", err)
	}
	for i, m := range r.Dispute.Moves {
		if err := g.Play(m); err != nil {
			return refused("move %d: %v", i, err)
		}
	}
	t := g.Turn()
	switch {
	case t == nil:
		return refused("nobody has to move: all is said")
	case t.Who != r.Who:
		return refused("it is %s's turn, not %s's", t.Who, r.Who)
	case g.Challenge.Clock < c.Spec.Policy.Clock:
		return refused("a clock of %d seconds, the policy's is %d", g.Challenge.Clock, c.Spec.Policy.Clock)
	}
	q.about.Before, q.about.Other = g.Last(), g.Challenge.Challenger
	if t.Who == g.Challenge.Challenger {
		q.about.Other = g.Challenge.Provider
	}
	q.clock = time.Duration(g.Challenge.Clock) * time.Second
	q.longest = q.clock
	return jury(r.Absences, g.Challenge.Challenger)
}
