package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/deterrence"
	"github.com/gwrun/gwrun/host/jobfile"
)

func newSimulateCmd(g *globals) *cobra.Command {
	jobs, seed, svg := 1_000_000, uint64(1), ""
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "show by simulation when cheating pays and when it does not",
		Long: `Simulate draws validators and samples for many jobs as real jobs do, half of them with a provider that falsifies one interval
and half with a validator that answers without computing and meets canaries, under terms on both sides of the deterrence rule:
the expected loss of who is caught must be at least twice what cheating saves. It prints for each setting what cheating gains by
theory and in the simulation, in units of what it saves. The same seed gives the same figures.`,
		Annotations: exitStatus(exitDiskFull),
		Example: `  gwrun simulate
  gwrun simulate --jobs 100000 --seed 7 --svg deterrence.svg`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if jobs < 1000 || jobs > 1e9 {
				return usagef("--jobs %d: want 1000 to 1000000000", jobs)
			}
			last := -1
			s := deterrence.Simulate(jobs, seed, func(done float64) {
				if n := int(done * 100); g.terminal() && n != last {
					last = n
					fmt.Fprintf(g.stderr, "\r\x1b[K%d %%", n)
				}
			})
			if last >= 0 {
				fmt.Fprint(g.stderr, "\r\x1b[K")
			}
			if svg != "" {
				if err := jobfile.WriteFile(svg, func(w io.Writer) error { _, err := w.Write(s.SVG()); return err }); err != nil {
					return err
				}
			}
			return g.print(s, func(w io.Writer) { printSimulation(w, s) })
		},
	}
	f := cmd.Flags()
	f.IntVar(&jobs, "jobs", jobs, "simulate so many jobs and checks, over all settings together")
	f.Uint64Var(&seed, "seed", seed, "seed of the simulation")
	f.StringVar(&svg, "svg", "", "draw the plot into `FILE`")
	return cmd
}

func printSimulation(w io.Writer, s *deterrence.Simulation) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "cheat\tsample\tvalidators\tcolluding\tcanaries\treward\tstake\tratio\trule\tgain by theory\tsimulated\tjobs")
	for _, p := range s.Points {
		rule := "broken"
		if p.Ratio >= deterrence.Margin {
			rule = "holds"
		}
		sample, validators, colluding, canary := "-", "-", "-", "-"
		if p.Who == "provider" {
			sample = fmt.Sprintf("%.1f %%", float64(p.Check.SamplePPM)/1e4)
			validators = fmt.Sprintf("%d of %d", p.Check.Validators, p.Check.Population)
			colluding = fmt.Sprint(p.Check.Colluding)
		} else {
			canary = fmt.Sprintf("%.1f %%", float64(p.Canary)/1e4)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.1f\t%.0f\t%.2f\t%s\t%+.3f\t%+.3f\t%d\n", p.Who, sample, validators, colluding, canary,
			p.Terms.Reward, p.Terms.Stake, p.Ratio, rule, p.Theory, p.Mean, p.Jobs)
	}
	_ = t.Flush() // into a buffer
	fmt.Fprintf(w, "%d jobs, seed %d; the largest distance from the theory is %.1f standard errors of %d settings\n", s.Jobs, s.Seed, s.Worst, len(s.Points))
}
