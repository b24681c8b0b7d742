package peer

import (
	"context"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Promise asks a validator for what it committed itself to about a job.
func (p *Peer) Promise(ctx context.Context, job msg.Hash) (identity.Signed, error) {
	return call[rpc.JobRef, identity.Signed](ctx, p, rpc.MethodPromise, rpc.JobRef{Job: job})
}

// Open asks a validator for its verdicts.
func (p *Peer) Open(ctx context.Context, r rpc.OpenRequest) (rpc.Opened, error) {
	return call[rpc.OpenRequest, rpc.Opened](ctx, p, rpc.MethodVerdict, r)
}

// Witness asks a witness to see for itself whether somebody does what it owes.
func (p *Peer) Witness(ctx context.Context, r rpc.WitnessRequest) (rpc.WitnessAnswer, error) {
	return call[rpc.WitnessRequest, rpc.WitnessAnswer](ctx, p, rpc.MethodWitness, r)
}

// Bring gives a witness a consumer's share of the beacon.
func (p *Peer) Bring(ctx context.Context, reveal identity.Signed) error {
	_, err := call[rpc.RevealRequest, rpc.Brought](ctx, p, rpc.MethodBring, rpc.RevealRequest{Reveal: reveal})
	return err
}

// Left asks a witness for the receipt that a job's provider has left with it.
func (p *Peer) Left(ctx context.Context, job msg.Hash) (*rpc.JobRecords, error) {
	l, err := call[rpc.JobRef, rpc.Left](ctx, p, rpc.MethodLeft, rpc.JobRef{Job: job})
	return l.Records, err
}
