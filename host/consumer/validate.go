package consumer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/witness"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime/state"
)

// round has each juror do what it has not done yet. It reports whether anything came of it.
func (j *judging) round(ctx context.Context, jury []msg.Account) (moved bool, _ error) {
	made, err := j.c.cfg.Settlement.Case(ctx, j.r.res.Job)
	if err != nil {
		return false, err
	}
	promised, opened := map[msg.Account]bool{}, map[msg.Account]bool{}
	for _, signed := range made.Promises {
		var p rpc.VerdictCommit
		if err := msg.Decode(signed.Body, &p); err != nil {
			return false, err
		}
		promised[p.Validator] = true
	}
	for _, o := range made.Opened {
		var said rpc.Opening
		if err := msg.Decode(o.Opening.Body, &said); err != nil {
			return false, err
		}
		opened[said.Validator] = true
	}
	all := func(do func(msg.Account) (bool, error), who func(msg.Account) bool) error {
		var wg sync.WaitGroup
		errs := make([]error, len(jury))
		for i, a := range jury {
			if j.why(a) == "" && who(a) {
				wg.Go(func() {
					did, err := do(a)
					errs[i] = err
					j.mu.Lock()
					moved = moved || did
					j.mu.Unlock()
				})
			}
		}
		wg.Wait()
		return errors.Join(errs...)
	}
	err = all(func(a msg.Account) (bool, error) { return j.promise(ctx, a, jury) }, func(a msg.Account) bool { return !promised[a] })
	if err != nil || moved && len(jury) > 0 && j.someOut(ctx, jury) {
		return moved, err // another jury goes on
	}
	if made, err = j.c.cfg.Settlement.Case(ctx, j.r.res.Job); err != nil {
		return moved, err
	}
	promises := made.Promises
	by := func(a msg.Account) *identity.Signed {
		for i := range promises {
			var p rpc.VerdictCommit
			if msg.Decode(promises[i].Body, &p) == nil && p.Validator == a {
				return &promises[i]
			}
		}
		return nil
	}
	err = all(func(a msg.Account) (bool, error) { return j.open(ctx, a, promises, by(a)) }, func(a msg.Account) bool { return by(a) != nil && !opened[a] })
	if err != nil {
		return moved, err
	}
	did, err := j.resolve(ctx, jury)
	return moved || did, err
}

// someOut reports whether a juror was replaced meanwhile.
func (j *judging) someOut(ctx context.Context, jury []msg.Account) bool {
	out, err := j.c.cfg.Settlement.Settle(ctx, j.r.res.Job)
	return err == nil || out != nil && !slices.Equal(out.Jury, jury)
}

// why says why nothing more can be had from a juror.
func (j *judging) why(a msg.Account) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.stuck[a]
}

func (j *judging) stop(a msg.Account, format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stuck[a] = fmt.Sprintf(format, args...)
	j.event(Event{Job: j.r.res.Job, Provider: j.addr(a), Kind: "verdict", Text: j.stuck[a]})
}

// clock is how long somebody has for each thing that it owes.
func (j *judging) clock() time.Duration { return time.Duration(j.r.spec.Policy.Clock) * time.Second }

// also is what a juror is asked to replay beside what it draws: where replicas differ, and all that nobody drew of a provider that is not
// trusted yet. One that came in another's place gets what nobody else of the first jury was given.
func (j *judging) also(a msg.Account, jury []msg.Account) []uint64 {
	out := slices.Clone(j.disputed)
	n, ppm := uint64(len(j.r.said.Intervals)), j.r.spec.Policy.SamplePPM
	if !j.c.cfg.Trusted(j.r.s.Provider) {
		first := settle.Jury(j.seed, j.r.spec, &j.r.said.Receipt, nil)
		dealt := settle.Deal(j.seed, first, n, ppm)
		if slices.Contains(first, a) {
			out = append(out, dealt[a]...)
		} else {
			covered := map[uint64]bool{}
			for _, b := range jury {
				if slices.Contains(first, b) {
					for _, i := range slices.Concat(settle.Sample(j.seed, b, n, ppm), dealt[b]) {
						covered[i] = true
					}
				}
			}
			for i := range n {
				if !covered[i] {
					out = append(out, i)
				}
			}
		}
	}
	slices.Sort(out)
	return append([]uint64{}, slices.Compact(out)...)
}

