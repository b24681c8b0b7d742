package market

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// seal is what a BidCommit commits to.
func seal(tender msg.Hash, provider msg.Account, bid identity.Signed, salt msg.Hash) msg.Hash {
	h := sha256.New()
	h.Write([]byte("gwrun sealed bid 1\x00"))
	for _, p := range [][]byte{tender[:], provider[:], salt[:], bid.Sig[:], bid.Body} { // all but the last of one length
		h.Write(p)
	}
	return msg.Hash(h.Sum(nil))
}

// maxSeals is how many sealed bids a provider keeps.
const maxSeals = 4096

// Seals are a provider's sealed bids. They live as long as the process: a bid that was lost with it is one not made.
type Seals struct {
	by   *identity.Identity
	now  func() time.Time
	book *Book[*sealed]
	mu   sync.Mutex // held while a place in the book is looked for and taken
}

type sealed struct {
	tender *Tender
	came   time.Time

	ready  chan struct{} // closed when the rest is there
	commit identity.Signed
	open   rpc.Unsealed
	err    error
}

// NewSeals keeps bids signed by by. Room is what an account weighs in the book of them.
func NewSeals(by *identity.Identity, room func(msg.Account) uint64, now func() time.Time) *Seals {
	return &Seals{by: by, now: now, book: NewBook[*sealed](maxSeals, room, now)}
}

// Seal seals a bid on a tender. Of a tender that it was asked for before it gives the same commitment, whatever the bid would be by now.
func (s *Seals) Seal(ctx context.Context, t *Tender, bid func() (identity.Signed, error)) (identity.Signed, error) {
	s.mu.Lock()
	x, known := s.book.Get(t.Hash)
	var err error
	if !known {
		// The place is taken before the price is made, which may cost something.
		x = &sealed{tender: t, came: s.now(), ready: make(chan struct{})}
		err = s.book.Put(t.Hash, t.Consumer, x.came.Add(time.Duration(t.Until-t.Since)*time.Millisecond), x)
	}
	s.mu.Unlock()
	switch {
	case err != nil:
		return identity.Signed{}, err
	case !known:
		if x.err = x.seal(s.by, bid); x.err != nil {
			s.book.Drop(t.Hash)
		}
		close(x.ready)
	}
	select {
	case <-ctx.Done():
		return identity.Signed{}, ctx.Err()
	case <-x.ready:
		return x.commit, x.err
	}
}

func (x *sealed) seal(by *identity.Identity, bid func() (identity.Signed, error)) (err error) {
	if x.open.Bid, err = bid(); err != nil {
		return err
	}
	if _, err := rand.Read(x.open.Salt[:]); err != nil {
		return err
	}
	t, me := x.tender.Hash, by.Account()
	x.commit, err = by.Sign(rpc.BidCommit{Version: 1, Tender: t, Provider: me, Hash: seal(t, me, x.open.Bid, x.open.Salt)})
	return err
}

