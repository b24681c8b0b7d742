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

// stakes remembers what accounts have at stake for as long as the block is the newest in which they had it: whoever bids or offers is asked after
// again and again, and every candidate of every job.
type stakes struct {
	mu    sync.Mutex
	block common.Hash
	clock uint64 // of that block
	asked time.Time
	least *msg.Amount
	of    map[msg.Account]stakeOf
}

// maxStakes is how many stakes are remembered.
const maxStakes = 4096

// forget has everything asked anew: something was done.
func (k *stakes) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.block, k.asked, k.least, k.of = common.Hash{}, time.Time{}, nil, nil
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
	if hash := h.Hash(); hash != k.block {
		k.block, k.clock, k.least, k.of = hash, h.Time, nil, map[msg.Account]stakeOf{}
	}
	k.asked = time.Now()
	return nil
}

// LeastStake is what an account has to have at stake to be drawn or take jobs.
func (m *Contracts) LeastStake(ctx context.Context) (msg.Amount, error) {
	word, err := ask[*big.Int](ctx, m, "parameters", "word", big.NewInt(3))
	if err != nil {
		return msg.Amount{}, err
	}
	return amount(new(big.Int).Mul(new(big.Int).SetUint64(word.Uint64()), big.NewInt(1e9))), nil
}

// Stake is what an account has at stake. It is barred where it may not be drawn or take jobs.
func (m *Contracts) Stake(ctx context.Context, a msg.Account) (settle.Stake, error) {
	if err := m.look(ctx); err != nil {
		return settle.Stake{}, err
	}
	k := &m.known
	k.mu.Lock()
	block, clock, least := k.block, k.clock, k.least
	s, known := k.of[a]
	k.mu.Unlock()
	if least == nil {
		x, err := m.LeastStake(ctx)
		if err != nil {
			return settle.Stake{}, err
		}
		least = &x
	}
	if !known {
		var err error
		if s, err = ask[stakeOf](ctx, m, "staking", "stakes", common.Address(a)); err != nil {
			return settle.Stake{}, err
		}
	}
	k.mu.Lock()
	if k.block == block && k.of != nil { // else it may be of either
		if k.least = least; len(k.of) < maxStakes {
			k.of[a] = s
		}
	}
	k.mu.Unlock()
	active := amount(s.Staked).Sub(amount(s.Unbonding))
	return settle.Stake{Active: active, Locked: amount(s.Locked), Barred: active.Cmp(*least) < 0 || s.JailedUntil > clock}, nil
}
