package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/host/validator"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// court is the node's book, from which whoever is found guilty of a job that is paid is accused on the chain.
type court struct {
	*free.Settlement
	n *Node
}

// Rule has the guilty accused before it is written: it is remembered by then, and a ruling that is made again changes nothing.
func (c *court) Rule(ctx context.Context, r settle.Ruling) error {
	if err := c.n.accuse(ctx, &r); err != nil {
		return err
	}
	return c.Settlement.Rule(ctx, r)
}

// accuse accuses those that a ruling names, as far as they have something at stake in the job. A juror is accused of what it signed only, never of
// silence: the witnesses of that are among candidates that the consumer had named, whom the juror never agreed to, and it may be that only its
// line was down. It has lost its fee. A provider has agreed to the candidates, and has its bond in the job.
func (n *Node) accuse(ctx context.Context, r *settle.Ruling) error {
	made, err := n.Settlement.Case(ctx, r.Job)
	if err != nil {
		return err
	}
	if known, err := n.contradicted(ctx, r); err != nil || known {
		return err
	}
	t := &made.Agreement.Terms
	if made.Agreement.ProviderSig == (identity.Signature{}) {
		return nil // nobody is paid for it
	}
	var spec msg.JobSpec
	if err := msg.Decode(made.Spec.Body, &spec); err != nil {
		return err
	}
	silence, err := n.bySilence(r)
	if err != nil {
		return err
	}
	for _, a := range r.Guilty {
		if a != t.Provider && silence {
			continue
		}
		if a != t.Provider && !slices.ContainsFunc(spec.Policy.Candidates, func(c msg.Candidate) bool { return c.Account == a }) {
			continue
		}
		if err := n.chain.Accuse(ctx, r.Job, a, r.Evidence); err != nil {
			return fmt.Errorf("accusing %s: %w", a, err)
		}
	}
	return nil
}

// contradicted shows the chain two messages that exclude each other, where a contract sees that itself. It reports whether one does.
func (n *Node) contradicted(ctx context.Context, r *settle.Ruling) (bool, error) {
	if r.Kind != settle.Contradiction || len(r.Guilty) != 1 {
		return false, nil
	}
	data, err := store.ReadAll(n.cfg.Store, r.Evidence, dispute.MaxEvidence)
	if err != nil {
		return false, err
	}
	e, err := dispute.ReadEvidence(bytes.NewReader(data))
	if err != nil || e.Contradiction == nil || len(e.Contradiction.Messages) != 2 {
		return false, err
	}
	return n.chain.Contradicted(ctx, r.Guilty[0], e.Contradiction.Messages[0], e.Contradiction.Messages[1])
}

// bySilence reports whether a ruling is by the word of witnesses that somebody did not answer.
func (n *Node) bySilence(r *settle.Ruling) (bool, error) {
	if r.Kind != settle.Dispute {
		return r.Kind == settle.Absence, nil
	}
	data, err := store.ReadAll(n.cfg.Store, r.Evidence, dispute.MaxEvidence)
	if err != nil {
		return false, err
	}
	e, err := dispute.ReadEvidence(bytes.NewReader(data))
	return err == nil && e.Dispute != nil && len(e.Dispute.Silence) > 0, err
}

// serveAgreements tells jurors what was agreed on about a job.
func (n *Node) serveAgreements(mux *transport.Mux) {
	if n.purse == nil {
		return
	}
	transport.Handle(mux, rpc.MethodAgreement, func(ctx context.Context, _ msg.Account, r rpc.JobRef) (rpc.Agreement, error) {
		if n.Payee != nil {
			if a, ok := n.Payee.Agreed(r.Job); ok {
				return a, nil
			}
		}
		made, err := n.Settlement.Case(ctx, r.Job)
		if errors.Is(err, settle.ErrUnknown) {
			return rpc.Agreement{}, transport.Errorf(transport.NotFound, "%v", err)
		}
		if err != nil {
			return rpc.Agreement{}, err
		}
		return made.Agreement, nil
	})
}

