package libm

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	declares = regexp.MustCompile(`(?m)^(?:fn|struct) (gw_\w+)`)
	mentions = regexp.MustCompile(`gw_\w+`)
)

// TestSource asks for every function alone and for all together: each declaration stands once and before its users,
// nothing is missing and nothing stands that is not used.
func TestSource(t *testing.T) {
	var requests [][]string
	for _, n := range Names() {
		requests = append(requests, []string{n})
	}
	requests = append(requests, Names(), []string{"gw_exp", "gw_log", "gw_exp"}, nil)
	for _, names := range requests {
		text := Source(names...)
		seen := map[string]bool{}
		used := map[string]bool{}
		for _, n := range names {
			used[n] = true
		}
		for _, loc := range declares.FindAllStringSubmatchIndex(text, -1) {
			name := text[loc[2]:loc[3]]
			if seen[name] {
				t.Errorf("Source(%q) declares %s twice", names, name)
			}
			seen[name] = true
			body := text[loc[3]:]
			if end := declares.FindStringIndex(body); end != nil {
				body = body[:end[0]]
			}
			for _, m := range mentions.FindAllString(body, -1) {
				used[m] = true
				if !seen[m] {
					t.Errorf("Source(%q): %s uses %s before its declaration", names, name, m)
				}
			}
		}
		for n := range used {
			if !seen[n] {
				t.Errorf("Source(%q) lacks %s", names, n)
			}
		}
		for n := range seen {
			if !used[n] {
				t.Errorf("Source(%q) has %s, which nothing uses", names, n)
			}
		}
	}
}

func TestSourceHasNoFloats(t *testing.T) {
	if text := Source(Names()...); strings.Contains(text, "f32") || strings.Contains(text, "ptr<") {
		t.Error("the library mentions f32 or pointers")
	}
}

func TestNames(t *testing.T) {
	for _, n := range []string{"gw_add", "gw_sub", "gw_mul", "gw_div", "gw_sqrt", "gw_fma", "gw_stof", "gw_utof", "gw_ftos", "gw_ftou",
		"gw_floor", "gw_ceil", "gw_trunc", "gw_round", "gw_flt", "gw_fle", "gw_feq", "gw_min", "gw_max", "gw_exp", "gw_exp2", "gw_log",
		"gw_log2", "gw_tanh", "gw_sin", "gw_cos", "gw_tan", "gw_asin", "gw_acos", "gw_atan", "gw_sinh", "gw_cosh", "gw_asinh",
		"gw_acosh", "gw_atanh", "gw_invsqrt"} {
		if !slices.Contains(Names(), n) {
			t.Errorf("the library lacks %s", n)
		}
	}
}

func TestSourceOfUnknown(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Source of an unknown name did not panic")
		}
	}()
	Source("gw_gamma")
}
