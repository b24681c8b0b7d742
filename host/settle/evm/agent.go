package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

// trial is when something is tried again that failed.
type trial struct {
	busy  bool
	next  uint64 // block
	fails uint
	said  string
}

// Run is the agent: it follows the chain until ctx ends, and does what this node's role in each job asks for. It may be killed anywhere: what
// it knows is in the journals, the book and the chain.
func (s *Settlement) Run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	f, err := s.follow()
	if err != nil {
		return err
	}
	heads := s.chain.Heads(ctx)
	again := time.NewTicker(10 * time.Second)
	defer again.Stop()
	lost := ""
	for {
		err := s.look(ctx, f, &work)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil && lost != "":
			s.cfg.Log.Info("chain: found again")
			lost = ""
		case err != nil && err.Error() != lost:
			s.cfg.Log.Warn("chain: looking", "err", err)
			lost = err.Error()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-heads:
		case <-s.wake:
		case <-again.C:
		}
	}
}

// look reads what is new, and gives everything that is open its turn.
func (s *Settlement) look(ctx context.Context, f *feed, work *sync.WaitGroup) error {
	if err := f.read(ctx); err != nil {
		return err
	}
	head, err := s.chain.Head(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	var turns []func()
	for id, p := range s.live {
		if !p.Over {
			turns = append(turns, func() {
				s.turn(ctx, id, head, work, func(ctx context.Context) error { return s.pursue(ctx, id, head) })
			})
		}
	}
	for key, d := range s.duty {
		if !d.Over {
			turns = append(turns, func() {
				s.turn(ctx, key, head, work, func(ctx context.Context) error { return s.serve(ctx, key, head) })
			})
		}
	}
	for key, d := range s.doubles {
		if !d.Over {
			turns = append(turns, func() {
				s.turn(ctx, key, head, work, func(ctx context.Context) error { return s.punish(ctx, key, head) })
			})
		}
	}
	s.mu.Unlock()
	for _, t := range turns {
		t()
	}
	return nil
}

// turn lets one thing take its next step, one step at a time. What failed waits longer each time, up to some minutes.
func (s *Settlement) turn(ctx context.Context, key msg.Hash, head *types.Header, work *sync.WaitGroup, step func(context.Context) error) {
	s.mu.Lock()
	t := s.tried[key]
	if t == nil {
		t = &trial{}
		s.tried[key] = t
	}
	if t.busy || head.Number.Uint64() < t.next {
		s.mu.Unlock()
		return
	}
	t.busy = true
	s.mu.Unlock()
	work.Add(1)
	go func() {
		defer work.Done()
		err := step(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		t.busy = false
		switch {
		case err == nil || ctx.Err() != nil:
			t.fails, t.next, t.said = 0, 0, ""
			return
		case errors.Is(err, errWait):
			return // for the next block
		}
		t.fails++
		t.next = head.Number.Uint64() + min(uint64(1)<<min(t.fails, 6), 25)
		if text := err.Error(); text != t.said {
			s.cfg.Log.Warn("chain: will be tried again", "err", err)
			t.said = text
		}
	}()
}

// errWait means: nothing to be done now.
var errWait = errors.New("waiting for the chain")

// do sends a move and waits for its block. One that this process sent before it was restarted is waited for instead of sent again.
func (s *Settlement) do(ctx context.Context, about string, contract, method string, args ...any) error {
	mv, err := s.Contracts.move(contract, method, args...)
	if err != nil {
		return err
	}
	mv.What += " of " + about
	for _, what := range s.chain.Flying() {
		if what == mv.What {
			return errWait
		}
	}
	if _, err = s.chain.Send(ctx, mv); err == nil {
		s.cfg.Log.Info("chain: done", "what", mv.What)
		s.poke()
	}
	return err
}

// pursue takes the next step about a job. Where there is none it says errWait, and where nothing can come any more it remembers that.
func (s *Settlement) pursue(ctx context.Context, id msg.Hash, head *types.Header) error {
	s.mu.Lock()
	p := *s.live[id]
	s.mu.Unlock()
	j, err := ask[jobOf](ctx, s.Contracts, "market", "jobs", [32]byte(id))
	if err != nil {
		return err
	}
	idle := true
	for i := range p.Charges {
		if p.Charges[i].Over {
			continue
		}
		idle = false
		if err := s.charge(ctx, id, &p, i, head); !errors.Is(err, errWait) {
			return err
		}
	}
	if p.Enforce || p.Accept != nil || p.Release != nil {
		over, err := s.court(ctx, id, &p, &j, head)
		if !errors.Is(err, errWait) {
			return err
		}
		if !over {
			idle = false
		}
	}
	if idle {
		s.mu.Lock()
		defer s.mu.Unlock()
		now := *s.live[id]
		if len(now.Charges) == len(p.Charges) && now.Enforce == p.Enforce && (now.Accept == nil) == (p.Accept == nil) && (now.Release == nil) == (p.Release == nil) {
			now.Over = true
			return s.put(id, &now)
		}
	}
	return errWait
}

// court takes the next step of a job's course. It gives errWait where there is none now, and over where it has ended for good.
func (s *Settlement) court(ctx context.Context, id msg.Hash, p *pursuit, j *jobOf, head *types.Header) (over bool, err error) {
	t := &p.Agreement.Terms
	onChain, now, name := terms(t), head.Time, fmt.Sprintf("job %s", short(t.Job))
	provider, consumer := s.me == t.Provider, s.me == t.Consumer
	if j.State == jobNone {
		if !provider || !p.Enforce || now > t.Opens {
			// Nobody opens it any more, and no reorg brings that back.
			return now > t.Opens+15*60, errWait
		}
		convicted, err := s.convicted(ctx, id, t.Provider)
		if err == nil && !convicted {
			convicted, err = s.equivocated(ctx, t.Job, t.Provider)
		}
		if err != nil {
			return false, err
		}
		if convicted {
			// It is in jail, and has no money to expect of this job.
			return s.forgotten(id, head), errWait
		}
		s.remember(id)
		return false, s.do(ctx, name, "market", "open", onChain, p.Agreement.ConsumerSig[:])
	}
	if j.State == jobDone {
		return s.forgotten(id, head), errWait
	}
	s.remember(id)
	if p.Accept != nil {
		return false, s.do(ctx, name, "market", "accept", onChain, acceptance(&p.Accept.Acceptance), p.Accept.Sig[:])
	}
	if p.Release != nil {
		return false, s.release(ctx, name, p)
	}
	if !p.Enforce {
		return false, errWait
	}
	if j.State == jobOpened {
		r, err := s.receipt(ctx, id, p)
		if err != nil && !errors.Is(err, errWait) {
			return false, err
		}
		if err == nil && provider {
			// Too late or not is the contract's word: a revert is tried again, and costs nothing.
			err := s.do(ctx, name, "market", "commit", onChain, receipt(r), p.Receipt.Sig[:])
			if chain.Reverted(err) == nil {
				return false, err
			}
		}
		if consumer && now > max(t.Deadline, j.Since.Uint64()+uint64(t.Clock)) {
			return false, s.do(ctx, name, "market", "expire", onChain)
		}
		return false, errWait
	}
	return false, s.led(ctx, name, id, p, j, head)
}

// forever is how many blocks something has to be over before it is forgotten: no reorg is deeper, Ethereum's blocks are final by then.
const forever = 96

// forgotten says whether something that is over now has been so for long enough that no reorg brings it back.
func (s *Settlement) forgotten(key msg.Hash, head *types.Header) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := head.Number.Uint64()
	since, ok := s.over[key]
	if !ok || since > n {
		s.over[key] = n
	}
	return ok && n >= since+forever
}

// remember says that it is not over.
func (s *Settlement) remember(key msg.Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.over, key)
}

