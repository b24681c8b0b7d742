// Package settle decides who gets paid for a job. Settlement is the interface every way of paying implements; package
// free beside it needs no chain and moves no money: receipts, sampling and verdicts work, reputation is what is earned.
//
// The order of moves is the protocol's: Open before work starts, Commit when there is a receipt, Reveal to open the consumer's share of
// the beacon, Seed from which the jury and every validator's sample follow, Promise by which a juror is bound to its verdicts, Opened
// with which it gives them, Rule for each proof against anybody, Settle to end it. Every move is idempotent: repeating one changes
// nothing, and one that contradicts an earlier one is refused.
//
// Each party may keep a book of its own: two that were given the same moves, in whatever order they could be made, have the same outcome.
package settle

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"sort"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Settlement is the course of a job's payment.
type Settlement interface {
	// Open records a signed job and what its consumer and the provider that took it agreed on.
	Open(ctx context.Context, spec identity.Signed, agreement rpc.Agreement) error
	// Commit records the provider's signed receipt. A second, different receipt for the job is refused.
	Commit(ctx context.Context, receipt identity.Signed) error
	// Reveal takes the consumer's signed share of the beacon (rpc.Reveal); it must match the commitment in the job.
	Reveal(ctx context.Context, reveal identity.Signed) error
	// Seed gives the beacon of a job, or ErrNotYet before both shares are known.
	Seed(ctx context.Context, job msg.Hash) (msg.Hash, error)
	// Promise records a validator's signed commitment to its verdicts (rpc.VerdictCommit). Whoever was named as a candidate and is no
	// party may make one; it counts if it is drawn into the jury.
	Promise(ctx context.Context, promise identity.Signed) error
	// Opened records verdicts. They have to be what their validator promised; if that is not a verdict on each interval that it drew, it is
	// replaced like one against whom there is a ruling.
	Opened(ctx context.Context, opened rpc.Opened) error
	// Rule records what was proven. Who was found wrong stays so: another ruling by the same evidence is refused if it differs. It is taken
	// until Grace after the window closed.
	Rule(ctx context.Context, ruling Ruling) error
	// Case gives the moves that were made about a job: what whoever goes on with it begins with.
	Case(ctx context.Context, job msg.Hash) (*Case, error)
	// Settle says how a job ended, or, with ErrNotYet, how it stands. What decides it, first that holds:
	//  1. a ruling against the provider, or one by which the result is void: rejected;
	//  2. a ruling against the consumer: accepted by default;
	//  3. the deadline has passed without a receipt: rejected;
	//  4. both shares of the beacon are known and the policy wants no validator: accepted, unchecked;
	//  5. every juror found all it drew valid, and there are as many as the policy wants: accepted. A juror against whom there is a
	//     ruling is replaced by the next in the draw;
	//  6. the challenge window has closed (Closes): rejected, and nobody is guilty.
	// Promises and verdicts that come after the window are refused, so that 6 stays; 1 and 2 may still come.
	Settle(ctx context.Context, job msg.Hash) (*Outcome, error)
}

// Errors of the moves. They are wrapped with what was found.
var (
	ErrNotYet   = errors.New("not yet")
	ErrUnknown  = errors.New("unknown job")
	ErrConflict = errors.New("conflicts with what was recorded")
	ErrMismatch = errors.New("does not match")
	ErrLate     = errors.New("the challenge window has closed")
)

// Case is what was said about a job so far.
type Case struct {
	Spec      identity.Signed
	Provider  msg.Account
	Agreement rpc.Agreement
	Receipt   *identity.Signed
	Promises  []identity.Signed
	Opened    []rpc.Opened
	Rulings   []Ruling
}

// Outcome is how a job ended.
type Outcome struct {
	Job      msg.Hash      `json:"job"`
	Provider msg.Account   `json:"provider"`
	Accepted bool          `json:"accepted"`
	Jury     []msg.Account `json:"jury"`     // as it was in the end
	Verdicts []msg.Verdict `json:"verdicts"` // all that were opened, of those who were replaced too
	Rulings  []Ruling      `json:"rulings,omitempty"`
	// Guilty names the provider or the consumer, or who computed what a void result goes on from, where a ruling speaks against it; nil
	// where nobody is to blame for how it ended. Jurors that were found wrong are in Rulings.
	Guilty *msg.Account `json:"guilty,omitempty"`
	Reason string       `json:"reason"`
}

// Kinds of rulings, by their evidence (package dispute).
const (
	Dispute       = "dispute"
	Contradiction = "contradiction"
	Replay        = "replay"
	Absence       = "absence"
)

// Ruling is what was proven, with the evidence by which anybody can find the same.
type Ruling struct {
	Job      msg.Hash      `cbor:"1,keyasint" json:"job"`
	Kind     string        `cbor:"2,keyasint" json:"kind"`
	Interval uint64        `cbor:"3,keyasint" json:"interval"` // where it is about one
	Guilty   []msg.Account `cbor:"4,keyasint" json:"guilty"`
	// Void says that the result cannot stand whoever is guilty: an interval of it is not what the job computes.
	Void     bool     `cbor:"5,keyasint" json:"void"`
	Reason   string   `cbor:"6,keyasint" json:"reason"`
	Evidence msg.Blob `cbor:"7,keyasint" json:"evidence"` // names the ruling
}

// Against reports whether the ruling is against an account.
func (r *Ruling) Against(a msg.Account) bool { return slices.Contains(r.Guilty, a) }

// Beacon mixes the two shares with what was committed to. The consumer fixed its share in the job, the provider chose
// its own after the work without knowing the consumer's: neither can steer the sample (commit-reveal).
func Beacon(job, consumerSecret, providerNonce, trace msg.Hash) msg.Hash {
	h := sha256.New()
	h.Write([]byte("gwrun beacon 1\x00"))
	for _, p := range []msg.Hash{job, consumerSecret, providerNonce, trace} {
		h.Write(p[:])
	}
	var out msg.Hash
	h.Sum(out[:0])
	return out
}

// Commitment is what a consumer puts in a job for its secret share.
func Commitment(secret msg.Hash) msg.Hash {
	h := sha256.New()
	h.Write([]byte("gwrun commitment 1\x00"))
	h.Write(secret[:])
	var out msg.Hash
	h.Sum(out[:0])
	return out
}

// Sample draws the intervals one validator has to replay, in ascending order: each of n with probability ppm in a
// million, and at least one. It depends on the validator, so that two of them look at different places.
func Sample(seed msg.Hash, validator msg.Account, n uint64, ppm uint32) []uint64 {
	if n == 0 {
		return nil
	}
	draw := func(i uint64, what string) uint64 {
		h := sha256.New()
		h.Write([]byte("gwrun sample 1 " + what + "\x00"))
		h.Write(seed[:])
		h.Write(validator[:])
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], i)
		h.Write(b[:])
		return binary.BigEndian.Uint64(h.Sum(nil))
	}
	var out []uint64
	for i := range n {
		// The bias of % a million out of 2^64 is below 10^-13.
		if draw(i, "interval")%1_000_000 < uint64(ppm) {
			out = append(out, i)
		}
	}
	if len(out) == 0 {
		out = append(out, draw(0, "one")%n)
	}
	sort.Slice(out, func(a, b int) bool { return out[a] < out[b] })
	return out
}
