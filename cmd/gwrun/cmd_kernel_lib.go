package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lib/tune"
	"github.com/gwrun/gwrun/kernels/lower"
)

func newKernelLibCmd(g *globals) *cobra.Command {
	return group("lib", "the kernel library: list, print, time and tune its kernels", newLibListCmd(g), newLibShowCmd(g), newLibTuneCmd(g), newLibBenchCmd(g))
}

// libKernel finds a kernel of the library.
func libKernel(name string) (*lib.Op, error) {
	op, err := lib.Get(name)
	if err != nil {
		return nil, usagef("%v: gwrun kernel lib list has them all", err)
	}
	return op, nil
}

type libEntry struct {
	Name string `json:"name"`
	Does string `json:"does"`
}

func newLibListCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:         "list",
		Short:       "list the kernels of the library",
		Long:        "List prints the name of each kernel and what it computes.",
		Annotations: exitStatus(),
		Example:     "  gwrun kernel lib list",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			var list []libEntry
			wide := 0
			for _, op := range lib.Ops() {
				source, err := op.Source()
				if err != nil {
					return err
				}
				list = append(list, libEntry{op.Name, headline(op.Name, source)})
				wide = max(wide, len(op.Name))
			}
			return g.print(list, func(w io.Writer) {
				for _, e := range list {
					first, _, _ := strings.Cut(e.Does, ". ") // show has the rest
					fmt.Fprintf(w, "%-*s  %s\n", wide, e.Name, strings.TrimSuffix(first, "."))
				}
			})
		},
	}
}

// headline is the first paragraph of a kernel's header, without the name.
func headline(name, source string) string {
	text, _, _ := strings.Cut(source, "\n// Shapes: ")
	return strings.ReplaceAll(strings.TrimPrefix(text, "// "+name+": "), "\n// ", " ")
}

type libKernelResult struct {
	Name      string              `json:"name"`
	Params    []string            `json:"params"`
	Defaults  map[string]uint32   `json:"defaults,omitempty"`
	Overrides []libOverride       `json:"overrides"`
	Bindings  []checkBinding      `json:"bindings"`
	Tiles     []map[string]uint32 `json:"tiles"`
	Source    string              `json:"source"`
}

type libOverride struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func newLibShowCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "print the WGSL of a library kernel",
		Long: `Show prints the complete text of a kernel, ready to be embedded in a job. Its header says what the parameters and
buffers are and the exact order of operations. --json adds parameters, overrides, bindings and tiles.`,
		Annotations: exitStatus(),
		Example:     "  gwrun kernel lib show matmul_f32 > matmul.wgsl\n  gwrun kernel lib show softmax --json",
		Args:        exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			op, err := libKernel(args[0])
			if err != nil {
				return err
			}
			m, err := op.Module()
			if err != nil {
				return err
			}
			res := libKernelResult{Name: op.Name, Params: op.Params, Defaults: op.Defaults, Overrides: []libOverride{}, Source: m.Source}
			for _, o := range m.Overrides() {
				res.Overrides = append(res.Overrides, libOverride{o.Name, o.Type})
			}
			for _, b := range m.Entries()[0].Bindings {
				res.Bindings = append(res.Bindings, checkBinding{bindingName(&b), b.Name, b.Access.String(), b.MinBytes})
			}
			for _, t := range op.Tiles {
				tile := map[string]uint32{}
				for n, v := range t {
					tile[n] = uint32(v)
				}
				res.Tiles = append(res.Tiles, tile)
			}
			return g.print(res, func(w io.Writer) { io.WriteString(w, m.Source) })
		},
	}
}

// libFlags are the flags of what runs a library kernel.
type libFlags struct {
	device            deviceFlags
	params, overrides []string
	runs              int
}

func (f *libFlags) add(cmd *cobra.Command) {
	f.device.add(cmd)
	f.device.unproven = true
	cmd.Flags().StringArrayVar(&f.params, "param", nil, "parameters of the kernel, as `NAME=VALUE,...`; may be given again")
	cmd.Flags().StringArrayVar(&f.overrides, "override", nil, "value of an override that chooses a variant, as `NAME=VALUE`; may be given again")
	cmd.Flags().IntVar(&f.runs, "runs", 5, "how often each is timed; the fastest run counts")
}

// read gives the kernel, its parameters and overrides.
func (f *libFlags) read(name string) (*lib.Op, map[string]uint32, map[string]float64, error) {
	op, err := libKernel(name)
	if err != nil {
		return nil, nil, nil, err
	}
	if f.runs < 1 {
		return nil, nil, nil, usagef("--runs %d: want at least 1", f.runs)
	}
	params, err := libParams(op, f.params)
	if err != nil {
		return nil, nil, nil, err
	}
	overrides, err := parseOverrides(f.overrides)
	return op, params, overrides, err
}

