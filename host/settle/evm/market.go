// Package evm is settlement with contracts on an Ethereum chain. The book of a job is that of package free; beside it an agent has the chain
// follow the book wherever somebody does not do what was signed: it looks at both, derives what this node has to send next, sends it, and looks
// again. The chain is the truth about what was done, so restarts and reorgs need no memory but the book's.
package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Contracts are the market's contracts on a chain, as one account uses them.
type Contracts struct {
	chain *chain.Client
	at    *Addresses
	key   *identity.Identity
	known known
}

// Connect finds the market of these addresses. key signs permits; nil where nothing will be sent.
func Connect(ctx context.Context, c *chain.Client, a *Addresses, key *identity.Identity) (*Contracts, error) {
	if a.ChainID != c.ChainID() {
		return nil, fmt.Errorf("the contracts are on chain %d, this is %d: %w", a.ChainID, c.ChainID(), chain.ErrWrongChain)
	}
	for _, name := range contractNames {
		code, err := c.Code(ctx, a.at(name))
		if err != nil {
			return nil, err
		}
		if h := msg.Hash(crypto.Keccak256Hash(code)); h != a.Contract[name].Code {
			return nil, fmt.Errorf("contract %s at %s: its code has hash %s, the addresses file says %s: is it of this chain?", name, a.at(name), h, a.Contract[name].Code)
		}
	}
	return &Contracts{chain: c, at: a, key: key}, nil
}

// Chain is the client that the market is reached by.
func (m *Contracts) Chain() *chain.Client { return m.chain }

// Addresses are where its contracts are.
func (m *Contracts) Addresses() *Addresses { return m.at }

// Market is where terms, vouchers, acceptances and releases count.
func (m *Contracts) Market() msg.TypedDomain {
	return msg.TypedDomain{ChainID: m.at.ChainID, Contract: m.at.Contract["market"].Address}
}

// ask calls a view of a contract. Its one result is converted into out's type.
func ask[T any](ctx context.Context, m *Contracts, contract, method string, args ...any) (out T, err error) {
	return askAt[T](ctx, m, nil, contract, method, args...)
}

// askAt is ask at a block.
func askAt[T any](ctx context.Context, m *Contracts, at *big.Int, contract, method string, args ...any) (out T, err error) {
	data, err := artifacts[contract].abi.Pack(method, args...)
	if err != nil {
		return out, fmt.Errorf("%s.%s: %w", contract, method, err)
	}
	b, err := m.chain.Call(ctx, contract+"."+method, m.at.at(contract), data, at)
	if err != nil {
		return out, err
	}
	values, err := artifacts[contract].abi.Unpack(method, b)
	if err != nil || len(values) != 1 {
		return out, fmt.Errorf("%s.%s answers 0x%.64x, which is not what it says it answers: %w", contract, method, b, errors.Join(err, chain.ErrServer))
	}
	return *abi.ConvertType(values[0], new(T)).(*T), nil
}

// move is a call that changes something.
func (m *Contracts) move(contract, method string, args ...any) (chain.Move, error) {
	data, err := artifacts[contract].abi.Pack(method, args...)
	if err != nil {
		return chain.Move{}, fmt.Errorf("%s.%s: %w", contract, method, err)
	}
	to := m.at.at(contract)
	return chain.Move{What: contract + "." + method, To: &to, Data: data}, nil
}

// Done is a transaction that was done.
type Done struct {
	Tx    msg.Hash `json:"tx"`
	Block uint64   `json:"block"`
	Gas   uint64   `json:"gas"`
	Fee   *big.Int `json:"fee_wei"`

	Receipt *types.Receipt `json:"-"`
}

// send makes a move and waits for its block.
func (m *Contracts) send(ctx context.Context, contract, method string, args ...any) (*Done, error) {
	mv, err := m.move(contract, method, args...)
	if err != nil {
		return nil, err
	}
	return m.done(m.chain.Send(ctx, mv))
}

