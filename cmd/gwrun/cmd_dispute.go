package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

func newDisputeCmd(g *globals) *cobra.Command {
	return group("dispute", "look at evidence of who was wrong about a result", newDisputeVerifyCmd(g), newDisputeShowCmd(g))
}

// evidenceOptions are the flags of dispute verify.
type evidenceOptions struct {
	job    string
	time   time.Duration
	memory int
}

func newDisputeVerifyCmd(g *globals) *cobra.Command {
	var o evidenceOptions
	cmd := &cobra.Command{
		Use:   "verify EVIDENCE",
		Short: "find out again who was wrong, and why",
		Long: `Verify reads evidence, a file, and finds out again what it proves, without asking anybody. It needs no GPU and no network. Evidence
is one of

  dispute        the signed moves of a dispute; the one thing that the parties still differed about is computed, or most of the
                 witnesses that were drawn say that a party was silent
  contradiction  two messages of one key that exclude each other, or a provider's records that do
  replay         an interval, which is run again on the CPU; this may take as long as it took
  absence        the words of most witnesses that somebody did not give what it owed

The exit status is 0 where somebody is proven wrong. Evidence that proves nothing is refused.`,
		Annotations: exitStatus(exitInvalid, exitUnavailable),
		Example: `  gwrun dispute verify dispute.gwe
  gwrun dispute verify dispute.gwe --job examples/fashion-mnist --json`,
		Args: exactArgs("EVIDENCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return verifyEvidence(cmd.Context(), g, args[0], &o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.job, "job", "", "the `JOB` it is about, where the evidence leaves out its module or inputs")
	f.DurationVar(&o.time, "max-time", 6*time.Hour, "give up as unavailable after this long")
	f.IntVar(&o.memory, "max-memory", 4096, "the most memory in `MIB` that a job may use that is run again")
	return cmd
}

// readEvidence reads a file.
func readEvidence(file string) (*dispute.Evidence, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	e, err := dispute.ReadEvidence(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return e, nil
}

func verifyEvidence(ctx context.Context, g *globals, file string, o *evidenceOptions) error {
	if o.memory <= 0 || o.time <= 0 {
		return usagef("--max-memory %d and --max-time %v, wanted more than 0", o.memory, o.time)
	}
	e, err := readEvidence(file)
	if err != nil {
		return err
	}
	blobs := map[msg.Blob][]byte{}
	if o.job != "" {
		described, err := jobfile.Open(o.job)
		if err != nil {
			return err
		}
		job, err := described.Prepare()
		if err != nil {
			return err
		}
		blobs[job.Program.Module] = job.Module
		for i, in := range job.Inputs {
			blobs[job.Program.Inputs[i].Blob] = in.Data
		}
	}
	v := dispute.Verifier{MaxTime: o.time, MaxMemory: uint64(o.memory) << 20, Blob: func(b msg.Blob) ([]byte, error) {
		if data, ok := blobs[b]; ok {
			return data, nil
		}
		return nil, &exitError{code: exitFailure, err: fmt.Errorf("%v is neither in the evidence nor in the job given", b.Root), hint: "give the job with --job"}
	}}
	out, err := v.Verify(ctx, e)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if err := g.print(out, func(w io.Writer) { printOutcome(w, out) }); err != nil {
		return err
	}
	if len(out.Guilty) == 0 {
		return &exitError{code: exitInvalid, quiet: true, err: errors.New("nobody was proven wrong")}
	}
	return nil
}

func printOutcome(w io.Writer, out *dispute.Outcome) {
	names := make([]string, len(out.Guilty))
	for i, a := range out.Guilty {
		names[i] = a.String()
		switch a {
		case out.Provider:
			names[i] += " (the provider)"
		case out.Challenger:
			names[i] += " (the challenger)"
		case out.Validator:
			names[i] += " (the validator)"
		}
	}
	if len(names) == 0 {
		names = []string{"nobody"}
	}
	fmt.Fprintf(w, "evidence    %s\n", out.Kind)
	if out.Job != (msg.Hash{}) {
		fmt.Fprintf(w, "job         %s\n", out.Job)
	}
	if out.Kind == dispute.ByDispute {
		fmt.Fprintf(w, "dispute     %s, %d rounds, %d bytes\n", out.Dispute, out.Rounds, out.Bytes)
	}
	if q := out.Question; q != nil {
		fmt.Fprintf(w, "left        %s, interval %d, step %d\n", q.Kind, q.Interval, q.Start.Step+1)
	}
	if out.Interval != nil {
		fmt.Fprintf(w, "run again   interval %d\n", *out.Interval)
	}
	fmt.Fprintf(w, "wrong       %s\n", strings.Join(names, ", "))
	fmt.Fprintf(w, "because     %s\n", printable(out.Reason))
	for _, a := range out.Witnesses {
		fmt.Fprintf(w, "witness     %s\n", a)
	}
}

func newDisputeShowCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "show EVIDENCE",
		Short: "say what evidence is about and what is in it",
		Long: `Show says what evidence is about and how much of what is in it. It checks signatures, and nothing of what they are said to prove: that
is for dispute verify.`,
		Example: `  gwrun dispute show dispute.gwe`,
		Args:    exactArgs("EVIDENCE"),
		RunE: func(_ *cobra.Command, args []string) error {
			e, err := readEvidence(args[0])
			if err != nil {
				return err
			}
			s := showEvidence(e)
			return g.print(s, func(w io.Writer) {
				for _, l := range s.Parts {
					fmt.Fprintf(w, "%-12s%s\n", l.Name, printable(l.Text))
				}
			})
		},
	}
}

// shownEvidence is what dispute show prints.
type shownEvidence struct {
	Parts []shownPart `json:"parts"`
}

type shownPart struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

func showEvidence(e *dispute.Evidence) *shownEvidence {
	s := &shownEvidence{}
	say := func(name, format string, args ...any) {
		s.Parts = append(s.Parts, shownPart{name, fmt.Sprintf(format, args...)})
	}
	size := func(parts [][]byte) (n int) {
		for _, p := range parts {
			n += len(p)
		}
		return n
	}
	switch {
	case e.Dispute != nil:
		say("evidence", dispute.ByDispute)
	case e.Contradiction != nil:
		say("evidence", "%s, of %s", dispute.ByContradiction, e.Contradiction.What)
	case e.Replay != nil:
		say("evidence", dispute.ByReplay)
	case e.Absence != nil:
		say("evidence", dispute.ByAbsence)
	}
	if e.Records != nil {
		c, err := claim.Read(e.Records)
		var lie *claim.Inconsistent
		if err != nil && !errors.As(err, &lie) {
			say("records", "refused: %v", err)
		} else {
			say("job", "%s", c.Job)
			say("consumer", "%s", c.Spec.Consumer)
			say("provider", "%s, on %s", c.Receipt.Provider, c.Receipt.Device)
			say("receipt", "%s, signed at %s", msg.HashOf(c.Receipt), time.Unix(c.Receipt.Ended, 0).UTC().Format(time.RFC3339))
			say("records", "%d intervals, %d of them taken over from another provider", len(c.Intervals), c.Prior())
		}
	}
	switch d := e.Dispute; {
	case d != nil:
		var ch dispute.Challenge
		if who, err := d.Challenge.Open(&ch); err == nil {
			say("challenge", "interval %d, by %s, %d seconds a move", ch.Record.Index, who, ch.Clock)
		}
		say("moves", "%d", len(d.Moves))
		if len(d.Silence) > 0 {
			say("silence", "%d words of witnesses", len(d.Silence))
		}
		if p := d.Proof; p != nil {
			say("proof", "%d bytes", len(msg.Encode(*p)))
		}
	case e.Contradiction != nil:
		say("messages", "%d", len(e.Contradiction.Messages))
	case e.Replay != nil:
		say("interval", "%d", e.Replay.Interval)
		say("state", "%d pages, %d bytes", len(e.Replay.Pages), size(e.Replay.Pages))
		if v := e.Replay.Verdict; v != nil {
			var x msg.Verdict
			if who, err := v.Open(&x); err == nil {
				say("verdict", "%s, by %s", x.Value, who)
			}
		}
	case e.Absence != nil:
		for _, s := range e.Absence.Statements {
			var a rpc.Absence
			if who, err := s.Open(&a); err == nil {
				say("witness", "%s: %s did not give its %s from %s on for %d seconds", who, a.Who, a.Duty, time.Unix(a.Since, 0).UTC().Format(time.RFC3339), a.Until-a.Since)
			}
		}
	}
	if len(e.Blobs) > 0 {
		say("job data", "%d blobs, %d bytes", len(e.Blobs), size(e.Blobs))
	}
	return s
}
