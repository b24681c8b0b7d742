package webgpu

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
	"github.com/gwrun/gwrun/kernels/lower"
)

// TestCorpus runs every valid shader of the test corpus and of the examples, one workgroup of each over buffers of
// arbitrary words, and compares with the interpreter. The gas limit is low enough that lavapipe cuts no loop short.
func TestCorpus(t *testing.T) {
	var files []string
	for _, dir := range []string{"../../testdata/wgsl/valid", "../../examples"} {
		filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".wgsl" {
				files = append(files, path)
			}
			return nil
		})
	}
	if len(files) == 0 {
		t.Fatal("no shaders found")
	}
	for _, r := range right {
		if r.mode != lower.ModeNative && !*exhaustive {
			continue
		}
		o := onDriver(t, r.driver)
		o.Lowering = r.mode
		d, err := Open(o)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		taken := 0
		for _, path := range files {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			mod, err := kernels.Compile(string(src))
			if err != nil {
				continue // the front end's own tests are about that
			}
			for _, e := range mod.Entries() {
				k, err := mod.Kernel(e.Name, nil)
				if err != nil {
					continue // an override without a value, say
				}
				c := &irgen.Case{Kernel: k.IR, Workgroups: [3]uint32{1, 1, 1}, GasLimit: 60_000}
				random := rand.New(rand.NewPCG(1, 2))
				for _, b := range k.IR.Bindings {
					w := make([]uint32, max(256, (b.MinBytes+3)/4))
					for i := range w {
						w[i] = irgen.Word(random)
					}
					c.Buffers = append(c.Buffers, w)
				}
				if err := devicetest.Check(d, c); err != nil {
					t.Errorf("%s, entry %s, %s: %v", path, e.Name, r.mode, err)
				}
				taken++
			}
		}
		t.Logf("%s, %s: %d kernels of %d files", r.driver, r.mode, taken, len(files))
	}
}
