package main

import (
	"testing"

	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/proto/msg"
)

func TestCost(t *testing.T) {
	job, before, other := msg.Hash{1}, msg.Hash{2}, msg.Hash{3}
	provider, juror := msg.Account{1}, msg.Account{2}
	pay := func(job msg.Hash, payee msg.Account, tenths uint64, total uint64) *payment.Payment {
		return &payment.Payment{Terms: msg.Terms{Job: job, Provider: provider}, Payee: payee, Amount: msg.AmountOf(100_000_000_000_000_000).Times(tenths), Total: msg.AmountOf(total)}
	}
	list := []*payment.Payment{pay(before, juror, 2, 1), pay(job, provider, 10, 5), pay(job, juror, 3, 1), pay(job, msg.Account{3}, 3, 1), pay(other, provider, 70, 9), pay(other, juror, 70, 9)}
	jobs := map[msg.Hash]bool{job: true, before: true}
	if got, want := sumCost(list, jobs).String(), "price 1 GWR, paid by voucher; fees 0.8 GWR, to 3 validators"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	list[1].Accept = true
	if got := sumCost(list, jobs); got.By != "escrow" {
		t.Errorf("paid by %s, want escrow", got.By)
	}
	list[1].Accept, list[1].Total = false, msg.Amount{}
	if got, want := sumCost(list, jobs).String(), "price 1 GWR; fees 0.8 GWR, to 3 validators"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
