package soak

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// flip is the lie of a provider that cheats: one bit of what the dispatch of step 7 wrote.
func flip() *runtime.Fault { return &runtime.Fault{Step: 7, Any: true, Offset: 800, Bit: 5} }

// waves is a job of 12 steps with two kernels, committed every two steps. Each seed is another job, with other roots.
func waves(wasm []byte, seed uint64) (*runtime.Job, error) {
	return runtime.NewJob(wasm, nil, runtime.Spec{Seed: seed, Interval: 2})
}

func wavesWASM(t testing.TB) []byte {
	t.Helper()
	return devnettest.Guest(t, "waves")
}

// roots are what a job comes to, whoever runs it.
type roots struct{ Trace, State msg.Hash }

func locally(ctx context.Context, j *runtime.Job) (roots, error) {
	d, err := devnettest.OpenCPU(ctx)
	if err != nil {
		return roots{}, err
	}
	defer d.Close()
	r, err := runtime.Run(ctx, j, runtime.Options{Device: d})
	if err != nil {
		return roots{}, err
	}
	return roots{r.Receipt.Trace, r.Receipt.State}, nil
}

// ending is how a submission ended.
type ending struct {
	Roots    roots
	Provider msg.Account
	Over     string // as the consumer's journal has it
	Reason   string
	Guilty   []msg.Account // whoever is named by the outcome or a ruling
	Tries    int           // submissions and resumptions that it took
	Faults   []string      // what the tries that were not the last ended with
}

// request is a job whose every interval is replayed by two validators.
func request(j *runtime.Job, peers []string) consumer.Request {
	return consumer.Request{Job: j, Peers: peers, Validators: 2, Deadline: time.Now().Add(jobTime), Policy: msg.Policy{SamplePPM: 1_000_000, Window: window}}
}

// window is the jobs' challenge window in seconds.
const window = 30

// through sees a program to its end, as a person would with gwrun submit and, whenever that fails, gwrun submit --resume: what the journal
// has of it is gone on with, and only where nobody was given the job yet it is submitted again.
func through(ctx context.Context, n *node.Node, req consumer.Request, event func(consumer.Event)) (*ending, error) {
	program := msg.HashOf(req.Job.Program)
	end := &ending{}
	for {
		job, s, err := submitted(n.Consumer, program)
		switch {
		case err != nil:
			return nil, err
		case s == nil:
			_, err = n.Consumer.Submit(ctx, req, event)
		case s.Over == "":
			_, err = n.Consumer.Resume(ctx, job, event)
		default:
			return end, end.read(ctx, n, job, s)
		}
		end.Tries++
		if ctx.Err() != nil {
			return nil, fmt.Errorf("not over after %d tries: %w (%q)", end.Tries, errors.Join(ctx.Err(), err), end.Faults)
		}
		if err != nil && !errors.Is(err, consumer.ErrRejected) {
			end.Faults = append(end.Faults, err.Error())
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
}

// submitted finds what the journal has of a program: the submission that somebody was given and that was not given up; nil if there is none.
func submitted(c *consumer.Consumer, program msg.Hash) (msg.Hash, *consumer.Submission, error) {
	jobs, err := c.Jobs()
	if err != nil {
		return msg.Hash{}, nil, err
	}
	for _, job := range jobs {
		s, spec, err := c.Find(job)
		if err != nil {
			return job, nil, err
		}
		if msg.HashOf(spec.Program) == program && s.Addr != "" && (s.Over == "" || s.Over == "accepted" || s.Over == "rejected") {
			return job, s, nil
		}
	}
	return msg.Hash{}, nil, nil
}

func (e *ending) read(ctx context.Context, n *node.Node, job msg.Hash, s *consumer.Submission) error {
	e.Over, e.Reason, e.Provider = s.Over, s.Reason, s.Provider
	if s.Receipt != nil {
		var r msg.Receipt
		if err := s.Receipt.OpenFrom(&r, s.Provider); err != nil {
			return err
		}
		e.Roots = roots{r.Trace, r.State}
	}
	out, err := n.Settlement.Settle(ctx, job)
	if err != nil {
		return fmt.Errorf("a job that is %s cannot be settled again: %w", s.Over, err)
	}
	if out.Accepted != (s.Over == "accepted") {
		return fmt.Errorf("the journal says %s, the settlement accepted %v", s.Over, out.Accepted)
	}
	if out.Guilty != nil {
		e.Guilty = append(e.Guilty, *out.Guilty)
	}
	for _, r := range out.Rulings {
		e.Guilty = append(e.Guilty, r.Guilty...)
	}
	return nil
}

// check says what is wrong with an ending, "" if nothing. Honest work is accepted with the roots it must have, a cheat's is rejected and the cheat
// named. Nobody is blamed but those who lie.
func (e *ending) check(want roots, cheated bool, liars ...msg.Account) string {
	before := fmt.Sprintf("guilty %v, before: %q", e.Guilty, e.Faults)
	for _, a := range e.Guilty {
		if !slices.Contains(liars, a) {
			return fmt.Sprintf("%v is blamed (%s: %s); of %v everybody lies; %s", a, e.Over, e.Reason, liars, before)
		}
	}
	switch {
	case !cheated && (e.Over != "accepted" || e.Roots != want):
		return fmt.Sprintf("honest work is %s (%s), roots %v; want it accepted with roots %v; %s", e.Over, e.Reason, e.Roots, want, before)
	case cheated && (e.Over != "rejected" || e.Roots == want || len(e.Guilty) == 0):
		return fmt.Sprintf("a cheat's work is %s (%s); want it rejected and %v guilty; %s", e.Over, e.Reason, liars, before)
	}
	return ""
}
