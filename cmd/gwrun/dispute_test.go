package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// filed is evidence as a file.
func filed(t *testing.T, e *dispute.Evidence, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := e.Write(&b); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "evidence.gwe")
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// Evidence that needs no dispute, from the file alone: a contradiction, and an interval that is run again.
func TestDisputeVerify(t *testing.T) {
	must := func(s identity.Signed, err error) identity.Signed {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var ids [3]*identity.Identity
	for i := range ids {
		var err error
		if ids[i], err = identity.New(); err != nil {
			t.Fatal(err)
		}
	}
	consumer, provider, validator := ids[0], ids[1], ids[2]
	c := rpc.VerdictCommit{Version: 1, Validator: validator.Account()}
	other := c
	other.Hash[0]++
	e, err := dispute.Contradicts(must(validator.Sign(c)), must(validator.Sign(other)))
	file := filed(t, e, err)
	var out dispute.Outcome
	finish(t, t.TempDir(), exitOK, &out, "dispute", "verify", file)
	if out.Kind != dispute.ByContradiction || !slices.Equal(out.Guilty, []msg.Account{validator.Account()}) {
		t.Errorf("a contradiction: %+v", out)
	}
	wants(t, []string{"dispute", "verify", file}, "evidence    contradiction", "wrong       "+validator.Account().String(), "because     it committed itself to two sets of verdicts")
	wants(t, []string{"dispute", "show", file}, "contradiction, of promises", "messages    2")

	// An honest provider, and a validator that calls its work invalid.
	wasm, err := os.ReadFile("../../runtime/testdata/waves.wasm")
	if err != nil {
		t.Fatal(err)
	}
	job, err := runtime.NewJob(wasm, nil, runtime.Spec{Seed: 3, Interval: 2})
	if err != nil {
		t.Fatal(err)
	}
	dev, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	res, err := runtime.Run(context.Background(), job, runtime.Options{Device: dev})
	if err != nil {
		t.Fatal(err)
	}
	spec := msg.JobSpec{Version: 1, Program: job.Program, Consumer: consumer.Account()}
	receipt := res.Receipt
	receipt.Job, receipt.Provider = msg.HashOf(spec), provider.Account()
	records := rpc.JobRecords{Spec: must(consumer.Sign(spec)), Receipt: must(provider.Sign(receipt))}
	for _, r := range res.Intervals {
		records.Intervals = append(records.Intervals, must(provider.Sign(rpc.IntervalCommit{Job: receipt.Job, Record: r})))
	}
	verdict := must(validator.Sign(msg.Verdict{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(receipt), Validator: validator.Account(), Value: msg.Invalid}))
	e, err = dispute.Replayed(context.Background(), records, 0, &verdict, job, nil, nil)
	file = filed(t, e, err)
	out = dispute.Outcome{}
	finish(t, t.TempDir(), exitOK, &out, "dispute", "verify", file)
	if out.Kind != dispute.ByReplay || !slices.Equal(out.Guilty, []msg.Account{validator.Account()}) || out.Interval == nil || *out.Interval != 0 {
		t.Errorf("a replay: %+v", out)
	}
	wants(t, []string{"dispute", "verify", file}, "run again   interval 0", "(the validator)", "the verdict on it is invalid")
	wants(t, []string{"dispute", "show", file}, "provider    "+provider.Account().String(), "6 intervals", "verdict     invalid, by "+validator.Account().String())
	finish(t, t.TempDir(), exitUnavailable, new(any), "dispute", "verify", file, "--max-memory", "1")
	// Without its module it needs the job; without the verdict it proves nothing against anybody.
	short := *e
	short.Blobs = [][]byte{}
	finish(t, t.TempDir(), exitFailure, new(any), "dispute", "verify", filed(t, &short, nil))
	bare := *e.Replay
	bare.Verdict = nil
	short = *e
	short.Replay = &bare
	finish(t, t.TempDir(), exitInvalid, new(any), "dispute", "verify", filed(t, &short, nil))
}

// wants runs a command and looks for text in what it prints.
func wants(t *testing.T, args []string, text ...string) {
	t.Helper()
	p := start(t, t.TempDir(), args...)
	if code := p.wait(); code != exitOK {
		t.Fatalf("gwrun %s: exit status %d", strings.Join(args, " "), code)
	}
	for _, s := range text {
		if !strings.Contains(p.out.String(), s) {
			t.Errorf("gwrun %s prints\n%s\nwanted %q", strings.Join(args, " "), p.out.String(), s)
		}
	}
}
