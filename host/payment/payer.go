package payment

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Receiver is who is paid, as seen from here.
type Receiver interface {
	Release(ctx context.Context, r rpc.ReleaseRequest) (rpc.Released, error)
	Pay(ctx context.Context, p rpc.Payment) error
	Fee(ctx context.Context, p rpc.Payment) error
}

// PayerConfig says how a consumer pays. All but Log is needed.
type PayerConfig struct {
	Identity *identity.Identity
	Store    store.Store
	Purse    settle.Purse
	// Reach gives the node of an account at an address.
	Reach func(addr string, account msg.Account) Receiver
	Log   *slog.Logger
}

// Payer is a consumer's side: what it has agreed to pay, and has paid.
type Payer struct {
	cfg     PayerConfig
	journal store.Journal // of Payment, by job and payee

	mu     sync.Mutex
	totals map[msg.Account]msg.Amount // promised to each payee in vouchers
	open   map[msg.Hash]*Payment      // that something is still to be done for
	busy   map[msg.Account]bool       // who is being paid just now
	again  map[msg.Account]pause      // who could not be reached
	wake   chan struct{}
	done   chan struct{} // closed and replaced when a payment has arrived
}

// pause is how long a payee is left alone, longer each time.
type pause struct {
	until time.Time
	next  time.Duration
}

// maxPause is the longest.
const maxPause = time.Minute

// Payment is what one payee gets for one job.
type Payment struct {
	Terms  msg.Terms   `cbor:"1,keyasint" json:"terms"`
	Payee  msg.Account `cbor:"2,keyasint" json:"payee"`
	Amount msg.Amount  `cbor:"3,keyasint" json:"amount"`
	Addr   string      `cbor:"4,keyasint" json:"address"`
	Made   int64       `cbor:"5,keyasint" json:"made"` // Unix nanoseconds
	// Total is what all vouchers for this payee come to with this one. Zero before the provider released the job, or where it is paid by an
	// acceptance.
	Total   msg.Amount          `cbor:"6,keyasint" json:"total"`
	Release *identity.Signature `cbor:"7,keyasint,omitempty" json:"release,omitempty"` // the provider's
	// Accept says that the provider had opened the escrow, which is paid out instead.
	Accept bool `cbor:"8,keyasint,omitempty" json:"accept,omitempty"`
	// Arrived says that the payee has it.
	Arrived bool     `cbor:"9,keyasint" json:"arrived"`
	Receipt msg.Hash `cbor:"10,keyasint" json:"receipt"`
}

func (p *Payment) provider() bool { return p.Payee == p.Terms.Provider }

func (p *Payment) key() msg.Hash {
	return sha256.Sum256(append(append([]byte("gwrun payment\x00"), p.Terms.Job[:]...), p.Payee[:]...))
}

// NewPayer takes up what the store has of before.
func NewPayer(cfg PayerConfig) (*Payer, error) {
	if cfg.Identity == nil || cfg.Store == nil || cfg.Purse == nil || cfg.Reach == nil {
		return nil, errors.New("payment: a payer needs an identity, a store, a purse and a way to reach payees")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	p := &Payer{cfg: cfg, journal: cfg.Store.Journal("payment/made"), totals: map[msg.Account]msg.Amount{}, open: map[msg.Hash]*Payment{},
		busy: map[msg.Account]bool{}, again: map[msg.Account]pause{}, wake: make(chan struct{}, 1), done: make(chan struct{})}
	all, err := p.Payments()
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if p.totals[x.Payee].Cmp(x.Total) < 0 {
			p.totals[x.Payee] = x.Total
		}
		if !x.Arrived || p.watched(x, time.Now()) {
			p.open[x.key()] = x
		}
	}
	return p, nil
}

// Payments lists what was paid, oldest first.
func (p *Payer) Payments() ([]*Payment, error) {
	keys, err := p.journal.Keys()
	if err != nil {
		return nil, err
	}
	var out []*Payment
	for _, k := range keys {
		x := new(Payment)
		if err := p.journal.Get(k, x); err != nil {
			return nil, fmt.Errorf("payment %s: %w", k, err)
		}
		out = append(out, x)
	}
	slices.SortFunc(out, older)
	return out, nil
}

func older(a, b *Payment) int {
	switch {
	case a.Made < b.Made:
		return -1
	case a.Made > b.Made:
		return 1
	}
	return less(a.key(), b.key())
}

