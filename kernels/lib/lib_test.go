package lib_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

func TestMain(m *testing.M) { libtest.Main(m) }

// TestTexts checks that every text is in the list, says what it must, and makes a kernel in each of its tiles.
func TestTexts(t *testing.T) {
	files, err := fs.Glob(os.DirFS("."), "*.wgsl")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if _, err := lib.Get(strings.TrimSuffix(f, ".wgsl")); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	seen := map[string]bool{}
	for _, o := range lib.Ops() {
		if seen[o.Name] {
			t.Errorf("%s is in the list twice", o.Name)
		}
		seen[o.Name] = true
		src, err := o.Source()
		if err != nil {
			t.Error(err)
			continue
		}
		for _, part := range []string{o.Name, "Shapes", "Order", "Error", "Grid"} {
			if !strings.Contains(src, "\n// "+part+": ") && !strings.HasPrefix(src, "// "+part+": ") {
				t.Errorf("%s: no paragraph %q in its header", o.Name, part)
			}
		}
		if len(o.Tiles) == 0 {
			t.Errorf("%s: no tiles", o.Name)
		}
		for _, tile := range o.Tiles {
			if _, err := o.Kernel(tile, nil); err != nil {
				t.Errorf("%s, tile %s: %v", o.Name, tile, err)
			}
		}
	}
}
