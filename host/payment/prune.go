package payment

import (
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// past reports whether a job's windows were past at a time, on the chain as well.
func past(t *msg.Terms, when time.Time) bool {
	return uint64(max(0, when.Unix())) > max(t.Opens, t.Deadline)+uint64(t.Window)
}

// Prune forgets jobs whose windows were past at a time and of which nothing is owed, and jurors' fees that nobody had paid by then. Of each
// consumer that ever paid there stay the job that its vouchers have paid last and the one released for most: they say what the next comes to.
func (p *Payee) Prune(before time.Time) (forgot int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last, most := map[msg.Account]msg.Hash{}, map[msg.Account]msg.Hash{}
	for job, d := range p.all {
		if a := d.consumer(); !d.Upto.IsZero() && (last[a] == msg.Hash{} || p.all[last[a]].Upto.Cmp(d.Upto) < 0) {
			last[a] = job
		}
		if a := d.consumer(); !d.Granted.IsZero() && (most[a] == msg.Hash{} || p.all[most[a]].Granted.Cmp(d.Granted) < 0) {
			most[a] = job
		}
	}
	var old []msg.Hash
	for job, d := range p.all {
		over := d.State == Paid || d.State == Nothing || d.Juror && d.State == Owed
		if a := d.consumer(); over && job != last[a] && job != most[a] && past(&d.Agreement.Terms, before) {
			old = append(old, job)
		}
	}
	if err := p.dues.Delete(old...); err != nil {
		return 0, err
	}
	for _, job := range old {
		delete(p.all, job)
		delete(p.enforced, job)
	}
	return len(old), nil
}

// lost is how long a consumer goes on to look for a payee that cannot be reached, after the job's windows are past.
const lost = 30 * 24 * time.Hour

// Prune forgets payments that have arrived and for whose jobs the windows were past at a time, and those whose payee was not found for a month from
// there. The one that makes a payee's total stays.
func (p *Payer) Prune(before time.Time) (forgot int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all, err := p.Payments()
	if err != nil {
		return 0, err
	}
	last := map[msg.Account]*Payment{}
	for _, x := range all {
		if l := last[x.Payee]; !x.Total.IsZero() && (l == nil || l.Total.Cmp(x.Total) < 0) {
			last[x.Payee] = x
		}
	}
	var old []msg.Hash
	for _, x := range all {
		if x.Arrived && past(&x.Terms, before) || past(&x.Terms, before.Add(-lost)) {
			delete(p.open, x.key())
			if x != last[x.Payee] {
				old = append(old, x.key())
			}
		}
	}
	return len(old), p.journal.Delete(old...)
}
