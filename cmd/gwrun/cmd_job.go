package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// jobResult is a job as job list and job show print it with --json: what this side knows and what the provider says.
type jobResult struct {
	Job      msg.Hash       `json:"job"`
	Provider string         `json:"provider,omitempty"` // address
	Over     string         `json:"over,omitempty"`     // "accepted", "rejected", "failed", "cancelled", "moved"; empty while it goes on
	Reason   string         `json:"reason,omitempty"`
	Created  string         `json:"created"`
	Status   *rpc.JobStatus `json:"status,omitempty"`
	Receipt  *msg.Receipt   `json:"receipt,omitempty"`
	Error    string         `json:"error,omitempty"` // why the provider did not answer
}

type jobOptions struct {
	node nodeFlags
	peer string
}

func newJobCmd(g *globals) *cobra.Command {
	return group("job", "see and cancel submitted jobs, and pay for them", newJobListCmd(g), newJobShowCmd(g), newJobLogsCmd(g), newJobCancelCmd(g),
		newJobFundCmd(g), newJobRefundCmd(g))
}

// jobCmd makes one of the job verbs. do is called with a node that has the submitter's key and journal.
func jobCmd(g *globals, use, short, long, example string, do func(ctx context.Context, n *node.Node, o *jobOptions, job msg.Hash) error) *cobra.Command {
	var o jobOptions
	args := exactArgs()
	if use != "list" {
		args = exactArgs("JOBHASH")
	}
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example, Args: args,
		Annotations: exitStatus(exitPeer, exitKey, exitVersion),
		RunE: func(cmd *cobra.Command, args []string) error {
			var job msg.Hash
			var err error
			if len(args) > 0 {
				if job, err = msg.ParseHash(args[0]); err != nil {
					return usagef("%v", err)
				}
			}
			if o.peer != "" {
				if _, err := peerAddrs([]string{o.peer}); err != nil {
					return err
				}
			}
			n, stop, err := o.node.start(g, node.Config{Transport: quick()})
			if err != nil {
				return netError(err)
			}
			defer stop()
			ctx, cancel := context.WithTimeout(cmd.Context(), 30*time.Second)
			defer cancel()
			return netError(do(ctx, n, &o, job))
		},
	}
	if use != "list" {
		cmd.Use += " JOBHASH"
	}
	o.node.add(cmd, "submit", ":0")
	cmd.Flags().StringVar(&o.peer, "peer", "", "ask this provider, `HOST:PORT`, instead of looking in this machine's journal")
	return cmd
}

// provider finds who has a job: the given peer, or the one in the journal.
func (o *jobOptions) provider(n *node.Node, job msg.Hash) (*peer.Peer, error) {
	if o.peer != "" {
		return dial(n, o.peer)
	}
	s, _, err := n.Consumer.Find(job)
	if err != nil {
		return nil, &exitError{code: exitFailure, err: err, hint: "gwrun job list has the jobs submitted from here; --peer HOST:PORT asks a provider"}
	}
	if s.Addr == "" {
		return nil, fmt.Errorf("job %s has no provider: %s", job, s.Reason)
	}
	return n.Consumer.Peer(s), nil
}

func newJobListCmd(g *globals) *cobra.Command {
	return jobCmd(g, "list", "list jobs", `List shows the jobs submitted from this machine and what their providers say of those that go on; with --peer the
jobs of that provider, whoever submitted them.`, "  gwrun job list\n  gwrun job list --peer 127.0.0.1:4433 --json",
		func(ctx context.Context, n *node.Node, o *jobOptions, _ msg.Hash) error {
			out := []*jobResult{}
			if o.peer != "" {
				p, err := dial(n, o.peer)
				if err != nil {
					return err
				}
				jobs, err := p.List(ctx, false)
				if err != nil {
					return err
				}
				for _, s := range jobs {
					out = append(out, &jobResult{Job: s.Job, Provider: o.peer, Created: when(s.Created), Status: &s})
				}
			} else {
				jobs, err := n.Consumer.Jobs()
				if err != nil {
					return err
				}
				for _, j := range jobs {
					r, err := known(ctx, n, j)
					if err != nil {
						return err
					}
					out = append(out, r)
				}
			}
			return g.print(struct {
				Jobs []*jobResult `json:"jobs"`
			}{out}, func(w io.Writer) {
				if len(out) == 0 {
					fmt.Fprintln(w, "no jobs")
				}
				for _, r := range out {
					fmt.Fprintf(w, "%s  %s  %-21s  %s\n", r.Job, r.Created, printable(r.Provider), r.state())
				}
			})
		})
}

