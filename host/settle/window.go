package settle

import (
	"slices"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Closes is when the challenge window of a receipt ends.
func Closes(spec *msg.JobSpec, receipt *msg.Receipt) time.Time {
	return time.Unix(receipt.Ended+int64(spec.Policy.Window), 0)
}

// Out tells of the jurors that were replaced, from what witnesses say of them: those who did not promise, open or dispute a verdict.
func Out(seed msg.Hash, spec *msg.JobSpec, receipt *msg.Receipt, absences []identity.Signed) func(msg.Account) bool {
	var out []msg.Account
	for _, a := range Attested(seed, spec, receipt, absences) {
		if a.Duty == rpc.DutyPromise || a.Duty == rpc.DutyVerdict || a.Duty == rpc.DutyChallenge {
			out = append(out, a.Who)
		}
	}
	return func(a msg.Account) bool { return slices.Contains(out, a) }
}
