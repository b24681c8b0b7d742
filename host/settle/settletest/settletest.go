package settletest

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Bench is a Settlement under test.
type Bench struct {
	settle.Settlement
	// Reopen gives one over what the last one kept, as after a kill.
	Reopen func() settle.Settlement
	// Advance moves its clock forward.
	Advance func(time.Duration)
	// Now is what its clock says.
	Now func() time.Time
}

type suite struct {
	*Bench
	t   *testing.T
	ctx context.Context
}

func (s *suite) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Error(err)
	}
}

func (s *suite) want(err, target error) {
	s.t.Helper()
	if !errors.Is(err, target) {
		s.t.Errorf("error %v, want %v", err, target)
	}
}

func (s *suite) restart() { s.Settlement = s.Bench.Reopen() }

// begun has a job up to its beacon.
func (s *suite) begun(window time.Duration) *Job {
	j := NewJob(s.t, s.Now(), window)
	s.begin(j)
	return j
}

func (s *suite) begin(j *Job) {
	s.t.Helper()
	s.ok(s.Open(s.ctx, j.Signed, j.Agreed(j.Provider)))
	s.ok(s.Commit(s.ctx, j.Committed()))
	s.ok(s.Reveal(s.ctx, j.Reveal(j.Secret)))
}

// judge has a validator promise and open.
func (s *suite) judge(j *Job, by *identity.Identity, value msg.Value) {
	s.t.Helper()
	p, o := j.Bind(by, j.Verdicts(by, value))
	s.ok(s.Promise(s.ctx, p))
	s.ok(s.Opened(s.ctx, o))
}

// ends settles and checks how.
func (s *suite) ends(j *Job, accepted bool, guilty *identity.Identity, reason string) *settle.Outcome {
	s.t.Helper()
	out, err := s.Settle(s.ctx, j.Hash)
	if err != nil {
		s.t.Fatal(err)
	}
	if out.Accepted != accepted || (out.Guilty == nil) != (guilty == nil) || guilty != nil && *out.Guilty != guilty.Account() || !strings.Contains(out.Reason, reason) {
		s.t.Errorf("outcome accepted %v, guilty %v, %q; want %v, %q", out.Accepted, out.Guilty, out.Reason, accepted, reason)
	}
	return out
}

func (s *suite) open(j *Job, reason string) {
	s.t.Helper()
	out, err := s.Settle(s.ctx, j.Hash)
	s.want(err, settle.ErrNotYet)
	if out == nil || out.Accepted || !strings.Contains(out.Reason, reason) {
		s.t.Errorf("it stands at %+v, want %q", out, reason)
	}
}

// Run runs the suite. open gives a fresh Settlement.
func Run(t *testing.T, open func(t *testing.T) *Bench) {
	for name, f := range map[string]func(*suite){
		"order": order, "repeated": repeated, "wrong parties": parties, "openings": openings, "contradictions": contradictions,
		"outcomes": outcomes, "replaced": replaced, "rulings": rulings, "window": window, "any order, and kills": shuffled,
	} {
		t.Run(name, func(t *testing.T) { f(&suite{open(t), t, context.Background()}) })
	}
}

