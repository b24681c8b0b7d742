package jobfile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/proto/msg"
)

const split = `
module = "shard.wasm"
args = ["batch=50"]
seed = 7

[inputs]
images = "images.idx"

[shards]
count = 4
rounds = 3
carry = ["weights"]
gather = ["weights", "loss"]

[shards.initial]
weights = "../first.f32"

[shards.reduce]
module = "reduce.wasm"
args = ["verbose"]
interval = 2

[shards.reduce.inputs]
images = "test.idx"

[shards.reduce.limits]
steps = 9
`

func TestParseShards(t *testing.T) {
	got, err := jobfile.Parse(split, "/jobs/train")
	if err != nil {
		t.Fatal(err)
	}
	want := &jobfile.Job{
		Name: "train", Module: "/jobs/train/shard.wasm", Args: []string{"batch=50"}, Seed: 7,
		Inputs: map[string]string{"images": "/jobs/train/images.idx"},
		Shards: &jobfile.Shards{Count: 4, Rounds: 3, Carry: []string{"weights"}, Gather: []string{"weights", "loss"},
			Initial: map[string]string{"weights": "/jobs/first.f32"},
			Reduce: &jobfile.Job{Module: "/jobs/train/reduce.wasm", Args: []string{"verbose"}, Interval: 2,
				Inputs: map[string]string{"images": "/jobs/train/test.idx"}, Limits: msg.Limits{Steps: 9}}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseShardsRefuses(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"count = 4", "count = 0", "shards.count is 0, want 1 to 1000"},
		{"count = 4", "count = 1001", "shards.count is 1001"},
		{"count = 4\n", "", "shards.count is 0"},
		{"rounds = 3", "rounds = 0", "shards.rounds is 0, want 1 to 100000"},
		{"rounds = 3", "round = 3", `unknown key "shards.round"`},
		{`"weights", "loss"`, `"loss", "loss"`, `shards.gather names "loss" twice`},
		{`"weights", "loss"`, `""`, "shards.gather: a name of 0 bytes, want UTF-8 text of 1 to 245"},
		{`carry = ["weights"]`, `carry = ["` + strings.Repeat("w", 246) + `"]`, "shards.carry: a name of 246 bytes"},
		{`carry = ["weights"]`, `carry = ["images"]`, `input "images" is carried`},
		{`carry = ["weights"]`, "", `shards.initial has "weights", which shards.carry does not name`},
		{"../first.f32", "/first.f32", `shards.initial: "weights": path /first.f32 is absolute`},
		{`module = "reduce.wasm"`, "", "shards.reduce: no module is named"},
		{"steps = 9", "step = 9", `shards.reduce: unknown limit "step"`},
		{"interval = 2", "seed = 2", `unknown key "shards.reduce.seed"`},
		{split[strings.Index(split, "[shards.reduce]"):], "", "without a reduce: want [shards.reduce]"},
	} {
		text := strings.Replace(split, c.from, c.to, 1)
		if text == split {
			t.Fatalf("%q is not in the text", c.from)
		}
		if _, err := jobfile.Parse(text, "/jobs/x"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one with %q", c.to, err, c.want)
		}
	}
}

func TestSplit(t *testing.T) {
	job, err := jobfile.Parse(split, "/jobs/x")
	if err != nil {
		t.Fatal(err)
	}
	if err := job.Split(7, 0); err != nil || job.Shards.Count != 7 || job.Shards.Rounds != 3 || job.Shards.Reduce == nil {
		t.Errorf("%+v, %v", job.Shards, err)
	}
	if err := job.Split(0, 5); err != nil || job.Shards.Count != 7 || job.Shards.Rounds != 5 {
		t.Errorf("%+v, %v", job.Shards, err)
	}
	for _, bad := range [][2]int{{1001, 0}, {-1, 0}, {0, -1}, {0, jobfile.MaxRounds + 1}} {
		if err := job.Split(bad[0], bad[1]); err == nil || job.Shards.Count != 7 || job.Shards.Rounds != 5 {
			t.Errorf("%v was taken: %+v", bad, job.Shards)
		}
	}
	// Any job can be one of many.
	plain, err := jobfile.Parse(whole, "/jobs/x")
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Split(3, 0); err != nil || plain.Shards.Count != 3 || plain.Shards.Rounds != 1 || plain.Shards.Reduce != nil {
		t.Errorf("%+v, %v", plain.Shards, err)
	}
	if err := plain.Split(3, 2); err == nil || !strings.Contains(err.Error(), "without a reduce") {
		t.Errorf("rounds without a reduce: %v", err)
	}
	if err := plain.Split(0, 0); err != nil || plain.Shards.Count != 3 {
		t.Errorf("%+v, %v", plain.Shards, err)
	}
}
