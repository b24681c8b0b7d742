package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/proto/msg"
)

// moneyFlags say where a node pays and is paid. Without a chain it works, and has work done, for nothing.
type moneyFlags struct {
	chainFlags
	credit, redeemAt amountFlag
	redeemEvery      time.Duration
}

func (f *moneyFlags) add(cmd *cobra.Command, role string) {
	f.chainFlags.add(cmd)
	if role == "submit" {
		return
	}
	fl := cmd.Flags()
	if role == "host" {
		fl.Var(&f.credit, "credit", "how much unpaid work, in `TOKENS`, is done for one consumer on its signature alone; for more its escrow is opened as the job begins")
	}
	fl.Var(&f.redeemAt, "redeem-at", "redeem vouchers once they come to so many `TOKENS`; 0 is no such amount")
	fl.DurationVar(&f.redeemEvery, "redeem-every", time.Hour, "redeem them when the oldest has waited for so long")
}

// apply gives a node to come its account on the chain, if there is one. The function it gives back ends the connection.
func (f *moneyFlags) apply(g *globals, c *node.Config) (func(), error) {
	if f.url() == "" {
		return func() {}, nil
	}
	if f.redeemEvery < 0 {
		return nil, usagef("--redeem-every %s, want 0 or more", f.redeemEvery)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m, end, err := f.connect(ctx, g, c.Identity, c.Store.Journal("settle/evm/sent"))
	if err != nil {
		return nil, err
	}
	c.Money = node.Money{Market: m, Credit: f.credit.Amount, RedeemAt: f.redeemAt.Amount, RedeemEvery: f.redeemEvery}
	return end, nil
}

// shorten makes times that nobody has asked for as short as the market wants them.
func (o *submitOptions) shorten(cmd *cobra.Command, n *node.Node, req *consumer.Request) error {
	if n.Payer == nil {
		return nil
	}
	r, err := n.Payer.Rules(cmd.Context())
	if err != nil {
		return chainError(err)
	}
	p := &req.Policy
	if !cmd.Flags().Changed("window") {
		p.Window = uint32(min(max(time.Duration(p.Window)*time.Second, r.MinWindow), r.MaxWindow) / time.Second)
	}
	if !cmd.Flags().Changed("clock") {
		p.Clock = uint32(min(time.Duration(p.Clock)*time.Second, r.MaxClock) / time.Second)
	}
	most := payment.Longest(p, &r)
	if longest := time.Now().Add(most - most/20); !cmd.Flags().Changed("deadline") && longest.Before(req.Deadline) {
		req.Deadline = longest // with room for clocks that differ
	}
	return nil
}

// rulings waits until those who were proven to have lied are judged on the chain: the judges fetch the evidence from here.
func rulings(ctx context.Context, g *globals, n *node.Node, jobs []msg.Hash) error {
	all, err := n.Accusations(ctx)
	if err == nil && len(all) == 0 {
		return nil
	}
	if err != nil {
		g.logf("how it stands with accusations is asked until the chain answers: %v", err)
	}
	for _, x := range all {
		if !x.Ruled {
			g.logf("%s is accused on the chain, about job %s; the judges fetch the evidence from here", shorten(x.Accused), shorten(x.Job))
		}
	}
	if err := n.AwaitRulings(ctx); err != nil {
		if len(jobs) > 0 {
			g.logf("the accusation is not judged: gwrun submit --resume %s goes on with it", jobs[len(jobs)-1])
		}
		return chainError(err)
	}
	return nil
}
