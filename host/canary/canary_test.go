package canary_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/canary"
	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/host/validator"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// A validator that does not compute gives itself away in a canary, by a proof; one that does not is never named.
func TestCanaries(t *testing.T) {
	for name, c := range map[string]struct {
		verdict func(msg.Account, *msg.Verdict)
		lie     bool
		caught  bool
	}{
		"always valid, of a lie":     {func(_ msg.Account, v *msg.Verdict) { v.Value, v.First, v.Missing = msg.Valid, nil, "" }, true, true},
		"always valid, of the truth": {func(_ msg.Account, v *msg.Verdict) { v.Value, v.First, v.Missing = msg.Valid, nil, "" }, false, false},
		"always invalid, of the truth": {func(_ msg.Account, v *msg.Verdict) {
			v.Value, v.First, v.Missing = msg.Invalid, &msg.Difference{What: "state"}, ""
		}, false, true},
		"honest, of a lie":      {nil, true, false},
		"honest, of the truth":  {nil, false, false},
		"unavailable, of a lie": {func(_ msg.Account, v *msg.Verdict) { v.Value, v.First, v.Missing = msg.Unavailable, nil, "everything" }, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := devnettest.Network(t, devnet.Config{Validators: 2})
			id, err := identity.New()
			if err != nil {
				t.Fatal(err)
			}
			odd, err := node.Start(node.Config{Identity: id, Store: store.NewMemory(store.Options{}), Validator: true, OpenDevice: devnettest.OpenCPU, Device: devnettest.CPU,
				Lies: node.Lies{Validator: validator.Lies{Verdict: c.verdict}}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { odd.Close(context.Background()) })
			r, err := canary.Run(t.Context(), n.Consumer, canary.Config{Lie: c.lie, Request: consumer.Request{Job: devnettest.Waves(t), Validators: 2, Peers: []string{odd.Addr(), n.Validators[0].Addr()},
				Deadline: time.Now().Add(time.Hour), Policy: msg.Policy{SamplePPM: 500_000, Window: 60, Clock: 2}}})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Verdicts) < 2 || (r.Lie != nil) != c.lie {
				t.Fatalf("lie %v, %d verdicts", r.Lie, len(r.Verdicts))
			}
			by := map[msg.Account]bool{} // who judged the interval of the lie
			for _, v := range r.Verdicts {
				by[v.Validator] = by[v.Validator] || r.Lie != nil && v.Interval == *r.Lie
				if v.Validator != odd.Account() && !v.Right {
					t.Errorf("an honest validator's %s on interval %d is wrong", v.Value, v.Interval)
				}
				if v.Right {
					continue
				}
				// Whoever gets the file comes to the same.
				var file bytes.Buffer
				if err := v.Evidence.Write(&file); err != nil {
					t.Fatal(err)
				}
				e, err := dispute.ReadEvidence(&file)
				if err != nil {
					t.Fatal(err)
				}
				out, err := e.Verify(t.Context(), nil)
				if err != nil || !slices.Contains(out.Guilty, odd.Account()) || slices.Contains(out.Guilty, n.Validators[0].Account()) {
					t.Errorf("the evidence says %+v, %v", out, err)
				}
			}
			if c.lie && !(by[odd.Account()] && by[n.Validators[0].Account()]) {
				t.Error("the lie is not where both draw it")
			}
			if caught := slices.Equal(r.Guilty, []msg.Account{odd.Account()}); caught != c.caught || !caught && len(r.Guilty) > 0 {
				t.Errorf("guilty are %v, the odd one is %v, caught wanted %v", r.Guilty, odd.Account(), c.caught)
			}
			// Its standing falls, the other's does not.
			weight := func(a msg.Account) uint32 {
				r, err := n.Consumer.Settlement.Reputation(free.Validator, a)
				if err != nil {
					t.Fatal(err)
				}
				return r.Weight(time.Now())
			}
			if w := weight(odd.Account()); (w == 0) != c.caught {
				t.Errorf("the odd one's weight in the next draw is %d", w)
			}
			if weight(n.Validators[0].Account()) == 0 {
				t.Error("an honest validator is not drawn any more")
			}
		})
	}
}
