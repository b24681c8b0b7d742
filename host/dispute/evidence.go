package dispute

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// Evidence is a proof against somebody as a file: whoever has it can find out again who was wrong, without asking anybody. It holds
// exactly one of Dispute, Contradiction, Replay and Absence.
//
// Each kind names nobody but those whose own signatures it holds, or, of Absence and of a silence in a Dispute, whom most of the witnesses
// that were drawn say did not answer them.
type Evidence struct {
	Version uint `cbor:"1,keyasint"` // 2
	// Records are the job, the receipt and the interval records, signed. A Contradiction of two messages has none.
	Records       *rpc.JobRecords `cbor:"2,keyasint,omitempty"`
	Dispute       *Dispute        `cbor:"3,keyasint,omitempty"`
	Contradiction *Contradiction  `cbor:"4,keyasint,omitempty"`
	Replay        *Replay         `cbor:"5,keyasint,omitempty"`
	Absence       *Absence        `cbor:"6,keyasint,omitempty"`
	// Blobs are the job's module and inputs, where they have to be run. Those that are left out have to be given otherwise.
	Blobs [][]byte `cbor:"7,keyasint"`
}

// MaxEvidence is the longest evidence that is made and read.
const MaxEvidence = 256 << 20

// The kinds of evidence.
const (
	ByDispute       = "dispute"
	ByContradiction = "contradiction"
	ByReplay        = "replay"
	ByAbsence       = "absence"
)

// Outcome is what evidence proves.
type Outcome struct {
	Kind string `json:"kind"`
	// Guilty are those who said what is not so, or nothing in time.
	Guilty []msg.Account `json:"guilty"`
	Reason string        `json:"reason"`

	Job        msg.Hash    `json:"job,omitzero"`
	Provider   msg.Account `json:"provider,omitzero"`
	Validator  msg.Account `json:"validator,omitzero"`  // whose verdict was replayed
	Challenger msg.Account `json:"challenger,omitzero"` // of a dispute
	// Interval is the one that was replayed.
	Interval *uint64 `json:"interval,omitempty"`
	// Witnesses are those by whose words somebody was absent; without them nobody's word counted for anything.
	Witnesses []msg.Account `json:"witnesses,omitempty"`

	Dispute  msg.Hash  `json:"dispute,omitzero"`
	Question *Question `json:"question,omitempty"` // what was left to be judged
	Rounds   int       `json:"rounds,omitempty"`
	Bytes    int       `json:"bytes,omitempty"` // of the moves
}

// blame adds somebody to the guilty, once.
func (o *Outcome) blame(a msg.Account) {
	if !slices.Contains(o.Guilty, a) {
		o.Guilty = append(o.Guilty, a)
	}
}

// ErrEvidence is wrapped by every refusal of evidence: it proves nothing against anybody.
var ErrEvidence = errors.New("evidence refused")

func unproven(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrEvidence, fmt.Sprintf(format, args...))
}

// Verifier finds out what evidence proves. Its zero value is ready. What it would take more than it has for is an error that is a
// runtime.UnavailableError: nothing was found then, of nobody.
type Verifier struct {
	// Blob gives a part of the job that the evidence leaves out. Default: there is none.
	Blob func(msg.Blob) ([]byte, error)
	// MaxTime bounds the whole by this machine's clock. Default 6 hours; negative is no bound.
	MaxTime time.Duration
	// MaxMemory bounds what the job may use of memory where an interval is run again. Default 4 GiB.
	MaxMemory uint64
}

// Verify is that of a Verifier with this Blob, which may be nil.
func (e *Evidence) Verify(ctx context.Context, blob func(msg.Blob) ([]byte, error)) (*Outcome, error) {
	return (&Verifier{Blob: blob}).Verify(ctx, e)
}

// Verify finds out who is proven guilty of what. An Outcome without anybody guilty is possible: all in it is as it should be.
func (v *Verifier) Verify(ctx context.Context, e *Evidence) (*Outcome, error) {
	if err := e.form(); err != nil {
		return nil, err
	}
	limit := v.MaxTime
	if limit == 0 {
		limit = 6 * time.Hour
	}
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, &runtime.UnavailableError{Reason: fmt.Sprintf("the evidence was not gone through after the %v that this machine gives it", limit)})
		defer cancel()
	}
	out, err := v.verify(ctx, e)
	if err != nil {
		if c := context.Cause(ctx); c != nil {
			err = c // what was cut short refuses nothing
		}
		return nil, err
	}
	return out, nil
}