func (m *Contracts) done(r *types.Receipt, err error) (*Done, error) {
	m.known.forget()
	if err != nil {
		return nil, err
	}
	fee := new(big.Int)
	if r.EffectiveGasPrice != nil {
		fee.Mul(r.EffectiveGasPrice, new(big.Int).SetUint64(r.GasUsed))
	}
	return &Done{Tx: msg.Hash(r.TxHash), Block: r.BlockNumber.Uint64(), Gas: r.GasUsed, Fee: fee, Receipt: r}, nil
}

// stakeOf is contracts' Stake.
type stakeOf struct {
	Staked, Locked, Unbonding *big.Int
	UnbondsAt, JailedUntil    uint64
}

// purseOf is contracts' Purse.
type purseOf struct {
	Deposit, Earned, Leaving *big.Int
	LeavesAt                 uint64
}

func amount(n *big.Int) msg.Amount {
	a, err := msg.AmountOfBig(n)
	if err != nil { // of what contracts hold in 128 bits
		return ofMax
	}
	return a
}

var ofMax = func() (a msg.Amount) {
	for i := range a {
		a[i] = 0xff
	}
	return a
}()

// Numbers are the governed numbers by their names.
func (m *Contracts) Numbers(ctx context.Context) (map[string]Number, error) {
	out := map[string]Number{}
	for i := 0; i < len(parameterNames); i += 4 {
		word, err := ask[*big.Int](ctx, m, "parameters", "word", big.NewInt(int64(i/4)))
		if err != nil {
			return nil, err
		}
		for k := range min(4, len(parameterNames)-i) {
			name := parameterNames[i+k]
			out[name] = Number{Value: new(big.Int).Rsh(word, uint(64*k)).Uint64(), Min: m.at.Params.Numbers[name].Min, Max: m.at.Params.Numbers[name].Max}
		}
	}
	return out, nil
}

// Rules are the numbers that terms have to keep to.
func (m *Contracts) Rules(ctx context.Context) (settle.Rules, error) {
	if err := m.look(ctx); err != nil {
		return settle.Rules{}, err
	}
	var words [4]*big.Int
	for i := range words {
		var err error
		if words[i], err = m.word(ctx, i); err != nil {
			return settle.Rules{}, err
		}
	}
	n := func(i int) uint64 { return new(big.Int).Rsh(words[i/4], uint(64*(i%4))).Uint64() }
	seconds := func(i int) time.Duration { return time.Duration(min(n(i), 1<<33)) * time.Second }
	return settle.Rules{CollusionPPM: uint32(n(0)), SavingPPM: uint32(n(1)), MinWindow: seconds(2), MaxWindow: seconds(3), MinClock: seconds(4), MaxClock: seconds(5),
		MaxDuration: seconds(6), MaxValidators: uint32(n(7)), MaxLate: seconds(9) + seconds(10), Notice: seconds(15)}, nil
}

