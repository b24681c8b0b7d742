// Package settle decides who gets paid for a job. Settlement is the interface every way of paying implements; package
// free beside it needs no chain and moves no money: receipts, sampling and verdicts work, reputation is what is earned.
//
// The order of moves is the protocol's: Open before work starts, Commit when there is a receipt, Reveal to open the
// consumer's share of the beacon, Seed from which every validator's sample follows, Verdict for each check, Settle to
// end it. Every move is idempotent: repeating one changes nothing.
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
)

// Settlement is the course of a job's payment.
type Settlement interface {
	// Open records a signed job and the provider that took it.
	Open(ctx context.Context, spec identity.Signed, provider msg.Account) error
	// Commit records the provider's signed receipt. A second, different receipt for the job is refused.
	Commit(ctx context.Context, receipt identity.Signed) error
	// Reveal takes the consumer's signed share of the beacon (rpc.Reveal); it must match the commitment in the job.
	Reveal(ctx context.Context, reveal identity.Signed) error
	// Seed gives the beacon of a job, or ErrNotYet before both shares are known.
	Seed(ctx context.Context, job msg.Hash) (msg.Hash, error)
	// Verdict records a validator's signed verdict. The provider's and the consumer's own keys cannot judge.
	Verdict(ctx context.Context, verdict identity.Signed) error
	// Rule records how a dispute about a verdict ended. Who was found wrong stays so: a second ruling on it is refused if it differs.
	Rule(ctx context.Context, ruling Ruling) error
	// Settle ends a job and says how. ErrNotYet while verdicts are missing and the window is open.
	Settle(ctx context.Context, job msg.Hash) (*Outcome, error)
}

// Errors of the moves. They are wrapped with what was found.
var (
	ErrNotYet   = errors.New("not yet")
	ErrUnknown  = errors.New("unknown job")
	ErrConflict = errors.New("conflicts with what was recorded")
	ErrMismatch = errors.New("does not match")
)

// Outcome is how a job ended.
type Outcome struct {
	Job      msg.Hash      `json:"job"`
	Provider msg.Account   `json:"provider"`
	Accepted bool          `json:"accepted"` // enough valid verdicts, none invalid
	Verdicts []msg.Verdict `json:"verdicts"`
	Rulings  []Ruling      `json:"rulings,omitempty"`
	// Guilty names whom a ruling, or a verdict that was not disputed, speaks against; nil if nobody.
	Guilty *msg.Account `json:"guilty,omitempty"`
	Reason string       `json:"reason"`
}

// Ruling is how a dispute about one interval ended, with the evidence by which anybody can find the same.
type Ruling struct {
	Dispute    msg.Hash      `cbor:"1,keyasint" json:"dispute"`
	Job        msg.Hash      `cbor:"2,keyasint" json:"job"`
	Interval   uint64        `cbor:"3,keyasint" json:"interval"`
	Provider   msg.Account   `cbor:"4,keyasint" json:"provider"`
	Challenger msg.Account   `cbor:"5,keyasint" json:"challenger"`
	Guilty     []msg.Account `cbor:"6,keyasint" json:"guilty"`
	Reason     string        `cbor:"7,keyasint" json:"reason"`
	Evidence   msg.Blob      `cbor:"8,keyasint" json:"evidence"`
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
