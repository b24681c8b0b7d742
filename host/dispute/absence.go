package dispute

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Absence is that somebody did not give what it owed, by the words of most of the witnesses that were drawn for it. (What a party owes in a
// dispute is in Dispute.)
//
// A witness's word is no computation, so this much is computed: that the party owed it, by what it and others have signed; that the witnesses
// are those that the draw gives, who are none of the parties; that they gave it the whole clock of the job's policy; and that they asked
// while the challenge window was open, since nobody has to keep anything beyond. Whoever owes nothing of the kind cannot be found
// absent by any number of words.
type Absence struct {
	// Statements are of rpc.Absence, all about one thing, ascending by their signers.
	Statements []identity.Signed `cbor:"1,keyasint"`
	// Owed is what the duty follows from: for rpc.DutyVerdict the party's promise, for rpc.DutyChallenge its verdict that the interval is
	// invalid, else nil.
	Owed *identity.Signed `cbor:"2,keyasint,omitempty"`
	// Others show that the party was drawn as a validator in the place of others (rpc.Absence).
	Others []identity.Signed `cbor:"3,keyasint"`
}

// Absent makes evidence that somebody was absent. The statements may come in any order; what is missing in a has to be empty.
func Absent(records rpc.JobRecords, a Absence) (*Evidence, error) {
	a.Statements = bySigner(a.Statements)
	return (&Evidence{Version: 2, Records: &records, Blobs: [][]byte{}, Absence: &a}).proven(context.Background())
}

// bySigner puts statements into the order that evidence has them in, one of each signer.
func bySigner(statements []identity.Signed) []identity.Signed {
	by := map[msg.Account]identity.Signed{}
	for _, s := range statements {
		var a rpc.Absence
		if who, err := s.Open(&a); err == nil {
			by[who] = s
		}
	}
	order := slices.SortedFunc(maps.Keys(by), func(a, b msg.Account) int { return bytes.Compare(a[:], b[:]) })
	out := make([]identity.Signed, len(order))
	for i, who := range order {
		out[i] = by[who]
	}
	return out
}

// seed is what the draws of a receipt follow from.
func seed(said *claim.Claims) (msg.Hash, error) {
	if said.Secret == nil {
		return msg.Hash{}, unproven("the consumer's share of the beacon is missing: nobody is drawn")
	}
	return settle.Beacon(said.Job, *said.Secret, said.Receipt.Nonce, said.Receipt.Trace), nil
}

// attested checks that these statements, ascending by their signers, are most witnesses' of one and the same thing, and gives who they are.
// from is until when they may have begun to ask.
func attested(said *claim.Claims, seed msg.Hash, about rpc.Absence, clock uint32, from time.Time, statements []identity.Signed) ([]msg.Account, error) {
	if err := settle.CheckPolicy(&said.Spec.Policy); err != nil {
		return nil, unproven("the job's policy: %v", err)
	}
	if clock == 0 {
		return nil, unproven("a clock of 0 seconds: nobody can be late")
	}
	drawn := settle.WitnessesOf(seed, &said.Spec, &said.Receipt, &about)
	var by []msg.Account
	for i, signed := range statements {
		var a rpc.Absence
		who, err := signed.Open(&a)
		if err != nil {
			return nil, unproven("statement %d: %v", i, err)
		}
		switch {
		case a.Version != 1 || settle.About(&a) != settle.About(&about):
			return nil, unproven("statement %d says that %s owed %q (interval %d, move behind %s) in job %s, wanted %s, %q (%d, %s) in %s", i,
				a.Who, a.Duty, a.Interval, a.Before, a.Job, about.Who, about.Duty, about.Interval, about.Before, about.Job)
		case a.Since <= 0 || a.Until-a.Since < int64(clock):
			return nil, unproven("statement %d is over %d to %d, less than the clock's %d seconds", i, a.Since, a.Until, clock)
		case a.Since > from.Unix():
			return nil, unproven("statement %d: the witness asked at %d, when nothing was owed any more since %d", i, a.Since, from.Unix())
		case !slices.Contains(drawn, who):
			return nil, unproven("statement %d is %s's, who was not drawn as a witness", i, who)
		case len(by) > 0 && bytes.Compare(by[len(by)-1][:], who[:]) >= 0:
			return nil, unproven("statement %d is %s's, behind %s's: wanted ascending, each once", i, who, by[len(by)-1])
		}
		by = append(by, who)
	}
	if want := settle.Majority(len(drawn)); len(by) < want {
		return nil, unproven("%d of %d witnesses say so, wanted %d", len(by), len(drawn), want)
	}
	return by, nil
}

// juror checks that an account was drawn as a validator: into the jury, or to stand in for a juror. Whom these absences replace is
// shown; who was proven wrong is not, and so anybody on the bench may have come in that one's place (settle.Bench).
func juror(said *claim.Claims, seed msg.Hash, who msg.Account, absences []identity.Signed) error {
	out := settle.Out(seed, &said.Spec, &said.Receipt, absences)
	if !slices.Contains(settle.Bench(seed, &said.Spec, &said.Receipt, out), who) {
		return unproven("%s was not drawn as a validator", who)
	}
	return nil
}

// Entitled says whether a challenge is one that its parties answer: its challenger was drawn, into the jury or to stand in for a juror
// (settle.Bench), and its clock is no shorter than the job's policy says. It is a Seat's Allowed.
func Entitled(c *Challenge, said *claim.Claims, absences []identity.Signed) error {
	s, err := timely(c, said)
	if err != nil {
		return err
	}
	return juror(said, s, c.Challenger, absences)
}

// timely refuses a challenge whose clock is too short, and gives what the draws follow from.
func timely(c *Challenge, said *claim.Claims) (msg.Hash, error) {
	if c.Clock < said.Spec.Policy.Clock {
		return msg.Hash{}, unproven("the challenge's clock is %d seconds, the policy's %d", c.Clock, said.Spec.Policy.Clock)
	}
	return seed(said)
}

// verify goes through an absence again.
func (a *Absence) verify(said *claim.Claims) (*Outcome, error) {
	if len(a.Statements) == 0 {
		return nil, unproven("no witness says anything")
	}
	var about rpc.Absence
	if _, err := a.Statements[0].Open(&about); err != nil {
		return nil, unproven("statement 0: %v", err)
	}
	about = settle.About(&about)
	if about.Job != said.Job || about.Receipt != msg.HashOf(said.Receipt) || (about.Before != msg.Hash{}) || (about.Other != msg.Account{}) {
		return nil, unproven("the statements are about receipt %s of job %s, wanted %s of %s, and no move", about.Receipt, about.Job, msg.HashOf(said.Receipt), said.Job)
	}
	var s msg.Hash
	if about.Duty != rpc.DutyReveal {
		var err error
		if s, err = seed(said); err != nil {
			return nil, err
		}
	}
	what, clock, err := a.owed(said, s, &about)
	if err != nil {
		return nil, err
	}
	by, err := attested(said, s, about, clock, settle.Closes(&said.Spec, &said.Receipt), a.Statements)
	if err != nil {
		return nil, err
	}
	return &Outcome{Kind: ByAbsence, Job: said.Job, Provider: said.Receipt.Provider, Guilty: []msg.Account{about.Who}, Witnesses: by,
		Reason: fmt.Sprintf("it did not give %s within %d seconds", what, clock)}, nil
}

// owed checks that the party owes what it is said to, by what it and others have signed, and gives in how many seconds. Everything that the
// duty does not need has to be left out.
func (a *Absence) owed(said *claim.Claims, seed msg.Hash, about *rpc.Absence) (what string, clock uint32, _ error) {
	clock = said.Spec.Policy.Clock
	who := func(want msg.Account, what string) error {
		switch {
		case about.Who != want:
			return unproven("%s owes no %s, %s does", about.Who, what, want)
		case a.Owed != nil || len(a.Others) != 0:
			return unproven("more than what the absence of a %s needs", what)
		}
		return nil
	}
	if about.Duty != rpc.DutyState && about.Duty != rpc.DutyChallenge && about.Interval != 0 {
		return "", 0, unproven("interval %d, which duty %q has not", about.Interval, about.Duty)
	}
	switch about.Duty {
	case rpc.DutyReveal:
		return "its share of the beacon", clock, who(said.Spec.Consumer, "share of the beacon")
	case rpc.DutyState:
		// What it went on from, it had; the states before that it need never have seen.
		if i, n := about.Interval, uint64(len(said.Intervals)); i == 0 || i < said.Prior() || i >= n {
			return "", 0, unproven("the state that interval %d of %d begins in, of which the first %d are another's, is not the provider's to give", i, n, said.Prior())
		}
		return fmt.Sprintf("the state that interval %d begins in", about.Interval), clock, who(said.Receipt.Provider, "state")
	case rpc.DutyPromise:
		if a.Owed != nil {
			return "", 0, unproven("more than what the absence of a commitment needs")
		}
		return "its commitment to its verdicts", clock, juror(said, seed, about.Who, a.Others)
	case rpc.DutyVerdict:
		var p rpc.VerdictCommit
		if a.Owed == nil || a.Owed.OpenFrom(&p, about.Who) != nil || p.Validator != about.Who || p.Job != said.Job || p.Receipt != about.Receipt {
			return "", 0, unproven("%s's commitment to verdicts on this receipt is missing", about.Who)
		}
		// It may wait for the others for as long as its clock runs, and only then has to open its commitment in any case.
		if clock > 1<<31 {
			return "", 0, unproven("a clock of %d seconds", clock)
		}
		return "what opens its commitment", 2 * clock, juror(said, seed, about.Who, a.Others)
	case rpc.DutyChallenge:
		var v msg.Verdict
		if a.Owed == nil || a.Owed.OpenFrom(&v, about.Who) != nil || v.Validator != about.Who || v.Job != said.Job || v.Receipt != about.Receipt ||
			v.Interval != about.Interval || v.Value != msg.Invalid {
			return "", 0, unproven("%s's verdict that interval %d is invalid is missing", about.Who, about.Interval)
		}
		if about.Interval < said.Prior() {
			return "", 0, unproven("interval %d is another's: the provider need not defend it", about.Interval)
		}
		return fmt.Sprintf("a challenge of interval %d, which it found invalid", about.Interval), clock, juror(said, seed, about.Who, a.Others)
	}
	return "", 0, unproven("an absence of %.50q", about.Duty)
}

// silence checks that a party was silent at its turn.
func (g *Game) silence(said *claim.Claims, d *Dispute, out *Outcome) error {
	t := g.Turn()
	if t == nil {
		return unproven("nobody is silent: all is said")
	}
	s, err := timely(&g.Challenge, said)
	if err != nil {
		return err
	}
	// One who stands in for a juror may dispute too, and is answered; but whether it may depends on what else was proven, which is not here.
	if err := juror(said, s, g.Challenge.Challenger, d.Absences); err != nil {
		return err
	}
	// A dispute that began at the end of the window goes on for a while.
	from := settle.Closes(&said.Spec, &said.Receipt).Add(settle.Grace / 2)
	if out.Witnesses, err = attested(said, s, g.owes(said), g.Challenge.Clock, from, d.Silence); err != nil {
		return err
	}
	out.blame(t.Who)
	out.Reason = fmt.Sprintf("it made no move within %d seconds (%v)", g.Challenge.Clock, t.Stage)
	return nil
}

// owes is what a witness says of the party whose turn it is, if it is silent.
func (g *Game) owes(said *claim.Claims) rpc.Absence {
	c, t := &g.Challenge, g.Turn()
	other := c.Challenger
	if t.Who == c.Challenger {
		other = c.Provider
	}
	return rpc.Absence{Version: 1, Job: said.Job, Receipt: msg.HashOf(said.Receipt), Who: t.Who, Duty: rpc.DutyMove, Before: g.Last(), Other: other}
}
