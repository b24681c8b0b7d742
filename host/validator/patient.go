package validator

import (
	"context"
	"time"

	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime/state"
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

// again asks until there is an answer, or the time is over: that of the clock, and more where more is to be carried.
func (p *patient) again(ctx context.Context, more time.Duration, ask func(context.Context) error) error {
	end := time.Now().Add(p.most)
	for {
		turn, cancel := context.WithDeadline(ctx, end.Add(max(more, atLeast)))
		err := ask(turn)
		late := turn.Err() != nil
		cancel()
		if err == nil || !peer.OutOfReach(err) && !late || ctx.Err() != nil {
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

const (
	// slowest is what a source has to give in a second, in bytes, for what is large.
	slowest = 256 << 10
	// atLeast is how long each question may take though the clock has run out.
	atLeast = time.Second
)

// carrying is how much longer so many bytes may take.
func carrying(bytes uint64) time.Duration {
	return time.Duration(min(bytes/slowest, 1<<20)) * time.Second
}

func (p *patient) Fetch(ctx context.Context, into store.Store, owner string, blobs []msg.Blob) error {
	var total uint64
	for _, b := range blobs {
		total += min(b.Size, 1<<50)
	}
	return p.again(ctx, carrying(total), func(ctx context.Context) error { return p.Source.Fetch(ctx, into, owner, blobs) })
}

func (p *patient) FetchPages(ctx context.Context, into store.Store, owner string, pages []msg.Hash) error {
	return p.again(ctx, carrying(uint64(len(pages))*state.PageSize), func(ctx context.Context) error { return p.Source.FetchPages(ctx, into, owner, pages) })
}

func (p *patient) Manifest(ctx context.Context, ref rpc.StateRef) (b []byte, err error) {
	err = p.again(ctx, 0, func(ctx context.Context) error { b, err = p.Source.Manifest(ctx, ref); return err })
	return b, err
}

func (p *patient) Detail(ctx context.Context, ref rpc.StateRef) (b []byte, err error) {
	err = p.again(ctx, 0, func(ctx context.Context) error { b, err = p.Source.Detail(ctx, ref); return err })
	return b, err
}

func (p *patient) Buffer(ctx context.Context, ref rpc.BufferRef) (b []byte, err error) {
	err = p.again(ctx, 0, func(ctx context.Context) error { b, err = p.Source.Buffer(ctx, ref); return err })
	return b, err
}
