package chain

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
)

// Move is something to be done on the chain by a transaction.
type Move struct {
	// What it is, in words, for logs and errors: "Market.open of job 1234".
	What string
	// To is the contract or the account; nil creates a contract.
	To   *common.Address
	Data []byte
	// Value in wei. Default 0.
	Value *big.Int
	// Gas it may use. Default: as much as the server estimates, and a quarter more.
	Gas uint64
	// Nonce it must have. Default: the next.
	Nonce *uint64
}

// flight is a transaction on its way. Its variants have the same nonce and differ by their fees: at most one of them is ever in a block.
type flight struct {
	Chain    uint64      `cbor:"1,keyasint"`
	From     msg.Account `cbor:"2,keyasint"`
	Nonce    uint64      `cbor:"3,keyasint"`
	What     string      `cbor:"4,keyasint"`
	Variants [][]byte    `cbor:"5,keyasint"`

	txs    []*types.Transaction
	bumped time.Time
	sent   bool // the server has taken the last variant once
	gone   int  // how often its nonce was taken and its receipt nowhere
	mined  *types.Receipt
	told   bool
	done   chan struct{}
	err    error
}

func (f *flight) last() *types.Transaction { return f.txs[len(f.txs)-1] }

func (f *flight) key() msg.Hash {
	b := binary.BigEndian.AppendUint64([]byte("gwrun flight\x00"), f.Chain)
	return sha256.Sum256(binary.BigEndian.AppendUint64(append(b, f.From[:]...), f.Nonce))
}

// end tells whoever waits.
func (f *flight) end(r *types.Receipt, err error) {
	if !f.told {
		f.mined, f.err, f.told = r, err, true
		close(f.done)
	}
}

// sender has one account's transactions that are on their way.
type sender struct {
	c      *Client
	signer types.Signer
	from   common.Address
	stop   context.CancelFunc
	wake   chan struct{}
	ended  sync.WaitGroup

	mu     sync.Mutex
	flying []*flight // by nonce
}

// maxFlying is how many transactions may be on their way: geth keeps 64 of an account that wait for those before them.
const maxFlying = 48

// maxVariants is how often a fee is raised: an eighth each time makes it a hundred times what it was.
const maxVariants = 40

