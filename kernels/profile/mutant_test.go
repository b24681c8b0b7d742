package profile

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

var (
	mutants    = flag.Int("mutants", 5, "mutants of each valid program that are judged beside Tint")
	mutantSeed = flag.Uint64("mutantseed", 7, "the seed they are drawn with")
)

// tokenClass puts together what may stand for one another without making every mutant a fault of syntax.
func tokenClass(t syntax.Token) string {
	switch {
	case t.Kind == syntax.Ident:
		return "name"
	case t.Kind == syntax.IntLit, t.Kind == syntax.FloatLit, t.Kind == "true", t.Kind == "false":
		return "literal"
	case strings.Contains(" + - * / % & | ^ << >> == != < <= >= && || ! ~ += -= *= /= %= &= |= ^= <<= >>= = ", " "+t.Text+" "):
		return "operator"
	}
	return ""
}

// apart reports whether a message is about one of the differences of differences.txt, or about f16, of which Tint's
// bitcast from two abstract numbers is made.
func apart(msg string) bool {
	for _, m := range []string{"refused by the profile", "which is not an integer", "a function's variables may have", "@group is from", "@binding is from",
		"is larger than 2147483648", "cannot take vec2<abstract", "cannot take vec4<abstract"} {
		if strings.Contains(msg, m) {
			return true
		}
	}
	return false
}

// TestTintMutants changes one token of each valid program to another of its class and compares our verdict with Tint's.
func TestTintMutants(t *testing.T) {
	dir := dawnFolder()
	node, err := exec.LookPath("node")
	if dir == "" || err != nil {
		t.Skip("skipped: no Dawn (make deps installs it)")
	}
	texts, names := wholeCorpus(t)
	random := rand.New(rand.NewPCG(*mutantSeed, 1))
	all := map[string][]string{} // texts of tokens, by class
	tokens := map[string][]syntax.Token{}
	var valid []string
	for _, n := range names {
		// In what a constant && skips, Tint makes abstract numbers concrete; the type of an expression does not depend
		// on whether it is evaluated.
		if !strings.HasPrefix(n, "valid/") || strings.Contains(n, "short_circuit_const") {
			continue
		}
		valid = append(valid, n)
		list, _ := syntax.Lex(texts[n])
		for _, k := range list {
			if c := tokenClass(k); c != "" {
				tokens[n] = append(tokens[n], k)
				all[c] = append(all[c], k.Text)
			}
		}
	}
	made := map[string]string{}
	var list []string
	for _, n := range valid {
		if len(tokens[n]) == 0 || strings.ContainsAny(texts[n], "\v\f\u0085\u2028\u2029") {
			continue // places are counted in lines that end with \n below
		}
		for v := range *mutants {
			k := tokens[n][random.IntN(len(tokens[n]))]
			other := all[tokenClass(k)]
			if random.IntN(2) == 0 { // from the same program
				other = nil
				for _, o := range tokens[n] {
					if tokenClass(o) == tokenClass(k) {
						other = append(other, o.Text)
					}
				}
			}
			lines := strings.SplitAfter(texts[n], "\n")
			l := lines[k.Pos.Line-1]
			lines[k.Pos.Line-1] = l[:k.Pos.Col-1] + other[random.IntN(len(other))] + l[k.Pos.Col-1+len(k.Text):]
			name := fmt.Sprintf("%s mutant %d", n, v)
			made[name] = strings.Join(lines, "")
			list = append(list, name)
		}
	}
	said := askTint(t, dir, node, made, list)
	accepted := 0
	for _, n := range list {
		m, err := Check(made[n])
		if err == nil {
			accepted++
			for _, e := range m.Entries() {
				if _, err = m.Emit(e.Name, parsePlan(t, made[n]).overrides); err != nil {
					break
				}
			}
		}
		if (err == nil) == said[n].Accept {
			continue
		}
		if err != nil && apart(err.Error()) {
			continue
		}
		t.Errorf("%s: ours is %v, Tint's is %s\n%s", n, err, said[n], made[n])
	}
	if accepted < len(list)/10 {
		t.Errorf("only %d of %d mutants are accepted: they test little", accepted, len(list))
	}
	t.Logf("%d mutants, %d accepted", len(list), accepted)
}
