package main

import (
	"fmt"
	"io"
	goruntime "runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/runtime"
)

// version is the version of this program; the linker sets it for a release build.
var version = "0.1.0-dev"

type versionResult struct {
	Version   string `json:"version"`
	Semantics string `json:"semantics"`
	ABI       string `json:"abi"`
	Gas       string `json:"gas"`
	Go        string `json:"go"`
	Platform  string `json:"platform"`
	Revision  string `json:"revision,omitempty"`
}

func newVersionCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		Short:       "print the versions that decide what a job means",
		Long:        "Version prints gwrun's version and the ids of the semantics, ABI and gas tables it runs jobs by.",
		Annotations: exitStatus(),
		Example:     "  gwrun version\n  gwrun version --json",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			v := versionResult{Version: version, Semantics: kernels.SemanticsID, ABI: runtime.ABIID, Gas: runtime.GasID,
				Go: goruntime.Version(), Platform: goruntime.GOOS + "/" + goruntime.GOARCH}
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						v.Revision = s.Value
					}
				}
			}
			return g.print(v, func(w io.Writer) {
				fmt.Fprintf(w, "gwrun %s (semantics %s, abi %s, gas %s, %s %s)\n", v.Version, v.Semantics, v.ABI, v.Gas, v.Go, v.Platform)
			})
		},
	}
}
