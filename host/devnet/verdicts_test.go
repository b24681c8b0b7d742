package devnet_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/host/validator"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
)

// plays gives nodes strategies by which to misbehave.
func plays(t testing.TB, role fault.Role, text string, names ...string) map[string]*fault.Play {
	t.Helper()
	out := map[string]*fault.Play{}
	for _, n := range names {
		p, err := fault.Parse(role, text)
		if err != nil {
			t.Fatal(err)
		}
		out[n] = p
	}
	return out
}

// story gathers the events of a submission.
type story struct {
	mu     sync.Mutex
	events []consumer.Event
}

func (s *story) event(e consumer.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

func (s *story) count(kind string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// convicts checks that a ruling's evidence is in the consumer's store and says again who is guilty.
func convicts(t *testing.T, n *devnet.Network, r *settle.Ruling) {
	t.Helper()
	out := devnettest.Proven(t, n.Consumer.Consumer.Open, r.Evidence)
	if out.Kind != r.Kind || !slices.Equal(out.Guilty, r.Guilty) || len(out.Guilty) == 0 {
		t.Errorf("the evidence says %s, guilty %v; the ruling %s, guilty %v", out.Kind, out.Guilty, r.Kind, r.Guilty)
	}
}

// A validator gives its verdicts when every juror is bound, or when its clock has run out, and never before. What it promised it stays with,
// over a restart too.
func TestNoVerdictBeforeAllAreBound(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 2})
	ctx := context.Background()
	// finished gives the records of a job that both have checked.
	finished := func(clock uint32) rpc.JobRecords {
		req := request(t, n)
		req.Policy.Clock, req.Validators = clock, 2
		got, err := n.Consumer.Consumer.Submit(ctx, req, nil)
		if err != nil {
			t.Fatal(err)
		}
		return got[0].Records
	}
	records := finished(600)
	job := jobOf(t, records)
	promise := func(v *node.Node) identity.Signed {
		t.Helper()
		var got *identity.Signed
		err := n.Consumer.Peer(v.Addr(), nil).Validate(ctx, rpc.ValidateRequest{Records: records, Provider: n.Providers[0].Addr()}, func(e rpc.ValidateEvent) error {
			if e.Promise != nil {
				got = e.Promise
			}
			return nil
		})
		if err != nil || got == nil {
			t.Fatalf("no promise: %v", err)
		}
		return *got
	}
	first := promise(n.Validators[0])
	if again := promise(n.Validators[0]); string(again.Body) != string(first.Body) {
		t.Error("asked again, a validator promises something else")
	}
	open := func(v *node.Node, promises ...identity.Signed) (*rpc.Opened, error) {
		o, err := n.Consumer.Peer(v.Addr(), nil).Open(ctx, rpc.OpenRequest{Job: job, Promises: promises})
		return &o, err
	}
	for name, promises := range map[string][]identity.Signed{"alone": {first}, "twice": {first, first}, "without any": nil} {
		if _, err := open(n.Validators[0], promises...); !transport.HasCode(err, transport.Busy) {
			t.Errorf("%s: %v, want that it waits for the other", name, err)
		}
	}
	// A copy of its own, in the other's name but not signed by the other, binds nobody.
	var p rpc.VerdictCommit
	if err := msg.Decode(first.Body, &p); err != nil {
		t.Fatal(err)
	}
	p.Validator = n.Validators[1].Account()
	stranger, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	forged, err := stranger.Sign(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(n.Validators[0], first, forged); !transport.HasCode(err, transport.Busy) {
		t.Errorf("with a forged promise: %v, want that it waits for the other", err)
	}
	second := promise(n.Validators[1])
	o, err := open(n.Validators[0], first, second)
	if err != nil {
		t.Fatal(err)
	}
	var said rpc.Opening
	if err := o.Opening.OpenFrom(&said, n.Validators[0].Account()); err != nil || len(o.Verdicts) != 6 {
		t.Fatalf("%d verdicts (%v), want 6", len(o.Verdicts), err)
	}
	p.Validator = n.Validators[0].Account()
	if msg.HashOf(said) != p.Hash {
		t.Error("what it opens is not what it promised")
	}
	// Where the clock has run out it says what it found, whoever else is bound.
	job = jobOf(t, finished(1))
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if _, err := open(n.Validators[1]); err == nil {
			break
		} else if !transport.HasCode(err, transport.Busy) || time.Now().After(end) {
			t.Fatalf("it can be kept from speaking for ever: %v", err)
		}
	}
	// Who was not drawn is not asked, and who is neither consumer nor witness does not ask.
	if err := n.Providers[0].Peer(n.Validators[0].Addr(), nil).Validate(ctx, rpc.ValidateRequest{Records: records}, nil); !transport.HasCode(err, transport.Forbidden) {
		t.Errorf("the provider has a validator work: %v, want that it is refused", err)
	}
}