// promise has a juror check the job, and gets it bound to what it finds; or has witnesses see that it does not answer.
func (j *judging) promise(ctx context.Context, a msg.Account, jury []msg.Account) (moved bool, _ error) {
	req := rpc.ValidateRequest{Records: j.r.res.Records, Provider: j.r.s.Addr, Also: j.also(a, jury), Absences: j.absences, Agreement: j.r.s.Agreement}
	p := j.peer(a)
	if p == nil {
		j.stop(a, "it is not known where it is")
		return false, nil
	}
	var fault error
	for tries := 0; ; tries++ {
		req.States, req.Sources = j.known()
		got, missing, err := j.ask(ctx, p, a, req)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if got != nil {
			return j.promised(ctx, a, *got)
		}
		if err != nil || req.Final {
			fault = err
			break
		}
		found, guilty, err := j.recover(ctx, missing)
		if err != nil || guilty {
			return guilty, err
		}
		req.Final = !found || tries > 0
	}
	req.Final = true
	j.event(Event{Job: j.r.res.Job, Provider: p.Addr, Kind: "witness", Text: fmt.Sprintf("%s does not say what it found (%v): witnesses ask it", a, fault)})
	return j.witnessed(ctx, rpc.WitnessRequest{Who: a, Duty: rpc.DutyPromise, Validate: &req, Absences: j.absences}, dispute.Absence{Others: j.absences},
		func(w *rpc.WitnessAnswer) (bool, error) {
			if w.Signed == nil {
				return false, nil
			}
			return j.promised(ctx, a, *w.Signed)
		})
}

