package dispute

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Contradiction is two signed messages of one account that exclude each other, or, where there are none, records that do as a whole. It
// needs no computing: whoever signed both has lied in one of them.
//
// That says something only where nobody honest ever signs two such messages, however often it is killed, asked again or has its clock set.
// The reason is beside each kind below (exclusions). It is always one of these two: what is said was in a journal on disk before it was
// sent, and is said again from there; or it is a function of nothing but other messages.
type Contradiction struct {
	What string `cbor:"1,keyasint"` // which kind: the name of an exclusion, or "records"
	// Messages are two, none of records. Where both are of one domain, the one whose encoding is less comes first.
	Messages []identity.Signed `cbor:"2,keyasint"`
}

// contradictingRecords is the kind of a Contradiction that is all in the records.
const contradictingRecords = "records"

// exclusion is a kind of two messages that exclude each other.
type exclusion struct {
	what string
	// find says who contradicts itself. Errors say that the two do not.
	find func(a, b identity.Signed) (*Outcome, error)
}

var exclusions = []exclusion{
	// A provider puts an interval's record into its journal before it tells anybody (provider.keep), and never another under that key. One
	// that comes out differently later ends the job instead. A job is taken once: while it may be started (until its deadline) the provider
	// has not forgotten it, and a job that goes on elsewhere has another hash.
	{"interval records", excludes(func(a, b *rpc.IntervalCommit) (msg.Hash, string) {
		if a.Job != b.Job || a.Record.Index != b.Record.Index {
			return a.Job, ""
		}
		return a.Job, fmt.Sprintf("it signed two records of interval %d", a.Record.Index)
	}, nil)},
	// There is one receipt a job: it is in the journal before anybody hears of it, and a job that has one is not run again.
	{"receipts", excludes(func(a, b *msg.Receipt) (msg.Hash, string) {
		if a.Job != b.Job {
			return a.Job, ""
		}
		return a.Job, "it signed two receipts for one job"
	}, func(r *msg.Receipt) msg.Account { return r.Provider })},
	// Valid and invalid are what a replay finds, which is the same each time, of one receipt and so of one record and one state. What stands
	// beside the value may differ (how far a difference was narrowed down depends on what the provider answers), and what was unavailable
	// may be had later: neither is a contradiction.
	{"verdicts", excludes(func(a, b *msg.Verdict) (msg.Hash, string) {
		decided := func(v msg.Value) bool { return v == msg.Valid || v == msg.Invalid }
		if a.Job != b.Job || a.Receipt != b.Receipt || a.Interval != b.Interval || a.Value == b.Value || !decided(a.Value) || !decided(b.Value) {
			return a.Job, ""
		}
		return a.Job, fmt.Sprintf("it found interval %d both valid and invalid", a.Interval)
	}, func(v *msg.Verdict) msg.Account { return v.Validator })},
	// A validator commits itself once for a receipt: its findings, with the salt, are in its journal before it promises, and whoever asks
	// again gets the same promise, whatever else is asked for.
	{"promises", excludes(func(a, b *rpc.VerdictCommit) (msg.Hash, string) {
		if a.Job != b.Job || a.Receipt != b.Receipt {
			return a.Job, ""
		}
		return a.Job, "it committed itself to two sets of verdicts on one receipt"
	}, func(c *rpc.VerdictCommit) msg.Account { return c.Validator })},
	// So there is one thing that opens it.
	{"openings", excludes(func(a, b *rpc.Opening) (msg.Hash, string) {
		if a.Job != b.Job || a.Receipt != b.Receipt {
			return a.Job, ""
		}
		return a.Job, "it opened its commitment to verdicts on one receipt in two ways"
	}, func(o *rpc.Opening) msg.Account { return o.Validator })},
	// And what it opens with is what it has kept.
	{"promise and opening", func(a, b identity.Signed) (*Outcome, error) {
		var promise rpc.VerdictCommit
		var opening rpc.Opening
		who, err := a.Open(&promise)
		if err == nil {
			err = b.OpenFrom(&opening, who)
		}
		if err != nil {
			return nil, err
		}
		if promise.Validator != who || opening.Validator != who || promise.Job != opening.Job || promise.Receipt != opening.Receipt || promise.Hash == msg.HashOf(opening) {
			return nil, errAgree
		}
		return contradicts(who, promise.Job, fmt.Sprintf("what it opened its commitment %v with hashes to %v", promise.Hash, msg.HashOf(opening))), nil
	}},
	// A validator disputes one interval of a receipt, the first that it can: its challenge is in its journal before it is told, and leaves
	// nothing to whoever asks for it, since the clock and the referee are the job's. Asked about something else it gives the same.
	{"challenges", excludes(func(a, b *Challenge) (msg.Hash, string) {
		if a.Job != b.Job || a.Receipt != b.Receipt {
			return a.Job, ""
		}
		return a.Job, "it began two disputes about one receipt"
	}, func(c *Challenge) msg.Account { return c.Challenger })},
	// A seat puts each move into its journal, under the dispute and the move that it answers, before it is sent (Seat.Move).
	{"moves", excludes(func(a, b *Move) (msg.Hash, string) {
		if a.Dispute != b.Dispute || a.Before != b.Before {
			return msg.Hash{}, ""
		}
		return msg.Hash{}, fmt.Sprintf("it made two moves in dispute %v where it had one (%v)", a.Dispute, a.Stage)
	}, nil)},
	// A consumer keeps its share with the job before it signs either away; the share is what the job's commitment was made of.
	{"share of the beacon", func(a, b identity.Signed) (*Outcome, error) {
		var spec msg.JobSpec
		who, err := a.Open(&spec)
		if err != nil {
			return nil, err
		}
		if who != spec.Consumer {
			return nil, fmt.Errorf("job for consumer %s is signed by %s", spec.Consumer, who)
		}
		_, err = claim.Secret(&spec, &b)
		var lie *claim.FalseReveal
		switch {
		case errors.As(err, &lie):
			return contradicts(who, msg.HashOf(spec), lie.Text), nil
		case err != nil:
			return nil, err
		}
		return nil, errAgree
	}},
}

