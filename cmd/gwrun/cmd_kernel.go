package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/profile/syntax"
	"github.com/gwrun/gwrun/kernels/race"
)

func newKernelCmd(g *globals) *cobra.Command {
	return group("kernel", "check and run single WGSL kernels, and the library of them", newKernelCheckCmd(g), newKernelRunCmd(g), newKernelLibCmd(g))
}

// readShader reads a WGSL file, bounded a little above what the compiler takes so that its own message is seen.
func readShader(path string) (string, error) {
	b, err := jobfile.ReadFile(path, syntax.MaxSource+1)
	return string(b), err
}

// sourceErrors says each fault of a shader on a line of its own, as FILE:LINE:COL: error: message.
func sourceErrors(file string, err error) error {
	var faults syntax.Errors
	if !errors.As(err, &faults) {
		return fmt.Errorf("%s: %w", file, err)
	}
	return &sourceError{file, faults}
}

type sourceError struct {
	file   string
	faults syntax.Errors
}

func (e *sourceError) Error() string { return strings.TrimSuffix(e.faults.Format(e.file), "\n") }

type checkResult struct {
	File    string       `json:"file"`
	Valid   bool         `json:"valid"`
	Entries []checkEntry `json:"entry_points"`
	Errors  []checkError `json:"errors"`
}

type checkEntry struct {
	Name          string         `json:"name"`
	WorkgroupSize [3]uint32      `json:"workgroup_size"`
	Bindings      []checkBinding `json:"bindings"`
	Races         *raceVerdict   `json:"races,omitempty"` // if every override it needs has a value
}

func (e *checkEntry) size() string {
	if e.WorkgroupSize == ([3]uint32{}) {
		return "workgroups of a size that an override gives"
	}
	return fmt.Sprintf("workgroups of %d,%d,%d", e.WorkgroupSize[0], e.WorkgroupSize[1], e.WorkgroupSize[2])
}

type checkBinding struct {
	Binding  string `json:"binding"` // G.B
	Name     string `json:"name"`
	Access   string `json:"access"`
	MinBytes uint64 `json:"min_bytes"`
}

type checkError struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func newKernelCheckCmd(g *globals) *cobra.Command {
	var o raceOptions
	cmd := &cobra.Command{
		Use:   "check FILE.wgsl",
		Short: "check that a WGSL file is one every device runs alike",
		Long: `Check compiles every entry point of a WGSL file and prints each fault as FILE:LINE:COL: error: message. A file it
accepts gives the same bits on every device, if its kernels have no races: two invocations that access one word, one of
them to write, with nothing to order them. It tries to prove that no dispatch has any, and says where it cannot.

With --race it looks for the races of one dispatch: it proves that there are none, or runs it and remembers who touched
each word. Both lines of every race found are printed, and the exit status is 1. A dispatch that could be run only in
part, for want of memory or --race-steps, without a race so far gives status 3.`,
		Annotations: exitStatus(exitUnavailable, exitJobFailed),
		Example: `  gwrun kernel check examples/saxpy/src/saxpy.wgsl
  gwrun kernel check tile.wgsl --override tile=16
  gwrun kernel check sum.wgsl --race --entry sum --workgroups 16,1,1 --bind 0.0=x.f32 --bind 0.1=zero:64`,
		Args: exactArgs("FILE.wgsl"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.race {
				return findRaces(cmd.Context(), g, args[0], &o)
			}
			for _, name := range []string{"entry", "workgroups", "bind", "gas-limit", "race-steps"} {
				if cmd.Flags().Changed(name) {
					return usagef("--%s is for --race", name)
				}
			}
			values, err := parseOverrides(o.overs)
			if err != nil {
				return err
			}
			source, err := readShader(args[0])
			if err != nil {
				return err
			}
			res := checkResult{File: args[0], Entries: []checkEntry{}, Errors: []checkError{}}
			err = checkShader(source, values, &res)
			var faults syntax.Errors
			if errors.As(err, &faults) {
				for _, f := range faults {
					res.Errors = append(res.Errors, checkError{f.Line, f.Col, f.Msg})
				}
			} else if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			res.Valid = len(res.Errors) == 0
			io.WriteString(g.stderr, faults.Format(args[0]))
			err = g.print(res, func(w io.Writer) {
				for _, e := range res.Entries {
					fmt.Fprintf(w, "%s: ok, entry point %s, %s\n", args[0], e.Name, e.size())
					e.Races.print(w, args[0], e.Name)
				}
			})
			if err == nil && !res.Valid {
				return &exitError{code: exitFailure, quiet: true, err: errors.New("not valid")}
			}
			return err
		},
	}
	o.add(cmd)
	return cmd
}