func (v *Verifier) verify(ctx context.Context, e *Evidence) (*Outcome, error) {
	if e.Contradiction != nil {
		return e.Contradiction.verify(e.Records)
	}
	said, err := claim.Read(e.Records)
	if err != nil {
		return nil, unproven("%v", err)
	}
	switch {
	case e.Dispute != nil:
		return v.dispute(ctx, e, said)
	case e.Replay != nil:
		return v.replay(ctx, e, said)
	}
	return e.Absence.verify(said)
}

// form checks that evidence has the parts of one kind and no others.
func (e *Evidence) form() error {
	if e.Version != 2 {
		return unproven("version %d, wanted 2", e.Version)
	}
	kinds := 0
	for _, is := range []bool{e.Dispute != nil, e.Contradiction != nil, e.Replay != nil, e.Absence != nil} {
		if is {
			kinds++
		}
	}
	runs := e.Dispute != nil || e.Replay != nil
	switch {
	case kinds != 1:
		return unproven("it is of %d kinds, wanted 1", kinds)
	case e.Contradiction == nil && e.Records == nil:
		return unproven("it has no records of a job")
	case !runs && len(e.Blobs) != 0:
		return unproven("it has %d blobs, and nothing is run", len(e.Blobs))
	}
	return nil
}

// Include puts the job's module and inputs into the evidence, so that nothing else is needed to verify it.
func (e *Evidence) Include(job *runtime.Job) {
	e.Blobs = [][]byte{}
	seen := map[msg.Blob]bool{}
	add := func(b msg.Blob, data []byte) {
		if !seen[b] {
			seen[b] = true
			e.Blobs = append(e.Blobs, data)
		}
	}
	add(job.Program.Module, job.Module)
	for i, in := range job.Inputs {
		add(job.Program.Inputs[i].Blob, in.Data)
	}
}

// job puts the job together.
func (v *Verifier) job(e *Evidence, program *msg.Program) (*runtime.Job, error) {
	wanted := map[msg.Blob]bool{program.Module: true}
	for _, in := range program.Inputs {
		wanted[in.Blob] = true
	}
	have := map[msg.Blob][]byte{}
	for i, data := range e.Blobs {
		b := merkle.BlobOf(data)
		if _, twice := have[b]; twice || !wanted[b] {
			return nil, unproven("blob %d, %v, is no part of the job or is there twice", i, b.Root)
		}
		have[b] = data
	}
	job, err := runtime.LoadJob(program, func(b msg.Blob) ([]byte, error) {
		if data, ok := have[b]; ok {
			return data, nil
		}
		if v.Blob == nil {
			return nil, fmt.Errorf("%v is not in the evidence", b.Root)
		}
		return v.Blob(b)
	})
	if err != nil {
		return nil, fmt.Errorf("the job that it is about: %w", err)
	}
	return job, nil
}

const evidenceMagic = "gwrun evidence 2\n"

// Write writes evidence as a file has it. Evidence that would be too long to be read is refused.
func (e *Evidence) Write(w io.Writer) error {
	b := msg.Encode(*e)
	if n := len(evidenceMagic) + len(b); n > MaxEvidence {
		return unproven("it has %d bytes, at most %d wanted", n, MaxEvidence)
	}
	if _, err := io.WriteString(w, evidenceMagic); err != nil {
		return err
	}
	_, err := w.Write(b)
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
	return e, e.form()
}

// proven checks that what was made is what it should be: nobody gives out evidence that does not verify.
func (e *Evidence) proven(ctx context.Context) (*Evidence, error) {
	out, err := e.Verify(ctx, nil)
	switch {
	case err != nil:
		return nil, err
	case len(out.Guilty) == 0:
		return nil, unproven("it proves nothing against anybody: %s", out.Reason)
	}
	return e, e.Write(io.Discard)
}
