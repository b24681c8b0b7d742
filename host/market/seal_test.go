package market

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// auction is a sealed tender with some providers, each of which bids its index plus one.
type auction struct {
	t        *testing.T
	clock    *clock
	consumer *identity.Identity
	bidders  []*identity.Identity
	seals    []*Seals
	tender   *Tender
	commits  []identity.Signed
}

func newAuction(t *testing.T, n int) *auction {
	a := &auction{t: t, clock: &clock{noon}, consumer: someone(t)}
	for range n {
		a.bidders = append(a.bidders, someone(t))
	}
	slices.SortFunc(a.bidders, func(x, y *identity.Identity) int { return compare(x.Account(), y.Account()) })
	var err error
	if a.tender, err = Call(a.consumer, msg.Hash{1}, 0, 0, accounts(a.bidders...), 5*time.Second, noon); err != nil {
		t.Fatal(err)
	}
	for i, b := range a.bidders {
		s := NewSeals(b, nil, a.clock.now)
		a.seals = append(a.seals, s)
		commit, err := s.Seal(t.Context(), a.tender, func() (identity.Signed, error) { return a.bid(i, uint64(i)+1) })
		if err != nil {
			t.Fatal(err)
		}
		a.commits = append(a.commits, commit)
	}
	return a
}

func (a *auction) bid(i int, price uint64) (identity.Signed, error) {
	return a.bidders[i].Sign(rpc.Bid{Job: a.tender.Job, Provider: a.bidders[i].Account(), Accept: true, Price: msg.AmountOf(price)})
}

func (a *auction) unseal(i int, commits ...identity.Signed) (rpc.Unsealed, error) {
	ctx, cancel := context.WithTimeout(a.t.Context(), 20*time.Millisecond)
	defer cancel()
	return a.seals[i].Unseal(ctx, a.consumer.Account(), rpc.Unseal{Tender: a.tender.Hash, Commits: commits})
}

