// Package peer is a node seen from outside: its methods as Go functions, over a connection that is made anew where it
// broke.
package peer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
)

// Peer is a node at an address.
type Peer struct {
	Addr string
	// Account pins who must answer there; nil takes anybody and, after the first answer, only the same again.
	Account *msg.Account
	ep      *transport.Endpoint
}

// New names a node; nothing is dialed yet.
func New(ep *transport.Endpoint, addr string, account *msg.Account) *Peer {
	return &Peer{Addr: addr, Account: account, ep: ep}
}

// Parse reads an address as a person gives it: HOST:PORT, or ACCOUNT@HOST:PORT to talk to nobody but that account.
func Parse(text string) (addr string, account *msg.Account, err error) {
	who, addr, pinned := strings.Cut(text, "@")
	if !pinned {
		addr = text
	} else {
		a, err := msg.ParseAccount(who)
		if err != nil {
			return "", nil, fmt.Errorf("peer %q: %w", text, err)
		}
		account = &a
	}
	if i := strings.LastIndexByte(addr, ':'); i < 1 || i == len(addr)-1 {
		return "", nil, fmt.Errorf("peer %q: no host or no port, want HOST:PORT", text)
	}
	return addr, account, nil
}

func (p *Peer) conn(ctx context.Context) (*transport.Conn, error) {
	c, err := p.ep.To(ctx, p.Addr, p.Account)
	if err != nil {
		return nil, err
	}
	if p.Account == nil {
		a := c.Peer()
		p.Account = &a
	}
	return c, nil
}

// call asks once more where the connection turns out to be one to a process that is gone: whoever restarts says so when it is asked, and not
// before. Asking twice does no harm: every method changes nothing when it is repeated.
func call[Req, Resp any](ctx context.Context, p *Peer, method string, req Req) (resp Resp, err error) {
	for again := true; ; again = false {
		c, err := p.conn(ctx)
		if err != nil {
			return resp, err
		}
		resp, err = transport.Call[Req, Resp](ctx, c, method, req)
		if err == nil || !again || !broken(ctx, c, err) {
			return resp, err
		}
	}
}

// Info asks a node what it is, and says who answered.
func (p *Peer) Info(ctx context.Context) (rpc.NodeInfo, msg.Account, error) {
	info, err := call[rpc.NodeInfoRequest, rpc.NodeInfo](ctx, p, rpc.MethodInfo, rpc.NodeInfoRequest{})
	if err != nil {
		return info, msg.Account{}, err
	}
	return info, *p.Account, nil
}

// Offer asks for an open bid and checks that it is this peer's and about this job.
func (p *Peer) Offer(ctx context.Context, o rpc.Offer, job msg.Hash) (rpc.Bid, error) {
	signed, err := call[rpc.Offer, identity.Signed](ctx, p, rpc.MethodOffer, o)
	if err != nil {
		return rpc.Bid{}, err
	}
	var bid rpc.Bid
	if err := signed.OpenFrom(&bid, *p.Account); err != nil {
		return bid, err
	}
	if bid.Job != job || bid.Provider != *p.Account {
		return bid, errors.New(p.Addr + ": the bid is for another job or of another provider")
	}
	return bid, nil
}

// Seal asks for a commitment to a bid on a sealed tender, or a refusal, and checks that it is this peer's.
func (p *Peer) Seal(ctx context.Context, o rpc.Offer, t *market.Tender) (s rpc.Sealed, refusal *rpc.Bid, err error) {
	if s, err = call[rpc.Offer, rpc.Sealed](ctx, p, rpc.MethodSeal, o); err != nil {
		return s, nil, err
	}
	switch {
	case s.Commit != nil:
		_, err = market.OpenCommit(*s.Commit, t, p.Account)
	case s.Refusal != nil:
		refusal, err = market.OpenRefusal(*s.Refusal, t, p.Account)
	default:
		err = errors.New(p.Addr + ": neither a commitment to a bid nor a refusal")
	}
	return s, refusal, err
}

