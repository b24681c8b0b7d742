package shards_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/host/shards"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
)

func openCPU(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }

// The committed guest is what build.sh makes of its source, where the compiler that made it is installed.
func TestGuestMatchesSource(t *testing.T) {
	want, err := os.ReadFile("testdata/fold.wasm")
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`(?s)clang.{0,8}?(\d+\.\d+\.\d+)`).FindSubmatch(want)
	if made == nil {
		t.Fatal("the module does not say which clang made it")
	}
	version, err := exec.Command("clang", "--version").Output()
	if err != nil || !bytes.Contains(version, made[1]) {
		t.Skipf("skipped: no clang %s", made[1])
	}
	built := filepath.Join(t.TempDir(), "fold.wasm")
	if out, err := exec.Command("testdata/build.sh", built).CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, out)
	}
	if got, err := os.ReadFile(built); err != nil || !bytes.Equal(got, want) {
		t.Errorf("fold.wasm is not what its source gives: run build.sh (%v)", err)
	}
}

// fold is a plan of the test guest.
func fold(t testing.TB, count, rounds int, args ...string) *shards.Plan {
	t.Helper()
	p, err := shards.NewPlan(folded(count, rounds, args...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func folded(count, rounds int, args ...string) *jobfile.Job {
	const guest = "testdata/fold.wasm"
	return &jobfile.Job{Name: "fold", Module: guest, Seed: 5, Interval: 2, Args: args, Shards: &jobfile.Shards{Count: count, Rounds: rounds,
		Carry: []string{"sum"}, Gather: []string{"part"}, Reduce: &jobfile.Job{Module: guest}}}
}

// mixer is the guest as a plain program.
type mixer uint64

func (m *mixer) bytes(b []byte) {
	for _, c := range b {
		*m = (*m ^ mixer(c)) * 1099511628211
	}
}

func (m *mixer) u32(n uint32) { m.bytes(binary.LittleEndian.AppendUint32(nil, n)) }
func (m *mixer) u64(n uint64) { m.bytes(binary.LittleEndian.AppendUint64(nil, n)) }

func folding(count, rounds int, seed uint64, work uint32, first *uint64) uint64 {
	const none = 1<<32 - 1
	carried := first
	for r := range rounds {
		var parts []uint64
		for i := range count {
			m := mixer(1469598103934665603)
			m.u64(seed)
			for _, n := range []int{i, count, r, rounds} {
				m.u32(uint32(n))
			}
			if carried != nil {
				m.u64(*carried)
			}
			for range 10 {
				for i := range work {
					m.u32(i)
				}
			}
			parts = append(parts, uint64(m))
		}
		m := mixer(1469598103934665603)
		m.u64(seed)
		for _, n := range []uint32{none, uint32(count), uint32(r), uint32(rounds)} {
			m.u32(n)
		}
		for _, p := range parts {
			m.u64(p)
		}
		sum := uint64(m)
		carried = &sum
	}
	return *carried
}

// summed is the output of a plan of fold.
func summed(t testing.TB, out shards.Outputs) uint64 {
	t.Helper()
	if len(out) != 1 || out[0].Name != "sum" || len(out[0].Data) != 8 {
		t.Fatalf("outputs %v, want one called sum of 8 bytes", out)
	}
	return binary.LittleEndian.Uint64(out[0].Data)
}

func TestRunIsWhatAPlainProgramComputes(t *testing.T) {
	for _, c := range []struct{ count, rounds int }{{1, 1}, {4, 3}, {11, 2}} {
		for _, workers := range []int{1, 3} {
			p := fold(t, c.count, c.rounds, "work=20")
			told := 0
			done, out, err := shards.Run(context.Background(), p, shards.RunOptions{OpenDevice: openCPU, Workers: workers,
				OnLog: func(shards.Task, string, []byte) { told++ }})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := summed(t, out), folding(c.count, c.rounds, 5, 20, nil); got != want {
				t.Errorf("%d shards, %d rounds, %d workers: %x, want %x", c.count, c.rounds, workers, got, want)
			}
			if len(done) != c.rounds*(c.count+1) {
				t.Fatalf("%d tasks are done, want %d", len(done), c.rounds*(c.count+1))
			}
			for i, task := range p.Spec.Tasks() {
				if done[i].Task != task || done[i].Receipt.Status != msg.Finished || done[i].Program != done[i].Receipt.Program {
					t.Errorf("task %d is %v, want %v", i, done[i].Task, task)
				}
			}
		}
	}
}

func TestInitialIsOfTheFirstRound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sum")
	first := uint64(0x1234567890abcdef)
	if err := os.WriteFile(path, binary.LittleEndian.AppendUint64(nil, first), 0o644); err != nil {
		t.Fatal(err)
	}
	job := folded(3, 2, "work=2")
	job.Shards.Initial = map[string]string{"sum": path}
	p, err := shards.NewPlan(job)
	if err != nil {
		t.Fatal(err)
	}
	_, out, err := shards.Run(context.Background(), p, shards.RunOptions{OpenDevice: openCPU})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := summed(t, out), folding(3, 2, 5, 2, &first); got != want {
		t.Errorf("%x, want %x", got, want)
	}
	if p.Hash == fold(t, 3, 2, "work=2").Hash {
		t.Error("the plan's hash does not depend on the first round's inputs")
	}
}

func TestWithoutReduce(t *testing.T) {
	job := folded(3, 1)
	job.Shards = nil
	if err := job.Split(3, 0); err != nil {
		t.Fatal(err)
	}
	p, err := shards.NewPlan(job)
	if err != nil {
		t.Fatal(err)
	}
	_, out, err := shards.Run(context.Background(), p, shards.RunOptions{OpenDevice: openCPU, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range out {
		names = append(names, o.Name)
		if i := len(names) - 1; strings.HasSuffix(o.Name, "/note") && string(o.Data) != fmt.Sprintf("shard %d\n", i/2) {
			t.Errorf("%s is %q", o.Name, o.Data)
		}
	}
	if got, want := strings.Join(names, " "), "shard-000/note shard-000/part shard-001/note shard-001/part shard-002/note shard-002/part"; got != want {
		t.Errorf("outputs %s, want %s", got, want)
	}
}

func TestPlanHash(t *testing.T) {
	same := fold(t, 4, 3).Hash
	if fold(t, 4, 3).Hash != same {
		t.Error("one plan has two hashes")
	}
	for what, change := range map[string]func(*jobfile.Job){
		"count":  func(j *jobfile.Job) { j.Shards.Count++ },
		"rounds": func(j *jobfile.Job) { j.Shards.Rounds++ },
		"args":   func(j *jobfile.Job) { j.SetArg("work=2") },
		"seed":   func(j *jobfile.Job) { j.Seed++ },
		"reduce": func(j *jobfile.Job) { j.Shards.Reduce.Interval = 3 },
		"carry":  func(j *jobfile.Job) { j.Shards.Carry = nil },
		"gather": func(j *jobfile.Job) { j.Shards.Gather = nil },
	} {
		j := folded(4, 3)
		change(j)
		p, err := shards.NewPlan(j)
		if err != nil {
			t.Fatal(err)
		}
		if p.Hash == same {
			t.Errorf("another %s, and the same hash", what)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	job := folded(2, 1, "round=3")
	if _, err := shards.NewPlan(job); err == nil || !strings.Contains(err.Error(), `argument "round=3": a set of shards gives its jobs shard=`) {
		t.Errorf("an argument of the plan's own: %v", err)
	}
	job = folded(2, 1)
	job.Shards.Reduce.Module = "testdata/none.wasm"
	if _, err := shards.NewPlan(job); err == nil || !strings.Contains(err.Error(), "reduce: testdata/none.wasm: no such file") {
		t.Errorf("a reduce that is not there: %v", err)
	}
	job = folded(2, 1)
	job.Shards = nil
	if _, err := shards.NewPlan(job); err == nil {
		t.Error("a job that is one became a plan")
	}
}

func TestRunFails(t *testing.T) {
	for _, c := range []struct {
		arg, want string
		change    func(*jobfile.Job)
	}{
		{"fail=2", "round 0, shard 2: the job failed: ", nil},
		{"mute=1", `round 0, shard 1: has no output "part", which shards.gather names; it has note`, nil},
		{"work=1", `round 0, reduce: has no output "mean", which shards.carry names; it has sum`, func(j *jobfile.Job) { j.Shards.Carry = []string{"mean"} }},
		// Nothing named: all is gathered, and the guest does not want the notes.
		{"work=1", `round 0, reduce: the job failed: `, func(j *jobfile.Job) { j.Shards.Gather = nil }},
	} {
		job := folded(4, 2, c.arg)
		if c.change != nil {
			c.change(job)
		}
		p, err := shards.NewPlan(job)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = shards.Run(context.Background(), p, shards.RunOptions{OpenDevice: openCPU, Workers: 2})
		var failed *shards.FailedError
		if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.arg, err, c.want)
		}
	}
}
