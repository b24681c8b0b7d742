package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels/race"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// runResult is what run prints with --json.
type runResult struct {
	Job       string                `json:"job"` // hash of the program
	Name      string                `json:"name"`
	Device    string                `json:"device"`
	Status    msg.Status            `json:"status"`
	Failure   string                `json:"failure,omitempty"`
	Outputs   map[string]outputHash `json:"outputs"`
	TraceRoot msg.Hash              `json:"trace_root"`
	StateRoot msg.Hash              `json:"state_root"`
	Gas       uint64                `json:"gas"`
	GPUGas    uint64                `json:"gpu_gas"`
	Steps     uint64                `json:"steps"`
	Timing    *timing               `json:"timing,omitempty"`  // with --timing
	Kernels   []kernelCheck         `json:"kernels,omitempty"` // with --check
}

type outputHash struct {
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
}

// timing is runtime.Timing for people and benchmarks: seconds, and counts of what took them.
type timing struct {
	Total      float64 `json:"total_s"`
	Load       float64 `json:"load_s"`
	Kernels    float64 `json:"kernels_s"`
	Hashing    float64 `json:"hashing_s"`
	HostCalls  float64 `json:"host_calls_s"`
	Dispatches uint64  `json:"dispatches"`
	Calls      uint64  `json:"calls"`
}

// jobFlags are the flags by which run, replay and submit change what a job folder says.
type jobFlags struct {
	inputs, args, limits []string
	seed, interval       uint64
	all                  bool // not the inputs alone
}

// addInputs adds --input alone.
func (f *jobFlags) addInputs(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.inputs, "input", nil, "an input file, as `NAME=PATH`; may be given again")
}

func (f *jobFlags) add(cmd *cobra.Command) {
	f.addInputs(cmd)
	f.all = true
	fl := cmd.Flags()
	fl.StringArrayVar(&f.args, "arg", nil, "an argument for the job; name=value replaces the job file's name=; may be given again")
	fl.StringArrayVar(&f.limits, "limit", nil, "a limit, as `NAME=N` with the names of job.toml, such as gpu_gas; may be given again")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of the job's random numbers")
	fl.Uint64Var(&f.interval, "interval", 0, "steps between committed states (default 16)")
}

// open finds the job at path and applies the flags, which win over what stands in a job folder.
func (f *jobFlags) open(cmd *cobra.Command, path string) (*jobfile.Job, error) {
	job, err := jobfile.Open(path)
	if err != nil {
		return nil, err
	}
	given := map[string]bool{}
	for _, v := range f.inputs {
		name, file, ok := strings.Cut(v, "=")
		if !ok || name == "" || file == "" {
			return nil, usagef("--input %q: want NAME=PATH", v)
		}
		if given[name] {
			return nil, usagef("--input %s is given twice", name)
		}
		given[name] = true
		if err := job.SetInput(name, file); err != nil {
			return nil, err
		}
	}
	for _, a := range f.args {
		job.SetArg(a)
	}
	if err := setLimits(job, f.limits); err != nil {
		return nil, err
	}
	if f.all && cmd.Flags().Changed("seed") {
		job.Seed = f.seed
	}
	if f.all && cmd.Flags().Changed("interval") {
		if f.interval == 0 {
			return nil, usagef("--interval is 0, want at least 1")
		}
		job.Interval = f.interval
	}
	return job, nil
}

// setLimits applies --limit.
func setLimits(job *jobfile.Job, limits []string) error {
	for _, v := range limits {
		name, text, _ := strings.Cut(v, "=")
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return usagef("--limit %q: want NAME=N", v)
		}
		if err := job.SetLimit(name, n); err != nil {
			return usagef("--limit: %v", err)
		}
	}
	return nil
}

type runOptions struct {
	job         jobFlags
	device      deviceFlags
	out         string
	receipt     string
	checkpoint  string
	every       time.Duration
	interpreter bool
	timing      bool
	check       bool
	checkEvery  uint64
	maxTime     time.Duration
	fault       string
	trace       traceFlags
	shards      shardFlags
	workers     int
}

