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
	accounts map[string]*runtime.Account
	journals map[string]store.Journal
}

func newTable(t testing.TB, clock uint32) *table {
	t.Helper()
	x := &table{job: example(t, "epochs=1", "steps=12"), journals: map[string]store.Journal{}}
	fault := runtime.Fault{Step: 8, Any: true, Skip: 2, Offset: 404, Bit: 5}
	told := fault
	lying := run(t, x.job, &told)
	x.accounts = map[string]*runtime.Account{"provider": account(t, x.job, lying, 1, &fault), "challenger": account(t, x.job, lying, 1, nil)}
	x.evidence, x.ids = records(t, x.job, lying)
	for name := range x.accounts {
		x.journals[name] = store.NewMemory(store.Options{}).Journal("dispute/" + name)
	}
	computed, err := x.accounts["challenger"].Record(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c := challengeOf(t, x.evidence, x.ids)
	c.Record, c.Clock = computed, clock
	if x.evidence.Challenge, err = x.ids["challenger"].Sign(c); err != nil {
		t.Fatal(err)
	}
	return x
}

// seat is a fresh seat, as after a start of the node, over the journal that there is.
func (x *table) seat(name string) *Seat {
	return NewSeat(x.ids[name], x.journals[name], func(context.Context, *Challenge) (*rpc.JobRecords, Prover, error) {
		return &x.evidence.Records, x.accounts[name], nil
	})
}

// quiet is a player that says nothing from a move on, while the referee's clock goes on.
type quiet struct {
	Player
	from int
	late *time.Duration
}

var errQuiet = errors.New("no answer")

func (q quiet) Move(ctx context.Context, c identity.Signed, moves []identity.Signed) (identity.Signed, error) {
	if len(moves) >= q.from {
		*q.late += time.Hour
		return identity.Signed{}, errQuiet
	}
	return q.Player.Move(ctx, c, moves)
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
	checked, err := x.evidence.Verify(ctx, nil)
	if err == nil || checked != nil {
		t.Errorf("evidence without the job was verified: %+v", checked)
	}
	whole := x.evidence.Moves

	again := *x.evidence
	again.Moves, again.Proof = nil, nil
	stop := errors.New("killed")
	for n := 0; ; n++ {
		kept := 0
		r := &Referee{Identity: x.ids["referee"], Keep: func(*Evidence) error {
			if kept++; kept == 1 {
				return stop
			}
			return nil
		}}
		out, err := r.Lead(ctx, &again, x.job, x.seat("provider"), x.seat("challenger"))
		if again.Proof != nil {
			break
		}
		if !errors.Is(err, stop) || len(again.Moves) != n+1 {
			t.Fatalf("after %d moves: %d, %+v, %v", n, len(again.Moves), out, err)
		}
	}
	if len(again.Moves) != len(whole) {
		t.Fatalf("%d moves, %d without kills", len(again.Moves), len(whole))
	}
	for i := range whole {
		if string(again.Moves[i].Body) != string(whole[i].Body) {
			t.Fatalf("move %d is another one after a kill", i)
		}
	}
}

// TestSilentParties: whoever says nothing at any turn loses by its clock, and the other never does.
func TestSilentParties(t *testing.T) {
	ctx := context.Background()
	x := newTable(t, 600)
	for from := 0; from < 8; from++ {
		e := *x.evidence
		name := []string{"provider", "challenger"}[from%2]
		players := map[string]Player{"provider": x.seat("provider"), "challenger": x.seat("challenger")}
		var late time.Duration
		players[name] = quiet{players[name], from, &late}
		r := &Referee{Identity: x.ids["referee"], now: func() time.Time { return time.Now().Add(late) }}
		out, err := r.Lead(ctx, &e, x.job, players["provider"], players["challenger"])
		if err != nil {
			t.Fatal(err)
		}
		if !out.Silent || !slices.Equal(out.Guilty, []msg.Account{x.ids[name].Account()}) || len(e.Moves) != from {
			t.Errorf("silent from move %d: %+v", from, out)
		}
		if again, err := e.Verify(ctx, nil); err != nil || !slices.Equal(again.Guilty, out.Guilty) {
			t.Errorf("the evidence says %+v, %v", again, err)
		}
	}
}

// TestSeatRefuses what is none of its business, or not its turn.
func TestSeatRefuses(t *testing.T) {
	ctx := context.Background()
	x := newTable(t, 60)
	s := x.seat("challenger")
	if _, err := s.Move(ctx, x.evidence.Challenge, nil); !errors.Is(err, ErrMove) {
		t.Errorf("not its turn: %v", err)
	}
	if _, err := s.Proof(ctx, x.evidence.Challenge, nil); !errors.Is(err, ErrMove) {
		t.Errorf("a proof before the end: %v", err)
	}
	other := NewSeat(x.ids["consumer"], store.NewMemory(store.Options{}).Journal("d"), nil)
	if _, err := other.Move(ctx, x.evidence.Challenge, nil); !errors.Is(err, ErrNotHere) {
		t.Errorf("somebody else's dispute: %v", err)
	}
	if _, err := (&Referee{Identity: x.ids["consumer"]}).Lead(ctx, x.evidence, x.job, s, s); !errors.Is(err, ErrNotHere) {
		t.Errorf("somebody else as referee: %v", err)
	}
	m, err := x.seat("provider").Move(ctx, x.evidence.Challenge, nil)
	if err != nil {
		t.Fatal(err)
	}
	bad := m
	bad.Sig[4] ^= 1
	if _, err := s.Move(ctx, x.evidence.Challenge, []identity.Signed{bad}); !errors.Is(err, ErrMove) {
		t.Errorf("a forged move before it: %v", err)
	}
}
