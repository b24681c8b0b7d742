package dispute

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// Referee leads a dispute: it asks the parties for their moves in turn, counts their time, and has what is left judged. It can lie about
// nothing but a party's silence.
type Referee struct {
	Identity *identity.Identity
	// Keep is called whenever the evidence has grown, to put it where it outlives this process. May be nil.
	Keep func(*Evidence) error
	// Progress is called after each move. May be nil.
	Progress func(*Game)
	// now is for tests.
	now func() time.Time
}

// pause is how long the referee waits before it asks again where a party did not answer or its move was refused.
const pause = 200 * time.Millisecond

// Lead goes on with a dispute from the evidence that there is of it, which holds at least the records and the challenge, and brings it to
// its end. job is the disputed one.
func (r *Referee) Lead(ctx context.Context, e *Evidence, job *runtime.Job, provider, challenger Player) (*Outcome, error) {
	if r.now == nil {
		r.now = time.Now
	}
	said, err := claim.Read(&e.Records)
	if err != nil {
		return nil, err
	}
	g, err := Begin(&said.Receipt, said.Intervals, said.Spec.Program.Interval, e.Challenge)
	if err != nil {
		return nil, err
	}
	if me := r.Identity.Account(); g.Challenge.Referee != me {
		return nil, fmt.Errorf("%w: its referee is %s, not %s", ErrNotHere, g.Challenge.Referee, me)
	}
	for i, m := range e.Moves {
		if err := g.Play(m); err != nil {
			return nil, unproven("move %d: %v", i, err)
		}
	}
	players := map[msg.Account]Player{g.Challenge.Provider: provider, g.Challenge.Challenger: challenger}
	for t := g.Turn(); t != nil; t = g.Turn() {
		m, err := r.ask(ctx, g, e, players[t.Who])
		if err != nil {
			return nil, err
		}
		if m == nil {
			return r.silent(g, e, t)
		}
		e.Moves = append(e.Moves, *m)
		if err := r.keep(e); err != nil {
			return nil, err
		}
		if r.Progress != nil {
			r.Progress(g)
		}
	}
	return r.rule(ctx, g, e, job, players)
}

func (r *Referee) keep(e *Evidence) error {
	if r.Keep == nil {
		return nil
	}
	return r.Keep(e)
}

// ask gets a move that the game takes, nil if the party's clock runs out before.
func (r *Referee) ask(ctx context.Context, g *Game, e *Evidence, p Player) (*identity.Signed, error) {
	end := r.now().Add(time.Duration(g.Challenge.Clock) * time.Second)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		left := end.Sub(r.now())
		if left <= 0 {
			return nil, nil
		}
		turn, cancel := context.WithTimeout(ctx, left)
		m, err := p.Move(turn, e.Challenge, e.Moves)
		cancel()
		if err == nil {
			if err = g.Play(m); err == nil {
				return &m, nil
			}
		}
		select { // it may answer better while its clock runs
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(pause, max(0, end.Sub(r.now())))):
		}
	}
}

// silent ends a dispute in which a party did not move.
func (r *Referee) silent(g *Game, e *Evidence, t *Turn) (*Outcome, error) {
	now := r.now().Unix()
	s, err := r.Identity.Sign(Silence{Version: 1, Dispute: g.ID, Before: g.Last(), Who: t.Who, Since: now - int64(g.Challenge.Clock), Until: now})
	if err != nil {
		return nil, err
	}
	e.Silence = &s
	out := g.outcome()
	if err := g.silence(&s, out); err != nil {
		return nil, err
	}
	return out, r.keep(e)
}

// rule has the question judged by the proof of either party: whoever is right can give one.
func (r *Referee) rule(ctx context.Context, g *Game, e *Evidence, job *runtime.Job, players map[msg.Account]Player) (*Outcome, error) {
	end := r.now().Add(time.Duration(g.Challenge.Clock) * time.Second)
	var faults []error
	for {
		faults = faults[:0]
		for _, who := range []msg.Account{g.Challenge.Challenger, g.Challenge.Provider} {
			turn, cancel := context.WithTimeout(ctx, max(0, end.Sub(r.now())))
			proof, err := players[who].Proof(turn, e.Challenge, e.Moves)
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
			e.Proof = proof
			return out, r.keep(e)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if r.now().After(end) {
			return nil, unproven("neither party gave a proof that bears out what both agreed on: %v", errors.Join(faults...))
		}
		time.Sleep(pause)
	}
}
