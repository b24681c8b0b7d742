package dispute

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// TestSeatRepeatsItself: what a seat has once said it says again from its journal, even if it now computes something else (a broken device, a
// version with a fault): two moves at one turn would convict it.
func TestSeatRepeatsItself(t *testing.T) {
	ctx := context.Background()
	c := try(t, waves(t), &lieAt)
	e := c.dispute(t)
	told := lieAt
	x := &table{job: c.job, ids: c.ids, evidence: e, accounts: map[string]Prover{"provider": account(t, c.job, c.run, lieIn, &told), "challenger": account(t, c.job, c.run, lieIn, nil)}}
	x.keepJournals()
	for n, m := range e.Dispute.Moves {
		name := []string{"provider", "challenger"}[n%2]
		d := rpc.Dispute{Challenge: e.Dispute.Challenge, Moves: e.Dispute.Moves[:n]}
		first, err := x.seat(name).Move(ctx, d)
		if err != nil || !same(&first, &m) {
			t.Fatalf("move %d is another one (%v)", n, err)
		}
		x.accounts[name] = broken{}
		again, err := x.seat(name).Move(ctx, d)
		if err != nil || again.Sig != first.Sig || !same(&again, &first) {
			t.Fatalf("move %d again: %v", n, err)
		}
		x.accounts = map[string]Prover{"provider": account(t, c.job, c.run, lieIn, &told), "challenger": account(t, c.job, c.run, lieIn, nil)}
	}
}

// same says whether two signed messages say the same thing.
func same(a, b *identity.Signed) bool { return bytes.Equal(a.Body, b.Body) }

// broken is an account that cannot say anything.
type broken struct{ Prover }

var errBroken = errors.New("it does not compute")

func (broken) Step(context.Context, uint64) (*trace.StepPoint, error) { return nil, errBroken }

func (broken) Points(context.Context, uint64) (uint64, error) { return 0, errBroken }

func (broken) Prove(context.Context, *trace.Question) (*runtime.Proof, error) { return nil, errBroken }

// slow is an account that answers when it is let.
type slow struct {
	Prover
	at      uint64
	started chan uint64
	let     chan struct{}
}

