package dispute

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
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
	// Move asks for the answer to the moves so far. Asked again, it gives the same one. The answer may be that the other party said something
	// else before in the place of its last move, or of the challenge: that one (Repeated).
	Move(ctx context.Context, d rpc.Dispute) (identity.Signed, error)
	// Proof asks for what the question that is left can be judged by.
	Proof(ctx context.Context, d rpc.Dispute) (*runtime.Proof, error)
}

// Seat is a node's own side in its disputes. Every move is in the journal before it is told, so that a node that is killed and starts
// again never says two things.
//
// What a dispute costs a party is to run the interval again, so a seat bounds that. Each challenger has one dispute about a receipt, and each
// party one word at each place of it. To another challenge, or another move where there was one, a seat answers with the first: the two
// exclude each other (Contradiction), which is a proof against whoever signed both, costs nothing, and is an answer, so that nobody can
// call it silence. Questions of one challenger wait for each other, and not for anybody else's. The accounts that answers come from are of
// an interval of a receipt, whoever disputes it.
type Seat struct {
	// Allowed says whether a challenge is one that this node has to answer: Entitled. If nil, every one is.
	Allowed func(c *Challenge, said *claim.Claims, absences []identity.Signed) error

	id      *identity.Identity
	told    *told
	records func(c *Challenge) (*rpc.JobRecords, error)
	open    func(ctx context.Context, c *Challenge) (Prover, error)
	used    chan struct{} // holds something for each account in use
	keep    time.Duration // keepSeated, or what a test wants

	mu       sync.Mutex
	accounts map[place]*seated
	lanes    map[msg.Account]*lane
	claims   map[msg.Hash]*claim.Claims // by receipt, of the disputes of late

	begun, moves atomic.Uint64
}

// place is an interval of a receipt.
type place struct {
	receipt  msg.Hash
	interval uint64
}

// seated is this node's account of a place. One question at a time is answered from it.
type seated struct {
	turn    chan struct{} // holds something while it is used
	account Prover
	// These are under the seat's mu.
	waiting int // who use it or wait to
	used    time.Time
	keep    time.Duration // how long it is kept when nobody asks
	end     *time.Timer   // lets go of it when nobody has used it for a while
}

// lane is what one challenger has a seat do: one thing at a time, and so many waiting.
type lane struct {
	turn    chan struct{}
	waiting int // under the seat's mu
}

const (
	// maxSeated bounds the accounts that are in use, and those that are kept between moves; others are made again.
	maxSeated = 8
	// keepSeated is how long an account is kept that nobody asks: it holds a state of the job.
	keepSeated = 2 * time.Minute
	// keepOver is how long it is kept where nothing is left to be said: somebody may want the proof again.
	keepOver = 5 * time.Second
	// maxClaims bounds the records that are kept.
	maxClaims = 64
	// maxWaiting bounds the questions of one challenger that wait for each other. In a dispute there is one at a time, from a referee and
	// the witnesses of a turn at most.
	maxWaiting = 16
)

// ErrBusy is wrapped where a challenger has asked for too much at once.
var ErrBusy = errors.New("too many questions at once")

// NewSeat keeps its moves in journal. records gives the records of the disputed receipt, and open this node's account of the interval, which
// is asked for when the challenge is one that has to be answered.
func NewSeat(id *identity.Identity, journal store.Journal, records func(c *Challenge) (*rpc.JobRecords, error),
	open func(ctx context.Context, c *Challenge) (Prover, error)) *Seat {
	t := &told{journal: journal, now: time.Now}
	return &Seat{id: id, told: t, records: records, open: open, used: make(chan struct{}, maxSeated), keep: keepSeated, accounts: map[place]*seated{},
		lanes: map[msg.Account]*lane{}, claims: map[msg.Hash]*claim.Claims{}}
}

// ErrNotHere is wrapped where a dispute is none of this node's.
var ErrNotHere = errors.New("not this node's dispute")