func when(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

// known puts together what the journal and the provider know of a job.
func known(ctx context.Context, n *node.Node, job msg.Hash) (*jobResult, error) {
	s, _, err := n.Consumer.Find(job)
	if err != nil {
		return nil, err
	}
	r := &jobResult{Job: job, Provider: s.Addr, Over: s.Over, Reason: s.Reason, Created: when(s.Created)}
	if s.Receipt != nil {
		r.Receipt = new(msg.Receipt)
		if err := msg.Decode(s.Receipt.Body, r.Receipt); err != nil {
			return nil, err
		}
	}
	if s.Over == "" && s.Addr != "" {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		status, err := n.Consumer.Peer(s).Status(ctx, job)
		if err != nil {
			r.Error = err.Error()
		} else {
			r.Status = &status
		}
	}
	return r, nil
}

// state is a job's state in a few words.
func (r *jobResult) state() string {
	switch {
	case r.Over != "":
		return r.Over + ": " + printable(r.Reason)
	case r.Error != "":
		return "no answer from the provider: " + printable(r.Error)
	case r.Status != nil && r.Status.Error != "":
		return fmt.Sprintf("%s: %s", r.Status.State, printable(r.Status.Error))
	case r.Status != nil:
		return fmt.Sprintf("%s, %.0f%%, step %d, %d intervals committed  %s", r.Status.State, 100*r.Status.Fraction, r.Status.Step,
			r.Status.Intervals, printable(r.Status.Message))
	}
	return "not given to a provider"
}

func newJobShowCmd(g *globals) *cobra.Command {
	return jobCmd(g, "show", "show one job", "Show tells all that is known of a job.", "  gwrun job show 5f0c... --json",
		func(ctx context.Context, n *node.Node, o *jobOptions, job msg.Hash) error {
			var r *jobResult
			if o.peer != "" {
				p, err := dial(n, o.peer)
				if err != nil {
					return err
				}
				s, err := p.Status(ctx, job)
				if err != nil {
					return err
				}
				r = &jobResult{Job: job, Provider: o.peer, Created: when(s.Created), Status: &s}
			} else {
				if _, err := o.provider(n, job); err != nil {
					return err
				}
				var err error
				if r, err = known(ctx, n, job); err != nil {
					return err
				}
			}
			return g.print(r, func(w io.Writer) {
				fmt.Fprintf(w, "job         %s\ncreated     %s\nprovider    %s\nstate       %s\n", r.Job, r.Created, printable(r.Provider), r.state())
				if s := r.Status; s != nil {
					fmt.Fprintf(w, "consumer    %s\ndevice      %s\ngas         %d, gpu gas %d\nrestarts    %d\n", s.Consumer, printable(s.Device), s.Gas, s.GPUGas, s.Restarts)
				}
				if c := r.Receipt; c != nil {
					fmt.Fprintf(w, "receipt     %s after %d steps, trace root %s\n", c.Status, c.Steps, c.Trace)
				}
			})
		})
}

func newJobLogsCmd(g *globals) *cobra.Command {
	return jobCmd(g, "logs", "print what a job logged", "Logs prints what the job has logged so far, as its provider has it.", "  gwrun job logs 5f0c...",
		func(ctx context.Context, n *node.Node, o *jobOptions, job msg.Hash) error {
			p, err := o.provider(n, job)
			if err != nil {
				return err
			}
			text, err := p.Logs(ctx, job)
			if err != nil {
				return err
			}
			return g.print(struct {
				Job msg.Hash `json:"job"`
				Log string   `json:"log"`
			}{job, string(text)}, func(w io.Writer) { w.Write(text) })
		})
}

func newJobCancelCmd(g *globals) *cobra.Command {
	return jobCmd(g, "cancel", "cancel a job", "Cancel ends a job that goes on. Only who submitted it can.", "  gwrun job cancel 5f0c...",
		func(ctx context.Context, n *node.Node, o *jobOptions, job msg.Hash) error {
			var s rpc.JobStatus
			p, err := o.provider(n, job)
			if err != nil {
				return err
			}
			if o.peer != "" {
				s, err = p.Cancel(ctx, job)
			} else {
				s, err = n.Consumer.Cancel(ctx, job)
			}
			if err != nil {
				return err
			}
			return g.print(s, func(w io.Writer) { fmt.Fprintf(w, "job %s is %s\n", s.Job, s.State) })
		})
}