func jobOf(t *testing.T, r rpc.JobRecords) msg.Hash {
	t.Helper()
	var spec msg.JobSpec
	if err := msg.Decode(r.Spec.Body, &spec); err != nil {
		t.Fatal(err)
	}
	return msg.HashOf(spec)
}

// A juror that says nothing is replaced by the next, by the word of witnesses, and the result is accepted all the same.
func TestSilentJurorIsReplaced(t *testing.T) {
	for _, at := range []string{"validate", "open"} {
		t.Run(at, func(t *testing.T) {
			silent := []string{"validator-1", "validator-2", "validator-3"}
			n := network(t, devnet.Config{Providers: 1, Validators: 6, Plays: plays(t, fault.Validator, "silent,at="+at, silent...)})
			for range 20 {
				req := request(t, n)
				req.Policy.Clock, req.Validators = 1, 2
				told := &story{}
				got, err := n.Consumer.Consumer.Submit(context.Background(), req, told.event)
				if err != nil {
					t.Fatal(err)
				}
				out := got[0].Outcome
				for _, a := range out.Jury {
					if i := slices.IndexFunc(n.Validators, func(v *node.Node) bool { return v.Account() == a }); i < len(silent) {
						t.Errorf("silent validator-%d is on the jury of an accepted result", i+1)
					}
				}
				for i := range out.Rulings {
					r := &out.Rulings[i]
					if r.Kind != settle.Absence || !slices.ContainsFunc(n.Validators[:len(silent)], func(v *node.Node) bool { return r.Against(v.Account()) }) {
						t.Errorf("ruling %+v, want on a silent validator's absence", r)
					}
					convicts(t, n, r)
				}
				if len(out.Rulings) > 0 {
					if told.count("witness") == 0 {
						t.Error("nobody is told that witnesses were asked")
					}
					return
				}
			}
			t.Error("no silent validator was ever drawn")
		})
	}
}

// With nobody left to witness it, nobody is to blame for a silence: the result is just not accepted, and it says why.
func TestSilenceWithoutWitnesses(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 1, Plays: plays(t, fault.Validator, "silent,at=validate", "validator-1")})
	req := request(t, n)
	req.Policy.Clock = 1
	got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
	if !errors.Is(err, consumer.ErrRejected) || !strings.Contains(err.Error(), "nobody can be blamed") || len(got) != 1 {
		t.Fatalf("%d results, %v; want one that is not accepted, and why", len(got), err)
	}
	if out := got[0].Outcome; out.Accepted || out.Guilty != nil || len(out.Rulings) != 0 {
		t.Errorf("outcome %+v, want that nobody is blamed", out)
	}
}

