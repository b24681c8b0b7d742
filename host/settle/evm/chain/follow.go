package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Mark is a block that was read.
type Mark struct {
	Number uint64   `cbor:"1,keyasint" json:"number"`
	Hash   [32]byte `cbor:"2,keyasint" json:"hash"`
}

// Cursor is how far events were read: what a follower that is started anew goes on from. The zero value begins at the first block.
type Cursor struct {
	Next  uint64 `cbor:"1,keyasint" json:"next"`  // the first block that was not read
	Marks []Mark `cbor:"2,keyasint" json:"marks"` // of those before it, ascending: by them reorgs are noticed
}

// Change is what became of the chain since the last one.
type Change struct {
	// Undo says that the blocks from From on are no longer what was read: whatever came of them is to be forgotten.
	Undo bool
	From uint64
	// Logs are the events of the blocks From to To, in their order.
	Logs []types.Log
	To   uint64
}

// Bounds of what is read at once.
const (
	maxMarks = 256
	maxSpan  = 5000 // blocks; most providers allow as many
	maxLogs  = 50_000
)

// Follower reads the events of contracts in the chain's order, from any block on, and notices where the chain changed its mind.
type Follower struct {
	c      *Client
	query  ethereum.FilterQuery
	cursor Cursor
	span   uint64
}

// Follow follows the events of these contracts, of these topics where there are any, from a cursor on.
func (c *Client) Follow(contracts []common.Address, topics [][]common.Hash, from Cursor) *Follower {
	from.Marks = slices.Clone(from.Marks)
	return &Follower{c: c, query: ethereum.FilterQuery{Addresses: contracts, Topics: topics}, cursor: from, span: maxSpan}
}

// Cursor is where the follower stands.
func (f *Follower) Cursor() Cursor {
	c := f.cursor
	c.Marks = slices.Clone(c.Marks)
	return c
}

// Next gives what is next: a reorg, or a range of blocks with their events. nil is nothing new. After an error it may be called again.
func (f *Follower) Next(ctx context.Context) (*Change, error) {
	head, err := f.c.Head(ctx)
	if err != nil {
		return nil, err
	}
	top := head.Number.Uint64()
	if undo, err := f.changed(ctx, top); undo != nil || err != nil {
		return undo, err
	}
	if f.cursor.Next > top {
		return nil, nil
	}
	for {
		to := min(top, f.cursor.Next+f.span-1)
		logs, mark, err := f.read(ctx, f.cursor.Next, to)
		switch {
		case err == nil:
			change := &Change{From: f.cursor.Next, To: to, Logs: logs}
			f.cursor.Next = to + 1
			f.cursor.Marks = append(f.cursor.Marks, mark)
			if n := len(f.cursor.Marks) - maxMarks; n > 0 {
				f.cursor.Marks = slices.Delete(f.cursor.Marks, 0, n)
			}
			f.span = min(f.span*2, maxSpan)
			return change, nil
		case errors.Is(err, errMoved), ctx.Err() != nil, f.span == 1:
			return nil, err
		}
		// Too many blocks or too many events for this server: each says it in words of its own. A few halvings and it is one block.
		f.span = max(1, min(f.span, to-f.cursor.Next+1)/2)
	}
}

var errMoved = errors.New("the chain changed while it was read")

// changed compares the newest block that was read with the chain's, and where it is another finds the last that both have.
func (f *Follower) changed(ctx context.Context, top uint64) (*Change, error) {
	n := len(f.cursor.Marks)
	for n > 0 {
		m := f.cursor.Marks[n-1]
		if m.Number <= top {
			h, err := f.c.Header(ctx, m.Number)
			if err != nil && !errors.Is(err, ethereum.NotFound) {
				return nil, err
			}
			if err == nil && h.Hash() == m.Hash {
				break
			}
		}
		n--
	}
	if n == len(f.cursor.Marks) {
		return nil, nil
	}
	// Deeper than any mark: from the first block that the marks spoke of on, or a little before it.
	from := f.cursor.Marks[0].Number
	if n > 0 {
		from = f.cursor.Marks[n-1].Number + 1
	} else {
		from -= min(from, maxReorg)
	}
	f.cursor.Marks = f.cursor.Marks[:n]
	f.cursor.Next = from
	return &Change{Undo: true, From: from}, nil
}

// read gets the events of a range, and the mark of its last block.
func (f *Follower) read(ctx context.Context, from, to uint64) ([]types.Log, Mark, error) {
	last, err := f.c.Header(ctx, to)
	if err != nil {
		return nil, Mark{}, err
	}
	q := f.query
	q.FromBlock, q.ToBlock = new(big.Int).SetUint64(from), new(big.Int).SetUint64(to)
	logs, err := f.c.logs(ctx, q)
	if err != nil {
		return nil, Mark{}, fmt.Errorf("events of blocks %d to %d: %w", from, to, err)
	}
	again, err := f.c.Header(ctx, to)
	if err != nil {
		return nil, Mark{}, err
	}
	if again.Hash() != last.Hash() || slices.ContainsFunc(logs, func(l types.Log) bool { return l.BlockNumber == to && l.BlockHash != last.Hash() }) {
		return nil, Mark{}, fmt.Errorf("block %d: %w", to, errMoved)
	}
	return logs, Mark{to, last.Hash()}, nil
}

// logs asks for events and checks that they are such as were asked for, in order.
func (c *Client) logs(ctx context.Context, q ethereum.FilterQuery) ([]types.Log, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	logs, err := c.eth.FilterLogs(ctx, q)
	if err != nil {
		return nil, c.failed("eth_getLogs", err)
	}
	if len(logs) > maxLogs {
		return nil, fmt.Errorf("%d events, at most %d wanted", len(logs), maxLogs)
	}
	for i := range logs {
		l := &logs[i]
		switch {
		case l.BlockNumber < q.FromBlock.Uint64() || l.BlockNumber > q.ToBlock.Uint64() || l.Removed:
			return nil, fmt.Errorf("an event of block %d (removed: %v): %w", l.BlockNumber, l.Removed, ErrServer)
		case len(q.Addresses) > 0 && !slices.Contains(q.Addresses, l.Address):
			return nil, fmt.Errorf("an event of %s, which was not asked for: %w", l.Address, ErrServer)
		case !fits(l.Topics, q.Topics):
			return nil, fmt.Errorf("an event with topics %v, which were not asked for: %w", l.Topics, ErrServer)
		case i > 0 && (l.BlockNumber < logs[i-1].BlockNumber || l.BlockNumber == logs[i-1].BlockNumber && l.Index <= logs[i-1].Index):
			return nil, fmt.Errorf("event %d of block %d behind event %d of block %d: %w", l.Index, l.BlockNumber, logs[i-1].Index, logs[i-1].BlockNumber, ErrServer)
		}
	}
	return logs, nil
}

func fits(topics []common.Hash, want [][]common.Hash) bool {
	for i, any := range want {
		if len(any) > 0 && (i >= len(topics) || !slices.Contains(any, topics[i])) {
			return false
		}
	}
	return true
}
