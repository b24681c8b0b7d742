package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/host/validator"
	"github.com/gwrun/gwrun/proto/msg"
)

// validateResult is what validate --once prints with --json: every verdict, and the worst of them.
type validateResult struct {
	Verdict  msg.Value     `json:"verdict"`
	Jobs     int           `json:"jobs"`
	Verdicts []msg.Verdict `json:"verdicts"`
}

type validateOptions struct {
	node    nodeFlags
	device  deviceFlags
	operate operateFlags
	peers   []string
	job     string
	once    bool
	sample  bool
	every   time.Duration
	proofs  string
}

func newValidateCmd(g *globals) *cobra.Command {
	var o validateOptions
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "be a validator: replay other providers' work and judge it",
		Long: `Validate checks jobs: it fetches the state before an interval, proven page by page, replays the interval on its own
device and says valid, invalid with the first difference (step, host call, kernel, workgroup), or unavailable.

On --listen it answers consumers whose jobs it was drawn for. It is bound to what it found before it says it, and says it when
the others that were drawn are bound too. It witnesses, too, whether others do what they owe. With --peers it watches those providers and checks every finished
job of theirs: all of it while a provider is new, and the sample that the job's policy asks for after ten valid results
in a row; what it finds there it keeps to itself. With --once it checks what is there and ends; its exit status is that of the worst verdict.`,
		Annotations: exitStatus(exitInvalid, exitUnavailable, exitPeer, exitDiskFull, exitKey, exitVersion),
		Example: `  gwrun validate --listen :4434
  gwrun validate --discover --relay
  gwrun validate --peers provider.example:4433
  gwrun validate --peers 127.0.0.1:4433 --once --json`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("listen") && len(o.peers) > 0 {
				o.node.listen = ":0" // a watcher need not be found
			}
			return netError(validate(cmd, g, &o))
		},
	}
	o.node.add(cmd, "validate", ":4434")
	o.device.add(cmd)
	o.operate.add(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&o.peers, "peers", nil, "providers to watch, `HOST:PORT,...`; ACCOUNT@HOST:PORT takes nobody else there")
	f.StringVar(&o.job, "job", "", "check only the job of this `HASH`")
	f.BoolVar(&o.once, "once", false, "check what is there now, then end")
	f.BoolVar(&o.sample, "sample-only", false, "never check whole jobs, only the sample that their policy asks for")
	f.StringVar(&o.proofs, "evidence", "", "write a proof of each interval found invalid to a file in this `DIR`, which is made, for gwrun dispute verify")
	f.DurationVar(&o.every, "every", 2*time.Second, "how often to ask the providers for new jobs")
	return configured(g, cmd)
}

func validate(cmd *cobra.Command, g *globals, o *validateOptions) error {
	ctx := cmd.Context()
	peers, err := peerAddrs(o.peers)
	if err != nil {
		return err
	}
	var only *msg.Hash
	if o.job != "" {
		h, err := msg.ParseHash(o.job)
		if err != nil {
			return usagef("--job: %v", err)
		}
		only = &h
	}
	if len(peers) == 0 && (o.once || only != nil) {
		return usagef("--peers is missing: the provider whose jobs to check")
	}
	c := node.Config{Validator: true, CheckWhole: !o.sample, Transport: quick()}
	if err := o.device.computes(ctx, &c); err != nil {
		return err
	}
	w := &watcher{g: g, only: only, once: o.once, proofs: o.proofs, res: validateResult{Verdict: msg.Valid, Verdicts: []msg.Verdict{}}}
	c.Checked = w.checked
	if len(peers) == 0 {
		return o.node.serve(cmd, g, &o.operate, c)
	}
	closeWeb, err := o.operate.open(g, &o.node.logs)
	if err != nil {
		return err
	}
	defer closeWeb()
	n, stop, err := o.node.start(g, c)
	if err != nil {
		return err
	}
	defer stop()
	o.operate.started(ctx, n, &c)
	w.n = n
	g.logf("validator %s on %s (%s) watches %v", shorten(n.Account()), c.Device.ID, c.Device.Name, peers)
	for {
		var faults error
		for _, addr := range peers {
			if err := w.round(ctx, addr); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if o.once {
					faults = errors.Join(faults, err)
				} else {
					w.complain(addr, err)
				}
			}
		}
		if o.once {
			return errors.Join(faults, w.finish())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(o.every):
		}
	}
}

// watcher checks the jobs of providers as they are finished.
type watcher struct {
	g    *globals
	n    *node.Node
	only *msg.Hash
	once bool
	// proofs is where evidence is written, "" if it is not.
	proofs string

	mu   sync.Mutex // of what is printed: jobs that it was drawn for are checked beside those that it watches
	res  validateResult
	last map[string]string // what was complained of, by address: once is enough
}

