package dispute

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// table is a dispute about a flipped bit before it begins: seats whose moves a referee asks for.
type table struct {
	job      *runtime.Job
	evidence *Evidence
	ids      map[string]*identity.Identity
	accounts map[string]Prover
	journals map[string]store.Journal
}

func newTable(t testing.TB, clock uint32) *table {
	t.Helper()
	x := &table{job: example(t, "epochs=1", "steps=12")}
	fault := runtime.Fault{Step: 8, Any: true, Skip: 2, Offset: 404, Bit: 5}
	told := fault
	lying := run(t, x.job, &told)
	ours := account(t, x.job, lying, 1, nil)
	x.accounts = map[string]Prover{"provider": account(t, x.job, lying, 1, &fault), "challenger": ours}
	said, ids := records(t, x.job, lying)
	x.ids = ids
	x.keepJournals()
	computed, err := ours.Record(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c := challengeOf(t, &said, x.ids)
	c.Record, c.Clock = computed, clock
	x.evidence = Begun(said, sign(t, ids["challenger"], c), nil)
	return x
}

func (x *table) keepJournals() {
	x.journals = map[string]store.Journal{}
	for name := range x.accounts {
		x.journals[name] = store.NewMemory(store.Options{}).Journal("dispute/" + name)
	}
}

// seat is a fresh seat, as after a start of the node, over the journal that there is.
func (x *table) seat(name string) *Seat {
	s := NewSeat(x.ids[name], x.journals[name], func(*Challenge) (*rpc.JobRecords, error) { return x.evidence.Records, nil },
		func(context.Context, *Challenge) (Prover, error) { return x.accounts[name], nil })
	s.Allowed = Entitled
	s.told.now = soon
	return s
}

// afresh is the dispute before its first move.
func (x *table) afresh() *Evidence {
	return Begun(*x.evidence.Records, x.evidence.Dispute.Challenge, nil)
}

// quiet is a player that says nothing from a move on until another, while the referee's clock goes on.
type quiet struct {
	Player
	from, to int
	late     *time.Duration
}

var errQuiet = errors.New("no answer")

func (q quiet) Move(ctx context.Context, d rpc.Dispute) (identity.Signed, error) {
	if len(d.Moves) >= q.from && len(d.Moves) < q.to {
		*q.late += time.Hour
		return identity.Signed{}, errQuiet
	}
	return q.Player.Move(ctx, d)
}

// TestReferee leads a dispute whose seats and referee start anew before every single move, from what is on disk: nobody says two things,
// and the outcome is the same.
func TestReferee(t *testing.T) {
	ctx := context.Background()
	x := newTable(t, 60)
	r := &Referee{Identity: x.ids["referee"]}
	out, err := r.Lead(ctx, x.evidence, x.job, x.seat("provider"), x.seat("challenger"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.Guilty, []msg.Account{x.ids["provider"].Account()}) {
		t.Fatalf("found %+v", out)
	}
	if checked, err := x.evidence.Verify(ctx, nil); err != nil || !slices.Equal(checked.Guilty, out.Guilty) {
		t.Errorf("the evidence says %+v, %v", checked, err)
	}
	whole := x.evidence.Dispute.Moves

	again := x.afresh()
	stop := errors.New("killed")
	for n := 0; ; n++ {
		kept := 0
		r := &Referee{Identity: x.ids["referee"], Keep: func(*Evidence) error {
			if kept++; kept == 1 {
				return stop
			}
			return nil
		}}
		out, err := r.Lead(ctx, again, x.job, x.seat("provider"), x.seat("challenger"))
		if again.Dispute.Proof != nil {
			break
		}
		if !errors.Is(err, stop) || len(again.Dispute.Moves) != n+1 {
			t.Fatalf("after %d moves: %d, %+v, %v", n, len(again.Dispute.Moves), out, err)
		}
	}
	if len(again.Dispute.Moves) != len(whole) {
		t.Fatalf("%d moves, %d without kills", len(again.Dispute.Moves), len(whole))
	}
	for i := range whole {
		if string(again.Dispute.Moves[i].Body) != string(whole[i].Body) {
			t.Fatalf("move %d is another one after a kill", i)
		}
	}
}

// TestSeatRefuses what is none of its business, or not its turn.
func TestSeatRefuses(t *testing.T) {
	ctx := context.Background()
	x := newTable(t, 60)
	s := x.seat("challenger")
	d := x.evidence.Dispute.soFar()
	if _, err := s.Move(ctx, d); !errors.Is(err, ErrMove) {
		t.Errorf("not its turn: %v", err)
	}
	if _, err := s.Proof(ctx, d); !errors.Is(err, ErrMove) {
		t.Errorf("a proof before the end: %v", err)
	}
	other := NewSeat(x.ids["consumer"], store.NewMemory(store.Options{}).Journal("d"), nil, nil)
	if _, err := other.Move(ctx, d); !errors.Is(err, ErrNotHere) {
		t.Errorf("somebody else's dispute: %v", err)
	}
	if _, err := (&Referee{Identity: x.ids["consumer"]}).Lead(ctx, x.evidence, x.job, s, s); !errors.Is(err, ErrNotHere) {
		t.Errorf("somebody else as referee: %v", err)
	}
	m, err := x.seat("provider").Move(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	bad := m
	bad.Sig[4] ^= 1
	if _, err := s.Move(ctx, rpc.Dispute{Challenge: d.Challenge, Moves: []identity.Signed{bad}}); !errors.Is(err, ErrMove) {
		t.Errorf("a forged move before it: %v", err)
	}
}
