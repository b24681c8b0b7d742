package dispute

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// Evidence is a whole dispute as a file: whoever has it can find out again who was wrong, without asking anybody.
type Evidence struct {
	Version   uint              `cbor:"1,keyasint"` // 1
	Records   rpc.JobRecords    `cbor:"2,keyasint"` // the job, the receipt and the interval records, signed
	Challenge identity.Signed   `cbor:"3,keyasint"`
	Moves     []identity.Signed `cbor:"4,keyasint"`
	Silence   *identity.Signed  `cbor:"5,keyasint,omitempty"` // where a party's clock ran out
	Proof     *runtime.Proof    `cbor:"6,keyasint,omitempty"` // else
	// Module and Inputs are the job's own, by the roots that the job names. Those that are left out have to be given otherwise.
	Blobs [][]byte `cbor:"7,keyasint"`
}

// MaxEvidence is the longest evidence that is read.
const MaxEvidence = 256 << 20

// Outcome is how a dispute ended.
type Outcome struct {
	Dispute    msg.Hash    `json:"dispute"`
	Job        msg.Hash    `json:"job"`
	Provider   msg.Account `json:"provider"`
	Challenger msg.Account `json:"challenger"`
	// Guilty are those who said what is not so, or nothing in time.
	Guilty   []msg.Account `json:"guilty"`
	Reason   string        `json:"reason"`
	Question *Question     `json:"question,omitempty"` // what was left to be judged
	Silent   bool          `json:"silent,omitempty"`   // by the clock of the referee, whose word that is
	Referee  msg.Account   `json:"referee"`
	Rounds   int           `json:"rounds"`
	Bytes    int           `json:"bytes"` // of the moves
}

// ErrEvidence is wrapped by every refusal of evidence: it proves nothing against anybody.
var ErrEvidence = errors.New("evidence refused")

func unproven(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrEvidence, fmt.Sprintf(format, args...))
}

// Verify goes through a dispute again. blob gives a part of the job that the evidence leaves out; it may be nil.
func (e *Evidence) Verify(ctx context.Context, blob func(msg.Blob) ([]byte, error)) (*Outcome, error) {
	if e.Version != 1 {
		return nil, unproven("version %d, wanted 1", e.Version)
	}
	said, err := claim.Read(&e.Records)
	var lie *claim.Inconsistent
	if errors.As(err, &lie) {
		// The provider's own signatures contradict each other: there is nothing to dispute about.
		return &Outcome{Job: said.Job, Provider: said.Receipt.Provider, Guilty: []msg.Account{said.Receipt.Provider}, Reason: "its own records contradict each other: " + lie.Text}, nil
	}
	if err != nil {
		return nil, unproven("%v", err)
	}
	g, err := Begin(&said.Receipt, said.Intervals, said.Spec.Program.Interval, e.Challenge)
	if err != nil {
		return nil, unproven("%v", err)
	}
	for i, m := range e.Moves {
		if err := g.Play(m); err != nil {
			return nil, unproven("move %d: %v", i, err)
		}
	}
	out := g.outcome()
	switch {
	case e.Silence != nil:
		return out, g.silence(e.Silence, out)
	case g.Question() == nil:
		return nil, unproven("the dispute is not over: it is %s's turn (%v)", g.Turn().Who, g.Turn().Stage)
	case e.Proof == nil:
		return nil, unproven("what is left to be judged comes without a proof")
	}
	job, err := e.job(said, blob)
	if err != nil {
		return nil, err
	}
	return out, g.Rule(ctx, job, e.Proof, out)
}

// outcome is the beginning of one.
func (g *Game) outcome() *Outcome {
	c := &g.Challenge
	return &Outcome{Dispute: g.ID, Job: c.Job, Provider: c.Provider, Challenger: c.Challenger, Guilty: []msg.Account{}, Question: g.Question(), Referee: c.Referee,
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
			out.Guilty = append(out.Guilty, []msg.Account{out.Provider, out.Challenger}[p])
		}
	}
	return nil
}

// silence checks what the referee says of a party.
func (g *Game) silence(signed *identity.Signed, out *Outcome) error {
	var s Silence
	if err := signed.OpenFrom(&s, g.Challenge.Referee); err != nil {
		return unproven("%v", err)
	}
	t := g.Turn()
	switch {
	case t == nil:
		return unproven("nobody is silent: all is said")
	case s.Version != 1 || s.Dispute != g.ID || s.Before != g.last || s.Who != t.Who:
		return unproven("the referee speaks of %s's silence after %s, it is %s's turn after %s", s.Who, s.Before, t.Who, g.last)
	case s.Since <= 0 || s.Until-s.Since < int64(g.Challenge.Clock):
		return unproven("a silence from %d to %d, shorter than the clock's %d seconds", s.Since, s.Until, g.Challenge.Clock)
	}
	out.Silent, out.Guilty = true, []msg.Account{s.Who}
	out.Reason = fmt.Sprintf("no move within %d seconds (%v)", g.Challenge.Clock, t.Stage)
	return nil
}

// job puts the disputed job together.
func (e *Evidence) job(said *claim.Claims, blob func(msg.Blob) ([]byte, error)) (*runtime.Job, error) {
	have := map[msg.Blob][]byte{}
	for _, b := range e.Blobs {
		have[merkle.BlobOf(b)] = b
	}
	job, err := runtime.LoadJob(&said.Spec.Program, func(b msg.Blob) ([]byte, error) {
		if data, ok := have[b]; ok {
			return data, nil
		}
		if blob == nil {
			return nil, fmt.Errorf("%v is not in the evidence", b.Root)
		}
		return blob(b)
	})
	if err != nil {
		return nil, fmt.Errorf("the disputed job: %w", err)
	}
	return job, nil
}

const evidenceMagic = "gwrun evidence 1\n"

// Write writes evidence as a file has it.
func (e *Evidence) Write(w io.Writer) error {
	if _, err := io.WriteString(w, evidenceMagic); err != nil {
		return err
	}
	_, err := w.Write(msg.Encode(*e))
	return err
}

// ReadEvidence reads what Write wrote. What it proves is for Verify.
func ReadEvidence(r io.Reader) (*Evidence, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxEvidence+1))
	switch {
	case err != nil:
		return nil, err
	case len(b) > MaxEvidence:
		return nil, unproven("more than %d bytes", MaxEvidence)
	case len(b) < len(evidenceMagic) || string(b[:len(evidenceMagic)]) != evidenceMagic:
		return nil, unproven("it does not begin with %q", evidenceMagic)
	}
	e := new(Evidence)
	if err := msg.DecodeFile(b[len(evidenceMagic):], MaxEvidence, e); err != nil {
		return nil, unproven("%v", err)
	}
	return e, nil
}
