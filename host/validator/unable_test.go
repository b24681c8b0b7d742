package validator

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// module is a source that has a job's module, and a detail that says nothing.
type module struct {
	Source
	wasm   []byte
	detail *trace.Detail
}

func (m *module) Fetch(ctx context.Context, into store.Store, owner string, _ []msg.Blob) error {
	_, err := into.Put(ctx, owner, bytes.NewReader(m.wasm))
	return err
}

func (m *module) Detail(context.Context, rpc.StateRef) ([]byte, error) { return m.detail.Encode(), nil }

// A validator that cannot replay says so: what is wrong with its device, or with what the provider tells it of the interval, makes it neither
// silent nor unsure of what it has computed already.
func TestUnableToReplay(t *testing.T) {
	var ids [3]*identity.Identity
	for i := range ids {
		var err error
		if ids[i], err = identity.New(); err != nil {
			t.Fatal(err)
		}
	}
	sign := func(id *identity.Identity, v msg.Hashed) identity.Signed {
		t.Helper()
		s, err := id.Sign(v)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	wasm, err := os.ReadFile("../../runtime/testdata/waves.wasm")
	if err != nil {
		t.Fatal(err)
	}
	job, err := runtime.NewJob(wasm, nil, runtime.Spec{Interval: 16})
	if err != nil {
		t.Fatal(err)
	}
	dev, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	lie := &runtime.Fault{Step: 3, Any: true, Offset: 8, Bit: 1}
	detail := new(trace.Recorder)
	res, err := runtime.Run(context.Background(), job, runtime.Options{Device: dev, Fault: lie, Detail: detail})
	if err != nil {
		t.Fatal(err)
	}
	spec := msg.JobSpec{Version: 1, Program: job.Program, Consumer: ids[0].Account()}
	receipt := res.Receipt
	receipt.Job, receipt.Provider = msg.HashOf(spec), ids[1].Account()
	records := rpc.JobRecords{Spec: sign(ids[0], spec), Receipt: sign(ids[1], receipt),
		Intervals: []identity.Signed{sign(ids[1], rpc.IntervalCommit{Job: receipt.Job, Record: res.Intervals[0]})}}
	for good, want := range map[int]msg.Value{0: msg.Unavailable, 1: msg.Invalid} {
		opened := 0
		v, err := New(Config{Identity: ids[2], Store: store.NewMemory(store.Options{}), Whole: func(msg.Account) bool { return true },
			OpenDevice: func(context.Context) (kernels.Device, error) {
				if opened++; opened > good {
					return nil, errors.New("the device is gone")
				}
				return cpu.Open(cpu.Options{})
			}})
		if err != nil {
			t.Fatal(err)
		}
		f, err := v.Check(context.Background(), &module{wasm: wasm, detail: detail.Interval(0)}, records, nil, nil)
		if err != nil {
			t.Fatalf("with a device for %d replays: %v", good, err)
		}
		if found := f.Opened(); len(found) != 1 || found[0].Value != want || opened != good+1 {
			t.Errorf("with a device for %d replays: %+v after %d, want %s", good, found, opened, want)
		}
	}
}
