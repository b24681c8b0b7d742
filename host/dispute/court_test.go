package dispute

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// waves is a small job of 12 steps with two kernels, committed every two steps.
func waves(t testing.TB) *runtime.Job {
	t.Helper()
	wasm, err := os.ReadFile("../../runtime/testdata/waves.wasm")
	if err != nil {
		t.Fatal(err)
	}
	job, err := runtime.NewJob(wasm, nil, runtime.Spec{Seed: 3, Interval: 2})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// lieAt is a flipped bit in what step 7 writes: in interval 3 of waves.
var lieAt = runtime.Fault{Step: 7, Any: true, Offset: 800, Bit: 5}

const lieIn = 3

// court is a job with all that its parties have signed about it.
type court struct {
	job     *runtime.Job
	run     *ran
	ids     map[string]*identity.Identity
	records rpc.JobRecords
	said    *claim.Claims
}

// try gives the court of a run of waves, with a lie or without.
func try(t testing.TB, job *runtime.Job, fault *runtime.Fault) *court {
	t.Helper()
	if fault != nil {
		told := *fault
		fault = &told
	}
	c := &court{job: job, run: run(t, job, fault), ids: identities(t)}
	c.sign(t)
	return c
}

// sign signs the run as its provider would.
func (c *court) sign(t testing.TB) {
	t.Helper()
	c.records = recordsBy(t, c.job, c.run.res, c.ids)
	var err error
	if c.said, err = claim.Read(&c.records); err != nil {
		t.Fatal(err)
	}
}

func (c *court) account(name string) msg.Account { return c.ids[name].Account() }

// verdict is somebody's on an interval.
func (c *court) verdict(t testing.TB, by string, interval uint64, v msg.Value) *identity.Signed {
	t.Helper()
	s := sign(t, c.ids[by], msg.Verdict{Version: 1, Job: c.said.Job, Receipt: msg.HashOf(c.said.Receipt), Validator: c.account(by), Interval: interval, Value: v, Device: "cpu"})
	return &s
}

// before is the state before an interval, as Replayed takes it.
func (c *court) before(interval uint64) (manifest []byte, page func(msg.Hash) ([]byte, error)) {
	if interval == 0 {
		return nil, nil
	}
	return pagesOf(c.run.states[interval-1])
}

func pagesOf(s *state.Snapshot) ([]byte, func(msg.Hash) ([]byte, error)) {
	return s.Manifest(), func(h msg.Hash) ([]byte, error) {
		p, ok := s.Page(h)
		if !ok {
			return nil, os.ErrNotExist
		}
		return p, nil
	}
}

// replay makes the evidence of an interval run again.
func (c *court) replay(interval uint64, verdict *identity.Signed) (*Evidence, error) {
	manifest, page := c.before(interval)
	return Replayed(context.Background(), c.records, interval, verdict, c.job, manifest, page)
}

// convicts checks that evidence names these and nobody else, also when it has been a file.
func (c *court) convicts(t *testing.T, e *Evidence, err error, guilty ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out, err := reread(t, e).Verify(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var want []msg.Account
	for _, name := range guilty {
		want = append(want, c.account(name))
	}
	if !slices.Equal(out.Guilty, want) || out.Reason == "" {
		t.Errorf("guilty is %v (%s), wanted %v", out.Guilty, out.Reason, guilty)
	}
}

// absent is a witness's word, as a party with this account would have it.
func (c *court) absent(t testing.TB, witness string, a rpc.Absence) identity.Signed {
	t.Helper()
	return sign(t, c.ids[witness], a)
}

// about is an absence of somebody in this court, over just the clock, in the window.
func (c *court) about(who string, duty rpc.Duty, interval uint64) rpc.Absence {
	return rpc.Absence{Version: 1, Job: c.said.Job, Receipt: msg.HashOf(c.said.Receipt), Who: c.account(who), Duty: duty, Interval: interval, Since: ended + 10, Until: ended + 70}
}

// witnesses names those who were drawn to attest an absence.
func (c *court) witnesses(a rpc.Absence) (names []string) {
	for _, w := range settle.WitnessesOf(c.seed(), &c.said.Spec, &c.said.Receipt, &a) {
		for name, id := range c.ids {
			if id.Account() == w {
				names = append(names, name)
			}
		}
	}
	return names
}

func (c *court) seed() msg.Hash {
	return settle.Beacon(c.said.Job, *c.said.Secret, c.said.Receipt.Nonce, c.said.Receipt.Trace)
}

// attest has the first n of the drawn witnesses say it.
func (c *court) attest(t testing.TB, a rpc.Absence, n int) (out []identity.Signed) {
	t.Helper()
	for _, name := range c.witnesses(a)[:n] {
		out = append(out, c.absent(t, name, a))
	}
	return out
}