func order(s *suite) {
	j := NewJob(s.t, s.Now(), time.Hour)
	v := j.Validators[0]
	promise, opened := j.Bind(v, j.Verdicts(v, msg.Valid))
	s.want(s.Commit(s.ctx, j.Committed()), settle.ErrUnknown)
	s.want(s.Reveal(s.ctx, j.Reveal(j.Secret)), settle.ErrUnknown)
	s.want(s.Promise(s.ctx, promise), settle.ErrUnknown)
	s.want(s.Opened(s.ctx, opened), settle.ErrUnknown)
	s.want(s.Rule(s.ctx, j.Ruling(1, settle.Replay, v.Account())), settle.ErrUnknown)
	_, err := s.Seed(s.ctx, j.Hash)
	s.want(err, settle.ErrUnknown)
	_, err = s.Settle(s.ctx, j.Hash)
	s.want(err, settle.ErrUnknown)
	_, err = s.Case(s.ctx, j.Hash)
	s.want(err, settle.ErrUnknown)

	s.ok(s.Open(s.ctx, j.Signed, j.Agreed(j.Provider)))
	s.open(j, "no receipt")
	s.want(s.Reveal(s.ctx, j.Reveal(j.Secret)), settle.ErrNotYet) // the provider must not learn it before it commits
	s.ok(s.Commit(s.ctx, j.Committed()))
	_, err = s.Seed(s.ctx, j.Hash)
	s.want(err, settle.ErrNotYet)
	s.want(s.Promise(s.ctx, promise), settle.ErrNotYet) // nobody is drawn before there is a beacon
	s.open(j, "owes its share")
	s.want(s.Reveal(s.ctx, j.Reveal(msg.Hash{8})), settle.ErrMismatch)
	s.ok(s.Reveal(s.ctx, j.Reveal(j.Secret)))
	seed, err := s.Seed(s.ctx, j.Hash)
	s.ok(err)
	if seed != j.Seed {
		s.t.Errorf("seed %v, want %v", seed, j.Seed)
	}
	s.want(s.Opened(s.ctx, opened), settle.ErrNotYet) // a verdict that its validator was not bound to before
	s.ok(s.Promise(s.ctx, promise))
	s.open(j, "gave no verdict")
	s.ok(s.Opened(s.ctx, opened))
	s.open(j, "1 of 2")
}

func repeated(s *suite) {
	j := NewJob(s.t, s.Now(), time.Hour)
	for range 2 {
		s.ok(s.Open(s.ctx, j.Signed, j.Agreed(j.Provider)))
	}
	for range 2 {
		s.ok(s.Commit(s.ctx, j.Committed()))
	}
	for range 2 {
		s.ok(s.Reveal(s.ctx, j.Reveal(j.Secret)))
	}
	for range 2 {
		s.judge(j, j.Validators[0], msg.Valid)
		s.judge(j, j.Validators[1], msg.Valid)
	}
	for range 2 {
		out := s.ends(j, true, nil, "2 validators")
		if len(out.Verdicts) != len(j.Verdicts(j.Validators[0], msg.Valid))+len(j.Verdicts(j.Validators[1], msg.Valid)) || len(out.Jury) != 2 {
			s.t.Errorf("outcome %+v, want the verdicts of two", out)
		}
	}
}

func parties(s *suite) {
	j := NewJob(s.t, s.Now(), time.Hour)
	s.want(s.Open(s.ctx, j.Sign(j.Provider, j.Spec), j.Agreed(j.Provider)), settle.ErrMismatch)
	s.ok(s.Open(s.ctx, j.Signed, j.Agreed(j.Provider)))
	s.want(s.Open(s.ctx, j.Signed, j.Agreed(j.Validators[0])), settle.ErrConflict)
	odd := NewJob(s.t, s.Now(), time.Hour)
	odd.Change(func(spec *msg.JobSpec) { spec.Policy.Candidates[0].Weight = 0 })
	s.want(s.Open(s.ctx, odd.Signed, odd.Agreed(odd.Provider)), settle.ErrMismatch)
	for _, change := range []func(*rpc.Agreement){func(a *rpc.Agreement) { a.Terms.Job[0]++ }, func(a *rpc.Agreement) { a.Terms.Consumer[0]++ }} {
		fresh := NewJob(s.t, s.Now(), time.Hour)
		other := fresh.Agreed(fresh.Provider)
		change(&other)
		s.want(s.Open(s.ctx, fresh.Signed, other), settle.ErrMismatch)
	}
	dearer := j.Agreed(j.Provider)
	dearer.Terms.Price = msg.AmountOf(1)
	s.want(s.Open(s.ctx, j.Signed, dearer), settle.ErrConflict)

	s.want(s.Commit(s.ctx, j.Sign(j.Validators[0], j.Receipt)), settle.ErrMismatch)
	other := j.Receipt
	other.Program = msg.Hash{3}
	s.want(s.Commit(s.ctx, j.Sign(j.Provider, other)), settle.ErrMismatch)
	other = j.Receipt
	other.Ended += 7200 // which would hold the window open
	s.want(s.Commit(s.ctx, j.Sign(j.Provider, other)), settle.ErrMismatch)
	s.ok(s.Commit(s.ctx, j.Committed()))
	other = j.Receipt
	other.Trace = msg.Hash{3}
	s.want(s.Commit(s.ctx, j.Sign(j.Provider, other)), settle.ErrConflict)
	s.want(s.Reveal(s.ctx, j.Sign(j.Provider, rpc.Reveal{Job: j.Hash, Secret: j.Secret})), settle.ErrMismatch)
	s.ok(s.Reveal(s.ctx, j.Reveal(j.Secret)))

	stranger := NewJob(s.t, s.Now(), time.Hour).Consumer
	for _, who := range []*identity.Identity{j.Provider, j.Consumer, stranger} {
		p, _ := j.Bind(who, nil)
		s.want(s.Promise(s.ctx, p), settle.ErrMismatch)
	}
	// A commitment that somebody else signed, as a copier would.
	var c rpc.VerdictCommit
	p, _ := j.Bind(j.Validators[0], j.Verdicts(j.Validators[0], msg.Valid))
	if err := msg.Decode(p.Body, &c); err != nil {
		s.t.Fatal(err)
	}
	s.want(s.Promise(s.ctx, j.Sign(j.Validators[1], c)), settle.ErrMismatch)
	c.Receipt[0]++
	s.want(s.Promise(s.ctx, j.Sign(j.Validators[0], c)), settle.ErrMismatch)
	c.Receipt[0]--
	c.Version = 2 // no honest signer signs such a thing, and the signature of another is not its
	signed := j.Sign(j.Validators[0], rpc.VerdictCommit{Version: 1})
	signed.Body = msg.Encode(c)
	s.want(s.Promise(s.ctx, signed), msg.ErrDecode)
}

