package checks_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/proto/msg"
)

// TestLibrary has every kernel of the library run within a job, within the limits of one, and its grid worked out in C for
// many parameters.
func TestLibrary(t *testing.T) {
	const sets = 50
	random := rand.New(rand.NewPCG(1, 2))
	var calls strings.Builder
	var params []byte
	var want []uint64
	for _, o := range lib.Ops() {
		dims, err := o.Dimensions()
		if err != nil {
			t.Fatal(err)
		}
		for range sets {
			p := map[string]uint32{}
			for _, name := range o.Params {
				name, _, _ = strings.Cut(name, ":")
				p[name] = uint32(random.IntN([]int{3, 50, 3000, 300000}[random.IntN(4)]))
				params = binary.LittleEndian.AppendUint32(params, p[name])
			}
			for _, d := range dims {
				n, err := d.Eval(p, o.Tiles[0])
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, n)
			}
		}
		p := map[string]uint32{}
		for _, name := range o.Params {
			name, _, _ = strings.Cut(name, ":")
			p[name] = 8
		}
		sizes, err := o.Sizes(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		var tensors []string
		for _, n := range sizes {
			tensors = append(tensors, fmt.Sprintf("gwt_zeros(GWT_SHAPE(%d))", n))
		}
		fmt.Fprintf(&calls, "    grids(&gw_lib_%s);\n", o.Name)
		fmt.Fprintf(&calls, "    gwt_run(&gw_lib_%s, eights, GWT_TENSORS(%s), GWT_NO_OVERRIDES);\n", o.Name, strings.Join(tensors, ", "))
	}
	file := filepath.Join(t.TempDir(), "library.c")
	if err := os.WriteFile(file, fmt.Appendf(nil, `#include "gwtensor.h"

static uint64_t at;

static void grids(const gw_lib_op *op) {
    uint32_t tile[8], params[16];
    for (uint32_t i = 0; i < op->tile_values; i++) tile[i] = op->tile[i].value;
    for (int i = 0; i < %d; i++) {
        uint64_t groups[3];
        gwjob_input_read("params", at, params, op->params * 4);
        at += op->params * 4;
        op->grid(params, tile, groups);
        gwjob_output("grids", groups, sizeof groups);
    }
}

GW_EXPORT(gw_step) int32_t gw_step(void) {
    static const uint32_t eights[] = {8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8};
    gwjob_open();
%s    gwt_flush();
    return GW_DONE;
}
`, sets, calls.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	input := filepath.Join(t.TempDir(), "params")
	if err := os.WriteFile(input, params, 0o644); err != nil {
		t.Fatal(err)
	}
	status, log, out := run(t, build(t, file), map[string]string{"params": input}, msg.Limits{})
	if status != msg.Finished {
		t.Fatalf("the job %s\n%s", status, log)
	}
	got := out["grids"]
	if len(got) != 8*len(want) {
		t.Fatalf("%d bytes of grids, want %d", len(got), 8*len(want))
	}
	for i, w := range want {
		if g := binary.LittleEndian.Uint64(got[8*i:]); g != w {
			t.Errorf("%s: dimension %d is %d, want %d", lib.Ops()[i/3/sets].Name, i%3, g, w)
		}
	}
}