// Unseal opens the bid that was sealed for a tender, once nobody can make one any more who knows what it is: all who are invited have
// committed themselves or refused, or the bidding is over, for which it waits. How long that lasts is counted from when the tender came, so that no two
// clocks have to agree.
func (s *Seals) Unseal(ctx context.Context, who msg.Account, r rpc.Unseal) (rpc.Unsealed, error) {
	x, ok := s.book.Get(r.Tender)
	if !ok {
		return rpc.Unsealed{}, fmt.Errorf("%w: nothing is sealed for tender %s", ErrStale, r.Tender)
	}
	select {
	case <-ctx.Done():
		return rpc.Unsealed{}, ctx.Err()
	case <-x.ready:
	}
	if x.err != nil {
		return rpc.Unsealed{}, x.err
	}
	if who != x.tender.Consumer {
		return rpc.Unsealed{}, fmt.Errorf("%w: the tender of %s is to be opened for %s", ErrFalse, x.tender.Consumer, who)
	}
	answered := len(r.Commits) + len(r.Refusals)
	if answered > len(x.tender.Invited) {
		return rpc.Unsealed{}, fmt.Errorf("%w: %d commitments and %d refusals, %d were invited", ErrFalse, len(r.Commits), len(r.Refusals), len(x.tender.Invited))
	}
	bound := map[msg.Account]bool{}
	mine := false
	var last *msg.Account
	for _, signed := range r.Commits {
		c, err := OpenCommit(signed, x.tender, nil)
		if err != nil {
			return rpc.Unsealed{}, err
		}
		if last != nil && compare(*last, c.Provider) >= 0 {
			return rpc.Unsealed{}, fmt.Errorf("%w: the commitments are not ascending by provider", ErrFalse)
		}
		last, bound[c.Provider] = &c.Provider, true
		mine = mine || bytes.Equal(signed.Body, x.commit.Body)
	}
	if !mine {
		return rpc.Unsealed{}, fmt.Errorf("%w: the commitment of %s is not among those that are shown to it", ErrFalse, s.by.Account())
	}
	last = nil
	for _, signed := range r.Refusals {
		b, err := OpenRefusal(signed, x.tender, nil)
		if err != nil {
			return rpc.Unsealed{}, err
		}
		if last != nil && compare(*last, b.Provider) >= 0 || bound[b.Provider] {
			return rpc.Unsealed{}, fmt.Errorf("%w: the refusals are not ascending by provider, or one is of who is bound", ErrFalse)
		}
		last = &b.Provider
	}
	if answered < len(x.tender.Invited) {
		if left := x.came.Add(x.tender.Bidding()).Sub(s.now()); left > 0 {
			select {
			case <-ctx.Done():
				return rpc.Unsealed{}, ctx.Err()
			case <-time.After(left):
			}
		}
	}
	return x.open, nil
}

// OpenCommit checks a commitment to a bid on a tender: of that provider, or of any that is invited.
func OpenCommit(signed identity.Signed, t *Tender, provider *msg.Account) (*rpc.BidCommit, error) {
	var c rpc.BidCommit
	who, err := signed.Open(&c)
	if err != nil {
		return nil, err
	}
	switch _, invited := slices.BinarySearchFunc(t.Invited, who, compare); {
	case c.Version != 1:
		return nil, fmt.Errorf("%w: commitment of version %d, wanted 1", ErrFalse, c.Version)
	case who != c.Provider || provider != nil && who != *provider:
		return nil, fmt.Errorf("%w: the commitment of %s is signed by %s", ErrFalse, c.Provider, who)
	case c.Tender != t.Hash:
		return nil, fmt.Errorf("%w: a commitment for tender %s, wanted %s", ErrFalse, c.Tender, t.Hash)
	case !invited:
		return nil, fmt.Errorf("%w: a commitment of %s, who is not invited", ErrFalse, who)
	}
	return &c, nil
}

// OpenRefusal checks a refusal to bid on a tender's job: of that provider, or of any that is invited.
func OpenRefusal(signed identity.Signed, t *Tender, provider *msg.Account) (*rpc.Bid, error) {
	var b rpc.Bid
	who, err := signed.Open(&b)
	if err != nil {
		return nil, err
	}
	switch _, invited := slices.BinarySearchFunc(t.Invited, who, compare); {
	case who != b.Provider || provider != nil && who != *provider:
		return nil, fmt.Errorf("%w: the refusal of %s is signed by %s", ErrFalse, b.Provider, who)
	case b.Job != t.Job:
		return nil, fmt.Errorf("%w: a refusal of job %s, wanted of %s", ErrFalse, b.Job, t.Job)
	case b.Accept:
		return nil, fmt.Errorf("%w: an open bid of %s on a sealed tender", ErrFalse, who)
	case !invited:
		return nil, fmt.Errorf("%w: a refusal of %s, who is not invited", ErrFalse, who)
	}
	return &b, nil
}

// OpenBid checks that what opens a commitment is what was committed to, and gives the bid.
func OpenBid(t *Tender, c *rpc.BidCommit, u *rpc.Unsealed) (*rpc.Bid, error) {
	if seal(t.Hash, c.Provider, u.Bid, u.Salt) != c.Hash {
		return nil, fmt.Errorf("%w: the bid of %s is not the one it had committed itself to", ErrFalse, c.Provider)
	}
	var bid rpc.Bid
	if err := u.Bid.OpenFrom(&bid, c.Provider); err != nil {
		return nil, err
	}
	if bid.Job != t.Job || bid.Provider != c.Provider {
		return nil, fmt.Errorf("%w: the bid of %s is for another job or of another provider", ErrFalse, c.Provider)
	}
	return &bid, nil
}