// Unseal asks for the bid that the node committed itself to, showing all the commitments there are. What it gives is still to be held
// against its own (market.OpenBid).
func (p *Peer) Unseal(ctx context.Context, r rpc.Unseal) (rpc.Unsealed, error) {
	return call[rpc.Unseal, rpc.Unsealed](ctx, p, rpc.MethodUnseal, r)
}

// Market asks what the node knows of the market.
func (p *Peer) Market(ctx context.Context) (rpc.MarketBook, error) {
	return call[rpc.BookRequest, rpc.MarketBook](ctx, p, rpc.MethodBook, rpc.BookRequest{})
}

// Start gives the node a job.
func (p *Peer) Start(ctx context.Context, r rpc.Start) (rpc.JobStatus, error) {
	return call[rpc.Start, rpc.JobStatus](ctx, p, rpc.MethodStart, r)
}

// Status asks where a job is.
func (p *Peer) Status(ctx context.Context, job msg.Hash) (rpc.JobStatus, error) {
	return call[rpc.JobRef, rpc.JobStatus](ctx, p, rpc.MethodStatus, rpc.JobRef{Job: job})
}

// Cancel ends a job.
func (p *Peer) Cancel(ctx context.Context, job msg.Hash) (rpc.JobStatus, error) {
	return call[rpc.JobRef, rpc.JobStatus](ctx, p, rpc.MethodCancel, rpc.JobRef{Job: job})
}

// Reveal opens the consumer's share of the beacon.
func (p *Peer) Reveal(ctx context.Context, reveal identity.Signed) (rpc.JobStatus, error) {
	return call[rpc.RevealRequest, rpc.JobStatus](ctx, p, rpc.MethodReveal, rpc.RevealRequest{Reveal: reveal})
}

// Judged brings a provider what was found of its job.
func (p *Peer) Judged(ctx context.Context, r rpc.Judged) error {
	_, err := call[rpc.Judged, rpc.JobStatus](ctx, p, rpc.MethodJudged, r)
	return err
}

// Release asks a provider for its word that a job is paid with the voucher to come.
func (p *Peer) Release(ctx context.Context, r rpc.ReleaseRequest) (rpc.Released, error) {
	return call[rpc.ReleaseRequest, rpc.Released](ctx, p, rpc.MethodRelease, r)
}

// Agreement asks a job's provider or its consumer what they agreed on.
func (p *Peer) Agreement(ctx context.Context, job msg.Hash) (rpc.Agreement, error) {
	return call[rpc.JobRef, rpc.Agreement](ctx, p, rpc.MethodAgreement, rpc.JobRef{Job: job})
}

// Pay pays a provider.
func (p *Peer) Pay(ctx context.Context, r rpc.Payment) error {
	_, err := call[rpc.Payment, rpc.Paid](ctx, p, rpc.MethodPay, r)
	return err
}

// Fee pays a validator.
func (p *Peer) Fee(ctx context.Context, r rpc.Payment) error {
	_, err := call[rpc.Payment, rpc.Paid](ctx, p, rpc.MethodFee, r)
	return err
}

// List asks for the node's jobs; with checkable only those a validator can check.
func (p *Peer) List(ctx context.Context, checkable bool) ([]rpc.JobStatus, error) {
	l, err := call[rpc.ListRequest, rpc.JobList](ctx, p, rpc.MethodList, rpc.ListRequest{Over: checkable})
	return l.Jobs, err
}

// Logs asks what a job's guest logged.
func (p *Peer) Logs(ctx context.Context, job msg.Hash) ([]byte, error) {
	l, err := call[rpc.JobRef, rpc.JobLog](ctx, p, rpc.MethodLogs, rpc.JobRef{Job: job})
	return l.Text, err
}

// Records asks for what a validator needs.
func (p *Peer) Records(ctx context.Context, job msg.Hash) (rpc.JobRecords, error) {
	return call[rpc.JobRef, rpc.JobRecords](ctx, p, rpc.MethodRecords, rpc.JobRef{Job: job})
}

// Manifest asks for the table of pages of a state.
func (p *Peer) Manifest(ctx context.Context, ref rpc.StateRef) ([]byte, error) {
	m, err := call[rpc.StateRef, rpc.Manifest](ctx, p, rpc.MethodManifest, ref)
	return m.Body, err
}

