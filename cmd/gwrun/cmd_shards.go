package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/host/shards"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
)

// planResult is what run and submit print with --json of a job that is a set of shards.
type planResult struct {
	Plan     msg.Hash              `json:"plan"`
	Name     string                `json:"name,omitempty"`
	Device   string                `json:"device,omitempty"` // of gwrun run
	Shards   uint32                `json:"shards"`
	Rounds   uint32                `json:"rounds"`
	Outputs  map[string]outputHash `json:"outputs"`
	Gas      uint64                `json:"gas"`
	GPUGas   uint64                `json:"gpu_gas"`
	Seconds  float64               `json:"seconds"`
	Tasks    []planTask            `json:"tasks"`
	Rejected []planRejected        `json:"rejected,omitempty"`
	Dropped  []shards.Dropped      `json:"dropped,omitempty"`
}

// planTask is one job of a plan.
type planTask struct {
	Round     int          `json:"round"`
	Shard     int          `json:"shard"` // -1 is the reduce
	Program   msg.Hash     `json:"program"`
	Job       *msg.Hash    `json:"job,omitempty"`
	Provider  *msg.Account `json:"provider,omitempty"`
	Address   string       `json:"address,omitempty"`
	TraceRoot msg.Hash     `json:"trace_root"`
	StateRoot msg.Hash     `json:"state_root"`
	Gas       uint64       `json:"gas"`
	GPUGas    uint64       `json:"gpu_gas"`
	Steps     uint64       `json:"steps"`
	Seconds   float64      `json:"seconds"`
	Issued    int          `json:"issued"` // to so many providers
}

// planRejected is a result that was not accepted.
type planRejected struct {
	Task     string      `json:"task"`
	Job      msg.Hash    `json:"job"`
	Provider msg.Account `json:"provider"`
	Address  string      `json:"address"`
	Reason   string      `json:"reason"`
	Rulings  []ruling    `json:"rulings,omitempty"`
}

// shardFlags make a job a set of shards, or one of another size.
type shardFlags struct {
	shards, rounds int
}

func (f *shardFlags) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.shards, "shards", 0, "run the job as `N` shards, told apart by the arguments shard=I and shards=N")
	cmd.Flags().IntVar(&f.rounds, "rounds", 0, "with a reduce: run `N` rounds (default as job.toml says, or 1)")
}

// apply changes the job as the flags say.
func (f *shardFlags) apply(cmd *cobra.Command, job *jobfile.Job) error {
	if !cmd.Flags().Changed("shards") && !cmd.Flags().Changed("rounds") {
		return nil
	}
	if cmd.Flags().Changed("shards") && f.shards < 1 || cmd.Flags().Changed("rounds") && f.rounds < 1 {
		return usagef("--shards and --rounds want at least 1")
	}
	if job.Shards == nil && f.shards == 0 {
		return usagef("--rounds is for a set of shards, and this job is none: give --shards too, or [shards] in its job.toml")
	}
	if err := job.Split(f.shards, f.rounds); err != nil {
		return usagef("%v", err)
	}
	return nil
}

// single refuses flags that are about one run.
func single(cmd *cobra.Command, flags ...string) error {
	for _, f := range flags {
		if cmd.Flags().Changed(f) {
			return usagef("--%s is about one run, and this job is a set of shards", f)
		}
	}
	return nil
}

