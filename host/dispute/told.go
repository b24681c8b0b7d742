package dispute

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// told are the moves that a node has made, so that it never makes another one in the place of one of them, and what it has heard, so that it
// answers no more than one thing at a place. They are kept for as long as the dispute can be led: until settle.Grace after the receipt's challenge window. After that the node makes no move at all.
type told struct {
	journal store.Journal // of move, by the dispute and what it answers
	now     func() time.Time

	mu     sync.Mutex
	pruned time.Time
}

// move is what the journal has of one, or of what one answers.
type move struct {
	Said  identity.Signed `cbor:"1,keyasint"`
	Until int64           `cbor:"2,keyasint"` // Unix seconds
}

const (
	// pruneTold is how often it is looked for what is old.
	pruneTold = 10 * time.Minute
	// undated is how long moves are kept that an earlier version wrote without a date: longer than the windows that providers accept.
	undated = 60 * 24 * time.Hour
)

// closes is when a dispute about a receipt cannot be led any more.
func closes(said *claim.Claims) time.Time {
	return settle.Closes(&said.Spec, &said.Receipt).Add(settle.Grace)
}

// late refuses what comes after that.
func (t *told) late(said *claim.Claims) error {
	if end := closes(said); t.now().After(end) {
		return fmt.Errorf("%w: the dispute is over since %s", ErrNotHere, end.UTC().Format(time.RFC3339))
	}
	return nil
}

// get gives a move that was made, or fails with store.ErrNotFound.
func (t *told) get(key msg.Hash) (identity.Signed, error) {
	m, err := t.read(key)
	return m.Said, err
}

func (t *told) read(key msg.Hash) (m move, err error) {
	if err = t.journal.Get(key, &m); !errors.Is(err, msg.ErrDecode) {
		return m, err
	}
	m = move{} // as earlier versions wrote it
	return m, t.journal.Get(key, &m.Said)
}

// put keeps a move before it is told.
func (t *told) put(key msg.Hash, signed identity.Signed, said *claim.Claims) error {
	if err := t.journal.Put(key, move{signed, closes(said).Unix()}); err != nil {
		return err
	}
	return t.prune()
}

// heard remembers what the other party said at a place. If it has said something else there before, that is what it gives.
func (t *told) heard(key msg.Hash, signed identity.Signed, said *claim.Claims) (before *identity.Signed, _ error) {
	switch m, err := t.get(key); {
	case errors.Is(err, store.ErrNotFound):
		return nil, t.put(key, signed, said)
	case err != nil || bytes.Equal(m.Body, signed.Body):
		return nil, err
	default:
		return &m, nil
	}
}

// prune drops the moves of disputes that are over, now and then.
func (t *told) prune() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if now.Sub(t.pruned) < pruneTold {
		return nil
	}
	t.pruned = now
	keys, err := t.journal.Keys()
	if err != nil {
		return err
	}
	var old []msg.Hash
	for _, k := range keys {
		m, err := t.read(k)
		switch {
		case err != nil:
			return err
		case m.Until == 0:
			m.Until = now.Add(undated).Unix()
			if err := t.journal.Put(k, m); err != nil {
				return err
			}
		case now.Unix() > m.Until:
			old = append(old, k)
		}
	}
	return t.journal.Delete(old...)
}

// Prune drops the moves of disputes that cannot be led any more.
func (s *Seat) Prune() error { return s.told.prune() }