func openings(s *suite) {
	for name, verdicts := range map[string]func(j *Job, v *identity.Identity) []identity.Signed{
		"not all that it drew": func(j *Job, v *identity.Identity) []identity.Signed { return j.Verdicts(v, msg.Valid)[1:] },
		"another's":            func(j *Job, _ *identity.Identity) []identity.Signed { return j.Verdicts(j.Validators[1], msg.Valid) },
		"an interval twice": func(j *Job, v *identity.Identity) []identity.Signed {
			all := j.Verdicts(v, msg.Valid)
			return append(all, all[len(all)-1])
		},
		"behind the last": func(j *Job, v *identity.Identity) []identity.Signed {
			return append(j.Verdicts(v, msg.Valid), j.Verdict(v, j.Receipt.Intervals, msg.Valid))
		},
		"an unknown value": func(j *Job, v *identity.Identity) []identity.Signed { return j.Verdicts(v, "perhaps") },
	} {
		j := s.begun(time.Hour)
		p, o := j.Bind(j.Validators[0], verdicts(j, j.Validators[0]))
		s.ok(s.Promise(s.ctx, p))
		err := s.Opened(s.ctx, o)
		s.ok(err)
		s.judge(j, j.Validators[1], msg.Valid)
		s.judge(j, j.Validators[2], msg.Valid)
		if out := s.ends(j, true, nil, "2 validators"); slices.Contains(out.Jury, j.Validators[0].Account()) {
			s.t.Errorf("%s: it is on the jury all the same", name)
		}
	}
	j := s.begun(time.Hour)
	v := j.Validators[0]
	p, o := j.Bind(v, j.Verdicts(v, msg.Valid))
	s.ok(s.Promise(s.ctx, p))
	_, other := j.Bind(v, j.Verdicts(v, msg.Invalid))
	s.want(s.Opened(s.ctx, other), settle.ErrMismatch) // not what it had promised
	short := o
	short.Verdicts = o.Verdicts[:len(o.Verdicts)-1]
	s.want(s.Opened(s.ctx, short), settle.ErrMismatch)
	swapped := o
	swapped.Verdicts = other.Verdicts
	s.want(s.Opened(s.ctx, swapped), settle.ErrMismatch)
	forged := o // signed by somebody else, who may have put it there
	forged.Verdicts = slices.Clone(o.Verdicts)
	var first msg.Verdict
	if err := msg.Decode(o.Verdicts[0].Body, &first); err != nil {
		s.t.Fatal(err)
	}
	forged.Verdicts[0] = j.Sign(j.Consumer, first)
	s.want(s.Opened(s.ctx, forged), settle.ErrMismatch)
	s.ok(s.Opened(s.ctx, o))
	// One that it was asked for besides counts too.
	w := j.Validators[1]
	all := []identity.Signed{}
	for i := range j.Receipt.Intervals {
		all = append(all, j.Verdict(w, i, msg.Valid))
	}
	p, o = j.Bind(w, all)
	s.ok(s.Promise(s.ctx, p))
	s.ok(s.Opened(s.ctx, o))
	s.ends(j, true, nil, "2 validators")
}