// enter waits for a turn. A turn that was had is given back by taking from it.
func enter(ctx context.Context, turn chan struct{}) error {
	select {
	case turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// queue waits for the lane of a challenger.
func (s *Seat) queue(ctx context.Context, challenger msg.Account) (leave func(), _ error) {
	s.mu.Lock()
	l := s.lanes[challenger]
	if l == nil {
		l = &lane{turn: make(chan struct{}, 1)}
		s.lanes[challenger] = l
	}
	if l.waiting >= maxWaiting {
		s.mu.Unlock()
		return nil, fmt.Errorf("%w: %d of %s are waiting", ErrBusy, l.waiting, challenger)
	}
	l.waiting++
	s.mu.Unlock()
	out := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if l.waiting--; l.waiting == 0 {
			delete(s.lanes, challenger)
		}
	}
	if err := enter(ctx, l.turn); err != nil {
		out()
		return nil, err
	}
	return func() { <-l.turn; out() }, nil
}

// said gives what the records of a challenged receipt say. They are read once, where they have all that they can have.
func (s *Seat) said(c *Challenge) (*claim.Claims, error) {
	s.mu.Lock()
	said := s.claims[c.Receipt]
	s.mu.Unlock()
	if said != nil {
		return said, nil
	}
	records, err := s.records(c)
	if err != nil {
		return nil, err
	}
	if said, err = claim.Read(records); err != nil {
		return nil, err
	}
	if said.Secret == nil || msg.HashOf(said.Receipt) != c.Receipt {
		return said, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.claims {
		if len(s.claims) < maxClaims {
			break
		}
		delete(s.claims, k)
	}
	s.claims[c.Receipt] = said
	return said, nil
}

// take gives the account of a place, for one who uses it until it calls leave. Accounts that nobody uses make room.
func (s *Seat) take(ctx context.Context, at place) (g *seated, leave func(), _ error) {
	if err := enter(ctx, s.used); err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	if g = s.accounts[at]; g == nil {
		g = &seated{turn: make(chan struct{}, 1)}
		s.accounts[at] = g
	}
	g.waiting++
	g.used, g.keep = time.Now(), s.keep
	if g.end != nil {
		g.end.Stop()
	}
	for len(s.accounts) > maxSeated {
		var oldest *seated
		var where place
		for k, v := range s.accounts {
			if v.waiting == 0 && (oldest == nil || v.used.Before(oldest.used)) {
				oldest, where = v, k
			}
		}
		delete(s.accounts, where) // at most maxSeated are in use, so there is one
	}
	s.mu.Unlock()
	out := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if g.waiting--; g.waiting == 0 {
			if g.account == nil {
				delete(s.accounts, at)
			} else {
				g.end = time.AfterFunc(g.keep, func() { s.letGo(at, g) })
			}
		}
		<-s.used
	}
	if err := enter(ctx, g.turn); err != nil {
		out()
		return nil, nil, err
	}
	return g, func() { <-g.turn; out() }, nil
}

// letGo forgets an account that was not asked again.
func (s *Seat) letGo(at place, g *seated) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts[at] == g && g.waiting == 0 && time.Since(g.used) >= g.keep {
		delete(s.accounts, at)
	}
}

// sit goes through a dispute as far as it has come, and has f answer with the account that belongs to it.
func (s *Seat) sit(ctx context.Context, d rpc.Dispute, f func(*claim.Claims, *Game, Prover) error) error {
	c := new(Challenge)
	who, err := d.Challenge.Open(c)
	if err != nil {
		return err
	}
	if me := s.id.Account(); who != c.Challenger || me != c.Provider && me != c.Challenger {
		return fmt.Errorf("%w: it is between %s and %s", ErrNotHere, c.Provider, c.Challenger)
	}
	said, err := s.said(c)
	if err != nil {
		return err
	}
	if err := s.told.late(said); err != nil {
		return err
	}
	if s.Allowed != nil {
		if err := s.Allowed(c, said, d.Absences); err != nil {
			return fmt.Errorf("%w: %w", ErrNotHere, err)
		}
	}
	game, err := BeginWith(said, d.Challenge)
	if err != nil {
		return err
	}
	for i, m := range d.Moves {
		if err := game.Play(m); err != nil {
			return fmt.Errorf("move %d: %w", i, err)
		}
	}
	unqueue, err := s.queue(ctx, who)
	if err != nil {
		return err
	}
	defer unqueue()
	if err := s.hear(said, game, d); err != nil {
		return err
	}
	g, leave, err := s.take(ctx, place{c.Receipt, c.Record.Index})
	if err != nil {
		return err
	}
	defer leave()
	if g.account == nil {
		account, err := s.open(ctx, c)
		if err != nil {
			return err
		}
		g.account = account
	}
	err = f(said, game, g.account)
	if game.Question() != nil {
		s.mu.Lock()
		g.keep = min(g.keep, keepOver)
		s.mu.Unlock()
	}
	return err
}

