package runtime

import (
	"bytes"
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Compare finds the first difference between two accounts of one interval of one job: two runs' records, nil where a run had ended
// before it, and their details, nil where they were not kept. It runs nothing, so it cannot say who is right; the first account is called
// the claimed one. It gives nil if they are the same. Of two jobs (sameJob false) the states are left out, since a state names its job.
func Compare(claimed, other *msg.Interval, theirs, mine *trace.Detail, sameJob bool) *msg.Difference {
	switch {
	case claimed == nil && other == nil:
		return nil
	case claimed == nil:
		return &msg.Difference{What: "record", Interval: &other.Index, Claimed: "the job is over", Computed: "another interval"}
	case other == nil:
		return &msg.Difference{What: "record", Interval: &claimed.Index, Claimed: "another interval", Computed: "the job is over"}
	}
	a, b := *claimed, *other
	if !sameJob {
		a.State, b.State = msg.Hash{}, msg.Hash{}
	}
	if a == b {
		return nil
	}
	d := compareRecords(a, b)
	if theirs != nil && mine != nil {
		if n, w := compareDetails(theirs, mine, sameJob); n != nil {
			d = n
			if w != nil {
				w.pinpoint(d)
			}
		}
	}
	d.Interval = &claimed.Index
	return d
}

// compareRecords names the first field in which two records differ.
func compareRecords(claimed, computed msg.Interval) *msg.Difference {
	d := &msg.Difference{What: "record", Claimed: fmt.Sprint(claimed), Computed: fmt.Sprint(computed)}
	switch {
	case claimed.Index != computed.Index || claimed.LastStep != computed.LastStep:
		d.Claimed, d.Computed = fmt.Sprintf("last step %d", claimed.LastStep), fmt.Sprintf("last step %d", computed.LastStep)
	case claimed.Transcript != computed.Transcript:
		d.What, d.Claimed, d.Computed = "host call", claimed.Transcript.String(), computed.Transcript.String()
	case claimed.State != computed.State:
		d.What, d.Claimed, d.Computed = "state", claimed.State.String(), computed.State.String()
	default:
		d.What = "gas"
		d.Claimed, d.Computed = summary(claimed.LastStep, claimed.Gas, claimed.GPUGas), summary(computed.LastStep, computed.Gas, computed.GPUGas)
	}
	return d
}

// writeDifference is a binding that two runs of one dispatch left with different bytes.
type writeDifference struct {
	dispatch, binding int // the dispatch's number in its host call, the number of the binding among the writable ones
	claimed, computed *trace.Write
}

// pinpoint names the first page that differs, as far as the locators tell.
func (w *writeDifference) pinpoint(d *msg.Difference) {
	for p := 0; ; p++ {
		a, b := trace.PageSum(w.claimed.Sums, p), trace.PageSum(w.computed.Sums, p)
		if a == nil || b == nil {
			return
		}
		if !bytes.Equal(a, b) {
			off := w.claimed.Offset + uint64(p)*trace.PageSize
			d.Offset = &off
			return
		}
	}
}

// compareDetails finds the first difference of two details of one interval; nil if there is none. Where it is in what a dispatch wrote
// the second result says in which binding.
func compareDetails(theirs, mine *trace.Detail, states bool) (*msg.Difference, *writeDifference) {
	for i := range mine.Steps {
		a := &mine.Steps[i]
		if i >= len(theirs.Steps) {
			return &msg.Difference{What: "record", Step: &a.Step, Claimed: "the interval is over", Computed: "another step"}, nil
		}
		b := &theirs.Steps[i]
		at := func(what string, call int, claimed, computed any) *msg.Difference {
			d := &msg.Difference{What: what, Step: &a.Step, Claimed: fmt.Sprint(claimed), Computed: fmt.Sprint(computed)}
			if call >= 0 {
				n := uint64(call)
				d.Call = &n
				if call < len(a.Calls) {
					d.Function = a.Calls[call].Function
				} else if call < len(b.Calls) {
					d.Function = b.Calls[call].Function
				}
			}
			return d
		}
		for k := range min(len(a.Calls), len(b.Calls)) {
			x, y := &a.Calls[k], &b.Calls[k]
			if x.Function != y.Function {
				return at("host call", k, y.Function, x.Function), nil
			}
			for n := range min(len(x.Dispatches), len(y.Dispatches)) {
				p, q := &x.Dispatches[n], &y.Dispatches[n]
				if p.Kernel != q.Kernel || p.Workgroups != q.Workgroups || len(p.Writes) != len(q.Writes) {
					d := at("dispatch", k, fmt.Sprintf("kernel %v over %v", q.Kernel, q.Workgroups), fmt.Sprintf("kernel %v over %v", p.Kernel, p.Workgroups))
					d.Kernel = p.Entry
					return d, nil
				}
				for w := range p.Writes {
					if p.Writes[w].Root == q.Writes[w].Root {
						continue
					}
					d := at("dispatch", k, q.Writes[w].Root, p.Writes[w].Root)
					d.Kernel, d.Buffer = p.Entry, p.Writes[w].Buffer
					return d, &writeDifference{n, w, &q.Writes[w], &p.Writes[w]}
				}
			}
			if x.Hash != y.Hash || len(x.Dispatches) != len(y.Dispatches) {
				return at("host call", k, y.Hash, x.Hash), nil
			}
			if x.Gas != y.Gas {
				return at("gas", k, y.Gas, x.Gas), nil
			}
		}
		switch {
		case len(a.Calls) != len(b.Calls) || a.Cut != b.Cut:
			k := min(len(a.Calls), len(b.Calls))
			if k < len(a.Calls) {
				return at("host call", k, "no further call in the step", a.Calls[k].Function), nil
			}
			if k < len(b.Calls) {
				return at("host call", k, b.Calls[k].Function, "no further call in the step"), nil
			}
			return at("host call", k, "", ""), nil
		case a.How != b.How:
			return at("guest", -1, b.How, a.How), nil
		case a.Gas != b.Gas || a.GPUGas != b.GPUGas:
			return at("gas", -1, summary(b.Step, b.Gas, b.GPUGas), summary(a.Step, a.Gas, a.GPUGas)), nil
		case states && a.State != b.State:
			return at("state", -1, b.State, a.State), nil
		}
	}
	if n := len(mine.Steps); n < len(theirs.Steps) {
		return &msg.Difference{What: "record", Step: &theirs.Steps[n].Step, Claimed: "another step", Computed: "the interval is over"}, nil
	}
	return nil, nil
}