// libParams reads --param flags: words, or numbers where the kernel's parameter is one.
func libParams(op *lib.Op, given []string) (map[string]uint32, error) {
	out := maps.Clone(op.Defaults)
	if out == nil {
		out = map[string]uint32{}
	}
	number := map[string]bool{}
	var names []string
	for _, p := range op.Params {
		name, kind, _ := strings.Cut(p, ":")
		number[name] = kind == "f32"
		names = append(names, name)
	}
	for _, pair := range strings.Split(strings.Join(given, ","), ",") {
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		isNumber, ok := number[name]
		if !ok {
			return nil, usagef("--param %q: %s has the parameters %s", pair, op.Name, strings.Join(names, ", "))
		}
		if isNumber {
			v, err := strconv.ParseFloat(text, 32)
			if err != nil {
				return nil, usagef("--param %q: want NAME=NUMBER", pair)
			}
			out[name] = math.Float32bits(float32(v))
			continue
		}
		v, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return nil, usagef("--param %q: want NAME=VALUE with an integer below 2^32", pair)
		}
		out[name] = uint32(v)
	}
	for _, n := range names {
		if _, ok := out[n]; !ok {
			return nil, usagef("--param %s=... is missing: %s has the parameters %s", n, op.Name, strings.Join(names, ", "))
		}
	}
	return out, nil
}

type libTuneResult struct {
	Name     string    `json:"name"`
	Device   string    `json:"device"`
	Lowering string    `json:"lowering"`
	Tiles    []libTime `json:"tiles"`
	Choice   string    `json:"choice"`
}