// checkShader compiles every entry point.
func checkShader(source string, overrides map[string]float64, res *checkResult) error {
	m, err := kernels.Compile(source)
	if err != nil {
		return err
	}
	complete := true // every override has a value: the kernels can be made, not only checked
	for _, o := range m.Overrides() {
		_, given := overrides[o.Key]
		complete = complete && (given || !o.Required)
	}
	var faults syntax.Errors
	for _, info := range m.Entries() {
		e := checkEntry{Name: info.Name, WorkgroupSize: info.WorkgroupSize, Bindings: []checkBinding{}}
		if complete {
			k, err := m.Kernel(info.Name, overrides)
			var more syntax.Errors
			if errors.As(err, &more) {
				faults = append(faults, more...)
				continue
			}
			if err != nil {
				return err
			}
			e.WorkgroupSize = k.IR.WorkgroupSize
			e.Races = verdictOf(race.Prove(k.IR, nil))
		}
		for _, b := range info.Bindings {
			e.Bindings = append(e.Bindings, checkBinding{bindingName(&b), b.Name, b.Access.String(), b.MinBytes})
		}
		res.Entries = append(res.Entries, e)
	}
	return faults.Err()
}

func bindingName(b *ir.Binding) string { return fmt.Sprintf("%d.%d", b.Group, b.Binding) }

type kernelRunResult struct {
	KernelHash string            `json:"kernel_hash"`
	Device     string            `json:"device"`
	Lowering   string            `json:"lowering"`
	Outputs    map[string]string `json:"outputs"` // sha256 by G.B
	Gas        uint64            `json:"gas"`
	Ms         float64           `json:"ms"`
}

type kernelRunOptions struct {
	device             deviceFlags
	entry, workgroups  string
	binds, outs, overs []string
	gasLimit           uint32
}

func newKernelRunCmd(g *globals) *cobra.Command {
	var o kernelRunOptions
	cmd := &cobra.Command{
		Use:   "run FILE.wgsl",
		Short: "run one WGSL kernel on raw buffers",
		Long: `Run dispatches one entry point of a WGSL file. Buffers are raw little-endian bytes, from files or zero; each binding
of the kernel needs one. The hash of every buffer it may write is printed, and --out writes one to a file. A lowering
named here is used as it is, also one that this adapter gets wrong.`,
		Annotations: exitStatus(exitUnavailable, exitJobFailed, exitDiskFull),
		Example: `  gwrun kernel run examples/saxpy/src/saxpy.wgsl --entry saxpy --workgroups 16,1,1 \
    --bind 0.0=examples/saxpy/x.f32 --bind 0.1=examples/saxpy/y.f32 --out 0.1=y.out --override a=2.5
  gwrun kernel run fill.wgsl --entry fill --workgroups 4,1,1 --device gpu0 --bind 0.0=zero:1024 --json`,
		Args: exactArgs("FILE.wgsl"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runKernel(cmd.Context(), g, args[0], &o)
		},
	}
	o.device.add(cmd)
	o.device.unproven = true
	f := cmd.Flags()
	f.StringVar(&o.entry, "entry", "", "entry point `NAME` (default the only one)")
	f.StringVar(&o.workgroups, "workgroups", "1,1,1", "grid of workgroups, as `X,Y,Z`")
	f.StringArrayVar(&o.binds, "bind", nil, "what a binding sees, as `G.B=PATH` or G.B=zero:BYTES; may be given again")
	f.StringArrayVar(&o.outs, "out", nil, "write a binding's buffer to a file afterwards, as `G.B=PATH`; may be given again")
	f.StringArrayVar(&o.overs, "override", nil, "value of an override, as `NAME=VALUE`; may be given again")
	f.Uint32Var(&o.gasLimit, "gas-limit", kernels.MaxGasLimit, "most gas one invocation may use")
	return cmd
}

