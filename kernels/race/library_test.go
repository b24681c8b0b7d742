package race_test

import (
	"context"
	"flag"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lib/tune"
	"github.com/gwrun/gwrun/kernels/race"
)

// sizes are parameters of library kernels by name; the others are 3.
var sizes = map[string]uint32{"m": 37, "n": 70, "k": 33, "rows": 11, "cols": 70, "width": 40, "dim": 16, "heads": 4, "kv_heads": 2,
	"capacity": 40, "vocab": 50, "batch": 2, "tokens": 9, "a_step": 37 * 70, "b_step": 33 * 70, "divide": 0x3f800000}

// special are parameters for one kernel alone: rotary turns pairs of which a row must have n.
var special = map[string]map[string]uint32{"rotary": {"n": 7}}

var allTiles = flag.Bool("alltiles", false, "look at every tile of the library's kernels, not only the first")

// No kernel of the library has races, in any tile: each is proven, or a dispatch of it is watched.
func TestLibrary(t *testing.T) {
	ctx := context.Background()
	tally := map[string]int{}
	for _, op := range lib.Ops() {
		m, err := op.Module()
		if err != nil {
			t.Fatal(err)
		}
		overrides := map[string]float64{}
		for _, o := range m.Overrides() {
			if o.Required {
				overrides[o.Key] = 1
			}
		}
		params := map[string]uint32{}
		for _, name := range op.Params {
			name, _, _ = strings.Cut(name, ":")
			if params[name] = sizes[name]; params[name] == 0 {
				params[name] = 3
			}
			if v, ok := special[op.Name][name]; ok {
				params[name] = v
			}
		}
		device, err := cpu.Open(cpu.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := race.NewWatch(device)
		job, err := tune.NewJob(w, op, params, overrides)
		if err != nil {
			t.Fatalf("%s: %v", op.Name, err)
		}
		for n, tile := range op.Tiles {
			if n > 0 && !*allTiles {
				break
			}
			if err := job.Load(ctx, tile); err != nil {
				t.Fatalf("%s %v: %v", op.Name, tile, err)
			}
			if _, _, err := job.Run(ctx); err != nil {
				t.Fatalf("%s %v: %v", op.Name, tile, err)
			}
		}
		for _, r := range w.Reports() {
			for _, found := range r.Races {
				t.Errorf("%s: %s", op.Name, found.String())
			}
			if r.Partly+r.Unchecked > 0 {
				t.Errorf("%s: not checked: %+v", op.Name, r)
			}
			tally["for all dispatches: "+string(r.Proof.Verdict)]++
			tally["this dispatch: proven"] += int(r.Proven)
			tally["this dispatch: watched"] += int(r.Checked)
			if r.Checked > 0 && testing.Verbose() {
				t.Logf("%s is watched", op.Name)
			}
		}
		job.Close()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Log(tally)
	if tally["for all dispatches: conditional"]+tally["for all dispatches: proven"] < 2*tally["for all dispatches: unproven"] {
		t.Errorf("of the library so little is proven: %v", tally)
	}
}