func contradictions(s *suite) {
	j := s.begun(time.Hour)
	v := j.Validators[0]
	p, o := j.Bind(v, j.Verdicts(v, msg.Valid))
	again, _ := j.Bind(v, j.Verdicts(v, msg.Invalid))
	s.ok(s.Promise(s.ctx, p))
	s.want(s.Promise(s.ctx, again), settle.ErrConflict)
	s.ok(s.Opened(s.ctx, o))
	s.want(s.Promise(s.ctx, again), settle.ErrConflict)
	s.judge(j, j.Validators[1], msg.Valid)
	s.ends(j, true, nil, "2 validators")
}

func outcomes(s *suite) {
	// Nobody was asked: accepted, and it says so.
	j := NewJob(s.t, s.Now(), time.Hour)
	j.Change(func(spec *msg.JobSpec) { spec.Policy.Validators = 0 })
	s.begin(j)
	s.ends(j, true, nil, "unchecked")

	// What one of them finds invalid is not so because it says so, and the result is not accepted either.
	j = s.begun(time.Hour)
	s.judge(j, j.Validators[0], msg.Valid)
	s.judge(j, j.Validators[1], msg.Invalid)
	s.open(j, "found an interval invalid, which was not proven")
	s.Advance(2 * time.Hour)
	s.ends(j, false, nil, "the window closed")

	j = s.begun(time.Hour)
	s.judge(j, j.Validators[0], msg.Valid)
	s.judge(j, j.Validators[1], msg.Unavailable)
	s.open(j, "could not check")
	s.Advance(2 * time.Hour)
	s.ends(j, false, nil, "the window closed")

	// Who was not drawn may say what it likes.
	j = s.begun(time.Hour)
	s.judge(j, j.Validators[2], msg.Valid)
	s.judge(j, j.Validators[3], msg.Invalid)
	s.open(j, "0 of 2")
	s.judge(j, j.Validators[1], msg.Valid)
	s.judge(j, j.Validators[0], msg.Valid)
	if out := s.ends(j, true, nil, "2 validators"); len(out.Jury) != 2 || out.Jury[0] != j.Validators[0].Account() || out.Jury[1] != j.Validators[1].Account() {
		s.t.Errorf("jury %v, want the first two of the draw", out.Jury)
	}

	// No receipt.
	j = NewJob(s.t, s.Now(), time.Hour)
	s.ok(s.Open(s.ctx, j.Signed, j.Agreed(j.Provider)))
	s.open(j, "no receipt")
	s.Advance(2 * time.Hour)
	s.ends(j, false, nil, "deadline")

	// No share of the beacon, and no witness who says so.
	j = NewJob(s.t, s.Now(), time.Hour)
	s.ok(s.Open(s.ctx, j.Signed, j.Agreed(j.Provider)))
	s.ok(s.Commit(s.ctx, j.Committed()))
	s.Advance(2 * time.Hour)
	s.ends(j, false, nil, "owes its share")
}

func replaced(s *suite) {
	j := s.begun(time.Hour)
	s.judge(j, j.Validators[0], msg.Valid)
	s.open(j, j.Validators[1].Account().String()+" gave no verdict")
	s.ok(s.Rule(s.ctx, j.Ruling(1, settle.Absence, j.Validators[1].Account())))
	s.open(j, j.Validators[2].Account().String()+" gave no verdict")
	s.judge(j, j.Validators[2], msg.Invalid)
	s.open(j, "found an interval invalid")
	s.ok(s.Rule(s.ctx, j.Ruling(2, settle.Replay, j.Validators[2].Account()))) // wrongly, as was proven
	s.judge(j, j.Validators[3], msg.Valid)
	out := s.ends(j, true, nil, "2 validators")
	c, err := s.Case(s.ctx, j.Hash)
	s.ok(err)
	if c == nil || c.Provider != j.Provider.Account() || c.Receipt == nil || len(c.Promises) != 3 || len(c.Opened) != 3 || len(c.Opened[0].Verdicts) == 0 || len(c.Rulings) != 2 {
		s.t.Errorf("case %+v, want what three validators said and two rulings", c)
	}
	if want := []msg.Account{j.Validators[0].Account(), j.Validators[3].Account()}; !slices.Equal(out.Jury, want) || len(out.Rulings) != 2 {
		s.t.Errorf("jury %v after %d rulings, want %v after 2", out.Jury, len(out.Rulings), want)
	}
	// A juror that is found wrong afterwards does not count any more, and there is nobody left.
	s.ok(s.Rule(s.ctx, j.Ruling(3, settle.Replay, j.Validators[0].Account())))
	s.open(j, "1 more could not be drawn from the 4 candidates")
	s.Advance(90 * time.Minute)
	s.ends(j, false, nil, "the window closed")
}

