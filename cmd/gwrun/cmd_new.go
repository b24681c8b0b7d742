package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/sdk"
)

// newResult is what new prints with --json.
type newResult struct {
	Language string   `json:"language"`
	Name     string   `json:"name"`
	Folder   string   `json:"folder"`
	Files    []string `json:"files"` // besides the SDK's
}

func newNewCmd(g *globals) *cobra.Command {
	var dir string
	var langs []string
	for _, l := range sdk.Languages {
		langs = append(langs, fmt.Sprintf("  %-5s %s; needs %s", l.Name, l.Title, l.Needs))
	}
	cmd := &cobra.Command{
		Use:   "new LANG NAME",
		Short: "begin a job of your own",
		Long: `New writes the folder of a small working job in one of these languages, with a copy of the SDK so that it builds anywhere:

` + strings.Join(langs, "\n") + `

It reads an input, runs a kernel of the library on the device, writes an output, and is built by one command, ./build.sh.`,
		Annotations: exitStatus(exitDiskFull),
		Example: `  gwrun new c myjob
  cd myjob && ./build.sh && gwrun run .`,
		Args: exactArgs("LANG", "NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := sdk.Get(args[0])
			if err != nil {
				return &exitError{code: exitUsage, err: err, hint: "gwrun new -h lists them"}
			}
			name := args[1]
			to := dir
			if to == "" {
				to = name
			}
			own, err := l.New(name, filepath.Clean(to))
			if errors.Is(err, sdk.ErrName) {
				return usagef("%v", err)
			}
			if errors.Is(err, fs.ErrExist) {
				return &exitError{code: exitFailure, err: err, hint: "give another name, or another folder with --dir"}
			}
			if err != nil {
				return err
			}
			return g.print(newResult{l.Name, name, to, own}, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %s, and the %s SDK in sdk\n", to, strings.Join(own, ", "), l.Title)
				fmt.Fprintf(w, "next: cd %s && ./build.sh && gwrun run . (building needs %s)\n", to, l.Needs)
			})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "write to this `DIR`, which must not exist (default: NAME)")
	return cmd
}
