package claim_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime/trace"
)

func must(t testing.TB) func(identity.Signed, error) identity.Signed {
	return func(s identity.Signed, err error) identity.Signed {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// commits gives the provider's signed records of intervals lo to hi-1.
func (b *books) sealed(t testing.TB, lo, hi int) (out []identity.Signed) {
	for _, c := range b.commits[lo:hi] {
		out = append(out, must(t)(b.provider.Sign(c)))
	}
	return out
}

func (b *books) prior(n int) *msg.Prior {
	p := &msg.Prior{Job: b.commits[n-1].Job, Intervals: uint64(n)}
	var records []msg.Interval
	for _, c := range b.commits[:n] {
		records = append(records, c.Record)
	}
	p.Trace = trace.Root(records)
	return p
}

// rename gives the job of b its hash in all that is signed for it, from interval from on.
func (b *books) rename(from int) {
	b.receipt.Job = msg.HashOf(b.spec)
	for i := range b.commits[from:] {
		b.commits[from+i].Job = b.receipt.Job
	}
}

// A job that goes on from somebody else's intervals has their signatures on those, and its provider's on the rest.
func TestPrior(t *testing.T) {
	a, b := newBooks(t), newBooks(t)
	b.spec.Prior = a.prior(2)
	b.rename(2)
	earlier := []identity.Signed{must(t)(a.consumer.Sign(a.spec))}
	taken := a.sealed(t, 0, 2)
	r := b.sign(t)
	r.Earlier = earlier
	copy(r.Intervals, taken)
	c, err := claim.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	if c.Prior() != 2 || c.By[1] != a.provider.Account() || c.By[2] != b.provider.Account() || c.Under[1] != msg.HashOf(a.spec) || c.Under[2] != c.Job {
		t.Errorf("intervals by %v under %v", c.By, c.Under)
	}
	if got, err := claim.Prior(&b.spec, taken, earlier); err != nil || len(got.Intervals) != 2 || got.By[0] != a.provider.Account() {
		t.Errorf("prior records %v, %v", got, err)
	}
	// Whoever hands over other records proves nothing against the provider.
	other := newBooks(t)
	other.commits[1].Record.State = msg.Hash{99}
	for name, wrong := range map[string][]identity.Signed{"other records": other.sealed(t, 0, 2), "in another order": {taken[1], taken[0]}, "one of two": taken[:1]} {
		bad := *r
		bad.Intervals = append(append([]identity.Signed{}, wrong...), r.Intervals[2])
		var lie *claim.Inconsistent
		if _, err := claim.Read(&bad); err == nil || errors.As(err, &lie) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := claim.Prior(&b.spec, wrong, earlier); err == nil {
			t.Errorf("%s: they are taken", name)
		}
	}
	// Nor does a consumer that has it go on from what is no run.
	b.spec.Prior.Trace = trace.Root([]msg.Interval{b.commits[1].Record, b.commits[0].Record})
	if _, err := claim.Prior(&b.spec, []identity.Signed{taken[1], taken[0]}, earlier); err == nil || !strings.Contains(err.Error(), "record 0 is of interval 1") {
		t.Errorf("prior records in another order: %v", err)
	}
}

// moved is a job that was moved twice: one interval by each of three.
type moved struct {
	a, b, c *books
	signed  []identity.Signed
	earlier []identity.Signed
}

func moveTwice(t testing.TB, change func(*moved)) *moved {
	t.Helper()
	m := &moved{newBooks(t), newBooks(t), newBooks(t), nil, nil}
	m.b.spec.Prior = m.a.prior(1)
	m.b.rename(1)
	m.b.commits[0] = m.a.commits[0]
	m.c.spec.Prior = m.b.prior(2)
	m.signed = append(m.a.sealed(t, 0, 1), m.b.sealed(t, 1, 2)...)
	m.earlier = []identity.Signed{must(t)(m.a.consumer.Sign(m.a.spec)), must(t)(m.b.consumer.Sign(m.b.spec))}
	if change != nil {
		change(m)
	}
	return m
}

// Records that are true, each by itself, must not be put together so that one of them looks false.
func TestMixedPrior(t *testing.T) {
	m := moveTwice(t, nil)
	c, err := claim.Prior(&m.c.spec, m.signed, m.earlier)
	if err != nil || c.By[0] != m.a.provider.Account() || c.By[1] != m.b.provider.Account() || len(c.Earlier) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	for name, change := range map[string]func(*moved){
		"jobs left out":    func(m *moved) { m.earlier = nil },
		"one job left out": func(m *moved) { m.earlier = m.earlier[1:] },
		"a job too many":   func(m *moved) { m.earlier = append(m.earlier, must(t)(m.c.consumer.Sign(newBooks(t).spec))) },
		"too many jobs": func(m *moved) {
			for len(m.earlier) <= claim.MaxEarlier {
				m.earlier = append(m.earlier, m.earlier[0])
			}
		},
		"a damaged job": func(m *moved) { m.earlier[0].Sig[5] ^= 1 },
		// The first one's interval of another run, which the second did not begin in: its own record would look false.
		"another beginning": func(m *moved) {
			m.a.commits[0].Record.State = msg.Hash{99}
			m.signed[0] = m.a.sealed(t, 0, 1)[0]
			m.c.spec.Prior.Trace = trace.Root([]msg.Interval{m.a.commits[0].Record, m.b.commits[1].Record})
		},
		// Two who were given one job, of whom one lies.
		"two signers of one job": func(m *moved) {
			m.signed[1] = must(t)(m.b.provider.Sign(rpc.IntervalCommit{Job: msg.HashOf(m.a.spec), Record: m.b.commits[1].Record}))
			m.c.spec.Prior.Job, m.earlier = msg.HashOf(m.a.spec), m.earlier[:1]
		},
		// The same steps of another program.
		"another program": func(m *moved) {
			m.a.spec.Program.Seed = 5
			m.a.rename(0)
			m.earlier[0], m.signed[0] = must(t)(m.a.consumer.Sign(m.a.spec)), m.a.sealed(t, 0, 1)[0]
		},
		"the job before is another": func(m *moved) { m.c.spec.Prior.Job = msg.HashOf(m.a.spec) },
		"a job that began elsewhere": func(m *moved) {
			m.b.spec.Prior.Intervals = 2
			m.b.rename(1)
			m.earlier[1], m.signed[1] = must(t)(m.b.consumer.Sign(m.b.spec)), m.b.sealed(t, 1, 2)[0]
			m.c.spec.Prior.Job = msg.HashOf(m.b.spec)
		},
	} {
		m := moveTwice(t, change)
		if _, err := claim.Prior(&m.c.spec, m.signed, m.earlier); err == nil {
			t.Errorf("%s: nothing is found", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}