// Who copies another's promise cannot open it, and is found wrong or absent; the result does not depend on it.
func TestCopiedPromise(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 6, Plays: plays(t, fault.Validator, "copier,at=own", "validator-1", "validator-2", "validator-3")})
	for range 20 {
		req := request(t, n)
		req.Policy.Clock, req.Validators = 1, 2
		got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
		if err != nil {
			t.Fatal(err)
		}
		out := got[0].Outcome
		if len(out.Rulings) == 0 {
			continue
		}
		for i := range out.Rulings {
			if !slices.ContainsFunc(n.Validators[:3], func(v *node.Node) bool { return out.Rulings[i].Against(v.Account()) }) {
				t.Errorf("ruling %+v, want one against a copier", out.Rulings[i])
			}
			convicts(t, n, &out.Rulings[i])
		}
		return
	}
	t.Error("no copier was ever drawn")
}

// A provider that gives the states to nobody loses by the clock; one that is merely out of a validator's reach loses nothing.
func TestMissingState(t *testing.T) {
	t.Run("withheld", func(t *testing.T) {
		n := network(t, devnet.Config{Providers: 1, Validators: 5, Plays: plays(t, fault.Provider, "withhold-state", "provider-1")})
		req := request(t, n)
		req.Policy.Clock, req.Validators = 1, 2
		req.KeepState = -1
		got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
		if !errors.Is(err, consumer.ErrRejected) || len(got) != 1 {
			t.Fatalf("%d results, %v; want one that is rejected", len(got), err)
		}
		out := got[0].Outcome
		if out.Guilty == nil || *out.Guilty != n.Providers[0].Account() || len(out.Rulings) != 1 || out.Rulings[0].Kind != settle.Absence {
			t.Fatalf("outcome %+v, want the provider guilty by the clock, once", out)
		}
		convicts(t, n, &out.Rulings[0])
		if r, err := n.Consumer.Settlement.Reputation(free.Provider, n.Providers[0].Account()); err != nil || r.Missed != 1 || !r.Barred(time.Now()) {
			t.Errorf("its reputation is %+v (%v), want one thing missed", r, err)
		}
	})
	t.Run("from the consumer", func(t *testing.T) {
		var me msg.Account
		cfg := devnet.Config{Providers: 1, Validators: 2}
		cfg.Transport.Tamper = func(_ context.Context, m transport.Exchange) (any, error) {
			if m.Method == rpc.MethodManifest && m.Request != nil && m.Peer != me {
				return nil, transport.Errorf(transport.NotFound, "no such state")
			}
			return m.Message, nil
		}
		n := network(t, cfg)
		me = n.Consumer.Account()
		told := &story{}
		got, err := n.Consumer.Consumer.Submit(context.Background(), request(t, n), told.event)
		if err != nil {
			t.Fatal(err)
		}
		if out := got[0].Outcome; !out.Accepted || len(out.Rulings) != 0 || told.count("state") == 0 {
			t.Errorf("outcome %+v after %d states from the consumer, want accepted", out, told.count("state"))
		}
	})
}

// All of a new provider's work is checked, by its validators together; of one that was found good often enough, the sample.
func TestNewProvidersAreCheckedWhole(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 2})
	judged := func() (intervals []uint64) {
		t.Helper()
		req := request(t, n)
		req.Policy.SamplePPM = 0
		got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range got[0].Outcome.Verdicts {
			intervals = append(intervals, v.Interval)
		}
		slices.Sort(intervals)
		return slices.Compact(intervals)
	}
	if got := judged(); len(got) != 6 {
		t.Errorf("intervals %v of a new provider are checked, want all six", got)
	}
	for i := range settle.TrustedStreak {
		if err := n.Consumer.Settlement.Judge(n.Providers[0].Account(), msg.Hash{9, byte(i)}, free.Good); err != nil {
			t.Fatal(err)
		}
	}
	if got := judged(); len(got) > 2 {
		t.Errorf("intervals %v of a trusted provider are checked, want one for each validator", got)
	}
}