func newSender(c *Client) (*sender, error) {
	s := &sender{c: c, signer: types.LatestSignerForChainID(c.id), from: common.Address(c.cfg.Key.Account()), wake: make(chan struct{}, 1)}
	if c.cfg.Sent != nil {
		if err := s.load(c.cfg.Sent); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.ended.Add(1)
	go s.run(ctx)
	return s, nil
}

// load takes up what was on its way when the process before this one ended.
func (s *sender) load(j store.Journal) error {
	keys, err := j.Keys()
	if err != nil {
		return err
	}
	for _, k := range keys {
		f := &flight{done: make(chan struct{}), bumped: s.c.cfg.Now()}
		if err := j.Get(k, f); err != nil {
			return err
		}
		if f.Chain != s.c.ChainID() || f.From != msg.Account(s.from) {
			continue // of another chain or key, which the same folder was used with
		}
		for _, raw := range f.Variants {
			tx := new(types.Transaction)
			if err := tx.UnmarshalBinary(raw); err != nil {
				return fmt.Errorf("transaction %d that was sent before (%s): %w", f.Nonce, f.What, err)
			}
			f.txs = append(f.txs, tx)
		}
		if len(f.txs) > 0 {
			s.flying = append(s.flying, f)
		}
	}
	slices.SortFunc(s.flying, func(a, b *flight) int {
		if a.Nonce < b.Nonce {
			return -1
		}
		return 1
	})
	return nil
}

func (s *sender) close() {
	s.stop()
	s.ended.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.flying {
		f.end(nil, errors.New("stopping: the transaction is on its way"))
	}
}

// Send makes a move and waits until it is in a block. Where it was there and the contract said no, that is the error, and the receipt is
// given too. It may be sent again only by whoever knows that it was not done: errors of the kind ErrReplaced say so.
func (c *Client) Send(ctx context.Context, m Move) (*types.Receipt, error) {
	w, err := c.Submit(ctx, m)
	if err != nil {
		return nil, err
	}
	return w.Wait(ctx)
}

// Way is a move on its way.
type Way struct {
	c *Client
	f *flight
	m Move
}

// Hash names the transaction as it was sent first.
func (w *Way) Hash() common.Hash { return w.f.txs[0].Hash() }

// Nonce is the transaction's.
func (w *Way) Nonce() uint64 { return w.f.Nonce }

// Wait waits until it is in a block.
func (w *Way) Wait(ctx context.Context) (*types.Receipt, error) {
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: waiting for transaction %s: %w", w.m.What, w.Hash(), ctx.Err())
	case <-w.f.done:
	}
	r, err := w.f.mined, w.f.err
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.m.What, err)
	}
	if r.Status == types.ReceiptStatusSuccessful {
		return r, nil
	}
	if r.GasUsed >= w.f.last().Gas() {
		return r, fmt.Errorf("%s: %w", w.m.What, &RevertError{Text: fmt.Sprintf("all of its %d gas was used", r.GasUsed)})
	}
	// The same again at the block before tells why, as nearly as anybody can say.
	_, err = w.c.why(ctx, w.f.last(), new(big.Int).Sub(r.BlockNumber, big.NewInt(1)))
	if Reverted(err) == nil {
		err = &RevertError{Text: "without a reason"}
	}
	return r, fmt.Errorf("%s: %w", w.m.What, err)
}

func (c *Client) why(ctx context.Context, tx *types.Transaction, at *big.Int) ([]byte, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	b, err := c.eth.CallContract(ctx, ethereum.CallMsg{From: c.sender.from, To: tx.To(), Data: tx.Data(), Value: tx.Value(), Gas: tx.Gas()}, at)
	return b, c.errors.Decode(err)
}

// Submit signs a move and sends it. From then on it is taken care of: sent again where it was lost, with a higher fee where it waits too long,
// after a restart too.
func (c *Client) Submit(ctx context.Context, m Move) (*Way, error) {
	if c.sender == nil {
		return nil, fmt.Errorf("%s: %w", m.What, ErrNoKey)
	}
	f, err := c.sender.submit(ctx, &m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.What, err)
	}
	return &Way{c, f, m}, nil
}

// Cost is the most that a move would cost in wei, and the gas it would use.
func (c *Client) Cost(ctx context.Context, m Move) (wei *big.Int, gas uint64, err error) {
	if c.sender == nil {
		return nil, 0, fmt.Errorf("%s: %w", m.What, ErrNoKey)
	}
	if gas, err = c.sender.gas(ctx, &m); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", m.What, err)
	}
	_, most, err := c.fees(ctx, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", m.What, err)
	}
	return most.Mul(most, new(big.Int).SetUint64(gas)), gas, nil
}

