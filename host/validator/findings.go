package validator

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Findings is what a validator knows of a job's receipt: kept as evidence.
type Findings struct {
	Records  rpc.JobRecords    `cbor:"1,keyasint"`
	Sample   []uint64          `cbor:"2,keyasint"`
	Verdicts []identity.Signed `cbor:"3,keyasint"` // ascending by interval
	Checked  int64             `cbor:"4,keyasint"` // Unix seconds
	// States are the manifests of states that intervals found invalid began in, by the interval before: what a dispute starts from.
	States map[uint64]msg.Blob `cbor:"5,keyasint"`
	// Promise is the commitment to the verdicts, made at Bound; Opening is what opens it. From then on nothing of this changes.
	Promise *identity.Signed `cbor:"6,keyasint,omitempty"`
	Opening *identity.Signed `cbor:"7,keyasint,omitempty"`
	Bound   int64            `cbor:"8,keyasint"`
	// Until is when nobody can ask about it any more.
	Until int64 `cbor:"9,keyasint"`
}

// Opened gives the verdicts as messages.
func (f *Findings) Opened() []msg.Verdict {
	out := make([]msg.Verdict, 0, len(f.Verdicts))
	for _, signed := range f.Verdicts {
		var v msg.Verdict
		if msg.Decode(signed.Body, &v) == nil { // this node's own encoding
			out = append(out, v)
		}
	}
	return out
}

// receipt is the hash of the one that they are about.
func (f *Findings) receipt() (h msg.Hash) {
	var r msg.Receipt
	if msg.Decode(f.Records.Receipt.Body, &r) == nil {
		h = msg.HashOf(r)
	}
	return h
}

// maxReceipts is how many receipts of one job are kept apart. Two are a proof against their provider already.
const maxReceipts = 4

// errReceipts says that a job has more receipts than are kept apart.
var errReceipts = errors.New("too many receipts")

// key names the findings about a job's nth receipt that this validator saw.
func key(job msg.Hash, n int) msg.Hash {
	if n == 0 {
		return job
	}
	return sha256.Sum256(append(append([]byte("gwrun findings\x00"), job[:]...), byte(n)))
}

// all gives the findings about a job, one for each receipt.
func (v *Validator) all(job msg.Hash) ([]*Findings, error) {
	var out []*Findings
	for n := range maxReceipts {
		f := new(Findings)
		err := v.verdicts.Get(key(job, n), f)
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// Found gives what was found about a job before, or store.ErrNotFound. Of several receipts it is the first.
func (v *Validator) Found(job msg.Hash) (*Findings, error) {
	f := new(Findings)
	return f, v.verdicts.Get(job, f)
}

// FoundOf gives what was found about a receipt, or store.ErrNotFound.
func (v *Validator) FoundOf(job, receipt msg.Hash) (*Findings, error) {
	all, err := v.all(job)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if f.receipt() == receipt {
			return f, nil
		}
	}
	return nil, fmt.Errorf("receipt %s of job %s: %w", receipt, job, store.ErrNotFound)
}

// findings gives those about a receipt, new ones if there are none.
func (v *Validator) findings(records *rpc.JobRecords, c *claim.Claims) (*Findings, error) {
	all, err := v.all(c.Job)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if f.receipt() == msg.HashOf(c.Receipt) {
			if f.Promise == nil {
				f.Records = *records // with the share of the beacon, which may have come since
			}
			return f, nil
		}
	}
	if len(all) == maxReceipts {
		return nil, errReceipts
	}
	return &Findings{Records: *records, Verdicts: []identity.Signed{}, States: map[uint64]msg.Blob{}}, nil
}

// keep writes findings.
func (v *Validator) keep(f *Findings, c *claim.Claims) error {
	f.Checked = time.Now().Unix()
	f.Until = max(settle.Closes(&c.Spec, &c.Receipt).Unix(), f.Checked) + int64(v.cfg.Keep/time.Second)
	all, err := v.all(c.Job)
	if err != nil {
		return err
	}
	at := len(all)
	for n, old := range all {
		if old.receipt() == f.receipt() {
			at = n
		}
	}
	return v.verdicts.Put(key(c.Job, at), *f)
}

// expire says until when what findings need is kept; they were kept themselves before.
func (v *Validator) expire(f *Findings, c *claim.Claims) error {
	return v.cfg.Store.Expire(owner(c.Job), time.Unix(f.Until, 0))
}

// remembered is how long findings are kept when nobody can ask about them any more.
const remembered = 30 * 24 * time.Hour

// tidy says again until when everything is kept, as a kill may have come between, and forgets what is old.
func (v *Validator) tidy() error {
	keys, err := v.verdicts.Keys()
	if err != nil {
		return err
	}
	for _, k := range keys {
		var f Findings
		if err := v.verdicts.Get(k, &f); err != nil {
			return fmt.Errorf("validator: %w", err)
		}
		var spec msg.JobSpec
		if err := msg.Decode(f.Records.Spec.Body, &spec); err != nil {
			return fmt.Errorf("validator: %w", err)
		}
		until := time.Unix(f.Until, 0)
		if time.Since(until) > remembered {
			err = v.verdicts.Delete(k)
		} else if time.Now().Before(until) {
			err = v.cfg.Store.Expire(owner(msg.HashOf(spec)), until)
		}
		if err != nil {
			return err
		}
	}
	if keys, err = v.challenges.Keys(); err != nil {
		return err
	}
	for _, k := range keys {
		var c challenged
		err := v.challenges.Get(k, &c)
		if err == nil && time.Since(time.Unix(c.Until, 0)) > 2*remembered { // when the findings are gone, none can be asked for
			err = v.challenges.Delete(k)
		}
		if err != nil {
			return fmt.Errorf("validator: %w", err)
		}
	}
	return nil
}

// turn is what one job's checks wait for: one at a time.
type turn struct {
	at      chan struct{}
	waiting int
}

// enter waits until a job may be checked: by nobody else at the same time, and by no more than Config.MaxChecks altogether.
func (v *Validator) enter(ctx context.Context, job msg.Hash) (leave func(), _ error) {
	v.mu.Lock()
	t := v.jobs[job]
	if t == nil {
		t = &turn{at: make(chan struct{}, 1)}
		v.jobs[job] = t
	}
	t.waiting++
	v.mu.Unlock()
	drop := func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		if t.waiting--; t.waiting == 0 {
			delete(v.jobs, job)
		}
	}
	select {
	case t.at <- struct{}{}:
	case <-ctx.Done():
		drop()
		return nil, ctx.Err()
	}
	select {
	case v.slots <- struct{}{}:
	case <-ctx.Done():
		<-t.at
		drop()
		return nil, ctx.Err()
	}
	return func() {
		<-v.slots
		<-t.at
		drop()
	}, nil
}
