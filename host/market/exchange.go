package market

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// How much a node keeps of what others sell and want.
const (
	maxListings = 1024
	maxTenders  = 1024
)

// Market is what a node knows of the market.
type Market struct {
	*Index
	Truth    *Truth
	listings *Book[identity.Signed]
	tenders  *Book[identity.Signed]
	now      func() time.Time
	log      *slog.Logger
}

// Open takes up what was known, from s. Room is what an account weighs in its books (Room); nil is the same for all.
func Open(s store.Store, room func(msg.Account) uint64, now func() time.Time, log *slog.Logger) (*Market, error) {
	if now == nil {
		now = time.Now
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	x, err := OpenIndex(s, now)
	if err != nil {
		return nil, err
	}
	return &Market{Index: x, Truth: OpenTruth(s), listings: NewBook[identity.Signed](maxListings, room, now), tenders: NewBook[identity.Signed](maxTenders, room, now), now: now, log: log}, nil
}

// Heard takes in the listing that a provider showed: one that is in the book already costs no check.
func (m *Market) Heard(from msg.Account, signed *identity.Signed) error {
	if signed == nil {
		return nil
	}
	if old, ok := m.listings.Get(accountKey(from)); ok && old.Sig == signed.Sig && bytes.Equal(old.Body, signed.Body) {
		return nil
	}
	return m.Listed(*signed)
}

// Listed takes in a provider's listing. The newest stands for the earlier ones.
func (m *Market) Listed(signed identity.Signed) error {
	l, _, err := OpenListing(signed, m.now())
	if err != nil {
		return err
	}
	key := accountKey(l.Provider)
	if old, ok := m.listings.Get(key); ok {
		var o rpc.Listing
		if err := msg.Decode(old.Body, &o); err == nil && o.Since > l.Since {
			return nil
		}
	}
	return m.listings.Put(key, l.Provider, time.Unix(l.Until, 0), signed)
}

// Called takes in a tender that was checked (OpenTender).
func (m *Market) Called(t *Tender) error {
	return m.tenders.Put(t.Hash, t.Consumer, time.UnixMilli(t.Until), t.Signed)
}

// Learn takes in what another node knows, no more of it than there is room for. Its prices stay its own; of the rest what is not as it
// should be is left out.
func (m *Market) Learn(b *rpc.MarketBook) {
	for _, signed := range b.Listings[max(0, len(b.Listings)-maxListings):] {
		if err := m.Listed(signed); err != nil {
			m.log.Debug("a listing is not noted", "err", err)
		}
	}
	for _, signed := range b.Tenders[max(0, len(b.Tenders)-maxTenders):] {
		var t rpc.Tender
		who, err := signed.Open(&t)
		if err == nil {
			var checked *Tender
			if checked, err = OpenTender(signed, t.Job, who, m.now()); err == nil {
				err = m.Called(checked)
			}
		}
		if err != nil {
			m.log.Debug("a tender is not noted", "err", err)
		}
	}
}

// Book is all that this node knows, for others.
func (m *Market) Book() rpc.MarketBook {
	return rpc.MarketBook{Listings: m.listings.All(), Tenders: m.tenders.All(), Prices: m.Prices()}
}

// Serve answers what a node is asked about the market.
func (m *Market) Serve(mux *transport.Mux) {
	transport.Handle(mux, rpc.MethodBook, func(context.Context, msg.Account, rpc.BookRequest) (rpc.MarketBook, error) { return m.Book(), nil })
}

// Follow takes in what is settled elsewhere, looking every so often until ctx ends.
func (m *Market) Follow(ctx context.Context, from Settled, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for at := uint64(0); ; {
		next, err := from.Settled(ctx, at, m.Add)
		switch {
		case err == nil:
			at = next
		case !errors.Is(err, context.Canceled):
			m.log.Warn("reading what was settled", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Size is how many listings and tenders are in the book.
func (m *Market) Size() (listings, tenders int) { return m.listings.Len(), m.tenders.Len() }
