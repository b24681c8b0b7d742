package market

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
)

// Truth is how far providers' claims of speed can be believed: a factor for each, learnt from the jobs it did here. What others are told
// about it does not count, and it can be lost only together with what was learnt.
type Truth struct {
	journal store.Journal // of standing, by account
	mu      sync.Mutex
}

// standing is what is known of one provider's claims.
type standing struct {
	// Log is the mean logarithm of the claimed time through the real one, Weight what it is the mean of.
	Log    float64 `cbor:"1,keyasint"`
	Weight float64 `cbor:"2,keyasint"`
	// Broken counts sealed bids that were not what had been committed to, Shut those that were never opened, Kept those since that were.
	Broken uint64 `cbor:"3,keyasint"`
	Shut   uint64 `cbor:"4,keyasint"`
	Kept   uint64 `cbor:"5,keyasint"`
}

// OpenTruth keeps what is learnt in s.
func OpenTruth(s store.Store) *Truth { return &Truth{journal: s.Journal("market/truth")} }

func accountKey(a msg.Account) (h msg.Hash) {
	copy(h[:], a[:])
	return h
}

func (t *Truth) get(a msg.Account) (s standing, err error) {
	if err = t.journal.Get(accountKey(a), &s); errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	if !(math.Abs(s.Log) <= most && s.Weight >= 0 && s.Weight <= memory) {
		err = fmt.Errorf("what is known of %s's claims: a logarithm of %g with a weight of %g", a, s.Log, s.Weight)
	}
	return s, err
}

// A long job has a weight of 1, one of two seconds a quarter, and shorter ones next to nothing: in them mostly something else was measured, a
// connection or a clock's tick. That somebody new speaks the truth has so little weight that the first solid job decides; later ones pull
// at the mean of no more than some that went before, so that it follows a machine that changes.
const (
	solid   = 2.0 // seconds
	benefit = 0.05
	memory  = 3.0
)

var most = 62 * math.Ln2 // nobody can claim more

// Observe takes in a job: how many seconds it should have run by the provider's own claim, and how many it did.
func (t *Truth) Observe(provider msg.Account, claimed, took float64) error {
	if !(claimed > 0) || !(took > 0) || math.IsInf(claimed, 0) || math.IsInf(took, 0) {
		return nil // nothing was claimed or measured
	}
	return t.update(provider, func(s *standing) {
		w := took / (took + solid)
		w *= w
		s.Log += w / (benefit + s.Weight + w) * (math.Log(claimed/took) - s.Log)
		s.Log, s.Weight = max(-most, min(s.Log, most)), min(s.Weight+w, memory)
	})
}

func (t *Truth) update(a msg.Account, change func(*standing)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := t.get(a)
	if err != nil {
		s = standing{} // what cannot be read begins anew
	}
	change(&s)
	return t.journal.Put(accountKey(a), s)
}

// Factor is what a provider's claims of speed have to be multiplied by: 1 for somebody new.
func (t *Truth) Factor(provider msg.Account) float64 {
	s, err := t.get(provider)
	if err != nil {
		return 1
	}
	return math.Exp(s.Log)
}

// Deed is what somebody did with a sealed bid.
type Deed int

// The deeds.
const (
	Kept   Deed = iota // opened it as it was
	Shut               // did not open it
	Broken             // opened another
)

// Sealed takes in what a provider did with a sealed bid. That who never failed to did keep to one is not written down: there is nothing to
// make up for, and it happens with every bid.
func (t *Truth) Sealed(provider msg.Account, d Deed) error {
	if s, err := t.get(provider); d == Kept && err == nil && s.Shut == 0 && s.Broken == 0 {
		return nil
	}
	return t.update(provider, func(s *standing) {
		switch d {
		case Kept:
			s.Kept++
		case Shut:
			s.Shut++
		case Broken:
			s.Broken++
		}
	})
}

// Word is how often a provider can be expected to keep to its sealed bids: the rule of succession, begun with one that was kept, and a
// broken one, which no accident makes, counting for ten that were not opened.
func (t *Truth) Word(provider msg.Account) float64 {
	s, err := t.get(provider)
	if err != nil {
		return 1
	}
	return float64(s.Kept+1) / float64(s.Kept+s.Shut+10*s.Broken+1)
}
