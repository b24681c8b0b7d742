package shards

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// provider is one that answered.
type provider struct {
	account      msg.Account
	addr, pinned string
	rate         float64   // gas a second; 0 is not known
	busy         *try      // what it has no receipt of yet
	rest         time.Time // it gets nothing before
	refused      int       // times in a row
	unsettled    int       // results that nobody could check
	away         bool      // it was out of reach when last heard of, and is being asked
	dropped      string    // why it gets nothing any more
}

// try is a task at a provider.
type try struct {
	task  *task
	p     *provider
	job   msg.Hash // zero before the provider took it
	began time.Time
	whole bool // every interval is checked
	// What its events told.
	used    uint64 // gas
	lost    bool
	gone    string    // why the provider will not do it
	absent  bool      // it did not even answer
	trace   *msg.Hash // there is a receipt
	seconds float64   // until the receipt
	given   time.Time // when that came

	cancel context.CancelFunc
	left   bool // nobody waits for its result any more
}

// task is a task that is not done.
type task struct {
	Task
	rec   taskRecord
	job   *runtime.Job // made when it is first issued
	tries []*try       // that go on
	held  []held       // accepted, while another try may come to something else
	whole bool         // results differ: the next one is checked whole
}

type held struct {
	try *try
	res *consumer.Result
}

// course is a plan on its way. One goroutine owns it; the tries tell it what happens.
type course struct {
	s       *Scheduler
	plan    *Plan
	rec     *planRecord
	met     *met
	req     consumer.Request
	tell    func(Event)
	ctx     context.Context
	submits context.Context // of all tries
	news    chan happening
	work    sync.WaitGroup // the tries
	calls   sync.WaitGroup // to providers, about jobs nobody waits for

	open     []*task // of the set at hand
	check    float64 // seconds that the checks of a result take; 0 is not known
	done     map[Task]*Done
	rejected []Rejected
}

// happening is something about a try, an event or its end, or else about a provider that was out of reach: it answers, or err says why not.
type happening struct {
	try   *try
	event *consumer.Event
	res   *consumer.Result
	err   error
	p     *provider
}

func (s *Scheduler) run(ctx context.Context, p *Plan, rec *planRecord, m *met, req consumer.Request, begun string, event func(Event)) (*Result, error) {
	began := time.Now()
	c := &course{s: s, plan: p, rec: rec, met: m, req: req, ctx: ctx, news: make(chan happening), done: map[Task]*Done{}}
	c.tell = func(e Event) {
		if e.Plan = p.Hash; event != nil {
			event(e)
		}
	}
	submits, cancel := context.WithCancel(ctx)
	defer cancel()
	c.submits = submits
	c.remember()
	c.tell(Event{Kind: "plan", Text: begun})
	err := c.rounds()
	var failed *FailedError
	if err == nil || errors.As(err, &failed) {
		rec.Over = "done"
		if err != nil {
			rec.Over, rec.Reason = "failed", err.Error()
		}
		err = errors.Join(err, s.book.over(p.Hash, *rec))
	}
	if ctx.Err() == nil { // an interruption leaves them running, to be gone on with
		for _, t := range c.open {
			for _, y := range slices.Clone(t.tries) {
				c.leave(y)
			}
		}
	}
	cancel()
	go func() { c.work.Wait(); close(c.news) }()
	for h := range c.news {
		if h.try != nil && h.event == nil && h.try.left && ctx.Err() == nil {
			c.callOff(h.try)
		}
	}
	c.calls.Wait()
	res := &Result{Plan: p.Hash, Rejected: c.rejected, Dropped: rec.Dropped, Seconds: time.Since(began).Seconds()}
	for _, t := range p.Spec.Tasks() {
		if d := c.done[t]; d != nil {
			res.Done = append(res.Done, *d)
		}
	}
	if err == nil {
		res.Outputs = p.results(c.outputs)
	}
	return res, err
}

