package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

// proposalStates are OpenZeppelin's, in its order.
var proposalStates = []string{"pending", "active", "cancelled", "defeated", "succeeded", "queued", "expired", "executed"}

// Proposal is something that is voted on.
type Proposal struct {
	ID       string      `json:"id"`
	Proposer msg.Account `json:"proposer"`
	Text     string      `json:"text"`
	State    string      `json:"state"`
	Begins   time.Time   `json:"begins"`
	Ends     time.Time   `json:"ends"`
	For      msg.Amount  `json:"for"`
	Against  msg.Amount  `json:"against"`
	Abstain  msg.Amount  `json:"abstain"`
	Ready    *time.Time  `json:"ready,omitempty"` // when a queued one can be executed
	Calls    []string    `json:"calls"`

	targets []common.Address
	values  []*big.Int
	data    [][]byte
}

// call is a proposal's call in words.
func (m *Contracts) call(to common.Address, data []byte) string {
	for _, name := range contractNames {
		if m.at.at(name) != to || len(data) < 4 {
			continue
		}
		k, err := artifacts[name].abi.MethodById(data)
		if err != nil {
			continue
		}
		args, err := k.Inputs.Unpack(data[4:])
		if err != nil {
			continue
		}
		if name == "parameters" && k.Name == "set" && len(args) == 2 {
			which, _ := args[0].([]uint8)
			to, _ := args[1].([]uint64)
			var parts []string
			for i := range which {
				if i < len(to) && int(which[i]) < len(parameterNames) {
					parts = append(parts, fmt.Sprintf("%s=%d", parameterNames[which[i]], to[i]))
				}
			}
			return "set " + strings.Join(parts, " ")
		}
		return fmt.Sprintf("%s.%s%v", name, k.Name, args)
	}
	return fmt.Sprintf("%s with %d bytes", to, len(data))
}