// led takes the next step of a job whose receipt is fixed. Anybody may: of those who care about it the provider goes first, the others a little later.
func (s *Settlement) led(ctx context.Context, name string, id msg.Hash, p *pursuit, j *jobOf, head *types.Header) error {
	t := &p.Agreement.Terms
	onChain, now, number := terms(t), head.Time, head.Number.Uint64()
	later := uint64(0)
	if s.me != t.Provider {
		later = 8 // blocks
	}
	if j.State == jobCommitted {
		seed := j.SeedBlock.Uint64()
		switch {
		case number < seed+later:
			return errWait
		case number >= seed+256:
			return s.do(ctx, name, "market", "reseed", onChain)
		}
		r, err := s.receipt(ctx, id, p)
		if err != nil {
			return err
		}
		h, err := s.chain.Header(ctx, seed)
		if err != nil {
			return err
		}
		raw, err := rlp.EncodeToBytes(h)
		if err != nil {
			return err
		}
		return s.do(ctx, name, "market", "seal", onChain, receipt(r), raw, p.Packed)
	}
	// Sealed.
	closes := j.Since.Uint64() + uint64(t.Window)
	if uint64(j.Valid) >= uint64(t.Validators) {
		if now <= closes+later || j.Holds > 0 {
			return errWait
		}
		return s.do(ctx, name, "market", "settle", onChain)
	}
	live, late := uint64(0), false
	for i := range uint64(j.Seats) {
		seat, err := s.seat(ctx, id, i)
		if err != nil {
			return err
		}
		until := seat.Until.Uint64()
		switch seat.State {
		case seatOut:
			continue
		case seatPromised:
			until = j.Promises.Uint64() + uint64(j.Clock)
		case seatSeated, seatInvalid:
		default:
			live++
			continue
		}
		if now > until+later {
			late = true
		} else {
			live++
		}
	}
	if late || live < uint64(t.Validators) && uint64(j.Seats) < 2*uint64(t.Validators) && j.Draws < 64 {
		r, err := s.receipt(ctx, id, p)
		if err != nil {
			return err
		}
		err = s.do(ctx, name, "market", "replace", onChain, receipt(r), p.Packed)
		if rv := chain.Reverted(err); rv == nil || rv.Name != "NothingToReplace" {
			return err
		}
	}
	if now > closes {
		// Given up when it is time: the contract knows when that is.
		if err := s.do(ctx, name, "market", "abandon", onChain); chain.Reverted(err) == nil {
			return err
		}
	}
	return errWait
}

