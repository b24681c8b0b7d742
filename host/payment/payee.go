package payment

import (
	"context"
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

// PayeeConfig says how a provider or a validator is paid. Identity, Store and Purse are needed.
type PayeeConfig struct {
	Identity *identity.Identity
	Store    store.Store
	Purse    settle.Purse
	// Credit is how much unpaid work is done for one consumer on its signature alone. Beyond that a job's escrow is opened when it begins, and so it
	// is where it could be opened only after the consumer's deposit can be withdrawn.
	Credit msg.Amount
	// Vouchers are redeemed when they come to RedeemAt, and when the oldest of them has waited for RedeemEvery. Defaults: no such amount, an hour.
	RedeemAt    msg.Amount
	RedeemEvery time.Duration
	Log         *slog.Logger

	now func() time.Time
}

// Payee is a provider's or a validator's side: what it is owed, and the vouchers it has.
type Payee struct {
	cfg     PayeeConfig
	dues    store.Journal // of Due, by job
	cheques store.Journal // of settle.Cheque, by consumer

	taking sync.Mutex // held while a job is agreed on: what a consumer may still spend is looked at first

	mu       sync.Mutex
	all      map[msg.Hash]*Due
	best     map[msg.Account]settle.Cheque
	since    time.Time // when the oldest voucher came that is not redeemed
	redeem   sync.Mutex
	dry      map[msg.Account]time.Time // since when nothing comes of a consumer's vouchers, whose deposit is empty; redeem is held
	enforced map[msg.Hash]bool         // by this process
}

// State is how it stands with what is owed for a job.
type State string

// The states of a Due.
const (
	Working State = ""       // it is not owed yet
	Owed    State = "owed"   // the result was accepted, or the verdicts are given
	Paid    State = "paid"   // By says how
	Nothing State = "none"   // the result was not accepted, or the job was given up
	Courts  State = "escrow" // the money is in the job's escrow, or is to be
)

// Due is what is owed for one job.
type Due struct {
	Agreement rpc.Agreement `cbor:"1,keyasint" json:"agreement"`
	Amount    msg.Amount    `cbor:"2,keyasint" json:"amount"`
	Juror     bool          `cbor:"3,keyasint" json:"juror"` // it is a validator's fee, else a provider's price
	Began     int64         `cbor:"4,keyasint" json:"began"` // Unix seconds
	State     State         `cbor:"5,keyasint" json:"state"`
	Since     int64         `cbor:"6,keyasint" json:"since"` // of the state
	By        string        `cbor:"7,keyasint" json:"by"`    // of what is paid: "voucher" or "escrow"
	// Granted is the total for which the job was released, zero if it was not.
	Granted msg.Amount `cbor:"8,keyasint" json:"granted"`
	// Upto is, of what a voucher paid, all that vouchers of this consumer had paid with it: it is redeemed once so much was drawn.
	Upto msg.Amount `cbor:"9,keyasint" json:"upto"`
	// Opens says that the escrow is opened when the job begins: it is more than the credit, or what would pay could be gone by the time that it
	// is known not to be paid.
	Opens bool `cbor:"10,keyasint" json:"opens"`
}

func (d *Due) consumer() msg.Account { return d.Agreement.Terms.Consumer }

// unpaid reports whether the provider has done or does work for it on a signature alone.
func (d *Due) unpaid() bool { return !d.Juror && (d.State == Working || d.State == Owed) && !d.Opens }

// NewPayee takes up what the store has of before.
func NewPayee(cfg PayeeConfig) (*Payee, error) {
	if cfg.Identity == nil || cfg.Store == nil || cfg.Purse == nil {
		return nil, errors.New("payment: a payee needs an identity, a store and a purse")
	}
	if cfg.RedeemEvery == 0 {
		cfg.RedeemEvery = time.Hour
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.now == nil {
		cfg.now = time.Now
	}
	p := &Payee{cfg: cfg, dues: cfg.Store.Journal("payment/due"), cheques: cfg.Store.Journal("payment/cheques"), all: map[msg.Hash]*Due{},
		best: map[msg.Account]settle.Cheque{}, enforced: map[msg.Hash]bool{}, dry: map[msg.Account]time.Time{}}
	keys, err := p.dues.Keys()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		d := new(Due)
		if err := p.dues.Get(k, d); err != nil {
			return nil, fmt.Errorf("payment: job %s: %w", k, err)
		}
		p.all[k] = d
	}
	if keys, err = p.cheques.Keys(); err != nil {
		return nil, err
	}
	for _, k := range keys {
		var c settle.Cheque
		if err := p.cheques.Get(k, &c); err != nil {
			return nil, fmt.Errorf("payment: voucher %s: %w", k, err)
		}
		p.best[c.Voucher.Consumer] = c
	}
	p.since = cfg.now()
	return p, nil
}

// Market is where this node is paid.
func (p *Payee) Market() msg.TypedDomain { return p.cfg.Purse.Market() }

// Bid gives the signed terms on which a job is taken at a price, or the requirements that are not met.
func (p *Payee) Bid(ctx context.Context, spec *msg.JobSpec, price msg.Amount) (*msg.Terms, identity.Signature, []rpc.Fail, error) {
	t, fails, err := p.may(ctx, spec, price)
	if err != nil || len(fails) > 0 {
		return nil, identity.Signature{}, fails, err
	}
	sig, err := p.cfg.Identity.SignTyped(p.Market(), *t)
	return t, sig, nil, err
}

// may says on which terms a job can be taken, or what speaks against it.
func (p *Payee) may(ctx context.Context, spec *msg.JobSpec, price msg.Amount) (*msg.Terms, []rpc.Fail, error) {
	no := func(rule, format string, a ...any) (*msg.Terms, []rpc.Fail, error) {
		return nil, []rpc.Fail{{Rule: rule, Reason: fmt.Sprintf(format, a...)}}, nil
	}
	purse, me, market := p.cfg.Purse, p.cfg.Identity.Account(), p.Market()
	if spec.Market == nil {
		return no("market", "the job is to be done for nothing, this provider is paid in market %s on chain %d", market.Contract, market.ChainID)
	}
	if *spec.Market != market {
		return no("market", "the job is paid in market %s on chain %d, this provider is paid in %s on chain %d", spec.Market.Contract, spec.Market.ChainID, market.Contract, market.ChainID)
	}
	rules, err := purse.Rules(ctx)
	if err != nil {
		return nil, nil, err
	}
	t, err := Terms(spec, me, price, &rules)
	if err == nil {
		err = Allowed(&t, &rules, p.cfg.now())
	}
	if err != nil {
		return no("terms", "%v", err)
	}
	if err := weighed(ctx, purse, spec.Policy.Candidates); err != nil {
		return no("candidates", "%v", err)
	}
	stake, err := purse.Stake(ctx, me)
	if err != nil {
		return nil, nil, err
	}
	owed, bonds, _ := p.promised(spec.Consumer, t.Job)
	if free := stake.Free().Sub(bonds); stake.Barred || free.Cmp(t.Bond) < 0 {
		return no("stake", "the job wants a bond of %s, this provider has %s of its stake free", t.Bond, free)
	}
	deposit, err := purse.Deposit(ctx, spec.Consumer)
	if err != nil {
		return nil, nil, err
	}
	drawn, err := purse.Drawn(ctx, spec.Consumer, me)
	if err != nil {
		return nil, nil, err
	}
	p.mu.Lock()
	held := p.best[spec.Consumer].Voucher.Total
	p.mu.Unlock()
	if left, want := deposit.Sub(held.Sub(drawn)).Sub(owed), Escrowed(&t); left.Cmp(want) < 0 {
		return no("credit", "the job may cost %s, of the consumer's deposit %s is not promised to this provider already", want, left)
	}
	return &t, nil, nil
}

// promised is what a consumer owes for other jobs than this one, what bonds those of all consumers that have no escrow may cost, and how many
// there are.
func (p *Payee) promised(consumer msg.Account, not msg.Hash) (owed, bonds msg.Amount, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for job, d := range p.all {
		if job == not || d.Juror || d.State == Paid || d.State == Nothing {
			continue
		}
		if d.unpaid() {
			bonds = bonds.Add(d.Agreement.Terms.Bond)
		}
		if d.unpaid() && d.consumer() == consumer {
			owed = owed.Add(Escrowed(&d.Agreement.Terms))
			n++
		}
	}
	return owed, bonds, n
}

// unpaidWork is the price of what is done for a consumer on its signature alone. Called with mu held.
func (p *Payee) unpaidWork(consumer msg.Account) (sum msg.Amount) {
	for _, d := range p.all {
		if d.unpaid() && d.consumer() == consumer {
			sum = sum.Add(d.Amount)
		}
	}
	return sum
}

// Agree takes a job on terms that this provider had offered and its consumer has signed. They are kept before it returns. Repeating it changes
// nothing.
func (p *Payee) Agree(ctx context.Context, spec *msg.JobSpec, a *rpc.Agreement) error {
	if a == nil {
		return fmt.Errorf("%w (terms): the job comes without an agreement", ErrRefused)
	}
	job := msg.HashOf(*spec)
	p.mu.Lock()
	old := p.all[job]
	p.mu.Unlock()
	if old != nil && old.State != Nothing { // what was given up may be taken again
		if old.Agreement != *a {
			return fmt.Errorf("%w (terms): the job was agreed on at other terms", ErrRefused)
		}
		return nil
	}
	if err := Signed(p.Market(), a); err != nil {
		return fmt.Errorf("%w (terms): %w", ErrRefused, err)
	}
	p.taking.Lock()
	defer p.taking.Unlock()
	rules, err := p.cfg.Purse.Rules(ctx)
	if err != nil {
		return err
	}
	want, fails, err := p.may(ctx, spec, a.Terms.Price)
	if err != nil {
		return err
	}
	if len(fails) > 0 {
		return fmt.Errorf("%w (%s): %s", ErrRefused, fails[0].Rule, fails[0].Reason)
	}
	if err := fits(&a.Terms, want); err != nil {
		return fmt.Errorf("%w (terms): %w", ErrRefused, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.all[job]; old != nil && old.State != Nothing {
		return nil
	}
	d := Due{Agreement: *a, Amount: a.Terms.Price, Began: p.cfg.now().Unix(), Since: p.cfg.now().Unix()}
	d.Opens = p.unpaidWork(d.consumer()).Add(d.Amount).Cmp(p.cfg.Credit) > 0 || !lasts(&a.Terms, &rules, p.cfg.now())
	return p.put(job, d)
}

// put writes a due. Called with mu held.
func (p *Payee) put(job msg.Hash, d Due) error {
	if err := p.dues.Put(job, d); err != nil {
		return err
	}
	p.all[job] = &d
	return nil
}

// move changes the state of a due, if it is in one of those.
func (p *Payee) move(job msg.Hash, to State, from ...State) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.all[job]
	if d == nil || !slices.Contains(from, d.State) {
		return nil
	}
	n := *d
	n.State, n.Since = to, p.cfg.now().Unix()
	return p.put(job, n)
}

// Agreed gives what was agreed on about a job; ok is false if nothing was.
func (p *Payee) Agreed(job msg.Hash) (a rpc.Agreement, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := p.all[job]; d != nil {
		return d.Agreement, true
	}
	return a, false
}

// Accepted says that this node's book has the result accepted: the clock for the payment runs.
func (p *Payee) Accepted(job msg.Hash) error { return p.move(job, Owed, Working) }

// Over says that nothing is owed for a job: it was given up, or its result was proven wrong.
func (p *Payee) Over(job msg.Hash) error { return p.move(job, Nothing, Working, Owed) }

// Silent says that the job has a receipt and nobody judged it in time: the chain is to.
func (p *Payee) Silent(job msg.Hash) error { return p.move(job, Courts, Working, Owed) }

// Judged says that this node, a validator, gave its verdicts on so many of a job's intervals.
func (p *Payee) Judged(a *rpc.Agreement, judged, intervals uint64) error {
	if err := Signed(p.Market(), a); err != nil {
		return err
	}
	amount := Earned(&a.Terms, judged, intervals)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all[a.Terms.Job] != nil || amount.IsZero() {
		return nil
	}
	now := p.cfg.now().Unix()
	return p.put(a.Terms.Job, Due{Agreement: *a, Amount: amount, Juror: true, Began: now, Since: now, State: Owed})
}

// Release gives the word that a job is paid with a voucher of so much. It is for the job's consumer only.
func (p *Payee) Release(ctx context.Context, who msg.Account, r rpc.ReleaseRequest) (rpc.Released, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.all[r.Job]
	if d == nil || d.Juror || d.consumer() != who {
		return rpc.Released{}, fmt.Errorf("%w: %s has no job %s here", ErrRefused, who, r.Job)
	}
	if d.State == Nothing {
		return rpc.Released{}, fmt.Errorf("%w: nothing is owed for job %s", ErrRefused, r.Job)
	}
	if d.State == Courts || d.Opens && d.State != Paid {
		return rpc.Released{Opened: true}, nil
	}
	if d.Granted.IsZero() || d.Granted.Cmp(r.Total) > 0 {
		granted := msg.Amount{}
		for job, x := range p.all {
			if job != r.Job && x.consumer() == who && granted.Cmp(x.Granted) < 0 {
				granted = x.Granted
			}
		}
		if least := granted.Add(d.Amount); r.Total.Cmp(least) < 0 {
			return rpc.Released{}, fmt.Errorf("%w: job %s is paid by a voucher of %s in all, not of %s", ErrRefused, r.Job, least, r.Total)
		}
		n := *d
		n.Granted = r.Total
		if err := p.put(r.Job, n); err != nil {
			return rpc.Released{}, err
		}
	}
	sig, err := p.cfg.Identity.SignTyped(p.Market(), msg.Release{Terms: d.Agreement.Terms.ID(p.Market()), Total: r.Total})
	return rpc.Released{Sig: &sig}, err
}

// Take takes a payment.
func (p *Payee) Take(ctx context.Context, who msg.Account, x rpc.Payment) error {
	switch {
	case x.Voucher != nil && x.Acceptance == nil:
		return p.voucher(ctx, who, x)
	case x.Acceptance != nil && x.Voucher == nil:
		return p.acceptance(ctx, who, x)
	}
	return fmt.Errorf("%w: a payment is a voucher or an acceptance", ErrRefused)
}

func (p *Payee) acceptance(ctx context.Context, who msg.Account, x rpc.Payment) error {
	p.mu.Lock()
	d := p.all[x.Job]
	p.mu.Unlock()
	switch {
	case d == nil || d.Juror || d.consumer() != who:
		return fmt.Errorf("%w: %s has no job %s here", ErrRefused, who, x.Job)
	case x.Acceptance.Terms != d.Agreement.Terms.ID(p.Market()):
		return fmt.Errorf("%w: an acceptance of terms %s, those of job %s are %s", ErrRefused, x.Acceptance.Terms, x.Job, d.Agreement.Terms.ID(p.Market()))
	}
	by, err := identity.RecoverTyped(p.Market(), *x.Acceptance, x.Sig)
	if err == nil && by != who {
		err = fmt.Errorf("%w: an acceptance signed by %s, wanted %s", identity.ErrSignature, by, who)
	}
	if err != nil {
		return err
	}
	if err := p.move(x.Job, Courts, Working, Owed); err != nil {
		return err
	}
	return p.cfg.Purse.Accept(ctx, x.Job, *x.Acceptance, x.Sig)
}

func (p *Payee) voucher(ctx context.Context, who msg.Account, x rpc.Payment) error {
	v, me := x.Voucher, p.cfg.Identity.Account()
	if v.Consumer != who || v.Payee != me {
		return fmt.Errorf("%w: a voucher of %s for %s, brought by %s to %s", ErrRefused, v.Consumer, v.Payee, who, me)
	}
	by, err := identity.RecoverTyped(p.Market(), *v, x.Sig)
	if err == nil && by != who {
		err = fmt.Errorf("%w: a voucher signed by %s, wanted %s", identity.ErrSignature, by, who)
	}
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	best := p.best[who]
	if best.Voucher.Total.Cmp(v.Total) < 0 {
		if p.held().IsZero() {
			p.since = p.cfg.now()
		}
		best = settle.Cheque{Voucher: *v, Sig: x.Sig}
		var key msg.Hash
		copy(key[:], who[:])
		if err := p.cheques.Put(key, best); err != nil {
			return err
		}
		p.best[who] = best
	}
	d := p.all[x.Job]
	if d == nil {
		return nil // a validator that was not told of the terms: it has the money
	}
	if d.consumer() != who {
		return fmt.Errorf("%w: job %s is not %s's", ErrRefused, x.Job, who)
	}
	if d.State == Paid {
		return nil
	}
	claimed := p.claimed(who)
	n := *d
	if left := best.Voucher.Total.Sub(claimed); d.Juror && d.Agreement.Terms.Fee.Cmp(left) <= 0 && left.Cmp(n.Amount) < 0 {
		n.Amount = left // the consumer counts only what it had asked for
	}
	upto := claimed.Add(n.Amount)
	if best.Voucher.Total.Cmp(upto) < 0 {
		return fmt.Errorf("%w: the voucher comes to %s, for job %s it has to come to %s", ErrRefused, best.Voucher.Total, x.Job, upto)
	}
	n.State, n.Since, n.By, n.Upto = Paid, p.cfg.now().Unix(), byVoucher, upto
	return p.put(x.Job, n)
}

// claimed is what jobs were paid for with vouchers of a consumer. Called with mu held.
func (p *Payee) claimed(consumer msg.Account) (sum msg.Amount) {
	for _, d := range p.all {
		if d.consumer() == consumer && sum.Cmp(d.Upto) < 0 {
			sum = d.Upto
		}
	}
	return sum
}

const (
	byVoucher = "voucher"
	byEscrow  = "escrow"
)

// held is the sum of all vouchers, redeemed or not. Called with mu held.
func (p *Payee) held() (sum msg.Amount) {
	for _, c := range p.best {
		sum = sum.Add(c.Voucher.Total)
	}
	return sum
}

// Dues lists what is or was owed, oldest first.
func (p *Payee) Dues() []Due {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Due, 0, len(p.all))
	for _, d := range p.all {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Due) int {
		if a.Began != b.Began {
			return int(a.Began - b.Began)
		}
		return less(a.Agreement.Terms.Job, b.Agreement.Terms.Job)
	})
	return out
}

// Cheques gives the newest voucher of each consumer.
func (p *Payee) Cheques() []settle.Cheque {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]settle.Cheque, 0, len(p.best))
	for _, c := range p.best {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b settle.Cheque) int { return slices.Compare(a.Voucher.Consumer[:], b.Voucher.Consumer[:]) })
	return out
}

// Earned is what a juror gets for so many of a job's intervals: their share of the price, and the fee of the terms at least.
func Earned(t *msg.Terms, judged, intervals uint64) msg.Amount {
	share := msg.Amount{}
	if intervals > 0 {
		n := t.Price.Times(min(judged, intervals)).Big()
		n.Add(n, msg.AmountOf(intervals-1).Big()).Div(n, msg.AmountOf(intervals).Big())
		share, _ = msg.AmountOfBig(n) // at most the price
	}
	if share.Cmp(t.Fee) < 0 {
		return t.Fee
	}
	return share
}
