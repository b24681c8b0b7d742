package web

import (
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/rpc"
)

// kinds are those of devices, as package kernels has them. What other nodes call theirs is no label.
var kinds = []string{"cpu", "integrated", "discrete", "virtual", "software"}

// market tells what was paid of late, class by class, and what the node itself bought and sold.
func (m *Metrics) market(n *node.Node) {
	var classes []string
	for _, k := range kinds {
		classes = append(classes, k+"/module", k+"/kernels")
	}
	prices := recent(func() map[string]rpc.PriceSummary {
		out := map[string]rpc.PriceSummary{}
		for _, p := range n.Market.Prices() {
			out[p.Device+"/"+p.Work] = p
		}
		return out
	})
	const paid = " for 10^9 gas in jobs that were settled of late, by the kind of device and what most of the gas was; 0 without any."
	m.Gauges("gwrun_market_price_tokens", "Median price"+paid, "class", classes, func(c string) float64 { return Whole(prices()[c].Median) })
	m.Gauges("gwrun_market_price_low_tokens", "Price that a tenth paid no more than"+paid, "class", classes, func(c string) float64 { return Whole(prices()[c].Low) })
	m.Gauges("gwrun_market_price_high_tokens", "Price that a tenth paid no less than"+paid, "class", classes, func(c string) float64 { return Whole(prices()[c].High) })
	m.Gauges("gwrun_market_trades", "Jobs that those prices are of.", "class", classes, func(c string) float64 { return float64(prices()[c].Jobs) })
	m.Gauges("gwrun_market_book", "What is in this node's book of the market.", "kind", []string{"listings", "tenders"}, func(kind string) float64 {
		listings, tenders := n.Market.Size()
		if kind == "listings" {
			return float64(listings)
		}
		return float64(tenders)
	})
	m.Gauges("gwrun_market_position_tokens", "What this node was paid and paid for jobs that were settled of late.", "side", []string{"earned", "spent"}, func(side string) float64 {
		p := n.Market.Position(n.Account())
		if side == "earned" {
			return Whole(p.Earned)
		}
		return Whole(p.Spent)
	})
}
