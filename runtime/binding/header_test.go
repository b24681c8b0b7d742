package binding

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// facts reads what upstream's webgpu.h says, a line each.
func facts(t *testing.T) (lines [][]string) {
	t.Helper()
	for _, h := range []string{"webgpu.h", "wgpu.h"} { // so that go test knows what clang will read
		if _, err := os.ReadFile("../../sdk/c/include/" + h); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile("testdata/webgpu.facts")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(string(text), "\n") {
		if l != "" && l[0] != '#' {
			lines = append(lines, strings.SplitN(l, " ", 3))
		}
	}
	return lines
}

// TestHeaderFacts compiles our header against upstream's sizes, offsets, values and prototypes, as C and as C++.
func TestHeaderFacts(t *testing.T) {
	clang, err := exec.LookPath("clang")
	if err != nil {
		t.Skip("skipped: no clang (Debian package clang)")
	}
	var c strings.Builder
	c.WriteString("#include \"webgpu.h\"\n#include \"wgpu.h\"\n#ifdef __cplusplus\n#define CHECK static_assert\n#else\n#define CHECK _Static_assert\n#endif\n")
	kinds := map[string]int{}
	for _, l := range facts(t) {
		kinds[l[0]]++
		switch l[0] {
		case "struct":
			fields := strings.Fields(l[2])
			fmt.Fprintf(&c, "CHECK(sizeof(%s) == %s, \"size of %s\");\n", l[1], fields[0], l[1])
			for _, f := range fields[1:] {
				name, at, _ := strings.Cut(f, "=")
				at, size, _ := strings.Cut(at, "+")
				fmt.Fprintf(&c, "CHECK(offsetof(%s, %s) == %s && sizeof(((%s *)0)->%s) == %s, \"%s.%s\");\n", l[1], name, at, l[1], name, size, l[1], name)
			}
		case "value":
			if strings.Contains(l[1], "BufferUsage_") || strings.Contains(l[1], "MapMode_") || strings.Contains(l[1], "ShaderStage_") {
				fmt.Fprintf(&c, "static const char is_%s[%s == %s ? 1 : -1] = {0};\n", l[1], l[1], l[2]) // constants, no enum's
			} else {
				fmt.Fprintf(&c, "CHECK(%s == %s, \"%s\");\n", l[1], l[2], l[1])
			}
		case "function":
			result, parameters, _ := strings.Cut(l[2], " (")
			fmt.Fprintf(&c, "%s (*const is_%s)(%s = %s;\n", result, l[1], parameters, l[1])
		case "callback":
			fmt.Fprintf(&c, "extern %s a_%s; %s *const is_%s = &a_%s;\n", l[1], l[1], l[1], l[1], l[1])
			_, parameters, _ := strings.Cut(l[2], "(")
			fmt.Fprintf(&c, "void f_%s(%s; const %s g_%s = f_%s;\n", l[1], parameters, l[1], l[1], l[1])
		}
	}
	for kind, least := range map[string]int{"struct": 45, "value": 150, "function": 95, "callback": 9, "absent": 90} {
		if kinds[kind] < least {
			t.Errorf("%d lines of kind %s, there were %d at least", kinds[kind], kind, least)
		}
	}
	dir := t.TempDir()
	for _, lang := range []struct{ name, std string }{{"c", "c11"}, {"c++", "c++17"}} {
		file := filepath.Join(dir, "facts."+lang.name)
		if err := os.WriteFile(file, []byte(c.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		// In C++ a constant is no constant expression where its type is; in C it folds.
		cmd := exec.Command(clang, "--target=wasm32", "-x", lang.name, "-std="+lang.std, "-fsyntax-only", "-ffreestanding", "-Werror", "-Wall",
			"-Wno-unused-const-variable", "-Wno-gnu-folding-constant", "-I../../sdk/c/include", file)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", lang.name, err, cutLines(out, 20))
		}
	}
}

func cutLines(b []byte, n int) string {
	lines := strings.SplitAfter(string(b), "\n")
	return strings.Join(lines[:min(n, len(lines))], "")
}

// TestAbsent says of each function of webgpu.h that is not offered that using it names it and the reason, when compiled with
// our header and when an import of it comes from another.
func TestAbsent(t *testing.T) {
	clang, err := exec.LookPath("clang")
	if err != nil {
		t.Skip("skipped: no clang (Debian package clang)")
	}
	var c strings.Builder
	c.WriteString("#include <webgpu/webgpu.h>\nvoid use(void *);\nvoid f(void) {\n")
	var names []string
	for _, l := range facts(t) {
		if l[0] != "absent" {
			continue
		}
		names = append(names, l[1])
		fmt.Fprintf(&c, "  use((void *)&%s);\n", l[1])
		if functions["env"][l[1]] != nil {
			t.Errorf("%s is said to be absent, and is offered", l[1])
		}
		if why := Why("env", l[1]); !strings.Contains(why, "compute subset of webgpu.h") {
			t.Errorf("%s: the reason is %q", l[1], why)
		}
	}
	if why := Why("env", "puts"); !strings.Contains(why, "not linked") {
		t.Errorf("puts: the reason is %q", why)
	}
	if why := Why("gl", "glDraw"); why != "" {
		t.Errorf("another module: the reason is %q", why)
	}
	c.WriteString("}\n")
	file := filepath.Join(t.TempDir(), "absent.c")
	if err := os.WriteFile(file, []byte(c.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(clang, "--target=wasm32", "-fsyntax-only", "-ffreestanding", "-ferror-limit=0", "-I../../sdk/c/include", file).CombinedOutput()
	if err == nil {
		t.Fatal("it compiled")
	}
	for _, n := range names {
		if !strings.Contains(string(out), "error: '"+n+"' is unavailable: it is not part of the compute subset of webgpu.h that a gwrun job can use") {
			t.Errorf("nothing is said of %s", n)
		}
	}
}