// runShards runs a set of shards on this machine.
func runShards(cmd *cobra.Command, g *globals, described *jobfile.Job, o *runOptions) error {
	if err := single(cmd, "receipt", "checkpoint", "checkpoint-every", "max-time", "interpreter", "timing", "check", "check-every", "trace",
		"trace-steps", "fault"); err != nil {
		return err
	}
	if o.workers < 1 {
		return usagef("--workers %d, want at least 1", o.workers)
	}
	p, err := shards.NewPlan(described)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return err
		}
	}
	f := newPlanFollower(g, &p.Spec)
	defer f.close()
	began := time.Now()
	var device string
	var once sync.Once
	done, out, err := shards.Run(cmd.Context(), p, shards.RunOptions{Workers: o.workers,
		OpenDevice: func(ctx context.Context) (kernels.Device, error) {
			d, err := o.device.open(ctx)
			if err == nil {
				once.Do(func() { device = d.Info().ID })
			}
			return d, err
		},
		OnDone: func(d shards.Done) { f.event(shards.Event{Task: d.Task, Kind: "done", Done: &d}) },
		OnLog:  f.log,
	})
	f.close()
	if err != nil {
		return planError(err)
	}
	r := newPlanResult(p, done)
	r.Name, r.Device, r.Seconds = described.Name, device, time.Since(began).Seconds()
	for _, o := range out {
		sum := sha256.Sum256(o.Data)
		r.Outputs[o.Name] = outputHash{hex.EncodeToString(sum[:]), len(o.Data)}
	}
	if o.out != "" {
		for _, x := range out {
			if err := writePlanOutput(o.out, p, x.Name, bytes.NewReader(x.Data)); err != nil {
				return err
			}
		}
	}
	return g.print(r, r.text)
}

// submitShards runs a set of shards at the providers among the peers, or goes on with one.
func submitShards(ctx context.Context, g *globals, o *submitOptions, s *shards.Scheduler, p *shards.Plan, req consumer.Request) error {
	f := newPlanFollower(g, &p.Spec)
	defer f.close()
	var res *shards.Result
	var err error
	if o.resume != "" {
		res, err = s.Resume(ctx, p.Hash, req, f.event)
	} else {
		res, err = s.Submit(ctx, p, req, f.event)
	}
	f.close()
	if ctx.Err() != nil && f.begun {
		g.logf("what is running of plan %s goes on at its providers; gwrun submit --resume %s goes on with it", shorten(p.Hash), p.Hash)
		return ctx.Err()
	}
	if res == nil {
		return planError(err)
	}
	r := newPlanResult(p, res.Done)
	r.Seconds, r.Dropped = res.Seconds, res.Dropped
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return err
		}
	}
	for _, x := range res.Rejected {
		rejected := planRejected{Task: x.Task.String(), Job: x.Job, Provider: x.Provider, Address: x.Addr, Reason: x.Reason}
		for _, d := range x.Disputes {
			u := ruling{Outcome: d.Outcome}
			if o.out != "" {
				u.Evidence = filepath.Join(o.out, evidenceName(d.Blob.Root))
				if err := jobfile.WriteFile(u.Evidence, d.Evidence.Write); err != nil {
					return err
				}
			}
			rejected.Rulings = append(rejected.Rulings, u)
		}
		r.Rejected = append(r.Rejected, rejected)
	}
	if err != nil {
		g.logf("gwrun submit --resume %s goes on with the plan", p.Hash)
		return planError(err)
	}
	for _, x := range res.Outputs {
		read := func(to io.Writer) error {
			from, err := s.Open(x.Blob)
			if err != nil {
				return err
			}
			defer from.Close()
			_, err = io.Copy(to, from)
			return err
		}
		h := sha256.New()
		if err := read(h); err != nil {
			return fmt.Errorf("output %q: %w", x.Name, err)
		}
		r.Outputs[x.Name] = outputHash{hex.EncodeToString(h.Sum(nil)), int(x.Blob.Size)}
		if o.out != "" {
			from, err := s.Open(x.Blob)
			if err == nil {
				err = errors.Join(writePlanOutput(o.out, p, x.Name, from), from.Close())
			}
			if err != nil {
				return fmt.Errorf("output %q: %w", x.Name, err)
			}
		}
	}
	return g.print(r, r.text)
}

