package lower_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lower"
)

// TestLibraryNeedsNoGuard sees that the products of the library, whose operands have been made zero if they are small, go
// without guards, and that nothing is fenced in those of integers but what they end in.
func TestLibraryNeedsNoGuard(t *testing.T) {
	guards := regexp.MustCompile(`gl_g(add|sub|mul)`)
	activation := map[string]map[string]float64{"gelu": {"activation": 2}, "silu": {"activation": 3}, "sigmoid": {"activation": 5}}
	product := regexp.MustCompile(`bitcast<f32>\(\w+\) \* bitcast<f32>.*\^ z;`)
	for _, name := range []string{"matmul_f32", "matmul_bf16", "matmul_i8", "softmax", "conv2d_grad_weight", "mse", "activate gelu",
		"activate silu", "activate sigmoid", "activate_grad gelu", "activate_grad silu", "activate_grad sigmoid"} {
		kernel, variant, _ := strings.Cut(name, " ")
		op, err := lib.Get(kernel)
		if err != nil {
			t.Fatal(err)
		}
		for _, tile := range op.Tiles {
			k, err := op.Kernel(tile, activation[variant])
			if err != nil {
				t.Fatal(err)
			}
			s, err := lower.Print(k.IR, lower.ModeGuard, lower.Options{})
			if err != nil {
				t.Fatal(err)
			}
			body := s.WGSL[strings.Index(s.WGSL, "@compute"):]
			if found := guards.FindAllString(body, -1); len(found) > 0 {
				t.Errorf("%s, %v: %d guards: %v", name, tile, len(found), slices.Compact(found))
			}
			if found := product.FindAllString(body, -1); name == "matmul_i8" && len(found) > 0 {
				t.Errorf("%s, %v: %d fenced products, such as %s", name, tile, len(found), found[0])
			}
		}
	}
}
