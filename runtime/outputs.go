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
