package free

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
)

// Role is what an account was in a job.
type Role string

// The roles that reputation is kept of.
const (
	Provider  Role = "provider"
	Validator Role = "validator"
	Consumer  Role = "consumer"
)

// Deed is what a job showed of somebody.
type Deed string

// The deeds.
const (
	Good    Deed = "good"    // did what it had to
	Unclear Deed = "unclear" // nobody knows: the streak ends, nothing is held against it
	Missed  Deed = "missed"  // did not do what it owed in time, as witnesses saw
	Wrong   Deed = "wrong"   // proven to have said what is not so
)

// mark is a deed as it was counted of a job. Reputations are not on disk: they are all marks in the order in which they were made, so
// that what a job earns is written with the job's own record, in one go.
type mark struct {
	Account msg.Account `cbor:"1,keyasint"`
	Role    Role        `cbor:"2,keyasint"`
	Deed    Deed        `cbor:"3,keyasint"`
	At      int64       `cbor:"4,keyasint"` // Unix nanoseconds
}

// same says whether two marks are of one deed.
func (m mark) same(o mark) bool { m.At = o.At; return m == o }

func marked(all []mark, m mark) bool { return slices.ContainsFunc(all, m.same) }

// Reputation is what an account has earned with this node in one role.
type Reputation struct {
	Account msg.Account `cbor:"1,keyasint" json:"account"`
	Role    Role        `cbor:"2,keyasint" json:"role"`
	Streak  uint64      `cbor:"3,keyasint" json:"streak"` // good ones in a row
	Good    uint64      `cbor:"4,keyasint" json:"good"`
	Unclear uint64      `cbor:"5,keyasint" json:"unclear"`
	Missed  uint64      `cbor:"6,keyasint" json:"missed"`
	Wrong   uint64      `cbor:"7,keyasint" json:"wrong"`
	Row     uint64      `cbor:"8,keyasint" json:"missed_in_a_row"`
	// Until is when this node has to do with it again, in Unix seconds.
	Until int64 `cbor:"9,keyasint" json:"barred_until"`
}

// How long somebody is kept away from: for a proven lie, and for something missed, twice as long for each more in a row.
const (
	forLie    = 30 * 24 * time.Hour
	forMissed = time.Minute
)

// Trusted reports whether a provider's results may be sampled instead of checked whole.
func (r *Reputation) Trusted() bool { return r.Streak >= settle.TrustedStreak }

// Barred reports whether it is kept away from.
func (r *Reputation) Barred(now time.Time) bool { return now.Unix() < r.Until }

// Weight is what a validator weighs in the draw: more with each good check, up to ten times that of a new one; nothing while it is
// kept away from.
func (r *Reputation) Weight(now time.Time) uint32 {
	if r.Barred(now) {
		return 0
	}
	return 10 + 9*uint32(min(r.Streak, settle.TrustedStreak))
}

func (r *Reputation) add(m mark) {
	at := time.Unix(0, m.At)
	switch m.Deed {
	case Good:
		r.Streak++
		r.Good++
		r.Row = 0
	case Unclear:
		r.Unclear++
		r.Streak = 0
	case Missed:
		r.Missed++
		r.Row++
		r.Streak = 0
		r.Until = max(r.Until, at.Add(min(forMissed<<min(r.Row-1, 20), forLie)).Unix())
	case Wrong:
		r.Wrong++
		r.Streak = 0
		r.Until = max(r.Until, at.Add(forLie).Unix())
	}
}

// who is somebody in a role.
type who struct {
	role    Role
	account msg.Account
}

// fold brings the reputations into memory. Called with mu held.
func (s *Settlement) fold() error {
	if s.standing != nil {
		return nil
	}
	p, err := s.earlier()
	if err != nil {
		return err
	}
	all := slices.Clone(p.Marks)
	for _, j := range []store.Journal{s.jobs, s.own} {
		keys, err := j.Keys()
		if err != nil {
			return err
		}
		for _, k := range keys {
			if j == s.jobs && slices.Contains(p.Jobs, k) || j == s.own && slices.Contains(p.Own, k) {
				continue // it is counted already
			}
			if j == s.own {
				var marks []mark
				if err := j.Get(k, &marks); err != nil {
					return err
				}
				all = append(all, marks...)
				continue
			}
			var r record
			if err := j.Get(k, &r); err != nil {
				return err
			}
			all = append(all, r.Earned...)
		}
	}
	slices.SortFunc(all, func(a, b mark) int { return cmp.Compare(a.At, b.At) })
	s.standing = standings{}
	s.standing.begin(p.Standing)
	s.count(all)
	return nil
}

