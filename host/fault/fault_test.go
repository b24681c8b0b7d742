package fault

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		role       Role
		text, want string // want is what it is printed as, or in quotes a part of the error
	}{
		{Provider, "flip", "flip,step=3"},
		{Provider, "flip,step=7", "flip,step=7"},
		{Provider, "lie,level=writer,step=9", "lie,step=9,level=writer"},
		{Provider, "mute", "mute,step=3,level=steps"},
		{Provider, "slow,delay=2s,at=move", "slow,delay=2s,at=move"},
		{Provider, "flip,level=steps", `"setting level=steps; it takes KEY=VALUE of [step]"`},
		{Provider, "flip,step=0", `"counted from 1"`},
		{Provider, "flip,step", `"setting step;"`},
		{Provider, "lie,level=challenge", `"is none of"`},
		{Provider, "slow,delay=-1s", `"wanted 0 to an hour"`},
		{Provider, "nothing", `"is no strategy of a provider"`},
		{Validator, "flip", `"is no strategy of a validator"`},
	} {
		got := ""
		p, err := Parse(tc.role, tc.text)
		if err == nil {
			got = p.String()
			if again, err := Parse(tc.role, got); err != nil || again.String() != got {
				t.Errorf("%s: what is printed is read as %v, %v", tc.text, again, err)
			}
		} else if want := strings.Trim(tc.want, `"`); strings.Contains(err.Error(), want) {
			got = tc.want
		} else {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.role, tc.text, got, tc.want)
		}
	}
}

// Every strategy has one name in its role, a line about it, and settings whose defaults are among their values.
func TestStrategies(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Strategies("") {
		name := string(s.Role) + " " + s.Name
		if seen[name] || s.Text == "" || strings.Contains(s.Text, "\n") || s.play == nil {
			t.Errorf("%s: twice, or without a line about it, or it does nothing", name)
		}
		seen[name] = true
		if _, err := Parse(s.Role, s.Name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, l := range s.Levels {
			if _, err := Parse(s.Role, s.Name+",level="+string(l)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, a := range s.At {
			if _, err := Parse(s.Role, s.Name+",at="+a); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if methods[a] == "" && a != "all" && s.Name == "silent" {
				t.Errorf("%s: nothing is answered at %q", name, a)
			}
		}
	}
	if n := len(Strategies(Provider)); n < 16 {
		t.Errorf("%d strategies of providers, want 16 at least", n)
	}
}
