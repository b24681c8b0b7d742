package gw

import "testing"

func TestNumbers(t *testing.T) {
	for text, want := range map[string]uint32{"0": 0, "10": 10, "0000000007": 7, "4294967295": 4294967295} {
		if n, ok := parseU32(text); !ok || n != want {
			t.Errorf("%q is %d %v, want %d", text, n, ok, want)
		}
	}
	for _, text := range []string{"", "-1", "+1", "1.0", "4294967296", "00000000007", "1_0", " 1", "0x1", "٣"} {
		if n, ok := parseU32(text); ok {
			t.Errorf("%q is taken for %d", text, n)
		}
	}
	for text, want := range map[string]float32{"0": 0, "2.5": 2.5, ".1": .1, "3.": 3, "0.30000001192": 0.3, "123456789012345": 123456789012345} {
		if n, ok := parseF32(text); !ok || n != want {
			t.Errorf("%q is %v %v, want %v", text, n, ok, want)
		}
	}
	for _, text := range []string{"", ".", "-1", "1e3", "1.2.3", "NaN", "0.1234567890123456", "12345678901234567"} {
		if n, ok := parseF32(text); ok {
			t.Errorf("%q is taken for %v", text, n)
		}
	}
}

func TestLookup(t *testing.T) {
	args := []string{"verbose", "k=3", "k=4", "name=a=b", "kk=5"}
	for name, want := range map[string]string{"k": "3", "name": "a=b", "kk": "5"} {
		if v, ok := lookup(args, name); !ok || v != want {
			t.Errorf("%s is %q %v, want %q", name, v, ok, want)
		}
	}
	if v, ok := lookup(args, "verbose"); ok {
		t.Errorf("an argument without a value is %q", v)
	}
}
