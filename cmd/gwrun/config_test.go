package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// hostCommand is gwrun host with its flags parsed, ready to be configured.
func hostCommand(t testing.TB, args ...string) (*globals, *cobra.Command, *bytes.Buffer) {
	out := new(bytes.Buffer)
	g := &globals{stdout: out, stderr: io.Discard}
	cmd, rest, err := newRootCmd(g).Find([]string{"host"})
	if err != nil || len(rest) > 0 {
		t.Fatal(err, rest)
	}
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return g, cmd, out
}

// values are all settings of a verb, and whether each was given.
func values(cmd *cobra.Command) map[string]string {
	all := map[string]string{}
	for _, f := range settings(cmd) {
		all[f.Name] = f.Value.String()
		if f.Changed {
			all[f.Name] += " (given)"
		}
	}
	return all
}

func TestConfigure(t *testing.T) {
	_, cmd, _ := hostCommand(t, "--jobs", "5", "--announce=x:1")
	err := configure(cmd, "f.toml", `
jobs = 7 # the command line has 5
queue = 3
quota = "20GB"
max-step = "90m"
quiet = true
name = "a \"b\""
`)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"jobs": "5 (given)", "queue": "3 (given)", "quota": "20000000000 (given)", "max-step": "1h30m0s (given)",
		"quiet": "true (given)", "name": `a "b" (given)`, "announce": "[x:1] (given)", "max-time": "48h0m0s"} {
		if got := values(cmd)[name]; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	_, cmd, _ = hostCommand(t)
	if err := configure(cmd, "f.toml", `announce = ["a:1", "b:2"]`); err != nil || values(cmd)["announce"] != "[a:1,b:2] (given)" {
		t.Errorf("announce is %s, %v", values(cmd)["announce"], err)
	}
}

// What is wrong is said with its place, and with what may have been meant.
func TestConfigErrors(t *testing.T) {
	for text, want := range map[string]string{
		"\njob = 5":                        `f.toml:2: unknown key "job", did you mean "jobs"?`,
		"jobs = 5\n  max_step = '1h'":      `f.toml:2: unknown key "max_step", did you mean "max-step"?`,
		"zebra = 1":                        `f.toml:1: unknown key "zebra", want one of gwrun host -h`,
		"fault = 'step=1'":                 `unknown key "fault"`, // hidden, and so not a setting
		"config = 'x'":                     `unknown key "config"`,
		"[host]\njobs = 5":                 `unknown key "host"`,
		"[jobs]\nx = 5":                    `jobs: a table; every setting stands at the top`,
		"queue = 1\njobs = 'many'":         `f.toml:2: jobs: invalid argument "many"`,
		"queue = 1\nqueue = 2":             `f.toml:2: `,
		"jobs = [1]":                       `jobs: a list, want one value`,
		"announce = [['a']]":               `announce: a list in a list`,
		"max-step = 30":                    `missing unit in duration`,
		"name = 2026-01-02":                `put it in quotes`,
		"jobs = nan":                       `jobs: NaN is no number`,
		"quiet = 1.5":                      `quiet: invalid argument "1.5"`,
		"jobs = ":                          `f.toml:1:`,
		"# a\n# b\nname = \"" + "\\z\"":    `f.toml:3:`,
		strings.Repeat("k", 9000) + " = 1": `unknown key "` + strings.Repeat("k", 64) + `"`,
		"name = '''\njob = 1\n'''\n\"job\" = 'two'": `f.toml:4: unknown key "job"`,
	} {
		_, cmd, _ := hostCommand(t)
		if err := configure(cmd, "f.toml", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v; want %q", text, err, want)
		}
	}
}

