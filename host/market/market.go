// Package market is where work and money meet: what consumers call for and providers offer, how bids are sealed and opened, how prices
// are made and chosen by, what others' claims of speed are worth, and what was paid of late.
//
// There is no exchange in the middle. Each consumer calls for bids on its own job among the providers it knows, and each node has a book of
// its own. What is signed holds for a stated time only, what is kept is bounded, and who floods a book displaces nobody but itself (Book).
package market

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Errors of the market's messages. They are wrapped with what was found.
var (
	ErrStale = errors.New("out of its time")     // too old, or from the future
	ErrFalse = errors.New("not what was signed") // a message that contradicts another or itself
	ErrFull  = errors.New("no room in the book")
)

// How long things may hold, and what a clock may be wrong by.
const (
	MaxTender  = 10 * time.Minute
	MaxBidding = time.Minute
	MaxListing = 24 * time.Hour
	skew       = identity.ClockSkew // nodes whose clocks are further apart cannot connect anyway
)

// within checks that something holds from since until until, at most so long, and that now is in it, as far as clocks can be trusted.
func within(what string, now, since, until time.Time, most time.Duration) error {
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	switch {
	case until.Before(since) || until.Sub(since) > most:
		return fmt.Errorf("%w: %s holds from %s until %s, wanted at most %s", ErrStale, what, at(since), at(until), most)
	case since.After(now.Add(skew)):
		return fmt.Errorf("%w: %s holds from %s, it is %s here", ErrStale, what, at(since), at(now))
	case until.Before(now.Add(-skew)):
		return fmt.Errorf("%w: %s held until %s, it is %s here", ErrStale, what, at(until), at(now))
	}
	return nil
}

// Tender is one that was checked.
type Tender struct {
	rpc.Tender
	Hash   msg.Hash
	Signed identity.Signed
}

// Sealed reports whether bids on it are.
func (t *Tender) Sealed() bool { return t.Closes != 0 }

// Bidding is how long the bidding lasts.
func (t *Tender) Bidding() time.Duration { return time.Duration(t.Closes-t.Since) * time.Millisecond }

// Call makes and signs a tender on a job for those who are invited. With bidding it is a sealed one, which closes after so long.
func Call(by *identity.Identity, job msg.Hash, gas, gpu uint64, invited []msg.Account, bidding time.Duration, now time.Time) (*Tender, error) {
	if len(invited) > rpc.MaxInvited {
		return nil, fmt.Errorf("%d providers invited, at most %d can be", len(invited), rpc.MaxInvited)
	}
	t := rpc.Tender{Version: 1, Job: job, Consumer: by.Account(), Gas: gas, GPUGas: gpu, Since: now.UnixMilli(), Until: now.Add(MaxTender).UnixMilli(), Invited: slices.Clone(invited)}
	slices.SortFunc(t.Invited, compare)
	t.Invited = slices.Compact(t.Invited)
	if bidding > 0 {
		t.Closes = now.Add(max(time.Millisecond, min(bidding, MaxBidding))).UnixMilli()
	}
	signed, err := by.Sign(t)
	if err != nil {
		return nil, err
	}
	return &Tender{t, msg.HashOf(t), signed}, nil
}

// OpenTender checks a consumer's tender on a job.
func OpenTender(signed identity.Signed, job msg.Hash, consumer msg.Account, now time.Time) (*Tender, error) {
	t := &Tender{Signed: signed}
	if err := signed.OpenFrom(&t.Tender, consumer); err != nil {
		return nil, err
	}
	switch {
	case t.Version != 1:
		return nil, fmt.Errorf("%w: tender of version %d, wanted 1", ErrFalse, t.Version)
	case t.Job != job || t.Consumer != consumer:
		return nil, fmt.Errorf("%w: a tender of %s on job %s, wanted of %s on %s", ErrFalse, t.Consumer, t.Job, consumer, job)
	case len(t.Invited) > rpc.MaxInvited || !ascending(t.Invited):
		return nil, fmt.Errorf("%w: a tender that invites %d providers, wanted at most %d, ascending", ErrFalse, len(t.Invited), rpc.MaxInvited)
	case t.Sealed() && (t.Closes <= t.Since || t.Closes > t.Until || t.Bidding() > MaxBidding):
		return nil, fmt.Errorf("%w: a bidding of %d ms, wanted 1 to %d within the tender's time", ErrStale, t.Closes-t.Since, MaxBidding.Milliseconds())
	}
	t.Hash = msg.HashOf(t.Tender)
	return t, within("the tender", now, time.UnixMilli(t.Since), time.UnixMilli(t.Until), MaxTender)
}

// maxLabel bounds the texts of a listing.
const maxLabel = 256

// OpenListing checks a provider's listing, and the benchmark in it, which is nil where there is none.
func OpenListing(signed identity.Signed, now time.Time) (*rpc.Listing, *Benchmark, error) {
	var l rpc.Listing
	who, err := signed.Open(&l)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case l.Version != 1:
		return nil, nil, fmt.Errorf("%w: listing of version %d, wanted 1", ErrFalse, l.Version)
	case who != l.Provider:
		return nil, nil, fmt.Errorf("%w: the listing of %s is signed by %s", ErrFalse, l.Provider, who)
	case len(l.Device) > maxLabel || len(l.Name) > maxLabel || len(l.Probe) > maxLabel || len(l.Region) > maxLabel || len(l.Price.Kind) > maxLabel:
		return nil, nil, fmt.Errorf("%w: a listing with texts of more than %d bytes", ErrFalse, maxLabel)
	}
	if err := within("the listing", now, time.Unix(l.Since, 0), time.Unix(l.Until, 0), MaxListing); err != nil {
		return nil, nil, err
	}
	if l.Benchmark == nil {
		return &l, nil, nil
	}
	b, err := OpenBenchmark(*l.Benchmark, who)
	if err == nil && b.Device.Kind != l.Device {
		err = fmt.Errorf("%w: a listing of a %s device with a benchmark of a %s one", ErrFalse, l.Device, b.Device.Kind)
	}
	return &l, b, err
}

func compare(a, b msg.Account) int { return slices.Compare(a[:], b[:]) }

func ascending(list []msg.Account) bool {
	for i := 1; i < len(list); i++ {
		if compare(list[i-1], list[i]) >= 0 {
			return false
		}
	}
	return true
}
