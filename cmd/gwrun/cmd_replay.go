package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// replayResult is what replay prints with --json.
type replayResult struct {
	Verdict    msg.Value       `json:"verdict"`
	First      *msg.Difference `json:"first_difference,omitempty"`
	Missing    string          `json:"missing,omitempty"`
	Job        msg.Hash        `json:"job"`
	Device     string          `json:"device"`
	Intervals  int             `json:"intervals"`  // in the receipt
	Replayed   int             `json:"replayed"`   // compared with what was computed here
	StateRoot  msg.Hash        `json:"state_root"` // after the last interval replayed
	Provider   *msg.Account    `json:"provider,omitempty"`
	ReceiptJob *msg.Hash       `json:"receipt_job,omitempty"` // hash of the job the receipt was signed for, if it is not the program's
}

type replayOptions struct {
	job      jobFlags
	device   deviceFlags
	path     string
	interval int64
}

func newReplayCmd(g *globals) *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay RECEIPT",
		Short: "do a run again and compare it with its receipt",
		Long: `Replay runs the job of a receipt again, interval by interval, and compares the state, the host calls and the gas of
each with what the receipt says. The first difference is named as exactly as the receipt allows: step, host call,
kernel and workgroup if it was written with its details, as run does.

Arguments, seed, limits and interval are the receipt's. With --interval only that one is compared; the ones before it
are run to get there.`,
		Annotations: exitStatus(exitInvalid, exitUnavailable, exitDiskFull, exitVersion),
		Example: `  gwrun replay receipt.gwr --job examples/fashion-mnist
  gwrun replay receipt.gwr --job job.wasm --input train=data/train.bin --device gpu0 --json`,
		Args: exactArgs("RECEIPT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.path == "" {
				return usagef("--job is missing: the .wasm file or job folder the receipt is about")
			}
			receipt, err := jobfile.OpenReceipt(args[0])
			if err != nil {
				return err
			}
			described, err := o.job.open(cmd, o.path)
			if err != nil {
				return err
			}
			p := &receipt.Program
			described.Args, described.Seed, described.Limits, described.Interval = p.Args, p.Seed, p.Limits, p.Interval
			return replay(cmd.Context(), g, receipt, described, &o)
		},
	}
	o.job.addInputs(cmd)
	o.device.add(cmd)
	cmd.Flags().StringVar(&o.path, "job", "", "the `JOB` the receipt is about: a .wasm file or a job folder")
	cmd.Flags().Int64Var(&o.interval, "interval", -1, "compare only interval `I`, counted from 0")
	return cmd
}

func replay(ctx context.Context, g *globals, receipt *jobfile.Receipt, described *jobfile.Job, o *replayOptions) (err error) {
	if err := sameVersions(&receipt.Program); err != nil {
		return err
	}
	job, err := described.Prepare()
	if err != nil {
		return err
	}
	if job.Hash != receipt.Receipt.Program {
		return &exitError{code: exitFailure, err: fmt.Errorf("the receipt is about another job: %s", differ(&receipt.Program, &job.Program)),
			hint: "give the module and the inputs that the run had"}
	}
	if o.interval >= int64(len(receipt.Intervals)) {
		return usagef("--interval %d: the receipt has %d intervals, counted from 0", o.interval, len(receipt.Intervals))
	}
	device, err := o.device.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.Close()) }()

	res := replayResult{Verdict: msg.Valid, Job: job.Hash, Device: device.Info().ID, Intervals: len(receipt.Intervals)}
	if receipt.Receipt.Provider != (msg.Account{}) {
		res.Provider = &receipt.Receipt.Provider
	}
	if receipt.Receipt.Job != receipt.Receipt.Program {
		res.ReceiptJob = &receipt.Receipt.Job
	}
	if err := replayIntervals(ctx, g, receipt, job, device, o.interval, &res); err != nil {
		return err
	}
	err = g.print(res, func(w io.Writer) { printVerdict(w, &res) })
	switch {
	case err != nil:
		return err
	case res.Verdict == msg.Invalid:
		return &exitError{code: exitInvalid, quiet: true, err: errors.New("invalid")}
	case res.Verdict == msg.Unavailable:
		return &exitError{code: exitUnavailable, quiet: true, err: errors.New("unavailable")}
	}
	return nil
}

// replayIntervals compares interval only, or all if it is negative, and puts the verdict in res.
func replayIntervals(ctx context.Context, g *globals, receipt *jobfile.Receipt, job *runtime.Job, device kernels.Device, only int64, res *replayResult) error {
	display := newDisplay(g)
	defer display.close()
	var at *state.Snapshot
	var prev *msg.Interval
	for i := range receipt.Intervals {
		rec := receipt.Intervals[i]
		claim := runtime.Claim{Record: rec, Prev: prev, Detail: receipt.Details[rec.Index]}
		v, err := runtime.Replay(ctx, job, at, claim, runtime.Options{Device: device, OnProgress: display.progress})
		var lost *kernels.LostError
		if errors.As(err, &lost) {
			res.Verdict, res.Missing = msg.Unavailable, err.Error()
			return nil
		}
		if err != nil {
			return err
		}
		if only < 0 || int64(i) == only {
			res.Replayed++
			if v.Value != msg.Valid {
				res.Verdict, res.First, res.Missing = v.Value, v.First, v.Missing
				return nil
			}
			res.StateRoot = v.Record.State
			if int64(i) == only {
				return nil
			}
		} else if v.Value != msg.Valid {
			res.Verdict = msg.Unavailable
			res.Missing = fmt.Sprintf("the state before interval %d: interval %d is already not what the receipt says", only, i)
			return nil
		}
		at, prev = v.State, &v.Record
	}
	if d := receiptDifference(receipt, at); d != nil {
		res.Verdict, res.First = msg.Invalid, d
	}
	return nil
}