func (s slow) Step(ctx context.Context, n uint64) (*trace.StepPoint, error) {
	s.started <- s.at
	select {
	case <-s.let:
		return nil, errBroken
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestSeatIsNotFlooded: challenges that need no answer cost no account; of those of one challenger, one does; many questions about it make
// its own answers late and nobody else's; and there are never more accounts than a seat has room for.
func TestSeatIsNotFlooded(t *testing.T) {
	c := try(t, waves(t), nil)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	allowed := map[msg.Account]bool{}
	let, started := make(chan struct{}), make(chan uint64, 100)
	var mu sync.Mutex
	open := map[string]int{}
	seat := NewSeat(c.ids["provider"], store.NewMemory(store.Options{}).Journal("d"), func(*Challenge) (*rpc.JobRecords, error) { return &c.records, nil },
		func(_ context.Context, ch *Challenge) (Prover, error) {
			mu.Lock()
			defer mu.Unlock()
			open[fmt.Sprint(ch.Record.Index)]++
			return slow{at: ch.Record.Index, let: let, started: started}, nil
		})
	seat.told.now = soon
	seat.Allowed = func(ch *Challenge, _ *claim.Claims, _ []identity.Signed) error {
		if !allowed[ch.Challenger] {
			return errors.New("not on the jury")
		}
		return nil
	}
	challenge := func(by *identity.Identity, interval uint64, clock uint32) rpc.Dispute {
		ch := challengeOf(t, &c.records, c.ids)
		ch.Challenger, ch.Clock = by.Account(), clock
		ch.Record = msg.Interval{Index: interval, LastStep: 2*interval + 1}
		return rpc.Dispute{Challenge: sign(t, by, ch)}
	}
	for i := range uint64(6) {
		if _, err := seat.Move(ctx, challenge(c.ids["challenger"], i, 60)); !errors.Is(err, ErrNotHere) {
			t.Errorf("a challenge by one who is not on the jury: %v", err)
		}
	}
	if len(open) != 0 || len(seat.accounts) != 0 {
		t.Fatalf("accounts of %v were made for one who is not on the jury", open)
	}
	for _, name := range []string{"challenger", "w1"} {
		allowed[c.account(name)] = true
	}
	answers := make(chan error, 200)
	first := challenge(c.ids["challenger"], 3, 100)
	for range maxWaiting {
		go func() {
			_, err := seat.Move(ctx, first)
			answers <- err
		}()
	}
	<-started // one of them is being answered, and the others wait
	for waiting := 0; waiting < maxWaiting; {
		seat.mu.Lock()
		waiting = seat.lanes[c.account("challenger")].waiting
		seat.mu.Unlock()
	}
	if _, err := seat.Move(ctx, challenge(c.ids["challenger"], 1, 99)); !errors.Is(err, ErrBusy) {
		t.Errorf("a challenger's seventeenth question at once: %v", err)
	}
	// Another challenger comes through, to another interval than the one at hand.
	go func() {
		_, err := seat.Move(ctx, challenge(c.ids["w1"], 5, 60))
		answers <- err
	}()
	if at := <-started; at != 5 {
		t.Errorf("interval %d is asked about while another question of its challenger is being answered", at)
	}
	seat.mu.Lock()
	if n := len(seat.accounts); n > 2 {
		t.Errorf("%d accounts for two challengers", n)
	}
	seat.mu.Unlock()
	close(let)
	for range maxWaiting + 1 {
		if err := <-answers; !errors.Is(err, errBroken) {
			t.Errorf("%v", err)
		}
	}
	for i := range uint32(20) {
		other := challenge(c.ids["challenger"], uint64(i)%6, 101+i)
		m, err := seat.Move(ctx, other)
		if err != nil || !same(&m, &first.Challenge) {
			t.Fatalf("a second challenge: %v, wanted the first one back", err)
		}
		e, err := Repeated(other, m)
		c.convicts(t, e, err, "challenger")
	}
	if open["0"]+open["1"]+open["2"]+open["4"] != 0 {
		t.Errorf("accounts were made for a challenger's other challenges: %v", open)
	}
	// Many challengers at once.
	ids := []*identity.Identity{}
	for range 3 * maxSeated {
		id, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		allowed[id.Account()] = true
	}
	for i, id := range ids {
		go func() {
			_, err := seat.Move(ctx, challenge(id, uint64(i)%6, uint32(200+i)))
			answers <- err
		}()
	}
	for range ids {
		if err := <-answers; !errors.Is(err, errBroken) {
			t.Errorf("%v", err)
		}
		seat.mu.Lock()
		if n := len(seat.accounts); n > maxSeated {
			t.Errorf("%d accounts are kept, at most %d wanted", n, maxSeated)
		}
		seat.mu.Unlock()
	}
	if len(seat.lanes) != 0 {
		t.Errorf("%d lanes are left", len(seat.lanes))
	}
	var most int
	mu.Lock()
	defer mu.Unlock()
	for _, n := range open {
		most = max(most, n)
	}
	if most > 1 {
		t.Errorf("the account of one interval was made %d times: %v", most, open)
	}
}

// TestOneWordAtAPlace: to another move where there was one, and to another challenge, a seat answers with the first, also after a restart; and a
// referee that is shown so ends the dispute by that.
func TestOneWordAtAPlace(t *testing.T) {
	ctx := context.Background()
	x := newTable(t, 60)
	first := *x.evidence
	if _, err := (&Referee{Identity: x.ids["referee"]}).Lead(ctx, x.evidence, x.job, x.seat("provider"), x.seat("challenger")); err != nil {
		t.Fatal(err)
	}
	moves := x.evidence.Dispute.Moves
	if _, err := x.seat("provider").Proof(ctx, x.evidence.Dispute.soFar()); err != nil { // it hears the last move too
		t.Fatal(err)
	}
	said, err := claim.Read(first.Records)
	if err != nil {
		t.Fatal(err)
	}
	forks := 0
	for n, m := range moves {
		name, other := "provider", "challenger"
		if n%2 == 0 {
			name, other = other, name
		}
		for _, change := range []func(*Move){
			func(m *Move) { m.Hashes[0][5] ^= 1 },
			func(m *Move) { m.Workgroup = &[3]uint32{1, 2, 3} },
			func(m *Move) { m.Workgroup = nil },
		} {
			d := rpc.Dispute{Challenge: first.Dispute.Challenge, Moves: append(slices.Clone(moves[:n]), func() (s identity.Signed) {
				defer func() { _ = recover() }() // no hash to be changed
				return changed(t, x.ids[other], m, change)
			}())}
			if same(&d.Moves[n], &m) || playable(said, d) != nil {
				continue
			}
			forks++
			x.accounts[name] = broken{}
			got, err := x.seat(name).Move(ctx, d)
			if err != nil || !same(&got, &m) {
				t.Fatalf("move %d was another before: %v, wanted that one back", n, err)
			}
			e, err := Repeated(d, got)
			if err != nil {
				t.Fatalf("move %d: %v", n, err)
			}
			if out, err := e.Verify(ctx, nil); err != nil || !slices.Equal(out.Guilty, []msg.Account{x.ids[other].Account()}) {
				t.Fatalf("move %d: %+v, %v; wanted the %s", n, out, err, other)
			}
			if _, err := x.seat(name).Proof(ctx, d); !errors.Is(err, ErrMove) {
				t.Errorf("a proof behind another move %d: %v", n, err)
			}
		}
	}
	if forks < 4 {
		t.Errorf("%d other moves were tried, wanted some", forks)
	}

	// A challenger begins again, with a record that it likes better.
	second := changed(t, x.ids["challenger"], first.Dispute.Challenge, func(c *Challenge) { c.Record.GPUGas++ })
	for name, r := range map[string]struct {
		silent bool // to the referee
		player Player
	}{"told": {player: x.seat("provider")}, "by a witness": {silent: true, player: quiet{x.seat("provider"), 0, 1, new(time.Duration)}}} {
		e := Begun(*first.Records, second, nil)
		ref := &Referee{Identity: x.ids["referee"]}
		if r.silent {
			late := r.player.(quiet).late
			ref.now = func() time.Time { return time.Now().Add(*late) }
			ref.Absent = func(ctx context.Context, d rpc.Dispute, _ rpc.Absence) (*identity.Signed, []identity.Signed, error) {
				m, err := x.seat("provider").Move(ctx, d)
				return &m, nil, err
			}
		}
		out, err := ref.Lead(ctx, e, x.job, r.player, x.seat("challenger"))
		if err != nil || out.Kind != ByContradiction || !slices.Equal(out.Guilty, []msg.Account{x.ids["challenger"].Account()}) {
			t.Fatalf("%s: %+v, %v", name, out, err)
		}
		if again, err := e.Verify(ctx, nil); err != nil || !slices.Equal(again.Guilty, out.Guilty) {
			t.Errorf("%s: the evidence says %+v, %v", name, again, err)
		}
	}
}

// playable says why the moves of a dispute are none.
func playable(said *claim.Claims, d rpc.Dispute) error {
	g, err := BeginWith(said, d.Challenge)
	for _, m := range d.Moves {
		if err == nil {
			err = g.Play(m)
		}
	}
	return err
}

// TestOtherLastWord: a challenger whose last move is another than the one that the provider has heard gets no proof for it, and is proven to
// have said two things.
func TestOtherLastWord(t *testing.T) {
	ctx := context.Background()
	x := newTable(t, 60)
	if _, err := (&Referee{Identity: x.ids["referee"]}).Lead(ctx, x.evidence, x.job, x.seat("provider"), x.seat("challenger")); err != nil {
		t.Fatal(err)
	}
	if _, err := x.seat("provider").Proof(ctx, x.evidence.Dispute.soFar()); err != nil {
		t.Fatal(err)
	}
	said, err := claim.Read(x.evidence.Records)
	if err != nil {
		t.Fatal(err)
	}
	e := x.afresh()
	last := len(x.evidence.Dispute.Moves) - 1
	e.Dispute.Moves = slices.Clone(x.evidence.Dispute.Moves)
	found := false
	for _, group := range []*[3]uint32{nil, {0, 0, 0}, {1, 0, 0}, {2, 0, 0}} {
		other := changed(t, x.ids["challenger"], x.evidence.Dispute.Moves[last], func(m *Move) { m.Workgroup = group })
		if e.Dispute.Moves[last] = other; !same(&other, &x.evidence.Dispute.Moves[last]) && playable(said, e.Dispute.soFar()) == nil {
			found = true
			break
		}
	}
	if !found {
		t.Fatal("no other last move that could be made")
	}
	x.accounts["challenger"] = broken{}
	out, err := (&Referee{Identity: x.ids["referee"]}).Lead(ctx, e, x.job, x.seat("provider"), x.seat("challenger"))
	if err != nil || out.Kind != ByContradiction || !slices.Equal(out.Guilty, []msg.Account{x.ids["challenger"].Account()}) {
		t.Fatalf("%+v, %v", out, err)
	}
}
