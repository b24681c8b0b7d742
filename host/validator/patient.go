package validator

import (
	"context"
	"time"

	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// patient is a source that is asked again while it is merely out of reach: a provider that restarts, or that the network is cut off from for a
// moment, withholds nothing.
type patient struct {
	Source
	most time.Duration // how long for each thing that is asked
}

// pause is how long a validator waits before it asks again.
const pause = 200 * time.Millisecond

// usualClock is how long a provider has where its job says nothing.
const usualClock = time.Minute

// patiently makes src patient for as long as the job gives a provider for each thing that it is asked.
func patiently(src Source, policy *msg.Policy) Source {
	most := time.Duration(policy.Clock) * time.Second
	if most == 0 {
		most = usualClock
	}
	return &patient{src, most}
}

// again asks until there is an answer, or the time is over.
func (p *patient) again(ctx context.Context, ask func() error) error {
	for end := time.Now().Add(p.most); ; {
		err := ask()
		if err == nil || !peer.OutOfReach(err) || ctx.Err() != nil {
			return err
		}
		if !time.Now().Before(end) {
			p.most = 0 // it had its time, for everything else too
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (p *patient) Fetch(ctx context.Context, into store.Store, owner string, blobs []msg.Blob) error {
	return p.again(ctx, func() error { return p.Source.Fetch(ctx, into, owner, blobs) })
}

func (p *patient) FetchPages(ctx context.Context, into store.Store, owner string, pages []msg.Hash) error {
	return p.again(ctx, func() error { return p.Source.FetchPages(ctx, into, owner, pages) })
}

func (p *patient) Manifest(ctx context.Context, ref rpc.StateRef) (b []byte, err error) {
	err = p.again(ctx, func() error { b, err = p.Source.Manifest(ctx, ref); return err })
	return b, err
}

func (p *patient) Detail(ctx context.Context, ref rpc.StateRef) (b []byte, err error) {
	err = p.again(ctx, func() error { b, err = p.Source.Detail(ctx, ref); return err })
	return b, err
}

func (p *patient) Buffer(ctx context.Context, ref rpc.BufferRef) (b []byte, err error) {
	err = p.again(ctx, func() error { b, err = p.Source.Buffer(ctx, ref); return err })
	return b, err
}