// receiptDifference compares what a receipt says about the whole run with the state that was reached at its end.
func receiptDifference(receipt *jobfile.Receipt, end *state.Snapshot) *msg.Difference {
	r := &receipt.Receipt
	differ := func(what, claimed, computed string) *msg.Difference {
		return &msg.Difference{What: what, Claimed: claimed, Computed: computed}
	}
	if end == nil {
		return differ("record", "no intervals", "at least one")
	}
	last := receipt.Intervals[len(receipt.Intervals)-1] // found valid
	if r.State != last.State {
		return differ("state", r.State.String(), last.State.String())
	}
	claimed := fmt.Sprintf("%d steps, gas %d, gpu gas %d", r.Steps, r.Gas, r.GPUGas)
	if computed := fmt.Sprintf("%d steps, gas %d, gpu gas %d", last.LastStep, last.Gas, last.GPUGas); claimed != computed {
		return differ("record", claimed, computed)
	}
	status, ended := runtime.Ended(end)
	if !ended {
		return differ("record", string(r.Status), "not yet ended")
	}
	if r.Status != status || r.Status == msg.Finished && r.Failure != "" {
		return differ("record", printable(string(r.Status)+" "+r.Failure), string(status))
	}
	outputs := runtime.Outputs(end)
	for i := range max(len(outputs), len(r.Outputs)) {
		claimed, computed := "no more outputs", "no more outputs"
		if i < len(r.Outputs) {
			claimed = fmt.Sprintf("%s: %s, %d bytes", printable(r.Outputs[i].Name), r.Outputs[i].Blob.Root, r.Outputs[i].Blob.Size)
		}
		if i < len(outputs) {
			computed = fmt.Sprintf("%s: %s, %d bytes", printable(outputs[i].Name), outputs[i].Blob.Root, outputs[i].Blob.Size)
		}
		if claimed != computed {
			return differ("output", claimed, computed)
		}
	}
	return nil
}

func printVerdict(w io.Writer, res *replayResult) {
	switch res.Verdict {
	case msg.Valid:
		fmt.Fprintf(w, "valid: %d of %d intervals are what the receipt says (%s)\n", res.Replayed, res.Intervals, res.Device)
	case msg.Unavailable:
		fmt.Fprintf(w, "unavailable: %s\n", printable(res.Missing))
	default:
		fmt.Fprintf(w, "invalid: %s\n", describe(res.First))
	}
}

// describe says where a claim and a replay part, in one line.
func describe(d *msg.Difference) string { return describeAs(d, "byte", "claimed", "computed") }

// describeAs is describe with other words for the place in a buffer and for the two sides.
func describeAs(d *msg.Difference, place, claimed, computed string) string {
	if d == nil {
		return "the receipt and the replay differ"
	}
	s := d.What + " differs"
	number := func(name string, n *uint64) {
		if n != nil {
			s += fmt.Sprintf(", %s %d", name, *n)
		}
	}
	number("interval", d.Interval)
	number("step", d.Step)
	number("call", d.Call)
	if d.Function != "" {
		s += " (" + printable(d.Function) + ")"
	}
	if d.Kernel != "" {
		s += ", kernel " + printable(d.Kernel)
	}
	if d.Workgroup != nil {
		s += fmt.Sprintf(", workgroup %d,%d,%d", d.Workgroup[0], d.Workgroup[1], d.Workgroup[2])
	}
	if d.Buffer != "" {
		s += ", buffer " + printable(d.Buffer)
	}
	number(place, d.Offset)
	if d.Claimed != "" || d.Computed != "" {
		s += fmt.Sprintf(": %s %s, %s %s", claimed, printable(d.Claimed), computed, printable(d.Computed))
	}
	return s
}

// sameVersions refuses a receipt made under other rules than this program's.
func sameVersions(p *msg.Program) error {
	for _, v := range []struct{ what, have, want string }{
		{"semantics", kernels.SemanticsID, p.Semantics},
		{"ABI", runtime.ABIID, p.ABI},
		{"gas tables", runtime.GasID, p.Gas},
	} {
		if v.have != v.want {
			return &exitError{code: exitVersion, err: fmt.Errorf("the receipt has %s %q, this gwrun has %q", v.what, printable(v.want), v.have)}
		}
	}
	return nil
}

// differ names the first thing in which two programs are not the same.
func differ(want, have *msg.Program) string {
	if want.Module != have.Module {
		return fmt.Sprintf("its module is %v, this one is %v", want.Module.Root, have.Module.Root)
	}
	for i, in := range want.Inputs {
		if i >= len(have.Inputs) || have.Inputs[i].Name > in.Name {
			return fmt.Sprintf("it has an input %s", printable(in.Name))
		}
		if have.Inputs[i].Name < in.Name {
			return fmt.Sprintf("it has no input %s", printable(have.Inputs[i].Name))
		}
		if have.Inputs[i].Blob != in.Blob {
			return fmt.Sprintf("input %s is %v there, %v here", printable(in.Name), in.Blob.Root, have.Inputs[i].Blob.Root)
		}
	}
	if len(have.Inputs) > len(want.Inputs) {
		return fmt.Sprintf("it has no input %s", printable(have.Inputs[len(want.Inputs)].Name))
	}
	return "something besides its module and inputs is not the same"
}
