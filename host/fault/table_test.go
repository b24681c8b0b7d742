package fault_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/canary"
	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

var all = flag.Bool("all", false, "play every strategy at every step and level it can be played at")

// job is one of the runtime's test guests: waves computes on the device, counter reads an input. Intervals have two steps.
func job(t testing.TB, name string) *runtime.Job {
	t.Helper()
	var in []runtime.Input
	if name == "counter" {
		in = []runtime.Input{{Name: "text", Data: []byte("a text that the job reads byte by byte")}}
	}
	j, err := runtime.NewJob(devnettest.Guest(t, name), in, runtime.Spec{Seed: 3, Interval: 2})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// network starts a devnet in which the nodes misbehave so.
func network(t testing.TB, cfg devnet.Config) *devnet.Network {
	t.Helper()
	if cfg.Patience == 0 {
		cfg.Patience = clock * time.Second
	}
	cfg.Transport.CallTimeout = 5 * time.Second
	return devnettest.Network(t, cfg)
}

func play(t testing.TB, role fault.Role, text string) *fault.Play {
	t.Helper()
	p, err := fault.Parse(role, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// course is what a submission came to, and what the consumer was told on the way.
type course struct {
	results []*consumer.Result
	err     error
	jobs    []msg.Hash
	lines   []string
}

func (c *course) hear(e consumer.Event) {
	if e.Job != (msg.Hash{}) && !slices.Contains(c.jobs, e.Job) {
		c.jobs = append(c.jobs, e.Job)
	}
	if e.Status != nil {
		return
	}
	s := fmt.Sprintf("%s %s %s", e.Kind, e.Provider, e.Text)
	if e.Verdict != nil {
		s += fmt.Sprintf(" %d %s %s", e.Verdict.Interval, e.Verdict.Value, e.Verdict.Missing)
	}
	c.lines = append(c.lines, s)
}

// submit has the consumer of a network submit a job to one of its providers, checked by some of its validators.
func submit(t testing.TB, n *devnet.Network, name string, provider *node.Node, jury, window uint32) *course {
	t.Helper()
	return submitBy(t, n, name, provider, msg.Policy{Validators: jury, Window: window, Clock: clock})
}

// submitBy is submit with the jury, the window and the clock of a policy.
func submitBy(t testing.TB, n *devnet.Network, name string, provider *node.Node, p msg.Policy) *course {
	t.Helper()
	req := consumer.Request{Job: job(t, name), Validators: int(p.Validators), Deadline: time.Now().Add(time.Hour),
		Policy: msg.Policy{SamplePPM: 1_000_000, Window: p.Window, Clock: p.Clock}, Peers: []string{n.Addr(provider)}}
	for _, v := range n.Validators {
		req.Peers = append(req.Peers, n.Addr(v))
	}
	c := &course{}
	c.results, c.err = n.Consumer.Consumer.Submit(context.Background(), req, c.hear)
	return c
}

// clock is how many seconds each party has for what it owes.
const clock = 3

// accepted reports whether the consumer has a result.
func (c *course) accepted() bool {
	return c.err == nil && len(c.results) == 1 && c.results[0].Outcome != nil && c.results[0].Outcome.Accepted
}

// convicted checks that everything that any node ruled on is proven by its evidence, against some of the guilty and nobody else. It gives
// the kinds of evidence.
func (c *course) convicted(t testing.TB, n *devnet.Network, guilty ...msg.Account) (kinds []string) {
	t.Helper()
	for _, x := range slices.Concat(n.Providers, n.Validators, []*node.Node{n.Consumer}) {
		for _, job := range c.jobs {
			made, err := x.Settlement.Case(context.Background(), job)
			if err != nil {
				continue // it has not heard of the job
			}
			for _, r := range made.Rulings {
				out := devnettest.Proven(t, x.Consumer.Open, r.Evidence)
				t.Logf("%s: %s: %s", n.Name(x.Addr()), out.Kind, out.Reason)
				if !subset(out.Guilty, guilty) || !slices.Equal(r.Guilty, out.Guilty) {
					t.Errorf("guilty is %v, and in the ruling %v, by %s: %s; want %v", out.Guilty, r.Guilty, out.Kind, out.Reason, guilty)
				}
				if len(out.Guilty) > 0 && !slices.Contains(kinds, out.Kind) {
					kinds = append(kinds, out.Kind)
				}
			}
		}
	}
	return kinds
}

// show says what happened where a case fails.
func (c *course) show(t testing.TB) {
	if t.Failed() {
		t.Logf("accepted %v, error %v, heard\n    %s", c.accepted(), c.err, strings.Join(c.lines, "\n    "))
	}
}

// unblamed checks that no node of a network holds anything against an honest one.
func unblamed(t testing.TB, n *devnet.Network, bad func(name string) bool) {
	t.Helper()
	names := map[msg.Account]string{n.Consumer.Account(): "consumer"}
	nodes := slices.Concat(n.Providers, n.Validators, []*node.Node{n.Consumer})
	for _, x := range nodes[:len(nodes)-1] {
		names[x.Account()] = n.Name(x.Addr())
	}
	for _, x := range nodes {
		list, err := x.Settlement.Reputations()
		if err != nil {
			t.Error(err)
		}
		for _, r := range list {
			if (r.Missed > 0 || r.Wrong > 0) && !bad(names[r.Account]) {
				t.Errorf("%s holds %d lies and %d things missed against %s, which is honest", names[x.Account()], r.Wrong, r.Missed, names[r.Account])
			}
		}
	}
}

// Kinds of evidence, shorter.
const (
	byDispute       = dispute.ByDispute
	byContradiction = dispute.ByContradiction
	byReplay        = dispute.ByReplay
	byAbsence       = dispute.ByAbsence
)

// want is how a case has to end.
type want struct {
	accepted bool // the job has a good result in the end
	rejected bool // it has none; with neither, either may be
	// kinds of evidence by which the one that misbehaves is guilty, one of them at least; none: nobody is proven anything.
	kinds []string
}

func proves(kinds ...string) want { return want{rejected: true, kinds: kinds} }

func (w want) check(t testing.TB, c *course, kinds []string) {
	t.Helper()
	if w.accepted && !c.accepted() || w.rejected && c.accepted() {
		t.Errorf("accepted %v, error %v; want accepted %v, rejected %v", c.accepted(), c.err, w.accepted, w.rejected)
	}
	if len(w.kinds) == 0 && len(kinds) != 0 || len(w.kinds) != 0 && len(kinds) == 0 || !subset(kinds, w.kinds) {
		t.Errorf("guilty by %v, want %v", kinds, w.kinds)
	}
}

func subset[T comparable](a, b []T) bool {
	return !slices.ContainsFunc(a, func(x T) bool { return !slices.Contains(b, x) })
}

// playing is a case: who plays what.
type playing struct {
	plays map[string]string // by name; the first of who is the one whose case it is
	who   string
	job   string
	want  want
	rare  bool // played with -all only
	// window is the challenge window, in seconds.
	window uint32
	net    string // what happens to datagrams (package faultnet), where work is paid
}

// byProvider are the strategies of providers.
func byProvider() (list []playing) {
	add := func(rare bool, job, text string, w want) {
		list = append(list, playing{who: text, job: job, want: w, rare: rare})
	}
	for _, x := range []string{"flip", "skip-step", "stale", "wrong-input", "swapped-kernel", "wrong-gas", "wrong-gpu-gas", "forged-transcript"} {
		add(false, "waves", x+",step=7", proves(byDispute))
		if x != "stale" { // what was before the first step?
			add(true, "waves", x+",step=1", proves(byDispute)) // in the first interval there is no state to begin in
		}
		add(true, "waves", x+",step=12", proves(byDispute)) // the job's last
	}
	add(false, "counter", "wrong-input,step=7", proves(byDispute))
	add(false, "waves", "forged-state-root,step=5", proves(byDispute, byAbsence))
	for _, x := range []string{"wrong-gas", "wrong-gpu-gas", "forged-state-root", "forged-transcript"} {
		add(x != "wrong-gas", "waves", x+",step=5,at=record", proves(byDispute, byAbsence))
	}
	add(false, "waves", "early-stop,interval=1", proves(byDispute))
	add(false, "waves", "late-stop", proves(byDispute, byReplay))
	add(false, "waves", "forged-output", proves(byDispute))
	add(false, "waves", "forged-status", proves(byDispute))
	add(false, "waves", "equivocate-interval", proves(byContradiction))
	for _, l := range []string{"steps", "points", "buffers", "pages", "writer", "gas", "proof"} {
		add(false, "waves", "lie,step=7,level="+l, proves(byDispute))
	}
	for _, l := range fault.Levels[1:] {
		common := l == "steps" || l == "open-page" || l == "gas"
		add(!common, "waves", "garble,step=7,level="+string(l), proves(byDispute))
		add(!common, "waves", "mute,step=7,level="+string(l), proves(byDispute))
	}
	add(false, "waves", "silent,at=watch", want{accepted: true})
	add(false, "waves", "silent,at=start", want{accepted: true})
	add(true, "waves", "silent,at=offer", want{rejected: true})
	// The consumer sees one of the receipts, and there is nothing wrong with it.
	add(false, "waves", "equivocate-receipt", want{accepted: true})
	add(false, "waves", "slow,delay=100ms", want{accepted: true})
	return list
}

// chosen leaves out what is rare, without -all.
func chosen(list []playing) []playing {
	return slices.DeleteFunc(list, func(p playing) bool { return p.rare && !*all })
}

// together plays several cases at a time: most of them wait for a clock.
func together(t *testing.T, list []playing, f func(int, playing)) { atATime(6, list, f) }

func atATime(n int, list []playing, f func(int, playing)) {
	places := make(chan struct{}, n)
	var all sync.WaitGroup
	for i, tc := range list {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			f(i, tc)
		})
	}
	all.Wait()
}

func TestProviders(t *testing.T) {
	list := chosen(byProvider())
	cfg := devnet.Config{Providers: len(list), Validators: 6, Plays: map[string]*fault.Play{}}
	plays := make([]*fault.Play, len(list))
	for i, tc := range list {
		plays[i] = play(t, fault.Provider, tc.who)
		cfg.Plays[fmt.Sprintf("provider-%d", i+1)] = plays[i]
	}
	n := network(t, cfg)
	together(t, list, func(i int, tc playing) {
		t.Run(tc.job+" "+tc.who, func(t *testing.T) {
			c := submit(t, n, tc.job, n.Providers[i], 2, 60)
			defer c.show(t)
			tc.want.check(t, c, c.convicted(t, n, n.Providers[i].Account()))
			if plays[i].Acted() == 0 {
				t.Error("it never misbehaved")
			}
		})
	})
	unblamed(t, n, func(name string) bool { return strings.HasPrefix(name, "provider-") })
}

// others are the strategies of validators and consumers, with honest providers and with others.
func others() (list []playing) {
	add := func(rare bool, text string, w want, more ...string) {
		p := playing{plays: map[string]string{"validator-1": text}, who: "validator-1", want: w, rare: rare, window: 60}
		for i := 0; i+1 < len(more); i += 2 {
			p.plays[more[i]] = more[i+1]
		}
		list = append(list, p)
	}
	fine := func(kinds ...string) want { return want{accepted: true, kinds: kinds} }
	add(false, "always-valid", proves(byDispute, byReplay), "provider-1", "flip,step=7")
	add(false, "always-invalid", fine(byDispute, byReplay))
	add(false, "always-invalid,at=record", fine(byDispute, byReplay))
	add(false, "always-invalid,at=elsewhere", fine(byDispute))
	add(false, "always-invalid,at=none", fine(byAbsence, byReplay))
	add(false, "always-unavailable", want{})
	add(false, "colluder,friend=provider-1", proves(byDispute, byReplay), "provider-1", "flip,step=7")
	add(false, "copier,at=own", fine(byContradiction))
	add(false, "copier,at=theirs", fine(byAbsence, byContradiction))
	add(false, "contradictory,at=opening", fine(byContradiction))
	add(false, "contradictory,at=verdict", fine(byAbsence, byContradiction, byReplay))
	add(true, "contradictory,at=promise", want{})
	add(false, "flood", fine())
	// The other juror's dispute is led beside it; its own is another challenge than those that the provider has.
	add(false, "flood", proves(byDispute, byContradiction), "provider-1", "flip,step=7")
	add(false, "flood,at=dispute", fine(byContradiction))
	add(false, "silent,at=validate", fine(byAbsence))
	add(false, "silent,at=open", fine(byAbsence))
	add(false, "silent,at=witness", proves(byDispute, byAbsence), "provider-1", "mute,step=7")
	add(true, "slow,delay=100ms", fine())
	add(false, "false-witness", proves(byDispute), "provider-1", "flip,step=7", "consumer", "false-silence")
	for _, l := range fault.Levels[1:] {
		common := l == "open-points" || l == "proof"
		add(!common, "garble,level="+string(l), fine(byDispute, byReplay))
		add(!common, "mute,level="+string(l), fine(byDispute, byReplay))
	}
	provide := func(rare bool, text string, w want) {
		list = append(list, playing{plays: map[string]string{"provider-1": text}, who: "provider-1", want: w, rare: rare, window: 60})
	}
	// In a network of their own, where nobody has the pages from another's job.
	for _, x := range []string{"manifest", "page", "state"} {
		provide(x == "state", "withhold-"+x, want{rejected: true, kinds: []string{byAbsence}})
	}
	provide(false, "silent,at=manifest", want{rejected: true, kinds: []string{byAbsence}})
	provide(true, "withhold-output", want{rejected: true})
	provide(false, "silent,at=reveal", fine())
	consume := func(text string, w want, provider string) {
		p := playing{plays: map[string]string{"consumer": text}, who: "consumer", want: w, window: 12} // some wait for its end
		if provider != "" {
			p.plays["provider-1"] = provider
		}
		list = append(list, p)
	}
	consume("steer", fine(), "")
	consume("false-silence", proves(byDispute), "flip,step=7")
	consume("false-silence,at=challenger", proves(byDispute), "flip,step=7")
	consume("deny", fine(), "")
	for _, x := range []string{"start", "validate", "prior"} {
		consume("two-specs,at="+x, want{rejected: true}, "")
	}
	consume("no-reveal", want{kinds: []string{byAbsence}}, "")
	consume("false-reveal", want{kinds: []string{byContradiction}}, "")
	return list
}

func TestOthers(t *testing.T) {
	together(t, chosen(others()), func(_ int, tc playing) {
		name := tc.plays[tc.who]
		cfg := devnet.Config{Providers: 1, Validators: 6, Plays: map[string]*fault.Play{}}
		for who, text := range tc.plays {
			role, _, _ := strings.Cut(who, "-")
			cfg.Plays[who] = play(t, fault.Role(role), text)
			if who != tc.who {
				name += " with " + text
			}
		}
		t.Run(name, func(t *testing.T) {
			main := cfg.Plays[tc.who]
			for range 12 { // until it is drawn; in a network where nobody has a name yet, since that makes it more likely
				n := network(t, cfg)
				c := submit(t, n, "waves", n.Providers[0], 4, tc.window)
				defer c.show(t)
				if main.Acted() == 0 {
					continue
				}
				guilty := []msg.Account{}
				for _, x := range slices.Concat(n.Providers, n.Validators) {
					if cfg.Plays[n.Name(x.Addr())] != nil {
						guilty = append(guilty, x.Account())
					}
				}
				if cfg.Plays["consumer"] != nil {
					guilty = append(guilty, n.Consumer.Account())
				}
				kinds := c.convicted(t, n, guilty...)
				for range 100 { // the others' clocks may run on when the consumer is done
					if tc.who != "consumer" || len(kinds) > 0 || len(tc.want.kinds) == 0 {
						break
					}
					time.Sleep(200 * time.Millisecond)
					kinds = c.convicted(t, n, guilty...)
				}
				tc.want.check(t, c, kinds)
				unblamed(t, n, func(name string) bool { return cfg.Plays[name] != nil })
				return
			}
			t.Error("it never misbehaved")
		})
	})
}

// A provider that tells others something else than the consumer is found by a validator that looks at both.
func TestSeenElsewhere(t *testing.T) {
	for _, text := range []string{"equivocate-receipt,at=records", "equivocate-interval,at=records", "slow,delay=1ms"} {
		t.Run(text, func(t *testing.T) {
			p := play(t, fault.Provider, text)
			n := network(t, devnet.Config{Providers: 1, Validators: 2, Plays: map[string]*fault.Play{"provider-1": p}})
			provider, v := n.Providers[0], n.Validators[0]
			c := submit(t, n, "waves", provider, 2, 60)
			defer c.show(t)
			if want := (want{accepted: true}); c.err != nil || p.Acted() == 0 && text[0] == 's' {
				t.Fatalf("%v, wanted %+v", c.err, want)
			}
			account := provider.Account()
			from := v.Peer(provider.Addr(), &account)
			records, err := from.Records(t.Context(), c.jobs[0])
			if err != nil {
				t.Fatal(err)
			}
			evidence, out, err := v.Elsewhere(t.Context(), &records)
			if err != nil {
				t.Fatal(err)
			}
			lies := text[0] == 'e'
			if lies != (out != nil) {
				t.Fatalf("it was found %+v", out)
			}
			if lies {
				if out = devnettest.Proven(t, v.Consumer.Open, evidence); out.Kind != byContradiction || !slices.Equal(out.Guilty, []msg.Account{account}) {
					t.Errorf("the evidence says %+v", out)
				}
			}
			unblamed(t, n, func(name string) bool { return lies && name == "provider-1" })
			wrong := uint64(0)
			for range 2 { // it counts once
				r, err := v.Settlement.Reputation(free.Provider, account)
				if err != nil {
					t.Fatal(err)
				}
				wrong = r.Wrong
				if _, err := v.Check(t.Context(), from, records, nil, nil); err != nil && !lies {
					t.Fatal(err)
				}
			}
			if (wrong == 1) != lies {
				t.Errorf("%d lies are held against it", wrong)
			}
		})
	}
}

// Who does not compute and is right by chance is found by a canary: a result of which the consumer knows what is wrong with it.
func TestCanaries(t *testing.T) {
	for _, tc := range []struct {
		play string
		lie  bool
	}{{"always-valid", true}, {"always-invalid", false}} {
		t.Run(tc.play, func(t *testing.T) {
			p := play(t, fault.Validator, tc.play)
			n := network(t, devnet.Config{Validators: 2, Plays: map[string]*fault.Play{"validator-1": p}})
			bad := n.Validators[0].Account()
			r, err := canary.Run(t.Context(), n.Consumer, canary.Config{Lie: tc.lie, Request: consumer.Request{Job: job(t, "waves"), Validators: 2,
				Peers: n.Peers(), Deadline: time.Now().Add(time.Hour), Policy: msg.Policy{SamplePPM: 1_000_000, Window: 60, Clock: clock}}})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.Guilty, []msg.Account{bad}) {
				t.Errorf("guilty are %v, want %v", r.Guilty, bad)
			}
			found := false
			for _, v := range r.Verdicts {
				if v.Right {
					continue
				}
				if found = true; v.Validator != bad || v.Blob == nil {
					t.Fatalf("a verdict of %s is wrong, the evidence is %v", v.Validator, v.Blob)
				}
				if out := devnettest.Proven(t, n.Consumer.Consumer.Open, *v.Blob); !slices.Contains(out.Guilty, bad) || slices.Contains(out.Guilty, n.Validators[1].Account()) {
					t.Errorf("the evidence says %+v", out)
				}
			}
			if !found {
				t.Error("no verdict was wrong")
			}
		})
	}
}

// TestFloodCostsOneDispute: a juror that challenges a provider hundreds of times has it answer in one dispute.
func TestFloodCostsOneDispute(t *testing.T) {
	p := play(t, fault.Validator, "flood")
	n := network(t, devnet.Config{Providers: 1, Validators: 3, Plays: map[string]*fault.Play{"validator-1": p}})
	c := submit(t, n, "waves", n.Providers[0], 3, 60)
	defer c.show(t)
	if !c.accepted() {
		t.Fatalf("not accepted: %v", c.err)
	}
	for end := time.Now().Add(time.Minute); p.Acted() < fault.Flooded && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	disputes, moves := n.Providers[0].Disputes()
	t.Logf("%d challenges, %d disputes, %d moves", p.Acted(), disputes, moves)
	if p.Acted() < 2 || disputes != 1 || moves != 1 {
		t.Errorf("%d challenges by one juror cost %d disputes and %d moves, wanted one", p.Acted(), disputes, moves)
	}
	unblamed(t, n, func(name string) bool { return name == "validator-1" })
}
