package tune_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lib/tune"
)

func open(t *testing.T) kernels.Device {
	t.Helper()
	d, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func matrices(n uint32) map[string]uint32 {
	return map[string]uint32{"m": n, "n": n, "k": n, "batch": 1, "a_step": 0, "b_step": 0}
}

// few is matmul_f32 with two tiles, of which one is far slower.
func few() *lib.Op {
	op, err := lib.Get("matmul_f32")
	if err != nil {
		panic(err)
	}
	return &lib.Op{Name: op.Name, Params: op.Params, Grid: op.Grid, Tiles: []lib.Tile{
		{"x": 1, "y": 1, "rows": 1, "cols": 1, "depth": 0}, {"x": 16, "y": 4, "rows": 4, "cols": 4, "depth": 0}}}
}

// choose tunes and counts the tiles that were tried.
func choose(t *testing.T, d kernels.Device, op *lib.Op, n uint32, o tune.Options) (lib.Tile, int) {
	t.Helper()
	tried := 0
	o.Heard = func(tune.Timing) { tried++ }
	tile, err := tune.Choose(context.Background(), d, op, matrices(n), nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return tile, tried
}

func TestChoose(t *testing.T) {
	d, op := open(t), few()
	o := tune.Options{Cache: filepath.Join(t.TempDir(), "folder", "tiles.json")}
	tile, tried := choose(t, d, op, 96, o)
	if !maps.Equal(tile, op.Tiles[1]) || tried != 2 {
		t.Fatalf("chose %s after %d tiles, want %s after 2", tile, tried, op.Tiles[1])
	}
	for n, want := range map[uint32]int{96: 0, 120: 0, 128: 0, 129: 2, 64: 2} {
		if _, tried := choose(t, d, op, n, o); tried != want {
			t.Errorf("size %d: %d tiles timed, want %d", n, tried, want)
		}
	}
	other := o
	other.Again = true
	if _, tried := choose(t, d, op, 96, other); tried != 2 {
		t.Errorf("%d tiles timed again, want 2", tried)
	}
	if _, tried := choose(t, d, op, 96, tune.Options{Cache: tune.NoCache}); tried != 2 {
		t.Errorf("%d tiles timed without a cache, want 2", tried)
	}
	// Another variant is another kernel.
	if _, err := tune.Choose(context.Background(), d, op, matrices(96), map[string]float64{"transpose_b": 1}, o); err != nil {
		t.Error(err)
	}
}

// TestChangedCache has every way in which what is kept no longer holds end in a fresh choice, which is kept again.
func TestChangedCache(t *testing.T) {
	d, op := open(t), few()
	path := filepath.Join(t.TempDir(), "tiles.json")
	o := tune.Options{Cache: path}
	choose(t, d, op, 32, o)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(good), "|")
	if len(parts) != 8 {
		t.Fatalf("the key has %d parts: %s", len(parts), good)
	}
	changed := func(n int) []byte {
		p := append([]string(nil), parts...)
		p[n] = "x" + p[n][1:]
		return []byte(strings.Join(p, "|"))
	}
	for name, b := range map[string][]byte{
		"empty": nil, "cut off": good[:len(good)/2], "no JSON": []byte("}{"), "a list": []byte("[1, 2]"), "nothing kept": []byte(`{"a": null}`),
		"another text": changed(5), "another name": changed(1),
		"no such tile": []byte(strings.Replace(string(good), `"rows": 4`, `"rows": 3`, 1)),
		"huge":         append(good, make([]byte, 5<<20)...),
	} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, tried := choose(t, d, op, 32, o); tried != 2 {
			t.Errorf("%s: %d tiles timed, want 2", name, tried)
		}
		if _, tried := choose(t, d, op, 32, o); tried != 0 {
			t.Errorf("%s: the fresh choice was not kept", name)
		}
	}
}

func TestWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tiles.json")
	var all sync.WaitGroup
	for range 4 {
		d := open(t)
		all.Go(func() {
			for n := uint32(1); n <= 64; n *= 2 {
				if _, err := tune.Choose(context.Background(), d, few(), matrices(n), nil, tune.Options{Cache: path, Again: true, Runs: 1}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	d := open(t)
	if _, tried := choose(t, d, few(), 64, tune.Options{Cache: path}); tried != 0 {
		t.Error("the last choice of all was not kept")
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTime(t *testing.T) {
	d, op := open(t), few()
	all, err := tune.Time(context.Background(), d, op, matrices(16), nil, tune.Options{Budget: time.Nanosecond})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d tiles timed with no time for it, %v; want 1", len(all), err)
	}
	// A tile that can't be made is passed over, and an error only if there is no other.
	op.Tiles[0] = lib.Tile{"x": 64, "y": 64, "rows": 1, "cols": 1, "depth": 0}
	if tile, tried := choose(t, d, op, 16, tune.Options{Cache: tune.NoCache}); tried != 2 || !maps.Equal(tile, op.Tiles[1]) {
		t.Errorf("chose %s of %d tiles", tile, tried)
	}
	op.Tiles[1] = lib.Tile{"x": 32, "y": 64, "rows": 1, "cols": 1, "depth": 0}
	if _, err := tune.Choose(context.Background(), d, op, matrices(16), nil, tune.Options{Cache: tune.NoCache}); err == nil || !strings.Contains(err.Error(), "no tile can be used") {
		t.Errorf("no tile fits: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := tune.Time(ctx, d, few(), matrices(16), nil, tune.Options{}); err == nil {
		t.Error("a context that is done gives no error")
	}
}

// TestOutput: the output is the same in every tile and every time, also where a kernel goes on from what it wrote.
func TestOutput(t *testing.T) {
	d, op := open(t), few()
	seen := map[string]bool{}
	job, err := tune.NewJob(d, op, matrices(24), map[string]float64{"accumulate": 1})
	if err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	for _, tile := range op.Tiles {
		if err := job.Load(context.Background(), tile); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			sum, gas, err := job.Output(context.Background())
			if err != nil || gas == 0 {
				t.Fatal(gas, err)
			}
			seen[fmt.Sprintf("%x", sum)] = true
		}
	}
	if len(seen) != 1 {
		t.Errorf("outputs %v, want one", seen)
	}
	if _, err := tune.NewJob(d, op, map[string]uint32{"m": 1}, nil); err == nil {
		t.Error("missing parameters are no error")
	}
	large := matrices(1 << 16)
	if _, err := tune.NewJob(d, op, large, nil); err == nil {
		t.Error("operands of 48 GiB are no error")
	}
}