// retry is how often something that others have to give is asked for again.
const retry = 2 * time.Second

// until tries something until it is done or the time has come.
func until(ctx context.Context, end time.Time, try func(ctx context.Context) error) error {
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retry):
		}
	}
}

// share is the part of a duty's time that is for getting what is to be judged; the rest is for judging it and for the chain.
func share(end time.Time) time.Time { return time.Now().Add(time.Until(end) / 2) }

// Judge judges a receipt for which this node was drawn on the chain.
func (n *Node) Judge(ctx context.Context, d evm.Duty) (evm.Judgement, error) {
	unable := evm.Judgement{Value: msg.Unavailable}
	if n.Validator == nil {
		return unable, errors.New("this node is no validator")
	}
	var records rpc.JobRecords
	var from *peer.Peer
	err := until(ctx, share(d.Until), func(ctx context.Context) (err error) {
		if from, err = n.find(ctx, d.Provider); err == nil {
			records, err = from.Records(ctx, d.Terms.Job)
		}
		return err
	})
	if ctx.Err() != nil {
		return unable, ctx.Err()
	}
	if err != nil {
		n.cfg.Log.Warn("drawn for a job whose provider does not give its records", "job", d.Terms.Job, "err", err)
		return unable, nil
	}
	if said, err := claim.Read(&records); (err == nil || said != nil) && (said.Job != d.Terms.Job || msg.HashOf(said.Receipt) != d.Receipt) {
		n.cfg.Log.Warn("drawn for a job whose provider gives the records of another", "job", d.Terms.Job)
		return unable, nil
	}
	f, err := n.Validator.Called(ctx, from, records, d.Seed)
	if ctx.Err() != nil {
		return unable, ctx.Err()
	}
	if err != nil {
		n.cfg.Log.Warn("drawn for a job that cannot be checked", "job", d.Terms.Job, "err", err)
		return unable, nil
	}
	out := evm.Judgement{Value: msg.Valid}
	for _, v := range f.Opened() {
		if v.Value == msg.Invalid && out.Value != msg.Invalid || v.Value == msg.Unavailable && out.Value == msg.Valid {
			out.Value, out.Interval = v.Value, v.Interval
		}
	}
	if out.Value == msg.Invalid {
		if err = n.prepare(ctx, d, f, &out); err != nil {
			n.cfg.Log.Warn("what was found invalid cannot be proven", "job", d.Terms.Job, "err", err)
		}
	}
	return out, nil
}

// prepare adds to a judgement what is needed to accuse the provider.
func (n *Node) prepare(ctx context.Context, d evm.Duty, f *validator.Findings, j *evm.Judgement) error {
	e, _, err := n.Validator.Prove(ctx, f)
	if err != nil {
		return err
	}
	out, err := e.Verify(ctx, nil)
	if err != nil {
		return err
	}
	if !slices.Contains(out.Guilty, d.Provider) {
		return fmt.Errorf("guilty is %v, not the provider: %s", out.Guilty, out.Reason)
	}
	for _, who := range []msg.Account{d.Provider, d.Terms.Consumer} {
		if j.Agreement, err = n.agreement(ctx, who, d.Terms.Job); err == nil && j.Agreement.Terms != d.Terms {
			err = errors.New("other terms than were opened")
		}
		if err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("nobody shows what was agreed on: %w", err)
	}
	j.Spec = f.Records.Spec
	if err := n.Settlement.Open(ctx, j.Spec, j.Agreement); err != nil { // whoever judges the evidence asks for it
		return err
	}
	var data bytes.Buffer
	if err := e.Write(&data); err != nil {
		return err
	}
	j.Evidence, err = n.cfg.Store.Put(ctx, "evidence/"+d.Terms.Job.String(), &data)
	return err
}

