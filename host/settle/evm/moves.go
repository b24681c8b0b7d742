package evm

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

// permit is ERC-2612's: it lets a contract take tokens without a transaction before.
type permit struct {
	owner, spender msg.Account
	value          msg.Amount
	nonce, until   uint64
}

func (permit) Domain() string { return "Permit" }

func (p permit) TypedData() (msg.Struct, error) {
	number := func(n uint64) (w msg.Word) { binary.BigEndian.PutUint64(w[24:], n); return w }
	right := func(b []byte) (w msg.Word) { copy(w[32-len(b):], b); return w }
	return msg.Struct{Type: "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)",
		Fields: []msg.Word{right(p.owner[:]), right(p.spender[:]), right(p.value[:]), number(p.nonce), number(p.until)}}, nil
}

// ErrTokens is wrapped where an account has not enough tokens.
var ErrTokens = fmt.Errorf("not enough tokens")

// give sends a move by which a contract takes tokens of this account.
func (m *Contracts) give(ctx context.Context, contract, method string, a msg.Amount) (*Done, error) {
	if m.key == nil {
		return nil, chain.ErrNoKey
	}
	owner := m.key.Account()
	have, err := ask[*big.Int](ctx, m, "token", "balanceOf", common.Address(owner))
	if err != nil {
		return nil, err
	}
	if have.Cmp(a.Big()) < 0 {
		return nil, fmt.Errorf("%s has %s GWR, %s wanted: %w", owner, amount(have), a, ErrTokens)
	}
	nonce, err := ask[*big.Int](ctx, m, "token", "nonces", common.Address(owner))
	if err != nil {
		return nil, err
	}
	now, err := m.now(ctx)
	if err != nil {
		return nil, err
	}
	until := now.Add(time.Hour).Unix()
	p := permit{owner, m.at.Contract[contract].Address, a, nonce.Uint64(), uint64(until)}
	// The token's own domain: its name and version are those of ours.
	sig, err := m.key.SignTyped(msg.TypedDomain{ChainID: m.at.ChainID, Contract: m.at.Contract["token"].Address}, p)
	if err != nil {
		return nil, err
	}
	return m.send(ctx, contract, method, a.Big(), big.NewInt(until), sig[64], [32]byte(sig[:32]), [32]byte(sig[32:64]))
}

// AddStake stakes tokens.
func (m *Contracts) AddStake(ctx context.Context, a msg.Amount) (*Done, error) {
	return m.give(ctx, "staking", "stakeWithPermit", a)
}

// Unbond begins to take stake out. It leaves by WithdrawStake after the unbonding delay.
func (m *Contracts) Unbond(ctx context.Context, a msg.Amount) (*Done, error) {
	return m.send(ctx, "staking", "requestUnbond", a.Big())
}

// CancelUnbond stakes again what was to leave.
func (m *Contracts) CancelUnbond(ctx context.Context) (*Done, error) {
	return m.send(ctx, "staking", "cancelUnbond")
}

// WithdrawStake takes out what has waited long enough.
func (m *Contracts) WithdrawStake(ctx context.Context) (*Done, error) {
	return m.send(ctx, "staking", "withdraw")
}

// Register enters this account in the registry, or changes its entry.
func (m *Contracts) Register(ctx context.Context, roles uint8, device, endpoint string) (*Done, error) {
	return m.send(ctx, "staking", "register", roles, msg.DeviceKind(device), endpoint)
}

// Unregister takes it out.
func (m *Contracts) Unregister(ctx context.Context) (*Done, error) {
	return m.send(ctx, "staking", "unregister")
}

// Fund deposits tokens, from which this account pays for jobs.
func (m *Contracts) Fund(ctx context.Context, a msg.Amount) (*Done, error) {
	return m.give(ctx, "market", "depositWithPermit", a)
}

// RequestRefund asks for so much of the deposit. It leaves by Refund after the notice.
func (m *Contracts) RequestRefund(ctx context.Context, a msg.Amount) (*Done, error) {
	return m.send(ctx, "market", "requestWithdraw", a.Big())
}

// Refund pays out what was asked for.
func (m *Contracts) Refund(ctx context.Context) (*Done, error) {
	return m.send(ctx, "market", "withdraw")
}

// Collect pays out what this account earned.
func (m *Contracts) Collect(ctx context.Context) (*Done, error) {
	return m.send(ctx, "market", "collect")
}

// SendTokens pays tokens to anybody.
func (m *Contracts) SendTokens(ctx context.Context, to msg.Account, a msg.Amount) (*Done, error) {
	return m.send(ctx, "token", "transfer", common.Address(to), a.Big())
}

// SendEther pays ether to anybody.
func (m *Contracts) SendEther(ctx context.Context, to msg.Account, wei *big.Int) (*Done, error) {
	at := common.Address(to)
	return m.done(m.chain.Send(ctx, chain.Move{What: "a payment of " + chain.Ether(wei) + " ether", To: &at, Value: wei}))
}

// Enlist takes seats on the bench of committees, one for each of the least stake. It gives the slots that are this account's then.
func (m *Contracts) Enlist(ctx context.Context, n uint64) (*Done, error) {
	total, err := ask[*big.Int](ctx, m, "committee", "pool")
	if err != nil {
		return nil, err
	}
	var slots []*big.Int
	for i := range n {
		slots = append(slots, new(big.Int).Add(total, new(big.Int).SetUint64(i)))
	}
	return m.send(ctx, "committee", "enlist", slots)
}

// voucherOf, as contracts have it.
type voucherOf struct {
	Consumer, Payee common.Address
	Total           *big.Int
}

func voucher(v *msg.Voucher) voucherOf {
	return voucherOf{common.Address(v.Consumer), common.Address(v.Payee), v.Total.Big()}
}

// maxRedeem is how many vouchers one transaction redeems.
const maxRedeem = 100

// Redeem draws on vouchers. It returns when that is in the chain.
func (m *Contracts) Redeem(ctx context.Context, cheques []settle.Cheque) error {
	for len(cheques) > 0 {
		n := min(len(cheques), maxRedeem)
		vouchers, sigs := []voucherOf{}, [][]byte{}
		for _, c := range cheques[:n] {
			vouchers, sigs = append(vouchers, voucher(&c.Voucher)), append(sigs, c.Sig[:])
		}
		if _, err := m.send(ctx, "market", "redeem", vouchers, sigs); err != nil {
			return err
		}
		cheques = cheques[n:]
	}
	return nil
}
