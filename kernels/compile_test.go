package kernels

import (
	"errors"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/profile"
)

const scaleSource = `
override factor: f32;
@id(3) override size: u32 = 64;
@group(1) @binding(0) var<uniform> shift: f32;
@group(0) @binding(2) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(size) fn scale(@builtin(global_invocation_id) g: vec3u) {
  x[g.x] = x[g.x] * factor + shift;
}
@compute @workgroup_size(8, 4) fn clear(@builtin(global_invocation_id) g: vec3u) { x[g.x] = 0; }
`

func TestCompile(t *testing.T) {
	m, err := Compile(scaleSource)
	if err != nil {
		t.Fatal(err)
	}
	e := m.Entries()
	if len(e) != 2 || e[0].Name != "scale" || e[0].WorkgroupSize != [3]uint32{} || e[1].WorkgroupSize != [3]uint32{8, 4, 1} {
		t.Errorf("entries %+v", e)
	}
	if b := e[0].Bindings; len(b) != 2 || b[0].Name != "x" || b[0].Access != ir.ReadWrite || b[1].Group != 1 || b[1].MinBytes != 4 {
		t.Errorf("bindings %+v", b)
	}
	if o := m.Overrides(); len(o) != 2 || o[0].Key != "factor" || !o[0].Required || o[1].Key != "3" || o[1].Type != "u32" {
		t.Errorf("overrides %+v", o)
	}
	a, err := m.Kernel("scale", map[string]float64{"factor": 2, "3": 32})
	if err != nil {
		t.Fatal(err)
	}
	if a.Entry != "scale" || a.IR.WorkgroupSize != [3]uint32{32, 1, 1} || len(a.IR.Bindings) != 2 {
		t.Errorf("kernel %+v", a.IR)
	}
	b, err := m.Kernel("scale", map[string]float64{"factor": 3, "3": 32})
	if err != nil || a.Hash == b.Hash {
		t.Errorf("another factor, the same hash (%v)", err)
	}
	again, err := m.Kernel("scale", map[string]float64{"3": 32, "factor": 2})
	if err != nil || again.Hash != a.Hash || again.IR.String() != a.IR.String() {
		t.Errorf("the same kernel comes out differently (%v)", err)
	}
}

func TestCompileErrors(t *testing.T) {
	var errs profile.Errors
	_, err := Compile("fn f() { let a = b;\n let c = d; }")
	if !errors.As(err, &errs) || len(errs) != 2 || errs[1].Line != 2 || errs[1].Col != 10 {
		t.Errorf("errors %v", err)
	}
	if s := errs.Format("k.wgsl"); !strings.HasPrefix(s, "k.wgsl:1:18: error: unknown name \"b\"\n") {
		t.Errorf("formatted %q", s)
	}
	m, err := Compile(scaleSource)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		entry string
		o     map[string]float64
		want  string
	}{
		{"nope", nil, `no entry point "nope"; the module has: scale clear`},
		{"scale", nil, `"factor" has no default`},
		{"scale", map[string]float64{"factor": 1e300}, "out of range"},
		{"scale", map[string]float64{"factor": 1, "3": -1}, "out of range"},
		{"scale", map[string]float64{"factor": 1, "size": 1}, "by that number"},
		{"clear", map[string]float64{"other": 1}, `no override "other"`},
	} {
		if _, err := m.Kernel(c.entry, c.o); !errors.As(err, &errs) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: %v, want %q", c.entry, c.o, err, c.want)
		}
	}
	if _, err := m.Kernel("clear", nil); err != nil {
		t.Errorf("an override that is not used needs no value: %v", err)
	}
}