func newRunCmd(g *globals) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run JOB",
		Short: "run a job on this machine",
		Long: `Run runs a job, a .wasm file or a job folder, to its end on one device of this machine and prints the hashes of
its outputs and the roots that commit to what happened. They are the same on every device.

With --receipt it also writes all that replay needs to check the run. With --checkpoint a run that was ended by
anything, a power cut included, goes on where it was when it is started again.

With --trace every host call of the job is written to a file in words: its arguments, what it made, the dispatches with
their kernels, workgroups and buffers, the gas so far, and the roots committed after each interval. The text is the same
on every device.

With --check every dispatch is looked at for races between invocations, which would make the result depend on the device:
most are proven to have none, the rest are run once more with every access watched, and what was done is said for each kernel. Both
lines of every race found are printed, and the exit status is 1.

A job that is a set of shards, by [shards] in its job.toml or by --shards, is run shard after shard and round after round, or
--workers of them at once. The bytes are those that gwrun submit gives.`,
		Annotations: exitStatus(exitUnavailable, exitJobFailed, exitDiskFull, exitVersion),
		Example: `  gwrun run examples/fashion-mnist
  gwrun run examples/fashion-mnist --device gpu0 --arg epochs=2 --out results --receipt receipt.gwr
  gwrun run examples/fashion-mnist --check --arg epochs=1
  gwrun run examples/saxpy --trace - --trace-steps 1-3
  gwrun run examples/data-parallel --workers 2 --out results
  gwrun run job.wasm --input train=data/train.bin --arg epochs=3 --seed 7 --json`,
		Args: exactArgs("JOB"),
		RunE: func(cmd *cobra.Command, args []string) error {
			job, err := o.job.open(cmd, args[0])
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("check-every") && (!o.check || o.checkEvery == 0) {
				return usagef("--check-every is for --check, and at least 1")
			}
			if err := o.shards.apply(cmd, job); err != nil {
				return err
			}
			if job.Shards != nil {
				return runShards(cmd, g, job, &o)
			}
			if cmd.Flags().Changed("workers") {
				return usagef("--workers is for a set of shards, and this job is none")
			}
			return runJob(cmd.Context(), g, job, &o)
		},
	}
	o.job.add(cmd)
	o.device.add(cmd)
	o.shards.add(cmd)
	f := cmd.Flags()
	f.IntVar(&o.workers, "workers", 1, "with shards: how many to run at once, each on a device of its own")
	f.StringVar(&o.out, "out", "", "write the outputs to files in this `DIR`, which is made")
	f.StringVar(&o.receipt, "receipt", "", "write a receipt to `FILE`")
	f.StringVar(&o.checkpoint, "checkpoint", "", "keep the state in this `DIR` and go on from there")
	f.DurationVar(&o.every, "checkpoint-every", 2*time.Second, "least time between two checkpoints; 0 makes one each interval")
	f.DurationVar(&o.maxTime, "max-time", 0, "give the job up as unavailable after this long (default never)")
	f.BoolVar(&o.interpreter, "interpreter", false, "run the guest on the interpreter instead of the compiler")
	f.BoolVar(&o.timing, "timing", false, "say where the time went")
	f.BoolVar(&o.check, "check", false, "look for races in every dispatch")
	f.Uint64Var(&o.checkEvery, "check-every", 1, "with --check: of the dispatches of a kernel that must be run once more, take one in `N` after the first 8")
	f.StringVar(&o.trace.file, "trace", "", "write every host call in words to `FILE`; - is stderr")
	f.StringVar(&o.trace.steps, "trace-steps", "", "with --trace: only step `N`, or steps N-M, counted from 1")
	f.StringVar(&o.fault, "fault", "", "lie, for tests of validators: step=N[,call=N][,binding=G.B][,offset=N][,bit=N]")
	_ = f.MarkHidden("fault")
	return cmd
}

