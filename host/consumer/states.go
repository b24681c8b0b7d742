package consumer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime/state"
)

// While a job runs, its consumer fetches the newest committed state now and then, so that a provider that dies takes no more of the work
// with it than what it did since. Only pages that changed travel.
const (
	// keepShare is the share of the time that fetching states may take, as a divisor: after each fetch there is none for seven times as
	// long as it took. So however large the states are and however slow the line, most of both is left for what the job needs.
	keepShare = 8
	// maxKept is how many states of one provider are kept. A validator that is to check an interval whose state is not among them begins
	// at one before: sixteen bound both the room on the disk and how far that is, a sixteenth of the work.
	maxKept = 16
	// lastStateTime is how long the last state of a provider that gave the job up may take.
	lastStateTime = 30 * time.Second
)

// first is the first interval that is the attempt's own.
func (a *attempt) first() uint64 {
	if a.spec.Prior == nil {
		return 0
	}
	return a.spec.Prior.Intervals
}

// keepStates fetches states until ctx ends.
func (a *attempt) keepStates(ctx context.Context, every time.Duration) {
	prov := a.c.Peer(a.s)
	for wait := every; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		begin := time.Now()
		if err := a.keepState(ctx, prov); err != nil && ctx.Err() == nil {
			a.c.cfg.Log.Warn("keeping a state of the job", "job", a.job, "err", err)
		}
		wait = max(every, time.Since(begin)*(keepShare-1))
	}
}

// lastState fetches the newest state of a provider that is there, but does not go on.
func (a *attempt) lastState(ctx context.Context) {
	if a.s.Keep < 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lastStateTime)
	defer cancel()
	if err := a.keepState(ctx, a.c.Peer(a.s)); err != nil {
		a.c.cfg.Log.Info("the provider's last state is lost", "job", a.job, "err", err)
	}
}

// keepState fetches the newest state that is committed to, whole, if it is not here.
func (a *attempt) keepState(ctx context.Context, prov *peer.Peer) error {
	a.mu.Lock()
	n := uint64(len(a.s.Intervals))
	_, have := a.s.Kept[n-1]
	if n <= a.first() || have {
		a.mu.Unlock()
		return nil
	}
	signed := a.s.Intervals[n-1]
	a.mu.Unlock()
	var ic rpc.IntervalCommit
	if err := msg.Decode(signed.Body, &ic); err != nil {
		return err
	}
	manifest, err := prov.Manifest(ctx, rpc.StateRef{Job: a.job, Interval: n - 1})
	if err != nil {
		return err
	}
	pages, _, err := state.Pages(manifest, ic.Record.State)
	if err != nil {
		return err
	}
	if most := stateBound(&a.spec.Program); uint64(len(manifest))/32 > most/state.PageSize {
		return fmt.Errorf("the state after interval %d has a table of pages of %d bytes, the job's limits allow %d bytes of state", n-1, len(manifest), most)
	}
	blob := merkle.BlobOf(manifest)
	own := stateOwner(a.job, blob)
	if err := prov.FetchPages(ctx, a.c.cfg.Store, own, pages); err != nil {
		return err
	}
	if _, err := a.c.cfg.Store.Put(ctx, own, bytes.NewReader(manifest)); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.s.Kept == nil {
		a.s.Kept = map[uint64]msg.Blob{}
	}
	a.s.Kept[n-1] = blob
	drop := a.thin()
	if err := a.c.journal.write(a.job, a.s); err != nil {
		return err
	}
	if drop != nil {
		return a.c.cfg.Store.Release(stateOwner(a.job, *drop))
	}
	return nil
}

// stateBound is the most that a state of a program can have, but for what the host itself keeps of it.
func stateBound(p *msg.Program) uint64 {
	const plenty, host = 1 << 40, 64 << 20
	sum := uint64(host)
	for _, n := range []uint64{uint64(p.Limits.MemoryPages) << 16, p.Limits.BufferBytes, p.Limits.OutputBytes, p.Limits.LogBytes, p.Limits.ShaderBytes} {
		sum = min(sum+min(n, plenty), plenty)
	}
	return sum
}

// stateOwner pins a state that was kept of a job's provider.
func stateOwner(job msg.Hash, manifest msg.Blob) string {
	return owner(job) + "/state/" + manifest.Root.String()
}

// thin takes one state out of those that are kept if there are too many: the one whose neighbours are closest to each other, never the
// newest, none that others go on from. Called with mu held.
func (a *attempt) thin() *msg.Blob {
	var own []uint64
	for i := range a.s.Kept {
		if i >= max(a.first(), a.frozen) {
			own = append(own, i)
		}
	}
	if len(own) <= maxKept {
		return nil
	}
	slices.Sort(own)
	before, best, width := int64(max(a.first(), a.frozen))-1, 0, int64(-1)
	for k := 0; k+1 < len(own); k++ {
		if w := int64(own[k+1]) - before; width < 0 || w < width {
			best, width = k, w
		}
		before = int64(own[k])
	}
	m := a.s.Kept[own[best]]
	delete(a.s.Kept, own[best])
	return &m
}

// freeze keeps the states before an interval, since somebody goes on from the last of them.
func (a *attempt) freeze(before uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.frozen = max(a.frozen, before)
}

// release sets the end of the states that were kept, once no attempt needs them any more.
func (r *replica) release() {
	for _, a := range r.tries {
		a.release()
	}
}

func (a *attempt) release() {
	end := time.Now().Add(time.Duration(a.spec.Policy.Window)*time.Second + a.c.cfg.Keep)
	for i, m := range a.s.Kept {
		if i < a.first() {
			continue // the one's whose provider signed it
		}
		if err := a.c.cfg.Store.Expire(stateOwner(a.job, m), end); err != nil {
			a.c.cfg.Log.Error("setting how long a state is kept", "job", a.job, "err", err)
		}
	}
}

// releaseRest is for a state that a process that died left without an end: it ends if nobody can go on from it any more.
func (c *Consumer) releaseRest(job msg.Hash, own string) error {
	s, spec, err := c.Find(job)
	if errors.Is(err, store.ErrNotFound) {
		return c.cfg.Store.Release(own)
	}
	if err != nil {
		return err
	}
	known := false
	for _, m := range s.Kept {
		known = known || stateOwner(job, m) == own
	}
	if !known { // the kill came before the journal's record
		return c.cfg.Store.Release(own)
	}
	all, open, err := c.siblings(s.Root)
	if err != nil {
		return err
	}
	last := len(all) == 0 || all[len(all)-1].s.Over != "moved"
	if open == 0 && last || spec.Deadline < time.Now().Unix() {
		(&attempt{c: c, s: s, spec: spec, job: job}).release()
	}
	return nil
}
