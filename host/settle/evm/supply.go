package evm

import (
	"context"
	"math/big"

	"github.com/gwrun/gwrun/proto/msg"
)

// Supply is how many tokens there are, without those that were burnt.
func (m *Contracts) Supply(ctx context.Context) (msg.Amount, error) {
	n, err := ask[*big.Int](ctx, m, "token", "totalSupply")
	if err != nil {
		return msg.Amount{}, err
	}
	return amount(n), nil
}
