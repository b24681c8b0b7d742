package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// Serve answers a provider's methods on m.
func (p *Provider) Serve(m *transport.Mux) {
	handle(m, rpc.MethodOffer, func(ctx context.Context, _ msg.Account, r rpc.Offer) (identity.Signed, error) {
		return p.Offer(ctx, r)
	})
	handle(m, rpc.MethodSeal, func(ctx context.Context, _ msg.Account, r rpc.Offer) (rpc.Sealed, error) { return p.Seal(ctx, r) })
	handle(m, rpc.MethodUnseal, p.Unseal)
	handle(m, rpc.MethodStart, func(ctx context.Context, who msg.Account, r rpc.Start) (rpc.JobStatus, error) {
		// Whoever else was offered the job has the signed spec too.
		spec, _, err := open(r.Spec)
		if err == nil && spec.Consumer != who {
			err = fmt.Errorf("%w: the job of %s is brought by %s", ErrRefused, spec.Consumer, who)
		}
		if err != nil {
			return rpc.JobStatus{}, err
		}
		return p.Take(ctx, r)
	})
	handle(m, rpc.MethodStatus, func(_ context.Context, _ msg.Account, r rpc.JobRef) (rpc.JobStatus, error) { return p.Status(r.Job) })
	handle(m, rpc.MethodCancel, func(_ context.Context, who msg.Account, r rpc.JobRef) (rpc.JobStatus, error) {
		return p.Cancel(who, r.Job)
	})
	handle(m, rpc.MethodReveal, func(_ context.Context, _ msg.Account, r rpc.RevealRequest) (rpc.JobStatus, error) {
		return p.Reveal(r.Reveal)
	})
	handle(m, rpc.MethodList, func(_ context.Context, _ msg.Account, r rpc.ListRequest) (rpc.JobList, error) {
		return p.List(r.Over), nil
	})
	handle(m, rpc.MethodLogs, func(_ context.Context, _ msg.Account, r rpc.JobRef) (rpc.JobLog, error) { return p.Logs(r.Job) })
	handle(m, rpc.MethodRecords, func(_ context.Context, _ msg.Account, r rpc.JobRef) (rpc.JobRecords, error) { return p.Records(r.Job) })
	handle(m, rpc.MethodManifest, func(_ context.Context, _ msg.Account, r rpc.StateRef) (rpc.Manifest, error) { return p.Manifest(r) })
	handle(m, rpc.MethodDetail, func(ctx context.Context, _ msg.Account, r rpc.StateRef) (rpc.Detail, error) { return p.Detail(ctx, r) })
	handle(m, rpc.MethodBuffer, func(ctx context.Context, _ msg.Account, r rpc.BufferRef) (rpc.BufferBytes, error) {
		return p.Buffer(ctx, r)
	})
	transport.HandleServer(m, rpc.MethodWatch, func(ctx context.Context, _ msg.Account, r rpc.Watch, send func(rpc.JobEvent) error) error {
		return answer(p.Watch(ctx, r, send))
	})
}

func handle[Req, Resp any](m *transport.Mux, method string, f func(context.Context, msg.Account, Req) (Resp, error)) {
	transport.Handle(m, method, func(ctx context.Context, peer msg.Account, req Req) (Resp, error) {
		resp, err := f(ctx, peer, req)
		return resp, answer(err)
	})
}

// answer makes an error one that the peer is told of, where it is the peer's business.
func answer(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrUnknown):
		return transport.Errorf(transport.NotFound, "%v", err)
	case errors.Is(err, ErrRefused):
		return transport.Errorf(transport.Forbidden, "%v", err)
	case errors.Is(err, identity.ErrSignature), errors.Is(err, msg.ErrDecode):
		return transport.Errorf(transport.BadRequest, "%v", err)
	case errors.Is(err, store.ErrFull):
		return transport.Errorf(transport.Busy, "this provider's disk is full")
	}
	return err
}
