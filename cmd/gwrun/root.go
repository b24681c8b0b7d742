package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// verbs are the commands of gwrun in the order the help lists them. Each is made in its own file.
var verbs = []func(*globals) *cobra.Command{
	newRunCmd,
	newReplayCmd,
	newDiffCmd,
	newInspectCmd,
	newNewCmd,
	newSubmitCmd,
	newCanaryCmd,
	newHostCmd,
	newValidateCmd,
	newDisputeCmd,
	newJobCmd,
	newReputationCmd,
	newNetcheckCmd,
	newDoctorCmd,
	newMarketCmd,
	newStakeCmd,
	newEarningsCmd,
	newGovCmd,
	newContractsCmd,
	newDevnetCmd,
	newDemoCmd,
	newDemoMarketCmd,
	newSimulateCmd,
	newBenchCmd,
	newKernelCmd,
	newDevicesCmd,
	newStoreCmd,
	newWalletCmd,
	newVersionCmd,
}

// globals is what every verb shares: where to print and the flags that stand before or after any verb.
type globals struct {
	stdout, stderr io.Writer
	json           bool         // --json: one JSON object on stdout and nothing else there
	quiet          bool         // --quiet: no progress and no log on stderr, errors only
	home           string       // --home: keys and settings
	printed        bool         // a JSON object is out
	lines          *slog.Logger // what is said on stderr is a line of this, nil: of text
}

func newRootCmd(g *globals) *cobra.Command {
	root := &cobra.Command{
		Use:   "gwrun VERB",
		Short: "run WGSL compute jobs anywhere and prove what was run",
		Long: `gwrun runs jobs: WebAssembly modules that call WGSL kernels. A job gives the same bits on every device, so
whoever ran it can prove what was run, and anyone can check any part of it.`,
		Example: `  gwrun run examples/saxpy --device cpu
  gwrun run examples/fashion-mnist --receipt receipt.gwr --out results
  gwrun replay receipt.gwr --job examples/fashion-mnist`,
		Annotations:   exitStatus(slices.Collect(maps.Keys(exitMeanings))...),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownVerb(cmd, args[0])
			}
			cmd.SetOut(g.stderr)
			if err := cmd.Help(); err != nil {
				return err
			}
			return &exitError{code: exitUsage, quiet: true, err: errors.New("no verb given")}
		},
	}
	root.SetOut(g.stdout)
	root.SetErr(g.stderr)
	root.SetUsageTemplate(root.UsageTemplate() + `{{with index .Annotations "` + exitAnnotation + `"}}
Exit status:
{{.}}
{{end}}`)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &exitError{code: exitUsage, err: err, hint: "gwrun " + verbPath(cmd) + "-h lists the flags"}
	})
	f := root.PersistentFlags()
	f.BoolVar(&g.json, "json", false, "print one JSON object on stdout, everything else on stderr")
	f.BoolVarP(&g.quiet, "quiet", "q", false, "no progress or log on stderr")
	f.StringVar(&g.home, "home", "", "folder of keys and settings (default $GWRUN_HOME, then the user's config folder)")
	for _, v := range verbs {
		root.AddCommand(v(g))
	}
	return root
}

// group makes a command that only holds others, such as kernel or key.
func group(use, short string, cmds ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownVerb(cmd, args[0])
			}
			return usagef("gwrun %s needs one of: %s", cmd.Name(), strings.Join(names(cmd), ", "))
		}}
	c.AddCommand(cmds...)
	return c
}

func names(cmd *cobra.Command) []string {
	var out []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			out = append(out, c.Name())
		}
	}
	return out
}

func unknownVerb(cmd *cobra.Command, name string) error {
	return &exitError{code: exitUsage, err: fmt.Errorf("unknown verb %q", name),
		hint: "gwrun " + verbPath(cmd) + "has " + strings.Join(names(cmd), ", ")}
}

// verbPath is the verb as typed after "gwrun", with a space behind it; empty for the root.
func verbPath(cmd *cobra.Command) string {
	_, path, _ := strings.Cut(cmd.CommandPath(), " ")
	if path == "" {
		return ""
	}
	return path + " "
}

// exactArgs asks for the named arguments, no more and no fewer.
func exactArgs(want ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(want) {
			return &exitError{code: exitUsage, err: fmt.Errorf("%s is missing", want[len(args)]),
				hint: "gwrun " + verbPath(cmd) + "-h shows an example"}
		}
		if len(args) > len(want) {
			return &exitError{code: exitUsage, err: fmt.Errorf("unexpected argument %q", args[len(want)]),
				hint: "gwrun " + verbPath(cmd) + "-h shows an example"}
		}
		return nil
	}
}

// print gives a verb's result: v as JSON with --json, otherwise what text prints. It is called once, at the end.
func (g *globals) print(v any, text func(w io.Writer)) error {
	if !g.json {
		var b bytes.Buffer
		text(&b)
		_, err := g.stdout.Write(b.Bytes())
		return err
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	g.printed = true
	_, err = g.stdout.Write(append(b, '\n'))
	return err
}

// terminal reports whether stderr is a terminal that may be shown live progress.
func (g *globals) terminal() bool {
	f, ok := g.stderr.(*os.File)
	return ok && !g.quiet && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// homeDir is the folder of keys and settings. It need not exist yet.
func (g *globals) homeDir() (string, error) {
	if g.home != "" {
		return g.home, nil
	}
	if h := os.Getenv("GWRUN_HOME"); h != "" {
		return h, nil
	}
	d, err := os.UserConfigDir()
	if err != nil {
		return "", &exitError{code: exitFailure, err: fmt.Errorf("no folder for keys: %w", err), hint: "give one with --home DIR"}
	}
	return filepath.Join(d, "gwrun"), nil
}
