package main

import (
	"fmt"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/proto/msg"
)

// jobCost is what a result costs the consumer, with what jurors get who found earlier ones of its job wrong.
type jobCost struct {
	Price  msg.Amount `json:"price"` // the provider's; zero of a result that was not accepted
	By     string     `json:"by"`    // "voucher" or "escrow"; "" where the provider has not been told yet
	Fees   msg.Amount `json:"fees"`
	Jurors int        `json:"jurors"` // who get them
}

// costOf sums up what is paid for a result, nil where nothing is.
func costOf(n *node.Node, r *consumer.Result) (*jobCost, error) {
	if n.Payer == nil {
		return nil, nil
	}
	list, err := n.Payer.Payments()
	if err != nil {
		return nil, err
	}
	jobs := map[msg.Hash]bool{r.Job: true}
	for _, x := range r.Rejected {
		jobs[x.Job] = true
	}
	return sumCost(list, jobs), nil
}

func sumCost(list []*payment.Payment, jobs map[msg.Hash]bool) *jobCost {
	c := &jobCost{}
	for _, p := range list {
		switch {
		case !jobs[p.Terms.Job]:
		case p.Payee != p.Terms.Provider:
			c.Fees, c.Jurors = c.Fees.Add(p.Amount), c.Jurors+1
		default:
			c.Price = c.Price.Add(p.Amount)
			if p.Accept {
				c.By = "escrow"
			} else if !p.Total.IsZero() {
				c.By = "voucher"
			}
		}
	}
	return c
}

func (c *jobCost) String() string {
	s := fmt.Sprintf("price %s GWR", c.Price)
	if c.By != "" {
		s += ", paid by " + c.By
	}
	return s + fmt.Sprintf("; fees %s GWR, to %d validators", c.Fees, c.Jurors)
}
