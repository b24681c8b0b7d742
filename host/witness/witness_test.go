package witness

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

func openCPU(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }

// world is a finished job with everybody's keys, and witnesses that reach the parties in it.
type world struct {
	t                  *testing.T
	consumer, provider *identity.Identity
	others             map[msg.Account]*identity.Identity
	spec               msg.JobSpec
	receipt            msg.Receipt
	records            rpc.JobRecords
	seed               msg.Hash
	job                *runtime.Job
	states             []*state.Snapshot // after each interval
	jury               []msg.Account
	witnesses          map[msg.Account]*Witness
	stores             map[msg.Account]store.Store
	parties            map[msg.Account]*party
}

func sign(t testing.TB, id *identity.Identity, v msg.Hashed) identity.Signed {
	t.Helper()
	s, err := id.Sign(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, others: map[msg.Account]*identity.Identity{}, witnesses: map[msg.Account]*Witness{}, stores: map[msg.Account]store.Store{}, parties: map[msg.Account]*party{}}
	key := func() *identity.Identity {
		id, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	w.consumer, w.provider = key(), key()
	var candidates []msg.Candidate
	for range 8 {
		id := key()
		w.others[id.Account()] = id
		candidates = append(candidates, msg.Candidate{Account: id.Account(), Weight: 1})
	}
	slices.SortFunc(candidates, func(a, b msg.Candidate) int { return bytes.Compare(a.Account[:], b.Account[:]) })
	wasm, err := os.ReadFile("../../runtime/testdata/waves.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if w.job, err = runtime.NewJob(wasm, nil, runtime.Spec{Seed: 3, Interval: 4}); err != nil {
		t.Fatal(err)
	}
	secret := msg.Hash{5}
	w.spec = msg.JobSpec{Version: 1, Program: w.job.Program, Consumer: w.consumer.Account(), Deadline: time.Now().Add(time.Hour).Unix(), Commitment: settle.Commitment(secret),
		Policy: msg.Policy{SamplePPM: 1e6, Validators: 2, Window: 600, Clock: 1, Candidates: candidates}}
	dev, err := openCPU(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	res, err := runtime.Run(t.Context(), w.job, runtime.Options{Device: dev, OnInterval: func(_ msg.Interval, take func() (*state.Snapshot, error)) error {
		s, err := take()
		w.states = append(w.states, s)
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	hash := msg.HashOf(w.spec)
	w.records = rpc.JobRecords{Spec: sign(t, w.consumer, w.spec), Intervals: []identity.Signed{}}
	for _, rec := range res.Intervals {
		w.records.Intervals = append(w.records.Intervals, sign(t, w.provider, rpc.IntervalCommit{Job: hash, Record: rec}))
	}
	w.receipt = res.Receipt
	w.receipt.Job, w.receipt.Provider, w.receipt.Nonce, w.receipt.Ended = hash, w.provider.Account(), msg.Hash{1}, time.Now().Unix()
	w.records.Receipt = sign(t, w.provider, w.receipt)
	reveal := sign(t, w.consumer, rpc.Reveal{Job: hash, Secret: secret})
	w.records.Reveal = &reveal
	w.seed = settle.Beacon(hash, secret, w.receipt.Nonce, w.receipt.Trace)
	w.jury = settle.Jury(w.seed, &w.spec, &w.receipt, nil)
	for a, id := range w.others {
		w.stores[a] = store.NewMemory(store.Options{})
		wit, err := New(Config{Identity: id, Store: w.stores[a], Reach: func(addr string, account msg.Account) Party {
			if p := w.parties[account]; p != nil && addr == "there" {
				return p
			}
			return &party{}
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(wit.Close)
		w.witnesses[a] = wit
	}
	return w
}

// party does what its functions say; what it has none for it does not do.
type party struct {
	validate  func(func(rpc.ValidateEvent) error) error
	promise   func() (identity.Signed, error)
	open      func() (rpc.Opened, error)
	challenge func() (identity.Signed, error)
	move      func(rpc.Dispute) (identity.Signed, error)
	state     *state.Snapshot
	withhold  bool // a page
}

var errSilent = errors.New("silent")

func (p *party) Validate(ctx context.Context, _ rpc.ValidateRequest, each func(rpc.ValidateEvent) error) error {
	if p.validate == nil {
		<-ctx.Done() // takes the request and says nothing
		return ctx.Err()
	}
	return p.validate(each)
}

func (p *party) Promise(context.Context, msg.Hash) (identity.Signed, error) {
	if p.promise == nil {
		return identity.Signed{}, errSilent
	}
	return p.promise()
}

func (p *party) Open(context.Context, rpc.OpenRequest) (rpc.Opened, error) {
	if p.open == nil {
		return rpc.Opened{}, errSilent
	}
	return p.open()
}

func (p *party) Challenge(context.Context, rpc.ChallengeRequest) (identity.Signed, error) {
	if p.challenge == nil {
		return identity.Signed{}, errSilent
	}
	return p.challenge()
}

func (p *party) Move(_ context.Context, d rpc.Dispute) (identity.Signed, error) {
	if p.move == nil {
		return identity.Signed{}, errSilent
	}
	return p.move(d)
}

func (p *party) Manifest(context.Context, rpc.StateRef) ([]byte, error) {
	if p.state == nil {
		return nil, errSilent
	}
	return p.state.Manifest(), nil
}

func (p *party) FetchPages(_ context.Context, into store.Store, owner string, want []msg.Hash) error {
	var all [][]byte
	for _, h := range p.state.Hashes() {
		page, _ := p.state.Page(h)
		all = append(all, page)
	}
	if p.withhold {
		all = all[1:]
	}
	if _, err := into.PutPages(owner, all); err != nil {
		return err
	}
	return into.PinPages(owner, want)
}

// request is a question about who.
func (w *world) request(duty rpc.Duty, who msg.Account) rpc.WitnessRequest {
	r := rpc.WitnessRequest{Records: w.records, Who: who, Duty: duty}
	id := w.others[who]
	if who == w.provider.Account() {
		id = w.provider
	}
	if id != nil {
		a := sign(w.t, id, rpc.Announcement{Version: 1, Account: who, Addrs: []string{"elsewhere", "there"}, Until: time.Now().Add(time.Hour).Unix()})
		r.Announcement = &a
	}
	return r
}

// reach gives the witnesses themselves, without a network between.
func (w *world) reach(a msg.Account) Teller { return direct{w.witnesses[a]} }

type direct struct{ w *Witness }

func (d direct) Witness(ctx context.Context, r rpc.WitnessRequest) (rpc.WitnessAnswer, error) {
	return d.w.Answer(ctx, r)
}

// attested checks that a testimony is one of absence, and a proof.
func (w *world) attested(got *Testimony, err error, duty rpc.Duty, who msg.Account) {
	w.t.Helper()
	if err != nil || got.Given != nil || len(got.Absences) < 2 {
		w.t.Fatalf("%+v, %v; wanted that most attest an absence", got, err)
	}
	if out := settle.Attested(w.seed, &w.spec, &w.receipt, got.Absences); len(out) != 1 || out[0].Who != who || out[0].Duty != duty {
		w.t.Errorf("attested is %+v", out)
	}
	if out := settle.Attested(w.seed, &w.spec, &w.receipt, got.Absences[:1]); len(out) != 0 {
		w.t.Error("one witness is enough")
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.provider.Account()
	r := w.request(rpc.DutyState, who)
	r.Interval = 2
	w.parties[who] = &party{state: w.states[1]}
	got, err := Ask(t.Context(), w.reach, r)
	if err != nil || got.Given == nil || got.Given.State == nil {
		t.Fatalf("%+v, %v; wanted the state", got, err)
	}
	// The witness has it now, whole.
	s := w.stores[got.By]
	manifest, err := store.ReadAll(s, *got.Given.State, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := state.Assemble(manifest, w.states[1].Root(), s.GetPage); err != nil {
		t.Error(err)
	}
	// One page less, or another state, is none.
	for name, p := range map[string]*party{"a page withheld": {state: w.states[1], withhold: true}, "another state": {state: w.states[0]}, "nothing": {}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			who := w.provider.Account()
			r := w.request(rpc.DutyState, who)
			r.Interval = 2
			w.parties[who] = p
			got, err := Ask(t.Context(), w.reach, r)
			w.attested(got, err, rpc.DutyState, who)
		})
	}
}

func TestReveal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.consumer.Account()
	r := w.request(rpc.DutyReveal, who)
	r.Records.Reveal = nil
	drawn, err := Drawn(&r)
	if err != nil || len(drawn) != 3 {
		t.Fatalf("drawn are %v, %v", drawn, err)
	}
	// A stranger's word does not take the place of the consumer's.
	if err := w.witnesses[drawn[1]].Bring(sign(t, w.provider, rpc.Reveal{Job: w.receipt.Job, Secret: msg.Hash{9}})); err != nil {
		t.Fatal(err)
	}
	got, err := Ask(t.Context(), w.reach, r)
	w.attested(got, err, rpc.DutyReveal, who)

	w = newWorld(t)
	r = w.request(rpc.DutyReveal, w.consumer.Account())
	brought := *w.records.Reveal
	r.Records.Reveal = nil
	if drawn, err = Drawn(&r); err != nil {
		t.Fatal(err)
	}
	for _, b := range []identity.Signed{brought, sign(t, w.provider, rpc.Reveal{Job: w.receipt.Job, Secret: msg.Hash{9}})} {
		if err := w.witnesses[drawn[2]].Bring(b); err != nil {
			t.Fatal(err)
		}
	}
	got, err = Ask(t.Context(), w.reach, r)
	if err != nil || got.Given == nil || got.By != drawn[2] || !bytes.Equal(got.Given.Signed.Body, brought.Body) {
		t.Errorf("%+v, %v; wanted what the consumer brought", got, err)
	}
}

func (w *world) commit(who msg.Account) identity.Signed {
	return sign(w.t, w.others[who], rpc.VerdictCommit{Version: 1, Job: w.receipt.Job, Receipt: msg.HashOf(w.receipt), Validator: who, Hash: msg.Hash{3}})
}

func TestPromise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.jury[0]
	r := w.request(rpc.DutyPromise, who)
	r.Validate = &rpc.ValidateRequest{}
	// It needs longer than the clock, and says so as it goes.
	var asked atomic.Int32
	w.parties[who] = &party{validate: func(each func(rpc.ValidateEvent) error) error {
		asked.Add(1)
		for i := range 12 {
			time.Sleep(200 * time.Millisecond)
			if err := each(rpc.ValidateEvent{Checked: uint64(i)}); err != nil {
				return err
			}
		}
		p := w.commit(who)
		return each(rpc.ValidateEvent{Promise: &p})
	}}
	got, err := Ask(t.Context(), w.reach, r)
	if err != nil || got.Given == nil || got.Given.Signed == nil || asked.Load() > 3 {
		t.Errorf("%+v, %v after %d requests; wanted the promise", got, err, asked.Load())
	}
	// Where its requests break it is alive as long as each of them had a sign of life.
	w = newWorld(t)
	who = w.jury[0]
	r = w.request(rpc.DutyPromise, who)
	r.Validate = &rpc.ValidateRequest{}
	var times atomic.Int32
	w.parties[who] = &party{validate: func(each func(rpc.ValidateEvent) error) error {
		if err := each(rpc.ValidateEvent{Note: "working"}); err != nil {
			return err
		}
		time.Sleep(600 * time.Millisecond)
		if times.Add(1) < 12 { // three witnesses, each four times
			return errSilent
		}
		p := w.commit(who)
		return each(rpc.ValidateEvent{Promise: &p})
	}}
	if got, err := Ask(t.Context(), w.reach, r); err != nil || got.Given == nil {
		t.Errorf("%+v, %v; wanted the promise at last", got, err)
	}
	// Another's promise, one about something else, and none at all, are nothing.
	w = newWorld(t)
	who = w.jury[1]
	r = w.request(rpc.DutyPromise, who)
	r.Validate = &rpc.ValidateRequest{}
	w.parties[who] = &party{validate: func(each func(rpc.ValidateEvent) error) error {
		p := w.commit(w.jury[0])
		if times.Add(1)%2 == 0 {
			p = sign(t, w.others[who], rpc.VerdictCommit{Version: 1, Job: w.receipt.Job, Receipt: msg.Hash{1}, Validator: who})
		}
		return each(rpc.ValidateEvent{Promise: &p})
	}}
	got, err = Ask(t.Context(), w.reach, r)
	w.attested(got, err, rpc.DutyPromise, who)
	// Asked again, a witness says what it said.
	var first rpc.Absence
	by, err := got.Absences[0].Open(&first)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.witnesses[by].Answer(t.Context(), r)
	if err != nil || again.Absence == nil || !bytes.Equal(again.Absence.Body, got.Absences[0].Body) {
		t.Errorf("asked again: %+v, %v", again, err)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.jury[0]
	v := msg.Verdict{Version: 1, Receipt: msg.HashOf(w.receipt), Job: w.receipt.Job, Validator: who, Value: msg.Valid}
	opened := func(named ...msg.Hash) rpc.Opened {
		return rpc.Opened{Opening: sign(t, w.others[who], rpc.Opening{Version: 1, Job: w.receipt.Job, Receipt: v.Receipt, Validator: who, Verdicts: named}),
			Verdicts: []identity.Signed{sign(t, w.others[who], v)}}
	}
	r := w.request(rpc.DutyVerdict, who)
	r.Open = &rpc.OpenRequest{Job: w.receipt.Job, Promises: []identity.Signed{w.commit(who)}}
	w.parties[who] = &party{open: func() (rpc.Opened, error) { return opened(msg.HashOf(v)), nil }}
	if got, err := Ask(t.Context(), w.reach, r); err != nil || got.Given == nil || got.Given.Opened == nil {
		t.Errorf("%+v, %v; wanted the verdicts", got, err)
	}
	w2 := newWorld(t)
	w, who = w2, w2.jury[0]
	v.Receipt, v.Job, v.Validator = msg.HashOf(w.receipt), w.receipt.Job, who
	r = w.request(rpc.DutyVerdict, who)
	r.Open = &rpc.OpenRequest{Job: w.receipt.Job, Promises: []identity.Signed{w.commit(who)}}
	w.parties[who] = &party{open: func() (rpc.Opened, error) { return opened(msg.Hash{8}), nil }} // names others than it gives
	got, err := Ask(t.Context(), w.reach, r)
	w.attested(got, err, rpc.DutyVerdict, who)
}

// disputed has a juror challenge interval 1 of a provider that is right.
func (w *world) disputed() (rpc.Dispute, *dispute.Game) {
	rec := msg.Interval{}
	for i, s := range w.records.Intervals {
		var ic rpc.IntervalCommit
		if _, err := s.Open(&ic); err != nil {
			w.t.Fatal(err)
		}
		if i == 1 {
			rec = ic.Record
		}
	}
	rec.State[0]++
	ch := dispute.Challenge{Version: 1, Job: w.receipt.Job, Receipt: msg.HashOf(w.receipt), Provider: w.provider.Account(), Challenger: w.jury[0], Record: rec, Clock: 1, Referee: w.consumer.Account()}
	d := rpc.Dispute{Challenge: sign(w.t, w.others[w.jury[0]], ch), Moves: []identity.Signed{}}
	var records []msg.Interval
	for _, s := range w.records.Intervals {
		var ic rpc.IntervalCommit
		s.Open(&ic)
		records = append(records, ic.Record)
	}
	g, err := dispute.Begin(&w.receipt, records, w.spec.Program.Interval, d.Challenge)
	if err != nil {
		w.t.Fatal(err)
	}
	return d, g
}

func TestMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, g := w.disputed()
	who := w.provider.Account()
	r := w.request(rpc.DutyMove, who)
	r.Dispute = &d
	drawn, err := Drawn(&r)
	if err != nil || slices.Contains(drawn, w.jury[0]) {
		t.Errorf("witnesses %v, %v; the challenger, %v, is none", drawn, err, w.jury[0])
	}
	var prev rpc.IntervalCommit
	w.records.Intervals[0].Open(&prev)
	account, err := runtime.NewAccount(w.job, w.states[0], &prev.Record, 1, runtime.Options{OpenDevice: openCPU})
	if err != nil {
		t.Fatal(err)
	}
	move, err := g.Answer(t.Context(), w.provider, account)
	if err != nil {
		t.Fatal(err)
	}
	w.parties[who] = &party{move: func(rpc.Dispute) (identity.Signed, error) { return move, nil }}
	if got, err := Ask(t.Context(), w.reach, r); err != nil || got.Given == nil || got.Given.Signed == nil {
		t.Errorf("%+v, %v; wanted the move", got, err)
	}
	// That the challenger had begun another dispute is an answer too.
	w = newWorld(t)
	d, g = w.disputed()
	r = w.request(rpc.DutyMove, w.provider.Account())
	r.Dispute = &d
	other := g.Challenge
	other.Record.Index, other.Record.GPUGas = 0, 7
	before := sign(t, w.others[w.jury[0]], other)
	w.parties[r.Who] = &party{move: func(rpc.Dispute) (identity.Signed, error) { return before, nil }}
	if got, err := Ask(t.Context(), w.reach, r); err != nil || got.Given == nil || !slices.Equal(got.Given.Signed.Body, before.Body) {
		t.Errorf("%+v, %v; wanted the other challenge", got, err)
	}
	w = newWorld(t)
	d, _ = w.disputed()
	who = w.provider.Account()
	r = w.request(rpc.DutyMove, who)
	r.Dispute = &d
	w.parties[who] = &party{move: func(rpc.Dispute) (identity.Signed, error) { return move, nil }} // of another dispute
	got, err := Ask(t.Context(), w.reach, r)
	w.attested(got, err, rpc.DutyMove, who)
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, g := w.disputed()
	who := w.jury[0]
	ask := func(w *world, who msg.Account, value msg.Value) rpc.WitnessRequest {
		r := w.request(rpc.DutyChallenge, who)
		v := sign(t, w.others[who], msg.Verdict{Version: 1, Receipt: msg.HashOf(w.receipt), Job: w.receipt.Job, Validator: who, Value: value, Interval: 1})
		r.Interval, r.Challenge = 1, &rpc.ChallengeRequest{Verdict: v, Referee: w.consumer.Account(), Clock: g.Challenge.Clock}
		return r
	}
	w.parties[who] = &party{challenge: func() (identity.Signed, error) { return d.Challenge, nil }}
	if got, err := Ask(t.Context(), w.reach, ask(w, who, msg.Invalid)); err != nil || got.Given == nil || got.Given.Signed == nil {
		t.Errorf("%+v, %v; wanted the challenge", got, err)
	}
	if _, err := Ask(t.Context(), w.reach, ask(w, who, msg.Valid)); !errors.Is(err, ErrRefused) {
		t.Errorf("whoever found the interval valid is to dispute it: %v", err)
	}
	// Its one dispute may be about another interval that it found invalid, but not before another referee.
	for _, there := range []bool{true, false} {
		w = newWorld(t)
		_, g = w.disputed()
		c := g.Challenge
		if c.Record.Index, c.Record.LastStep = 0, 2; !there {
			c.Referee = who
		}
		other := sign(t, w.others[w.jury[0]], c)
		w.parties[w.jury[0]] = &party{challenge: func() (identity.Signed, error) { return other, nil }}
		got, err := Ask(t.Context(), w.reach, ask(w, w.jury[0], msg.Invalid))
		if !there {
			w.attested(got, err, rpc.DutyChallenge, w.jury[0])
		} else if err != nil || got.Given == nil {
			t.Errorf("%+v, %v; wanted the challenge of another interval", got, err)
		}
	}
	w = newWorld(t)
	w.parties[w.jury[1]] = &party{challenge: func() (identity.Signed, error) { return d.Challenge, nil }} // another's
	got, err := Ask(t.Context(), w.reach, ask(w, w.jury[1], msg.Invalid))
	w.attested(got, err, rpc.DutyChallenge, w.jury[1])
}

// Whatever would make a party look absent that owes nothing, or is asked in the wrong way or place, is refused.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	prov := w.provider.Account()
	good := func() rpc.WitnessRequest {
		r := w.request(rpc.DutyState, prov)
		r.Interval = 1
		return r
	}
	r := good()
	drawn, err := Drawn(&r)
	if err != nil {
		t.Fatal(err)
	}
	by := w.witnesses[drawn[0]]
	var idle msg.Account // neither on the bench nor a witness
	for a := range w.others {
		if !slices.Contains(settle.Bench(w.seed, &w.spec, &w.receipt, nil), a) && !slices.Contains(drawn, a) {
			idle = a
		}
	}
	announce := func(id *identity.Identity, a rpc.Announcement) *identity.Signed {
		s := sign(t, id, a)
		return &s
	}
	later := time.Now().Add(time.Hour).Unix()
	for name, c := range map[string]struct {
		change func(*rpc.WitnessRequest)
		want   string
	}{
		"interval 0":          {func(r *rpc.WitnessRequest) { r.Interval = 0 }, "begins in no state"},
		"interval behind all": {func(r *rpc.WitnessRequest) { r.Interval = 3 }, "begins in no state"},
		"another's duty":      {func(r *rpc.WitnessRequest) { r.Who = w.jury[0] }, "owes no state"},
		"unknown duty":        {func(r *rpc.WitnessRequest) { r.Duty = "lunch" }, "unknown"},
		"no announcement":     {func(r *rpc.WitnessRequest) { r.Announcement = nil }, "no announcement"},
		"forged announcement": {func(r *rpc.WitnessRequest) {
			r.Announcement = announce(w.consumer, rpc.Announcement{Version: 1, Account: prov, Addrs: []string{"nowhere"}, Until: later})
		}, "announcement"},
		"expired announcement": {func(r *rpc.WitnessRequest) {
			r.Announcement = announce(w.provider, rpc.Announcement{Version: 1, Account: prov, Addrs: []string{"nowhere"}, Until: 5})
		}, "valid until 5"},
		"no address": {func(r *rpc.WitnessRequest) {
			r.Announcement = announce(w.provider, rpc.Announcement{Version: 1, Account: prov, Until: later})
		}, "0 addresses"},
		"no reveal":            {func(r *rpc.WitnessRequest) { r.Records.Reveal = nil }, "nobody is drawn"},
		"records left out":     {func(r *rpc.WitnessRequest) { r.Records.Intervals = r.Records.Intervals[:2] }, "records"},
		"reveal of a provider": {func(r *rpc.WitnessRequest) { r.Duty = rpc.DutyReveal }, "owes no share"},
		"promise of one not drawn": {func(r *rpc.WitnessRequest) {
			r.Duty, r.Who, r.Validate = rpc.DutyPromise, idle, &rpc.ValidateRequest{}
		}, "was not drawn as a validator"},
		"promise to check what is not there": {func(r *rpc.WitnessRequest) {
			r.Duty, r.Who, r.Validate = rpc.DutyPromise, w.jury[0], &rpc.ValidateRequest{Also: []uint64{0, 3}}
		}, "interval 3 of 3"},
		"promise without a request": {func(r *rpc.WitnessRequest) { r.Duty, r.Who = rpc.DutyPromise, w.jury[0] }, "nothing that"},
		"verdict not promised": {func(r *rpc.WitnessRequest) {
			r.Duty, r.Who, r.Open = rpc.DutyVerdict, w.jury[0], &rpc.OpenRequest{Job: w.receipt.Job}
		}, "has promised no verdict"},
		"another's promise": {func(r *rpc.WitnessRequest) {
			r.Duty, r.Who, r.Open = rpc.DutyVerdict, w.jury[0], &rpc.OpenRequest{Job: w.receipt.Job, Promises: []identity.Signed{w.commit(w.jury[1])}}
		}, "has promised no verdict"},
		"challenge without a verdict": {func(r *rpc.WitnessRequest) {
			r.Duty, r.Who, r.Challenge = rpc.DutyChallenge, w.jury[0], &rpc.ChallengeRequest{Clock: 1}
		}, "did not find"},
		"challenge without a request": {func(r *rpc.WitnessRequest) { r.Duty, r.Who = rpc.DutyChallenge, w.jury[0] }, "nothing that"},
		"challenge of another interval": {func(r *rpc.WitnessRequest) {
			v := sign(t, w.others[w.jury[0]], msg.Verdict{Version: 1, Receipt: msg.HashOf(w.receipt), Job: w.receipt.Job, Validator: w.jury[0], Value: msg.Invalid, Interval: 1})
			r.Duty, r.Who, r.Interval, r.Challenge = rpc.DutyChallenge, w.jury[0], 2, &rpc.ChallengeRequest{Verdict: v, Clock: 1}
		}, "the verdict is on 1"},
		"challenge on a short clock": {func(r *rpc.WitnessRequest) {
			v := sign(t, w.others[w.jury[0]], msg.Verdict{Version: 1, Receipt: msg.HashOf(w.receipt), Job: w.receipt.Job, Validator: w.jury[0], Value: msg.Invalid, Interval: 1})
			r.Duty, r.Who, r.Interval, r.Challenge = rpc.DutyChallenge, w.jury[0], 1, &rpc.ChallengeRequest{Verdict: v}
		}, "a clock of 0"},
		"challenge on a long clock": {func(r *rpc.WitnessRequest) {
			v := sign(t, w.others[w.jury[0]], msg.Verdict{Version: 1, Receipt: msg.HashOf(w.receipt), Job: w.receipt.Job, Validator: w.jury[0], Value: msg.Invalid, Interval: 1})
			r.Duty, r.Who, r.Interval, r.Challenge = rpc.DutyChallenge, w.jury[0], 1, &rpc.ChallengeRequest{Verdict: v, Referee: w.consumer.Account(), Clock: w.spec.Policy.Clock + 1}
		}, "a clock of"},
		"challenge before another referee": {func(r *rpc.WitnessRequest) {
			v := sign(t, w.others[w.jury[0]], msg.Verdict{Version: 1, Receipt: msg.HashOf(w.receipt), Job: w.receipt.Job, Validator: w.jury[0], Value: msg.Invalid, Interval: 1})
			r.Duty, r.Who, r.Interval, r.Challenge = rpc.DutyChallenge, w.jury[0], 1, &rpc.ChallengeRequest{Verdict: v, Referee: idle, Clock: w.spec.Policy.Clock}
		}, "before the consumer"},
		"no dispute": {func(r *rpc.WitnessRequest) { r.Duty = rpc.DutyMove }, "no dispute"},
		"not its turn": {func(r *rpc.WitnessRequest) {
			d, _ := w.disputed()
			r.Duty, r.Who, r.Dispute = rpc.DutyMove, w.jury[0], &d
		}, "turn"},
		"a challenger who was not drawn": {func(r *rpc.WitnessRequest) {
			d, g := w.disputed()
			c := g.Challenge
			c.Challenger = idle
			d.Challenge = sign(t, w.others[idle], c)
			r.Duty, r.Dispute = rpc.DutyMove, &d
		}, "was not drawn as a validator"},
	} {
		r := good()
		c.change(&r)
		if _, err := by.Answer(t.Context(), r); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, wanted a refusal with %q", name, err, c.want)
		}
	}
	if _, err := w.witnesses[idle].Answer(t.Context(), good()); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "not drawn as a witness") {
		t.Errorf("a witness that was not drawn: %v", err)
	}
	by.now = func() time.Time { return time.Now().Add(11 * time.Minute) }
	if _, err := by.Answer(t.Context(), good()); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "window ended") {
		t.Errorf("after the window: %v", err)
	}
}

// The consumer sees the receipt that it is said not to answer, and nobody else does.
func TestReceiptIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.request(rpc.DutyReveal, w.consumer.Account())
	brought := *r.Records.Reveal
	r.Records.Reveal = nil
	drawn, err := Drawn(&r)
	if err != nil {
		t.Fatal(err)
	}
	// They follow from what the consumer knows when it gives the job away.
	about := rpc.Absence{Job: w.receipt.Job, Who: w.consumer.Account(), Duty: rpc.DutyReveal}
	if early := settle.WitnessesOf(msg.Hash{}, &w.spec, &msg.Receipt{Provider: w.provider.Account()}, &about); !slices.Equal(early, drawn) {
		t.Errorf("witnesses %v, before there is a receipt %v", drawn, early)
	}
	x := w.witnesses[drawn[0]]
	if x.Left(w.consumer.Account(), w.receipt.Job) != nil {
		t.Error("a receipt is left before anybody asked")
	}
	asked := make(chan rpc.WitnessAnswer)
	go func() {
		a, err := x.Answer(t.Context(), r)
		if err != nil {
			t.Error(err)
		}
		asked <- a
	}()
	var got *rpc.JobRecords
	for got == nil {
		got = x.Left(w.consumer.Account(), w.receipt.Job)
		time.Sleep(time.Millisecond)
	}
	if !bytes.Equal(got.Receipt.Body, w.records.Receipt.Body) || len(got.Intervals) != len(w.records.Intervals) {
		t.Error("another receipt is shown than was left")
	}
	if x.Left(w.provider.Account(), w.receipt.Job) != nil || x.Left(w.consumer.Account(), msg.Hash{1}) != nil {
		t.Error("a stranger is shown the receipt, or that of another job")
	}
	if err := x.Bring(brought); err != nil {
		t.Fatal(err)
	}
	if a := <-asked; a.Signed == nil {
		t.Errorf("%+v, wanted the share that was brought", a)
	}
}

// A restart forgets no word that was given, and no share that was brought.
func TestRestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.consumer.Account()
	r := w.request(rpc.DutyReveal, who)
	drawn, err := Drawn(&r)
	if err != nil {
		t.Fatal(err)
	}
	again := func(a msg.Account) *Witness {
		x, err := New(w.witnesses[a].cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(x.Close)
		return x
	}
	if err := w.witnesses[drawn[0]].Bring(*w.records.Reveal); err != nil {
		t.Fatal(err)
	}
	if a, err := again(drawn[0]).Answer(t.Context(), r); err != nil || a.Signed == nil {
		t.Errorf("%+v, %v; wanted the share", a, err)
	}
	first, err := w.witnesses[drawn[1]].Answer(t.Context(), r)
	if err != nil || first.Absence == nil {
		t.Fatalf("%+v, %v; wanted an absence", first, err)
	}
	if a, err := again(drawn[1]).Answer(t.Context(), r); err != nil || a.Absence == nil || !bytes.Equal(a.Absence.Body, first.Absence.Body) {
		t.Errorf("%+v, %v; wanted the same absence", a, err)
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.request(rpc.DutyReveal, w.consumer.Account())
	drawn, err := Drawn(&r)
	if err != nil {
		t.Fatal(err)
	}
	x := w.witnesses[drawn[0]]
	x.cfg.MaxQuestions = 1
	s := w.request(rpc.DutyState, w.provider.Account())
	s.Interval = 1
	go x.Answer(t.Context(), r)
	for {
		x.mu.Lock()
		n := len(x.open)
		x.mu.Unlock()
		if n == 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if seeing, _ := Drawn(&s); slices.Contains(seeing, drawn[0]) {
		if _, err := x.Answer(t.Context(), s); !errors.Is(err, ErrBusy) {
			t.Errorf("one question more than it may follow: %v", err)
		}
	} else if _, err := x.follow(msg.Hash{1}, &question{}); !errors.Is(err, ErrBusy) {
		t.Errorf("one question more than it may follow: %v", err)
	}
}

// A flood of shares takes no more than its room, and the newest are those that are kept.
func TestShareFlood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	x := w.witnesses[w.jury[0]]
	x.maxReveals = 8
	begin := time.Now()
	for i := range 30 {
		x.now = func() time.Time { return begin.Add(time.Duration(i) * time.Second) }
		if err := x.Bring(sign(t, w.consumer, rpc.Reveal{Job: msg.Hash{byte(i)}})); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := x.reveals.Keys()
	if err != nil || len(keys) > 8 || !slices.Contains(keys, revealKey(msg.Hash{29}, w.consumer.Account())) {
		t.Errorf("%d shares are kept, at most 8 wanted, the last among them (%v)", len(keys), err)
	}
}
