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
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Nodes that kill themselves at each of their messages:
//
//	go test ./host/soak -run 'TestKills$' -passes 500 -timeout 0 -v
var (
	passes   = flag.Int("passes", 24, "how often TestKills kills a node")
	onlyRole = flag.String("role", "", "TestKills kills only these: provider, validator, consumer, or of a role\nand kind of job such as \"validator, dispute\"")
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
	p.order(o) // where it cannot be told any more, it does not answer either
	return p.reply()
}

// killed reports whether the process ended by the signal.
func (p *proc) killed() bool {
	s, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && s.Signaled() && s.Signal() == syscall.SIGKILL
}

// world is a network of processes: a provider, one that cheats, validators, one that lies, a consumer.
type world struct {
	t        testing.TB
	procs    map[string]*proc
	accounts map[string]msg.Account
	seed     uint64

	jobs, resumed int          // jobs in all; those for which one submission or resumption of a living consumer was not enough
	blamed        map[game]int // jobs in which somebody was
}

const (
	// One may be away when a job's candidates are gathered, and one is found to lie: two are wanted.
	worldValidators = 3
	slowPass        = 15 * time.Second // is mentioned
)

// newKey makes an identity for a node.
func (w *world) newKey(name string) (key string, err error) {
	b := make([]byte, 32)
	rand.Read(b)
	id, err := identity.FromBytes(b)
	if err != nil {
		return "", err
	}
	w.accounts[name] = id.Account()
	return hex.EncodeToString(b), nil
}

// renew makes a node another one: whoever was found to lie is not drawn again.
func (w *world) renew(name string) (err error) {
	p := w.procs[name]
	p.cmd.Process.Kill()
	<-p.exited
	if err := os.RemoveAll(filepath.Join(p.cfg.Dir, name)); err != nil {
		return err
	}
	if p.cfg.Key, err = w.newKey(name); err != nil {
		return err
	}
	time.Sleep(consumer.KnownFor) // until nobody takes it for who it was
	return p.start()
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, procs: map[string]*proc{}, accounts: map[string]msg.Account{}, blamed: map[game]int{}}
	dir := t.TempDir()
	add := func(c nodeConfig) {
		t.Helper()
		key, err := w.newKey(c.Name)
		if err != nil {
			t.Fatal(err)
		}
		c.Dir, c.Key, c.Listen = dir, key, "127.0.0.1:0"
		p := &proc{t: t, cfg: c, errs: &tail{}}
		w.procs[c.Name] = p
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
	add(nodeConfig{Name: "liar", Validator: true, Lie: "always-invalid"})
	add(nodeConfig{Name: "consumer"})
	return w
}

// game is who lies in a job.
type game string

const (
	honest  game = "honest"
	cheat   game = "dispute" // the provider: its work is disputed
	slander game = "slander" // a validator, which disputes honest work wherever it is drawn
)

// peers are who the consumer of a job is told of.
func (w *world) peers(g game) []string {
	names := []string{"provider"}
	switch g {
	case cheat:
		names[0] = "cheat"
	case slander:
		names = append(names, "liar")
	}
	for i := range worldValidators {
		names = append(names, fmt.Sprintf("validator-%d", i+1))
	}
	var out []string
	for _, n := range names {
		out = append(out, w.procs[n].cfg.Listen)
	}
	return out
}