// ask has a validator check the job, for as long as it gives signs of life.
func (j *judging) ask(ctx context.Context, p *peer.Peer, a msg.Account, req rpc.ValidateRequest) (promise *identity.Signed, missing []uint64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	quiet := time.AfterFunc(j.clock(), cancel)
	defer quiet.Stop()
	for {
		err = p.Validate(ctx, req, func(e rpc.ValidateEvent) error {
			quiet.Reset(j.clock())
			if len(e.Sample) > 0 && e.Promise == nil {
				j.event(Event{Job: j.r.res.Job, Provider: p.Addr, Kind: "sample", Sample: e.Sample, Text: a.String()})
			}
			if e.Promise != nil {
				promise = e.Promise
			}
			missing = append(missing, e.Missing...)
			return nil
		})
		if promise != nil || len(missing) > 0 {
			return promise, missing, nil
		}
		if err == nil {
			return nil, nil, errors.New("it ended without a word")
		}
		if !peer.OutOfReach(err) {
			return nil, nil, err
		}
		select { // it may be back
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("nothing was heard of it for %s: %w", j.clock(), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// promised takes a juror's commitment. Another one than before is a proof against it.
func (j *judging) promised(ctx context.Context, a msg.Account, signed identity.Signed) (moved bool, _ error) {
	err := j.c.cfg.Settlement.Promise(ctx, signed)
	switch {
	case errors.Is(err, settle.ErrConflict):
		made, err := j.c.cfg.Settlement.Case(ctx, j.r.res.Job)
		if err != nil {
			return false, err
		}
		for _, old := range made.Promises {
			if e, err := dispute.Contradicts(old, signed); err == nil {
				return true, j.prove(ctx, e, 0)
			}
		}
		j.stop(a, "%v", err)
		return false, nil
	case errors.Is(err, settle.ErrMismatch), errors.Is(err, settle.ErrLate), errors.Is(err, identity.ErrSignature), errors.Is(err, msg.ErrDecode):
		j.stop(a, "its commitment is refused: %v", err)
		return false, nil
	case err != nil:
		return false, err
	}
	j.event(Event{Job: j.r.res.Job, Provider: j.addr(a), Kind: "promise", Text: a.String()})
	return true, nil
}

// open gets a juror's verdicts, once all are bound.
func (j *judging) open(ctx context.Context, a msg.Account, promises []identity.Signed, promise *identity.Signed) (moved bool, _ error) {
	p := j.peer(a)
	if p == nil {
		j.stop(a, "it is not known where it is")
		return false, nil
	}
	req := rpc.OpenRequest{Job: j.r.res.Job, Promises: promises, Absences: append([]identity.Signed{}, j.absences...)}
	// It opens as soon as it sees that all are bound, and when its clock has run out in any case.
	var fault error
	for end := time.Now().Add(2 * j.clock()); ; {
		turn, cancel := context.WithDeadline(ctx, end)
		o, err := p.Open(turn, req)
		cancel()
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err == nil {
			var moved bool
			if moved, fault, err = j.opened(ctx, a, o, *promise); moved || err != nil {
				return moved, err
			}
			break
		}
		fault = err
		if !peer.OutOfReach(err) || !time.Now().Before(end) {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	j.event(Event{Job: j.r.res.Job, Provider: p.Addr, Kind: "witness", Text: fmt.Sprintf("%s does not open what it is bound to (%v): witnesses ask it", a, fault)})
	return j.witnessed(ctx, rpc.WitnessRequest{Who: a, Duty: rpc.DutyVerdict, Open: &req, Absences: j.absences}, dispute.Absence{Owed: promise, Others: j.absences},
		func(w *rpc.WitnessAnswer) (bool, error) {
			if w.Opened == nil {
				return false, nil
			}
			moved, fault, err := j.opened(ctx, a, *w.Opened, *promise)
			if fault != nil {
				j.stop(a, "its verdicts are refused: %v", fault)
			}
			return moved, err
		})
}

// opened takes a juror's verdicts. An opening that does not fit its commitment is a proof against it; fault is what else is wrong with them,
// by which they are no verdicts.
func (j *judging) opened(ctx context.Context, a msg.Account, o rpc.Opened, promise identity.Signed) (moved bool, fault, _ error) {
	err := j.c.cfg.Settlement.Opened(ctx, o)
	switch {
	case errors.Is(err, settle.ErrMismatch):
		if e, err := dispute.Contradicts(promise, o.Opening); err == nil {
			return true, nil, j.prove(ctx, e, 0)
		}
		return false, err, nil
	case errors.Is(err, settle.ErrLate), errors.Is(err, settle.ErrNotYet), errors.Is(err, identity.ErrSignature), errors.Is(err, msg.ErrDecode), errors.Is(err, settle.ErrUnknown):
		return false, err, nil
	case err != nil:
		return false, nil, err
	}
	for _, signed := range o.Verdicts {
		var v msg.Verdict
		if err := msg.Decode(signed.Body, &v); err == nil {
			j.event(Event{Job: j.r.res.Job, Provider: j.addr(a), Kind: "verdict", Verdict: &v, Text: a.String()})
		}
	}
	return true, nil, nil
}

// witnessed has witnesses ask somebody for what it owes: take gets what one of them was given. If most say that they were given nothing, that
// is a proof. If there are too few witnesses, nobody is to blame, and it goes no further with this one.
func (j *judging) witnessed(ctx context.Context, q rpc.WitnessRequest, a dispute.Absence, take func(*rpc.WitnessAnswer) (bool, error)) (moved bool, _ error) {
	q.Records = j.r.res.Records
	q.Absences = append([]identity.Signed{}, q.Absences...)
	if q.Announcement = j.announcement(q.Who); q.Announcement == nil {
		j.stop(q.Who, "it is silent, and has not announced where witnesses could ask it")
		return false, nil
	}
	t, err := witness.Ask(ctx, j.reach, q)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		j.stop(q.Who, "it is silent, and nobody can be blamed for it: %v", err)
		return false, nil
	}
	if t.Given != nil {
		moved, err := take(t.Given)
		if err == nil && !moved && j.why(q.Who) == "" {
			j.stop(q.Who, "what it gave a witness was not what it owes")
		}
		return moved, err
	}
	a.Statements, a.Others = t.Absences, append([]identity.Signed{}, a.Others...)
	if q.Duty == rpc.DutyState {
		a.Others = []identity.Signed{}
	}
	e, err := dispute.Absent(j.r.res.Records, a)
	if err != nil {
		j.stop(q.Who, "it is silent, and that could not be proven: %v", err)
		return false, nil
	}
	return true, j.prove(ctx, e, q.Interval)
}

// known gives what is known of where states are.
func (j *judging) known() (map[uint64]msg.Blob, []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	states := map[uint64]msg.Blob{}
	for i, b := range j.states {
		states[i] = b
	}
	return states, append([]string{}, j.sources...)
}

// recover looks for what a validator could not get of the provider: the states that some intervals begin in. This node fetches them itself and
// is a source from then on; what it cannot get either the witnesses ask for. guilty says that the provider gave it to none of them.
func (j *judging) recover(ctx context.Context, intervals []uint64) (found, guilty bool, _ error) {
	// Several jurors may miss the same.
	j.recovering.Lock()
	defer j.recovering.Unlock()
	if _, err := j.c.cfg.Settlement.Settle(ctx, j.r.res.Job); err == nil {
		return false, true, nil
	}
	for _, i := range intervals {
		if i == 0 || i >= uint64(len(j.r.said.Intervals)) {
			found = true // the module or an input, which are here
			continue
		}
		j.mu.Lock()
		_, have := j.states[i-1]
		j.mu.Unlock()
		if have {
			continue
		}
		_, b, err := j.c.state(ctx, j.r, i-1)
		if ctx.Err() != nil {
			return false, false, ctx.Err()
		}
		if err == nil {
			j.event(Event{Job: j.r.res.Job, Provider: j.r.s.Addr, Kind: "state", Text: fmt.Sprintf("the state that interval %d begins in comes from here", i)})
			j.found(i-1, b, "")
			found = true
			continue
		}
		if i < j.r.said.Prior() { // the provider may never have seen it
			did, guilty, err := j.recoverPrior(ctx, i)
			if found = found || did; err != nil || guilty {
				return found, guilty, err
			}
			continue
		}
		j.event(Event{Job: j.r.res.Job, Provider: j.r.s.Addr, Kind: "witness",
			Text: fmt.Sprintf("the provider does not give the state that interval %d begins in (%v): witnesses ask it", i, err)})
		moved, err := j.witnessed(ctx, rpc.WitnessRequest{Who: j.r.s.Provider, Duty: rpc.DutyState, Interval: i}, dispute.Absence{}, func(w *rpc.WitnessAnswer) (bool, error) {
			if w.State == nil {
				return false, nil
			}
			for _, by := range settle.WitnessesOf(j.seed, j.r.spec, &j.r.said.Receipt, &rpc.Absence{Job: j.r.res.Job, Who: j.r.s.Provider, Duty: rpc.DutyState}) {
				j.found(i-1, *w.State, j.addr(by)) // one of them has it
			}
			found = true
			return false, nil
		})
		if err != nil || moved {
			return found, moved, err
		}
	}
	return found, false, nil
}

func (j *judging) found(interval uint64, manifest msg.Blob, source string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.states[interval] = manifest
	if source != "" && !slices.Contains(j.sources, source) {
		j.sources = append(j.sources, source)
	}
}

// state brings the state behind an interval here from the provider, whole and verified. It gives the table of its pages, and that as a blob.
func (c *Consumer) state(ctx context.Context, r *run, interval uint64) (manifest []byte, b msg.Blob, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(r.spec.Policy.Clock)*time.Second)
	defer cancel()
	p := c.Peer(r.s)
	if manifest, err = p.Manifest(ctx, rpc.StateRef{Job: r.res.Job, Interval: interval}); err != nil {
		return nil, b, err
	}
	hashes, _, err := state.Pages(manifest, r.said.Intervals[interval].State)
	if err != nil {
		return nil, b, err
	}
	if err := p.FetchPages(ctx, c.cfg.Store, owner(r.res.Job), hashes); err != nil {
		return nil, b, err
	}
	b, err = c.cfg.Store.Put(ctx, owner(r.res.Job), bytes.NewReader(manifest))
	return manifest, b, err
}

// announcement is where somebody says that it is.
func (j *judging) announcement(a msg.Account) *identity.Signed {
	for _, n := range j.nodes {
		if n.account == a {
			return &n.info.Announcement
		}
	}
	for i := range j.r.s.Announcements {
		var x rpc.Announcement
		if msg.Decode(j.r.s.Announcements[i].Body, &x) == nil && x.Account == a {
			return &j.r.s.Announcements[i]
		}
	}
	return nil
}

// peer is how somebody is reached, nil if it is not known.
func (j *judging) peer(a msg.Account) *peer.Peer {
	for _, n := range j.nodes {
		if n.account == a {
			return n.Peer
		}
	}
	if a == j.r.s.Provider {
		return j.c.Peer(j.r.s)
	}
	signed := j.announcement(a)
	var x rpc.Announcement
	if signed == nil || signed.OpenFrom(&x, a) != nil || len(x.Addrs) == 0 {
		return nil
	}
	return peer.New(j.c.cfg.Endpoint, x.Addrs[0], &a)
}

func (j *judging) addr(a msg.Account) string {
	if p := j.peer(a); p != nil {
		return p.Addr
	}
	return a.String()
}

// reach is peer for package witness.
func (j *judging) reach(a msg.Account) witness.Teller {
	if p := j.peer(a); p != nil {
		return p
	}
	return nil
}
