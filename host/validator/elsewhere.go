package validator

import (
	"bytes"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Elsewhere holds records of a job against those that this validator was shown of it before, by others or at another time. A provider that told
// them differently has signed both: that is a proof, whatever the job computes. It gives nil where there is none.
func (v *Validator) Elsewhere(records *rpc.JobRecords) (*dispute.Evidence, error) {
	var spec msg.JobSpec
	if err := msg.Decode(records.Spec.Body, &spec); err != nil {
		return nil, err
	}
	before, err := v.all(msg.HashOf(spec))
	if err != nil {
		return nil, err
	}
	for _, f := range before {
		if e := differ(&f.Records.Receipt, &records.Receipt); e != nil {
			return e, nil
		}
		for i := range min(len(f.Records.Intervals), len(records.Intervals)) {
			if e := differ(&f.Records.Intervals[i], &records.Intervals[i]); e != nil {
				return e, nil
			}
		}
	}
	return nil, nil
}

// differ gives evidence by two messages that exclude each other, nil if they do not.
func differ(a, b *identity.Signed) *dispute.Evidence {
	if bytes.Equal(a.Body, b.Body) {
		return nil
	}
	e, err := dispute.Contradicts(*a, *b)
	if err != nil {
		return nil
	}
	return e
}