// agreement asks an account what was agreed on about a job: over a connection that it made, or where the registry says that it is.
func (n *Node) agreement(ctx context.Context, who msg.Account, job msg.Hash) (a rpc.Agreement, err error) {
	for _, c := range n.Endpoint.Conns() {
		if c.Peer() != who {
			continue
		}
		if a, err = transport.Call[rpc.JobRef, rpc.Agreement](ctx, c, rpc.MethodAgreement, rpc.JobRef{Job: job}); err == nil {
			return a, nil
		}
	}
	p, lost := n.find(ctx, who)
	if lost != nil {
		return a, errors.Join(err, lost)
	}
	return p.Agreement(ctx, job)
}

// Vote judges evidence as a member of a committee. Innocent is for evidence that was gone through and does not show the accused guilty of anything
// in this job. Whatever keeps this node from finding that out, its own machine as well as the accuser, makes it Unavailable, in time for the vote
// to count: an error is given only where this node stops.
func (n *Node) Vote(ctx context.Context, q evm.Question) (evm.Ballot, error) {
	if q.Evidence.Size > dispute.MaxEvidence {
		return evm.Innocent, nil // whatever it is, it is no evidence
	}
	unable := func(why string, err error) (evm.Ballot, error) {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		n.cfg.Log.Warn(why, "question", q.ID, "accuser", q.Accuser, "accused", q.Accused, "err", err)
		return evm.Unavailable, nil
	}
	own := fmt.Sprintf("question/%d", q.ID)
	var data []byte
	err := until(ctx, share(q.Until), func(ctx context.Context) (err error) {
		if err = n.fetch(ctx, q.Accuser, own, []msg.Blob{q.Evidence}); err != nil {
			p, lost := n.find(ctx, q.Accuser)
			if lost == nil {
				lost = p.Fetch(ctx, n.cfg.Store, own, []msg.Blob{q.Evidence})
			}
			if lost != nil {
				return errors.Join(err, lost)
			}
		}
		data, err = store.ReadAll(n.cfg.Store, q.Evidence, dispute.MaxEvidence)
		return err
	})
	if err != nil {
		return unable("the accuser does not bring its evidence", err)
	}
	defer func() {
		if err := n.cfg.Store.Expire(own, time.Now().Add(settle.Grace)); err != nil {
			n.cfg.Log.Warn("evidence that was judged", "err", err)
		}
	}()
	e, err := dispute.ReadEvidence(bytes.NewReader(data))
	if err != nil {
		return evm.Innocent, nil
	}
	judging, cancel := context.WithDeadline(ctx, share(q.Until))
	defer cancel()
	out, err := e.Verify(judging, nil)
	if err != nil && !errors.Is(err, dispute.ErrEvidence) {
		return unable("evidence that cannot be gone through", err)
	}
	return ballot(e, out, &q), nil
}

// ballot is the vote on evidence that was gone through; out is nil where it was refused. Guilt counts in the job that the question is about: the
// evidence's own, or one that it goes on from.
func ballot(e *dispute.Evidence, out *dispute.Outcome, q *evm.Question) evm.Ballot {
	switch {
	case out == nil || !slices.Contains(out.Guilty, q.Accused):
		return evm.Innocent
	case len(out.Witnesses) > 0 && q.Accused != q.Provider:
		return evm.Innocent // see accuse
	case q.Job == (msg.Hash{}):
		return evm.Unavailable // nobody says which job it is about
	case out.Job == q.Job:
		return evm.Guilty
	case e.Records != nil && slices.ContainsFunc(e.Records.Earlier, func(signed identity.Signed) bool {
		var spec msg.JobSpec
		return msg.Decode(signed.Body, &spec) == nil && msg.HashOf(spec) == q.Job
	}):
		return evm.Guilty
	}
	return evm.Innocent
}

// Paid hears what the chain did about this node's money.
func (n *Node) Paid(p evm.Payment) {
	said := []any{"what", p.Kind, "payee", p.Payee, "amount", p.Amount, "block", p.Block}
	if p.Job != (msg.Hash{}) { // vouchers are of many
		said = append(said, "job", p.Job)
	}
	n.cfg.Log.Info("chain", said...)
	if n.cfg.Money.Paid != nil {
		n.cfg.Money.Paid(p)
	}
}
