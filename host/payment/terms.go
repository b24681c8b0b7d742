// Package payment is how work is paid for in a market: the terms that a consumer and a provider agree on, and what each side remembers of what
// it owes and what it is owed. Money itself is behind settle.Purse.
//
// In the usual course nothing of it goes on a chain. A result that was accepted is paid with a voucher, which counts together with all before
// it; the payee redeems many at a time. What is written is written before it is said, so that a node that is killed at any moment neither pays
// twice nor forgets what it is owed.
package payment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/deterrence"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// ErrRefused is wrapped by refusals of terms, vouchers and payments.
var ErrRefused = errors.New("refused")

// leastFee is the share of the price that a juror gets at least, in millionths: however small the sample, one interval is replayed.
const leastFee = 10_000

// late is how long after a job's window, and four of its clocks, a provider that was not paid may still open its escrow, as far as the market
// lets it.
const late = 10 * time.Minute

// Terms are what follows from a job, its provider and the price in a market with such rules: who computes them comes to the same. A juror's fee
// is the share of the price that it is asked to replay.
func Terms(spec *msg.JobSpec, provider msg.Account, price msg.Amount, rules *settle.Rules) (msg.Terms, error) {
	p := &spec.Policy
	t := msg.Terms{Job: msg.HashOf(*spec), Consumer: spec.Consumer, Provider: provider, Price: price,
		Fee: deterrence.Share(price, max(min(p.SamplePPM, 1_000_000), leastFee)), Saving: deterrence.Share(price, rules.SavingPPM),
		Deadline: uint64(max(0, spec.Deadline)), Window: p.Window, Clock: p.Clock, SamplePPM: p.SamplePPM, Validators: p.Validators, Candidates: msg.Pack(p.Candidates).Hash()}
	t.Opens = opens(t.Deadline, p, rules)
	job := deters(rules, &t)
	var ok bool
	if t.Bond, ok = job.Bond(); !ok {
		return t, job.Refuse(t.Bond)
	}
	return t, nil
}

// opens is the last second at which the escrow of a job with such a deadline is opened.
func opens(deadline uint64, p *msg.Policy, r *settle.Rules) uint64 {
	return deadline + uint64(p.Window) + min(4*uint64(p.Clock)+uint64(late/time.Second), uint64(r.MaxLate/time.Second))
}

// lasts reports whether a consumer's deposit is there for as long as the escrow of a job can be opened, if it asks for the deposit now.
func lasts(t *msg.Terms, r *settle.Rules, now time.Time) bool {
	return t.Opens < uint64(max(0, now.Add(r.Notice).Unix()))
}

// Longest is how long a job with such a policy may take in a market, with which a provider can work on a signature alone. Where that would be much
// less than what the market takes it is no reason to hurry: the escrow is opened then.
func Longest(p *msg.Policy, r *settle.Rules) time.Duration {
	if d := r.Notice - time.Duration(opens(0, p, r))*time.Second; d >= r.MaxDuration/2 {
		return min(d, r.MaxDuration)
	}
	return r.MaxDuration
}

func deters(r *settle.Rules, t *msg.Terms) *deterrence.Job {
	return &deterrence.Job{Price: t.Price, Saving: t.Saving, SamplePPM: t.SamplePPM, Validators: t.Validators, CollusionPPM: r.CollusionPPM}
}

// Allowed says why a market with such rules would not take a job on these terms; nil if it would.
func Allowed(t *msg.Terms, r *settle.Rules, now time.Time) error {
	seconds := func(d time.Duration) uint64 { return uint64(max(0, d/time.Second)) }
	least := deterrence.Share(t.Price, r.SavingPPM)
	switch {
	case uint64(t.Window) < seconds(r.MinWindow) || uint64(t.Window) > seconds(r.MaxWindow):
		return fmt.Errorf("a challenge window of %d s, the market takes %d to %d", t.Window, seconds(r.MinWindow), seconds(r.MaxWindow))
	case t.Clock == 0 || uint64(t.Clock) < seconds(r.MinClock) || uint64(t.Clock) > seconds(r.MaxClock):
		return fmt.Errorf("a clock of %d s, the market takes %d to %d", t.Clock, max(1, seconds(r.MinClock)), seconds(r.MaxClock))
	case t.Opens > t.Deadline+uint64(t.Window)+seconds(r.MaxLate):
		return fmt.Errorf("an escrow that may be opened %d s after the job's window, the market takes at most %d", t.Opens-t.Deadline-uint64(t.Window), seconds(r.MaxLate))
	case t.Deadline > uint64(now.Unix())+seconds(r.MaxDuration):
		return fmt.Errorf("a deadline at %s, the market takes at most %s from now", time.Unix(int64(t.Deadline), 0).UTC().Format(time.RFC3339), r.MaxDuration)
	case t.Validators == 0 || t.Validators > r.MaxValidators:
		return fmt.Errorf("%d validators, the market takes 1 to %d", t.Validators, r.MaxValidators)
	case t.Saving.Cmp(least) < 0:
		return fmt.Errorf("a saving of %s, which for a price of %s the market takes to be %s at least", t.Saving, t.Price, least)
	}
	return deters(r, t).Refuse(t.Bond)
}

// fits says in what terms differ from those that follow from the job. More bond, or a larger saving, is fine.
func fits(got, want *msg.Terms) error {
	t := *got
	if t.Bond.Cmp(want.Bond) < 0 || t.Saving.Cmp(want.Saving) < 0 {
		return fmt.Errorf("a bond of %s and a saving of %s, wanted at least %s and %s", t.Bond, t.Saving, want.Bond, want.Saving)
	}
	t.Bond, t.Saving = want.Bond, want.Saving
	if t != *want {
		return fmt.Errorf("terms %+v, wanted %+v", t, *want)
	}
	return nil
}

// Signed checks both signatures under an agreement.
func Signed(market msg.TypedDomain, a *rpc.Agreement) error {
	for _, x := range []struct {
		sig identity.Signature
		who msg.Account
	}{{a.ConsumerSig, a.Terms.Consumer}, {a.ProviderSig, a.Terms.Provider}} {
		if by, err := identity.RecoverTyped(market, a.Terms, x.sig); err != nil {
			return err
		} else if by != x.who {
			return fmt.Errorf("%w: terms signed by %s, wanted %s", identity.ErrSignature, by, x.who)
		}
	}
	return nil
}

// Escrowed is what opening a job takes from its consumer's deposit.
func Escrowed(t *msg.Terms) msg.Amount { return t.Price.Add(t.Fee.Times(uint64(t.Validators))) }

// weighed says which candidate does not weigh what it has at stake.
func weighed(ctx context.Context, purse settle.Purse, candidates []msg.Candidate) error {
	for _, c := range candidates {
		s, err := purse.Stake(ctx, c.Account)
		if err != nil {
			return err
		}
		if w := s.Weight(); w != c.Weight {
			return fmt.Errorf("candidate %s weighs %d in the job, its stake weighs %d", c.Account, c.Weight, w)
		}
		if len(c.Device) > len(msg.DeviceKind("")) {
			return fmt.Errorf("candidate %s has a device of kind %q, at most %d bytes are known to contracts", c.Account, c.Device, len(msg.DeviceKind("")))
		}
	}
	return nil
}

func less(a, b msg.Hash) int { return bytes.Compare(a[:], b[:]) }