// A consumer that is stopped between promises and openings, or at any later message, goes on where it was and comes to the same.
func TestConsumerRestartsBetweenPromiseAndOpening(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 2})
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "consumer")
	start := func() (*node.Node, func()) {
		s, err := store.Open(dir, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := node.Start(node.Config{Identity: id, Store: s})
		if err != nil {
			t.Fatal(err)
		}
		return c, func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			c.Close(ctx)
			s.Close()
		}
	}
	req := request(t, n)
	for _, kind := range []string{"receipt", "sample", "promise", "verdict"} {
		c, stop := start()
		ctx, cancel := context.WithCancel(context.Background())
		var job msg.Hash
		_, err := c.Consumer.Submit(ctx, req, func(e consumer.Event) {
			if e.Kind == kind {
				job = e.Job
				cancel()
			}
		})
		cancel()
		stop()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped at %q: %v", kind, err)
		}
		c, stop = start()
		r, err := c.Consumer.Resume(context.Background(), job, nil)
		if err != nil {
			t.Fatalf("stopped at %q, then: %v", kind, err)
		}
		if out := r.Outcome; !out.Accepted || len(out.Verdicts) != 12 || len(out.Rulings) != 0 {
			t.Errorf("stopped at %q: outcome %+v, want accepted by 12 verdicts", kind, out)
		}
		for i, v := range n.Validators {
			f, err := v.Validator.Found(job)
			if err != nil || f.Promise == nil {
				t.Fatalf("validator-%d has not promised (%v)", i+1, err)
			}
		}
		stop()
	}
}

