package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/provider"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/host/witness"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// book is a provider's own account of what becomes of its jobs: the same settlement that the consumer keeps, from the messages that come
// here. A consumer that owes its share of the beacon is asked for it by witnesses; what it does is remembered of it.
//
// It works beside the jobs, one thing after the other, and takes up every job again when the node starts: what it has not written down
// before it is killed it does again.
type book struct {
	n         *Node
	announced store.Journal // of announcements, by job

	mu    sync.Mutex
	due   map[msg.Hash]time.Time
	fresh map[msg.Hash][]identity.Signed // announcements that are not in the journal yet
	asked map[msg.Hash]bool              // for whose share witnesses are being asked, or were
	wake  chan struct{}

	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup
}

func newBook(n *Node) *book {
	b := &book{n: n, announced: n.cfg.Store.Journal("node/announcements"), due: map[msg.Hash]time.Time{}, fresh: map[msg.Hash][]identity.Signed{},
		asked: map[msg.Hash]bool{}, wake: make(chan struct{}, 1)}
	b.ctx, b.stop = context.WithCancel(context.Background())
	return b
}

// taken takes note of where the candidates of a job are.
func (b *book) taken(job msg.Hash, announcements []identity.Signed) {
	if b.n.Payee != nil {
		b.later(func() { b.begun(job) })
	}
	if len(announcements) == 0 || len(announcements) > 2*msg.MaxCandidates {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for old := range b.fresh {
		if len(b.fresh) < maxFresh {
			break
		}
		delete(b.fresh, old) // of a job that is never done, most likely
	}
	b.fresh[job] = announcements
}

// maxFresh bounds the jobs under way whose announcements are remembered. The consumer brings them again whenever it connects.
const maxFresh = 1024

// begun enters a job that is paid before there is a receipt: its escrow may have to be opened meanwhile.
func (b *book) begun(job msg.Hash) {
	if b.n.Payee == nil {
		return
	}
	signed, err := b.n.Provider.Spec(job)
	if err == nil {
		if a, ok := b.n.Payee.Agreed(job); ok {
			err = b.n.Settlement.Open(b.ctx, signed, a)
		}
	}
	if err != nil && b.ctx.Err() == nil {
		b.n.cfg.Log.Warn("the book of a job", "job", job, "err", err)
	}
}

// owed notes what a job that is settled in this book means for its payment. Where nobody judged it the chain is to: this provider did its work.
func (b *book) owed(job msg.Hash, out *settle.Outcome) error {
	switch {
	case b.n.Payee == nil:
		return nil
	case out.Accepted:
		b.n.sold(job)
		return b.n.Payee.Accepted(job)
	case out.Guilty != nil:
		return b.n.Payee.Over(job)
	}
	return b.n.Payee.Silent(job)
}

// changed has a job looked at now.
func (b *book) changed(job msg.Hash) { b.lookAt(job, time.Time{}) }

func (b *book) lookAt(job msg.Hash, when time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.due[job]; !ok || when.Before(old) {
		b.due[job] = when
	}
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// start begins, with the jobs that there are.
func (b *book) start() {
	for _, j := range b.n.Provider.List(false).Jobs {
		if j.State == rpc.StateDone {
			b.changed(j.Job)
		} else if !j.State.Over() {
			b.later(func() { b.begun(j.Job) })
		}
	}
	b.work.Go(b.run)
}

func (b *book) close() {
	b.mu.Lock()
	b.stop()
	b.mu.Unlock()
	b.work.Wait()
}

// later does something beside the rest, unless the book is being closed.
func (b *book) later(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx.Err() == nil {
		b.work.Go(f)
	}
}

// next gives the job that is due first, and when.
func (b *book) next() (job msg.Hash, when time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for k, t := range b.due {
		if !ok || t.Before(when) {
			job, when, ok = k, t, true
		}
	}
	if ok && !time.Now().Before(when) {
		delete(b.due, job)
	}
	return job, when, ok
}

func (b *book) run() {
	for {
		job, when, ok := b.next()
		if wait := time.Until(when); !ok || wait > 0 {
			if !ok {
				wait = time.Hour
			}
			select {
			case <-b.ctx.Done():
				return
			case <-b.wake:
			case <-time.After(wait):
			}
			continue
		}
		if b.ctx.Err() != nil {
			return
		}
		if err := b.look(job); err != nil && b.ctx.Err() == nil {
			b.n.cfg.Log.Warn("the book of a job", "job", job, "err", err)
		}
	}
}

// look brings a job's settlement up to date, and sees to what is owed.
func (b *book) look(job msg.Hash) error {
	b.mu.Lock()
	announcements := b.fresh[job]
	delete(b.fresh, job)
	b.mu.Unlock()
	if announcements != nil {
		if err := b.announced.Put(job, announcements); err != nil {
			return err
		}
	}
	records, err := b.n.Provider.Records(job)
	if errors.Is(err, provider.ErrUnknown) || errors.Is(err, provider.ErrRefused) {
		return nil // forgotten, or without a receipt
	}
	if err != nil {
		return err
	}
	c, err := claim.Read(&records)
	if err != nil {
		return err
	}
	var out *settle.Outcome
	err = b.n.Settlement.Together(func(s settle.Settlement) error {
		if err := s.Open(b.ctx, records.Spec, b.n.agreed(&c.Spec)); err != nil {
			return err
		}
		if err := s.Commit(b.ctx, records.Receipt); err != nil {
			return err
		}
		if records.Reveal != nil {
			if err := s.Reveal(b.ctx, *records.Reveal); err != nil {
				return err
			}
		}
		out, err = s.Settle(b.ctx, job)
		return err
	})
	switch {
	case err == nil:
		if err := b.owed(job, out); err != nil {
			return err
		}
		b.n.cfg.Log.Debug("job settled", "job", job, "accepted", out.Accepted, "reason", out.Reason)
		b.mu.Lock()
		delete(b.asked, job)
		b.mu.Unlock()
		return b.announced.Delete(job)
	case !errors.Is(err, settle.ErrNotYet):
		return err
	}
	closes := settle.Closes(&c.Spec, &c.Receipt)
	if owed := time.Unix(c.Receipt.Ended, 0).Add(time.Duration(c.Spec.Policy.Clock) * time.Second); records.Reveal == nil && c.Spec.Policy.Clock > 0 && owed.Before(closes) {
		if time.Now().Before(owed) {
			b.lookAt(job, owed)
			return nil
		}
		b.ask(records, c)
	}
	b.lookAt(job, closes.Add(time.Second))
	return nil
}

// ask has witnesses see whether the consumer gives its share, once while this node is up.
func (b *book) ask(records rpc.JobRecords, c *claim.Claims) {
	b.mu.Lock()
	asked := b.asked[c.Job]
	b.asked[c.Job] = true
	b.mu.Unlock()
	if asked {
		return
	}
	b.later(func() {
		if err := b.silent(records, c); err != nil && b.ctx.Err() == nil {
			b.n.cfg.Log.Info("the consumer owes its share of the beacon", "job", c.Job, "err", err)
		}
	})
}

func (b *book) silent(records rpc.JobRecords, c *claim.Claims) error {
	var announcements []identity.Signed
	if err := b.announced.Get(c.Job, &announcements); err != nil {
		return fmt.Errorf("it is not known where witnesses are: %w", err)
	}
	reach := func(a msg.Account) witness.Teller {
		for _, signed := range announcements {
			var x rpc.Announcement
			if signed.OpenFrom(&x, a) == nil && len(x.Addrs) > 0 {
				return peer.New(b.n.Endpoint, x.Addrs[0], &a)
			}
		}
		return nil
	}
	t, err := witness.Ask(b.ctx, reach, rpc.WitnessRequest{Records: records, Who: c.Spec.Consumer, Duty: rpc.DutyReveal})
	if err != nil {
		return err
	}
	if t.Given != nil {
		if t.Given.Signed == nil {
			return fmt.Errorf("witness %s gave something else", t.By)
		}
		_, err := b.n.Provider.Reveal(*t.Given.Signed)
		return err
	}
	e, err := dispute.Absent(records, dispute.Absence{Statements: t.Absences, Others: []identity.Signed{}})
	if err != nil {
		return err
	}
	return b.prove(c.Job, e)
}

// prove stores evidence and rules by it.
func (b *book) prove(job msg.Hash, e *dispute.Evidence) error {
	out, err := e.Verify(b.ctx, nil)
	if err != nil {
		return err
	}
	var data bytes.Buffer
	if err := e.Write(&data); err != nil {
		return err
	}
	blob, err := b.n.cfg.Store.Put(b.ctx, "evidence/"+job.String(), &data)
	if err != nil {
		return err
	}
	b.n.cfg.Log.Warn("proven", "job", job, "guilty", out.Guilty, "reason", out.Reason)
	err = b.n.Settlement.Rule(b.ctx, settle.Ruling{Job: job, Kind: out.Kind, Guilty: out.Guilty, Reason: out.Reason, Evidence: blob})
	b.changed(job)
	return err
}

// deceived takes a share of the beacon that the consumer had not committed itself to: a proof against it.
func (b *book) deceived(job msg.Hash, spec, reveal identity.Signed) {
	b.later(func() {
		e, err := dispute.Contradicts(spec, reveal)
		if err == nil {
			if err = b.look(job); err == nil { // for there to be a job to rule on
				err = b.prove(job, e)
			}
		}
		if err != nil && b.ctx.Err() == nil {
			b.n.cfg.Log.Warn("a false share of the beacon", "job", job, "err", err)
		}
	})
}

// judged takes what validators found, as the consumer brings it. Its word is not needed: all of it is signed.
func (b *book) judged(who msg.Account, r rpc.Judged) (rpc.JobStatus, error) {
	status, err := b.n.Provider.Status(r.Job)
	if err != nil {
		return status, transport.Errorf(transport.NotFound, "%v", err)
	}
	if who != status.Consumer {
		return status, transport.Errorf(transport.Forbidden, "job %s belongs to %s, not to %s", r.Job, status.Consumer, who)
	}
	if len(r.Promises)+len(r.Opened)+len(r.Absences) > 8*msg.MaxCandidates {
		return status, transport.Errorf(transport.BadRequest, "%d promises, %d openings and %d absences", len(r.Promises), len(r.Opened), len(r.Absences))
	}
	b.later(func() {
		if err := b.enter(r); err != nil && b.ctx.Err() == nil {
			b.n.cfg.Log.Info("what validators are said to have found", "job", r.Job, "err", err)
		}
	})
	return status, nil
}

// enter makes the moves that came together.
func (b *book) enter(r rpc.Judged) error {
	if err := b.look(r.Job); err != nil {
		return err
	}
	var faults []error
	err := b.n.Settlement.Together(func(s settle.Settlement) error {
		for _, p := range r.Promises {
			faults = append(faults, s.Promise(b.ctx, p))
		}
		for _, o := range r.Opened {
			faults = append(faults, s.Opened(b.ctx, o))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(r.Absences) > 0 {
		faults = append(faults, b.absent(r))
	}
	b.changed(r.Job)
	return errors.Join(faults...)
}

// absent rules on jurors whom witnesses found absent.
func (b *book) absent(r rpc.Judged) error {
	records, err := b.n.Provider.Records(r.Job)
	if err != nil {
		return err
	}
	c, err := claim.Read(&records)
	if err != nil {
		return err
	}
	if c.Secret == nil {
		return fmt.Errorf("the share of the beacon is missing: %w", settle.ErrNotYet)
	}
	seed := settle.Beacon(c.Job, *c.Secret, c.Receipt.Nonce, c.Receipt.Trace)
	var faults []error
	for _, about := range settle.Attested(seed, &c.Spec, &c.Receipt, r.Absences) {
		a := dispute.Absence{Others: []identity.Signed{}}
		for _, signed := range r.Absences {
			var x rpc.Absence
			if msg.Decode(signed.Body, &x) != nil {
				continue
			}
			if settle.About(&x) == about {
				a.Statements = append(a.Statements, signed)
			} else if x.Who != about.Who {
				a.Others = append(a.Others, signed)
			}
		}
		switch about.Duty {
		case rpc.DutyPromise:
		case rpc.DutyVerdict:
			for i := range r.Promises {
				var p rpc.VerdictCommit
				if msg.Decode(r.Promises[i].Body, &p) == nil && p.Validator == about.Who {
					a.Owed = &r.Promises[i]
				}
			}
		default:
			continue // about a challenge it needs the verdict, which the provider was told in the dispute, if it was
		}
		e, err := dispute.Absent(records, a)
		if err == nil {
			err = b.prove(r.Job, e)
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// refuses says why no jobs of a consumer are taken.
func (b *book) refuses(consumer msg.Account) string {
	r := b.n.reputation(free.Consumer, consumer)
	if !r.Barred(time.Now()) {
		return ""
	}
	return fmt.Sprintf("%s owed this provider something %d times and deceived it %d times; its jobs are taken again at %s", consumer, r.Missed, r.Wrong,
		time.Unix(r.Until, 0).UTC().Format(time.RFC3339))
}