// hear takes note of what is to be answered. It fails with a repeated where the other party has been answered something else in its place.
func (s *Seat) hear(said *claim.Claims, game *Game, d rpc.Dispute) error {
	me, c := s.id.Account(), &game.Challenge
	if me == c.Provider {
		key := sha256.Sum256(slices.Concat([]byte("gwrun challenge heard\x00"), c.Receipt[:], c.Challenger[:]))
		if first, err := s.told.heard(key, d.Challenge, said); err != nil || first != nil {
			return repeated(first, err)
		}
	}
	// Of the moves only the last can be another: the ones before it are what this node's own moves name.
	last := len(d.Moves) - 1
	if t := game.Turn(); last < 0 || t != nil && t.Who != me || t == nil && me == c.Challenger {
		return nil
	}
	key := sha256.Sum256(fmt.Appendf(nil, "gwrun move heard\x00%s %d", game.ID, last))
	first, err := s.told.heard(key, d.Moves[last], said)
	return repeated(first, err)
}

// otherwise is that the other party says something else than it did before.
type otherwise struct{ before identity.Signed }

func (o *otherwise) Error() string {
	return "it is not what was said here before, which alone is answered"
}

func (o *otherwise) Unwrap() error { return ErrMove }

func repeated(before *identity.Signed, err error) error {
	if before == nil {
		return err
	}
	return &otherwise{*before}
}

func moveKey(dispute, before msg.Hash) msg.Hash {
	return sha256.Sum256(append(append([]byte("gwrun move\x00"), dispute[:]...), before[:]...))
}

// Move makes this node's answer to the moves so far, once. Where the other party has said something else before, its first word is given.
func (s *Seat) Move(ctx context.Context, d rpc.Dispute) (said identity.Signed, _ error) {
	err := s.sit(ctx, d, func(records *claim.Claims, game *Game, account Prover) (err error) {
		defer func() {
			if err == nil {
				_ = game.Play(said) // it may be the last; whether it fits is for the others to say
			}
		}()
		t := game.Turn()
		if t == nil || t.Who != s.id.Account() {
			return fmt.Errorf("%w: it is not this node's turn", ErrMove)
		}
		key := moveKey(game.ID, game.Last())
		if said, err = s.told.get(key); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if said, err = game.Answer(ctx, s.id, account); err != nil {
			return err
		}
		if err := s.told.put(key, said, records); err != nil {
			return err
		}
		s.moves.Add(1)
		if len(d.Moves) < 2 { // the first of this side
			s.begun.Add(1)
		}
		return nil
	})
	var other *otherwise
	switch {
	case errors.As(err, &other):
		return other.before, nil
	case err != nil:
		return identity.Signed{}, err
	}
	return said, nil
}

// Counts says how many disputes this node has begun to answer in since it started, and how many moves it made in them.
func (s *Seat) Counts() (disputes, moves uint64) { return s.begun.Load(), s.moves.Load() }

// Proof gives what the question that is left can be judged by.
func (s *Seat) Proof(ctx context.Context, d rpc.Dispute) (proof *runtime.Proof, _ error) {
	return proof, s.sit(ctx, d, func(_ *claim.Claims, game *Game, account Prover) (err error) {
		q := game.Question()
		if q == nil {
			return fmt.Errorf("%w: there is more to be said", ErrMove)
		}
		proof, err = account.Prove(ctx, q)
		return err
	})
}
