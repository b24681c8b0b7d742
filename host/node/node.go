// Package node is a gwrun node: one key, one store, one QUIC endpoint, and the roles it plays over them.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/discovery"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/provider"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/shards"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/host/validator"
	"github.com/gwrun/gwrun/host/witness"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/relay"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
)

// Config says what a node is. Identity and Store are needed, and OpenDevice for a provider or validator.
type Config struct {
	Identity *identity.Identity
	Store    store.Store
	// Listen is a UDP address. Default "127.0.0.1:0": reachable from this machine, on any free port.
	Listen string
	// Announce is where others can reach this node, HOST:PORT. Default: where it listens; where that is every address of the machine, each of them.
	Announce []string
	// Version is this program's, told to peers.
	Version string
	// Name is what the operator calls the node.
	Name string
	// Provider and Validator say which roles it plays besides consumer, which every node can be.
	Provider, Validator bool
	OpenDevice          func(ctx context.Context) (kernels.Device, error)
	Device              rpc.DeviceInfo
	// Price is how a provider makes its prices. Default: it works for nothing. Region is the label that its operator gives it.
	Price  market.Policy
	Region string
	// Money is what the node pays from and is paid with. Default: nobody pays anything.
	Money Money
	// MaxWindow and MaxIdle are the provider's too.
	MaxWindow, MaxIdle time.Duration
	// MaxJobs, MaxQueue, MaxMemory and Fault are the provider's (package provider).
	MaxJobs, MaxQueue int
	MaxMemory         uint64
	// MaxStep and MaxTime bound a job's steps and its run by the clock; a validator takes MaxTime for each replay.
	MaxStep, MaxTime time.Duration
	Fault            *runtime.Fault
	// Lies make the node misbehave, to test the others. Default: honest.
	Lies Lies
	// Keep is how long what a finished job needs is kept beyond its challenge window. Default: each role's own.
	Keep time.Duration
	// Cache is how many bytes of content that no job needs any more the store may keep; negative is none. Default 10 GiB.
	Cache int64
	// Tend is how often the store is looked after. Default 10 minutes.
	Tend time.Duration
	// Nonce is the provider's (package provider), for canaries.
	Nonce func(*msg.JobSpec, *msg.Receipt) msg.Hash
	// Checked hears of what the validator does for those whose jobs it was drawn for.
	Checked func(ctx context.Context, v *validator.Validator, job msg.Hash, e validator.Event)
	// CheckWhole makes the validator replay every interval of a provider it does not trust yet, instead of a sample.
	CheckWhole bool
	// Forgives gives jobs to providers too that were proven wrong: for tests that do so again and again.
	Forgives bool
	// Clock and Patience are the consumer's.
	Clock, Patience time.Duration

	// Network says how the node finds others and is found.
	Network Network

	Transport transport.Config
	Log       *slog.Logger
}

// Node is a running node.
type Node struct {
	cfg        Config
	Endpoint   *transport.Endpoint
	Provider   *provider.Provider   // nil if it is none
	Validator  *validator.Validator // nil if it is none
	Witness    *witness.Witness     // a validator's
	Consumer   *consumer.Consumer
	Shards     *shards.Scheduler // of the consumer's plans
	Settlement *free.Settlement
	Relay      *relay.Server        // nil if it is none
	Discovery  *discovery.Discovery // nil if it looks for nobody
	book       *book                // a provider's
	Market     *market.Market
	benchmark  *market.Benchmark // a provider's, nil if there is none

	seat     *dispute.Seat
	draining atomic.Bool
	duties   duties // a validator's

	Payer *payment.Payer // nil where nobody pays anything, as are the following
	Payee *payment.Payee // a provider's or a validator's
	purse settle.Purse
	chain *evm.Settlement // nil where nothing is paid on a chain
	ledgers
	registered
	untend func() // stops looking after the store; nil before Start is through

	announce struct {
		sync.Mutex
		signed identity.Signed
		until  time.Time
	}
	listings struct {
		sync.Mutex
		signed *identity.Signed
		until  time.Time
	}
}

