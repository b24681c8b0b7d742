package dispute

import (
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// Dispute is a dispute that was led to its end: the moves, and what ended it.
//
// Whoever tells the truth cannot be found guilty by it. Moves are signed, each names the one before it, and the one thing that is left is
// computed. A party that is silent is guilty by the word of most witnesses of that very turn, each of which asked it itself for as long as
// its clock runs (host/witness); and only where it had to answer at all: the challenger is on the jury, the clock is no shorter than the
// job's policy says.
type Dispute struct {
	Challenge identity.Signed   `cbor:"1,keyasint"`
	Moves     []identity.Signed `cbor:"2,keyasint"`
	// Absences show that the challenger was drawn in the place of others (rpc.Absence). They matter to who may dispute, and to a silence.
	Absences []identity.Signed `cbor:"3,keyasint"`
	Silence  []identity.Signed `cbor:"4,keyasint"` // of rpc.Absence, where a party did not move
	Proof    *runtime.Proof    `cbor:"5,keyasint,omitempty"`
}

// Begun is the evidence of a dispute that begins: what a Referee goes on with.
func Begun(records rpc.JobRecords, challenge identity.Signed, absences []identity.Signed) *Evidence {
	return &Evidence{Version: 2, Records: &records, Blobs: [][]byte{}, Dispute: &Dispute{Challenge: challenge, Moves: []identity.Signed{}, Absences: absences,
		Silence: []identity.Signed{}}}
}

// soFar is a dispute as its parties and its witnesses are asked about it.
func (d *Dispute) soFar() rpc.Dispute {
	return rpc.Dispute{Challenge: d.Challenge, Moves: d.Moves, Absences: d.Absences}
}

// BeginWith is Begin for records that were read. An interval that the provider took over from somebody else is not for it to defend: whoever
// finds one of those wrong has a Replay against its signer.
func BeginWith(said *claim.Claims, challenge identity.Signed) (*Game, error) {
	g, err := Begin(&said.Receipt, said.Intervals, said.Spec.Program.Interval, challenge)
	if err != nil {
		return nil, err
	}
	if i := g.Challenge.Record.Index; i < said.Prior() && g.q.Kind != Receipt {
		return nil, fmt.Errorf("%w: challenge: interval %d is %s's, the provider went on behind interval %d", ErrMove, i, said.By[i], said.Prior()-1)
	}
	return g, nil
}

// replayed is a game as far as the moves bring it.
func (d *Dispute) replayed(said *claim.Claims) (*Game, error) {
	g, err := BeginWith(said, d.Challenge)
	if err != nil {
		return nil, unproven("%v", err)
	}
	for i, m := range d.Moves {
		if err := g.Play(m); err != nil {
			return nil, unproven("move %d: %v", i, err)
		}
	}
	return g, nil
}

// dispute goes through a dispute again.
func (v *Verifier) dispute(ctx context.Context, e *Evidence, said *claim.Claims) (*Outcome, error) {
	d := e.Dispute
	g, err := d.replayed(said)
	if err != nil {
		return nil, err
	}
	out := g.outcome()
	switch {
	case len(d.Silence) > 0 && d.Proof != nil:
		return nil, unproven("a silence and a proof: a dispute ends once")
	case len(d.Silence) > 0:
		if len(e.Blobs) > 0 {
			return nil, unproven("it has %d blobs, and nothing is run", len(e.Blobs))
		}
		return out, g.silence(said, d, out)
	case g.Question() == nil:
		return nil, unproven("the dispute is not over: it is %s's turn (%v)", g.Turn().Who, g.Turn().Stage)
	case d.Proof == nil:
		return nil, unproven("what is left to be judged comes without a proof")
	}
	job, err := v.job(e, &said.Spec.Program)
	if err != nil {
		return nil, err
	}
	return out, g.Rule(ctx, job, d.Proof, out)
}

// outcome is the beginning of one.
func (g *Game) outcome() *Outcome {
	c := &g.Challenge
	return &Outcome{Kind: ByDispute, Dispute: g.ID, Job: c.Job, Provider: c.Provider, Challenger: c.Challenger, Guilty: []msg.Account{}, Question: g.Question(),
		Rounds: g.Rounds, Bytes: g.Bytes}
}

// Rule has what is left judged, and says in out who is guilty.
func (g *Game) Rule(ctx context.Context, job *runtime.Job, proof *runtime.Proof, out *Outcome) error {
	r, err := runtime.Judge(ctx, job, g.Question(), proof)
	if errors.Is(err, runtime.ErrProof) {
		return unproven("%v", err)
	}
	if err != nil {
		return err
	}
	out.Reason = r.Reason
	for p, wrong := range r.Wrong {
		if wrong {
			out.blame([]msg.Account{out.Provider, out.Challenger}[p])
		}
	}
	return nil
}