// pass runs one job, in which the victim, if any, is killed at a message and started again, and then killed at another one, if it comes that
// far. It gives how often it was killed, and how many messages it sent if it was not.
func (w *world) pass(victim string, at, again arm, g game) (kills int, sent int64, err error) {
	w.jobs++
	w.seed++
	j, err := waves(wavesWASM(w.t), w.seed)
	if err != nil {
		return 0, 0, err
	}
	want, err := locally(w.t.Context(), j)
	if err != nil {
		return 0, 0, err
	}
	v := w.procs[victim]
	_, err = v.ask(order{Arm: &at})
	if errors.Is(err, errGone) && v.killed() {
		// It was at the message of the pass before when it was told to leave it, and answered before it died.
		if err := v.start(); err != nil {
			return 0, 0, err
		}
		_, err = v.ask(order{Arm: &at})
	}
	if err != nil {
		return 0, 0, err
	}
	consumer := w.procs["consumer"]
	run := order{Run: &struct {
		Seed  uint64
		Peers []string
	}{w.seed, w.peers(g)}}
	if err := consumer.order(run); err != nil {
		return 0, 0, err
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
			if !v.killed() {
				return kills, 0, fmt.Errorf("%s: %s: %s", victim, v.cmd.ProcessState, v.errs)
			}
			kills++
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
				return kills, 0, fmt.Errorf("%s does not start again: %w", victim, err)
			}
			dead = nil
			if again.Message > 0 {
				if _, err := v.ask(order{Arm: &again}); err != nil {
					return kills, 0, err
				}
				again, dead = arm{}, v.exited
			}
			if v == consumer && last.End == nil {
				if err := consumer.order(run); err != nil {
					return kills, 0, err
				}
			}
		case <-timeout:
			return kills, 0, fmt.Errorf("no end: %s", w.said())
		}
	}
	if last.Error != "" {
		return kills, 0, fmt.Errorf("%s: %s", last.Error, w.said())
	}
	if wrong := last.End.check(want, g == cheat, w.accounts["cheat"], w.accounts["liar"]); wrong != "" {
		return kills, 0, fmt.Errorf("%s\n%s", wrong, w.said())
	}
	if len(last.End.Guilty) > 0 {
		w.blamed[g]++
		if g == slander {
			if err := w.renew("liar"); err != nil {
				return kills, 0, err
			}
		}
	}
	if last.End.Tries > 1 {
		w.resumed++
	}
	// It may still be on its way to the message, or have died at it since.
	r, err := v.ask(order{Count: true})
	if err == nil {
		_, err = v.ask(order{Arm: &arm{}})
	}
	if errors.Is(err, errGone) && v.killed() {
		return kills + 1, 0, v.start()
	}
	if err != nil || kills > 0 {
		return kills, 0, err
	}
	return 0, *r.Sent, nil
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
	name string // of its processes, but for a number
	game game
}

func (r role) String() string {
	if r.game == honest {
		return r.name
	}
	return r.name + ", " + string(r.game)
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
// accepted with the roots of a local run, also where a validator disputes it; a cheat's is rejected; who lies alone is blamed.
func TestKills(t *testing.T) {
	w := newWorld(t)
	draw := mathrand.New(mathrand.NewPCG(*seed, 2))
	t.Logf("seed %d", *seed)
	roles := []role{{"provider", honest}, {"validator", honest}, {"consumer", honest}, {"validator", cheat}, {"consumer", cheat}, {"provider", slander},
		{"validator", slander}, {"consumer", slander}}
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
			_, sent, err := w.pass(process(r), arm{}, arm{}, r.game)
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
		start := time.Now()
		again := arm{}
		if draw.IntN(4) == 0 { // it dies once more, in the midst of what it does to go on
			again = arm{Message: 1 + draw.Int64N(12), After: draw.IntN(2) == 0}
		}
		died, sent, err := w.pass(victim, at, again, r.game)
		if took := time.Since(start); took > slowPass {
			t.Logf("pass %d (%s killed at %+v and %+v, %s) took %s", done, victim, at, again, r, took.Round(time.Millisecond))
		}
		if err != nil {
			t.Fatalf("pass %d (%s killed at %+v and %+v, %s): %v", done, victim, at, again, r, err)
		}
		if died == 0 {
			spared++
			most[r] = max(most[r], sent)
			if spared > 4**passes+100 {
				t.Fatalf("%d passes without a kill", spared)
			}
			continue
		}
		kills[r] += died
		if done++; done%100 == 0 {
			t.Logf("%d passes after %s", done, time.Since(began).Round(time.Second))
		}
	}
	for _, r := range roles {
		t.Logf("%s: %d kills over %d messages", r, kills[r], most[r])
	}
	t.Logf("somebody was blamed in %v", w.blamed)
	t.Logf("%d jobs, of which %d had to be resumed though their consumer lived", w.jobs, w.resumed)
	t.Logf("%d passes with a kill, %d without, %s", *passes, spared, time.Since(began).Round(time.Second/10))
}