// checked shows a step of a check.
func (w *watcher) checked(ctx context.Context, v *validator.Validator, job msg.Hash, e validator.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(e.Sample) > 0 && e.Promise == nil {
		w.g.logf("job %s: replaying intervals %s", shorten(job), intervalList(e.Sample))
	}
	if e.Verdict != nil {
		w.tell(e.Verdict)
	}
	if e.Promise != nil {
		w.g.logf("job %s: bound to what was found in %d intervals", shorten(job), e.Checked)
		if found, err := v.Found(job); err == nil && w.proofs != "" {
			go w.prove(context.WithoutCancel(ctx), v, job, found.Opened()) // nobody has to wait for it
		}
	}
}

// prove writes evidence of what was found invalid, as far as there can be any: what is too large or takes too long takes a dispute.
func (w *watcher) prove(ctx context.Context, v *validator.Validator, job msg.Hash, verdicts []msg.Verdict) {
	for i := range verdicts {
		x := &verdicts[i]
		if w.proofs == "" || x.Value != msg.Invalid {
			continue
		}
		e, err := v.Evidence(ctx, job, x.Interval)
		path := filepath.Join(w.proofs, fmt.Sprintf("%s-%d.gwe", shorten(job), x.Interval))
		if err == nil {
			err = os.MkdirAll(w.proofs, 0o755)
		}
		if err == nil {
			err = jobfile.WriteFile(path, e.Write)
		}
		w.mu.Lock()
		if err != nil {
			w.g.logf("job %s, interval %d: no evidence: %v", shorten(job), x.Interval, err)
		} else {
			w.g.logf("job %s, interval %d: evidence in %s", shorten(job), x.Interval, path)
		}
		w.mu.Unlock()
	}
}

func (w *watcher) complain(addr string, err error) {
	if w.last == nil {
		w.last = map[string]string{}
	}
	if w.last[addr] != err.Error() {
		w.last[addr] = err.Error()
		w.g.logf("%s: %v", addr, err)
	}
}

// round checks what is new at one provider.
func (w *watcher) round(ctx context.Context, addr string) error {
	p, err := dial(w.n, addr)
	if err != nil {
		return err
	}
	jobs, err := p.List(ctx, true)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if w.only != nil && j.Job != *w.only {
			continue
		}
		if found, err := w.n.Validator.Found(j.Job); err == nil && w.only == nil && !again(found) {
			if w.once {
				w.count(found.Opened())
			}
			continue
		} else if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		records, err := p.Records(ctx, j.Job)
		if err != nil {
			return err
		}
		w.g.logf("job %s: checking", shorten(j.Job))
		found, err := w.n.Check(ctx, p, records, nil, func(e validator.Event) { w.checked(ctx, w.n.Validator, j.Job, e) })
		if err == nil {
			w.prove(ctx, w.n.Validator, j.Job, found.Opened())
		}
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("job %s: %w", shorten(j.Job), err)
		}
		w.count(found.Opened())
	}
	delete(w.last, addr)
	return nil
}

// again says whether a job that could not be checked is to be tried once more: what was missing may be back.
func again(f *validator.Findings) bool {
	if time.Since(time.Unix(f.Checked, 0)) < time.Minute {
		return false
	}
	for _, v := range f.Opened() {
		if v.Value == msg.Unavailable {
			return true
		}
	}
	return false
}

// tell says a verdict as soon as there is one: without --once as a line of JSON or text on stdout, with it on stderr.
func (w *watcher) tell(v *msg.Verdict) {
	switch {
	case w.once:
		w.g.logf("job %s: %s", shorten(v.Job), describeVerdict(v))
	case w.g.json:
		if b, err := json.Marshal(v); err == nil {
			fmt.Fprintf(w.g.stdout, "%s\n", b)
		}
	default:
		fmt.Fprintf(w.g.stdout, "job %s: %s\n", shorten(v.Job), describeVerdict(v))
	}
}

func (w *watcher) count(verdicts []msg.Verdict) {
	if !w.once {
		return
	}
	w.res.Jobs++
	for _, v := range verdicts {
		w.res.Verdicts = append(w.res.Verdicts, v)
		if v.Value == msg.Invalid || v.Value == msg.Unavailable && w.res.Verdict == msg.Valid {
			w.res.Verdict = v.Value
		}
	}
}

// finish prints what --once found.
func (w *watcher) finish() error {
	err := w.g.print(w.res, func(out io.Writer) {
		if w.res.Jobs == 0 {
			fmt.Fprintln(out, "no finished job to check")
		}
		for i := range w.res.Verdicts {
			fmt.Fprintf(out, "job %s: %s\n", shorten(w.res.Verdicts[i].Job), describeVerdict(&w.res.Verdicts[i]))
		}
	})
	switch {
	case err != nil:
		return err
	case w.res.Verdict == msg.Invalid:
		return &exitError{code: exitInvalid, quiet: true, err: errors.New("invalid")}
	case w.res.Verdict == msg.Unavailable:
		return &exitError{code: exitUnavailable, quiet: true, err: errors.New("unavailable")}
	}
	return nil
}