type libTime struct {
	Tile    string  `json:"tile"`
	Ms      float64 `json:"ms,omitempty"`
	BuildMs float64 `json:"build_ms,omitempty"`
	Error   string  `json:"error,omitempty"`
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func newLibTuneCmd(g *globals) *cobra.Command {
	var f libFlags
	var budget time.Duration
	cmd := &cobra.Command{
		Use:   "tune NAME",
		Short: "time the tiles of a library kernel on a device and keep the fastest",
		Long: `Tune times each tile of a kernel on a device, with random operands, and keeps the fastest in the user's cache folder
(gwrun/tiles.json) for parameters of about this size. Tiles change no result.`,
		Annotations: exitStatus(exitUnavailable),
		Example:     "  gwrun kernel lib tune matmul_f32 --device gpu0 --param m=1024,n=1024,k=1024\n  gwrun kernel lib tune softmax --param rows=512,n=512,scale=1,period=1,offset=0",
		Args:        exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			op, params, overrides, err := f.read(args[0])
			if err != nil {
				return err
			}
			device, err := f.device.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, device.Close()) }()
			res := libTuneResult{Name: op.Name, Device: device.Info().ID, Lowering: device.Info().Lowering, Tiles: []libTime{}}
			choice, err := tune.Choose(cmd.Context(), device, op, params, overrides, tune.Options{Again: true, Runs: f.runs, Budget: budget,
				Heard: func(t tune.Timing) {
					row := libTime{Tile: t.Tile.String(), Ms: millis(t.Time), BuildMs: millis(t.Build)}
					if t.Err != nil {
						row = libTime{Tile: row.Tile, Error: t.Err.Error()}
					}
					res.Tiles = append(res.Tiles, row)
				}})
			if err != nil {
				return err
			}
			res.Choice = choice.String()
			return g.print(res, func(w io.Writer) {
				for _, t := range res.Tiles {
					if t.Error != "" {
						fmt.Fprintf(w, "%-44s  %s\n", t.Tile, t.Error)
						continue
					}
					fmt.Fprintf(w, "%-44s  %10.3f ms   built in %.0f ms\n", t.Tile, t.Ms, t.BuildMs)
				}
				fmt.Fprintf(w, "choice    %s\n", res.Choice)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().DurationVar(&budget, "budget", time.Minute, "begin no further tile after this `TIME`")
	return cmd
}

type libBenchResult struct {
	Name     string  `json:"name"`
	Device   string  `json:"device"`
	Lowering string  `json:"lowering"`
	Tile     string  `json:"tile"`
	Ms       float64 `json:"ms"`
	Gflops   float64 `json:"gflops,omitempty"` // operations where the kernel counts them
	Gbytes   float64 `json:"gbytes_per_s"`     // all operands once
	Gas      uint64  `json:"gas"`
	Output   string  `json:"output"` // sha256 of what the kernel wrote
	// The same kernel printed without what makes it exact, where it is asked for.
	PlainMs    float64 `json:"plain_ms,omitempty"`
	PlainRatio float64 `json:"plain_ratio,omitempty"`
	PlainSame  *bool   `json:"plain_same,omitempty"`
}

func newLibBenchCmd(g *globals) *cobra.Command {
	var f libFlags
	var tile string
	var plain bool
	cmd := &cobra.Command{
		Use:   "bench NAME",
		Short: "time a library kernel on a device and hash its output",
		Long: `Bench runs a kernel on random operands, which are the same everywhere, and prints the time of its fastest run and the hash
of its output: two devices must print the same hash. The tile is the one that tune has chosen for the device, or is chosen
now. With --plain the same kernel is also timed on the GPU as drivers would run it by themselves.`,
		Annotations: exitStatus(exitUnavailable),
		Example: `  gwrun kernel lib bench matmul_f32 --device gpu0 --param m=512,n=512,k=512 --plain --json
  gwrun kernel lib bench matmul_bf16 --param m=64,n=64,k=64 --tile x=8,y=8,rows=4,cols=4,depth=0`,
		Args: exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			op, params, overrides, err := f.read(args[0])
			if err != nil {
				return err
			}
			if plain && f.device.id == "cpu" {
				return usagef("--plain is for GPUs; the cpu device runs kernels as they are")
			}
			var chosen lib.Tile
			if tile != "" {
				values, err := parseOverrides(strings.Split(tile, ","))
				if err != nil {
					return err
				}
				chosen = values
			}
			res, err := f.bench(cmd.Context(), &f.device, op, params, overrides, &chosen)
			if err != nil {
				return err
			}
			if plain {
				bare := f.device
				bare.lowering = lower.ModePlain.String()
				p, err := f.bench(cmd.Context(), &bare, op, params, overrides, &chosen)
				if err != nil {
					return err
				}
				same := p.Output == res.Output
				res.PlainMs, res.PlainRatio, res.PlainSame = p.Ms, res.Ms/p.Ms, &same
			}
			return g.print(res, func(w io.Writer) {
				fmt.Fprintf(w, "kernel    %s  %s\ndevice    %s %s\ntime      %.3f ms", res.Name, res.Tile, res.Device, res.Lowering, res.Ms)
				if res.Gflops > 0 {
					fmt.Fprintf(w, ", %.2f GFLOP/s", res.Gflops)
				}
				fmt.Fprintf(w, ", %.2f GB/s\ngas       %d\noutput    %s\n", res.Gbytes, res.Gas, res.Output)
				if res.PlainSame != nil {
					fmt.Fprintf(w, "plain     %.3f ms, ratio %.2f, same output: %v\n", res.PlainMs, res.PlainRatio, *res.PlainSame)
				}
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&tile, "tile", "", "the tile, as `NAME=VALUE,...`")
	cmd.Flags().BoolVar(&plain, "plain", false, "also time the kernel without fences and guards, and print the ratio")
	return cmd
}

// bench times a kernel on one device; where tile is nil the one that suits the device is put there.
func (f *libFlags) bench(ctx context.Context, flags *deviceFlags, op *lib.Op, params map[string]uint32, overrides map[string]float64, tile *lib.Tile) (res *libBenchResult, err error) {
	var device kernels.Device
	if device, err = flags.open(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, device.Close()) }()
	if *tile == nil {
		if *tile, err = tune.Choose(ctx, device, op, params, overrides, tune.Options{}); err != nil {
			return nil, err
		}
	}
	job, err := tune.NewJob(device, op, params, overrides)
	if err != nil {
		return nil, err
	}
	defer job.Close()
	if err := job.Load(ctx, *tile); err != nil {
		return nil, err
	}
	sum, gas, err := job.Output(ctx)
	if err != nil {
		return nil, err
	}
	var times []time.Duration
	for range f.runs {
		took, _, err := job.Run(ctx)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	best := slices.Min(times)
	res = &libBenchResult{Name: op.Name, Device: device.Info().ID, Lowering: device.Info().Lowering, Tile: tile.String(), Ms: millis(best),
		Gas: gas, Output: hex.EncodeToString(sum[:]), Gbytes: float64(job.Bytes()) / best.Seconds() / 1e9}
	if op.Flops != nil {
		res.Gflops = op.Flops(params) / best.Seconds() / 1e9
	}
	return res, nil
}
