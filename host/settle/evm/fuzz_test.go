package evm

import (
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/gwrun/gwrun/proto/msg"
)

// Events of a server that lies: an error, or values that can be read, and never a panic.
func FuzzEvent(f *testing.F) {
	by, topics := events(watched)
	for i, id := range topics {
		e := by[id]
		var data []byte
		for range e.Inputs {
			data = append(data, common.BigToHash(big.NewInt(int64(i))).Bytes()...)
		}
		f.Add(uint8(i), data, []byte{1, 2, 3})
	}
	f.Add(uint8(0), []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, which uint8, data, rest []byte) {
		id := topics[int(which)%len(topics)]
		e := by[id]
		l := &types.Log{Topics: []common.Hash{id}, Data: data}
		for len(rest) > 0 && len(l.Topics) < 6 {
			n := min(len(rest), 32)
			l.Topics, rest = append(l.Topics, common.BytesToHash(rest[:n])), rest[n:]
		}
		v, err := e.fields(l)
		if err != nil {
			return
		}
		for _, name := range []string{"id", "job", "consumer", "payee", "provider", "account", "amount", "paid", "end", "seat", "juror", "round", "members"} {
			account(v[name])
			hash(v[name])
			amount(number(v[name]))
		}
	})
}

// Transactions that are said to have opened a job.
func FuzzShown(f *testing.F) {
	open := artifacts["market"].abi.Methods["open"]
	want := msg.Terms{Job: msg.Hash{1}, Price: msg.AmountOf(5), Window: 7, Candidates: msg.Hash{9}}
	good, err := open.Inputs.Pack(terms(&want), []byte{1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(open.ID[:4:4], good...))
	f.Add(append(append([]byte{0, 0, 0}, open.ID...), good...))
	f.Add(open.ID)
	f.Add([]byte{})
	at := msg.TypedDomain{ChainID: 1, Contract: msg.Account{1}}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := termsIn(data, "market", "open", at, want.ID(at))
		if err == nil && *got != want {
			t.Errorf("terms %+v are taken for %+v", got, want)
		}
	})
}

func TestTermsIn(t *testing.T) {
	open := artifacts["market"].abi.Methods["open"]
	want := msg.Terms{Job: msg.Hash{1}, Consumer: msg.Account{2}, Provider: msg.Account{3}, Price: msg.AmountOf(5), Fee: msg.AmountOf(6), Bond: msg.AmountOf(7),
		Saving: msg.AmountOf(8), Opens: 9, Deadline: 10, Window: 11, Clock: 12, SamplePPM: 13, Validators: 14, Candidates: msg.Hash{15}}
	data, err := open.Inputs.Pack(terms(&want), []byte{1})
	if err != nil {
		t.Fatal(err)
	}
	at := msg.TypedDomain{ChainID: 1, Contract: msg.Account{1}}
	for _, before := range [][]byte{{}, {1, 2, 3, 4, 5}} {
		got, err := termsIn(append(append(before, open.ID...), data...), "market", "open", at, want.ID(at))
		if err != nil || *got != want {
			t.Errorf("terms %+v (%v), want %+v", got, err, want)
		}
	}
	if _, err := termsIn(append(open.ID[:4:4], data...), "market", "open", at, msg.Hash{1}); err == nil {
		t.Error("other terms are taken")
	}
}
