package runtime

import (
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

// failure is why a job failed that ended in a state, as its receipt has to say.
func failure(s *state.Snapshot) string {
	var r runState
	if b, ok := s.Section(secRun); !ok || msg.Decode(b, &r) != nil {
		return ""
	}
	return r.Failure
}