// fees gives the tip and the most for a unit of gas, at least an eighth more than those of a transaction that is to be replaced.
func (c *Client) fees(ctx context.Context, old *types.Transaction) (tip, most *big.Int, err error) {
	head, err := c.Head(ctx)
	if err != nil {
		return nil, nil, err
	}
	if head.BaseFee == nil {
		return nil, nil, errors.New("the chain has no base fee (EIP-1559), wanted one with it")
	}
	call, cancel := c.bound(ctx)
	defer cancel()
	if tip, err = c.eth.SuggestGasTipCap(call); err != nil {
		return nil, nil, c.failed("the tip that is usual", err)
	}
	if tip.Sign() < 0 {
		return nil, nil, fmt.Errorf("a tip of %s wei: %w", tip, ErrServer)
	}
	most = new(big.Int).Add(new(big.Int).Lsh(head.BaseFee, 1), tip) // the base fee may double while it waits
	least := new(big.Int).Add(head.BaseFee, tip)
	if old != nil {
		for _, x := range []struct{ now, was *big.Int }{{tip, old.GasTipCap()}, {most, old.GasFeeCap()}} {
			raised := new(big.Int).Add(x.was, new(big.Int).Rsh(x.was, 3))
			if raised.Add(raised, big.NewInt(1)); x.now.Cmp(raised) < 0 {
				x.now.Set(raised)
			}
		}
		least = most
	}
	if least.Cmp(c.cfg.MaxFee) > 0 {
		return nil, nil, fmt.Errorf("%s gwei for a unit, at most %s: %w", Gwei(least), Gwei(c.cfg.MaxFee), ErrFee)
	}
	if most.Cmp(c.cfg.MaxFee) > 0 {
		most.Set(c.cfg.MaxFee)
	}
	if tip.Cmp(most) > 0 {
		tip.Set(most)
	}
	return tip, most, nil
}

// gas is how much a move may use.
func (s *sender) gas(ctx context.Context, m *Move) (uint64, error) {
	gas := m.Gas
	if gas == 0 {
		call, cancel := s.c.bound(ctx)
		defer cancel()
		n, err := s.c.eth.EstimateGas(call, ethereum.CallMsg{From: s.from, To: m.To, Data: m.Data, Value: m.Value})
		if err != nil {
			return 0, s.c.failed("trying it", err)
		}
		// What others do before it may make it dearer: more to walk over, storage to write for the first time.
		if gas = n + n/4; m.Data != nil {
			gas += 20_000
		}
		if n <= s.c.cfg.MaxGas {
			gas = min(gas, s.c.cfg.MaxGas)
		}
	}
	if gas > s.c.cfg.MaxGas {
		return 0, fmt.Errorf("%d gas, at most %d: %w", gas, s.c.cfg.MaxGas, ErrTooMuchGas)
	}
	return gas, nil
}

func (s *sender) submit(ctx context.Context, m *Move) (*flight, error) {
	gas, err := s.gas(ctx, m)
	if err != nil {
		return nil, err
	}
	tip, most, err := s.c.fees(ctx, nil)
	if err != nil {
		return nil, err
	}
	value := m.Value
	if value == nil {
		value = new(big.Int)
	}
	need := new(big.Int).Mul(most, new(big.Int).SetUint64(gas))
	need.Add(need, value)
	have, err := s.c.Balance(ctx, msg.Account(s.from))
	if err != nil {
		return nil, err
	}
	if have.Cmp(need) < 0 {
		return nil, fmt.Errorf("%s has %s ether, this takes up to %s (%d gas at %s gwei): %w", s.from, Ether(have), Ether(need), gas, Gwei(most), ErrNoGas)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.flying) >= maxFlying {
		return nil, fmt.Errorf("%d transactions of this account are on their way, at most %d wanted", len(s.flying), maxFlying)
	}
	for try := 0; ; try++ {
		nonce, err := s.next(ctx, m)
		if err != nil {
			return nil, err
		}
		tx, err := types.SignNewTx(s.c.cfg.Key.ECDSA(), s.signer, &types.DynamicFeeTx{ChainID: s.c.id, Nonce: nonce, GasTipCap: tip, GasFeeCap: most,
			Gas: gas, To: m.To, Value: value, Data: m.Data})
		if err != nil {
			return nil, err
		}
		f := &flight{Chain: s.c.ChainID(), From: msg.Account(s.from), Nonce: nonce, What: m.What, done: make(chan struct{}), bumped: s.c.cfg.Now()}
		if err := s.add(f, tx); err != nil {
			return nil, err
		}
		switch err := s.offer(ctx, tx); {
		case err == nil:
			f.sent = true
		case taken(err) && m.Nonce == nil && try < 20:
			// Another program with this key was quicker, and its transaction may not be counted yet.
			if err := s.drop(f); err != nil {
				return nil, err
			}
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(min(s.c.cfg.Poll, time.Second) / 4):
			}
			continue
		case errors.Is(err, ErrUnreachable):
			// It may have arrived. It is offered again as soon as there is somebody to offer it to.
		default:
			return nil, errors.Join(err, s.drop(f))
		}
		s.flying = append(s.flying, f)
		slices.SortFunc(s.flying, func(a, b *flight) int { return new(big.Int).SetUint64(a.Nonce).Cmp(new(big.Int).SetUint64(b.Nonce)) })
		s.poke()
		return f, nil
	}
}