// A provider's book comes to the consumer's outcome, and knows who does not give its share of the beacon.
func TestProvidersBook(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 3})
	p := n.Providers[0]
	settled := func(job msg.Hash) *settle.Outcome {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			out, err := p.Settlement.Settle(context.Background(), job)
			if err == nil {
				return out
			}
			if time.Now().After(end) {
				t.Fatal(err)
			}
		}
	}
	got, err := n.Consumer.Consumer.Submit(context.Background(), request(t, n), nil)
	if err != nil {
		t.Fatal(err)
	}
	mine, its := got[0].Outcome, settled(got[0].Job)
	if !its.Accepted || its.Reason != mine.Reason || !slices.Equal(its.Jury, mine.Jury) || len(its.Verdicts) != len(mine.Verdicts) {
		t.Errorf("the provider's book says %+v, the consumer's %+v", its, mine)
	}
	if r, err := p.Settlement.Reputation(free.Consumer, n.Consumer.Account()); err != nil || r.Good != 1 {
		t.Errorf("the consumer's reputation is %+v (%v), want one good job", r, err)
	}

	// One that keeps its share back.
	n = network(t, devnet.Config{Providers: 1, Validators: 3, Plays: plays(t, fault.Consumer, "no-reveal", "consumer")})
	p = n.Providers[0]
	req := request(t, n)
	req.Policy.Clock = 1
	var job msg.Hash
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err = n.Consumer.Consumer.Submit(ctx, req, func(e consumer.Event) {
		if e.Kind == "receipt" {
			job = e.Job
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	out := settled(job)
	if !out.Accepted || out.Guilty == nil || *out.Guilty != n.Consumer.Account() || len(out.Rulings) != 1 || out.Rulings[0].Kind != settle.Absence {
		t.Errorf("outcome %+v, want that it is accepted by default", out)
	}
	_, err = n.Consumer.Consumer.Submit(context.Background(), req, nil)
	if !errors.Is(err, consumer.ErrNoBid) || !strings.Contains(err.Error(), "reputation") {
		t.Errorf("error %v, want that the provider takes no more of its jobs", err)
	}
}

// A juror that lies about one interval does not take the truth that it tells of another out of the way; and it does not judge again.
func TestATruthBesideALie(t *testing.T) {
	n := network(t, devnet.Config{Providers: 2, Faults: map[int]*runtime.Fault{0: {Step: 7, Any: true, Offset: 800, Bit: 5}}}) // in interval 3
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	s := store.NewMemory(store.Options{})
	defer s.Close()
	liar, err := node.Start(node.Config{Identity: id, Store: s, Validator: true, OpenDevice: openCPU, Device: cpuInfo,
		Lies: node.Lies{Validator: validator.Lies{Verdict: func(_ msg.Account, v *msg.Verdict) {
			if v.Interval == 0 {
				v.Value, v.First = msg.Invalid, &msg.Difference{What: "gas"}
			}
		}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer liar.Close(context.Background())
	req := request(t, n)
	req.Peers = []string{n.Providers[0].Addr(), liar.Addr()}
	req.Policy.Clock = 1
	got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
	if !errors.Is(err, consumer.ErrRejected) || len(got) != 1 {
		t.Fatalf("%d results, %v; want one that is rejected", len(got), err)
	}
	out := got[0].Outcome
	if out.Guilty == nil || *out.Guilty != n.Providers[0].Account() {
		t.Errorf("outcome %+v, want the provider guilty", out)
	}
	wrong := false
	for i := range out.Rulings {
		wrong = wrong || out.Rulings[i].Against(liar.Account())
		convicts(t, n, &out.Rulings[i])
	}
	if !wrong {
		t.Errorf("rulings %+v, want one against the validator too", out.Rulings)
	}
	var last *consumer.Result
	req.Peers[0] = n.Providers[1].Addr() // the first gets no jobs any more
	if got, err = n.Consumer.Consumer.Submit(context.Background(), req, nil); len(got) > 0 {
		last = got[0]
	}
	if err != nil || len(last.Outcome.Jury) != 0 {
		t.Errorf("%v, %+v: want that nobody judges the next job", err, last)
	}
}

// A record behind the end of the job can be neither replayed nor disputed by a juror: this node proves it wrong itself.
func TestARecordBehindTheEnd(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 3, Plays: plays(t, fault.Provider, "late-stop", "provider-1")})
	req := request(t, n)
	req.Policy.Clock = 1
	got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
	if !errors.Is(err, consumer.ErrRejected) || len(got) != 1 {
		t.Fatalf("%d results, %v; want one that is rejected", len(got), err)
	}
	out := got[0].Outcome
	if out.Guilty == nil || *out.Guilty != n.Providers[0].Account() || len(out.Rulings) != 1 || len(out.Rulings[0].Guilty) != 1 {
		t.Fatalf("outcome %+v, want the provider guilty and nobody else", out)
	}
	convicts(t, n, &out.Rulings[0])
}

// Who stands in for a juror that was proven wrong owes what that one owed: one that is silent is found so, and another comes in its place.
func TestStandInIsSilent(t *testing.T) {
	both := 0
	for range 40 { // networks where nobody has a name yet, or nobody would ask those again
		bad := plays(t, fault.Validator, "copier,at=own", "validator-1", "validator-2")
		for name, p := range plays(t, fault.Validator, "silent,at=validate", "validator-3", "validator-4") {
			bad[name] = p
		}
		n := network(t, devnet.Config{Providers: 1, Validators: 8, Plays: bad})
		req := request(t, n)
		req.Policy.Clock, req.Validators = 2, 2
		got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
		if err != nil {
			t.Fatal(err)
		}
		copied, silent := false, false
		for i := range got[0].Outcome.Rulings {
			r := &got[0].Outcome.Rulings[i]
			convicts(t, n, r)
			who := slices.IndexFunc(n.Validators, func(v *node.Node) bool { return r.Against(v.Account()) })
			copied, silent = copied || who == 0 || who == 1, silent || who == 2 || who == 3
			if who < 0 || who > 3 {
				t.Errorf("ruling %+v, want one against those that misbehave", r)
			}
		}
		if copied && silent {
			if both++; both == 2 {
				return
			}
		}
	}
	t.Error("none stood in for another and was silent")
}
