package hard

import (
	"strings"
	"testing"
)

func TestInputs(t *testing.T) {
	entries, err := files.ReadDir("inputs")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".txt")
		in := Inputs(name)
		if len(in) == 0 || len(in) > 200 {
			t.Errorf("%s has %d inputs, want 1 to 200", name, len(in))
		}
		seen := map[uint32]bool{}
		for _, u := range in {
			if seen[u] {
				t.Errorf("%s has %#08x twice", name, u)
			}
			seen[u] = true
		}
	}
	if in := Inputs("gamma"); in != nil {
		t.Errorf("Inputs of an unknown name gives %d inputs, want none", len(in))
	}
}
