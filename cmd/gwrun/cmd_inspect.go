package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/module"
)

// inspectResult is what inspect prints with --json.
type inspectResult struct {
	Module    string            `json:"module"` // root of the file
	Bytes     uint64            `json:"bytes"`
	Problem   string            `json:"problem,omitempty"` // why it cannot be a job under these limits
	Stepped   bool              `json:"stepped"`
	Imports   []inspectedImport `json:"imports"`
	Exports   []inspectedExport `json:"exports"`
	Memory    inspectedMemory   `json:"memory"`
	Globals   int               `json:"globals"`
	Mutable   int               `json:"mutable_globals"`
	Tables    int               `json:"tables"`
	Elements  int               `json:"table_elements"`
	DataBytes int               `json:"data_bytes"`
	Limits    msg.Limits        `json:"limits"`
	Functions []inspectedFunc   `json:"functions"`
	Kernels   []inspectedKernel `json:"kernels"`
	Versions  map[string]string `json:"versions"`
}

type inspectedImport struct {
	Module  string `json:"module"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	Offered bool   `json:"offered"`
}

type inspectedExport struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Type string `json:"type,omitempty"`
}

type inspectedMemory struct {
	MinPages  uint32 `json:"min_pages"`
	MaxPages  uint32 `json:"max_pages"`
	NoMaximum bool   `json:"no_maximum,omitempty"` // then max_pages is the limit's
}

type inspectedFunc struct {
	Index     uint32 `json:"index"`
	Name      string `json:"name"`
	Bytes     int    `json:"bytes"`
	Gas       uint64 `json:"gas"` // of its code run through once
	Loops     int    `json:"loops"`
	Calls     int    `json:"calls"`
	HostCalls int    `json:"host_calls"`
}

type inspectedKernel struct {
	Entry         string    `json:"entry"`
	WorkgroupSize [3]uint32 `json:"workgroup_size"` // 0,0,0 where an override decides
	Bindings      int       `json:"bindings"`
	Overrides     []string  `json:"overrides,omitempty"`
	TextBytes     int       `json:"text_bytes"`
}

type inspectOptions struct {
	limits    []string
	functions int
	sort      string
}

func newInspectCmd(g *globals) *cobra.Command {
	var o inspectOptions
	cmd := &cobra.Command{
		Use:   "inspect JOB",
		Short: "say what a module imports, exports, needs and holds",
		Long: `Inspect looks at a job, a .wasm file or a job folder, without running it: whether it fits the profile and the limits, its imports
and exports, its memory, what each function's code costs in gas when it is run through once (both arms of every if, no loop
twice), and the WGSL kernels found in its data.`,
		Annotations: exitStatus(),
		Example: `  gwrun inspect examples/saxpy
  gwrun inspect job.wasm --functions 50 --sort bytes
  gwrun inspect job.wasm --limit memory_pages=64 --json`,
		Args: exactArgs("JOB"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.sort != "gas" && o.sort != "bytes" && o.sort != "index" {
				return usagef("--sort %q: want gas, bytes or index", o.sort)
			}
			return inspect(g, args[0], &o)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.limits, "limit", nil, "a limit, as `NAME=N` with the names of job.toml; may be given again")
	f.IntVar(&o.functions, "functions", 12, "show so many functions; 0 shows none, -1 all (--json has them all)")
	f.StringVar(&o.sort, "sort", "gas", "which functions come first: those with most `gas`, with most bytes, or by index")
	return cmd
}

func inspect(g *globals, path string, o *inspectOptions) error {
	job, err := jobfile.Open(path)
	if err != nil {
		return err
	}
	if err := setLimits(job, o.limits); err != nil {
		return err
	}
	wasm, err := os.ReadFile(job.Module)
	if err != nil {
		return err
	}
	in, err := runtime.Inspect(wasm, job.Limits)
	if err != nil {
		return fmt.Errorf("%s: %w", job.Module, err)
	}
	res := describeModule(in, job.Limits)
	if err := g.print(res, func(w io.Writer) { printInspection(w, res, o) }); err != nil {
		return err
	}
	if in.Problem != "" {
		return &exitError{code: exitFailure, quiet: g.json, err: errors.New(in.Problem)}
	}
	return nil
}

func describeModule(in *runtime.Inspection, lim msg.Limits) *inspectResult {
	res := &inspectResult{Module: in.Module.Root.String(), Bytes: in.Module.Size, Problem: in.Problem, Stepped: in.Stepped,
		Memory:  inspectedMemory{in.MinPages, in.MaxPages, in.NoMaximum},
		Globals: in.Globals, Mutable: in.Mutable, Tables: in.Tables, Elements: in.TableElems, DataBytes: in.DataBytes, Limits: lim,
		Imports: []inspectedImport{}, Exports: []inspectedExport{}, Functions: []inspectedFunc{}, Kernels: []inspectedKernel{},
		Versions: map[string]string{"profile": module.PassVersion, "abi": runtime.ABIID, "gas": runtime.GasID}}
	for _, i := range in.Imports {
		res.Imports = append(res.Imports, inspectedImport(i))
	}
	for _, e := range in.Exports {
		res.Exports = append(res.Exports, inspectedExport(e))
	}
	for _, f := range in.Functions {
		res.Functions = append(res.Functions, inspectedFunc{f.Index, f.Name, f.Bytes, f.Gas, f.Loops, f.Calls, f.HostCalls})
	}
	for _, k := range in.Kernels {
		res.Kernels = append(res.Kernels, inspectedKernel(k))
	}
	return res
}

func printInspection(w io.Writer, res *inspectResult, o *inspectOptions) {
	fmt.Fprintf(w, "module      %s (%d bytes)\n", res.Module, res.Bytes)
	if res.Problem == "" {
		kind := "one step, from _start"
		if res.Stepped {
			kind = "stepped by gw_step"
		}
		fmt.Fprintf(w, "job         %s\n", kind)
	} else {
		fmt.Fprintf(w, "job         no: %s\n", printable(res.Problem))
	}
	most := fmt.Sprintf("at most %d", res.Memory.MaxPages)
	if res.Memory.NoMaximum {
		most = fmt.Sprintf("no maximum of its own (the limit is %d)", res.Memory.MaxPages)
	}
	fmt.Fprintf(w, "memory      %d pages of 64 KiB, %s; %d bytes of data\n", res.Memory.MinPages, most, res.DataBytes)
	fmt.Fprintf(w, "globals     %d, of them %d mutable; %d tables with %d elements\n", res.Globals, res.Mutable, res.Tables, res.Elements)
	for _, e := range res.Exports {
		if e.Kind == "function" {
			fmt.Fprintf(w, "export      %s %s\n", printable(e.Name), e.Type)
		} else {
			fmt.Fprintf(w, "export      %s (%s)\n", printable(e.Name), e.Kind)
		}
	}
	byModule := map[string][]string{}
	var order []string
	for _, i := range res.Imports {
		name := printable(i.Name)
		if !i.Offered {
			name += " " + i.Type + " (NOT OFFERED)"
		}
		if byModule[i.Module] == nil {
			order = append(order, i.Module)
		}
		byModule[i.Module] = append(byModule[i.Module], name)
	}
	for _, m := range order {
		fmt.Fprintf(w, "import      %s: %s\n", printable(m), strings.Join(byModule[m], ", "))
	}
	for _, k := range res.Kernels {
		size := fmt.Sprintf("workgroups of %d x %d x %d", k.WorkgroupSize[0], k.WorkgroupSize[1], k.WorkgroupSize[2])
		if k.WorkgroupSize == [3]uint32{} {
			size = "workgroups as overrides say"
		}
		fmt.Fprintf(w, "kernel      %s: %s, %d bindings", k.Entry, size, k.Bindings)
		if len(k.Overrides) > 0 {
			fmt.Fprintf(w, ", overrides %s", strings.Join(k.Overrides, " "))
		}
		fmt.Fprintln(w)
	}
	printFunctions(w, res.Functions, o)
}

func printFunctions(w io.Writer, all []inspectedFunc, o *inspectOptions) {
	list := slices.Clone(all)
	switch o.sort {
	case "gas":
		slices.SortStableFunc(list, func(a, b inspectedFunc) int { return cmp.Compare(b.Gas, a.Gas) })
	case "bytes":
		slices.SortStableFunc(list, func(a, b inspectedFunc) int { return cmp.Compare(b.Bytes, a.Bytes) })
	}
	total := uint64(0)
	for _, f := range all {
		total += f.Gas
	}
	fmt.Fprintf(w, "functions   %d, with %d gas of code\n", len(all), total)
	if o.functions >= 0 {
		list = list[:min(len(list), o.functions)]
	}
	if len(list) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  gas\tbytes\tloops\tcalls\thost calls\tfunction")
	for _, f := range list {
		fmt.Fprintf(t, "  %d\t%d\t%d\t%d\t%d\t%s\n", f.Gas, f.Bytes, f.Loops, f.Calls, f.HostCalls, printable(f.Name))
	}
	_ = t.Flush() // into a buffer
}
