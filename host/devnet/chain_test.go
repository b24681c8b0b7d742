package devnet_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// owned is what an account has in the market, wherever it is.
func owned(t *testing.T, n *devnet.Network, x *node.Node) msg.Amount {
	t.Helper()
	a, err := n.Ledger.At(x).Account(t.Context(), x.Account())
	if err != nil {
		t.Fatal(err)
	}
	return a.Tokens.Add(a.Deposit).Add(a.Earned).Add(a.Staked)
}

// eventually tries for as long as a course on the chain takes.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(4 * time.Minute); !f(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// A job is paid by vouchers on a chain of its own; nothing of it waits for a block. A cheat, and who said it was right, are convicted there.
func TestChain(t *testing.T) {
	n := devnettest.Network(t, devnet.Config{Providers: 2, Validators: 5, Prices: fixed("3", "4"), Chain: &devnet.Money{Tell: func(s string) { t.Log(s) }},
		Faults: map[int]*runtime.Fault{0: {Step: 5, Any: true, Bit: 3}}})
	start := map[*node.Node]msg.Amount{}
	everybody := slices.Concat(n.Providers, n.Validators, []*node.Node{n.Consumer})
	for _, x := range everybody {
		start[x] = owned(t, n, x)
		if start[x] != gwr("5000") {
			t.Errorf("%s begins with %s", n.Name(x.Addr()), start[x])
		}
	}
	r, err := buy(t, n)
	if err != nil {
		t.Fatal(err)
	}
	if r[0].Provider != n.Providers[1].Account() || len(r[0].Rejected) != 1 || r[0].Rejected[0].Provider != n.Providers[0].Account() {
		t.Fatalf("the job was done by %s, after %d others: want the cheat, which is cheaper, to be found out first", n.Name(r[0].Addr), len(r[0].Rejected))
	}
	if d := settled(t, n.Providers[1]); len(d) != 1 || d[0].State != payment.Paid || d[0].By != "voucher" {
		t.Errorf("the provider is owed %+v", d)
	}
	eventually(t, "the provider has not its price", func() bool { return owned(t, n, n.Providers[1]).Cmp(gwr("5004")) >= 0 })
	for _, v := range n.Validators {
		want := start[v]
		for _, d := range settled(t, v) {
			want = want.Add(d.Amount)
		}
		if got := owned(t, n, v); got.Cmp(want) < 0 {
			t.Errorf("a validator has %s, want %s at least", got, want)
		}
	}
	if err := n.Consumer.AwaitRulings(t.Context()); err != nil {
		t.Fatal(err)
	}
	accused, err := n.Consumer.Accusations(t.Context())
	if err != nil || len(accused) != 1 || accused[0].Accused != n.Providers[0].Account() || !accused[0].Ruled || accused[0].Number == 0 {
		t.Errorf("the consumer accuses %+v (%v), want the cheat, which is judged", accused, err)
	}
	if owned(t, n, n.Providers[0]).Cmp(gwr("5000")) >= 0 {
		t.Error("the cheat is not convicted")
	}
}