func runKernel(ctx context.Context, g *globals, file string, o *kernelRunOptions) (err error) {
	outs, err := parsePairs("--out", o.outs)
	if err != nil {
		return err
	}
	k, grid, binds, err := readDispatch(file, o.entry, o.workgroups, o.overs, o.binds, outs)
	if err != nil {
		return err
	}

	device, err := o.device.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.Close()) }()
	pipeline, err := device.NewPipeline(ctx, k)
	if err != nil {
		return err
	}
	d := &kernels.Dispatch{Pipeline: pipeline, Workgroups: grid, GasLimit: o.gasLimit}
	for i := range k.IR.Bindings {
		name := bindingName(&k.IR.Bindings[i])
		b, err := bindBuffer(device, binds[name])
		if err != nil {
			return fmt.Errorf("--bind %s: %w", name, err)
		}
		d.Bindings = append(d.Bindings, kernels.Bound{Buffer: b, Size: b.Size()})
	}
	began := time.Now()
	gas, err := device.Dispatch(ctx, d)
	took := time.Since(began)
	if errors.Is(err, kernels.ErrGas) {
		return &exitError{code: exitJobFailed, err: err}
	}
	if err != nil {
		return err
	}

	res := kernelRunResult{KernelHash: hex.EncodeToString(k.Hash[:]), Device: device.Info().ID, Lowering: device.Info().Lowering,
		Outputs: map[string]string{}, Gas: gas, Ms: float64(took.Microseconds()) / 1000}
	var order []string
	for i := range k.IR.Bindings {
		name := bindingName(&k.IR.Bindings[i])
		path, wanted := outs[name]
		if !wanted && k.IR.Bindings[i].Access != ir.ReadWrite {
			continue
		}
		data := make([]byte, d.Bindings[i].Size)
		if err := device.Read(d.Bindings[i].Buffer, 0, data); err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		res.Outputs[name] = hex.EncodeToString(sum[:])
		order = append(order, name)
		if wanted {
			if err := jobfile.WriteFile(path, func(w io.Writer) error { _, err := w.Write(data); return err }); err != nil {
				return err
			}
		}
	}
	return g.print(res, func(w io.Writer) {
		fmt.Fprintf(w, "kernel    %s (%s)\n", res.KernelHash, k.Entry)
		fmt.Fprintf(w, "device    %s %s\n", res.Device, res.Lowering)
		for _, n := range order {
			fmt.Fprintf(w, "output    %s  %s\n", res.Outputs[n], n)
		}
		fmt.Fprintf(w, "gas       %d\ntime      %.3f ms\n", res.Gas, res.Ms)
	})
}

// readDispatch reads the flags that make a dispatch: the kernel, its grid, and what each of its bindings sees.
func readDispatch(file, entry, workgroups string, overs, bindFlags []string, outs map[string]string) (k *kernels.Kernel, grid [3]uint32, binds map[string]string, err error) {
	overrides, err := parseOverrides(overs)
	if err != nil {
		return nil, grid, nil, err
	}
	if grid, err = parseGrid(workgroups); err != nil {
		return nil, grid, nil, err
	}
	if binds, err = parsePairs("--bind", bindFlags); err != nil {
		return nil, grid, nil, err
	}
	if k, err = compileEntry(file, entry, overrides); err != nil {
		return nil, grid, nil, err
	}
	return k, grid, binds, sameBindings(k, binds, outs)
}

// compileEntry compiles one entry point of a file: the only one if no name is given.
func compileEntry(file, entry string, overrides map[string]float64) (*kernels.Kernel, error) {
	source, err := readShader(file)
	if err != nil {
		return nil, err
	}
	m, err := kernels.Compile(source)
	if err != nil {
		return nil, sourceErrors(file, err)
	}
	var all []string
	for _, e := range m.Entries() {
		all = append(all, e.Name)
	}
	switch {
	case len(all) == 0:
		return nil, fmt.Errorf("%s: no entry point in it", file)
	case entry == "" && len(all) == 1:
		entry = all[0]
	case entry == "":
		return nil, usagef("--entry is missing: %s has %s", file, strings.Join(all, ", "))
	case !slices.Contains(all, entry):
		return nil, fmt.Errorf("%s: no entry point %q, it has %s", file, entry, strings.Join(all, ", "))
	}
	k, err := m.Kernel(entry, overrides)
	if err != nil {
		return nil, sourceErrors(file, err)
	}
	return k, nil
}

