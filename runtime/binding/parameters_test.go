package binding

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestParameters compares the names in transcripts with the headers guests are compiled against.
func TestParameters(t *testing.T) {
	found := 0
	for _, h := range []struct{ file, module, prefix, cut string }{
		{"../../sdk/c/include/webgpu.h", "env", `WGPU_EXPORT\(\w+\) [^;(]*?(wgpu\w+)\(([^)]*)\);`, ""},
		{"../../sdk/c/include/gw.h", "gw", `GW_IMPORT\(\w+\) [^;(]*?(gw_\w+)\(([^)]*)\);`, "gw_"},
	} {
		text, err := os.ReadFile(h.file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(h.prefix).FindAllStringSubmatch(string(text), -1) {
			name := strings.TrimPrefix(m[1], h.cut)
			if strings.HasSuffix(name, "AddRef") || strings.HasSuffix(name, "Release") || strings.HasSuffix(name, "SetLabel") {
				continue // all alike
			}
			if functions[h.module][name] == nil {
				t.Errorf("%s declares %s, which is no import", h.file, name)
				continue
			}
			var want, got []string
			for _, p := range strings.Split(m[2], ",") {
				if words := regexp.MustCompile(`\w+`).FindAllString(p, -1); len(words) > 1 {
					want = append(want, words[len(words)-1])
				}
			}
			for _, p := range strings.Fields(parameters[h.module+"."+name]) {
				n, _, _ := strings.Cut(p, ":")
				got = append(got, n)
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("%s takes %v in %s, %v in parameters.go", name, want, h.file, got)
			}
			found++
		}
	}
	if found < 80 {
		t.Errorf("%d functions found in the headers", found)
	}
	for name := range parameters {
		m, f, _ := strings.Cut(name, ".")
		if functions[m][f] == nil {
			t.Errorf("parameters of %s, which is no import", name)
		}
	}
}
