package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// marketResult is what market prints with --json.
type marketResult struct {
	Account  msg.Account        `json:"account"`
	Listings []listingResult    `json:"listings"`
	Tenders  []rpc.Tender       `json:"tenders"`
	Prices   []rpc.PriceSummary `json:"prices"`
	Peers    []peerPrices       `json:"peers"`
	Position market.Position    `json:"position"`
}

// listingResult is a provider's listing, and what this node has found of it.
type listingResult struct {
	rpc.Listing
	Kernels []rpc.KernelSpeed `json:"kernels,omitempty"` // of its benchmark
	// Truth is what its claims of speed are worth here: 1 is all of it, and what is said of somebody new.
	Truth float64 `json:"truth"`
}

// peerPrices is what a peer says was paid, or why it says nothing.
type peerPrices struct {
	Address string             `json:"address"`
	Error   string             `json:"error,omitempty"`
	Prices  []rpc.PriceSummary `json:"prices"`
}

type marketOptions struct {
	node  nodeFlags
	peers []string
}

func newMarketCmd(g *globals) *cobra.Command {
	var o marketOptions
	cmd := &cobra.Command{
		Use:   "market",
		Short: "show what is sold and wanted, what was paid of late, and your own position",
		Long: `Market prints what the peers know of the market and what this user's submissions have seen of it: the providers that list what
they sell, the calls for bids that are open, what 10^9 gas cost in jobs that were settled of late, by the kind of device and by
whether most of the gas was the module's or kernels', and what this node itself bought.

Listings and calls for bids are in their makers' own signed words. Prices are each node's own word: yours are of your own jobs, a
peer's of its. Truth is what a provider's claims of speed were worth in your jobs: its bids count with its speed times that.
Without --peers those are asked that the registry of the market at --rpc has, and that --discover finds.`,
		Annotations: exitStatus(exitPeer, exitKey, exitVersion),
		Example:     "  gwrun market --peers provider.example:4433,validator.example:4434\n  gwrun market --json",
		Args:        exactArgs(),
		RunE:        func(cmd *cobra.Command, _ []string) error { return netError(showMarket(cmd.Context(), g, &o)) },
	}
	o.node.add(cmd, "submit", ":0")
	cmd.Flags().StringSliceVar(&o.peers, "peers", nil, "addresses of nodes to ask, `HOST:PORT,...`")
	return cmd
}

func showMarket(ctx context.Context, g *globals, o *marketOptions) error {
	peers, err := peerAddrs(o.peers)
	if err != nil {
		return err
	}
	o.node.net.registered = len(peers) == 0
	n, stop, err := o.node.start(g, node.Config{Transport: quick()})
	if err != nil {
		return err
	}
	defer stop()
	if n.Discovery != nil && len(peers) == 0 {
		peers = findPeers(ctx, g, n, nil, 1)
	}
	res := marketResult{Account: n.Account(), Listings: []listingResult{}, Tenders: []rpc.Tender{}, Peers: make([]peerPrices, len(peers))}
	books := make([]rpc.MarketBook, len(peers))
	var wg sync.WaitGroup
	for i, addr := range peers {
		res.Peers[i] = peerPrices{Address: addr, Prices: []rpc.PriceSummary{}}
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
			defer cancel()
			p, err := dial(n, addr)
			var info rpc.NodeInfo
			if err == nil {
				info, _, err = p.Info(ctx)
			}
			if err == nil {
				books[i], err = p.Market(ctx)
			}
			if err != nil {
				res.Peers[i].Error = err.Error()
				return
			}
			const most = 64 // kinds of devices, twice
			res.Peers[i].Prices = append(res.Peers[i].Prices, books[i].Prices[:min(len(books[i].Prices), most)]...)
			if info.Listing != nil { // the newest there is
				books[i].Listings = append(books[i].Listings, *info.Listing)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for i := range books {
		n.Market.Learn(&books[i])
	}
	own := n.Market.Book()
	for _, signed := range own.Listings {
		l, b, err := market.OpenListing(signed, time.Now())
		if err != nil {
			continue // its time is over just now
		}
		x := listingResult{Listing: *l, Truth: n.Market.Truth.Factor(l.Provider)}
		if b != nil {
			x.Kernels = b.Kernels
		}
		res.Listings = append(res.Listings, x)
	}
	for _, signed := range own.Tenders {
		if t, err := decodeTender(signed); err == nil {
			res.Tenders = append(res.Tenders, *t)
		}
	}
	res.Prices, res.Position = own.Prices, n.Market.Position(n.Account())
	return g.print(res, res.text)
}

// decodeTender reads a tender that was checked when it came into the book.
func decodeTender(signed identity.Signed) (*rpc.Tender, error) {
	var t rpc.Tender
	err := msg.Decode(signed.Body, &t)
	return &t, err
}

func (r *marketResult) text(w io.Writer) {
	fmt.Fprintf(w, "%d providers list what they sell\n", len(r.Listings))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(r.Listings) > 0 {
		fmt.Fprintln(t, "  provider\tdevice\tmemory\tmodule\tkernels\ttruth\tregion\tprice")
	}
	for _, l := range r.Listings {
		region := printable(l.Region)
		if region == "" {
			region = "-"
		}
		fmt.Fprintf(t, "  %s\t%s\t%d MiB\t%s\t%s\t%.2f\t%s\t%s\n", l.Provider, printable(l.Device), l.Memory>>20, speed(l.Speed), speed(l.GPUSpeed), l.Truth, region,
			printable(market.Describe(&l.Price)))
	}
	_ = t.Flush() // into a buffer
	fmt.Fprintf(w, "%d calls for bids are open\n", len(r.Tenders))
	for _, x := range r.Tenders {
		how := "open bids"
		if x.Closes != 0 {
			how = "sealed bids"
		}
		fmt.Fprintf(w, "  job %s of %s: %s of %d providers, %d and %d gas expected\n", shorten(x.Job), x.Consumer, how, len(x.Invited), x.Gas, x.GPUGas)
	}
	prices(w, "paid for 10^9 gas in your own jobs of late", r.Prices)
	for _, p := range r.Peers {
		if p.Error != "" {
			fmt.Fprintf(w, "%s does not answer: %s\n", printable(p.Address), printable(p.Error))
			continue
		}
		prices(w, "as "+printable(p.Address)+" says", p.Prices)
	}
	fmt.Fprintf(w, "your position: %d jobs bought for %s, %d sold for %s\n", r.Position.Bought, r.Position.Spent, r.Position.Sold, r.Position.Earned)
}

// speed is gas a second for people.
func speed(gas uint64) string {
	if gas == 0 {
		return "?"
	}
	return fmt.Sprintf("%.3g G/s", float64(gas)/1e9)
}

func prices(w io.Writer, what string, list []rpc.PriceSummary) {
	if len(list) == 0 {
		fmt.Fprintf(w, "%s: nothing\n", what)
		return
	}
	fmt.Fprintln(w, what)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  device\twork\tjobs\tp10\tmedian\tp90\tlast")
	for _, p := range list {
		fmt.Fprintf(t, "  %s\t%s\t%d\t%s\t%s\t%s\t%s\n", printable(p.Device), printable(p.Work), p.Jobs, p.Low, p.Median, p.High, p.Last)
	}
	_ = t.Flush() // into a buffer
}