var errAgree = errors.New("the two messages do not exclude each other")

func contradicts(who msg.Account, job msg.Hash, reason string) *Outcome {
	return &Outcome{Kind: ByContradiction, Job: job, Guilty: []msg.Account{who}, Reason: reason}
}

// excludes is the check of two messages of one kind. find gives why they exclude each other, "" if they do not, and names whom the message
// says it is by, if it does.
func excludes[T any, P interface {
	*T
	msg.Hashed
}](find func(a, b *T) (job msg.Hash, reason string), names func(*T) msg.Account) func(a, b identity.Signed) (*Outcome, error) {
	return func(a, b identity.Signed) (*Outcome, error) {
		var x, y T
		who, err := a.Open(P(&x))
		if err == nil {
			err = b.OpenFrom(P(&y), who)
		}
		if err != nil {
			return nil, err
		}
		if names != nil && (names(&x) != who || names(&y) != who) {
			return nil, fmt.Errorf("%s by %s and %s is signed by %s", P(&x).Domain(), names(&x), names(&y), who)
		}
		job, reason := find(&x, &y)
		switch n := bytes.Compare(a.Body, b.Body); {
		case n == 0 || reason == "":
			return nil, errAgree
		case n > 0:
			return nil, errOrder
		}
		return contradicts(who, job, reason), nil
	}
}

var errOrder = errors.New("the second message stands before the first")

// Contradicts makes evidence of two messages of one account that exclude each other.
func Contradicts(a, b identity.Signed) (*Evidence, error) {
	for _, x := range exclusions {
		for _, pair := range [][]identity.Signed{{a, b}, {b, a}} {
			if _, err := x.find(pair[0], pair[1]); err == nil {
				return (&Evidence{Version: 2, Blobs: [][]byte{}, Contradiction: &Contradiction{What: x.what, Messages: pair}}).proven(context.Background())
			}
		}
	}
	return nil, unproven("%v", errAgree)
}

// Inconsistent makes evidence of a job's records that contradict each other (claim.Inconsistent).
func Inconsistent(records rpc.JobRecords) (*Evidence, error) {
	records.Reveal = nil // says nothing about it
	return (&Evidence{Version: 2, Records: &records, Blobs: [][]byte{}, Contradiction: &Contradiction{What: contradictingRecords, Messages: []identity.Signed{}}}).proven(context.Background())
}

// verify goes through a contradiction again.
func (c *Contradiction) verify(records *rpc.JobRecords) (*Outcome, error) {
	if c.What == contradictingRecords {
		if records == nil || len(c.Messages) != 0 || records.Reveal != nil {
			return nil, unproven("%q with %d messages, wanted records without a reveal and nothing else", c.What, len(c.Messages))
		}
		return inconsistent(records)
	}
	if records != nil || len(c.Messages) != 2 {
		return nil, unproven("%q with %d messages, wanted 2 and no records", c.What, len(c.Messages))
	}
	for _, x := range exclusions {
		if x.what != c.What {
			continue
		}
		out, err := x.find(c.Messages[0], c.Messages[1])
		if err != nil {
			return nil, unproven("%s: %v", c.What, err)
		}
		return out, nil
	}
	return nil, unproven("a contradiction of %.50q", c.What)
}

// inconsistent looks for a fault in a provider's own records. Everything in them that it did not sign itself, the intervals it went on from,
// is checked first and is none of its faults; a record that is left out or stands elsewhere makes records that say nothing.
func inconsistent(records *rpc.JobRecords) (*Outcome, error) {
	said, err := claim.Read(records)
	var lie *claim.Inconsistent
	switch {
	case err == nil:
		return nil, unproven("the records do not contradict each other")
	case !errors.As(err, &lie):
		return nil, unproven("%v", err)
	}
	out := contradicts(said.Receipt.Provider, said.Job, lie.Text)
	out.Provider = said.Receipt.Provider
	return out, nil
}
