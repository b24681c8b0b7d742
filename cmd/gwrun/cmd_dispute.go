package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/proto/msg"
)

func newDisputeCmd(g *globals) *cobra.Command {
	return group("dispute", "look at disputes about results", newDisputeVerifyCmd(g))
}

func newDisputeVerifyCmd(g *globals) *cobra.Command {
	path := ""
	cmd := &cobra.Command{
		Use:   "verify EVIDENCE",
		Short: "go through a dispute again and say who was wrong",
		Long: `Verify reads the evidence of a dispute, a file, and goes through it again without asking anybody: every signature, every move,
and at the end the one thing that the parties still differed about, which is computed here from data proven against what both
had signed. It needs no GPU and no network.

The exit status is 0 where somebody was proven wrong. Evidence that proves nothing is refused.`,
		Annotations: exitStatus(exitInvalid),
		Example: `  gwrun dispute verify dispute.gwe
  gwrun dispute verify dispute.gwe --job examples/fashion-mnist --json`,
		Args: exactArgs("EVIDENCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return verifyEvidence(cmd.Context(), g, args[0], path)
		},
	}
	cmd.Flags().StringVar(&path, "job", "", "the `JOB` it is about, where the evidence leaves out its module or inputs")
	return cmd
}

func verifyEvidence(ctx context.Context, g *globals, file, path string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	e, err := dispute.ReadEvidence(f)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	blobs := map[msg.Blob][]byte{}
	if path != "" {
		described, err := jobfile.Open(path)
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
	out, err := e.Verify(ctx, func(b msg.Blob) ([]byte, error) {
		if data, ok := blobs[b]; ok {
			return data, nil
		}
		return nil, &exitError{code: exitFailure, err: fmt.Errorf("%v is neither in the evidence nor in the job given", b.Root), hint: "give the job with --job"}
	})
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
		}
	}
	fmt.Fprintf(w, "job         %s\n", out.Job)
	fmt.Fprintf(w, "dispute     %s, %d rounds, %d bytes\n", out.Dispute, out.Rounds, out.Bytes)
	if q := out.Question; q != nil {
		fmt.Fprintf(w, "left        %s, interval %d, step %d\n", q.Kind, q.Interval, q.Start.Step+1)
	}
	if len(names) == 0 {
		names = []string{"nobody"}
	}
	fmt.Fprintf(w, "wrong       %s\n", strings.Join(names, ", "))
	fmt.Fprintf(w, "because     %s\n", printable(out.Reason))
	for _, a := range out.Witnesses {
		fmt.Fprintf(w, "witness     %s\n", a)
	}
}
