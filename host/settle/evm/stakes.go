package evm

import (
	"context"
	"math/big"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
)

// known remembers what was asked of the newest block for as long as it is that: whoever bids or offers is asked after again and again, and every
// candidate of every job, and the market's numbers with each.
type known struct {
	mu    sync.Mutex
	block common.Hash
	clock uint64 // of that block
	asked time.Time
	words map[int]*big.Int // of the governed numbers
	of    map[msg.Account]stakeOf
}

// maxStakes is how many stakes are remembered.
const maxStakes = 4096

// forget has everything asked anew: something was done.
func (k *known) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked, k.words, k.of = time.Time{}, nil, nil
}

// look goes to the newest block, as often as one asks for those. What was known of another is forgotten.
func (m *Contracts) look(ctx context.Context) error {
	k := &m.known
	k.mu.Lock()
	old := time.Since(k.asked) >= m.chain.Poll()
	k.mu.Unlock()
	if !old {
		return nil
	}
	h, err := m.chain.Head(ctx)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if hash := h.Hash(); hash != k.block || k.of == nil {
		k.block, k.clock, k.words, k.of = hash, h.Time, map[int]*big.Int{}, map[msg.Account]stakeOf{}
	}
	k.asked = time.Now()
	return nil
}

// word is one with governed numbers, as the newest block that was looked at has it.
func (m *Contracts) word(ctx context.Context, i int) (*big.Int, error) {
	k := &m.known
	k.mu.Lock()
	block, w := k.block, k.words[i]
	k.mu.Unlock()
	if w != nil {
		return w, nil
	}
	w, err := ask[*big.Int](ctx, m, "parameters", "word", big.NewInt(int64(i)))
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.block == block && k.words != nil { // else it may be of either
		k.words[i] = w
	}
	return w, nil
}

// LeastStake is what an account has to have at stake to be drawn or take jobs.
func (m *Contracts) LeastStake(ctx context.Context) (msg.Amount, error) {
	if err := m.look(ctx); err != nil {
		return msg.Amount{}, err
	}
	return m.leastStake(ctx)
}

func (m *Contracts) leastStake(ctx context.Context) (msg.Amount, error) {
	w, err := m.word(ctx, 3)
	if err != nil {
		return msg.Amount{}, err
	}
	return amount(new(big.Int).Mul(new(big.Int).SetUint64(w.Uint64()), big.NewInt(1e9))), nil
}

// Stake is what an account has at stake. It is barred where it may not be drawn or take jobs.
func (m *Contracts) Stake(ctx context.Context, a msg.Account) (settle.Stake, error) {
	if err := m.look(ctx); err != nil {
		return settle.Stake{}, err
	}
	least, err := m.leastStake(ctx)
	if err != nil {
		return settle.Stake{}, err
	}
	k := &m.known
	k.mu.Lock()
	block, clock := k.block, k.clock
	s, ok := k.of[a]
	k.mu.Unlock()
	if !ok {
		if s, err = ask[stakeOf](ctx, m, "staking", "stakes", common.Address(a)); err != nil {
			return settle.Stake{}, err
		}
		k.mu.Lock()
		if k.block == block && k.of != nil && len(k.of) < maxStakes {
			k.of[a] = s
		}
		k.mu.Unlock()
	}
	active := amount(s.Staked).Sub(amount(s.Unbonding))
	return settle.Stake{Active: active, Locked: amount(s.Locked), Barred: active.Cmp(least) < 0 || s.JailedUntil > clock}, nil
}