// now is the chain's clock.
func (m *Contracts) now(ctx context.Context) (time.Time, error) {
	h, err := m.chain.Head(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return time.Unix(int64(min(h.Time, 1<<62)), 0), nil
}

// Deposit is what vouchers and openings can draw on, without what is under notice of withdrawal.
func (m *Contracts) Deposit(ctx context.Context, consumer msg.Account) (msg.Amount, error) {
	n, err := ask[*big.Int](ctx, m, "market", "available", common.Address(consumer))
	if err != nil {
		return msg.Amount{}, err
	}
	return amount(n), nil
}

// Drawn is what a payee has redeemed of a consumer's deposit in all.
func (m *Contracts) Drawn(ctx context.Context, consumer, payee msg.Account) (msg.Amount, error) {
	n, err := ask[*big.Int](ctx, m, "market", "redeemed", common.Address(consumer), common.Address(payee))
	if err != nil {
		return msg.Amount{}, err
	}
	return amount(n), nil
}

// Account is all that an account has.
type Account struct {
	Account     msg.Account `json:"account"`
	Ether       *big.Int    `json:"wei"`
	Tokens      msg.Amount  `json:"tokens"`
	Votes       msg.Amount  `json:"votes"`
	Deposit     msg.Amount  `json:"deposit"`
	Leaving     msg.Amount  `json:"leaving"` // of the deposit
	LeavesAt    int64       `json:"leaves_at,omitempty"`
	Earned      msg.Amount  `json:"earned"` // and not collected
	Staked      msg.Amount  `json:"staked"`
	Locked      msg.Amount  `json:"locked"` // of what is staked: bonds of jobs
	Unbonding   msg.Amount  `json:"unbonding"`
	UnbondsAt   int64       `json:"unbonds_at,omitempty"`
	JailedUntil int64       `json:"jailed_until,omitempty"`
	Seats       uint64      `json:"committee_seats"`
	MayJudge    bool        `json:"may_judge"`
}

// Account reads it.
func (m *Contracts) Account(ctx context.Context, a msg.Account) (*Account, error) {
	out, at := &Account{Account: a}, common.Address(a)
	var err error
	if out.Ether, err = m.chain.Balance(ctx, a); err != nil {
		return nil, err
	}
	s, err := ask[stakeOf](ctx, m, "staking", "stakes", at)
	if err != nil {
		return nil, err
	}
	p, err := ask[purseOf](ctx, m, "market", "purses", at)
	if err != nil {
		return nil, err
	}
	out.Deposit, out.Leaving, out.LeavesAt, out.Earned = amount(p.Deposit), amount(p.Leaving), int64(p.LeavesAt), amount(p.Earned)
	out.Staked, out.Locked, out.Unbonding = amount(s.Staked), amount(s.Locked), amount(s.Unbonding)
	out.UnbondsAt, out.JailedUntil = int64(s.UnbondsAt), int64(s.JailedUntil)
	for _, x := range []struct {
		contract, method string
		to               func(*big.Int)
	}{
		{"token", "balanceOf", func(n *big.Int) { out.Tokens = amount(n) }},
		{"token", "getVotes", func(n *big.Int) { out.Votes = amount(n) }},
		{"committee", "seatsOf", func(n *big.Int) { out.Seats = n.Uint64() }},
	} {
		n, err := ask[*big.Int](ctx, m, x.contract, x.method, at)
		if err != nil {
			return nil, err
		}
		x.to(n)
	}
	out.MayJudge, err = ask[bool](ctx, m, "staking", "mayJudge", at)
	return out, err
}

// Roles of a registered node, as bits.
const (
	RoleProvider  = 1
	RoleValidator = 2
)

// Node is a registered node.
type Node struct {
	Account     msg.Account `json:"account"`
	Roles       uint8       `json:"roles"`
	Device      string      `json:"device"`
	Endpoint    string      `json:"endpoint"`
	Active      msg.Amount  `json:"active"`
	JailedUntil int64       `json:"jailed_until,omitempty"`
}

// maxNodes is how many nodes are read of the registry.
const maxNodes = 1 << 16

// Nodes reads the registry.
func (m *Contracts) Nodes(ctx context.Context) ([]Node, error) {
	type node struct {
		Account     common.Address
		Roles       uint8
		Device      [8]byte
		JailedUntil uint64
		Active      *big.Int
		Endpoint    string
	}
	var out []Node
	for len(out) < maxNodes {
		page, err := ask[[]node](ctx, m, "staking", "nodes", big.NewInt(int64(len(out))), big.NewInt(256))
		if err != nil {
			return nil, err
		}
		for _, n := range page {
			device := n.Device[:]
			for len(device) > 0 && device[len(device)-1] == 0 {
				device = device[:len(device)-1]
			}
			out = append(out, Node{msg.Account(n.Account), n.Roles, string(device), n.Endpoint, amount(n.Active), int64(n.JailedUntil)})
		}
		if len(page) < 256 {
			break
		}
	}
	return out, nil
}
