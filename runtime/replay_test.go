package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// before gives the state and record before interval i of a recorded run.
func before(r *Result, cs []Checkpoint, i uint64) (*state.Snapshot, *msg.Interval) {
	if i == 0 {
		return nil, nil
	}
	return cs[i-1].State, &r.Intervals[i-1]
}

func replay(t *testing.T, j *Job, from *state.Snapshot, claim Claim) *Verdict {
	t.Helper()
	v, err := Replay(context.Background(), j, from, claim, Options{Device: device(t)})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestReplayOfAnHonestRun(t *testing.T) {
	for _, name := range []string{"counter", "waves"} {
		j := newJob(t, name, counterInputs, Spec{Interval: 5, Seed: 3})
		rec := new(trace.Recorder)
		r, cs := record(t, j, Options{Device: device(t), Detail: rec})
		for i := range r.Intervals {
			from, prev := before(r, cs, uint64(i))
			d := rec.Interval(uint64(i))
			dec, err := trace.Decode(d.Encode())
			if err != nil {
				t.Fatal(err)
			}
			v := replay(t, j, from, Claim{Record: r.Intervals[i], Prev: prev, Detail: dec})
			if v.Value != msg.Valid || v.State.Root() != r.Intervals[i].State {
				t.Errorf("%s, interval %d: %+v, first difference %+v", name, i, v, v.First)
			}
			first := uint64(1)
			if prev != nil {
				first = prev.LastStep + 1
			}
			if err := dec.Matches(r.Intervals[i], first); err != nil {
				t.Errorf("%s, interval %d: %v", name, i, err)
			}
		}
		// Detail costs time, not bits.
		plain := run(t, j, Options{Device: device(t)})
		if !reflect.DeepEqual(plain.Intervals, r.Intervals) {
			t.Errorf("%s: with detail recorded the intervals are %v, without %v", name, r.Intervals, plain.Intervals)
		}
	}
}

// A provider that flips one bit in what a kernel wrote is found at the step, call, kernel, word and workgroup.
func TestReplayFindsTheWorkgroup(t *testing.T) {
	j := newJob(t, "waves", nil, Spec{Interval: 4})
	for _, tc := range []struct {
		fault     Fault
		kernel    string
		buffer    string
		offset    uint64
		workgroup [3]uint32
	}{
		{Fault{Step: 6, Any: true, Offset: 4 * 3333, Bit: 3}, "wave", "even", 4 * 3333, [3]uint32{3333 / 64, 0, 0}},
		{Fault{Step: 1, Any: true, Bit: 31}, "wave", "odd", 0, [3]uint32{0, 0, 0}},
		{Fault{Step: 12, Any: true, Offset: 19996, Bit: 7}, "wave", "even", 19996, [3]uint32{78, 0, 0}},
		// The second dispatch of a submit; its last workgroup has the last word on the sum.
		{Fault{Step: 7, Any: true, Binding: "0.3#1", Offset: 4 * 6, Bit: 1}, "add", "total", 4 * 6, [3]uint32{78, 0, 0}},
	} {
		fault := tc.fault
		opts := Options{Device: device(t), Fault: &fault}
		r, cs := record(t, j, opts)
		i := (tc.fault.Step - 1) / 4
		from, prev := before(r, cs, i)
		// The liar goes on lying: its detail is made by running the interval once more.
		detail, err := DetailOf(context.Background(), j, from, i, opts)
		if err != nil {
			t.Fatal(err)
		}
		claim := Claim{Record: r.Intervals[i], Prev: prev, Detail: detail}
		v := replay(t, j, from, claim)
		if v.Value != msg.Invalid || v.First == nil {
			t.Errorf("%+v: verdict %v", tc.fault, v.Value)
			continue
		}
		f := v.First
		want := msg.Difference{What: "dispatch", Interval: &i, Step: &tc.fault.Step, Call: f.Call, Function: "env.wgpuQueueSubmit",
			Kernel: tc.kernel, Workgroup: &tc.workgroup, Buffer: tc.buffer, Offset: &tc.offset, Claimed: f.Claimed, Computed: f.Computed}
		if !reflect.DeepEqual(*f, want) {
			t.Errorf("%+v: found %s, want %s", tc.fault, show(f), show(&want))
		}
		if *f.Call != fault.Call {
			t.Errorf("%+v: call %d, the fault was in call %d", tc.fault, *f.Call, fault.Call)
		}
		var a, b uint32
		fmt.Sscanf(f.Claimed, "0x%08x", &a)
		fmt.Sscanf(f.Computed, "0x%08x", &b)
		if a^b != 1<<tc.fault.Bit {
			t.Errorf("%+v: claimed %s, computed %s: they differ in %08x", tc.fault, f.Claimed, f.Computed, a^b)
		}
		// Intervals before the lie are valid, and those after it too: they follow from what was committed.
		for k := range r.Intervals {
			if uint64(k) == i {
				continue
			}
			from, prev := before(r, cs, uint64(k))
			if v := replay(t, j, from, Claim{Record: r.Intervals[k], Prev: prev}); v.Value != msg.Valid {
				t.Errorf("%+v: interval %d: %v, %s", tc.fault, k, v.Value, show(v.First))
			}
		}
		// Without locators the bytes themselves show it, and the liar's bytes fit its root.
		for s := range detail.Steps {
			for c := range detail.Steps[s].Calls {
				for d := range detail.Steps[s].Calls[c].Dispatches {
					for w := range detail.Steps[s].Calls[c].Dispatches[d].Writes {
						detail.Steps[s].Calls[c].Dispatches[d].Writes[w].Sums = nil
					}
				}
			}
		}
		claim.Buffer = func(ctx context.Context, step, call uint64, binding string) ([]byte, error) {
			return BufferAfter(ctx, j, from, step, call, binding, opts)
		}
		if v := replay(t, j, from, claim); !reflect.DeepEqual(v.First, &want) {
			t.Errorf("%+v: by its bytes found %s, want %s", tc.fault, show(v.First), show(&want))
		}
		claim.Buffer = func(context.Context, uint64, uint64, string) ([]byte, error) { return nil, errors.New("gone") }
		if v := replay(t, j, from, claim); v.Value != msg.Invalid || v.First.Workgroup != nil || v.First.Kernel != tc.kernel {
			t.Errorf("%+v: without its bytes found %s", tc.fault, show(v.First))
		}
	}
}

func show(d *msg.Difference) string { return string(mustJSON(d)) }

// Lies in the records and details themselves.
func TestReplayOfForgedClaims(t *testing.T) {
	j := newJob(t, "waves", nil, Spec{Interval: 4})
	rec := new(trace.Recorder)
	r, cs := record(t, j, Options{Device: device(t), Detail: rec})
	from, prev := before(r, cs, 1)
	good := r.Intervals[1]
	fresh := func() *trace.Detail {
		d, err := trace.Decode(rec.Interval(1).Encode())
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	other := msg.Hash{1}
	for _, tc := range []struct {
		name   string
		change func(*Claim)
		value  msg.Value
		what   string
		step   uint64
	}{
		{"state", func(c *Claim) { c.Record.State = other; c.Detail = nil }, msg.Invalid, "state", 0},
		{"transcript", func(c *Claim) { c.Record.Transcript = other; c.Detail = nil }, msg.Invalid, "host call", 0},
		{"gas", func(c *Claim) { c.Record.Gas++; c.Detail = nil }, msg.Invalid, "gas", 0},
		{"gpu gas", func(c *Claim) { c.Record.GPUGas--; c.Detail = nil }, msg.Invalid, "gas", 0},
		{"steps", func(c *Claim) { c.Record.LastStep++; c.Detail = nil }, msg.Invalid, "record", 0},
		{"detail against record", func(c *Claim) { c.Record.State = other }, msg.Invalid, "record", 0},
		{"transcript against record", func(c *Claim) { c.Record.Transcript = other }, msg.Invalid, "record", 0},
		{"a state in the middle", func(c *Claim) {
			c.Record.State = other
			c.Detail.Steps[1].State, c.Detail.Steps[3].State = other, other
		}, msg.Invalid, "state", 6},
		{"a call's hash", func(c *Claim) {
			c.Detail.Steps[2].Calls[1].Hash = other
			var tr trace.Transcript
			tr.Reset()
			for _, s := range c.Detail.Steps {
				for _, k := range s.Calls {
					tr.Add(k.Hash)
				}
				tr.EndStep(s.Step, s.How)
			}
			c.Record.Transcript = tr.Sum()
		}, msg.Invalid, "host call", 7},
		{"gas in the middle", func(c *Claim) {
			c.Detail.Steps[0].Gas--
			c.Detail.Steps[3].Gas++
			c.Record.Gas++
		}, msg.Invalid, "gas", 5},
		{"no state", func(c *Claim) { c.Prev = nil }, msg.Unavailable, "", 0},
		{"the state before does not fit its record", func(c *Claim) { p := *c.Prev; p.Gas++; c.Prev = &p }, msg.Invalid, "record", 0},
		{"nothing", func(c *Claim) {}, msg.Valid, "", 0},
	} {
		c := Claim{Record: good, Prev: prev, Detail: fresh()}
		tc.change(&c)
		v := replay(t, j, from, c)
		if v.Value != tc.value || v.First != nil && v.First.What != tc.what {
			t.Errorf("%s: %v, %s", tc.name, v.Value, show(v.First))
			continue
		}
		if tc.step != 0 && (v.First.Step == nil || *v.First.Step != tc.step) {
			t.Errorf("%s: %s, want step %d", tc.name, show(v.First), tc.step)
		}
	}
	if v := replay(t, j, nil, Claim{Record: good, Prev: prev}); v.Value != msg.Unavailable || !strings.Contains(v.Missing, prev.State.String()) {
		t.Errorf("without a state: %v, missing %q", v.Value, v.Missing)
	}
	if v := replay(t, j, cs[1].State, Claim{Record: good, Prev: prev}); v.Value != msg.Unavailable {
		t.Errorf("with another state: %v", v.Value)
	}
}

func TestReplayStops(t *testing.T) {
	j := newJob(t, "waves", nil, Spec{Interval: 4})
	r := run(t, j, Options{Device: device(t)})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Replay(ctx, j, nil, Claim{Record: r.Intervals[0]}, Options{Device: device(t)}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if _, err := Replay(context.Background(), j, nil, Claim{Record: r.Intervals[0]}, Options{}); err == nil {
		t.Error("a replay without a device succeeded")
	}
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