// Bids are hidden until all are bound, then they are what was committed to.
func TestSealed(t *testing.T) {
	a := newAuction(t, 3)
	for i := range a.bidders {
		c, err := OpenCommit(a.commits[i], a.tender, &a.tender.Invited[i])
		if err != nil {
			t.Fatal(err)
		}
		u, err := a.unseal(i, a.commits...)
		if err != nil {
			t.Fatal(err)
		}
		b, err := OpenBid(a.tender, c, &u)
		if err != nil || b.Price != msg.AmountOf(uint64(i)+1) {
			t.Errorf("bid %+v, %v", b, err)
		}
		// What is not what was committed to is refused: another price, another salt, another's bid.
		for name, change := range map[string]func(*rpc.Unsealed){
			"another price": func(u *rpc.Unsealed) { u.Bid, _ = a.bid(i, 77) },
			"another salt":  func(u *rpc.Unsealed) { u.Salt[0] ^= 1 },
			"another's bid": func(u *rpc.Unsealed) { u.Bid, _ = a.bid((i+1)%3, uint64(i)+1) },
		} {
			x := u
			if change(&x); true {
				if _, err := OpenBid(a.tender, c, &x); !errors.Is(err, ErrFalse) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
}

// A commitment can be to anything. What is no bid on the job by who made it is refused when it is opened.
func TestSealedNonsense(t *testing.T) {
	a := newAuction(t, 2)
	other, _ := a.bid(1, 5)
	wrongJob := sign(t, a.bidders[0], rpc.Bid{Job: msg.Hash{9}, Provider: a.bidders[0].Account(), Accept: true})
	for name, bid := range map[string]identity.Signed{"another's": other, "of another job": wrongJob, "garbage": {Body: []byte{0xff}}} {
		u := rpc.Unsealed{Bid: bid, Salt: msg.Hash{1}}
		c := rpc.BidCommit{Version: 1, Tender: a.tender.Hash, Provider: a.bidders[0].Account(), Hash: seal(a.tender.Hash, a.bidders[0].Account(), bid, u.Salt)}
		if b, err := OpenBid(a.tender, &c, &u); err == nil {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

// Before all are bound nobody opens; when the bidding is over everybody does, whoever was silent.
func TestBiddingTime(t *testing.T) {
	a := newAuction(t, 3)
	if u, err := a.unseal(0, a.commits[0], a.commits[1]); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("opened before the third was bound: %+v, %v", u, err)
	}
	a.clock.at = noon.Add(5 * time.Second)
	if _, err := a.unseal(0, a.commits[0], a.commits[1]); err != nil {
		t.Errorf("when the bidding is over: %v", err)
	}
	a.clock.at = noon.Add(MaxTender + time.Second)
	if _, err := a.unseal(0, a.commits...); !errors.Is(err, ErrStale) {
		t.Errorf("when the tender is over: %v", err)
	}
}

// Who refused to bid is not waited for; a refusal is of who was invited and is not bound, of this job, and no bid.
func TestRefusals(t *testing.T) {
	a := newAuction(t, 4)
	refuse := func(i int, change func(*rpc.Bid)) identity.Signed {
		b := rpc.Bid{Job: a.tender.Job, Provider: a.bidders[i].Account(), Fails: []rpc.Fail{{Rule: "memory", Reason: "too little"}}}
		if change != nil {
			change(&b)
		}
		return sign(t, a.bidders[i], b)
	}
	unseal := func(refusals ...identity.Signed) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := a.seals[0].Unseal(ctx, a.consumer.Account(), rpc.Unseal{Tender: a.tender.Hash, Commits: a.commits[:2], Refusals: refusals})
		return err
	}
	if err := unseal(refuse(2, nil), refuse(3, nil)); err != nil {
		t.Errorf("two are bound and two refused, and it waits: %v", err)
	}
	if err := unseal(refuse(3, nil)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one has not answered, and it does not wait: %v", err)
	}
	stranger := someone(t)
	for name, refusals := range map[string][]identity.Signed{
		"of who is bound":      {refuse(1, nil), refuse(2, nil)},
		"one twice":            {refuse(2, nil), refuse(2, nil)},
		"not in their order":   {refuse(3, nil), refuse(2, nil)},
		"a bid":                {refuse(2, func(b *rpc.Bid) { b.Accept = true }), refuse(3, nil)},
		"of another job":       {refuse(2, func(b *rpc.Bid) { b.Job[0]++ }), refuse(3, nil)},
		"of somebody else":     {refuse(2, func(b *rpc.Bid) { b.Provider = a.bidders[3].Account() })},
		"of who is no guest":   {sign(t, stranger, rpc.Bid{Job: a.tender.Job, Provider: stranger.Account()})},
		"more than were asked": {refuse(1, nil), refuse(2, nil), refuse(3, nil)},
		"garbage":              {{Body: []byte{1}}},
	} {
		if err := unseal(refusals...); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("refusals %s: %v", name, err)
		}
	}
}

// signer is whose commitment it is.
func signer(t *testing.T, signed identity.Signed) msg.Account {
	t.Helper()
	var c rpc.BidCommit
	who, err := signed.Open(&c)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// A provider opens to nobody but the consumer, and for no other set of commitments than those of who was invited.
func TestUnsealRefuses(t *testing.T) {
	a, b := newAuction(t, 3), newAuction(t, 3)
	stranger := someone(t)
	foreign := sign(t, stranger, rpc.BidCommit{Version: 1, Tender: a.tender.Hash, Provider: stranger.Account()})
	impersonated := sign(t, stranger, rpc.BidCommit{Version: 1, Tender: a.tender.Hash, Provider: a.bidders[1].Account()})
	again, err := Call(a.consumer, msg.Hash{1}, 0, 0, a.tender.Invited, 5*time.Second, noon.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := sign(t, a.bidders[1], rpc.BidCommit{Version: 1, Tender: again.Hash, Provider: a.bidders[1].Account()})
	mine := sign(t, a.bidders[0], rpc.BidCommit{Version: 1, Tender: a.tender.Hash, Provider: a.bidders[0].Account(), Hash: msg.Hash{1}})
	for name, commits := range map[string][]identity.Signed{
		"none":                 nil,
		"not its own":          {a.commits[1], a.commits[2]},
		"another of its own":   {mine, a.commits[1], a.commits[2]},
		"one twice":            {a.commits[0], a.commits[0], a.commits[1]},
		"not in their order":   {a.commits[1], a.commits[0], a.commits[2]},
		"of a tender before":   {a.commits[0], elsewhere, a.commits[2]},
		"of another tender":    {a.commits[0], b.commits[1], a.commits[2]},
		"of who is no guest":   {a.commits[0], a.commits[1], foreign},
		"signed by another":    {a.commits[0], impersonated, a.commits[2]},
		"more than were asked": {a.commits[0], a.commits[1], a.commits[2], foreign},
		"garbage":              {a.commits[0], {Body: []byte{1}}, a.commits[2]},
	} {
		if name == "of who is no guest" {
			slices.SortFunc(commits, func(x, y identity.Signed) int { return compare(signer(t, x), signer(t, y)) })
		}
		if u, err := a.unseal(0, commits...); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}
	if _, err := a.seals[0].Unseal(t.Context(), stranger.Account(), rpc.Unseal{Tender: a.tender.Hash, Commits: a.commits}); !errors.Is(err, ErrFalse) {
		t.Errorf("for another than the consumer: %v", err)
	}
	if _, err := a.seals[0].Unseal(t.Context(), a.consumer.Account(), rpc.Unseal{Tender: b.tender.Hash, Commits: b.commits}); !errors.Is(err, ErrStale) {
		t.Errorf("of a tender that it did not bid on: %v", err)
	}
}

// A provider that is asked twice is bound once, and one that failed to bid is asked anew.
func TestSealOnce(t *testing.T) {
	c := &clock{noon}
	provider, consumer := someone(t), someone(t)
	s := NewSeals(provider, nil, c.now)
	tender, err := Call(consumer, msg.Hash{1}, 0, 0, accounts(provider), time.Second, noon)
	if err != nil {
		t.Fatal(err)
	}
	trouble := errors.New("no price today")
	if _, err := s.Seal(t.Context(), tender, func() (identity.Signed, error) { return identity.Signed{}, trouble }); !errors.Is(err, trouble) {
		t.Errorf("%v", err)
	}
	var mu sync.Mutex
	made := 0
	var all [8]identity.Signed
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			var err error
			all[i], err = s.Seal(t.Context(), tender, func() (identity.Signed, error) {
				mu.Lock()
				defer mu.Unlock()
				made++
				return provider.Sign(rpc.Bid{Job: tender.Job, Provider: provider.Account(), Price: msg.AmountOf(uint64(made))})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, x := range all {
		if made != 1 || x.Sig != all[0].Sig {
			t.Errorf("%d bids were made, commitments %x and %x", made, x.Sig[:4], all[0].Sig[:4])
		}
	}
}
