package node

import (
	"bytes"
	"context"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Elsewhere holds records of a job against what this node's validator was shown of it before. Where their signer told two things, the evidence
// is kept for good, and it is known for it here. Without a contradiction out is nil.
func (n *Node) Elsewhere(ctx context.Context, records *rpc.JobRecords) (evidence msg.Blob, out *dispute.Outcome, _ error) {
	e, err := n.Validator.Elsewhere(records)
	if e == nil || err != nil {
		return msg.Blob{}, nil, err
	}
	if out, err = e.Verify(ctx, nil); err != nil {
		return msg.Blob{}, nil, err
	}
	var data bytes.Buffer
	if err := e.Write(&data); err != nil {
		return msg.Blob{}, nil, err
	}
	if evidence, err = n.cfg.Store.Put(ctx, "evidence/"+out.Job.String(), &data); err != nil {
		return msg.Blob{}, nil, err
	}
	n.cfg.Log.Warn("proven", "job", out.Job, "guilty", out.Guilty, "reason", out.Reason, "evidence", evidence.Root)
	if n.chain != nil {
		if _, err := n.contradicted(ctx, &settle.Ruling{Job: out.Job, Kind: out.Kind, Guilty: out.Guilty, Evidence: evidence}); err != nil {
			return evidence, out, err
		}
	}
	for _, a := range out.Guilty {
		if err := n.Settlement.Judge(a, out.Job, free.Wrong); err != nil {
			return evidence, out, err
		}
	}
	return evidence, out, nil
}
