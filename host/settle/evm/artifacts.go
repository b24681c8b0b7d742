package evm

import (
	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind"
	"github.com/ethereum/go-ethereum/common"

	"github.com/gwrun/gwrun/contracts"
)

// artifact is a contract as it was compiled.
type artifact struct {
	abi  *abi.ABI
	code []byte // that deploys it
}

var artifacts = func() map[string]artifact {
	out := map[string]artifact{}
	for name, m := range map[string]*bind.MetaData{
		"token": contracts.TokenMetaData, "timelock": contracts.TimelockMetaData, "governor": contracts.GwrunGovernorMetaData,
		"parameters": contracts.ParametersMetaData, "staking": contracts.StakingMetaData, "lottery": contracts.LotteryMetaData,
		"market": contracts.MarketMetaData, "committee": contracts.CommitteeMetaData, "disputes": contracts.DisputesMetaData,
		"bisection": contracts.BisectionMetaData,
	} {
		a, err := m.GetAbi()
		if err != nil {
			panic("contract " + name + ": " + err.Error()) // what was generated is broken: every test fails
		}
		out[name] = artifact{a, common.FromHex(m.Bin)}
	}
	return out
}()
