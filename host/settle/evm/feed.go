package evm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
)

// feed reads what the contracts tell: seats that this account was drawn to, and what was paid. Duties are taken up at once, since clocks run;
// payments are told when they are lasting.
type feed struct {
	s     *Settlement
	f     *chain.Follower
	by    map[common.Hash]event
	later []told // payments that are not lasting yet, in the chain's order
}

type event struct {
	abi.Event
	contract string
}

type told struct {
	block uint64
	pay   Payment
}

// watched are the events that are looked at.
var watched = map[string][]string{
	"market":    {"Redeemed", "Opened", "Seated", "Ended"},
	"staking":   {"Slashed"},
	"committee": {"Drawn"},
	"disputes":  {"Ruled"},
}

// events are those by their topic.
func events(names map[string][]string) (by map[common.Hash]event, topics []common.Hash) {
	by = map[common.Hash]event{}
	for contract, list := range names {
		for _, name := range list {
			e := artifacts[contract].abi.Events[name]
			by[e.ID] = event{e, contract}
			topics = append(topics, e.ID)
		}
	}
	return by, topics
}

var cursorKey = msg.Hash{'c', 'u', 'r', 's', 'o', 'r'}

// follow begins where the last process was.
func (s *Settlement) follow() (*feed, error) {
	var c chain.Cursor
	if err := s.kept.Get(cursorKey, &c); errors.Is(err, store.ErrNotFound) {
		c.Next = s.at.Block
	} else if err != nil {
		return nil, err
	}
	f := &feed{s: s}
	var topics []common.Hash
	f.by, topics = events(watched)
	var contracts []common.Address
	for name := range watched {
		contracts = append(contracts, s.at.at(name))
	}
	f.f = s.chain.Follow(contracts, [][]common.Hash{topics}, c)
	return f, nil
}

// read takes in all that is new.
func (f *feed) read(ctx context.Context) error {
	for {
		c, err := f.f.Next(ctx)
		if err != nil {
			return err
		}
		if c != nil && c.Undo {
			f.later = slices.DeleteFunc(f.later, func(t told) bool { return t.block >= c.From })
			continue
		}
		if c == nil {
			return f.lasting(ctx)
		}
		for i := range c.Logs {
			if err := f.take(ctx, &c.Logs[i]); err != nil {
				return err
			}
		}
	}
}

// lasting tells of payments that lie deep enough, and remembers that.
func (f *feed) lasting(ctx context.Context) error {
	cursor := f.f.Cursor()
	if cursor.Next == 0 {
		return nil
	}
	depth := f.s.chain.Confirmations()
	deep := cursor.Next - min(cursor.Next, depth) // blocks below it are lasting
	for len(f.later) > 0 && f.later[0].block < deep {
		if f.s.cfg.Host != nil {
			f.s.cfg.Host.Paid(f.later[0].pay)
		}
		f.later = f.later[1:]
	}
	cursor.Next = deep
	for len(cursor.Marks) > 0 && cursor.Marks[len(cursor.Marks)-1].Number >= deep {
		cursor.Marks = cursor.Marks[:len(cursor.Marks)-1]
	}
	var old chain.Cursor
	if err := f.s.kept.Get(cursorKey, &old); err == nil && (old.Next == cursor.Next || len(f.later) == 0 && old.Next+16 > cursor.Next) {
		return nil // a few blocks more or less to read again are not worth a write each
	}
	return f.s.kept.Put(cursorKey, cursor)
}

// fields reads an event's values by their names.
func (e *event) fields(l *types.Log) (map[string]any, error) {
	out := map[string]any{}
	if len(l.Data) > 0 {
		if err := e.Inputs.NonIndexed().UnpackIntoMap(out, l.Data); err != nil {
			return nil, fmt.Errorf("event %s of block %d: %w: %w", e.Name, l.BlockNumber, err, chain.ErrServer)
		}
	}
	var indexed abi.Arguments
	for _, a := range e.Inputs {
		if a.Indexed {
			indexed = append(indexed, a)
		}
	}
	if len(l.Topics) != 1+len(indexed) {
		return nil, fmt.Errorf("event %s of block %d with %d topics: %w", e.Name, l.BlockNumber, len(l.Topics), chain.ErrServer)
	}
	if err := abi.ParseTopicsIntoMap(out, indexed, l.Topics[1:]); err != nil {
		return nil, fmt.Errorf("event %s of block %d: %w: %w", e.Name, l.BlockNumber, err, chain.ErrServer)
	}
	return out, nil
}

