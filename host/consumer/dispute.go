package consumer

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// Disputed is a dispute that was led to its end.
type Disputed struct {
	Evidence *dispute.Evidence
	Outcome  *dispute.Outcome
	Blob     msg.Blob // of the evidence, in this node's store
}

// disputeRecord is what the journal has of a dispute that is under way.
type disputeRecord struct {
	Evidence dispute.Evidence `cbor:"1,keyasint"`
}

// dispute has the verdicts that found something invalid proven or refuted, of each validator the first such interval, until one is proven.
// What cannot be led to its end leaves the verdict standing, as it would be without.
func (c *Consumer) dispute(ctx context.Context, r *run, nodes []*node, event func(Event)) error {
	first := map[msg.Account]found{}
	for _, f := range r.invalid {
		if old, ok := first[f.by.account]; !ok || f.interval < old.interval {
			first[f.by.account] = f
		}
	}
	if len(first) == 0 {
		return nil
	}
	job, err := c.loadJob(r)
	if err != nil {
		return err
	}
	list := slices.Collect(maps.Values(first))
	sort.Slice(list, func(i, k int) bool {
		return list[i].interval < list[k].interval || list[i].interval == list[k].interval && bytes.Compare(list[i].by.account[:], list[k].by.account[:]) < 0
	})
	proven := false
	for _, f := range list {
		if proven {
			break // once is enough
		}
		d, err := c.lead(ctx, r, job, f, event)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			c.cfg.Log.Warn("dispute", "job", r.res.Job, "interval", f.interval, "err", err)
			event(Event{Job: r.res.Job, Provider: r.s.Addr, Kind: "ruling", Text: "no ruling: " + err.Error()})
			continue
		}
		r.res.Disputes = append(r.res.Disputes, *d)
		proven = slices.Contains(d.Outcome.Guilty, r.s.Provider)
		err = c.cfg.Settlement.Rule(ctx, settle.Ruling{Dispute: d.Outcome.Dispute, Job: r.res.Job, Interval: f.interval, Provider: r.s.Provider,
			Challenger: f.by.account, Guilty: d.Outcome.Guilty, Reason: d.Outcome.Reason, Evidence: d.Blob})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Consumer) loadJob(r *run) (*runtime.Job, error) {
	return runtime.LoadJob(&r.spec.Program, func(b msg.Blob) ([]byte, error) { return store.ReadAll(c.cfg.Store, b, b.Size) })
}

// lead referees one dispute, from where the journal has it.
func (c *Consumer) lead(ctx context.Context, r *run, job *runtime.Job, f found, event func(Event)) (*Disputed, error) {
	journal := c.cfg.Store.Journal("consumer/disputes")
	clock := r.spec.Policy.Clock
	signed, err := f.by.Challenge(ctx, rpc.ChallengeRequest{Job: r.res.Job, Interval: f.interval, Referee: c.cfg.Identity.Account(), Clock: clock})
	if err != nil {
		return nil, fmt.Errorf("%s does not dispute what it found invalid: %w", f.by.account, err)
	}
	var ch dispute.Challenge
	if err := signed.OpenFrom(&ch, f.by.account); err != nil {
		return nil, err
	}
	if ch.Clock != clock || ch.Referee != c.cfg.Identity.Account() || ch.Record.Index != f.interval {
		return nil, fmt.Errorf("%s challenges something else than it was asked about", f.by.account)
	}
	id := msg.HashOf(ch)
	e := dispute.Begun(r.res.Records, signed, []identity.Signed{})
	var kept disputeRecord
	if journal.Get(id, &kept) == nil {
		e = &kept.Evidence
	}
	event(Event{Job: r.res.Job, Provider: r.s.Addr, Kind: "dispute", Text: fmt.Sprintf("%s disputes interval %d", f.by.account, f.interval)})
	ref := &dispute.Referee{Identity: c.cfg.Identity, Keep: func(e *dispute.Evidence) error {
		return journal.Put(id, disputeRecord{Evidence: *e})
	}}
	out, err := ref.Lead(ctx, e, job, c.Peer(r.s), f.by)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := e.Write(&b); err != nil {
		return nil, err
	}
	d := &Disputed{Evidence: e, Outcome: out}
	if d.Blob, err = c.cfg.Store.Put(ctx, "evidence/"+r.res.Job.String(), &b); err != nil {
		return nil, err
	}
	who := "nobody"
	for i, a := range out.Guilty {
		if i == 0 {
			who = ""
		} else {
			who += ", "
		}
		who += a.String()
	}
	event(Event{Job: r.res.Job, Provider: r.s.Addr, Kind: "ruling", Text: fmt.Sprintf("wrong is %s after %d rounds: %s", who, out.Rounds, out.Reason)})
	return d, journal.Delete(id)
}
