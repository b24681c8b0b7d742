package jobfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/proto/msg"
)

const whole = `
name = "train"
module = "job.wasm"
args = ["epochs=2", "verbose"]
seed = 7
interval = 4

[inputs]
b = "../data/b.bin"
a = "a.bin"

[limits]
steps = 10
memory_pages = 3

[require]
speed = 500_000_000
gpu_speed = 7_000_000_000
region = "eu-west"
stake = "2.5"
device_kind = "gpu"
memory = 4096
`

func TestParse(t *testing.T) {
	got, err := jobfile.Parse(whole, "/jobs/train")
	if err != nil {
		t.Fatal(err)
	}
	stake, err := msg.ParseAmount("2.5")
	if err != nil {
		t.Fatal(err)
	}
	want := &jobfile.Job{
		Name: "train", Module: "/jobs/train/job.wasm", Args: []string{"epochs=2", "verbose"}, Seed: 7, Interval: 4,
		Inputs:  map[string]string{"a": "/jobs/train/a.bin", "b": "/jobs/data/b.bin"},
		Limits:  msg.Limits{Steps: 10, MemoryPages: 3},
		Require: msg.Requirements{DeviceKind: "gpu", Memory: 4096, Speed: 5e8, GPUSpeed: 7e9, Region: "eu-west", Stake: stake},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "no module"},
		{"module = 3", "module"},
		{"module = \"a.wasm\"\nmodule = \"b.wasm\"", "line 2"},
		{"module = \"a.wasm\"\nsed = 3", `unknown key "sed"`},
		{"module = \"a.wasm\"\n[limits]\nstep = 3", `unknown limit "step"`},
		{"module = \"/etc/a.wasm\"", "absolute"},
		{"module = \"a.wasm\"\n[inputs]\nx = \"/etc/passwd\"", "absolute"},
		{"module = \"a.wasm\"\n[inputs]\nx = \"\"", "empty"},
		{"module = \"a.wasm\"\n[inputs]\n\"\" = \"x\"", "name"},
		{"module = \"a.wasm\"\nseed = -1", "negative"},
		{"module = \"a.wasm\"\n[limits]\nhandles = 4294967296", "handles"},
		{"module = \"a.wasm\"\n[require]\ndevice_kind = \"tpu\"", "device_kind"},
		{"module = \"a.wasm\"\n[require]\nspeed = -1", "not negative"},
		{"module = \"a.wasm\"\n[require]\nstake = 1.5", "as text"},
		{"module = \"a.wasm\"\n[require]\nstake = \"1e3\"", "amount refused"},
		{"module = \"a.wasm", "line 1"},
	} {
		if _, err := jobfile.Parse(c.text, "/jobs/x"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one with %q", c.text, err, c.want)
		}
	}
}

func TestOpen(t *testing.T) {
	folder := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	module := put("job.wasm", "\x00asm\x01\x00\x00\x00")
	put("a.bin", "aaa")

	job, err := jobfile.Open(module)
	if err != nil || job.Module != module || job.Name != "job" {
		t.Fatalf("%+v, %v", job, err)
	}
	if _, err := jobfile.Open(folder); err == nil || !strings.Contains(err.Error(), "no job.toml") {
		t.Errorf("a folder without job.toml: %v", err)
	}
	put("job.toml", "module = \"job.wasm\"\n[inputs]\na = \"a.bin\"\nb = \"b.bin\"\n")
	for _, path := range []string{folder, filepath.Join(folder, "job.toml")} {
		job, err = jobfile.Open(path)
		if err != nil || job.Module != module || job.Name != filepath.Base(folder) {
			t.Fatalf("%s: %+v, %v", path, job, err)
		}
	}
	if _, _, err := job.Read(); err == nil || !strings.Contains(err.Error(), "input b: ") || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a missing input: %v", err)
	}
	if err := job.SetInput("b", folder); err != nil {
		t.Fatal(err)
	}
	if _, _, err := job.Read(); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("an input that is a folder: %v", err)
	}
	if err := job.SetInput("b", module); err != nil {
		t.Fatal(err)
	}
	_, inputs, err := job.Read()
	if err != nil || len(inputs) != 2 || inputs[0].Name != "a" || string(inputs[0].Data) != "aaa" {
		t.Errorf("%v, %v", inputs, err)
	}
	if _, err := jobfile.Open(filepath.Join(folder, "none.wasm")); err == nil || strings.Contains(err.Error(), "stat ") {
		t.Errorf("a missing module: %v", err)
	}
}

func TestFlagsWin(t *testing.T) {
	job, err := jobfile.Parse(whole, "/jobs/train")
	if err != nil {
		t.Fatal(err)
	}
	job.SetArg("epochs=5")
	job.SetArg("hidden=3")
	job.SetArg("verbose")
	if d := cmp.Diff([]string{"epochs=5", "verbose", "hidden=3", "verbose"}, job.Args); d != "" {
		t.Error(d)
	}
	for name, get := range map[string]func() uint64{
		"steps":        func() uint64 { return job.Limits.Steps },
		"gas":          func() uint64 { return job.Limits.Gas },
		"gpu_gas":      func() uint64 { return job.Limits.GPUGas },
		"buffer_bytes": func() uint64 { return job.Limits.BufferBytes },
		"output_bytes": func() uint64 { return job.Limits.OutputBytes },
		"log_bytes":    func() uint64 { return job.Limits.LogBytes },
		"shader_bytes": func() uint64 { return job.Limits.ShaderBytes },
		"memory_pages": func() uint64 { return uint64(job.Limits.MemoryPages) },
		"handles":      func() uint64 { return uint64(job.Limits.Handles) },
		"stack_depth":  func() uint64 { return uint64(job.Limits.StackDepth) },
	} {
		if err := job.SetLimit(name, 99); err != nil || get() != 99 {
			t.Errorf("%s: %d, %v", name, get(), err)
		}
		if err := job.SetLimit(name, 0); err == nil {
			t.Errorf("%s: 0 was taken", name)
		}
	}
	if err := job.SetLimit("handles", 1<<32); err == nil || job.Limits.Handles != 99 {
		t.Errorf("handles 1<<32: %v, now %d", err, job.Limits.Handles)
	}
	if err := job.SetLimit("tea", 1); err == nil {
		t.Error("an unknown limit was taken")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add(split)
	f.Add("module = \"a.wasm\"")
	f.Add("module = \"../../a.wasm\"\n[inputs]\n\"x\\u0000\" = '..'")
	f.Fuzz(func(t *testing.T, text string) {
		job, err := jobfile.Parse(text, "/jobs/x")
		if err != nil {
			return
		}
		for name, path := range job.Inputs {
			if name == "" || path == "" {
				t.Errorf("input %q has path %q", name, path)
			}
		}
		if s := job.Shards; s != nil && (s.Count < 1 || s.Rounds < 1 || s.Reduce == nil && s.Rounds > 1) {
			t.Errorf("%d shards, %d rounds, reduce %v", s.Count, s.Rounds, s.Reduce)
		}
	})
}