// Proposals reads all there are, the newest first.
func (m *Contracts) Proposals(ctx context.Context) ([]Proposal, error) {
	var out []Proposal
	err := m.scan(ctx, "governor", "ProposalCreated", nil, func(v map[string]any, _ *types.Log) bool {
		p := Proposal{ID: number(v["proposalId"]).String(), Proposer: account(v["proposer"]), Begins: unix(number(v["voteStart"])), Ends: unix(number(v["voteEnd"]))}
		p.Text, _ = v["description"].(string)
		p.targets, _ = v["targets"].([]common.Address)
		p.values, _ = v["values"].([]*big.Int)
		p.data, _ = v["calldatas"].([][]byte)
		for i, to := range p.targets {
			if i < len(p.data) {
				p.Calls = append(p.Calls, m.call(to, p.data[i]))
			}
		}
		out = append(out, p)
		return len(out) >= 10_000
	})
	if err != nil {
		return nil, err
	}
	slices.Reverse(out)
	for i := range out {
		if err := m.stand(ctx, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stand reads how it stands with a proposal.
func (m *Contracts) stand(ctx context.Context, p *Proposal) error {
	id, _ := new(big.Int).SetString(p.ID, 10)
	state, err := ask[uint8](ctx, m, "governor", "state", id)
	if err != nil {
		return err
	}
	if int(state) < len(proposalStates) {
		p.State = proposalStates[state]
	}
	data, err := artifacts["governor"].abi.Pack("proposalVotes", id)
	if err != nil {
		return err
	}
	b, err := m.chain.Call(ctx, "governor.proposalVotes", m.at.at("governor"), data, nil)
	if err != nil {
		return err
	}
	votes, err := artifacts["governor"].abi.Unpack("proposalVotes", b)
	if err != nil || len(votes) != 3 {
		return fmt.Errorf("governor.proposalVotes: %w", errors.Join(err, chain.ErrServer))
	}
	p.Against, p.For, p.Abstain = amount(number(votes[0])), amount(number(votes[1])), amount(number(votes[2]))
	if p.State == "queued" {
		eta, err := ask[*big.Int](ctx, m, "governor", "proposalEta", id)
		if err != nil {
			return err
		}
		at := unix(eta)
		p.Ready = &at
	}
	return nil
}

// Proposal finds one by its id, or by the first digits of it.
func (m *Contracts) Proposal(ctx context.Context, id string) (*Proposal, error) {
	all, err := m.Proposals(ctx)
	if err != nil {
		return nil, err
	}
	var found *Proposal
	for i := range all {
		if strings.HasPrefix(all[i].ID, id) {
			if found != nil {
				return nil, fmt.Errorf("proposal %s: %s and %s begin so: more digits wanted", id, found.ID, all[i].ID)
			}
			found = &all[i]
		}
	}
	if found == nil || id == "" {
		return nil, fmt.Errorf("there is no proposal %q", id)
	}
	return found, nil
}

// Propose has governed numbers voted on: they are set together, if the vote and the delay behind it pass.
func (m *Contracts) Propose(ctx context.Context, set map[string]uint64, text string) (*Done, string, error) {
	var which []uint8
	var to []uint64
	for i, name := range parameterNames {
		if v, ok := set[name]; ok {
			n := m.at.Params.Numbers[name]
			if v < n.Min || v > n.Max {
				return nil, "", fmt.Errorf("%s=%d: its bounds, which no vote can pass, are %d and %d", name, v, n.Min, n.Max)
			}
			which, to = append(which, uint8(i)), append(to, v)
		}
	}
	if len(which) != len(set) || len(set) == 0 {
		return nil, "", fmt.Errorf("%d of these %d numbers are known; there are %s", len(which), len(set), strings.Join(parameterNames, ", "))
	}
	data, err := artifacts["parameters"].abi.Pack("set", which, to)
	if err != nil {
		return nil, "", err
	}
	d, err := m.send(ctx, "governor", "propose", []common.Address{m.at.at("parameters")}, []*big.Int{new(big.Int)}, [][]byte{data}, text)
	if err != nil {
		return nil, "", err
	}
	by, _ := events(map[string][]string{"governor": {"ProposalCreated"}})
	for _, l := range d.Receipt.Logs {
		if e, ok := by[l.Topics[0]]; ok {
			if v, err := e.fields(l); err == nil {
				return d, number(v["proposalId"]).String(), nil
			}
		}
	}
	return d, "", fmt.Errorf("proposed in transaction %s, whose receipt does not name the proposal: %w", d.Tx, chain.ErrServer)
}

// Vote casts this account's votes: 0 against, 1 for, 2 abstain.
func (m *Contracts) Vote(ctx context.Context, p *Proposal, support uint8, reason string) (*Done, error) {
	id, _ := new(big.Int).SetString(p.ID, 10)
	return m.send(ctx, "governor", "castVoteWithReason", id, support, reason)
}

// Delegate gives the votes of this account's tokens to somebody: to itself, so that they count at all.
func (m *Contracts) Delegate(ctx context.Context, to msg.Account) (*Done, error) {
	return m.send(ctx, "token", "delegate", common.Address(to))
}

// Carry takes the next step of a proposal that was accepted: into the queue of the timelock, or, when its delay is over, into effect.
func (m *Contracts) Carry(ctx context.Context, p *Proposal) (*Done, error) {
	text := [32]byte(crypto.Keccak256Hash([]byte(p.Text)))
	switch p.State {
	case "succeeded":
		return m.send(ctx, "governor", "queue", p.targets, p.values, p.data, text)
	case "queued":
		return m.send(ctx, "governor", "execute", p.targets, p.values, p.data, text)
	}
	return nil, fmt.Errorf("proposal %s is %s, wanted succeeded or queued", p.ID[:min(len(p.ID), 12)], p.State)
}

// Income is what an account was paid so far.
type Income struct {
	Earned    msg.Amount       `json:"earned"` // not collected yet
	Collected msg.Amount       `json:"collected"`
	Vouchers  msg.Amount       `json:"by_vouchers"` // of both
	Escrows   msg.Amount       `json:"by_escrows"`  // of both: prices and jurors' fees
	From      []Payer          `json:"from"`
	Jobs      map[string]int64 `json:"jobs"` // opened jobs of which it is the provider, by how they ended
	Slashed   msg.Amount       `json:"slashed"`
}

// Payer is a consumer, and what it paid by vouchers.
type Payer struct {
	Consumer msg.Account `json:"consumer"`
	Amount   msg.Amount  `json:"amount"`
}

// Income reads it from the market's events.
func (m *Contracts) Income(ctx context.Context, a msg.Account) (*Income, error) {
	p, err := ask[purseOf](ctx, m, "market", "purses", common.Address(a))
	if err != nil {
		return nil, err
	}
	out := &Income{Earned: amount(p.Earned), Jobs: map[string]int64{}, From: []Payer{}}
	me := []common.Hash{common.BytesToHash(a[:])}
	for _, x := range []struct {
		contract, event string
		topics          [][]common.Hash
		take            func(v map[string]any)
	}{
		{"market", "Collected", [][]common.Hash{me}, func(v map[string]any) { out.Collected = out.Collected.Add(amount(number(v["amount"]))) }},
		{"market", "Redeemed", [][]common.Hash{nil, me}, func(v map[string]any) {
			n, who := amount(number(v["amount"])), account(v["consumer"])
			out.Vouchers = out.Vouchers.Add(n)
			i := slices.IndexFunc(out.From, func(x Payer) bool { return x.Consumer == who })
			if i < 0 {
				i, out.From = len(out.From), append(out.From, Payer{Consumer: who})
			}
			out.From[i].Amount = out.From[i].Amount.Add(n)
		}},
		{"market", "Ended", [][]common.Hash{nil, nil, me}, func(v map[string]any) {
			end, _ := v["end"].(uint8)
			out.Jobs[endName(end)]++
		}},
		{"staking", "Slashed", [][]common.Hash{me}, func(v map[string]any) { out.Slashed = out.Slashed.Add(amount(number(v["amount"]))) }},
	} {
		if err := m.scan(ctx, x.contract, x.event, x.topics, func(v map[string]any, _ *types.Log) bool { x.take(v); return false }); err != nil {
			return nil, err
		}
	}
	out.Escrows = out.Earned.Add(out.Collected).Sub(out.Vouchers)
	slices.SortFunc(out.From, func(x, y Payer) int { return y.Amount.Cmp(x.Amount) })
	return out, nil
}