// next is the nonce for a move.
func (s *sender) next(ctx context.Context, m *Move) (uint64, error) {
	if m.Nonce != nil {
		return *m.Nonce, nil
	}
	call, cancel := s.c.bound(ctx)
	defer cancel()
	n, err := s.c.eth.PendingNonceAt(call, s.from)
	if err != nil {
		return 0, s.c.failed("the next nonce of "+s.from.String(), err)
	}
	for _, f := range s.flying {
		if f.Nonce >= n && f.mined == nil {
			n = f.Nonce + 1
		}
	}
	return n, nil
}

// add gives a flight one more variant, on disk before anybody else knows of it.
func (s *sender) add(f *flight, tx *types.Transaction) error {
	raw, err := tx.MarshalBinary()
	if err != nil {
		return err
	}
	f.txs, f.Variants = append(f.txs, tx), append(f.Variants, raw)
	if s.c.cfg.Sent == nil {
		return nil
	}
	return s.c.cfg.Sent.Put(f.key(), f)
}

func (s *sender) drop(f *flight) error {
	if s.c.cfg.Sent == nil {
		return nil
	}
	return s.c.cfg.Sent.Delete(f.key())
}

// offer gives a transaction to the server. That it has it already is fine.
func (s *sender) offer(ctx context.Context, tx *types.Transaction) error {
	call, cancel := s.c.bound(ctx)
	defer cancel()
	err := s.c.eth.SendTransaction(call, tx)
	if err == nil || says(err, "already known", "known transaction", "already imported", "alreadyknown", "already exists") {
		return nil
	}
	return s.c.failed("sending it", err)
}

// says finds what servers of several makes mean: the standard has no numbers for it.
func says(err error, any ...string) bool {
	text := strings.ToLower(err.Error())
	return slices.ContainsFunc(any, func(s string) bool { return strings.Contains(text, s) })
}

// taken reports that a nonce is somebody else's.
func taken(err error) bool {
	return says(err, "nonce too low", "nonce is too low", "oldnonce", "underpriced", "invalid nonce")
}

func (s *sender) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run sees to what is on its way whenever there is a new block.
func (s *sender) run(ctx context.Context) {
	defer s.ended.Done()
	for ctx.Err() == nil {
		s.mu.Lock()
		idle := len(s.flying) == 0
		s.mu.Unlock()
		if idle {
			select {
			case <-ctx.Done():
				return
			case <-s.wake:
			}
			continue
		}
		watch, stop := context.WithCancel(ctx)
		heads := s.c.Heads(watch)
		for more := true; more && ctx.Err() == nil; {
			select {
			case <-ctx.Done():
			case <-heads:
			case <-s.wake:
			case <-time.After(s.c.cfg.Patience):
			}
			more = s.look(ctx)
		}
		stop()
	}
}