func runJob(ctx context.Context, g *globals, described *jobfile.Job, o *runOptions) (err error) {
	fault, err := parseFault(o.fault)
	if err != nil {
		return err
	}
	job, err := described.Prepare()
	if err != nil {
		return err
	}
	var from *runtime.Checkpoint
	var kept *jobfile.Checkpoints
	if o.checkpoint != "" {
		if kept, err = jobfile.OpenCheckpoints(o.checkpoint); err != nil {
			return fmt.Errorf("--checkpoint: %w", err)
		}
		defer kept.Close() // again after Remove, which is no error
		if from, err = resumeFrom(kept, o.checkpoint, job); err != nil {
			return err
		}
		if from != nil {
			g.logf("going on after step %d", from.Intervals[len(from.Intervals)-1].LastStep)
		}
	}
	// Make the folder now: learning at the end that it cannot be made would cost the whole run.
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return err
		}
	}
	if o.receipt != "" {
		if info, err := os.Stat(filepath.Dir(o.receipt)); err != nil {
			return fmt.Errorf("--receipt %s: %w", o.receipt, err)
		} else if !info.IsDir() {
			return fmt.Errorf("--receipt %s: %s is not a folder", o.receipt, filepath.Dir(o.receipt))
		}
	}

	device, err := o.device.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.Close()) }()
	var watch *race.Watch
	if o.check {
		watch = race.NewWatch(device)
		watch.Every = o.checkEvery
		watch.OnProgress = tellChecks(g)
		device = watch
	}

	script, err := o.trace.open(g)
	if err != nil {
		return err
	}
	defer script.close() // what is there of it when the run ends early
	display := newDisplay(g)
	defer display.close()
	opts := runtime.Options{Device: device, Interpreter: o.interpreter, From: from, Fault: fault, MaxTime: o.maxTime,
		OnProgress: display.progress, OnLog: display.log}
	details := map[uint64]*trace.Detail{}
	if o.receipt != "" {
		opts.Detail = &trace.Recorder{Sink: func(d *trace.Detail) error { details[d.Interval] = d; return nil }}
	}
	if kept != nil {
		opts.OnInterval = checkpointer(kept, job, from, o.every)
	}
	if script != nil {
		opts.OnTrace, opts.OnInterval = script.line, script.interval(opts.OnInterval)
	}
	res, err := runtime.Run(ctx, job, opts)
	display.close()
	if err == nil {
		err = script.close()
	}
	if err != nil {
		if watch != nil {
			g.printChecks(kernelChecks(watch))
		}
		return err
	}

	if o.out != "" {
		if err := writeOutputs(o.out, res.Outputs); err != nil {
			return err
		}
	}
	if o.receipt != "" {
		r := &jobfile.Receipt{Program: job.Program, Receipt: res.Receipt, Intervals: res.Intervals, Details: details}
		if err := jobfile.WriteReceipt(o.receipt, r); err != nil {
			return err
		}
	}
	if kept != nil {
		if err := kept.Remove(); err != nil {
			return err
		}
	}
	return g.printRun(described.Name, device.Info().ID, res, o.timing, watch)
}

// printRun prints the result of a run and makes a failed job, or a race, an exit status.
func (g *globals) printRun(name, device string, res *runtime.Result, withTiming bool, watch *race.Watch) error {
	out := runResult{Job: res.Receipt.Program.String(), Name: name, Device: device, Status: res.Receipt.Status,
		Failure: res.Receipt.Failure, Outputs: map[string]outputHash{}, TraceRoot: res.Receipt.Trace,
		StateRoot: res.Receipt.State, Gas: res.Receipt.Gas, GPUGas: res.Receipt.GPUGas, Steps: res.Receipt.Steps}
	for _, o := range res.Outputs {
		sum := sha256.Sum256(o.Data)
		out.Outputs[o.Name] = outputHash{hex.EncodeToString(sum[:]), len(o.Data)}
	}
	if withTiming {
		t := res.Timing
		out.Timing = &timing{t.Total, t.Load, t.Kernels, t.Hashing, t.HostCalls, t.Dispatches, t.Calls}
	}
	if watch != nil {
		out.Kernels = kernelChecks(watch)
	}
	err := g.print(out, func(w io.Writer) {
		fmt.Fprintf(w, "job         %s (%s)\n", out.Job, out.Name)
		fmt.Fprintf(w, "device      %s\n", out.Device)
		fmt.Fprintf(w, "status      %s after %d steps\n", out.Status, out.Steps)
		printRoots(w, out.Outputs, out.TraceRoot, out.StateRoot, out.Gas, out.GPUGas)
		if t := out.Timing; t != nil {
			fmt.Fprintf(w, "time        %.2f s: load %.2f, kernels %.2f (%d dispatches), hashing %.2f, host calls %.2f (%d)\n",
				t.Total, t.Load, t.Kernels, t.Dispatches, t.Hashing, t.HostCalls, t.Calls)
		}
		for _, k := range out.Kernels {
			fmt.Fprintf(w, "check       %s\n", k.text())
		}
	})
	if err == nil && g.printChecks(out.Kernels) {
		return &exitError{code: exitFailure, err: errors.New("there are races: the result may be another on another device")}
	}
	if err == nil && res.Receipt.Status == msg.Failed {
		return &exitError{code: exitJobFailed, err: fmt.Errorf("the job failed: %s", printable(res.Receipt.Failure))}
	}
	return err
}