// account, number and hash read a field.
func account(v any) msg.Account { a, _ := v.(common.Address); return msg.Account(a) }

func hash(v any) msg.Hash { h, _ := v.([32]byte); return h }

func number(v any) *big.Int {
	switch n := v.(type) {
	case *big.Int:
		return n
	case uint8:
		return big.NewInt(int64(n))
	case uint64:
		return new(big.Int).SetUint64(n)
	}
	return new(big.Int)
}

// take takes in one event.
func (f *feed) take(ctx context.Context, l *types.Log) error {
	e, ok := f.by[l.Topics[0]]
	if !ok || l.Address != f.s.at.at(e.contract) {
		return nil
	}
	v, err := e.fields(l)
	if err != nil {
		return err
	}
	pay := Payment{Event: fmt.Sprintf("%d/%s/%d", l.BlockNumber, l.TxHash, l.Index), Block: l.BlockNumber}
	me := f.s.me
	switch e.Name {
	case "Seated":
		if account(v["juror"]) == me {
			return f.s.drawn(ctx, hash(v["id"]), number(v["seat"]).Uint64())
		}
		return nil
	case "Drawn":
		if members, _ := v["members"].([]common.Address); slices.Contains(members, common.Address(me)) {
			return f.s.called(ctx, number(v["id"]).Uint64(), uint8(number(v["round"]).Uint64()))
		}
		return nil
	case "Redeemed":
		pay.Kind, pay.Consumer, pay.Payee, pay.Amount = "redeemed", account(v["consumer"]), account(v["payee"]), amount(number(v["amount"]))
		if pay.Consumer != me && pay.Payee != me {
			return nil
		}
	case "Opened":
		pay.Kind, pay.Job, pay.ID, pay.Consumer, pay.Payee, pay.Amount = "opened", hash(v["job"]), hash(v["id"]), account(v["consumer"]), account(v["provider"]), amount(number(v["escrow"]))
		if pay.Consumer != me && pay.Payee != me {
			return nil
		}
		f.s.poke()
	case "Ended":
		pay.Job, pay.ID, pay.Consumer, pay.Payee, pay.Amount = hash(v["job"]), hash(v["id"]), account(v["consumer"]), account(v["provider"]), amount(number(v["paid"]))
		end, _ := v["end"].(uint8)
		pay.Kind = endName(end)
		if pay.Consumer != me && pay.Payee != me {
			return nil
		}
	case "Slashed":
		pay.Kind, pay.Payee, pay.Amount = "slashed", account(v["account"]), amount(number(v["amount"]))
		if pay.Payee != me {
			return nil
		}
	case "Ruled":
		f.s.poke()
		return nil
	}
	f.later = append(f.later, told{l.BlockNumber, pay})
	return nil
}

// scan goes over the events of a contract from the market's first block on, with the topics given, until f says that it is enough.
func (m *Contracts) scan(ctx context.Context, contract, name string, topics [][]common.Hash, f func(v map[string]any, l *types.Log) bool) error {
	by, _ := events(map[string][]string{contract: {name}})
	for id, e := range by {
		r := m.chain.Follow([]common.Address{m.at.at(contract)}, append([][]common.Hash{{id}}, topics...), chain.Cursor{Next: m.at.Block})
		for {
			c, err := r.Next(ctx)
			if err != nil || c == nil {
				return err
			}
			for i := range c.Logs {
				v, err := e.fields(&c.Logs[i])
				if err != nil {
					return err
				}
				if f(v, &c.Logs[i]) {
					return nil
				}
			}
		}
	}
	return nil
}

// ended finds how a job that is done ended.
func (m *Contracts) ended(ctx context.Context, t *msg.Terms) (end uint8, err error) {
	id, found := t.ID(m.Market()), false
	err = m.scan(ctx, "market", "Ended", [][]common.Hash{{common.Hash(t.Job)}}, func(v map[string]any, _ *types.Log) bool {
		if hash(v["id"]) == id {
			end, _ = v["end"].(uint8)
			found = true
		}
		return found
	})
	if err == nil && !found {
		err = fmt.Errorf("job %s is done, and the event of its end is nowhere: %w", t.Job, chain.ErrServer)
	}
	return end, err
}

