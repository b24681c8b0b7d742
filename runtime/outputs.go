package runtime

import (
	"fmt"
	"strings"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/state"
)

// Outputs lists what a state holds of the job's outputs, by name: what a receipt for a job that ended in this state has
// to promise.
func Outputs(s *state.Snapshot) []msg.Output {
	out := []msg.Output{}
	for _, section := range s.Names() {
		if name, ok := strings.CutPrefix(section, secOutput); ok {
			data, _ := s.Section(section)
			out = append(out, msg.Output{Name: name, Blob: merkle.BlobOf(data)})
		}
	}
	return out
}

// Ended says whether the job is over in a state, and how it ended. Nothing can go on from such a state.
func Ended(s *state.Snapshot) (msg.Status, bool) {
	var r runState
	b, ok := s.Section(secRun)
	if !ok || msg.Decode(b, &r) != nil {
		return "", false
	}
	return r.Status, r.Status != ""
}

// CompareReceipt finds how a receipt's status and outputs differ from those of the job's last state, nil if they are the same.
func CompareReceipt(last *state.Snapshot, r *msg.Receipt) *msg.Difference {
	status, over := Ended(last)
	why := failure(last)
	d := &msg.Difference{What: "record", Claimed: fmt.Sprintf("%q %q", r.Status, r.Failure), Computed: fmt.Sprintf("%q %q", status, why)}
	switch {
	case !over:
		d.Computed = "the job goes on"
		return d
	case r.Status != status || r.Failure != why:
		return d
	}
	real := Outputs(last)
	for i := range max(len(real), len(r.Outputs)) {
		var a, b string
		if i < len(r.Outputs) {
			a = fmt.Sprintf("%s: %s, %d bytes", r.Outputs[i].Name, r.Outputs[i].Blob.Root, r.Outputs[i].Blob.Size)
		}
		if i < len(real) {
			b = fmt.Sprintf("%s: %s, %d bytes", real[i].Name, real[i].Blob.Root, real[i].Blob.Size)
		}
		if a != b {
			return &msg.Difference{What: "output", Claimed: a, Computed: b}
		}
	}
	return nil
}

// failure is why a job failed that ended in a state, as its receipt has to say.
func failure(s *state.Snapshot) string {
	var r runState
	if b, ok := s.Section(secRun); !ok || msg.Decode(b, &r) != nil {
		return ""
	}
	return r.Failure
}