// receipt is a job's, of the book if it was not known before. errWait: there is none yet.
func (s *Settlement) receipt(ctx context.Context, id msg.Hash, p *pursuit) (*msg.Receipt, error) {
	if p.Receipt == nil {
		c, err := s.Settlement.Case(ctx, p.Job)
		if errors.Is(err, settle.ErrUnknown) || err == nil && c.Receipt == nil {
			return nil, errWait // the consumer may learn it later
		}
		if err != nil {
			return nil, err
		}
		p.Receipt = c.Receipt
		s.mu.Lock()
		now := *s.live[id]
		now.Receipt = c.Receipt
		err = s.put(id, &now)
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
	r := new(msg.Receipt)
	return r, msg.Decode(p.Receipt.Body, r)
}

// release shows a provider's word that it is paid otherwise.
func (s *Settlement) release(ctx context.Context, name string, p *pursuit) error {
	r := p.Release
	args := []any{terms(&p.Agreement.Terms)}
	args = append(args, r.Release.Total.Big(), r.Sig[:], voucher(&r.Voucher), r.Consent[:])
	return s.do(ctx, name, "market", "release", args...)
}

func (m *Contracts) seat(ctx context.Context, id msg.Hash, n uint64) (seatOf, error) {
	return ask[seatOf](ctx, m, "market", "seats", [32]byte(id), new(big.Int).SetUint64(n))
}

func short(h msg.Hash) string { return h.String()[:12] }

// accusationOf is contracts' Accusation.
type accusationOf struct {
	Terms    [32]byte
	Accuser  [20]byte
	Stage    uint8
	Held     bool
	Accused  [20]byte
	Bond     *big.Int
	Question *big.Int
}

// caseOf is the committee's Case.
type caseOf struct {
	Stage, Answer, Round    uint8
	Wanted                  uint16
	Asked, End              *big.Int
	PromiseClock, VoteClock uint32
	SeedBlock               uint64
	Pool                    uint32
	Fee, Spent              *big.Int
	Asker                   [20]byte
}

// The stages of an accusation, and of a committee's question.
const (
	accusationOpen = 1
	accusationOver = 2

	caseDrawing = 1
	caseVoting  = 2
	caseOver    = 3
)

// charge takes the next step of an accusation: claim it, make it, have it judged, have it ruled.
func (s *Settlement) charge(ctx context.Context, id msg.Hash, p *pursuit, i int, head *types.Header) error {
	c, t := &p.Charges[i], &p.Agreement.Terms
	name, key := fmt.Sprintf("job %s against %s", short(t.Job), c.Accused), keccak(msg.Word(id), word(uint64(i)))
	if c.Number == 0 {
		n, err := s.accused(ctx, id, p.Job, c)
		if err != nil {
			return err
		}
		if n != 0 {
			return s.charged(id, i, func(c *charge) { c.Number = n })
		}
		return s.accuseNow(ctx, name, key, id, p, i, head)
	}
	a, err := ask[accusationOf](ctx, s.Contracts, "disputes", "accusationOf", new(big.Int).SetUint64(c.Number))
	if err != nil {
		return err
	}
	switch {
	case a.Stage != accusationOpen && a.Stage != accusationOver || a.Terms != id || a.Accuser != s.me || a.Accused != c.Accused:
		return s.charged(id, i, func(c *charge) { c.Number = 0 }) // a reorg took it away, or made it another's number
	case a.Stage == accusationOver:
		if !s.forgotten(key, head) {
			return errWait
		}
		return s.charged(id, i, func(c *charge) { c.Over = true })
	}
	s.remember(key) // or one took the ruling away
	q, err := ask[caseOf](ctx, s.Contracts, "committee", "caseOf", a.Question)
	if err != nil {
		return err
	}
	if q.Stage == caseOver {
		return s.do(ctx, name, "disputes", "rule", new(big.Int).SetUint64(c.Number), terms(t))
	}
	return s.bringOn(ctx, a.Question, &q, head)
}

// bringOn brings a question on, as anybody may: the committee is drawn when its block is there, and the round closed when it is over.
func (s *Settlement) bringOn(ctx context.Context, question *big.Int, q *caseOf, head *types.Header) error {
	name, number := fmt.Sprintf("question %d round %d", question, q.Round), head.Number.Uint64()
	if q.Stage == caseDrawing && head.Time <= q.End.Uint64() {
		switch {
		case number < q.SeedBlock:
			return errWait
		case number >= q.SeedBlock+256:
			return s.do(ctx, name, "committee", "reseed", question)
		}
		h, err := s.chain.Header(ctx, q.SeedBlock)
		if err != nil {
			return err
		}
		raw, err := rlp.EncodeToBytes(h)
		if err != nil {
			return err
		}
		return s.do(ctx, name, "committee", "draw", question, raw)
	}
	if head.Time <= q.End.Uint64() {
		return errWait
	}
	// Whether it can be closed is the contract's to say: trying costs nothing.
	if err := s.do(ctx, name, "committee", "close", question); chain.Reverted(err) == nil {
		return err
	}
	return errWait
}

// sealed says whether this account has a seat on a job's jury whose verdict is not open.
func (s *Settlement) sealed(ctx context.Context, id msg.Hash) (bool, error) {
	s.mu.Lock()
	var seats []uint64
	for _, d := range s.duty {
		if d.Terms == id && d.Question == 0 && !d.Over {
			seats = append(seats, d.Seat)
		}
	}
	s.mu.Unlock()
	for _, n := range seats {
		seat, err := s.seat(ctx, id, n)
		if err != nil {
			return false, err
		}
		if msg.Account(seat.Juror) == s.me && (seat.State == seatSeated || seat.State == seatPromised) {
			return true, nil
		}
	}
	return false, nil
}

// charged changes a charge and keeps it.
func (s *Settlement) charged(id msg.Hash, i int, f func(*charge)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := *s.live[id]
	p.Charges = append([]charge{}, p.Charges...)
	f(&p.Charges[i])
	return s.put(id, &p)
}

// convicted says whether somebody was convicted under terms, or, a juror, about their job.
func (m *Contracts) convicted(ctx context.Context, offence msg.Hash, who msg.Account) (bool, error) {
	return ask[bool](ctx, m, "disputes", "convicted", [32]byte(offence), [20]byte(who))
}

// accuseNow claims, waits, and accuses. The bond comes from this account's tokens.
func (s *Settlement) accuseNow(ctx context.Context, name string, key, id msg.Hash, p *pursuit, i int, head *types.Header) error {
	c, t := &p.Charges[i], &p.Agreement.Terms
	offence := id
	if c.Accused != t.Provider {
		offence = t.Job
	}
	known, err := s.convicted(ctx, offence, c.Accused)
	if err != nil {
		return err
	}
	if known {
		if !s.forgotten(key, head) {
			return errWait
		}
		return s.charged(id, i, func(c *charge) { c.Over = true })
	}
	s.remember(key)
	secret := salt(s.cfg.Identity, "claim", id, c.Accused, c.Evidence.Root)
	hash := claimHash(s.me, id, c.Accused, c.Evidence, secret)
	made, err := ask[*big.Int](ctx, s.Contracts, "disputes", "claims", [32]byte(hash))
	if err != nil {
		return err
	}
	if made.Sign() == 0 {
		return s.do(ctx, name, "disputes", "claim", [32]byte(hash))
	}
	words, err := s.Numbers(ctx)
	if err != nil {
		return err
	}
	if head.Number.Uint64() < made.Uint64()+words["ClaimBlocks"].Value {
		return errWait
	}
	bond := new(big.Int).Mul(new(big.Int).SetUint64(words["AccuserBond"].Value), big.NewInt(1e9))
	disputes := s.at.at("disputes")
	allowed, err := ask[*big.Int](ctx, s.Contracts, "token", "allowance", [20]byte(s.me), disputes)
	if err != nil {
		return err
	}
	if allowed.Cmp(bond) < 0 {
		have, err := ask[*big.Int](ctx, s.Contracts, "token", "balanceOf", [20]byte(s.me))
		if err != nil {
			return err
		}
		if have.Cmp(bond) < 0 {
			return fmt.Errorf("accusing %s about job %s takes a bond of %s GWR, %s has %s: %w", c.Accused, t.Job, amount(bond), s.me, amount(have), ErrTokens)
		}
		// For as many as may be open: one approval each would let one accusation take another's.
		return s.do(ctx, "accusers' bonds", "token", "approve", disputes, new(big.Int).Mul(bond, big.NewInt(maxCharges)))
	}
	// A juror's verdict is opened before it is proven: an accusation now would tell the others what to promise, and its seat would not know of it.
	// All else is ready by then: its clock runs from there, and who is late has been silent.
	if closed, err := s.sealed(ctx, id); err != nil || closed {
		if err == nil {
			err = errWait
		}
		return err
	}
	packed := p.Packed
	if c.Accused == t.Provider {
		packed = nil
	}
	return s.do(ctx, name, "disputes", "accuse", terms(t), p.Agreement.ConsumerSig[:], p.Agreement.ProviderSig[:],
		chargeOf{[20]byte(c.Accused), c.Evidence.Root, c.Evidence.Size, secret}, packed)
}