// remember gives those who were dropped for a wrong result nothing again. The others are asked anew: who was away may be back.
func (c *course) remember() {
	c.rec.Dropped = slices.DeleteFunc(c.rec.Dropped, func(d Dropped) bool { return !d.Wrong })
	for _, d := range c.rec.Dropped {
		for _, p := range c.met.providers {
			if p.account == d.Provider {
				p.dropped = d.Reason
			}
		}
	}
}

func (c *course) outputs(t Task) []msg.Output {
	if d := c.done[t]; d != nil {
		return d.Receipt.Outputs
	}
	return nil
}

func (c *course) rounds() error {
	for r := range int(c.plan.Spec.Rounds) {
		if err := c.set(c.plan.Spec.round(r)); err != nil {
			return err
		}
		if c.plan.Spec.Reduce != nil {
			if err := c.set([]Task{{r, ShardReduce}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// pace is how often placing is thought over while nothing happens.
const pace = 100 * time.Millisecond

// set sees tasks of which none needs another to their end.
func (c *course) set(tasks []Task) error {
	c.open = nil
	for _, id := range tasks {
		rec, err := c.s.book.task(c.plan.Hash, id)
		if err != nil {
			return err
		}
		if d := rec.Done; d != nil {
			c.done[id] = &Done{Task: id, Program: d.Receipt.Program, Job: d.Job, Provider: d.Receipt.Provider, Addr: d.Addr, Receipt: d.Receipt,
				Seconds: float64(d.Milliseconds) / 1000, Issued: len(rec.Issued)}
			c.tell(Event{Task: id, Provider: d.Addr, Kind: "done", Text: "before", Job: d.Job, Done: c.done[id]})
			continue
		}
		c.open = append(c.open, &task{Task: id, rec: rec})
	}
	for _, t := range c.open {
		c.resume(t)
	}
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for len(c.open) > 0 {
		if err := c.issue(); err != nil {
			return err
		}
		select {
		case <-c.ctx.Done():
			return c.ctx.Err()
		case h := <-c.news:
			if err := c.happened(h); err != nil {
				return err
			}
		case <-tick.C:
		}
	}
	return nil
}

// resume goes on with the tries of a task that were under way when the plan was interrupted.
func (c *course) resume(t *task) {
	for _, was := range t.rec.Issued {
		sub, _, err := c.s.cfg.Consumer.Find(was.Job)
		if err != nil || sub.Over != "" || sub.Addr == "" {
			continue
		}
		for _, p := range c.met.providers {
			if p.account == was.Provider && p.dropped == "" && p.busy == nil {
				y := &try{task: t, p: p, job: was.Job, began: time.UnixMilli(was.Began)}
				c.start(y, func(ctx context.Context, event func(consumer.Event)) (*consumer.Result, error) {
					return c.s.cfg.Consumer.Resume(ctx, was.Job, event)
				})
				c.tell(Event{Task: t.Task, Provider: p.addr, Kind: "issued", Text: "goes on", Job: was.Job})
				break
			}
		}
	}
}

// start runs a submission and has its events told to the course.
func (c *course) start(y *try, submit func(context.Context, func(consumer.Event)) (*consumer.Result, error)) {
	ctx, cancel := context.WithCancel(c.submits)
	y.cancel = cancel
	y.p.busy = y
	y.task.tries = append(y.task.tries, y)
	c.work.Go(func() {
		defer cancel()
		res, err := submit(ctx, func(e consumer.Event) { c.news <- happening{try: y, event: &e} })
		c.news <- happening{try: y, res: res, err: err}
	})
}

// give issues a task to a provider.
func (c *course) give(t *task, p *provider) error {
	if t.job == nil {
		var err error
		t.job, err = c.plan.job(t.Task, c.outputs, func(b msg.Blob) ([]byte, error) { return store.ReadAll(c.s.cfg.Store, b, b.Size) })
		if err != nil {
			return err
		}
	}
	req := c.req
	req.Job, req.Replicas, req.Validators = t.job, 1, int(c.req.Policy.Validators)
	req.Peers = append([]string{p.pinned}, c.met.validators...)
	req.Reissue, req.KeepState = -1, -1 // there is no other to go on from its states
	if t.whole {
		req.Policy.SamplePPM = 1_000_000
	}
	kind, text := "issued", ""
	if len(t.tries) > 0 {
		kind, text = "again", "it takes long at "+t.tries[0].p.addr
		switch {
		case t.tries[0].lost:
			text = t.tries[0].p.addr + " is out of reach"
		case t.tries[0].trace != nil:
			text = "the checks of what " + t.tries[0].p.addr + " did take long"
		}
	}
	c.tell(Event{Task: t.Task, Provider: p.addr, Kind: kind, Text: text})
	c.start(&try{task: t, p: p, began: time.Now(), whole: t.whole}, func(ctx context.Context, event func(consumer.Event)) (*consumer.Result, error) {
		results, err := c.s.cfg.Consumer.Submit(ctx, req, event)
		if len(results) == 0 {
			return nil, err
		}
		return results[0], err
	})
	return nil
}

// gas is what a task is expected to use: what that shard, or the reduce, used in the round before, or else what the shards of this round did.
// 0 is not known.
func (c *course) gas(id Task) float64 {
	if d := c.done[Task{id.Round - 1, id.Shard}]; d != nil {
		return float64(d.Receipt.Gas + d.Receipt.GPUGas)
	}
	sum, n := 0.0, 0
	for i := range int(c.plan.Spec.Shards) {
		if d := c.done[Task{id.Round, i}]; d != nil {
			sum += float64(d.Receipt.Gas + d.Receipt.GPUGas)
			n++
		}
	}
	return sum / float64(max(n, 1))
}

// issue gives tasks to providers that have nothing to do.
func (c *course) issue() error {
	for _, t := range slices.Clone(c.open) {
		if err := c.decide(t); err != nil { // who said something else may have been dropped
			return err
		}
	}
	now := time.Now()
	var lanes []lane
	var at []*provider
	for _, p := range c.met.providers {
		if p.dropped != "" {
			continue
		}
		l := lane{free: p.busy == nil && !p.away && !now.Before(p.rest), rate: p.rate}
		if l.until = max(p.rest.Sub(now).Seconds(), 0); p.away {
			l.until = never
		}
		lanes, at = append(lanes, l), append(at, p)
	}
	rate := rates(lanes)
	var waiting []*task
	var work []float64
	var on []running
	var tries []*try
	for _, t := range c.open {
		gas := c.gas(t.Task)
		for _, y := range t.tries {
			i := slices.Index(at, y.p)
			if i < 0 {
				continue
			}
			r := running{lane: i, work: gas, used: float64(y.used), elapsed: now.Sub(y.began).Seconds(), lost: y.lost, spare: len(t.tries) == 1}
			if y.trace != nil {
				r.checking, r.elapsed, r.check = true, now.Sub(y.given).Seconds(), max(c.check, y.seconds)
				on, tries = append(on, r), append(tries, y)
				continue
			}
			on, tries = append(on, r), append(tries, y)
			if r.work == 0 {
				r.work = 1
			}
			lanes[i].until = r.left(rate[i])
		}
		switch {
		case len(t.tries) > 0:
		case t.whole:
			if err := c.arbitrate(t, lanes, at); err != nil {
				return err
			}
		case len(t.held) == 0:
			if gas == 0 {
				gas = 1
			}
			waiting, work = append(waiting, t), append(work, gas)
		}
	}
	if len(at) == 0 {
		for _, t := range c.open {
			if len(t.tries) == 0 {
				return fmt.Errorf("%w for %s: %w", ErrNoProvider, t.Task, c.why())
			}
		}
	}
	for i, k := range place(work, lanes) {
		lanes[i].free = false
		if err := c.give(waiting[k], at[i]); err != nil {
			return err
		}
	}
	for i, k := range again(on, lanes) {
		if err := c.give(tries[k].task, at[i]); err != nil {
			return err
		}
	}
	return nil
}

// why lists what became of the providers.
func (c *course) why() error {
	var all []string
	for _, p := range c.met.providers {
		all = append(all, p.addr+": "+p.dropped)
	}
	return errors.New(strings.Join(all, "; "))
}

// arbitrate gives a task of which there are different results to a provider that has none in it, or where there is no such, and there are
// validators, to any.
func (c *course) arbitrate(t *task, lanes []lane, at []*provider) error {
	party := func(p *provider) bool {
		return slices.ContainsFunc(t.held, func(h held) bool { return h.try.p == p })
	}
	outside := slices.ContainsFunc(at, func(p *provider) bool { return !party(p) })
	if !outside && c.req.Policy.Validators == 0 {
		return fmt.Errorf("%w about %s, and there is neither a validator nor another provider to say who is right", ErrDisagree, t.Task)
	}
	for i, p := range at {
		if lanes[i].free && party(p) != outside {
			lanes[i].free = false
			return c.give(t, p)
		}
	}
	return nil
}

// happened takes in news of a try.
func (c *course) happened(h happening) error {
	y := h.try
	switch {
	case h.p != nil && h.err != nil:
		return c.drop(h.p, "out of reach: "+h.err.Error(), false)
	case h.p != nil:
		h.p.away = false
		return nil
	case h.event != nil:
		return c.heard(y, h.event)
	}
	if y.p.busy == y {
		y.p.busy = nil
	}
	if y.left {
		c.callOff(y)
		return nil
	}
	t := y.task
	t.tries = slices.DeleteFunc(t.tries, func(x *try) bool { return x == y })
	switch {
	case h.err == nil && h.res != nil:
		return c.accepted(y, h.res)
	case h.err == nil:
		return fmt.Errorf("%s: the consumer gave neither a result nor an error", t.Task)
	case c.ctx.Err() != nil:
		return c.ctx.Err()
	case errors.Is(h.err, store.ErrFull), errors.Is(h.err, store.ErrClosed), errors.Is(h.err, syscall.ENOSPC), errors.Is(h.err, syscall.EDQUOT):
		return fmt.Errorf("%s: %w", t.Task, h.err)
	}
	reason := strings.ReplaceAll(h.err.Error(), "\n", "; ")
	if h.res != nil && h.res.Outcome != nil && errors.Is(h.err, consumer.ErrRejected) {
		reason = h.res.Outcome.Reason
	}
	var err error
	rejected := errors.Is(h.err, consumer.ErrRejected)
	switch {
	case errors.Is(h.err, consumer.ErrCancelled): // by somebody who may: that is no wrong result
		err = c.drop(y.p, reason, false)
	case rejected && (h.res != nil && h.res.Outcome != nil && h.res.Outcome.Guilty == nil || errors.Is(h.err, settle.ErrNotYet)):
		// Nobody says that it is wrong, but nobody could check it either.
		c.tell(Event{Task: t.Task, Provider: y.p.addr, Kind: "rejected", Text: reason, Job: y.job})
		if y.p.unsettled++; y.p.unsettled >= mostUnsettled {
			err = c.drop(y.p, reason, false)
		}
	case rejected:
		r := Rejected{Task: t.Task, Job: y.job, Provider: y.p.account, Addr: y.p.addr, Reason: reason, Wrong: wrong(h.res)}
		if h.res != nil {
			r.Disputes = h.res.Disputes
		}
		c.rejected = append(c.rejected, r)
		c.tell(Event{Task: t.Task, Provider: y.p.addr, Kind: "rejected", Text: reason, Job: y.job})
		err = c.drop(y.p, reason, r.Wrong)
	case y.absent:
		c.ask(y.p)
	case errors.Is(h.err, consumer.ErrNoBid) && y.gone == "" && y.p.refused < mostRefused:
		y.p.rest = time.Now().Add(time.Second << y.p.refused)
		y.p.refused++
		c.tell(Event{Task: t.Task, Provider: y.p.addr, Kind: "refused", Text: reason})
	default:
		if y.gone != "" {
			reason = y.gone
		}
		err = c.drop(y.p, reason, false)
	}
	if err != nil {
		return err
	}
	return c.decide(t)
}

// wrong reports whether a result that was rejected is: a provider that did not give in time what it owed may have computed well.
func wrong(r *consumer.Result) bool {
	if r == nil || r.Outcome == nil || len(r.Outcome.Rulings) == 0 {
		return true // its own records contradict each other, or its validators are agreed
	}
	return slices.ContainsFunc(r.Outcome.Rulings, func(x settle.Ruling) bool { return x.Kind != settle.Absence && x.Against(r.Provider) })
}

const (
	mostUnsettled = 2 // results of a provider that could not be checked, before it gets nothing any more
	mostRefused   = 5 // refusals in a row, a second after the first and then twice as long each time
)

// heard takes in an event of a try's submission.
func (c *course) heard(y *try, e *consumer.Event) error {
	out := Event{Task: y.task.Task, Provider: e.Provider, Kind: e.Kind, Text: e.Text, Job: e.Job}
	switch e.Kind {
	case "chosen":
		y.job, y.began = e.Job, time.Now()
		t := y.task
		t.rec.Issued = append(t.rec.Issued, issue{Job: e.Job, Provider: y.p.account, Addr: y.p.addr, Began: y.began.UnixMilli()})
		return c.s.book.tasks.Put(taskKey(c.plan.Hash, t.Task), t.rec)
	case "status":
		y.used = e.Status.Gas + e.Status.GPUGas
		out.Status = e.Status
	case "lost", "back":
		y.lost = e.Kind == "lost"
	case "moved":
		y.gone = e.Text
		return nil
	case "peers":
		if e.Provider != y.p.pinned && e.Provider != y.p.addr {
			return nil // a validator
		}
		y.absent, out.Kind, out.Provider = true, "lost", y.p.addr
	case "receipt":
		// Whose result is being checked may have the next task.
		if y.p.busy == y {
			y.p.busy = nil
		}
		y.p.refused = 0
		y.given = time.Now()
		y.seconds = y.given.Sub(y.began).Seconds()
		if h, err := msg.ParseHash(e.Text); err == nil {
			y.trace = &h
		}
	case "verdict":
		if e.Verdict == nil || e.Verdict.Value != msg.Valid {
			if e.Verdict != nil {
				out.Text = fmt.Sprintf("%s by %s", e.Verdict.Value, e.Verdict.Validator)
			}
			break
		}
		return nil
	case "dispute", "ruling":
	default:
		return nil
	}
	if !y.left {
		c.tell(out)
	}
	return nil
}

// accepted takes in a result that its validators agree with.
func (c *course) accepted(y *try, res *consumer.Result) error {
	if res.Receipt.Status == msg.Failed {
		return &FailedError{y.task.Task, "the job failed: " + res.Receipt.Failure}
	}
	y.trace = &res.Receipt.Trace
	y.p.unsettled = 0
	if !y.given.IsZero() {
		c.check = learned(c.check, time.Since(y.given).Seconds())
	}
	y.task.held = append(y.task.held, held{y, res})
	return c.decide(y.task)
}

// decide takes a task's result, if there is one and no other receipt says something else.
func (c *course) decide(t *task) error {
	if len(t.held) == 0 {
		return nil
	}
	alike := func(trace *msg.Hash, h held) bool { return trace == nil || *trace == h.res.Receipt.Trace }
	count := func(h held) (n int) {
		for _, x := range t.held {
			if alike(x.try.trace, h) {
				n++
			}
		}
		return n
	}
	for _, h := range t.held {
		switch {
		case count(h) < len(t.held) && !(h.try.whole && c.req.Policy.Validators > 0) && !(c.req.Policy.Validators == 0 && count(h) > 1):
			continue // results differ, and there is nothing that speaks for this one
		case slices.ContainsFunc(t.tries, func(y *try) bool { return !alike(y.trace, h) }):
			return nil // another receipt says something else: what is said of that first
		}
		return c.finish(t, h)
	}
	if !t.whole {
		t.whole = true
		c.tell(Event{Task: t.Task, Kind: "differ", Text: fmt.Sprintf("%s and %s come to different results, both accepted: it is done once more and checked whole",
			t.held[0].try.p.addr, t.held[1].try.p.addr)})
	}
	return nil
}

// finish makes a result the task's.
func (c *course) finish(t *task, h held) error {
	y, res := h.try, h.res
	t.rec.Done = &doneRecord{Job: res.Job, Addr: res.Addr, Receipt: res.Receipt, Milliseconds: uint64(max(y.seconds, 0) * 1000)}
	if err := c.s.book.done(c.plan.Hash, t.Task, t.rec); err != nil {
		return err
	}
	d := &Done{Task: t.Task, Program: res.Receipt.Program, Job: res.Job, Provider: res.Provider, Addr: res.Addr, Receipt: res.Receipt,
		Seconds: y.seconds, Issued: len(t.rec.Issued)}
	c.done[t.Task] = d
	c.open = slices.DeleteFunc(c.open, func(x *task) bool { return x == t })
	for _, x := range t.held {
		if x.res.Receipt.Trace != res.Receipt.Trace {
			reason := fmt.Sprintf("of %s it gave the trace root %.12s, what was checked whole has %.12s", t.Task, x.res.Receipt.Trace, res.Receipt.Trace)
			if err := c.drop(x.try.p, reason, true); err != nil {
				return err
			}
		} else if x.try.seconds > 0 && t.Shard != ShardReduce { // a reduce is short: its time is that of the way there
			rate, err := c.s.book.learn(x.try.p.account, x.res.Receipt.Gas+x.res.Receipt.GPUGas, x.try.seconds)
			if err != nil {
				return err
			}
			x.try.p.rate = rate
		}
	}
	for _, x := range slices.Clone(t.tries) {
		c.ask(x.p) // it may be dead
		c.leave(x)
	}
	c.tell(Event{Task: t.Task, Provider: res.Addr, Kind: "done", Job: res.Job, Done: d})
	return nil
}

const (
	// never is more seconds than any task takes.
	never = 1e12
	// A provider that is out of reach is asked every second whether it is back, for so long.
	asking = 15 * time.Second
)

// ask gives a provider nothing until it answers, and nothing more if it does not.
func (c *course) ask(p *provider) {
	if p.away || p.dropped != "" {
		return
	}
	p.away = true
	c.work.Go(func() {
		var err error
		for began := time.Now(); ; {
			ctx, cancel := context.WithTimeout(c.submits, asking/3)
			_, _, err = c.s.cfg.Info(ctx, p.pinned)
			cancel()
			if err == nil || c.submits.Err() != nil || time.Since(began) > asking {
				break
			}
			select {
			case <-c.submits.Done():
			case <-time.After(time.Second):
			}
		}
		c.news <- happening{p: p, err: err}
	})
}

// drop gives a provider nothing more of the plan.
func (c *course) drop(p *provider, reason string, wrong bool) error {
	if p.dropped != "" {
		return nil
	}
	p.dropped = reason
	c.rec.Dropped = append(c.rec.Dropped, Dropped{p.account, p.addr, reason, wrong})
	c.tell(Event{Provider: p.addr, Kind: "dropped", Text: reason})
	for _, t := range c.open {
		for _, y := range slices.Clone(t.tries) {
			if y.p == p {
				c.leave(y)
			}
		}
	}
	return c.s.book.plans.Put(c.plan.Hash, *c.rec)
}

// leave waits for a try's result no more.
func (c *course) leave(y *try) {
	y.left = true
	y.task.tries = slices.DeleteFunc(y.task.tries, func(x *try) bool { return x == y })
	y.cancel()
}

// callOff ends a job that nobody waits for at its provider, if that can be reached.
func (c *course) callOff(y *try) {
	if y.job == (msg.Hash{}) {
		return
	}
	c.calls.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), 3*time.Second)
		defer cancel()
		_, _ = c.s.cfg.Consumer.Cancel(ctx, y.job) // who cannot be reached works in vain
	})
}
