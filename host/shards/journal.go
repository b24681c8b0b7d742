package shards

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
)

// planRecord is what the journal has of a plan.
type planRecord struct {
	Spec     Spec             `cbor:"1,keyasint"`
	Require  msg.Requirements `cbor:"2,keyasint"`
	PriceCap msg.Amount       `cbor:"3,keyasint"`
	Policy   msg.Policy       `cbor:"4,keyasint"` // with the number of validators
	Peers    []string         `cbor:"5,keyasint"`
	Begun    int64            `cbor:"6,keyasint"`
	Over     string           `cbor:"7,keyasint"` // "", "done", "failed"
	Reason   string           `cbor:"8,keyasint"`
	Dropped  []Dropped        `cbor:"9,keyasint"`
}

// Dropped is a provider that gets nothing more of a plan.
type Dropped struct {
	Provider msg.Account `cbor:"1,keyasint" json:"provider"`
	Addr     string      `cbor:"2,keyasint" json:"address"`
	Reason   string      `cbor:"3,keyasint" json:"reason"`
	// Wrong says that it gave a wrong result. Others were out of reach or would not work, and are asked again when the plan is resumed.
	Wrong bool `cbor:"4,keyasint" json:"wrong"`
}

// taskRecord is what the journal has of a task: where it was given to, and what came of it.
type taskRecord struct {
	Issued []issue     `cbor:"1,keyasint"`
	Done   *doneRecord `cbor:"2,keyasint,omitempty"`
}

// issue is one provider's try at a task.
type issue struct {
	Job      msg.Hash    `cbor:"1,keyasint"`
	Provider msg.Account `cbor:"2,keyasint"`
	Addr     string      `cbor:"3,keyasint"`
	Began    int64       `cbor:"4,keyasint"` // Unix milliseconds
}

type doneRecord struct {
	Job          msg.Hash    `cbor:"1,keyasint"`
	Addr         string      `cbor:"2,keyasint"`
	Receipt      msg.Receipt `cbor:"3,keyasint"`
	Milliseconds uint64      `cbor:"4,keyasint"`
}

// speedRecord is what is known of a provider's speed, over all plans.
type speedRecord struct {
	Provider msg.Account `cbor:"1,keyasint"`
	Rate     uint64      `cbor:"2,keyasint"` // gas of both kinds a second
	Jobs     uint64      `cbor:"3,keyasint"`
}

// book is the three journals of plans.
type book struct {
	store                store.Store
	plans, tasks, speeds store.Journal
}

func openBook(s store.Store) *book {
	return &book{s, s.Journal("shards/plans"), s.Journal("shards/tasks"), s.Journal("shards/speeds")}
}

func owner(plan msg.Hash) string { return "shards/" + plan.String() }

func taskKey(plan msg.Hash, t Task) msg.Hash {
	h := sha256.New()
	h.Write([]byte("gwrun shard task\x00"))
	h.Write(plan[:])
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(t.Round))
	binary.BigEndian.PutUint64(b[8:], uint64(t.Shard)) // ShardReduce is the largest
	h.Write(b[:])
	return msg.Hash(h.Sum(nil))
}

// begin writes down a plan and keeps all that it is made of. One that was interrupted under the same conditions goes on: what was accepted of
// it would be accepted again.
func (b *book) begin(ctx context.Context, p *Plan, r planRecord) (*planRecord, bool, error) {
	var old planRecord
	err := b.plans.Get(p.Hash, &old)
	switch {
	case err == nil && old.Over == "" && old.Require == r.Require && old.PriceCap == r.PriceCap && bytes.Equal(msg.Encode(old.Policy), msg.Encode(r.Policy)):
		old.Peers = r.Peers
		return &old, true, b.plans.Put(p.Hash, old)
	case err == nil:
		if err := b.forget(p.Hash, &old.Spec); err != nil {
			return nil, false, err
		}
	case !errors.Is(err, store.ErrNotFound):
		return nil, false, err
	}
	for want, data := range p.data {
		got, err := b.store.Put(ctx, owner(p.Hash), bytes.NewReader(data))
		if err == nil && got != want {
			err = fmt.Errorf("stored as %s, wanted %s", got.Root, want.Root)
		}
		if err != nil {
			return nil, false, err
		}
	}
	return &r, false, b.plans.Put(p.Hash, r)
}

// forget removes the tasks of a plan that is begun anew.
func (b *book) forget(plan msg.Hash, spec *Spec) error {
	for _, t := range spec.Tasks() {
		if err := b.tasks.Delete(taskKey(plan, t)); err != nil {
			return err
		}
	}
	if err := b.plans.Delete(plan); err != nil {
		return err
	}
	return b.store.Release(owner(plan))
}

// over writes down how a plan ended. What it is made of and put out is kept as long as what its jobs did, and can be looked at so long.
func (b *book) over(plan msg.Hash, r planRecord) error {
	if err := b.plans.Put(plan, r); err != nil {
		return err
	}
	return b.store.Expire(owner(plan), time.Now().Add(time.Duration(r.Policy.Window)*time.Second+settle.Grace))
}

// find gives a plan with its bytes, from the journal and the store.
func (b *book) find(plan msg.Hash) (*Plan, *planRecord, error) {
	var r planRecord
	if err := b.plans.Get(plan, &r); err != nil {
		return nil, nil, fmt.Errorf("plan %s: %w", plan, err)
	}
	p, err := Read(r.Spec, func(want msg.Blob) ([]byte, error) { return store.ReadAll(b.store, want, want.Size) })
	if err != nil {
		return nil, nil, fmt.Errorf("plan %s: %w", plan, err)
	}
	return p, &r, nil
}

func (b *book) task(plan msg.Hash, t Task) (taskRecord, error) {
	var r taskRecord
	err := b.tasks.Get(taskKey(plan, t), &r)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return r, err
}

// done makes a task's result durable: its outputs are kept as long as the plan is.
func (b *book) done(plan msg.Hash, t Task, r taskRecord) error {
	var blobs []msg.Blob
	for _, o := range r.Done.Receipt.Outputs {
		blobs = append(blobs, o.Blob)
	}
	if err := b.store.Pin(owner(plan), blobs...); err != nil {
		return err
	}
	return b.tasks.Put(taskKey(plan, t), r)
}

func speedKey(a msg.Account) (h msg.Hash) {
	copy(h[:], a[:])
	return h
}

// speed gives a provider's gas a second, 0 where it is not known.
func (b *book) speed(a msg.Account) (float64, error) {
	var r speedRecord
	err := b.speeds.Get(speedKey(a), &r)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return float64(r.Rate), err
}

// learn takes in how long a provider took for so much gas and gives its speed.
func (b *book) learn(a msg.Account, gas uint64, seconds float64) (float64, error) {
	var r speedRecord
	if err := b.speeds.Get(speedKey(a), &r); err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	r.Provider = a
	r.Rate = uint64(min(max(learned(float64(r.Rate), float64(gas)/max(seconds, 1e-3)), 1), math.MaxInt64/2))
	r.Jobs++
	return float64(r.Rate), b.speeds.Put(speedKey(a), r)
}