// Whatever a file says, its settings are printed as a file that says the same; and what is wrong with it is somewhere in it.
func FuzzConfig(f *testing.F) {
	for _, s := range []string{"jobs = 3", "announce = ['a:1', \"b,\\n2\"]\nquota = '20GB'", "max-step = '1h'\nmemory = 18446744073709551615", "memory = 9223372036854775807\nname='\x7f'", "[jobs]", "job = 1",
		"name = \"\\u0000\"", "quiet = true\ncache = '1.5GiB'", "a.b = 1", "\"\" = 1", "jobs = 0x10", "device = 'é'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		g, cmd, out := hostCommand(t)
		if err := configure(cmd, "f", text); err != nil {
			var at *configError
			if !errors.As(err, &at) || at.line < 1 || at.line > 1+strings.Count(text, "\n") || at.text == "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		want := values(cmd)
		asked := g.json
		g.json = false
		if err := printConfig(g, cmd); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		_, again, _ := hostCommand(t)
		if err := configure(again, "g", out.String()); err != nil {
			t.Fatalf("%q is printed as\n%s\n%v", text, out, err)
		}
		g.json = asked
		for name, v := range values(again) {
			if v != want[name] {
				t.Fatalf("%q: %s is %s, printed and read again %s", text, name, want[name], v)
			}
		}
	})
}

// The example has every setting, with its default where it is behind a #, and nothing else.
func TestExampleConfig(t *testing.T) {
	text, err := os.ReadFile("../../docs/gwrun.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, given, _ := hostCommand(t)
	if err := configure(given, "docs/gwrun.toml", string(text)); err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?m)^#([a-z-]+ = )`)
	_, all, _ := hostCommand(t)
	if err := configure(all, "docs/gwrun.toml", shown.ReplaceAllString(string(text), "$1")); err != nil {
		t.Fatal(err)
	}
	for _, f := range settings(all) {
		line, err := settingLine(f.Name, settingValue(f))
		if err != nil {
			t.Fatal(err)
		}
		switch standard := f.DefValue; {
		case !f.Changed:
			t.Errorf("docs/gwrun.toml lacks %s: say there what it is for, and below that #%s", f.Name, line)
		case !given.Flags().Lookup(f.Name).Changed && f.Value.String() != standard:
			t.Errorf("docs/gwrun.toml shows %s as the default of %s, which is %s", f.Value, f.Name, standard)
		}
	}
}

// The unit gives a drain as much time as it may take, and systemd, where there is one, finds nothing wrong with it.
func TestServiceUnit(t *testing.T) {
	text, err := os.ReadFile("../../docs/gwrun-host.service")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile("../../docs/gwrun.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, cmd, _ := hostCommand(t)
	if err := configure(cmd, "docs/gwrun.toml", string(config)); err != nil {
		t.Fatal(err)
	}
	drain, err := cmd.Flags().GetDuration("drain-timeout")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^TimeoutStopSec=(\d+)min$`).FindSubmatch(text)
	if m == nil {
		t.Fatal("no TimeoutStopSec in minutes")
	}
	minutes, err := strconv.Atoi(string(m[1]))
	if most := time.Duration(minutes) * time.Minute; err != nil || most < 2*drain+30*time.Second || most > 2*drain+5*time.Minute {
		t.Errorf("systemd kills it after %v; a drain takes %v at most, and some seconds to close", most, 2*drain)
	}
	exec1 := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/gwrun (.*)$`).FindSubmatch(text)
	if exec1 == nil {
		t.Fatal("no ExecStart of gwrun")
	}
	verb, flags, _ := strings.Cut(string(exec1[1]), " ")
	if _, cmd, _ := hostCommand(t, strings.Fields(flags)...); verb != "host" || !cmd.Flags().Changed("config") || !cmd.Flags().Changed("passphrase-file") {
		t.Errorf("it runs gwrun %s", exec1[1])
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return
	}
	path := filepath.Join(t.TempDir(), "gwrun-host.service")
	here, err := os.Executable() // systemd wants the program to be there
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte("/usr/local/bin/gwrun"), []byte(here)), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", "--man=no", path).CombinedOutput(); err != nil || bytes.Contains(out, []byte("gwrun-host.service:")) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}
