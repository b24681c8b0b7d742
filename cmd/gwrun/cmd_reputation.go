package main

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/store"
)

// reputationResult is what reputation prints with --json.
type reputationResult struct {
	Data string            `json:"data"`
	Book []free.Reputation `json:"book"`
}

type reputationOptions struct{ data, role string }

func newReputationCmd(g *globals) *cobra.Command {
	var o reputationOptions
	cmd := &cobra.Command{
		Use:   "reputation",
		Short: "show what a node has found of others",
		Long: `Reputation prints a node's own book: of each provider, validator and consumer that it had to do with, how many jobs went
well, how many of them in a row, how often something that was owed did not come in time, and what was proven wrong.

A provider is trusted after ten good results in a row: then a sample of its work is checked, and before that all of it. A
validator weighs the more in the draw the more of its checks were good in a row. Who missed something is kept away from for a
minute, and twice as long each further time in a row; who was proven wrong, for thirty days. It is this node's word alone:
others have books of their own.`,
		Annotations: exitStatus(),
		Example: `  gwrun reputation
  gwrun reputation --role host --json
  gwrun reputation --data /var/lib/gwrun/host`,
		Args: exactArgs(),
		RunE: func(*cobra.Command, []string) error { return reputation(g, &o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.data, "data", "", "the node's `DIR` (default that of --role in the --home folder)")
	f.StringVar(&o.role, "role", "submit", "which node of this user's: submit, host or validate")
	return cmd
}

func reputation(g *globals, o *reputationOptions) error {
	if o.role != "submit" && o.role != "host" && o.role != "validate" {
		return usagef("--role %q, want submit, host or validate", o.role)
	}
	dir, err := (&nodeFlags{role: o.role, data: o.data}).dir(g)
	if err != nil {
		return err
	}
	s, err := store.Open(filepath.Join(dir, "store"), store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	res := reputationResult{Data: dir}
	if res.Book, err = free.New(s).Reputations(); err != nil {
		return err
	}
	return g.print(res, func(w io.Writer) {
		if len(res.Book) == 0 {
			fmt.Fprintf(w, "%s: nothing is known of anybody\n", dir)
			return
		}
		now := time.Now()
		fmt.Fprintf(w, "%-9s  %-42s  %6s %6s %8s %7s %6s  %s\n", "as", "account", "good", "in row", "unclear", "missed", "wrong", "")
		for i := range res.Book {
			r := &res.Book[i]
			note := ""
			switch {
			case r.Barred(now):
				note = "kept away from until " + time.Unix(r.Until, 0).UTC().Format(time.RFC3339)
			case r.Role == free.Provider && r.Trusted():
				note = "trusted: checked by the sample"
			case r.Role == free.Provider:
				note = "checked whole"
			case r.Role == free.Validator:
				note = fmt.Sprintf("weight %d", r.Weight(now))
			}
			fmt.Fprintf(w, "%-9s  %s  %6d %6d %8d %7d %6d  %s\n", r.Role, r.Account, r.Good, r.Streak, r.Unclear, r.Missed, r.Wrong, note)
		}
	})
}