// look sees to what is on its way, and says whether there is any.
func (s *sender) look(ctx context.Context) bool {
	s.mu.Lock()
	flying := slices.Clone(s.flying)
	s.mu.Unlock()
	if len(flying) == 0 {
		return false
	}
	call, cancel := s.c.bound(ctx)
	defer cancel()
	head, err := s.c.Head(ctx)
	var used uint64
	if err == nil {
		used, err = s.c.eth.NonceAt(call, s.from, nil)
	}
	if err != nil {
		if ctx.Err() == nil {
			s.c.cfg.Log.Warn("chain: looking after transactions", "waiting", len(flying), "err", err)
		}
		return true
	}
	for _, f := range flying {
		if over := s.tend(ctx, f, head.Number.Uint64(), used); over {
			s.mu.Lock()
			s.flying = slices.DeleteFunc(s.flying, func(x *flight) bool { return x == f })
			s.mu.Unlock()
			if err := s.drop(f); err != nil {
				s.c.cfg.Log.Warn("chain: forgetting a transaction that is done", "what", f.What, "err", err)
			}
		}
	}
	return true
}

// tend sees to one flight; over says that nothing can come of it any more.
func (s *sender) tend(ctx context.Context, f *flight, head, used uint64) (over bool) {
	var mined *types.Receipt
	for _, tx := range f.txs {
		call, cancel := s.c.bound(ctx)
		r, err := s.c.eth.TransactionReceipt(call, tx.Hash())
		cancel()
		if err == nil && r != nil && r.TxHash == tx.Hash() && r.BlockNumber != nil && r.BlockNumber.IsUint64() {
			mined = r
			break
		}
		if err != nil && !errors.Is(err, ethereum.NotFound) && !says(err, "not found", "indexing") {
			return false // the server has trouble: another time
		}
	}
	switch {
	case mined != nil:
		f.gone = 0
		f.end(mined, nil)
		// A reorg may still take it away: it is kept until that is over, and then sent again below.
		return mined.BlockNumber.Uint64()+s.c.cfg.Confirmations <= head
	case f.Nonce < used:
		// A server of several machines may know a nonce before it knows the receipt.
		if f.gone++; f.gone < 8 {
			s.poke()
			return false
		}
		s.c.cfg.Log.Info("chain: a transaction was replaced by another program with this key", "what", f.What, "nonce", f.Nonce)
		f.end(nil, fmt.Errorf("nonce %d: %w: another program uses this key; it was not done", f.Nonce, ErrReplaced))
		return true
	}
	f.gone = 0
	if s.c.cfg.Now().Sub(f.bumped) >= s.c.cfg.Patience && len(f.txs) < maxVariants {
		s.raise(ctx, f)
	}
	// Offered again each time: pools forget. One that is there already says so.
	if err := s.offer(ctx, f.last()); err != nil && !taken(err) && ctx.Err() == nil {
		s.c.cfg.Log.Warn("chain: a transaction is not taken", "what", f.What, "nonce", f.Nonce, "err", err)
		if !f.sent && !errors.Is(err, ErrUnreachable) {
			f.end(nil, err)
			return true
		}
	} else if err == nil {
		f.sent = true
	}
	return false
}

// raise makes a variant with higher fees.
func (s *sender) raise(ctx context.Context, f *flight) {
	f.bumped = s.c.cfg.Now()
	old := f.last()
	tip, most, err := s.c.fees(ctx, old)
	if err != nil {
		s.c.cfg.Log.Warn("chain: a transaction waits, and its fee cannot be raised", "what", f.What, "nonce", f.Nonce, "err", err)
		return
	}
	tx, err := types.SignNewTx(s.c.cfg.Key.ECDSA(), s.signer, &types.DynamicFeeTx{ChainID: s.c.id, Nonce: old.Nonce(), GasTipCap: tip, GasFeeCap: most,
		Gas: old.Gas(), To: old.To(), Value: old.Value(), Data: old.Data()})
	if err == nil {
		err = s.add(f, tx)
	}
	if err != nil {
		s.c.cfg.Log.Warn("chain: raising a fee", "what", f.What, "err", err)
		return
	}
	s.c.cfg.Log.Info("chain: a transaction waits: its fee was raised", "what", f.What, "nonce", f.Nonce, "gwei", Gwei(most))
}