// count adds marks to the reputations in memory.
func (s *Settlement) count(marks []mark) {
	for _, m := range marks {
		s.standing.add(m)
	}
}

// standings are reputations that marks are added to.
type standings map[who]*Reputation

func (s standings) begin(with []Reputation) {
	for _, r := range with {
		s[who{r.Role, r.Account}] = &r
	}
}

func (s standings) add(m mark) {
	k := who{m.Role, m.Account}
	if s[k] == nil {
		s[k] = &Reputation{Account: m.Account, Role: m.Role}
	}
	s[k].add(m)
}

// list gives them by role and account.
func (s standings) list() []Reputation {
	out := make([]Reputation, 0, len(s))
	for _, r := range s {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Reputation) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), slices.Compare(a.Account[:], b.Account[:]))
	})
	return out
}

// Reputation gives what is known of an account in a role; nothing is a Reputation without deeds.
func (s *Settlement) Reputation(role Role, a msg.Account) (Reputation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fold(); err != nil {
		return Reputation{}, err
	}
	if r := s.standing[who{role, a}]; r != nil {
		return *r, nil
	}
	return Reputation{Account: a, Role: role}, nil
}

// Reputations gives all that is known, by role and account.
func (s *Settlement) Reputations() ([]Reputation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fold(); err != nil {
		return nil, err
	}
	return s.standing.list(), nil
}

// Judge counts what this node found out by itself about a provider's job, once a job.
func (s *Settlement) Judge(provider msg.Account, job msg.Hash, deed Deed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fold(); err != nil {
		return err
	}
	var marks []mark
	if err := s.own.Get(job, &marks); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	m := mark{provider, Provider, deed, s.now().UnixNano()}
	if marked(marks, m) {
		return nil
	}
	if err := s.own.Put(job, append(marks, m)); err != nil {
		return err
	}
	s.count([]mark{m})
	return nil
}

// earn counts what a job shows, each deed once however often it is settled.
func (t *together) earn(g *game, marks []mark) error {
	marks = slices.DeleteFunc(marks, func(m mark) bool { return marked(g.Earned, m) })
	if len(marks) == 0 {
		return nil
	}
	g.Earned = append(g.Earned, marks...)
	t.earned = append(t.earned, marks...)
	return t.put(g)
}

// marks says what a job showed of everybody: what was proven at any time, the rest when it is over.
func (s *Settlement) marks(g *game, out *settle.Outcome, over bool) []mark {
	var all []mark
	now := s.now().UnixNano()
	blamed := map[msg.Account]bool{}
	for _, r := range g.Rulings {
		deed := Wrong
		if r.Kind == settle.Absence {
			deed = Missed
		}
		for _, a := range r.Guilty {
			blamed[a] = true
			role := Validator
			switch {
			case a == g.spec.Consumer:
				role = Consumer
			case a == g.Provider || !slices.ContainsFunc(g.spec.Policy.Candidates, func(c msg.Candidate) bool { return c.Account == a }):
				role = Provider // or one whose work it went on from
			}
			all = append(all, mark{a, role, deed, now})
		}
	}
	for _, o := range g.Opened {
		if o.Short != "" && !blamed[o.By] {
			blamed[o.By] = true
			all = append(all, mark{o.By, Validator, Missed, now})
		}
	}
	if !over {
		return all
	}
	add := func(a msg.Account, role Role, deed Deed) {
		if m := (mark{a, role, deed, now}); !blamed[a] && !marked(all, m) {
			all = append(all, mark{a, role, deed, now})
		}
	}
	switch {
	case out.Accepted && out.Guilty == nil && len(out.Verdicts) > 0:
		add(g.Provider, Provider, Good)
		add(g.spec.Consumer, Consumer, Good)
		for _, a := range out.Jury {
			add(a, Validator, Good)
		}
	case !out.Accepted && out.Guilty == nil:
		add(g.Provider, Provider, Unclear)
		if g.receipt != nil {
			add(g.spec.Consumer, Consumer, Unclear)
		}
		for _, v := range out.Verdicts {
			if v.Value != msg.Valid && slices.Contains(out.Jury, v.Validator) {
				add(v.Validator, Validator, Unclear)
			}
		}
	}
	return all
}