// accused finds the number of this account's accusation, 0 where it is not there.
func (s *Settlement) accused(ctx context.Context, id, job msg.Hash, c *charge) (n uint64, err error) {
	topics := [][]common.Hash{nil, {common.Hash(job)}, {common.BytesToHash(c.Accused[:])}}
	err = s.scan(ctx, "disputes", "Accused", topics, func(v map[string]any, _ *types.Log) bool {
		if account(v["accuser"]) == s.me && hash(v["terms"]) == id && hash(v["evidence"]) == c.Evidence.Root {
			n = number(v["id"]).Uint64()
		}
		return n != 0
	})
	return n, err
}

// opened finds the terms that a job was opened with: they are in the transaction that did.
func (m *Contracts) opened(ctx context.Context, id msg.Hash) (out *msg.Terms, err error) {
	var failed error
	err = m.scan(ctx, "market", "Opened", nil, func(v map[string]any, l *types.Log) bool {
		if hash(v["id"]) != id {
			return false
		}
		out, failed = m.shown(ctx, l.TxHash, "market", "open", id)
		return true
	})
	if err == nil && failed == nil && out == nil {
		err = fmt.Errorf("job with terms %s was opened in no block that is there: %w", id, chain.ErrServer)
	}
	return out, errors.Join(err, failed)
}

// shown reads terms out of a transaction whose method's first argument they are.
func (m *Contracts) shown(ctx context.Context, tx common.Hash, contract, method string, id msg.Hash) (*msg.Terms, error) {
	t, err := m.chain.Transaction(ctx, tx)
	if err != nil {
		return nil, err
	}
	out, err := termsIn(t.Data(), contract, method, m.Market(), id)
	if err != nil {
		return nil, fmt.Errorf("transaction %s: %w", tx, err)
	}
	return out, nil
}

// termsIn finds terms in what a contract was called with. Where another contract made the call, it is somewhere in the data.
func termsIn(data []byte, contract, method string, market msg.TypedDomain, id msg.Hash) (*msg.Terms, error) {
	k := artifacts[contract].abi.Methods[method]
	at := bytes.Index(data, k.ID)
	if at < 0 {
		return nil, fmt.Errorf("it is no %s.%s", contract, method)
	}
	args, err := k.Inputs.Unpack(data[at+4:])
	if err != nil || len(args) == 0 {
		return nil, fmt.Errorf("%s.%s with other arguments: %w", contract, method, err)
	}
	raw := *abi.ConvertType(args[0], new(termsOf)).(*termsOf)
	out, err := ofTerms(&raw)
	if err != nil {
		return nil, err
	}
	if found := out.ID(market); found != id {
		return nil, fmt.Errorf("it shows terms %s, wanted %s", found, id)
	}
	return &out, nil
}

// about finds the job that a committee's question is about, which the contract says, and its terms, as far as the transaction shows them: another
// contract may have made the call.
func (m *Contracts) about(ctx context.Context, q *Question) error {
	var failed error
	err := m.scan(ctx, "disputes", "Accused", [][]common.Hash{nil, nil, {common.BytesToHash(q.Accused[:])}}, func(v map[string]any, l *types.Log) bool {
		if hash(v["terms"]) != q.Subject || number(v["question"]).Uint64() != q.ID {
			return false
		}
		q.Job = hash(v["job"])
		var t *types.Transaction
		if t, failed = m.chain.Transaction(ctx, l.TxHash); failed == nil {
			q.Terms, _ = termsIn(t.Data(), "disputes", "accuse", m.Market(), q.Subject)
		}
		return true
	})
	return errors.Join(err, failed)
}

// unix is a time of a contract.
func unix(n *big.Int) time.Time {
	if n == nil || !n.IsInt64() {
		return time.Time{}
	}
	return time.Unix(n.Int64(), 0)
}

// committed finds the name of the receipt that a job was committed with.
func (m *Contracts) committed(ctx context.Context, id, job msg.Hash) (out msg.Hash, err error) {
	err = m.scan(ctx, "market", "Committed", [][]common.Hash{{common.Hash(job)}, {common.Hash(id)}}, func(v map[string]any, _ *types.Log) bool {
		out = hash(v["receipt"])
		return false // a reorg may have come between: the last counts
	})
	if err == nil && out == (msg.Hash{}) {
		err = fmt.Errorf("job %s was committed in no block that is there: %w", job, chain.ErrServer)
	}
	return out, err
}
