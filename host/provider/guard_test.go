package provider

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// take has the provider take a job made of a module of the sandbox's tests.
func (w *world) take(p *Provider, module string, spec runtime.Spec, deadline time.Duration) msg.Hash {
	w.t.Helper()
	wasm, err := os.ReadFile("../../runtime/testdata/" + module + ".wasm")
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.store.Put(context.Background(), "test", bytes.NewReader(wasm)); err != nil {
		w.t.Fatal(err)
	}
	j, err := runtime.NewJob(wasm, nil, spec)
	if err != nil {
		w.t.Fatal(err)
	}
	job := msg.JobSpec{Version: 1, Program: j.Program, Consumer: w.consumer.Account(), Deadline: time.Now().Add(deadline).Unix(),
		Policy: msg.Policy{Window: 60}, Commitment: settle.Commitment(w.secret)}
	signed, err := w.consumer.Sign(job)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := p.Start(context.Background(), signed); err != nil {
		w.t.Fatal(err)
	}
	return msg.HashOf(job)
}

// end waits for a job to be over and gives its status and receipt.
func (w *world) end(p *Provider, job msg.Hash) (status rpc.JobStatus, receipt msg.Receipt) {
	w.t.Helper()
	err := p.Watch(context.Background(), rpc.Watch{Job: job}, func(e rpc.JobEvent) error {
		switch {
		case e.Receipt != nil:
			return e.Receipt.OpenFrom(&receipt, w.provider.Account())
		case e.Status != nil:
			status = *e.Status
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return status, receipt
}

// Jobs that never end, each in its own way, are given up as unavailable when they pass the provider's bounds; jobs that blow
// up fail by their own doing. All the while others run on the same node, and come to what they come to alone.
func TestEndlessJobsBesideOthers(t *testing.T) {
	w := newWorld(t)
	p, err := New(Config{Identity: w.provider, Store: w.store, OpenDevice: w.openDevice, MaxJobs: 4, MaxQueue: 32,
		MaxStep: 1500 * time.Millisecond, MaxTime: 4 * time.Second, Device: rpc.DeviceInfo{ID: "cpu", Kind: "cpu"},
		Fetch: func(context.Context, msg.Account, string, []msg.Blob) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	type ending struct {
		state rpc.JobState
		text  string // in the status or the receipt's failure
	}
	all := map[msg.Hash]ending{}
	limits := msg.Limits{Gas: 1 << 50, GPUGas: 1 << 50, LogBytes: 1 << 26}
	unavailable := func(text string) ending { return ending{rpc.StateBroken, "unavailable: " + text} }
	for _, tc := range []struct {
		module, mode string
		limits       msg.Limits
		want         ending
	}{
		{"modes", "loop", limits, unavailable("step 1 took longer")},
		{"modes", "busy", limits, unavailable("step 1 took longer")},
		{"modes", "again", limits, unavailable("the job was not done")},
		{"modes", "recurse", msg.Limits{StackDepth: 100}, ending{rpc.StateDone, "limit stack_depth"}},
		{"modes", "log", msg.Limits{}, ending{rpc.StateDone, "limit log_bytes"}},
		{"modes", "output", msg.Limits{OutputBytes: 1 << 16}, ending{rpc.StateDone, "limit output_bytes"}},
		{"endless", "", msg.Limits{GPUGas: 1 << 20}, ending{rpc.StateDone, "limit gpu_gas"}},
	} {
		all[w.take(p, tc.module, runtime.Spec{Args: []string{tc.mode}, Limits: tc.limits}, time.Hour)] = tc.want
	}
	honest := map[msg.Hash]bool{}
	for i := range 4 {
		honest[w.take(p, "waves", runtime.Spec{Interval: 2, Seed: uint64(i)}, time.Hour)] = true
	}
	want := w.want()
	var wg sync.WaitGroup
	for job, end := range all {
		wg.Go(func() {
			st, r := w.end(p, job)
			if st.State != end.state || !strings.Contains(st.Error+r.Failure, end.text) {
				t.Errorf("job ended %s, %q%q, wanted %s, %q", st.State, st.Error, r.Failure, end.state, end.text)
			}
			if end.state == rpc.StateDone && r.Status != msg.Failed {
				t.Errorf("a job that should fail is %s", r.Status)
			}
		})
	}
	for job := range honest {
		wg.Go(func() {
			st, r := w.end(p, job)
			if st.State != rpc.StateDone || r.Status != msg.Finished || r.Gas != want.Gas || fmt.Sprint(r.Outputs) != fmt.Sprint(want.Outputs) {
				t.Errorf("an honest job ended %s, %q, %s with gas %d and %v, wanted gas %d and %v", st.State, st.Error, r.Status, r.Gas, r.Outputs, want.Gas, want.Outputs)
			}
		})
	}
	wg.Wait()
}