// sameBindings checks that each of the kernel's bindings has a buffer and nothing else is named.
func sameBindings(k *kernels.Kernel, binds, outs map[string]string) error {
	has := map[string]bool{}
	for i := range k.IR.Bindings {
		b := &k.IR.Bindings[i]
		name := bindingName(b)
		has[name] = true
		if _, ok := binds[name]; !ok {
			return usagef("--bind %s is missing: %s, %s, at least %d bytes", name, b.Name, b.Access, b.MinBytes)
		}
	}
	for flag, given := range map[string]map[string]string{"--bind": binds, "--out": outs} {
		names := make([]string, 0, len(given))
		for n := range given {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			if !has[n] {
				return usagef("%s %s: kernel %s has no such binding", flag, n, k.Entry)
			}
		}
	}
	return nil
}

// bindData gives what a --bind value stands for: a file's bytes, or zero:BYTES, which gives no data.
func bindData(value string) (data []byte, size uint64, err error) {
	const most = 4<<30 - 4
	if text, ok := strings.CutPrefix(value, "zero:"); ok {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || n%4 != 0 || n == 0 || n > most {
			return nil, 0, usagef("zero:%s, want zero:BYTES with a multiple of 4, at most %d", text, uint64(most))
		}
		return nil, n, nil
	}
	if data, err = jobfile.ReadFile(value, most); err != nil {
		return nil, 0, err
	}
	if len(data) == 0 || len(data)%4 != 0 {
		return nil, 0, fmt.Errorf("%s: %d bytes, want a multiple of 4", value, len(data))
	}
	return data, uint64(len(data)), nil
}

// bindBuffer makes the buffer for a --bind value.
func bindBuffer(device kernels.Device, value string) (kernels.Buffer, error) {
	data, size, err := bindData(value)
	if err != nil {
		return nil, err
	}
	b, err := device.NewBuffer(size)
	if err != nil || data == nil {
		return b, err
	}
	return b, device.Write(b, 0, data)
}

// parsePairs reads NAME=VALUE flags.
func parsePairs(flag string, given []string) (map[string]string, error) {
	out := map[string]string{}
	for _, v := range given {
		name, value, ok := strings.Cut(v, "=")
		if !ok || value == "" || !isBinding(name) {
			return nil, usagef("%s %q: want G.B=PATH, such as 0.1=data.bin", flag, v)
		}
		if _, again := out[name]; again {
			return nil, usagef("%s %s is given twice", flag, name)
		}
		out[name] = value
	}
	return out, nil
}

func isBinding(s string) bool {
	group, binding, ok := strings.Cut(s, ".")
	_, err1 := strconv.ParseUint(group, 10, 32)
	_, err2 := strconv.ParseUint(binding, 10, 32)
	return ok && err1 == nil && err2 == nil
}

func parseOverrides(given []string) (map[string]float64, error) {
	out := map[string]float64{}
	for _, v := range given {
		name, text, _ := strings.Cut(v, "=")
		n, err := strconv.ParseFloat(text, 64)
		switch text {
		case "true":
			n, err = 1, nil
		case "false":
			n, err = 0, nil
		}
		if err != nil || name == "" || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, usagef("--override %q: want NAME=VALUE with a number, true or false", v)
		}
		if _, again := out[name]; again {
			return nil, usagef("--override %s is given twice", name)
		}
		out[name] = n
	}
	return out, nil
}

func parseGrid(s string) (grid [3]uint32, err error) {
	parts := strings.Split(s, ",")
	if len(parts) > 3 {
		return grid, usagef("--workgroups %q: want X,Y,Z", s)
	}
	grid = [3]uint32{1, 1, 1}
	for i, p := range parts {
		n, err := strconv.ParseUint(strings.TrimSpace(p), 10, 32)
		if err != nil || n > kernels.MaxWorkgroups {
			return grid, usagef("--workgroups %q: want X,Y,Z, each at most %d", s, kernels.MaxWorkgroups)
		}
		grid[i] = uint32(n)
	}
	return grid, nil
}
