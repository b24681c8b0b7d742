package evm

import (
	"context"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"

	"github.com/gwrun/gwrun/proto/msg"
)

// Accusation is one of this node's, as it stands at the head of the chain.
type Accusation struct {
	Job     msg.Hash    `json:"job"`
	Accused msg.Account `json:"accused"`
	// Number is the chain's, 0 where it is not there, and where it takes none: who said two things is not accused but shown to have.
	Number uint64 `json:"number"`
	// Ruled says that nothing more comes of it, unless a reorg takes the ruling away.
	Ruled bool `json:"ruled"`
	// Committee is who judges it now.
	Committee []msg.Account `json:"committee"`
	// Trouble is why the last step failed, "" where none did.
	Trouble string `json:"trouble,omitempty"`
}

// Accuses says whether this node accuses anybody on the chain, and it is not over for good.
func (s *Settlement) Accuses() bool {
	if len(s.Accusing()) > 0 {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.doubles {
		if !d.Over {
			return true
		}
	}
	return false
}

// Accusations are those of this node's that are not over for good.
func (s *Settlement) Accusations(ctx context.Context) ([]Accusation, error) {
	type open struct {
		id msg.Hash
		charge
		Accusation
	}
	var all []open
	var twice []Accusation
	s.mu.Lock()
	for id, p := range s.live {
		for _, c := range p.Charges {
			if c.Over {
				continue
			}
			o := open{id: id, charge: c, Accusation: Accusation{Job: p.Job, Accused: c.Accused, Number: c.Number}}
			if t := s.tried[id]; t != nil {
				o.Trouble = t.said
			}
			if c.Accused != p.Agreement.Terms.Provider {
				o.id = p.Job // a juror is convicted once for a job, whatever the terms
			}
			all = append(all, o)
		}
	}
	for key, d := range s.doubles {
		if d.Over {
			continue
		}
		x := Accusation{Job: d.Job, Accused: d.Guilty}
		if t := s.tried[key]; t != nil {
			x.Trouble = t.said
		}
		twice = append(twice, x)
	}
	s.mu.Unlock()
	out := []Accusation{}
	for _, x := range twice {
		var err error
		if x.Ruled, err = s.equivocated(ctx, x.Job, x.Accused); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	for _, o := range all {
		var err error
		if o.Ruled, o.Committee, err = s.stands(ctx, o.id, o.charge); err != nil {
			return nil, err
		}
		out = append(out, o.Accusation)
	}
	slices.SortFunc(out, func(a, b Accusation) int {
		if c := slices.Compare(a.Job[:], b.Job[:]); c != 0 {
			return c
		}
		return slices.Compare(a.Accused[:], b.Accused[:])
	})
	return out, nil
}

// stands says whether a charge was ruled on, here or by somebody else's accusation, and who judges it where it was not.
func (s *Settlement) stands(ctx context.Context, offence msg.Hash, c charge) (ruled bool, committee []msg.Account, err error) {
	if c.Number == 0 {
		ruled, err = s.convicted(ctx, offence, c.Accused)
		return ruled, nil, err
	}
	a, err := ask[accusationOf](ctx, s.Contracts, "disputes", "accusationOf", new(big.Int).SetUint64(c.Number))
	if err != nil || a.Stage != accusationOpen {
		return a.Stage == accusationOver, nil, err
	}
	q, err := ask[caseOf](ctx, s.Contracts, "committee", "caseOf", a.Question)
	if err != nil || q.Stage != caseVoting {
		return false, nil, err
	}
	members, err := ask[[]common.Address](ctx, s.Contracts, "committee", "committeeOf", a.Question, q.Round)
	for _, m := range members {
		committee = append(committee, msg.Account(m))
	}
	return false, committee, err
}