// Detail asks for the node's own account of an interval.
func (p *Peer) Detail(ctx context.Context, ref rpc.StateRef) ([]byte, error) {
	d, err := call[rpc.StateRef, rpc.Detail](ctx, p, rpc.MethodDetail, ref)
	return d.Body, err
}

// Buffer asks for a buffer's bytes after one dispatch.
func (p *Peer) Buffer(ctx context.Context, ref rpc.BufferRef) ([]byte, error) {
	b, err := call[rpc.BufferRef, rpc.BufferBytes](ctx, p, rpc.MethodBuffer, ref)
	return b.Data, err
}

// Watch hears of a job until it is over.
func (p *Peer) Watch(ctx context.Context, w rpc.Watch, each func(rpc.JobEvent) error) error {
	c, err := p.conn(ctx)
	if err != nil {
		return err
	}
	return transport.Subscribe(ctx, c, rpc.MethodWatch, w, each)
}

// Validate asks a validator to check a job.
func (p *Peer) Validate(ctx context.Context, r rpc.ValidateRequest, each func(rpc.ValidateEvent) error) error {
	c, err := p.conn(ctx)
	if err != nil {
		return err
	}
	return transport.Subscribe(ctx, c, rpc.MethodValidate, r, each)
}

// Challenge asks a validator to dispute what it found invalid.
func (p *Peer) Challenge(ctx context.Context, r rpc.ChallengeRequest) (identity.Signed, error) {
	return call[rpc.ChallengeRequest, identity.Signed](ctx, p, rpc.MethodChallenge, r)
}

// Move asks a party of a dispute for its move, as far as the dispute has come.
func (p *Peer) Move(ctx context.Context, d rpc.Dispute) (identity.Signed, error) {
	return call[rpc.Dispute, identity.Signed](ctx, p, rpc.MethodMove, d)
}

// maxProof is the longest proof that is taken from a peer.
const maxProof = 256 << 20

// Proof asks a party of a dispute for what the question that is left can be judged by.
func (p *Peer) Proof(ctx context.Context, d rpc.Dispute) (*runtime.Proof, error) {
	c, err := p.conn(ctx)
	if err != nil {
		return nil, err
	}
	var all []byte
	err = transport.Subscribe(ctx, c, rpc.MethodProof, d, func(part rpc.ProofPart) error {
		if len(all)+len(part.Data) > maxProof {
			return fmt.Errorf("%s: a proof of more than %d bytes", p.Addr, maxProof)
		}
		all = append(all, part.Data...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	proof := new(runtime.Proof)
	if err := msg.DecodeFile(all, maxProof, proof); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Addr, err)
	}
	return proof, nil
}

// Fetch brings blobs into a store, verified, pinned by owner.
func (p *Peer) Fetch(ctx context.Context, into store.Store, owner string, want []msg.Blob) error {
	c, err := p.conn(ctx)
	if err != nil {
		return err
	}
	return FetchOver(ctx, c, into, owner, want)
}

// FetchOver is Fetch over a connection that is there. What the store has already is pinned in one write.
func FetchOver(ctx context.Context, c *transport.Conn, into store.Store, owner string, want []msg.Blob) error {
	var here, lacking []msg.Blob
	for _, b := range want {
		if into.Has(b) {
			here = append(here, b)
		} else {
			lacking = append(lacking, b)
		}
	}
	if len(here) > 0 {
		if err := into.Pin(owner, here...); errors.Is(err, store.ErrNotFound) {
			lacking = want // some went meanwhile
		} else if err != nil {
			return err
		}
	}
	for _, b := range lacking {
		if err := blobs.Fetch(ctx, into, owner, b, c); err != nil {
			return err
		}
	}
	return nil
}

// FetchPages brings pages into a store, verified, pinned by owner.
func (p *Peer) FetchPages(ctx context.Context, into store.Store, owner string, pages []msg.Hash) error {
	c, err := p.conn(ctx)
	if err != nil {
		return err
	}
	return blobs.FetchPages(ctx, into, owner, pages, c)
}