func rulings(s *suite) {
	j := s.begun(time.Hour)
	s.judge(j, j.Validators[0], msg.Valid)
	s.judge(j, j.Validators[1], msg.Invalid)
	r := j.Ruling(1, settle.Dispute, j.Provider.Account())
	unnamed := r
	unnamed.Evidence = msg.Blob{}
	s.want(s.Rule(s.ctx, unnamed), settle.ErrMismatch)
	unnamed = r
	unnamed.Kind = ""
	s.want(s.Rule(s.ctx, unnamed), settle.ErrMismatch)
	for range 2 {
		s.ok(s.Rule(s.ctx, r))
		s.restart()
	}
	for _, change := range []func(*settle.Ruling){
		func(r *settle.Ruling) { r.Guilty = []msg.Account{j.Validators[1].Account()} }, func(r *settle.Ruling) { r.Kind = settle.Replay },
		func(r *settle.Ruling) { r.Interval++ }, func(r *settle.Ruling) { r.Void = true },
	} {
		other := r
		change(&other)
		s.want(s.Rule(s.ctx, other), settle.ErrConflict)
	}
	s.ends(j, false, j.Provider, "proven wrong: a test says so")

	// The provider is proven wrong though all its jurors, liars, were content; and what is proven of both weighs against the provider.
	j = s.begun(time.Hour)
	s.judge(j, j.Validators[0], msg.Valid)
	s.judge(j, j.Validators[1], msg.Valid)
	s.ends(j, true, nil, "")
	s.ok(s.Rule(s.ctx, j.Ruling(2, settle.Absence, j.Consumer.Account())))
	s.ends(j, true, j.Consumer, "by default")
	s.ok(s.Rule(s.ctx, j.Ruling(3, settle.Contradiction, j.Provider.Account())))
	s.ends(j, false, j.Provider, "proven wrong")

	// A consumer that owes its share.
	j = NewJob(s.t, s.Now(), time.Hour)
	s.ok(s.Open(s.ctx, j.Signed, j.Agreed(j.Provider)))
	s.ok(s.Commit(s.ctx, j.Committed()))
	s.ok(s.Rule(s.ctx, j.Ruling(4, settle.Absence, j.Consumer.Account())))
	s.ends(j, true, j.Consumer, "by default")

	// What a job goes on from was wrong: the result cannot stand, its provider did nothing wrong.
	j = s.begun(time.Hour)
	s.judge(j, j.Validators[0], msg.Valid)
	s.judge(j, j.Validators[1], msg.Valid)
	earlier := NewJob(s.t, s.Now(), time.Hour).Provider
	void := j.Ruling(5, settle.Replay, earlier.Account())
	void.Void = true
	s.ok(s.Rule(s.ctx, void))
	s.ends(j, false, earlier, "void")
	// A dispute in which nobody was wrong changes nothing.
	j = s.begun(time.Hour)
	s.judge(j, j.Validators[0], msg.Valid)
	s.judge(j, j.Validators[1], msg.Valid)
	s.ok(s.Rule(s.ctx, j.Ruling(6, settle.Dispute)))
	s.ends(j, true, nil, "")
}

