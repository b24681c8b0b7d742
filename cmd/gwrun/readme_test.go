package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// walk is the README's section about money, as its reader does it: every block in a terminal.
type walk struct {
	t         *testing.T
	home, dir string
	ports     *strings.Replacer
}

// blocks are the commands of each block of a section, without their comments.
func blocks(t *testing.T, section string) (out [][]string) {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), "\n## "+section+"\n")
	if !ok {
		t.Fatalf("the README has no section %q", section)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	for i, block := range strings.Split(text, "\n```\n") {
		if i%2 == 0 {
			continue // what is between
		}
		var lines []string
		for _, l := range strings.Split(block, "\n") {
			l, _, _ = strings.Cut(l, " #")
			lines = append(lines, strings.TrimSpace(l))
		}
		out = append(out, lines)
	}
	return out
}

// shell is a terminal in which some commands were given before.
func (w *walk) shell(before []string, line string) *exec.Cmd {
	cmd := exec.Command("bash", "-ec", strings.Join(append(before, "exec "+line), "\n"))
	cmd.Dir = w.dir
	cmd.Env = []string{"HOME=" + w.home, "PATH=" + os.Getenv("PATH"), "GWRUN_PASSPHRASE="} // nobody is there to be asked for one
	return cmd
}

// stays starts a command that goes on, and waits until it has said something.
func (w *walk) stays(before []string, line, said string) string {
	w.t.Helper()
	cmd := w.shell(before, line)
	f, err := os.CreateTemp(w.t.TempDir(), "said-*")
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	cmd.Stdout, cmd.Stderr = f, f
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	w.t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGINT)
		select {
		case err = <-ended:
		case <-time.After(time.Minute):
			cmd.Process.Kill()
		}
		if b, _ := os.ReadFile(f.Name()); w.t.Failed() || err != nil {
			w.t.Errorf("%s: %v\n%s", line, err, b)
		}
	})
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		b, err := os.ReadFile(f.Name())
		if err != nil {
			w.t.Fatal(err)
		}
		if bytes.Contains(b, []byte(said)) {
			return string(b)
		}
	}
	w.t.Fatalf("%s does not say %q", line, said)
	return ""
}

// does runs a command that ends; one that waits for the chain is tried again for a while.
func (w *walk) does(before []string, line string, again bool) string {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Second) {
		b, err := w.shell(before, line).CombinedOutput()
		if err == nil {
			return string(b)
		}
		if !again || time.Now().After(end) {
			w.t.Fatalf("%s: %v\n%s", line, err, b)
		}
	}
}

// What the README says does what it says, from nothing: a provider to its first earning, a validator to its first reward, a consumer to its first
// result. None of them gives ten commands.
func TestReadme(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	w := &walk{t: t, home: t.TempDir(), dir: t.TempDir()}
	if err := os.Symlink(filepath.Join(root, "examples"), filepath.Join(w.dir, "examples")); err != nil {
		t.Fatal(err)
	}
	var free []string
	for range 3 { // others on this machine may have the README's ports
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		free = append(free, c.LocalAddr().String())
		defer c.Close()
		c.Close()
	}
	w.ports = strings.NewReplacer("127.0.0.1:8545", free[0], "127.0.0.1:4433", free[1], "--listen :4433", "--listen "+free[1], "127.0.0.1:4434", free[2], "--listen :4434", "--listen "+free[2])
	all := blocks(t, "With money")
	if len(all) != 6 {
		t.Fatalf("%d blocks, want two of everybody, those of a provider, a validator and a consumer, and one of what was earned", len(all))
	}
	for i, role := range []string{"provider", "validator", "consumer"} {
		n := 2 + 3 + len(all[i+2]) // git clone, make build; a key, a chain, and where that is
		if role != "consumer" {
			n++ // to collect
		}
		t.Logf("a %s gives %d commands", role, n)
		if n >= 10 {
			t.Errorf("a %s gives %d commands, want less than ten", role, n)
		}
	}
	said := ""
	var exports []string
	for _, block := range all {
		for _, line := range block {
			line = w.ports.Replace(line)
			switch words := strings.Fields(line); {
			case words[0] == "export":
				exports = append(exports, line)
				if !strings.Contains(said, strings.ReplaceAll(line, "$PWD", w.dir)+"\n") {
					t.Errorf("devnet does not say %q:\n%s", line, said)
				}
			case words[0] != "gwrun":
				t.Fatalf("%q is not known to this test", line)
			case words[1] == "devnet":
				said = w.stays(exports, line, "gwrun submit ")
			case words[1] == "host" || words[1] == "validate":
				w.stays(exports, line, "\ndata ")
			case words[1] == "earnings":
				out := w.does(exports, line, true)
				if !regexp.MustCompile(`collected +0\.\d+ GWR`).MatchString(out) {
					t.Errorf("%s:\n%s", line, out)
				}
			case words[1] == "submit":
				out := w.does(exports, line, false)
				if !strings.Contains(out, "\naccepted    2 validators found every interval they drew valid\n") || !strings.Contains(out, "at "+free[1]+"\n") {
					t.Errorf("%s:\n%s", line, out)
				}
				if b, err := os.ReadFile(filepath.Join(w.dir, "results", "y")); err != nil || len(b) != 4000 {
					t.Errorf("%d bytes of results, %v", len(b), err)
				}
			default:
				w.does(exports, line, false)
			}
		}
	}
}
