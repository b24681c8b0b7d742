package settletest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Bank is a market's money without a chain: deposits, stakes, vouchers and escrows, by the rules of the contracts but without their clocks.
// For tests of those who pay and are paid.
type Bank struct {
	At    msg.TypedDomain
	Limit settle.Rules

	mu       sync.Mutex
	deposits map[msg.Account]msg.Amount
	earned   map[msg.Account]msg.Amount
	stakes   map[msg.Account]settle.Stake
	drawn    map[[2]msg.Account]msg.Amount
	escrows  map[msg.Hash]settle.Escrow // by terms
	agreed   map[msg.Hash]rpc.Agreement
	batches  int
}

// NewBank opens a bank on a market of that name.
func NewBank() *Bank {
	return &Bank{At: msg.TypedDomain{ChainID: 1337, Contract: msg.Account{0xba}},
		Limit:    settle.Rules{CollusionPPM: 250_000, SavingPPM: 500_000, MaxWindow: 24 * time.Hour, MinClock: time.Second, MaxClock: time.Hour, MaxLate: time.Hour, MaxDuration: 48 * time.Hour, Notice: 96 * time.Hour, MaxValidators: 16},
		deposits: map[msg.Account]msg.Amount{}, earned: map[msg.Account]msg.Amount{}, stakes: map[msg.Account]settle.Stake{},
		drawn: map[[2]msg.Account]msg.Amount{}, escrows: map[msg.Hash]settle.Escrow{}, agreed: map[msg.Hash]rpc.Agreement{}}
}

// Give puts money into an account's deposit, and SetStake sets what it has at stake.
func (b *Bank) Give(a msg.Account, n msg.Amount) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deposits[a] = b.deposits[a].Add(n)
}

// Withdraw takes money out of a deposit.
func (b *Bank) Withdraw(a msg.Account, n msg.Amount) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deposits[a] = b.deposits[a].Sub(n)
}

// SetStake sets what an account has at stake.
func (b *Bank) SetStake(a msg.Account, s settle.Stake) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stakes[a] = s
}

// Earned is what an account was paid in all, and Batches how often somebody redeemed.
func (b *Bank) Earned(a msg.Account) msg.Amount {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.earned[a]
}

// Batches is how often vouchers were redeemed.
func (b *Bank) Batches() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.batches
}

// Purse is the bank as one of its customers sees it. Book finds what was agreed on about a job.
func (b *Bank) Purse(book func(job msg.Hash) (rpc.Agreement, bool)) settle.Purse {
	return &purse{b, book}
}

type purse struct {
	*Bank
	book func(job msg.Hash) (rpc.Agreement, bool)
}

func (p *purse) Market() msg.TypedDomain { return p.At }

func (p *purse) Rules(context.Context) (settle.Rules, error) { return p.Limit, nil }

func (p *purse) Stake(_ context.Context, a msg.Account) (settle.Stake, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stakes[a], nil
}

func (p *purse) Deposit(_ context.Context, a msg.Account) (msg.Amount, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.deposits[a], nil
}

func (p *purse) Drawn(_ context.Context, consumer, payee msg.Account) (msg.Amount, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.drawn[[2]msg.Account{consumer, payee}], nil
}

func (p *purse) Escrow(_ context.Context, t *msg.Terms) (settle.Escrow, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.escrows[t.ID(p.At)], nil
}

// pay moves money from a deposit. Called with mu held.
func (b *Bank) pay(from, to msg.Account, n msg.Amount) error {
	if b.deposits[from].Cmp(n) < 0 {
		return fmt.Errorf("the deposit of %s is %s, wanted %s", from, b.deposits[from], n)
	}
	b.deposits[from], b.earned[to] = b.deposits[from].Sub(n), b.earned[to].Add(n)
	return nil
}

func (b *Bank) redeem(c settle.Cheque) error {
	v := c.Voucher
	if by, err := identity.RecoverTyped(b.At, v, c.Sig); err != nil || by != v.Consumer {
		return fmt.Errorf("voucher signed by %s: %v", by, err)
	}
	at := [2]msg.Account{v.Consumer, v.Payee}
	n := v.Total.Sub(b.drawn[at])
	if left := b.deposits[v.Consumer]; left.Cmp(n) < 0 {
		n = left
	}
	b.drawn[at] = b.drawn[at].Add(n)
	return b.pay(v.Consumer, v.Payee, n)
}

func (p *purse) Redeem(_ context.Context, cheques []settle.Cheque) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.batches++
	for _, c := range cheques {
		if err := p.redeem(c); err != nil {
			return err
		}
	}
	return nil
}

// Enforce opens the escrow. Nobody judges here: that is the contracts'.
func (p *purse) Enforce(_ context.Context, job msg.Hash) error {
	a, ok := p.book(job)
	if !ok {
		return fmt.Errorf("job %s: %w", job, settle.ErrUnknown)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	id := a.Terms.ID(p.At)
	if p.escrows[id] != settle.NoEscrow {
		return nil
	}
	for _, x := range []struct {
		sig identity.Signature
		who msg.Account
	}{{a.ConsumerSig, a.Terms.Consumer}, {a.ProviderSig, a.Terms.Provider}} {
		if by, err := identity.RecoverTyped(p.At, a.Terms, x.sig); err != nil || by != x.who {
			return fmt.Errorf("terms signed by %s: %v", by, err)
		}
	}
	if err := p.pay(a.Terms.Consumer, p.At.Contract, a.Terms.Price); err != nil {
		return err
	}
	p.escrows[id], p.agreed[id] = settle.EscrowOpen, a
	return nil
}

func (p *purse) Accept(_ context.Context, _ msg.Hash, x msg.Acceptance, sig identity.Signature) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	a, ok := p.agreed[x.Terms]
	if by, err := identity.RecoverTyped(p.At, x, sig); err != nil || !ok || by != a.Terms.Consumer {
		return fmt.Errorf("acceptance signed by %s: %v", by, err)
	}
	if p.escrows[x.Terms] != settle.EscrowOpen {
		return nil
	}
	p.escrows[x.Terms] = settle.EscrowPaid
	p.earned[p.At.Contract] = p.earned[p.At.Contract].Sub(a.Terms.Price)
	p.earned[a.Terms.Provider] = p.earned[a.Terms.Provider].Add(a.Terms.Price)
	return nil
}

func (p *purse) Release(_ context.Context, _ msg.Hash, r msg.Release, sig identity.Signature, c settle.Cheque) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	a, ok := p.agreed[r.Terms]
	if by, err := identity.RecoverTyped(p.At, r, sig); err != nil || !ok || by != a.Terms.Provider {
		return fmt.Errorf("release signed by %s: %v", by, err)
	}
	if p.escrows[r.Terms] != settle.EscrowOpen {
		return nil
	}
	at := [2]msg.Account{a.Terms.Consumer, a.Terms.Provider}
	if p.drawn[at].Cmp(r.Total) < 0 {
		if err := p.redeem(c); err != nil {
			return err
		}
	}
	if p.drawn[at].Cmp(r.Total) < 0 {
		return errors.New("the voucher does not come to what the release names")
	}
	p.escrows[r.Terms] = settle.EscrowEnded
	p.earned[p.At.Contract] = p.earned[p.At.Contract].Sub(a.Terms.Price)
	p.deposits[a.Terms.Consumer] = p.deposits[a.Terms.Consumer].Add(a.Terms.Price)
	return nil
}