func window(s *suite) {
	j := s.begun(time.Hour)
	s.judge(j, j.Validators[0], msg.Valid)
	p, o := j.Bind(j.Validators[1], j.Verdicts(j.Validators[1], msg.Valid))
	q, u := j.Bind(j.Validators[2], j.Verdicts(j.Validators[2], msg.Valid))
	s.ok(s.Promise(s.ctx, p))
	s.Advance(time.Hour) // the last second of it
	s.ok(s.Promise(s.ctx, q))
	s.open(j, "1 of 2")
	s.Advance(time.Second)
	s.ends(j, false, nil, "the window closed")
	s.want(s.Opened(s.ctx, o), settle.ErrLate)
	s.want(s.Opened(s.ctx, u), settle.ErrLate)
	late, _ := j.Bind(j.Validators[3], nil)
	s.want(s.Promise(s.ctx, late), settle.ErrLate)
	s.ok(s.Promise(s.ctx, p)) // which was made in time
	s.ends(j, false, nil, "the window closed")
	s.ok(s.Rule(s.ctx, j.Ruling(1, settle.Dispute, j.Provider.Account()))) // a dispute that went on
	s.Advance(settle.Grace)
	s.ok(s.Rule(s.ctx, j.Ruling(1, settle.Dispute, j.Provider.Account())))
	s.want(s.Rule(s.ctx, j.Ruling(2, settle.Dispute, j.Provider.Account())), settle.ErrLate)
	s.ends(j, false, j.Provider, "proven wrong")

	// An accepted result stays accepted when the window has closed.
	j = s.begun(time.Hour)
	s.judge(j, j.Validators[0], msg.Valid)
	s.judge(j, j.Validators[1], msg.Valid)
	s.Advance(100 * time.Hour)
	s.ends(j, true, nil, "2 validators")
}

// shuffled makes all moves of a job in many orders, some of them twice, each tried again while it comes too early, with a kill between any
// two: the outcome is the same.
func shuffled(s *suite) {
	random := rand.New(rand.NewPCG(5, 5))
	for _, c := range []struct {
		rulings func(j *Job) []settle.Ruling
		last    msg.Value
		ends    func(j *Job)
	}{
		{func(j *Job) []settle.Ruling {
			return []settle.Ruling{j.Ruling(1, settle.Absence, j.Validators[1].Account())}
		}, msg.Valid,
			func(j *Job) { s.ends(j, true, nil, "2 validators") }},
		{func(j *Job) []settle.Ruling {
			return []settle.Ruling{j.Ruling(1, settle.Dispute, j.Provider.Account()), j.Ruling(2, settle.Absence, j.Validators[1].Account())}
		}, msg.Invalid, func(j *Job) { s.ends(j, false, j.Provider, "proven wrong") }},
	} {
		for round := range 6 {
			j := NewJob(s.t, s.Now(), time.Hour)
			p0, o0 := j.Bind(j.Validators[0], j.Verdicts(j.Validators[0], msg.Valid))
			p2, o2 := j.Bind(j.Validators[2], j.Verdicts(j.Validators[2], c.last))
			receipt, reveal := j.Committed(), j.Reveal(j.Secret)
			moves := []func() error{
				func() error { return s.Open(s.ctx, j.Signed, j.Agreed(j.Provider)) },
				func() error { return s.Commit(s.ctx, receipt) },
				func() error { return s.Reveal(s.ctx, reveal) },
				func() error { return s.Promise(s.ctx, p0) }, func() error { return s.Opened(s.ctx, o0) },
				func() error { return s.Promise(s.ctx, p2) }, func() error { return s.Opened(s.ctx, o2) },
			}
			for _, r := range c.rulings(j) {
				moves = append(moves, func() error { return s.Rule(s.ctx, r) })
			}
			moves = append(moves, moves[:random.IntN(len(moves))]...)
			for len(moves) > 0 {
				random.Shuffle(len(moves), func(a, b int) { moves[a], moves[b] = moves[b], moves[a] })
				left := moves[:0]
				for _, m := range moves {
					switch err := m(); {
					case errors.Is(err, settle.ErrNotYet), errors.Is(err, settle.ErrUnknown):
						left = append(left, m)
					case err != nil:
						s.t.Fatal(err)
					}
					if round%2 == 0 {
						s.restart()
					}
				}
				moves = left
			}
			c.ends(j)
			first, _ := s.Settle(s.ctx, j.Hash)
			s.restart()
			if again, err := s.Settle(s.ctx, j.Hash); err != nil || !reflect.DeepEqual(first, again) {
				s.t.Errorf("settled again after a kill: %+v, then %+v (%v)", first, again, err)
			}
		}
	}
}
