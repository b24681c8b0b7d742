package validator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

var (
	// ErrRefused is wrapped where a validator is asked for what it need not do.
	ErrRefused = errors.New("refused")
	// ErrNotBound is wrapped where verdicts are asked for before the whole jury has committed itself.
	ErrNotBound = errors.New("not every validator that was drawn is bound yet")
	// ErrNothing is wrapped where a validator is asked about what it has not found.
	ErrNothing = errors.New("nothing was found")
)

func seed(c *claim.Claims) msg.Hash {
	return settle.Beacon(c.Job, *c.Secret, c.Receipt.Nonce, c.Receipt.Trace)
}

// Drawn reads a job's records and checks that this validator was drawn for them: into the jury, or to stand in for a juror.
func (v *Validator) Drawn(records *rpc.JobRecords, absences []identity.Signed) (*claim.Claims, error) {
	c, err := claim.Read(records)
	if err != nil {
		return nil, fmt.Errorf("%w: records: %w", ErrRefused, err)
	}
	if err := settle.CheckPolicy(&c.Spec.Policy); err != nil {
		return nil, fmt.Errorf("%w: policy: %w", ErrRefused, err)
	}
	if c.Secret == nil {
		return nil, fmt.Errorf("%w: job %s: the consumer's share of the beacon is missing: nobody is drawn", ErrRefused, c.Job)
	}
	if end := settle.Closes(&c.Spec, &c.Receipt); time.Now().After(end) {
		return nil, fmt.Errorf("%w: job %s: its challenge window closed at %s", ErrRefused, c.Job, end.UTC().Format(time.RFC3339))
	}
	out := settle.Out(seed(c), &c.Spec, &c.Receipt, absences)
	if !slices.Contains(settle.Bench(seed(c), &c.Spec, &c.Receipt, out), v.cfg.Identity.Account()) {
		return nil, fmt.Errorf("%w: %s was not drawn as a validator of job %s", ErrRefused, v.cfg.Identity.Account(), c.Job)
	}
	return c, nil
}

// Judge checks a job that this validator was drawn for and commits it to what it found: the last event is the promise. Asked again it
// gives the same one. If data is missing, and the request is not Final, it promises nothing: the last event says what is missing.
func (v *Validator) Judge(ctx context.Context, r rpc.ValidateRequest, sources []Source, event func(Event)) error {
	c, err := v.Drawn(&r.Records, r.Absences)
	if err != nil {
		return err
	}
	told := &inTurn{event: event}
	stop := told.pulse(time.Duration(c.Spec.Policy.Clock) * time.Second / 4)
	defer stop()
	leave, err := v.enter(ctx, c.Job)
	if err != nil {
		return err
	}
	defer leave()
	f, err := v.findings(&r.Records, c)
	if errors.Is(err, errReceipts) {
		promise, _, err := v.nothing(c.Job, msg.HashOf(c.Receipt))
		if err == nil {
			told.tell(Event{ValidateEvent: rpc.ValidateEvent{Promise: &promise, Note: fmt.Sprintf("job %s has more than %d receipts, which is a proof against its provider", c.Job, maxReceipts)}})
		}
		return err
	}
	if err != nil {
		return err
	}
	if f.Promise == nil {
		for i := range sources {
			sources[i] = patiently(sources[i], &c.Spec.Policy)
		}
		k := &check{v: v, c: c, f: f, sources: sources, states: r.States, final: r.Final, event: told.tell}
		if err := k.sample(r.Also); err != nil {
			return err
		}
		var gone *missed
		err := k.run(ctx)
		if errors.As(err, &gone) {
			told.tell(Event{ValidateEvent: rpc.ValidateEvent{Missing: gone.intervals, Note: gone.Error()}})
			return nil
		}
		if err != nil {
			return err
		}
		if err := v.bind(f, c); err != nil {
			return err
		}
	}
	told.tell(Event{ValidateEvent: rpc.ValidateEvent{Promise: f.Promise, Sample: f.Sample, Checked: uint64(len(f.Verdicts))}})
	return v.expire(f, c)
}

// inTurn tells events one at a time, and signs of life where there are none for a while.
type inTurn struct {
	mu    sync.Mutex
	event func(Event)
	last  time.Time
}

func (t *inTurn) tell(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = time.Now()
	t.event(e)
}

// pulse tells a sign of life where nothing was told for so long.
func (t *inTurn) pulse(every time.Duration) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(max(every/2, 50*time.Millisecond))
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			t.mu.Lock()
			if time.Since(t.last) >= every/2 {
				t.last = time.Now()
				t.event(Event{ValidateEvent: rpc.ValidateEvent{Note: "at work"}})
			}
			t.mu.Unlock()
		}
	}()
	return func() { close(done); <-ended }
}

