package validator

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// absent is a source whose answers are errors, one after another, and then none.
type absent struct {
	Source
	faults []error
	asked  int
}

func (a *absent) answer() error {
	a.asked++
	if a.asked > len(a.faults) {
		return nil
	}
	return a.faults[a.asked-1]
}

func (a *absent) Fetch(context.Context, store.Store, string, []msg.Blob) error { return a.answer() }
func (a *absent) FetchPages(context.Context, store.Store, string, []msg.Hash) error {
	return a.answer()
}
func (a *absent) Manifest(context.Context, rpc.StateRef) ([]byte, error) {
	return []byte("m"), a.answer()
}
func (a *absent) Detail(context.Context, rpc.StateRef) ([]byte, error) {
	return []byte("d"), a.answer()
}
func (a *absent) Buffer(context.Context, rpc.BufferRef) ([]byte, error) {
	return []byte("b"), a.answer()
}

func TestPatience(t *testing.T) {
	gone := fmt.Errorf("provider: %w", &blobs.PeerError{Err: fmt.Errorf("page.get: %w", transport.ErrUnreachable)})
	final := &blobs.PeerError{Err: blobs.ErrNotFound}
	ctx := context.Background()
	for name, ask := range map[string]func(Source) error{
		"fetch":    func(s Source) error { return s.Fetch(ctx, nil, "", nil) },
		"pages":    func(s Source) error { return s.FetchPages(ctx, nil, "", nil) },
		"manifest": func(s Source) error { b, err := s.Manifest(ctx, rpc.StateRef{}); return said(b, "m", err) },
		"detail":   func(s Source) error { b, err := s.Detail(ctx, rpc.StateRef{}); return said(b, "d", err) },
		"buffer":   func(s Source) error { b, err := s.Buffer(ctx, rpc.BufferRef{}); return said(b, "b", err) },
	} {
		a := &absent{faults: []error{gone, transport.Errorf(transport.Busy, "later")}}
		if err := ask(patiently(a, &msg.Policy{})); err != nil || a.asked != 3 {
			t.Errorf("%s: %v after %d questions, want an answer to the third", name, err, a.asked)
		}
		a = &absent{faults: []error{final, final}}
		if err := ask(patiently(a, &msg.Policy{Clock: 60})); !errors.Is(err, blobs.ErrNotFound) || a.asked != 1 {
			t.Errorf("%s: %v after %d questions, want the first answer, that it is not there", name, err, a.asked)
		}
	}
	// The clock ends it, and so does the caller.
	a := &absent{faults: []error{gone, gone, gone}}
	p := &patient{a, time.Nanosecond}
	if err := p.Fetch(ctx, nil, "", nil); !errors.Is(err, transport.ErrUnreachable) || a.asked != 1 {
		t.Errorf("%v after %d questions, want that it is out of reach after one", err, a.asked)
	}
	given, cancel := context.WithCancel(ctx)
	cancel()
	a = &absent{faults: []error{gone, gone}}
	if err := patiently(a, &msg.Policy{}).Fetch(given, nil, "", nil); err == nil || a.asked != 1 {
		t.Errorf("%v after %d questions by somebody who has given up", err, a.asked)
	}
}

func said(b []byte, want string, err error) error {
	if err == nil && string(b) != want {
		return fmt.Errorf("answer %q, want %q", b, want)
	}
	return err
}

// silent is a source that does not answer.
type silent struct{ Source }

func (silent) Manifest(ctx context.Context, _ rpc.StateRef) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A source that says nothing at all holds nobody for longer than its clock, and then for no more than a moment a question.
func TestSilentSource(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	p := patiently(silent{}, &msg.Policy{Clock: 1})
	for range 2 {
		if _, err := p.Manifest(ctx, rpc.StateRef{}); !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			t.Fatalf("%v, want that its time is over before the caller's (%v)", err, ctx.Err())
		}
	}
}