// Start starts a node. The store stays the caller's: close it after the node.
func Start(cfg Config) (*Node, error) {
	if cfg.Identity == nil || cfg.Store == nil {
		return nil, errors.New("node: needs an identity and a store")
	}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Transport.Log = cfg.Log
	n := &Node{cfg: cfg, Settlement: free.New(cfg.Store)}
	mux := transport.NewMux()
	// A provider takes up its jobs as soon as it exists; the endpoint it fetches over follows at once.
	ready := make(chan struct{})
	seller, err := n.openMarket()
	if err != nil {
		return nil, err
	}
	n.Market.Serve(mux)
	if err := n.openLedgers(ready); err != nil {
		return nil, err
	}
	n.servePayee(mux)
	n.serveAgreements(mux)
	if cfg.Provider {
		n.book = newBook(n)
		n.Provider, err = provider.New(provider.Config{Payee: n.Payee, Market: seller, Called: n.called, Region: cfg.Region, Stake: func() msg.Amount { return n.staked(n.Account()) }, Benchmark: n.benchmark.Results(), Refuses: n.book.refuses, Taken: n.book.taken, Changed: n.book.changed, Deceived: n.book.deceived, Identity: cfg.Identity, Store: cfg.Store, OpenDevice: cfg.OpenDevice,
			Device: cfg.Device, MaxJobs: cfg.MaxJobs, MaxQueue: cfg.MaxQueue, MaxWindow: cfg.MaxWindow, MaxIdle: cfg.MaxIdle, MaxMemory: cfg.MaxMemory, MaxStep: cfg.MaxStep, MaxTime: cfg.MaxTime, Fault: cfg.Fault, Lies: cfg.Lies.Provider, Nonce: cfg.Nonce, Keep: cfg.Keep, Log: cfg.Log,
			Fetch: func(ctx context.Context, who msg.Account, owner string, want []msg.Blob) error {
				<-ready
				if n.Endpoint == nil {
					return errors.New("this node is not listening")
				}
				return n.fetch(ctx, who, owner, want)
			},
			FetchPages: func(ctx context.Context, who msg.Account, sources []string, owner string, pages []msg.Hash) error {
				<-ready
				if n.Endpoint == nil {
					return errors.New("this node is not listening")
				}
				return n.fetchPages(ctx, who, sources, owner, pages)
			}})
		if err != nil {
			return nil, err
		}
		n.Provider.Serve(mux)
		transport.Handle(mux, rpc.MethodJudged, func(_ context.Context, who msg.Account, r rpc.Judged) (rpc.JobStatus, error) {
			return n.book.judged(who, r)
		})
	}
	if cfg.Validator {
		v := validator.Config{Keep: cfg.Keep, Identity: cfg.Identity, Store: cfg.Store, OpenDevice: cfg.OpenDevice, Device: cfg.Device, MaxTime: cfg.MaxTime, Lies: cfg.Lies.Validator, Log: cfg.Log}
		if cfg.CheckWhole {
			v.Whole = func(p msg.Account) bool {
				return !n.trusted(p)
			}
		}
		if n.Validator, err = validator.New(v); err != nil {
			n.Close(context.Background())
			return nil, err
		}
		n.serveValidator(mux)
		n.Witness, err = witness.New(witness.Config{Identity: cfg.Identity, Store: cfg.Store, Log: cfg.Log,
			Reach: func(addr string, account msg.Account) witness.Party {
				<-ready
				return peer.New(n.Endpoint, addr, &account)
			}})
		if err != nil {
			n.Close(context.Background())
			return nil, err
		}
		n.Witness.Serve(mux)
	}
	n.seat = dispute.NewSeat(cfg.Identity, cfg.Store.Journal("dispute/moves"), n.disputedRecords, n.disputed)
	n.seat.Allowed = dispute.Entitled
	n.seat.Serve(mux)
	transport.Handle(mux, rpc.MethodInfo, func(context.Context, msg.Account, rpc.NodeInfoRequest) (rpc.NodeInfo, error) { return n.info(), nil })
	blobs.Serve(mux, cfg.Lies.content(cfg.Store))
	n.answerNetwork(mux)
	n.Endpoint, err = transport.Listen(cfg.Listen, cfg.Identity, mux, cfg.Transport)
	close(ready)
	if err == nil {
		err = n.joinNetwork(mux)
	}
	if err == nil {
		n.Consumer, err = consumer.New(consumer.Config{Keep: cfg.Keep, Identity: cfg.Identity, Store: cfg.Store, Endpoint: n.Endpoint,
			Settlement: n.settlement(), Payer: n.Payer, Market: n.Market, Stake: n.staked, Weight: n.weight, Trusted: n.trusted, Reputation: n.results, Barred: n.barred, Clock: cfg.Clock, Patience: cfg.Patience, Log: cfg.Log})
	}
	if err == nil {
		n.Shards, err = shards.New(shards.Config{Consumer: n.Consumer, Store: cfg.Store, Info: n.ask})
	}
	if err != nil {
		n.Close(context.Background())
		return nil, err
	}
	if n.book != nil {
		n.book.start()
	}
	n.keepLedgers()
	n.untend = n.tend()
	return n, nil
}

