package dispute

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// reread is evidence as it comes back from a file.
func reread(t testing.TB, e *Evidence) *Evidence {
	t.Helper()
	var b bytes.Buffer
	if err := e.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := ReadEvidence(&b)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// TestReplay runs every interval of an honest and of a lying provider again, with every verdict on it: who lied is found, and nobody else.
func TestReplay(t *testing.T) {
	job := waves(t)
	early := lieAt
	early.Step = 1
	for name, x := range map[string]struct {
		fault *runtime.Fault
		lie   uint64
	}{"honest": {nil, 99}, "a lie": {&lieAt, lieIn}, "a lie at once": {&early, 0}} {
		c := try(t, job, x.fault)
		for i := range uint64(len(c.said.Intervals)) {
			for _, v := range []msg.Value{"", msg.Valid, msg.Invalid, msg.Unavailable, "perhaps"} {
				var verdict *identity.Signed
				if v != "" {
					verdict = c.verdict(t, "challenger", i, v)
				}
				var guilty []string
				if i == x.lie {
					guilty = append(guilty, "provider")
				}
				if v == msg.Valid && i == x.lie || v == msg.Invalid && i != x.lie {
					guilty = append(guilty, "challenger")
				}
				e, err := c.replay(i, verdict)
				if guilty != nil {
					c.convicts(t, e, err, guilty...)
				} else if !errors.Is(err, ErrEvidence) {
					t.Errorf("%s, interval %d, verdict %q: %v", name, i, v, err)
				}
			}
		}
	}
}

// TestReplayOfReceipt: the last interval is as it was, and what the receipt says of it is not.
func TestReplayOfReceipt(t *testing.T) {
	job := waves(t)
	last := uint64(5)
	for name, change := range map[string]func(*runtime.Result){
		"another output":     func(r *runtime.Result) { r.Receipt.Outputs[0].Blob.Root[3] ^= 1 },
		"an output missing":  func(r *runtime.Result) { r.Receipt.Outputs = r.Receipt.Outputs[1:] },
		"an output more":     func(r *runtime.Result) { r.Receipt.Outputs = append(r.Receipt.Outputs, msg.Output{Name: "zz"}) },
		"another status":     func(r *runtime.Result) { r.Receipt.Status, r.Receipt.Failure = msg.Failed, "unreachable" },
		"a failure in words": func(r *runtime.Result) { r.Receipt.Failure = "unreachable" },
	} {
		c := &court{job: job, run: run(t, job, nil), ids: identities(t)}
		c.run.res.Receipt.Outputs = slices.Clone(c.run.res.Receipt.Outputs)
		change(c.run.res)
		c.sign(t)
		t.Run(name, func(t *testing.T) {
			e, err := c.replay(last, nil)
			c.convicts(t, e, err, "provider")
			e, err = c.replay(last, c.verdict(t, "challenger", last, msg.Valid))
			c.convicts(t, e, err, "provider", "challenger")
			e, err = c.replay(last, c.verdict(t, "challenger", last, msg.Invalid))
			c.convicts(t, e, err, "provider")
			if _, err := c.replay(0, nil); !errors.Is(err, ErrEvidence) {
				t.Errorf("interval 0: %v", err)
			}
		})
	}
}

// TestReplayOfEarlyEnd: a provider that stops at the end of an interval says that it is done with a state in which the job goes on; one that
// goes on after the end has records of nothing.
func TestReplayOfEarlyEnd(t *testing.T) {
	job := waves(t)
	c := &court{job: job, run: run(t, job, nil), ids: identities(t)}
	r := c.run.res
	r.Intervals = r.Intervals[:4]
	end := r.Intervals[3]
	r.Receipt.Trace, r.Receipt.Intervals, r.Receipt.State = trace.Root(r.Intervals), 4, end.State
	r.Receipt.Steps, r.Receipt.Gas, r.Receipt.GPUGas, r.Receipt.Outputs = end.LastStep, end.Gas, end.GPUGas, runtime.Outputs(c.run.states[3])
	c.sign(t)
	e, err := c.replay(3, c.verdict(t, "challenger", 3, msg.Valid))
	c.convicts(t, e, err, "provider", "challenger")

	c = &court{job: job, run: run(t, job, nil), ids: identities(t)}
	r = c.run.res
	more := r.Intervals[5]
	more.Index, more.LastStep = 6, 13
	r.Intervals = append(r.Intervals, more)
	r.Receipt.Trace, r.Receipt.Intervals, r.Receipt.Steps = trace.Root(r.Intervals), 7, 13
	c.sign(t)
	e, err = c.replay(6, c.verdict(t, "challenger", 6, msg.Valid))
	c.convicts(t, e, err, "provider", "challenger")
	e, err = c.replay(6, c.verdict(t, "challenger", 6, msg.Invalid))
	c.convicts(t, e, err, "provider")
}

// TestReplayOfForgedState: a state that nothing can go on from proves nothing in the interval behind it, where an honest provider may have
// been asked to go on; a record that contradicts its own state speaks against who signed it.
func TestReplayOfForgedState(t *testing.T) {
	job := waves(t)
	c := &court{job: job, run: run(t, job, nil), ids: identities(t)}
	forged := state.NewCommitter()
	forged.Begin()
	for _, name := range c.run.states[1].Names() {
		data, _ := c.run.states[1].Section(name)
		if name == "host" {
			data = data[1:]
		}
		forged.Set(name, data)
	}
	forged.Commit()
	c.run.states[1] = forged.Snapshot()
	r := c.run.res
	r.Intervals[1].State = c.run.states[1].Root()
	r.Receipt.Trace = trace.Root(r.Intervals)
	c.sign(t)
	for _, v := range []msg.Value{msg.Valid, msg.Invalid} {
		if e, err := c.replay(2, c.verdict(t, "challenger", 2, v)); !errors.Is(err, ErrEvidence) {
			t.Errorf("from a state that cannot be loaded, %s: %+v, %v", v, e, err)
		}
	}
	e, err := c.replay(1, nil)
	c.convicts(t, e, err, "provider")

	c = &court{job: job, run: run(t, job, nil), ids: identities(t)}
	r = c.run.res
	for i := 2; i < len(r.Intervals); i++ {
		r.Intervals[i].Gas++
	}
	r.Receipt.Gas++
	r.Receipt.Trace = trace.Root(r.Intervals)
	c.sign(t)
	e, err = c.replay(3, c.verdict(t, "challenger", 3, msg.Invalid))
	c.convicts(t, e, err, "provider")
}

// moved is a job that one provider began, lying or not, and another took over behind interval 3.
func moved(t testing.TB, job *runtime.Job, r *ran) *court {
	t.Helper()
	c := &court{job: job, run: r, ids: identities(t)}
	c.ids["first"] = newKey(t)
	old := specOf(job.Program, c.ids)
	spec := old
	spec.Nonce = 1
	spec.Prior = &msg.Prior{Job: msg.HashOf(old), Intervals: 4, Trace: trace.Root(r.res.Intervals[:4])}
	receipt := r.res.Receipt
	receipt.Job, receipt.Provider, receipt.Nonce, receipt.Ended = msg.HashOf(spec), c.account("provider"), msg.Hash{9}, ended
	reveal := sign(t, c.ids["consumer"], rpc.Reveal{Job: receipt.Job, Secret: secret})
	c.records = rpc.JobRecords{Spec: sign(t, c.ids["consumer"], spec), Receipt: sign(t, c.ids["provider"], receipt), Reveal: &reveal,
		Earlier: []identity.Signed{sign(t, c.ids["consumer"], old)}}
	for i, rec := range r.res.Intervals {
		by, under := "provider", receipt.Job
		if i < 4 {
			by, under = "first", msg.HashOf(old)
		}
		c.records.Intervals = append(c.records.Intervals, sign(t, c.ids[by], rpc.IntervalCommit{Job: under, Record: rec}))
	}
	var err error
	if c.said, err = claim.Read(&c.records); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestReplayOfMovedJob: a lie in the part that was taken over is its signer's, not of the one who went on from it.
func TestReplayOfMovedJob(t *testing.T) {
	job := waves(t)
	told := lieAt
	c := moved(t, job, run(t, job, &told))
	for i := range uint64(6) {
		e, err := c.replay(i, c.verdict(t, "challenger", i, msg.Valid))
		if i == lieIn {
			c.convicts(t, e, err, "first", "challenger")
		} else if !errors.Is(err, ErrEvidence) {
			t.Errorf("interval %d: %v", i, err)
		}
	}
	// Nor is it the new provider's to dispute about.
	a := account(t, job, c.run, lieIn, nil)
	rec, err := a.Record(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ch := challengeOf(t, &c.records, c.ids)
	ch.Record = rec
	if _, err := BeginWith(c.said, sign(t, c.ids["challenger"], ch)); !errors.Is(err, ErrMove) {
		t.Errorf("a dispute about another's interval: %v", err)
	}
	// A record whose gas is not its state's, of the last interval before: an honest provider does not go on from it, and whoever says it did
	// is not blamed for that.
	r := run(t, job, nil)
	for i := 3; i < 6; i++ {
		r.res.Intervals[i].Gas++
	}
	r.res.Receipt.Gas++
	r.res.Receipt.Trace = trace.Root(r.res.Intervals)
	c = moved(t, job, r)
	e, err := c.replay(4, nil)
	c.convicts(t, e, err, "first")
}

// TestReplayRefused is evidence that proves nothing: of another receipt, of another state, or too much for who is to look at it.
func TestReplayRefused(t *testing.T) {
	ctx := context.Background()
	c := try(t, waves(t), &lieAt)
	e, err := c.replay(lieIn, c.verdict(t, "challenger", lieIn, msg.Valid))
	if err != nil {
		t.Fatal(err)
	}
	other := try(t, c.job, &lieAt)
	for name, change := range map[string]func(*Evidence, *Replay){
		"another interval":         func(_ *Evidence, r *Replay) { r.Interval++ },
		"no such interval":         func(_ *Evidence, r *Replay) { r.Interval = 6 },
		"the first interval":       func(_ *Evidence, r *Replay) { r.Interval = 0 },
		"another receipt":          func(e *Evidence, _ *Replay) { e.Records = &other.records },
		"no state":                 func(_ *Evidence, r *Replay) { r.Manifest, r.Pages = nil, nil },
		"a page less":              func(_ *Evidence, r *Replay) { r.Pages = r.Pages[1:] },
		"a page more":              func(_ *Evidence, r *Replay) { r.Pages = append(slices.Clone(r.Pages), r.Pages[0]) },
		"pages turned round":       func(_ *Evidence, r *Replay) { r.Pages = slices.Clone(r.Pages); slices.Reverse(r.Pages) },
		"another's state":          func(_ *Evidence, r *Replay) { r.Manifest = c.run.states[lieIn].Manifest() },
		"no blobs":                 func(e *Evidence, _ *Replay) { e.Blobs = nil },
		"verdict on another":       func(_ *Evidence, r *Replay) { r.Verdict = c.verdict(t, "challenger", 2, msg.Valid) },
		"verdict on other receipt": func(_ *Evidence, r *Replay) { r.Verdict = other.verdict(t, "challenger", lieIn, msg.Valid) },
		"verdict on a second receipt": func(_ *Evidence, r *Replay) {
			s := changed(t, c.ids["challenger"], *r.Verdict, func(v *msg.Verdict) { v.Receipt[0] ^= 1 })
			r.Verdict = &s
		},
		"verdict of another": func(_ *Evidence, r *Replay) {
			var v msg.Verdict
			_, _ = r.Verdict.Open(&v)
			s := sign(t, c.ids["w1"], v)
			r.Verdict = &s
		},
	} {
		bad, r := *e, *e.Replay
		bad.Replay = &r
		change(&bad, &r)
		if out, err := bad.Verify(ctx, nil); err == nil {
			t.Errorf("%s: %+v", name, out)
		}
	}
	var unable *runtime.UnavailableError
	for name, v := range map[string]*Verifier{"memory": {MaxMemory: 1 << 20}, "time": {MaxTime: time.Nanosecond}} {
		if out, err := v.Verify(ctx, e); !errors.As(err, &unable) {
			t.Errorf("too little %s: %+v, %v", name, out, err)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if out, err := e.Verify(cancelled, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %+v, %v", out, err)
	}
}

// TestReplayIsBounded: a guest that never ends takes no longer than the verifier gives it, and proves nothing.
func TestReplayIsBounded(t *testing.T) {
	wasm, err := os.ReadFile("../../runtime/testdata/modes.wasm")
	if err != nil {
		t.Fatal(err)
	}
	job, err := runtime.NewJob(wasm, nil, runtime.Spec{Args: []string{"loop"}, Interval: 2})
	if err != nil {
		t.Fatal(err)
	}
	rec := msg.Interval{LastStep: 2}
	c := &court{job: job, ids: identities(t), run: &ran{res: &runtime.Result{Intervals: []msg.Interval{rec}, Receipt: msg.Receipt{Version: 1, Program: job.Hash,
		Semantics: job.Program.Semantics, Status: msg.Finished, Trace: trace.Root([]msg.Interval{rec}), Intervals: 1, Steps: 2}}}}
	c.sign(t)
	e := &Evidence{Version: 2, Records: &c.records, Replay: &Replay{Manifest: []byte{}, Pages: [][]byte{}}}
	e.Include(job)
	var unable *runtime.UnavailableError
	if out, err := (&Verifier{MaxTime: 300 * time.Millisecond}).Verify(context.Background(), e); !errors.As(err, &unable) {
		t.Errorf("%+v, %v", out, err)
	}
}
