package dispute

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// Referee leads a dispute: it asks the parties for their moves in turn, counts their time, and has what is left judged. It has no power:
// what it makes of the dispute anybody can find again, and its word that a party is silent counts for nothing.
type Referee struct {
	Identity *identity.Identity
	// Absent asks the witnesses of a turn (settle.WitnessesOf) about a party that made no move in time: they ask it themselves. It gives the
	// move that one of them was given, which the dispute goes on with, or their words that there was none. If nil, or if too few say
	// anything, the dispute ends undecided.
	Absent func(ctx context.Context, d rpc.Dispute, about rpc.Absence) (move *identity.Signed, statements []identity.Signed, err error)
	// Keep is called whenever the evidence has grown, to put it where it outlives this process. May be nil.
	Keep func(*Evidence) error
	// Progress is called after each move. May be nil.
	Progress func(*Game)
	// now is for tests.
	now func() time.Time
}

// pause is how long the referee waits before it asks again where a party did not answer or its move was refused.
const pause = 200 * time.Millisecond

// ErrUndecided is wrapped where a dispute ends without anybody being proven wrong.
var ErrUndecided = errors.New("undecided")

// Lead goes on with a dispute from the evidence that there is of it (Begun), and brings it to its end. job is the disputed one.
func (r *Referee) Lead(ctx context.Context, e *Evidence, job *runtime.Job, provider, challenger Player) (*Outcome, error) {
	if r.now == nil {
		r.now = time.Now
	}
	if e.Dispute == nil || e.Records == nil {
		return nil, unproven("it is no dispute")
	}
	said, err := claim.Read(e.Records)
	if err != nil {
		return nil, err
	}
	g, err := e.Dispute.replayed(said)
	if err != nil {
		return nil, err
	}
	if me := r.Identity.Account(); g.Challenge.Referee != me {
		return nil, fmt.Errorf("%w: its referee is %s, not %s", ErrNotHere, g.Challenge.Referee, me)
	}
	players := map[msg.Account]Player{g.Challenge.Provider: provider, g.Challenge.Challenger: challenger}
	for t := g.Turn(); t != nil; t = g.Turn() {
		m, twice, err := r.ask(ctx, g, e, players[t.Who])
		if err != nil {
			return nil, err
		}
		if twice != nil {
			return r.contradicted(ctx, e, twice)
		}
		if m == nil {
			out, moved, err := r.silent(ctx, g, e, said)
			if err != nil || !moved {
				return out, err
			}
			continue
		}
		if err := r.moved(g, e, m); err != nil {
			return nil, err
		}
	}
	return r.rule(ctx, g, e, job, players)
}

// moved keeps a move that the game took.
func (r *Referee) moved(g *Game, e *Evidence, m *identity.Signed) error {
	e.Dispute.Moves = append(e.Dispute.Moves, *m)
	if err := r.keep(e); err != nil {
		return err
	}
	if r.Progress != nil {
		r.Progress(g)
	}
	return nil
}

func (r *Referee) keep(e *Evidence) error {
	if r.Keep == nil {
		return nil
	}
	return r.Keep(e)
}

// contradicted ends a dispute by what one party showed of the other: the evidence becomes that.
func (r *Referee) contradicted(ctx context.Context, e, twice *Evidence) (*Outcome, error) {
	out, err := twice.Verify(ctx, nil)
	if err != nil {
		return nil, err
	}
	*e = *twice
	return out, nil
}

// Repeated is the evidence that a party gave instead of a move: that what it is asked to answer is not what the other said there before.
func Repeated(d rpc.Dispute, answer identity.Signed) (*Evidence, error) {
	last := d.Challenge
	if n := len(d.Moves); n > 0 {
		last = d.Moves[n-1]
	}
	return Contradicts(last, answer)
}

// ask gets a move that the game takes, or that there is nothing to be answered; neither if the party's clock runs out before.
func (r *Referee) ask(ctx context.Context, g *Game, e *Evidence, p Player) (_ *identity.Signed, twice *Evidence, _ error) {
	end := r.now().Add(time.Duration(g.Challenge.Clock) * time.Second)
	for {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		left := end.Sub(r.now())
		if left <= 0 {
			return nil, nil, nil
		}
		turn, cancel := context.WithTimeout(ctx, left)
		m, err := p.Move(turn, e.Dispute.soFar())
		cancel()
		if err == nil {
			if err = g.Play(m); err == nil {
				return &m, nil, nil
			}
			if twice, err := Repeated(e.Dispute.soFar(), m); err == nil {
				return nil, twice, nil
			}
		}
		select { // it may answer better while its clock runs
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(min(pause, max(0, end.Sub(r.now())))):
		}
	}
}

// silent has the witnesses see whether a party makes its move. It reports that one did, or how the dispute ends.
func (r *Referee) silent(ctx context.Context, g *Game, e *Evidence, said *claim.Claims) (out *Outcome, moved bool, _ error) {
	about := g.owes(said)
	undecided := func(err error) (*Outcome, bool, error) {
		return nil, false, fmt.Errorf("%w: %s made no move within %d seconds (%v): %w", ErrUndecided, about.Who, g.Challenge.Clock, g.Turn().Stage, err)
	}
	if r.Absent == nil {
		return undecided(errors.New("there are no witnesses to ask"))
	}
	move, words, err := r.Absent(ctx, e.Dispute.soFar(), about)
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	if err != nil {
		return undecided(err)
	}
	if move != nil {
		if err := g.Play(*move); err != nil {
			if twice, err := Repeated(e.Dispute.soFar(), *move); err == nil {
				out, err := r.contradicted(ctx, e, twice)
				return out, false, err
			}
			return undecided(err)
		}
		return nil, true, r.moved(g, e, move)
	}
	end := *e.Dispute
	end.Silence = bySigner(words)
	out = g.outcome()
	if err := g.silence(said, &end, out); err != nil {
		return undecided(err)
	}
	e.Dispute.Silence = end.Silence
	return out, false, r.keep(e)
}

// rule has the question judged by the proof of either party: whoever is right can give one. Then the evidence is whole.
func (r *Referee) rule(ctx context.Context, g *Game, e *Evidence, job *runtime.Job, players map[msg.Account]Player) (*Outcome, error) {
	end := r.now().Add(time.Duration(g.Challenge.Clock) * time.Second)
	var faults []error
	for {
		faults = faults[:0]
		for _, who := range []msg.Account{g.Challenge.Challenger, g.Challenge.Provider} {
			turn, cancel := context.WithTimeout(ctx, max(0, end.Sub(r.now())))
			proof, err := players[who].Proof(turn, e.Dispute.soFar())
			if err != nil && who == g.Challenge.Provider { // the challenger's last word may be another than the first that it said
				if m, err := players[who].Move(turn, e.Dispute.soFar()); err == nil {
					if twice, err := Repeated(e.Dispute.soFar(), m); err == nil {
						cancel()
						return r.contradicted(ctx, e, twice)
					}
				}
			}
			cancel()
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", who, err))
				continue
			}
			out := g.outcome()
			if err := g.Rule(ctx, job, proof, out); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", who, err))
				continue
			}
			e.Dispute.Proof = proof
			if err := r.keep(e); err != nil {
				return nil, err
			}
			e.Include(job)
			return out, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if r.now().After(end) {
			return nil, fmt.Errorf("%w: neither party gave a proof that bears out what both agreed on: %w", ErrUndecided, errors.Join(faults...))
		}
		time.Sleep(pause)
	}
}
