package soak

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Nodes that kill themselves at each of their messages:
//
//	go test ./host/soak -run 'TestKills$' -passes 500 -timeout 0 -v
var (
	passes   = flag.Int("passes", 24, "how often TestKills kills a node")
	onlyRole = flag.String("role", "", "TestKills kills only these: provider, validator, consumer, or with \", dispute\" in a dispute")
)

// proc is a node in a process of its own.
type proc struct {
	t       testing.TB
	cfg     nodeConfig
	cmd     *exec.Cmd
	in      io.WriteCloser
	replies chan reply
	exited  chan struct{} // closed when it has
	errs    *tail
}

// tail keeps the last of what a process says.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b.Write(p)
	if n := t.b.Len() - 32<<10; n > 0 {
		t.b.Next(n)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// start runs the process, from its data if it has any, and waits until it listens.
func (p *proc) start() error {
	text, err := json.Marshal(p.cfg)
	if err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	p.cmd = exec.Command(exe)
	p.cmd.Env = append(os.Environ(), nodeEnv+"="+string(text))
	p.cmd.Stderr = p.errs
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	replies, exited, cmd := make(chan reply, 16), make(chan struct{}), p.cmd
	p.replies, p.exited = replies, exited
	go func() {
		for d := json.NewDecoder(out); ; {
			var r reply
			if d.Decode(&r) != nil {
				break
			}
			replies <- r
		}
		cmd.Wait()
		close(exited)
	}()
	r, err := p.reply()
	if err != nil {
		return err
	}
	p.cfg.Listen = r.Addr
	return nil
}

// errGone is wrapped where a process ended instead of answering.
var errGone = errors.New("the process ended")

func (p *proc) reply() (reply, error) {
	select {
	case r := <-p.replies:
		return r, nil
	case <-p.exited:
		select {
		case r := <-p.replies: // its last word
			return r, nil
		default:
		}
		return reply{}, fmt.Errorf("%s: %w: %s: %s", p.cfg.Name, errGone, p.cmd.ProcessState, p.errs)
	case <-time.After(passTime + 30*time.Second):
		return reply{}, fmt.Errorf("%s says nothing: %s", p.cfg.Name, p.errs)
	}
}

func (p *proc) order(o order) error { return json.NewEncoder(p.in).Encode(o) }

func (p *proc) ask(o order) (reply, error) {
	if err := p.order(o); err != nil {
		return reply{}, fmt.Errorf("%s: %w: %s", p.cfg.Name, err, p.errs)
	}
	return p.reply()
}

// killed reports whether the process ended by the signal.
func (p *proc) killed() bool {
	s, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && s.Signaled() && s.Signal() == syscall.SIGKILL
}

// world is a network of processes: a provider, one that cheats, validators, a consumer.
type world struct {
	t        testing.TB
	procs    map[string]*proc
	accounts map[string]msg.Account
	seed     uint64

	jobs, resumed int // jobs in all; those for which one submission or resumption of a living consumer was not enough
}

const worldValidators = 3

func newWorld(t testing.TB) *world {
	w := &world{t: t, procs: map[string]*proc{}, accounts: map[string]msg.Account{}}
	dir := t.TempDir()
	add := func(c nodeConfig) {
		t.Helper()
		key := make([]byte, 32)
		rand.Read(key)
		id, err := identity.FromBytes(key)
		if err != nil {
			t.Fatal(err)
		}
		c.Dir, c.Key, c.Listen = dir, hex.EncodeToString(key), "127.0.0.1:0"
		p := &proc{t: t, cfg: c, errs: &tail{}}
		w.procs[c.Name], w.accounts[c.Name] = p, id.Account()
		t.Cleanup(func() {
			if p.cmd == nil || p.cmd.Process == nil {
				return
			}
			p.in.Close()
			select {
			case <-p.exited:
			case <-time.After(20 * time.Second):
				p.cmd.Process.Kill()
				<-p.exited
				t.Errorf("%s does not end when it is told to", c.Name)
			}
		})
		if err := p.start(); err != nil {
			t.Fatal(err)
		}
	}
	add(nodeConfig{Name: "provider", Provider: true})
	add(nodeConfig{Name: "cheat", Provider: true, Cheat: true})
	for i := range worldValidators {
		add(nodeConfig{Name: fmt.Sprintf("validator-%d", i+1), Validator: true})
	}
	add(nodeConfig{Name: "consumer"})
	return w
}

// peers are who the consumer of a job is told of.
func (w *world) peers(cheat bool) []string {
	out := []string{w.procs["provider"].cfg.Listen}
	if cheat {
		out[0] = w.procs["cheat"].cfg.Listen
	}
	for i := range worldValidators {
		out = append(out, w.procs[fmt.Sprintf("validator-%d", i+1)].cfg.Listen)
	}
	return out
}

// pass runs one job, in which the victim, if any, is killed at a message and started again. It reports whether it was, and how many messages
// it sent if it was not.
func (w *world) pass(victim string, at arm, cheat bool) (killed bool, sent int64, err error) {
	defer func() { w.jobs++ }()
	w.seed++
	j, err := waves(wavesWASM(w.t), w.seed)
	if err != nil {
		return false, 0, err
	}
	want, err := locally(w.t.Context(), j)
	if err != nil {
		return false, 0, err
	}
	v := w.procs[victim]
	if _, err := v.ask(order{Arm: &at}); err != nil {
		return false, 0, err
	}
	consumer := w.procs["consumer"]
	run := order{Run: &struct {
		Seed  uint64
		Peers []string
	}{w.seed, w.peers(cheat)}}
	if err := consumer.order(run); err != nil {
		return false, 0, err
	}
	var last reply
	dead := v.exited
	timeout := time.After(passTime + 30*time.Second)
	for last.End == nil && last.Error == "" {
		select {
		case last = <-consumer.replies:
			continue
		default:
		}
		select {
		case last = <-consumer.replies:
		case <-dead:
			dead = nil
			if !v.killed() {
				return false, 0, fmt.Errorf("%s: %s: %s", victim, v.cmd.ProcessState, v.errs)
			}
			killed = true
			if v == consumer {
				select {
				case last = <-consumer.replies: // it had ended its work when it was killed
					if last.End != nil {
						timeout = nil
					}
				default:
				}
			}
			if err := v.start(); err != nil {
				return true, 0, fmt.Errorf("%s does not start again: %w", victim, err)
			}
			if v == consumer && last.End == nil {
				if err := consumer.order(run); err != nil {
					return true, 0, err
				}
			}
		case <-timeout:
			return killed, 0, fmt.Errorf("no end: %s", w.said())
		}
	}
	if last.Error != "" {
		return killed, 0, fmt.Errorf("%s: %s", last.Error, w.said())
	}
	var guilty *msg.Account
	if cheat {
		a := w.accounts["cheat"]
		guilty = &a
	}
	if wrong := last.End.check(want, guilty); wrong != "" {
		return killed, 0, fmt.Errorf("%s\n%s", wrong, w.said())
	}
	if last.End.Tries > 1 {
		w.resumed++
	}
	if killed {
		return true, 0, nil
	}
	// It may still be on its way to the message, or have died at it since.
	r, err := v.ask(order{Count: true})
	if errors.Is(err, errGone) && v.killed() {
		return true, 0, v.start()
	}
	if err != nil {
		return false, 0, err
	}
	if _, err := v.ask(order{Arm: &arm{}}); err != nil {
		if errors.Is(err, errGone) && v.killed() {
			return true, 0, v.start()
		}
		return false, 0, err
	}
	return false, *r.Sent, nil
}

// said is what the processes logged last.
func (w *world) said() string {
	var b strings.Builder
	for name, p := range w.procs {
		lines := strings.Split(strings.TrimSpace(p.errs.String()), "\n")
		fmt.Fprintf(&b, "--- %s (%v)\n%s\n", name, w.accounts[name], strings.Join(lines[max(0, len(lines)-12):], "\n"))
	}
	return b.String()
}

// role is whom a pass kills, and in what kind of job.
type role struct {
	name  string // of its processes, but for a number
	cheat bool   // the job is the cheat's, and leads to a dispute
}

func (r role) String() string {
	if r.cheat {
		return r.name + ", dispute"
	}
	return r.name
}

// deck is all moments at which a role may be killed, shuffled.
type deck struct{ left []arm }

// next takes one; when all have been taken, from the messages known by then.
func (d *deck) next(draw *mathrand.Rand, messages int64) arm {
	if len(d.left) == 0 {
		for m := range messages {
			d.left = append(d.left, arm{m + 1, false}, arm{m + 1, true})
		}
		draw.Shuffle(len(d.left), func(i, k int) { d.left[i], d.left[k] = d.left[k], d.left[i] })
	}
	last := len(d.left) - 1
	a := d.left[last]
	d.left = d.left[:last]
	return a
}

// TestKills has a provider, a validator and a consumer kill themselves, each in turn, just before and just after one of the messages that they
// send in the life of a job, over all of these messages; started again on the same data, they must come to the same end: honest work is
// accepted with the roots of a local run, a cheat's is rejected and the cheat alone is blamed.
func TestKills(t *testing.T) {
	w := newWorld(t)
	draw := mathrand.New(mathrand.NewPCG(*seed, 2))
	t.Logf("seed %d", *seed)
	roles := []role{{"provider", false}, {"validator", false}, {"consumer", false}, {"validator", true}, {"consumer", true}}
	roles = slices.DeleteFunc(roles, func(r role) bool { return !strings.HasPrefix(r.String(), *onlyRole) })
	if len(roles) == 0 {
		t.Fatalf("-role %q is none", *onlyRole)
	}
	process := func(r role) string {
		if r.name == "validator" {
			return fmt.Sprintf("validator-%d", 1+draw.IntN(worldValidators))
		}
		return r.name
	}
	// What each role sends in a job where nobody is killed. A validator that was not drawn sends little.
	most := map[role]int64{}
	for _, r := range roles {
		for most[r] < 4 {
			_, sent, err := w.pass(process(r), arm{}, r.cheat)
			if err != nil {
				t.Fatalf("%s, unharmed: %v", r, err)
			}
			most[r] = max(most[r], sent)
		}
	}
	kills, spared := map[role]int{}, 0
	moments := map[role]*deck{}
	for _, r := range roles {
		moments[r] = &deck{}
	}
	began := time.Now()
	for done := 0; done < *passes; {
		r := roles[done%len(roles)]
		victim, at := process(r), moments[r].next(draw, most[r])
		killed, sent, err := w.pass(victim, at, r.cheat)
		if err != nil {
			t.Fatalf("pass %d (%s killed at %+v, %s): %v", done, victim, at, r, err)
		}
		if !killed {
			spared++
			most[r] = max(most[r], sent)
			if spared > 4**passes+100 {
				t.Fatalf("%d passes without a kill", spared)
			}
			continue
		}
		done++
		kills[r]++
	}
	for _, r := range roles {
		t.Logf("%s: %d kills over %d messages", r, kills[r], most[r])
	}
	t.Logf("%d jobs, of which %d had to be resumed though their consumer lived", w.jobs, w.resumed)
	t.Logf("%d passes with a kill, %d without, %s", *passes, spared, time.Since(began).Round(time.Second/10))
}
