package validator

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// module is a source that has a job's module and states, and the detail of an interval.
type module struct {
	Source
	wasm   []byte
	detail *trace.Detail
	states []*state.Snapshot
}

func (m *module) Manifest(_ context.Context, ref rpc.StateRef) ([]byte, error) {
	return m.states[ref.Interval].Manifest(), nil
}

func (m *module) FetchPages(_ context.Context, into store.Store, owner string, _ []msg.Hash) error {
	for _, s := range m.states {
		if _, err := (&checkpoint.Keeper{Pages: into, Owner: owner}).Keep(s); err != nil {
			return err
		}
	}
	return nil
}

func (m *module) Fetch(ctx context.Context, into store.Store, owner string, _ []msg.Blob) error {
	_, err := into.Put(ctx, owner, bytes.NewReader(m.wasm))
	return err
}

func (m *module) Detail(context.Context, rpc.StateRef) ([]byte, error) { return m.detail.Encode(), nil }

// A validator that cannot replay says so: what is wrong with its device, or with what the provider tells it of the interval, makes it neither
// silent nor unsure of what it has computed already.
func TestUnableToReplay(t *testing.T) {
	w := newClaimed(t, 16)
	lie := &runtime.Fault{Step: 3, Any: true, Offset: 8, Bit: 1}
	detail := new(trace.Recorder)
	records := w.sign(w.run(runtime.Options{Fault: lie, Detail: detail}))
	for good, want := range map[int]msg.Value{0: msg.Unavailable, 1: msg.Invalid} {
		opened := 0
		v, err := New(Config{Identity: w.ids[2], Store: store.NewMemory(store.Options{}), Whole: func(msg.Account) bool { return true },
			OpenDevice: func(context.Context) (kernels.Device, error) {
				if opened++; opened > good {
					return nil, errors.New("the device is gone")
				}
				return cpu.Open(cpu.Options{})
			}})
		if err != nil {
			t.Fatal(err)
		}
		f, err := v.Check(context.Background(), &module{wasm: w.job.Module, detail: detail.Interval(0)}, records, nil, nil)
		if err != nil {
			t.Fatalf("with a device for %d replays: %v", good, err)
		}
		if found := f.Opened(); len(found) != 1 || found[0].Value != want || opened != good+1 {
			t.Errorf("with a device for %d replays: %+v after %d, want %s", good, found, opened, want)
		}
	}
}

// What is wrong with the state that an interval begins in, or with the record of that, is the interval's before: it is found invalid there, where
// it can be proven, and nothing is said of the one behind, which nobody could dispute.
func TestAnIntervalThatCannotBeBegun(t *testing.T) {
	w := newClaimed(t, 2)
	res := w.run(runtime.Options{})
	res.Intervals[0].Gas++
	res.Receipt.Trace = trace.Root(res.Intervals)
	v, err := New(Config{Identity: w.ids[2], Store: store.NewMemory(store.Options{}), Whole: func(msg.Account) bool { return true },
		OpenDevice: func(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }})
	if err != nil {
		t.Fatal(err)
	}
	f, err := v.Check(context.Background(), &module{wasm: w.job.Module, states: w.states, detail: new(trace.Detail)}, w.sign(res), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, found := range f.Opened() {
		want := msg.Valid
		if i < 2 {
			want = []msg.Value{msg.Invalid, msg.Unavailable}[i]
		}
		if found.Value != want {
			t.Errorf("interval %d is %s, want %s: %+v", i, found.Value, want, found)
		}
	}
	if len(f.Verdicts) != 6 {
		t.Errorf("%d verdicts, want 6", len(f.Verdicts))
	}
}

// claimed is a job and the keys of its consumer, its provider and a validator.
type claimed struct {
	t      *testing.T
	job    *runtime.Job
	ids    [3]*identity.Identity
	states []*state.Snapshot
}

func newClaimed(t *testing.T, interval uint64) *claimed {
	t.Helper()
	w := &claimed{t: t}
	for i := range w.ids {
		var err error
		if w.ids[i], err = identity.New(); err != nil {
			t.Fatal(err)
		}
	}
	wasm, err := os.ReadFile("../../runtime/testdata/waves.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if w.job, err = runtime.NewJob(wasm, nil, runtime.Spec{Interval: interval}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *claimed) run(opts runtime.Options) *runtime.Result {
	w.t.Helper()
	dev, err := cpu.Open(cpu.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer dev.Close()
	opts.Device = dev
	opts.OnInterval = func(_ msg.Interval, take func() (*state.Snapshot, error)) error {
		s, err := take()
		w.states = append(w.states, s)
		return err
	}
	res, err := runtime.Run(context.Background(), w.job, opts)
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

func (w *claimed) spec() msg.JobSpec {
	return msg.JobSpec{Version: 1, Program: w.job.Program, Consumer: w.ids[0].Account()}
}

// sign signs a run as its provider would.
func (w *claimed) sign(res *runtime.Result) rpc.JobRecords {
	w.t.Helper()
	sign := func(id *identity.Identity, v msg.Hashed) identity.Signed {
		s, err := id.Sign(v)
		if err != nil {
			w.t.Fatal(err)
		}
		return s
	}
	spec := w.spec()
	receipt := res.Receipt
	receipt.Job, receipt.Provider = msg.HashOf(spec), w.ids[1].Account()
	records := rpc.JobRecords{Spec: sign(w.ids[0], spec), Receipt: sign(w.ids[1], receipt)}
	for _, r := range res.Intervals {
		records.Intervals = append(records.Intervals, sign(w.ids[1], rpc.IntervalCommit{Job: receipt.Job, Record: r}))
	}
	return records
}
