package dispute

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Prover is an Account that can also prove what it says to a judge.
type Prover interface {
	Account
	Prove(ctx context.Context, q *trace.Question) (*runtime.Proof, error)
}

// Player is a party as the referee sees it: over a connection, or in the same process.
type Player interface {
	// Move asks for the answer to the moves so far. Asked again, it gives the same one.
	Move(ctx context.Context, challenge identity.Signed, moves []identity.Signed) (identity.Signed, error)
	// Proof asks for what the question that is left can be judged by.
	Proof(ctx context.Context, challenge identity.Signed, moves []identity.Signed) (*runtime.Proof, error)
}

// Seat is a node's own side in its disputes. Every move is in the journal before it is told, so that a node that is killed and starts
// again never says two things.
type Seat struct {
	id      *identity.Identity
	journal store.Journal
	open    func(ctx context.Context, c *Challenge) (*rpc.JobRecords, Prover, error)

	mu    sync.Mutex
	games map[msg.Hash]*seated
}

// seated is a dispute that a seat is at.
type seated struct {
	mu      sync.Mutex
	claims  *claim.Claims
	account Prover
	used    time.Time
}

// maxSeated bounds the disputes whose accounts are kept between moves; others are opened again.
const maxSeated = 8

// NewSeat keeps its moves in journal. open gives the records of the disputed receipt and this node's account of the interval.
func NewSeat(id *identity.Identity, journal store.Journal, open func(ctx context.Context, c *Challenge) (*rpc.JobRecords, Prover, error)) *Seat {
	return &Seat{id: id, journal: journal, open: open, games: map[msg.Hash]*seated{}}
}

// ErrNotHere is wrapped where a dispute is none of this node's.
var ErrNotHere = errors.New("not this node's dispute")

// sit opens a challenge and finds the account that belongs to it.
func (s *Seat) sit(ctx context.Context, signed identity.Signed) (*seated, *Challenge, error) {
	c := new(Challenge)
	who, err := signed.Open(c)
	if err != nil {
		return nil, nil, err
	}
	if me := s.id.Account(); who != c.Challenger || me != c.Provider && me != c.Challenger {
		return nil, nil, fmt.Errorf("%w: it is between %s and %s", ErrNotHere, c.Provider, c.Challenger)
	}
	id := msg.HashOf(*c)
	s.mu.Lock()
	g := s.games[id]
	if g == nil {
		g = &seated{}
		s.games[id] = g
		for len(s.games) > maxSeated {
			var oldest msg.Hash
			for k, v := range s.games {
				if o := s.games[oldest]; v != g && (o == nil || v.used.Before(o.used)) {
					oldest = k
				}
			}
			delete(s.games, oldest)
		}
	}
	g.used = time.Now()
	s.mu.Unlock()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.account == nil {
		records, account, err := s.open(ctx, c)
		if err != nil {
			return nil, nil, err
		}
		if g.claims, err = claim.Read(records); err != nil {
			return nil, nil, err
		}
		g.account = account
	}
	return g, c, nil
}

// play goes through the moves. It is called with g.mu held.
func (g *seated) play(challenge identity.Signed, moves []identity.Signed) (*Game, error) {
	game, err := Begin(&g.claims.Receipt, g.claims.Intervals, g.claims.Spec.Program.Interval, challenge)
	if err != nil {
		return nil, err
	}
	for i, m := range moves {
		if err := game.Play(m); err != nil {
			return nil, fmt.Errorf("move %d: %w", i, err)
		}
	}
	return game, nil
}

func moveKey(dispute, before msg.Hash) msg.Hash {
	return sha256.Sum256(append(append([]byte("gwrun move\x00"), dispute[:]...), before[:]...))
}

// Move makes this node's answer to the moves so far, once.
func (s *Seat) Move(ctx context.Context, challenge identity.Signed, moves []identity.Signed) (identity.Signed, error) {
	g, c, err := s.sit(ctx, challenge)
	if err != nil {
		return identity.Signed{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	game, err := g.play(challenge, moves)
	if err != nil {
		return identity.Signed{}, err
	}
	t := game.Turn()
	if t == nil || t.Who != s.id.Account() {
		return identity.Signed{}, fmt.Errorf("%w: it is not this node's turn", ErrMove)
	}
	key := moveKey(msg.HashOf(*c), game.Last())
	var said identity.Signed
	if err := s.journal.Get(key, &said); err == nil {
		return said, nil
	} else if !errors.Is(err, store.ErrNotFound) {
		return said, err
	}
	if said, err = game.Answer(ctx, s.id, g.account); err != nil {
		return said, err
	}
	return said, s.journal.Put(key, said)
}

// Proof gives what the question that is left can be judged by.
func (s *Seat) Proof(ctx context.Context, challenge identity.Signed, moves []identity.Signed) (*runtime.Proof, error) {
	g, _, err := s.sit(ctx, challenge)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	game, err := g.play(challenge, moves)
	if err != nil {
		return nil, err
	}
	q := game.Question()
	if q == nil {
		return nil, fmt.Errorf("%w: there is more to be said", ErrMove)
	}
	return g.account.Prove(ctx, q)
}
