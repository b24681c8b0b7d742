package dispute

import (
	"context"
	"fmt"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// Replay is an interval to be run again, on the CPU, from the state that it begins in, and a validator's verdict on it if there is one. It
// costs what the interval costs, where a Dispute costs next to nothing; but it needs nobody's answer, and it speaks against validators.
//
// What the interval comes to follows from the program and the state, whose root is in the record before: everybody finds the same. So who
// signed another record for it, a receipt with other outputs, or the verdict that it is the other of valid and invalid, did not compute
// it. An interval that another job's provider signed counts only where that job was to compute the same program from the same records
// (claim.Read): else a consumer could put true records of different runs together and have their signers blamed for what does not fit.
// Where this machine could not run it, or not from this state, nothing is proven against anybody: if the state itself is a lie, that shows
// in the interval before.
type Replay struct {
	Interval uint64           `cbor:"1,keyasint"`
	Verdict  *identity.Signed `cbor:"2,keyasint,omitempty"` // of a msg.Verdict
	// Manifest and Pages are the state before the interval, the pages in the order of state.Pages. Both are empty before the first.
	Manifest []byte   `cbor:"3,keyasint"`
	Pages    [][]byte `cbor:"4,keyasint"`
}

// Replayed makes evidence of an interval that is not what its signer says, or of a verdict on it that is not what a replay finds; verdict
// may be nil. page gives pages of the state before the interval, whose manifest this is; both are nil for the first. It runs the interval.
func Replayed(ctx context.Context, records rpc.JobRecords, interval uint64, verdict *identity.Signed, job *runtime.Job, manifest []byte,
	page func(msg.Hash) ([]byte, error)) (*Evidence, error) {
	said, err := claim.Read(&records)
	if err != nil {
		return nil, unproven("%v", err)
	}
	if n := uint64(len(said.Intervals)); interval >= n {
		return nil, unproven("interval %d of %d", interval, n)
	}
	r := &Replay{Interval: interval, Verdict: verdict, Manifest: []byte{}, Pages: [][]byte{}}
	if interval > 0 {
		hashes, sizes, err := state.Pages(manifest, said.Intervals[interval-1].State)
		if err != nil {
			return nil, unproven("%v", err)
		}
		total := len(manifest)
		for _, n := range sizes {
			total += n
		}
		if total > MaxEvidence {
			return nil, unproven("the state before interval %d has %d bytes, evidence at most %d: it takes a dispute", interval, total, MaxEvidence)
		}
		r.Manifest = manifest
		for _, h := range hashes {
			p, err := page(h)
			if err != nil {
				return nil, err
			}
			r.Pages = append(r.Pages, p)
		}
	}
	e := &Evidence{Version: 2, Records: &records, Replay: r}
	e.Include(job)
	return e.proven(ctx)
}

// state puts the state before the interval together, nil before the first.
func (r *Replay) state(said *claim.Claims) (*state.Snapshot, error) {
	if r.Interval == 0 {
		if len(r.Manifest) != 0 || len(r.Pages) != 0 {
			return nil, unproven("a state before the first interval")
		}
		return nil, nil
	}
	from, err := state.AssembleAll(r.Manifest, said.Intervals[r.Interval-1].State, func(hashes []msg.Hash) ([][]byte, error) {
		if len(hashes) != len(r.Pages) {
			return nil, unproven("%d pages, wanted %d", len(r.Pages), len(hashes))
		}
		return r.Pages, nil
	})
	if err != nil {
		return nil, unproven("the state before interval %d: %v", r.Interval, err)
	}
	return from, nil
}

// verdict opens the verdict, nil if there is none.
func (r *Replay) verdict(said *claim.Claims) (*msg.Verdict, error) {
	if r.Verdict == nil {
		return nil, nil
	}
	v := new(msg.Verdict)
	who, err := r.Verdict.Open(v)
	if err != nil {
		return nil, unproven("verdict: %v", err)
	}
	if v.Version != 1 || v.Validator != who || v.Job != said.Job || v.Receipt != msg.HashOf(said.Receipt) || v.Interval != r.Interval {
		return nil, unproven("the verdict is %s's on interval %d of receipt %s, signed by %s; wanted interval %d of %s", v.Validator, v.Interval, v.Receipt, who, r.Interval,
			msg.HashOf(said.Receipt))
	}
	return v, nil
}

// memory is what a program may use of it.
func memory(p *msg.Program) uint64 {
	const plenty = 1 << 60 // sums must not wrap around
	total := uint64(p.Limits.MemoryPages) << 16
	for _, n := range []uint64{p.Limits.BufferBytes, p.Limits.OutputBytes, p.Limits.LogBytes, p.Limits.ShaderBytes} {
		total = min(total+min(n, plenty), plenty)
	}
	return total
}

// replay runs an interval again.
func (v *Verifier) replay(ctx context.Context, e *Evidence, said *claim.Claims) (*Outcome, error) {
	r := e.Replay
	if n := uint64(len(said.Intervals)); r.Interval >= n {
		return nil, unproven("interval %d of %d", r.Interval, n)
	}
	verdict, err := r.verdict(said)
	if err != nil {
		return nil, err
	}
	most := v.MaxMemory
	if most == 0 {
		most = 4 << 30
	}
	if n := memory(&said.Spec.Program); n > most {
		return nil, &runtime.UnavailableError{Reason: fmt.Sprintf("the job may use %d bytes of memory, this machine gives it %d", n, most)}
	}
	from, err := r.state(said)
	if err != nil {
		return nil, err
	}
	job, err := v.job(e, &said.Spec.Program)
	if err != nil {
		return nil, err
	}
	found, err := replay(ctx, job, from, said, r.Interval)
	if err != nil {
		return nil, err
	}
	out := &Outcome{Kind: ByReplay, Job: said.Job, Provider: said.Receipt.Provider, Interval: &r.Interval, Guilty: []msg.Account{}, Reason: found.reason}
	if found.guilty != nil {
		out.blame(*found.guilty)
	}
	if verdict != nil {
		out.Validator = verdict.Validator
		truth := msg.Valid
		if found.guilty != nil {
			truth = msg.Invalid
		}
		if verdict.Value != truth && (verdict.Value == msg.Valid || verdict.Value == msg.Invalid) {
			out.blame(verdict.Validator)
			out.Reason += fmt.Sprintf("; the verdict on it is %s", verdict.Value)
		}
	}
	return out, nil
}

// finding is what a replay shows.
type finding struct {
	guilty *msg.Account // who signed what is not so, nil if all is as it was said
	reason string
}

// replay runs interval i again and says whose word is not what it came to.
func replay(ctx context.Context, job *runtime.Job, from *state.Snapshot, said *claim.Claims, i uint64) (*finding, error) {
	by := func(who msg.Account, format string, args ...any) (*finding, error) {
		return &finding{&who, fmt.Sprintf(format, args...)}, nil
	}
	if from != nil {
		if status, over := runtime.Ended(from); over {
			return by(said.By[i], "interval %d was never run: the job was over before it (%s)", i, status)
		}
	}
	dev, err := cpu.Open(cpu.Options{})
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	c := runtime.Claim{Record: said.Intervals[i]}
	if i > 0 {
		c.Prev = &said.Intervals[i-1]
	}
	got, err := runtime.Replay(ctx, job, from, c, runtime.Options{Device: dev})
	if err != nil {
		return nil, err
	}
	switch {
	case got.Value == msg.Unavailable:
		return nil, &runtime.UnavailableError{Reason: fmt.Sprintf("interval %d cannot be run again: %s is missing", i, got.Missing)}
	case got.Value == msg.Invalid && got.Before && got.First.What == "record":
		// Run refuses to go on from such a record: only who signed it has lied.
		return by(said.By[i-1], "the record of interval %d says %s, the state that it commits to %s", i-1, got.First.Claimed, got.First.Computed)
	case got.Value == msg.Invalid && got.Before:
		return nil, unproven("interval %d cannot be run from the state before it, which says nothing about interval %d: %s", i, i, got.First.Computed)
	case got.Value == msg.Invalid:
		return by(said.By[i], "interval %d comes to another record (%s): %s, claimed was %s", i, got.First.What, got.First.Computed, got.First.Claimed)
	case i == uint64(len(said.Intervals))-1:
		if d := runtime.CompareReceipt(got.State, &said.Receipt); d != nil {
			return by(said.Receipt.Provider, "the receipt is not that of the last state (%s): %s, claimed was %s", d.What, d.Computed, d.Claimed)
		}
	}
	return &finding{reason: fmt.Sprintf("interval %d comes to what its record says", i)}, nil
}
