package provider

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// dying is a store whose provider dies when it is about to count its third interval: the signed record is in the journal, the count is not.
type dying struct {
	store.Store
	reached, dead chan struct{}
}

func (s *dying) Journal(name string) store.Journal {
	j := s.Store.Journal(name)
	if name == "provider/jobs" {
		return &dyingJournal{j, s}
	}
	return j
}

type dyingJournal struct {
	store.Journal
	s *dying
}

func (j *dyingJournal) Put(key msg.Hash, v any) error {
	if r, ok := v.(record); ok && r.Done == 3 {
		close(j.s.reached)
		<-j.s.dead
		return errors.New("killed")
	}
	return j.Journal.Put(key, v)
}

// another is a device that does not compute what it should: a bit of every buffer that a dispatch is given changes.
type another struct{ kernels.Device }

func (d another) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	gas, err := d.Device.Dispatch(ctx, list...)
	for _, x := range list {
		for _, b := range x.Bindings {
			word := make([]byte, 4)
			if err := d.Read(b.Buffer, b.Offset, word); err != nil {
				return 0, err
			}
			word[0] ^= 1
			if err := d.Write(b.Buffer, b.Offset, word); err != nil {
				return 0, err
			}
		}
	}
	return gas, err
}

// A provider that does not come to the same record as before it was killed gives the job up: a second one for the same interval, signed,
// would be a proof against it.
func TestNoSecondRecord(t *testing.T) {
	w := newWorld(t)
	s := &dying{w.store, make(chan struct{}), make(chan struct{})}
	cfg := w.config()
	cfg.Store = s
	p := w.opened(cfg)
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	<-s.reached
	p.stop()
	close(s.dead)
	p.Close()
	var before intervalRecord
	if err := w.store.Journal("provider/intervals").Get(intervalKey(w.job, 2), &before); err != nil {
		t.Fatal(err)
	}
	w.openDevice = func(ctx context.Context) (kernels.Device, error) {
		d, err := openCPU(ctx)
		return another{d}, err
	}
	p = w.opened(w.config())
	defer p.Close()
	var sent []identity.Signed
	var last rpc.JobStatus
	err := p.Watch(context.Background(), rpc.Watch{Job: w.job}, func(e rpc.JobEvent) error {
		switch {
		case e.Interval != nil:
			sent = append(sent, *e.Interval)
		case e.Receipt != nil:
			t.Error("there is a receipt")
		case e.Status != nil:
			last = *e.Status
		}
		return nil
	})
	if err != nil || last.State != rpc.StateBroken || !strings.Contains(last.Error, "interval 2 came out different") {
		t.Fatalf("the job is %s: %q (%v)", last.State, last.Error, err)
	}
	if len(sent) != 2 {
		t.Errorf("%d records left, want the 2 that were counted", len(sent))
	}
	var after intervalRecord
	if err := w.store.Journal("provider/intervals").Get(intervalKey(w.job, 2), &after); err != nil || string(after.Commit.Body) != string(before.Commit.Body) {
		t.Errorf("the record of interval 2 was replaced (%v)", err)
	}
	if _, err := p.Records(w.job); !errors.Is(err, ErrRefused) {
		t.Errorf("records of a job without a receipt: %v", err)
	}
}
