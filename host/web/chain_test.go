package web

import (
	"math/big"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/doctor"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

func TestPurse(t *testing.T) {
	a := &evm.Account{Account: msg.Account{9}, Ether: big.NewInt(7e17), Staked: msg.AmountOf(5), Unbonding: msg.AmountOf(2)}
	got := purse(a, big.NewInt(1e9), msg.AmountOf(40))
	if len(got) != 2 {
		t.Errorf("%+v, want gas and stake", got)
	}
	for _, b := range got {
		want := map[string][2]msg.Amount{"gas": {msg.AmountOf(7e17), msg.AmountOf(12e15)}, "stake": {msg.AmountOf(3), msg.AmountOf(44)}}[b.For]
		if b.Have != want[0] || b.Least != want[1] || b.Account != a.Account || b.Remedy == "" {
			t.Errorf("%+v, want %v", b, want)
		}
	}
	a.Ether = new(big.Int).Lsh(big.NewInt(1), 200) // a devnet may give so much
	if b := purse(a, nil, msg.Amount{}); b[0].Have.Cmp(msg.AmountOf(1<<63)) <= 0 || b[0].Least != msg.AmountOf(1) {
		t.Errorf("%+v", b)
	}
	if err := following(7, doctor.OldBlock); err != nil {
		t.Error(err)
	}
	if err := following(7, doctor.OldBlock+time.Second); err == nil {
		t.Error("a chain that stands still is followed")
	}
}