// printRoots prints what run and submit both end with.
func printRoots(w io.Writer, outputs map[string]outputHash, trace, state msg.Hash, gas, gpuGas uint64) {
	for _, n := range slices.Sorted(maps.Keys(outputs)) {
		fmt.Fprintf(w, "output      %s  %s (%d bytes)\n", outputs[n].SHA256, printable(n), outputs[n].Bytes)
	}
	fmt.Fprintf(w, "trace root  %s\nstate root  %s\ngas         %d, gpu gas %d\n", trace, state, gas, gpuGas)
}

// resumeFrom reads the checkpoint of a run, nil if there is none.
func resumeFrom(kept *jobfile.Checkpoints, dir string, job *runtime.Job) (*runtime.Checkpoint, error) {
	c, err := kept.Last()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &exitError{code: exitFailure, err: err, hint: "remove it to begin anew"}
	}
	if c.Program != job.Hash {
		return nil, &exitError{code: exitFailure, err: fmt.Errorf("%s: the checkpoint is of job %v, this is job %v", dir, c.Program, job.Hash),
			hint: "give another --checkpoint folder, or the same inputs and flags as before"}
	}
	return c.Runtime(), nil
}

// checkpointer writes a checkpoint after an interval unless the last one is younger than every.
func checkpointer(kept *jobfile.Checkpoints, job *runtime.Job, from *runtime.Checkpoint, every time.Duration) func(msg.Interval, func() (*state.Snapshot, error)) error {
	var records []msg.Interval
	if from != nil {
		records = append(records, from.Intervals...)
	}
	last := time.Now()
	return func(rec msg.Interval, take func() (*state.Snapshot, error)) error {
		records = append(records, rec)
		if time.Since(last) < every {
			return nil
		}
		s, err := take()
		if err != nil {
			return err
		}
		err = kept.Write(&jobfile.Checkpoint{Program: job.Hash, Intervals: records, State: s})
		last = time.Now()
		return err
	}
}

// writeOutputs writes each output to a file of its own, whole or not at all.
func writeOutputs(folder string, outputs []runtime.Output) error {
	for _, o := range outputs {
		write := func(w io.Writer) error { _, err := w.Write(o.Data); return err }
		if err := jobfile.WriteFile(filepath.Join(folder, fileName(o.Name)), write); err != nil {
			return err
		}
	}
	return nil
}

// fileName makes an output's name, which the job chose, the name of a file in one folder: every byte but letters,
// digits and _ - . becomes %XX, and so does a dot in front.
func fileName(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	// Most file systems take 255 bytes; a longer name is cut and told apart by its hash.
	if s := b.String(); len(s) <= 200 {
		return s
	}
	sum := sha256.Sum256([]byte(name))
	return b.String()[:160] + "-" + hex.EncodeToString(sum[:8])
}

// printable makes text that a job or a peer chose safe for a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// parseFault reads --fault.
func parseFault(text string) (*runtime.Fault, error) {
	if text == "" {
		return nil, nil
	}
	f := &runtime.Fault{Any: true}
	for _, part := range strings.Split(text, ",") {
		key, value, _ := strings.Cut(part, "=")
		if key == "binding" {
			f.Binding = value
			continue
		}
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return nil, usagef("--fault: %q, want a number after =", part)
		}
		switch key {
		case "step":
			f.Step = n
		case "call":
			f.Call, f.Any = n, false
		case "skip":
			f.Skip = n
		case "offset":
			f.Offset = n
		case "bit":
			if n > 31 {
				return nil, usagef("--fault: bit %d, want 0 to 31", n)
			}
			f.Bit = uint8(n)
		default:
			return nil, usagef("--fault: unknown key %q", key)
		}
	}
	return f, nil
}