// bind commits the validator to its findings. They are on disk with their salt before anybody hears of them, so that one that is killed
// and starts again is bound to the same.
func (v *Validator) bind(f *Findings, c *claim.Claims) error {
	me := v.cfg.Identity.Account()
	o := rpc.Opening{Version: 1, Job: c.Job, Receipt: msg.HashOf(c.Receipt), Validator: me, Verdicts: []msg.Hash{}}
	if _, err := rand.Read(o.Salt[:]); err != nil {
		return err
	}
	for _, verdict := range f.Opened() {
		o.Verdicts = append(o.Verdicts, msg.HashOf(verdict))
	}
	opening, err := v.cfg.Identity.Sign(o)
	if err != nil {
		return err
	}
	promise, err := v.cfg.Identity.Sign(rpc.VerdictCommit{Version: 1, Job: c.Job, Receipt: o.Receipt, Validator: me, Hash: msg.HashOf(o)})
	if err != nil {
		return err
	}
	f.Promise, f.Opening, f.Bound = &promise, &opening, time.Now().Unix()
	return v.keep(f, c)
}

// nothing is what a validator binds itself to about receipts of a job beyond those that it keeps apart: no verdict at all. It owes a promise
// for each one that it is drawn for, and keeping as many as a provider cares to sign would cost only itself. So this one follows from its
// key and the receipt, and nothing has to be kept to say the same again.
func (v *Validator) nothing(job, receipt msg.Hash) (promise, opening identity.Signed, err error) {
	me := v.cfg.Identity.Account()
	o := rpc.Opening{Version: 1, Job: job, Receipt: receipt, Validator: me, Salt: v.cfg.Identity.Secret("no verdicts " + receipt.String()), Verdicts: []msg.Hash{}}
	if opening, err = v.cfg.Identity.Sign(o); err != nil {
		return promise, opening, err
	}
	promise, err = v.cfg.Identity.Sign(rpc.VerdictCommit{Version: 1, Job: job, Receipt: receipt, Validator: me, Hash: msg.HashOf(o)})
	return promise, opening, err
}

// Promise gives what this validator is bound to of a job, if it is. Of several receipts it is the first.
func (v *Validator) Promise(job msg.Hash) (identity.Signed, error) {
	all, err := v.all(job)
	if err != nil {
		return identity.Signed{}, err
	}
	for _, f := range all {
		if f.Promise != nil {
			return *f.Promise, nil
		}
	}
	return identity.Signed{}, fmt.Errorf("%w: job %s", ErrNothing, job)
}

// Open gives this validator's verdicts, once every validator that was drawn is bound to its own, or when the policy's clock has run out
// since this one was: nobody can hold it back, and nobody who is not bound can learn them before.
func (v *Validator) Open(r rpc.OpenRequest) (*rpc.Opened, error) {
	all, err := v.all(r.Job)
	if err != nil {
		return nil, err
	}
	for _, signed := range r.Promises {
		var p rpc.VerdictCommit
		if signed.OpenFrom(&p, v.cfg.Identity.Account()) != nil || p.Job != r.Job {
			continue
		}
		if _, opening, err := v.nothing(p.Job, p.Receipt); err != nil {
			return nil, err
		} else if promised(&opening) == p.Hash {
			return &rpc.Opened{Opening: opening, Verdicts: []identity.Signed{}}, nil
		}
	}
	f := bound(all, r.Promises)
	if f == nil {
		return nil, fmt.Errorf("%w: this validator is not bound to verdicts on job %s", ErrNothing, r.Job)
	}
	c, err := claim.Read(&f.Records)
	if err != nil {
		return nil, err
	}
	if time.Since(time.Unix(f.Bound, 0)) <= time.Duration(c.Spec.Policy.Clock)*time.Second {
		promised := map[msg.Account]bool{}
		for _, signed := range r.Promises {
			var p rpc.VerdictCommit
			if who, err := signed.Open(&p); err == nil && p.Version == 1 && who == p.Validator && p.Job == c.Job && p.Receipt == msg.HashOf(c.Receipt) {
				promised[who] = true
			}
		}
		for _, a := range settle.Jury(seed(c), &c.Spec, &c.Receipt, settle.Out(seed(c), &c.Spec, &c.Receipt, r.Absences)) {
			if !promised[a] {
				return nil, fmt.Errorf("%w: %s is not", ErrNotBound, a)
			}
		}
	}
	return &rpc.Opened{Opening: *f.Opening, Verdicts: f.Verdicts}, nil
}

// promised is the hash that an opening opens.
func promised(opening *identity.Signed) (h msg.Hash) {
	var o rpc.Opening
	if msg.Decode(opening.Body, &o) == nil { // this node's own encoding
		h = msg.HashOf(o)
	}
	return h
}

// bound picks the findings whose promise is among some, or the first that are bound.
func bound(all []*Findings, promises []identity.Signed) (first *Findings) {
	for _, f := range all {
		if f.Promise == nil {
			continue
		}
		if slices.ContainsFunc(promises, func(p identity.Signed) bool { return slices.Equal(p.Body, f.Promise.Body) }) {
			return f
		}
		if first == nil {
			first = f
		}
	}
	return first
}