// writePlanOutput writes an output of a plan to a file: those of shards in a folder for each.
func writePlanOutput(dir string, p *shards.Plan, name string, from io.Reader) error {
	if p.Spec.Reduce == nil {
		shard, rest, _ := strings.Cut(name, "/")
		dir, name = filepath.Join(dir, shard), rest
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return jobfile.WriteFile(filepath.Join(dir, fileName(name)), func(w io.Writer) error {
		_, err := io.Copy(w, from)
		return err
	})
}

// planError gives the errors of plans their exit statuses.
func planError(err error) error {
	var failed *shards.FailedError
	code, hint := 0, ""
	switch {
	case errors.As(err, &failed):
		code = exitJobFailed
	case errors.Is(err, shards.ErrNoProvider), errors.Is(err, shards.ErrDisagree):
		code, hint = exitUnavailable, "--resume with other --peers goes on where it was"
	default:
		return err
	}
	return &exitError{code: code, err: errors.New(printable(err.Error())), hint: hint}
}

func newPlanResult(p *shards.Plan, done []shards.Done) *planResult {
	r := &planResult{Plan: p.Hash, Shards: p.Spec.Shards, Rounds: p.Spec.Rounds, Outputs: map[string]outputHash{}, Tasks: []planTask{}}
	for _, d := range done {
		t := planTask{Round: d.Round, Shard: d.Shard, Program: d.Program, Address: d.Addr, TraceRoot: d.Receipt.Trace, StateRoot: d.Receipt.State,
			Gas: d.Receipt.Gas, GPUGas: d.Receipt.GPUGas, Steps: d.Receipt.Steps, Seconds: d.Seconds, Issued: d.Issued}
		if d.Job != (msg.Hash{}) {
			t.Job, t.Provider = &d.Job, &d.Provider
		}
		r.Gas += t.Gas
		r.GPUGas += t.GPUGas
		r.Tasks = append(r.Tasks, t)
	}
	return r
}

func (r *planResult) text(w io.Writer) {
	name := ""
	if r.Name != "" {
		name = " (" + printable(r.Name) + ")"
	}
	fmt.Fprintf(w, "plan        %s%s\n", r.Plan, name)
	fmt.Fprintf(w, "shards      %d, rounds %d\n", r.Shards, r.Rounds)
	if r.Device != "" {
		fmt.Fprintf(w, "device      %s\n", r.Device)
	}
	type worked struct {
		tasks   int
		gas     uint64
		seconds float64
	}
	by, order := map[string]*worked{}, []string{}
	for _, t := range r.Tasks {
		if t.Job == nil {
			continue
		}
		p := by[t.Address]
		if p == nil {
			p = &worked{}
			by[t.Address], order = p, append(order, t.Address)
		}
		p.tasks, p.gas, p.seconds = p.tasks+1, p.gas+t.Gas+t.GPUGas, p.seconds+t.Seconds
	}
	slices.Sort(order)
	for _, a := range order {
		fmt.Fprintf(w, "provider    %s: %d of %d tasks, %s gas in %.2f s\n", printable(a), by[a].tasks, len(r.Tasks), short(by[a].gas), by[a].seconds)
	}
	for _, n := range slices.Sorted(maps.Keys(r.Outputs)) {
		fmt.Fprintf(w, "output      %s  %s (%d bytes)\n", r.Outputs[n].SHA256, printable(n), r.Outputs[n].Bytes)
	}
	fmt.Fprintf(w, "gas         %d, gpu gas %d\ntime        %.2f s\n", r.Gas, r.GPUGas, r.Seconds)
	for _, x := range r.Rejected {
		fmt.Fprintf(w, "rejected    %s of %s: %s\n", x.Task, printable(x.Address), printable(x.Reason))
		for _, u := range x.Rulings {
			fmt.Fprintf(w, "ruling      %s: %s\n", u.against(), printable(u.Outcome.Reason))
			if u.Evidence != "" {
				fmt.Fprintf(w, "evidence    %s (gwrun dispute verify %s)\n", u.Evidence, u.Evidence)
			}
		}
	}
	for _, d := range r.Dropped {
		fmt.Fprintf(w, "dropped     %s: %s\n", printable(d.Addr), printable(d.Reason))
	}
}

// planFollower shows a plan on stderr: a line for each news and, on a terminal, one that changes.
type planFollower struct {
	g    *globals
	spec *shards.Spec

	mu     sync.Mutex
	began  time.Time
	drawn  time.Time
	live   bool // a terminal
	line   bool // a line stands on it
	closed bool
	begun  bool // there is a plan in the journal

	round, done int // the round and how many of its tasks are done
	logged      map[shards.Task][]byte
}

func newPlanFollower(g *globals, spec *shards.Spec) *planFollower {
	return &planFollower{g: g, spec: spec, began: time.Now(), live: g.terminal(), logged: map[shards.Task][]byte{}}
}

func (f *planFollower) event(e shards.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	at := printable(e.Provider)
	switch e.Kind {
	case "plan":
		f.begun = true
		f.say("plan %s %s", e.Plan, e.Text)
	case "peer":
		f.say("%s: %s", at, e.Text)
	case "issued":
		if !f.live {
			f.say("%s goes to %s%s", e.Task, at, bracket(e.Text))
		}
	case "again":
		f.say("%s goes to %s too: %s", e.Task, at, e.Text)
	case "lost":
		f.say("%s is out of reach with %s: %s", at, e.Task, e.Text)
	case "back":
		f.say("%s is back with %s", at, e.Task)
	case "refused":
		f.say("%s does not take %s now: %s", at, e.Task, e.Text)
	case "verdict":
		f.say("verdict on %s: %s", e.Task, e.Text)
	case "dispute", "ruling":
		f.say("%s, %s: %s", e.Task, e.Kind, e.Text)
	case "rejected":
		f.say("%s of %s is rejected: %s", e.Task, at, e.Text)
	case "differ":
		f.say("%s: %s", e.Task, e.Text)
	case "dropped":
		f.say("%s gets nothing more of this plan: %s", at, e.Text)
	case "done":
		f.finished(&e)
	}
	f.draw(e.Kind != "status")
}

func bracket(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// finished counts a task.
func (f *planFollower) finished(e *shards.Event) {
	if e.Task.Round != f.round {
		f.round, f.done = e.Task.Round, 0
	}
	f.done++
	if f.live && e.Task.Shard != shards.ShardReduce {
		return // the line below counts them
	}
	by, text := "", fmt.Sprintf(" in %.2f s", e.Done.Seconds)
	if e.Provider != "" {
		by = " by " + printable(e.Provider)
	}
	if e.Text != "" {
		text = ", " + e.Text
	}
	f.say("%s is done%s%s", e.Task, by, text)
}

// log prints what the jobs log, a whole line at a time.
func (f *planFollower) log(t shards.Task, _ string, text []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := append(f.logged[t], text...)
	for {
		line, rest, ok := bytes.Cut(all, []byte("\n"))
		if !ok {
			break
		}
		if !f.closed && !f.g.quiet {
			f.clear()
			fmt.Fprintf(f.g.stderr, "%s: %s\n", t, printable(string(line)))
		}
		all = rest
	}
	f.logged[t] = bytes.Clone(all)
}

func (f *planFollower) say(format string, args ...any) {
	if f.g.quiet {
		return
	}
	f.clear()
	fmt.Fprintf(f.g.stderr, "%5.1fs  %s\n", time.Since(f.began).Seconds(), printable(fmt.Sprintf(format, args...)))
}

// draw shows the line anew, at most ten times a second unless now.
func (f *planFollower) draw(now bool) {
	if !f.live || !now && time.Since(f.drawn) < 100*time.Millisecond {
		return
	}
	f.drawn = time.Now()
	f.clear()
	of := int(f.spec.Shards)
	if f.spec.Reduce != nil {
		of++
	}
	fraction := float64(f.round*of+f.done) / float64(of*int(f.spec.Rounds))
	const width = 20
	full := int(min(max(fraction, 0), 1) * width)
	fmt.Fprintf(f.g.stderr, "  [%s%s] %3.0f%%  round %d of %d: %d of %d tasks done", strings.Repeat("#", full), strings.Repeat(".", width-full), 100*fraction,
		f.round+1, f.spec.Rounds, f.done, of)
	f.line = true
}

func (f *planFollower) clear() {
	if f.line {
		fmt.Fprint(f.g.stderr, "\r\x1b[K")
		f.line = false
	}
}

// close takes the line away for good. It may be called again.
func (f *planFollower) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clear()
	f.closed = true
}
