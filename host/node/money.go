package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// Money says what a node pays from and is paid with.
type Money struct {
	// Market is the market on a chain, as this node's account sees it.
	Market *evm.Contracts
	// Paid hears of everything that the chain did about this node's money. It must not block.
	Paid func(evm.Payment)
	// Purse, instead of Market, opens a purse whose book is the node's own. With neither nobody pays anything.
	Purse func(n *Node) (settle.Purse, error)
	// Credit, RedeemAt and RedeemEvery are a provider's and a validator's (package payment).
	Credit, RedeemAt msg.Amount
	RedeemEvery      time.Duration
}

// Contracts are the market on a chain that the node pays and is paid in; nil without one.
func (n *Node) Contracts() *evm.Contracts { return n.cfg.Money.Market }

// ledgers is what keeps the ledgers of a node going.
type ledgers struct {
	stop context.CancelFunc
	work sync.WaitGroup
}

// openLedgers opens what the node remembers of what it owes and is owed.
func (n *Node) openLedgers(ready <-chan struct{}) (err error) {
	switch m := &n.cfg.Money; {
	case m.Market != nil:
		if n.chain, err = evm.New(evm.Config{Contracts: m.Market, Identity: n.cfg.Identity, Store: n.cfg.Store, Host: n, Log: n.cfg.Log}); err == nil {
			n.purse, n.Settlement = n.chain, n.chain.Settlement
		}
	case m.Purse != nil:
		n.purse, err = m.Purse(n)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	n.Payer, err = payment.NewPayer(payment.PayerConfig{Identity: n.cfg.Identity, Store: n.cfg.Store, Purse: n.purse, Log: n.cfg.Log,
		Reach: func(addr string, a msg.Account) payment.Receiver {
			<-ready
			return peer.New(n.Endpoint, addr, &a)
		}})
	if err != nil || !n.cfg.Provider && !n.cfg.Validator {
		return err
	}
	n.Payee, err = payment.NewPayee(payment.PayeeConfig{Identity: n.cfg.Identity, Store: n.cfg.Store, Purse: n.purse, Log: n.cfg.Log,
		Credit: n.cfg.Money.Credit, RedeemAt: n.cfg.Money.RedeemAt, RedeemEvery: n.cfg.Money.RedeemEvery})
	return err
}

// keepLedgers sees to them until closeLedgers.
func (n *Node) keepLedgers() {
	if n.Payer == nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	n.ledgers.stop = stop
	n.ledgers.work.Go(func() { n.Payer.Run(ctx) })
	if n.chain != nil {
		n.ledgers.work.Go(func() {
			if err := n.chain.Run(ctx); err != nil && ctx.Err() == nil {
				n.cfg.Log.Error("the chain is not followed any more", "err", err)
			}
		})
		n.ledgers.work.Go(func() { n.meetJudges(ctx) })
	}
	if n.Payee != nil {
		n.ledgers.work.Go(func() { n.Payee.Run(ctx) })
	}
}

// flushing is how long a node that stops goes on to bring what it owes. What is left is brought when it runs again.
const flushing = 5 * time.Second

func (n *Node) closeLedgers(ctx context.Context) {
	if n.ledgers.stop == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushing)
	defer cancel()
	if err := n.Payer.Flush(ctx); err != nil {
		n.cfg.Log.Info("stopping", "err", err)
	}
	n.ledgers.stop()
	n.ledgers.work.Wait()
}

// servePayee answers those who pay.
func (n *Node) servePayee(mux *transport.Mux) {
	if n.Payee == nil {
		return
	}
	pay := func(ctx context.Context, who msg.Account, r rpc.Payment) (rpc.Paid, error) {
		if err := n.Payee.Take(ctx, who, r); err != nil {
			return rpc.Paid{}, unpayable(err)
		}
		if v := r.Voucher; v != nil {
			n.cfg.Log.Info("paid with a voucher, which counts with all before it", "job", r.Job, "consumer", who, "total", v.Total)
		}
		return rpc.Paid{}, nil
	}
	if n.cfg.Provider {
		transport.Handle(mux, rpc.MethodPay, pay)
		transport.Handle(mux, rpc.MethodRelease, func(ctx context.Context, who msg.Account, r rpc.ReleaseRequest) (rpc.Released, error) {
			said, err := n.Payee.Release(ctx, who, r)
			return said, unpayable(err)
		})
	}
	if n.cfg.Validator {
		transport.Handle(mux, rpc.MethodFee, pay)
	}
}

// settlement is what the consumer's jobs are settled by.
func (n *Node) settlement() settle.Settlement {
	if n.chain == nil {
		return n.Settlement
	}
	return &court{n.Settlement, n}
}

// unpayable makes an error of a payee one that the peer is told of, where it is the peer's business.
func unpayable(err error) error {
	switch {
	case errors.Is(err, payment.ErrRefused):
		return transport.Errorf(transport.Forbidden, "%v", err)
	case errors.Is(err, identity.ErrSignature):
		return transport.Errorf(transport.BadRequest, "%v", err)
	}
	return err
}

// agreed is what this node, as its provider, agreed on about a job.
func (n *Node) agreed(spec *msg.JobSpec) rpc.Agreement {
	if n.Payee != nil {
		if a, ok := n.Payee.Agreed(msg.HashOf(*spec)); ok {
			return a
		}
	}
	return rpc.Unpaid(spec, n.Account())
}

// judged notes that this node, a validator, is owed its fee for a job that it has checked.
func (n *Node) judged(c *claim.Claims, r rpc.ValidateRequest) error {
	if n.Payee == nil || r.Agreement == nil || c.Spec.Market == nil || *c.Spec.Market != n.Payee.Market() {
		return nil
	}
	t := &r.Agreement.Terms
	if t.Job != c.Job || t.Consumer != c.Spec.Consumer || t.Provider != c.Receipt.Provider {
		return transport.Errorf(transport.BadRequest, "terms of job %s between %s and %s, wanted those of job %s between %s and %s", t.Job, t.Consumer, t.Provider,
			c.Job, c.Spec.Consumer, c.Receipt.Provider)
	}
	f, err := n.Validator.FoundOf(c.Job, msg.HashOf(c.Receipt))
	if errors.Is(err, store.ErrNotFound) || err == nil && f.Promise == nil {
		return nil
	}
	if err != nil {
		return err
	}
	return unpayable(n.Payee.Judged(r.Agreement, uint64(len(f.Sample)), c.Receipt.Intervals))
}

// stakeWeight is what a validator weighs by its stake.
func (n *Node) stakeWeight(a msg.Account) uint32 {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	w, err := n.Payer.Weight(ctx, a)
	if err != nil {
		n.cfg.Log.Warn("the stake of a validator", "account", a, "err", err)
		return 0
	}
	return w
}