// Flying says what is on its way, in words, by nonce.
func (c *Client) Flying() []string {
	if c.sender == nil {
		return nil
	}
	c.sender.mu.Lock()
	defer c.sender.mu.Unlock()
	var out []string
	for _, f := range c.sender.flying {
		out = append(out, f.What)
	}
	return out
}

// Ether writes wei as ether: "0.0123".
func Ether(wei *big.Int) string { return decimal(wei, 18) }

// Gwei writes wei as gwei.
func Gwei(wei *big.Int) string { return decimal(wei, 9) }

func decimal(n *big.Int, places int) string {
	s := new(big.Int).Abs(n).String()
	if len(s) <= places {
		s = strings.Repeat("0", places+1-len(s)) + s
	}
	whole, part := s[:len(s)-places], strings.TrimRight(s[len(s)-places:], "0")
	if part != "" {
		whole += "." + part
	}
	if n.Sign() < 0 {
		return "-" + whole
	}
	return whole
}

// Nonce is the next nonce of the key's account, with what waits.
func (c *Client) Nonce(ctx context.Context) (uint64, error) {
	if c.sender == nil {
		return 0, ErrNoKey
	}
	c.sender.mu.Lock()
	defer c.sender.mu.Unlock()
	return c.sender.next(ctx, &Move{})
}

// Mined is how many transactions of the key's account are in blocks.
func (c *Client) Mined(ctx context.Context) (uint64, error) {
	if c.sender == nil {
		return 0, ErrNoKey
	}
	ctx, cancel := c.bound(ctx)
	defer cancel()
	n, err := c.eth.NonceAt(ctx, c.sender.from, nil)
	if err != nil {
		return 0, c.failed("the nonce of "+c.sender.from.String(), err)
	}
	return n, nil
}

// Transaction is one by its hash, checked against it.
func (c *Client) Transaction(ctx context.Context, hash common.Hash) (*types.Transaction, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	tx, _, err := c.eth.TransactionByHash(ctx, hash)
	if err != nil {
		return nil, c.failed("transaction "+hash.String(), err)
	}
	if tx.Hash() != hash {
		return nil, fmt.Errorf("transaction %s: another is given, %s: %w", hash, tx.Hash(), ErrServer)
	}
	return tx, nil
}

// Sent finds the transaction of an account with a nonce, in a block behind from.
func (c *Client) Sent(ctx context.Context, account msg.Account, nonce, from uint64) (*types.Transaction, error) {
	head, err := c.Head(ctx)
	if err != nil {
		return nil, err
	}
	low, high := from, head.Number.Uint64() // its block is in (low, high]
	for high-low > 1 {
		mid := low + (high-low)/2
		call, cancel := c.bound(ctx)
		used, err := c.eth.NonceAt(call, common.Address(account), new(big.Int).SetUint64(mid))
		cancel()
		if err != nil {
			return nil, c.failed(fmt.Sprintf("the nonce of %s at block %d", account, mid), err)
		}
		if used > nonce {
			high = mid
		} else {
			low = mid
		}
	}
	call, cancel := c.bound(ctx)
	defer cancel()
	b, err := c.eth.BlockByNumber(call, new(big.Int).SetUint64(high))
	if err != nil {
		return nil, c.failed(fmt.Sprintf("block %d", high), err)
	}
	for _, tx := range b.Transactions() {
		if by, err := types.Sender(types.LatestSignerForChainID(c.id), tx); err == nil && by == common.Address(account) && tx.Nonce() == nonce {
			return tx, nil
		}
	}
	return nil, fmt.Errorf("transaction %d of %s: %w", nonce, account, ethereum.NotFound)
}

// GweiOf is so many gwei in wei.
func GweiOf(n uint64) *big.Int { return new(big.Int).Mul(new(big.Int).SetUint64(n), gwei) }