// disputedRecords gives the records of a disputed job.
func (n *Node) disputedRecords(c *dispute.Challenge) (*rpc.JobRecords, error) {
	switch me := n.Account(); {
	case c.Provider == me && n.Provider != nil:
		r, err := n.Provider.Records(c.Job)
		return &r, err
	case c.Challenger == me && n.Validator != nil:
		f, err := n.Validator.FoundOf(c.Job, c.Receipt)
		if err != nil {
			return nil, fmt.Errorf("%w: job %s: %w", dispute.ErrNotHere, c.Job, err)
		}
		return &f.Records, nil
	}
	return nil, dispute.ErrNotHere
}

// disputed gives this node's side of a dispute.
func (n *Node) disputed(ctx context.Context, c *dispute.Challenge) (dispute.Prover, error) {
	switch me := n.Account(); {
	case c.Provider == me && n.Provider != nil:
		return n.Provider.Disputed(ctx, c)
	case c.Challenger == me && n.Validator != nil:
		return n.Validator.Disputed(ctx, c)
	}
	return nil, dispute.ErrNotHere
}

// Addr is where the node listens.
func (n *Node) Addr() string { return n.Endpoint.Addr().String() }

// Store is where the node keeps what it has.
func (n *Node) Store() store.Store { return n.cfg.Store }

// Beside is an address to listen on for another node of this process: as this one's, on any free port.
func (n *Node) Beside() string {
	host, _, err := net.SplitHostPort(n.cfg.Listen)
	if err != nil {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, "0")
}

// Account is the node's name.
func (n *Node) Account() msg.Account { return n.cfg.Identity.Account() }

// Close stops the jobs at their last checkpoints, answers what is being asked until ctx ends, and stops everything.
func (n *Node) Close(ctx context.Context) error {
	var err error
	if n.untend != nil {
		n.untend()
	}
	if n.Provider != nil {
		n.Provider.Close()
	}
	if n.book != nil {
		n.book.close()
	}
	if n.Witness != nil {
		n.Witness.Close()
	}
	if n.Consumer != nil {
		n.Consumer.Close(ctx)
	}
	n.closeLedgers(ctx)
	if n.Discovery != nil {
		n.Discovery.Close()
	}
	if n.Endpoint != nil {
		err = n.Endpoint.Close(ctx)
	}
	return err
}

// Peer names another node.
func (n *Node) Peer(addr string, account *msg.Account) *peer.Peer {
	return peer.New(n.Endpoint, addr, account)
}

// ask asks the node at an address, HOST:PORT or ACCOUNT@HOST:PORT, what it is.
func (n *Node) ask(ctx context.Context, text string) (rpc.NodeInfo, msg.Account, error) {
	addr, account, err := peer.Parse(text)
	if err != nil {
		return rpc.NodeInfo{}, msg.Account{}, err
	}
	return n.Peer(addr, account).Info(ctx)
}

func (n *Node) info() rpc.NodeInfo {
	i := rpc.NodeInfo{Version: n.cfg.Version, Roles: []string{}, Semantics: kernels.SemanticsID, ABI: runtime.ABIID, Gas: runtime.GasID,
		Devices: []rpc.DeviceInfo{}, Name: n.cfg.Name, Announcement: n.announcement()}
	if n.Provider != nil {
		i.Roles = append(i.Roles, "provider")
		running, queued := n.Provider.Load()
		i.Jobs, i.Queued = uint32(running), uint32(queued)
		i.MaxJobs, i.MaxQueue = n.Provider.Bounds()
		i.Listing = n.listing()
	}
	if n.Validator != nil {
		i.Roles = append(i.Roles, "validator")
	}
	if n.Relay != nil {
		i.Roles = append(i.Roles, "relay")
	}
	if n.Provider != nil || n.Validator != nil {
		i.Devices = append(i.Devices, n.cfg.Device)
	}
	return i
}

// fetch brings blobs from an account over a connection it made to this node.
func (n *Node) fetch(ctx context.Context, who msg.Account, owner string, want []msg.Blob) error {
	err := fmt.Errorf("%s is not connected", who)
	for _, c := range n.Endpoint.Conns() {
		if c.Peer() != who {
			continue
		}
		if err = peer.FetchOver(ctx, c, n.cfg.Store, owner, want); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}