// Market is where this consumer pays.
func (p *Payer) Market() msg.TypedDomain { return p.cfg.Purse.Market() }

// Rules are the market's, as they are now.
func (p *Payer) Rules(ctx context.Context) (settle.Rules, error) { return p.cfg.Purse.Rules(ctx) }

// Weight is what a validator weighs by its stake.
func (p *Payer) Weight(ctx context.Context, a msg.Account) (uint32, error) {
	s, err := p.cfg.Purse.Stake(ctx, a)
	return s.Weight(), err
}

// Check says what is wrong with the terms of a bid.
func (p *Payer) Check(ctx context.Context, spec *msg.JobSpec, b *rpc.Bid) error {
	if b.Terms == nil {
		return fmt.Errorf("%w: the bid has no terms", ErrRefused)
	}
	rules, err := p.cfg.Purse.Rules(ctx)
	if err != nil {
		return err
	}
	want, err := Terms(spec, b.Provider, b.Price, &rules)
	if err == nil {
		err = fits(b.Terms, &want)
	}
	if err == nil {
		err = Allowed(b.Terms, &rules, time.Now())
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	by, err := identity.RecoverTyped(p.Market(), *b.Terms, b.Sig)
	if err == nil && by != b.Provider {
		err = fmt.Errorf("%w: terms signed by %s, wanted %s", identity.ErrSignature, by, b.Provider)
	}
	return err
}

// Agree signs the terms of a bid that was checked.
func (p *Payer) Agree(b *rpc.Bid) (*rpc.Agreement, error) {
	sig, err := p.cfg.Identity.SignTyped(p.Market(), *b.Terms)
	return &rpc.Agreement{Terms: *b.Terms, ConsumerSig: sig, ProviderSig: b.Sig}, err
}

// Owe has somebody paid for a job: it is written before it returns, and brought to the payee as soon as that can be reached. Repeating it for a
// job and a payee changes nothing: each is paid once. receipt is what is paid for.
func (p *Payer) Owe(terms *msg.Terms, receipt msg.Hash, payee msg.Account, amount msg.Amount, addr string) error {
	if amount.IsZero() {
		return nil
	}
	x := &Payment{Terms: *terms, Payee: payee, Amount: amount, Addr: addr, Made: time.Now().UnixNano(), Receipt: receipt}
	p.mu.Lock()
	defer p.mu.Unlock()
	var old Payment
	switch err := p.journal.Get(x.key(), &old); {
	case err == nil:
		return nil
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	if !x.provider() {
		x.Total = p.totals[payee].Add(amount)
	}
	if err := p.put(x); err != nil {
		return err
	}
	p.open[x.key()] = x
	p.kick()
	return nil
}

// put writes a payment, and what it makes the total. Called with mu held.
func (p *Payer) put(x *Payment) error {
	if err := p.journal.Put(x.key(), *x); err != nil {
		return err
	}
	if p.totals[x.Payee].Cmp(x.Total) < 0 {
		p.totals[x.Payee] = x.Total
	}
	return nil
}

func (p *Payer) kick() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run brings payments to their payees until ctx ends.
func (p *Payer) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var work sync.WaitGroup
	defer work.Wait()
	for {
		for payee, list := range p.due() {
			work.Go(func() {
				err := p.bring(ctx, list)
				p.mu.Lock()
				defer p.mu.Unlock()
				delete(p.busy, payee)
				if err == nil {
					delete(p.again, payee)
					return
				}
				next := max(time.Second, p.again[payee].next)
				p.again[payee] = pause{time.Now().Add(next), min(2*next, maxPause)}
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-tick.C:
		}
	}
}

// due gives what is to be done, by payee: one after the other, since their totals build on each other.
func (p *Payer) due() map[msg.Account][]*Payment {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[msg.Account][]*Payment{}
	for k, x := range p.open {
		if x.Arrived && !p.watched(x, time.Now()) {
			delete(p.open, k)
			continue
		}
		if !p.busy[x.Payee] && time.Now().After(p.again[x.Payee].until) {
			out[x.Payee] = append(out[x.Payee], x)
		}
	}
	for payee, list := range out {
		p.busy[payee] = true
		slices.SortFunc(list, older)
	}
	return out
}

// watched reports whether a provider that was paid could still open the escrow of the job.
func (p *Payer) watched(x *Payment, now time.Time) bool {
	return x.Release != nil && uint64(now.Unix()) <= x.Terms.Opens
}

// bring does what is to be done for one payee's payments. Whatever fails is tried again later.
func (p *Payer) bring(ctx context.Context, list []*Payment) error {
	for _, x := range list {
		if err := p.one(ctx, x); err != nil {
			if ctx.Err() == nil {
				p.cfg.Log.Info("a payment is on its way", "job", x.Terms.Job, "payee", x.Payee, "amount", x.Amount, "err", err)
			}
			return err
		}
	}
	return nil
}

func (p *Payer) one(ctx context.Context, x *Payment) error {
	if x.Arrived {
		return p.twice(ctx, x)
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	to := p.cfg.Reach(x.Addr, x.Payee)
	if x.provider() && x.Release == nil && !x.Accept {
		if err := p.release(ctx, to, x); err != nil {
			return err
		}
	}
	pay := rpc.Payment{Job: x.Terms.Job}
	var err error
	if x.Accept {
		pay.Acceptance = &msg.Acceptance{Terms: x.Terms.ID(p.Market()), Receipt: x.Receipt, Jurors: []msg.Account{}}
		pay.Sig, err = p.cfg.Identity.SignTyped(p.Market(), *pay.Acceptance)
	} else {
		c, fault := p.cheque(x.Payee)
		pay.Voucher, pay.Sig, err = &c.Voucher, c.Sig, fault
	}
	if err != nil {
		return err
	}
	if x.provider() {
		err = to.Pay(ctx, pay)
	} else {
		err = to.Fee(ctx, pay)
	}
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	x.Arrived = true
	if err := p.journal.Put(x.key(), *x); err != nil {
		x.Arrived = false
		return err
	}
	close(p.done)
	p.done = make(chan struct{})
	return nil
}

// cheque is the newest voucher for a payee: it counts for all payments that were promised so far.
func (p *Payer) cheque(payee msg.Account) (c settle.Cheque, err error) {
	p.mu.Lock()
	c.Voucher = msg.Voucher{Consumer: p.cfg.Identity.Account(), Payee: payee, Total: p.totals[payee]}
	p.mu.Unlock()
	c.Sig, err = p.cfg.Identity.SignTyped(p.Market(), c.Voucher)
	return c, err
}

// release gets the provider's word that the job is paid with the voucher to come. Only then is there one: a provider that had it already could
// open the escrow besides.
func (p *Payer) release(ctx context.Context, to Receiver, x *Payment) error {
	p.mu.Lock()
	total := p.totals[x.Payee].Add(x.Amount)
	p.mu.Unlock()
	said, err := to.Release(ctx, rpc.ReleaseRequest{Job: x.Terms.Job, Total: total})
	if err != nil {
		return err
	}
	changed := *x
	if changed.Accept = said.Opened; !said.Opened {
		if said.Sig == nil {
			return fmt.Errorf("%w: the provider's answer is empty", ErrRefused)
		}
		by, err := identity.RecoverTyped(p.Market(), msg.Release{Terms: x.Terms.ID(p.Market()), Total: total}, *said.Sig)
		if err == nil && by != x.Payee {
			err = fmt.Errorf("%w: a release signed by %s, wanted %s", identity.ErrSignature, by, x.Payee)
		}
		if err != nil {
			return err
		}
		changed.Release, changed.Total = said.Sig, total
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.put(&changed); err != nil {
		return err
	}
	*x = changed
	return nil
}

// twice sees to it that a job that was paid is not paid again by its escrow.
func (p *Payer) twice(ctx context.Context, x *Payment) error {
	e, err := p.cfg.Purse.Escrow(ctx, &x.Terms)
	if err != nil || e != settle.EscrowOpen {
		return err
	}
	c, err := p.cheque(x.Payee)
	if err != nil {
		return err
	}
	p.cfg.Log.Warn("a job that was paid was opened: its escrow is released", "job", x.Terms.Job, "provider", x.Payee)
	return p.cfg.Purse.Release(ctx, x.Terms.Job, msg.Release{Terms: x.Terms.ID(p.Market()), Total: x.Total}, *x.Release, c)
}

// Flush waits until everything that is owed has arrived, or ctx ends.
func (p *Payer) Flush(ctx context.Context) error {
	for {
		p.mu.Lock()
		left, done := 0, p.done
		for _, x := range p.open {
			if !x.Arrived {
				left++
			}
		}
		p.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d payments have not arrived: %w", left, ctx.Err())
		case <-done:
		}
	}
}
