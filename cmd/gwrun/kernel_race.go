package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/race"
)

// raceVerdict is what is known of the races of a kernel.
type raceVerdict struct {
	// Verdict is "proven", "conditional" or "unproven" without a dispatch; "none", "found" or "cut" of one that was run.
	Verdict    string     `json:"verdict"`
	Workgroups string     `json:"workgroups,omitempty"` // the grids a proof is about, such as X,Y,1
	Pairs      []racePair `json:"pairs,omitempty"`      // places that may meet, as far as was proven
	Races      []raceLine `json:"races,omitempty"`
	Checked    uint64     `json:"checked_workgroups,omitempty"`
	Cut        string     `json:"cut,omitempty"`
}

// racePair is two places in the text at which invocations may meet.
type racePair struct {
	Object string    `json:"object"`
	First  racePlace `json:"first"`
	Second racePlace `json:"second"`
}

type racePlace struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Kind   string `json:"kind"`
}

// raceLine is a race that was found.
type raceLine struct {
	Object string   `json:"object"`
	Word   uint32   `json:"word"`
	Count  uint64   `json:"count"`
	First  raceSide `json:"first"`
	Second raceSide `json:"second"`
}

type raceSide struct {
	racePlace
	Workgroup [3]uint32 `json:"workgroup"`
	Local     [3]uint32 `json:"local_invocation"`
}

func verdictOf(p *race.Proof) *raceVerdict {
	v := &raceVerdict{Verdict: string(p.Verdict)}
	if p.Verdict != race.Unproven {
		v.Workgroups = p.Grid()
	}
	for _, x := range p.Pairs {
		v.Pairs = append(v.Pairs, racePair{x.Object, racePlace{x.First.Line, x.First.Col, x.Kinds[0]},
			racePlace{x.Second.Line, x.Second.Col, x.Kinds[1]}})
	}
	return v
}

// print says what was proven of an entry point of a file.
func (v *raceVerdict) print(w io.Writer, file, entry string) {
	if v == nil {
		return
	}
	grid := ""
	if v.Workgroups != "X,Y,Z" {
		grid = " for workgroups " + v.Workgroups
	}
	switch race.Verdict(v.Verdict) {
	case race.Proven:
		fmt.Fprintf(w, "%s: races of %s: proven free%s\n", file, entry, grid)
	case race.Conditional:
		fmt.Fprintf(w, "%s: races of %s: proven free%s where no index passes 2^32\n", file, entry, grid)
	default:
		for _, p := range v.Pairs {
			fmt.Fprintf(w, "%s:%d:%d: races of %s: not proven: %s of %s here", file, p.First.Line, p.First.Column, entry, p.First.Kind, p.Object)
			if p.Second != p.First {
				fmt.Fprintf(w, " and %s at %d:%d", p.Second.Kind, p.Second.Line, p.Second.Column)
			}
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: races of %s: give a dispatch to have it checked (--race --entry %s --workgroups X,Y,Z --bind ...)\n", file, entry, entry)
	}
}

// linesOf gives races as they are printed: two lines each, of which the file or kernel's name is the first part.
func linesOf(races []race.Race) []raceLine {
	var lines []raceLine
	side := func(a *race.Access) raceSide {
		return raceSide{racePlace{a.Pos.Line, a.Pos.Col, a.Kind}, a.Group, a.Local}
	}
	for _, r := range races {
		lines = append(lines, raceLine{r.Object, r.Word, r.Count, side(&r.First), side(&r.Second)})
	}
	return lines
}

// printRaces prints both places of each race, with the text there if it is known.
func printRaces(w io.Writer, file, source string, lines []raceLine) {
	text := strings.Split(source, "\n")
	show := func(p racePlace) {
		if p.Line > 0 && p.Line <= len(text) {
			fmt.Fprintf(w, "    %s\n", printable(strings.TrimSpace(text[p.Line-1])))
		}
	}
	for _, r := range lines {
		times := ""
		if r.Count > 1 {
			times = fmt.Sprintf(" (and %d more like it)", r.Count-1)
		}
		fmt.Fprintf(w, "%s:%d:%d: race: %s of word %d of %s by %s%s\n", file, r.Second.Line, r.Second.Column, r.Second.Kind, r.Word,
			printable(r.Object), r.Second.who(), times)
		show(r.Second.racePlace)
		fmt.Fprintf(w, "%s:%d:%d: race: it meets the %s by %s\n", file, r.First.Line, r.First.Column, r.First.Kind, r.First.who())
		show(r.First.racePlace)
	}
}

func (s *raceSide) who() string {
	return fmt.Sprintf("invocation %d,%d,%d of workgroup %d,%d,%d", s.Local[0], s.Local[1], s.Local[2], s.Workgroup[0], s.Workgroup[1], s.Workgroup[2])
}

type raceOptions struct {
	race              bool
	entry, workgroups string
	binds, overs      []string
	gasLimit          uint32
	steps             uint64
}

func (o *raceOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&o.overs, "override", nil, "value of an override, as `NAME=VALUE`; may be given again")
	f.BoolVar(&o.race, "race", false, "look for the races of one dispatch")
	f.StringVar(&o.entry, "entry", "", "with --race: entry point `NAME` (default the only one)")
	f.StringVar(&o.workgroups, "workgroups", "1,1,1", "with --race: grid of workgroups, as `X,Y,Z`")
	f.StringArrayVar(&o.binds, "bind", nil, "with --race: what a binding sees, as `G.B=PATH` or G.B=zero:BYTES; may be given again")
	f.Uint32Var(&o.gasLimit, "gas-limit", kernels.MaxGasLimit, "with --race: most gas one invocation may use")
	f.Uint64Var(&o.steps, "race-steps", 0, "with --race: end after about `N` instructions of single invocations (default no bound)")
}

// findRaces looks for the races of one dispatch.
func findRaces(ctx context.Context, g *globals, file string, o *raceOptions) error {
	k, grid, binds, err := readDispatch(file, o.entry, o.workgroups, o.overs, o.binds, nil)
	if err != nil {
		return err
	}
	data := make([][]byte, len(k.IR.Bindings))
	words := make([]uint32, len(data))
	for n := range k.IR.Bindings {
		b := &k.IR.Bindings[n]
		name := bindingName(b)
		var size uint64
		if data[n], size, err = bindData(binds[name]); err == nil && size < b.MinBytes {
			err = fmt.Errorf("%d bytes, the kernel needs at least %d", size, b.MinBytes)
		}
		if err != nil {
			return fmt.Errorf("--bind %s: %w", name, err)
		}
		words[n] = uint32(size / 4)
	}
	at := func(b int, n uint32) uint32 {
		if data[b] == nil {
			return 0
		}
		return binary.LittleEndian.Uint32(data[b][4*n:])
	}
	p := race.Prove(k.IR, &race.Given{Workgroups: grid, Words: words, Word: func(b int, n uint32) (uint32, bool) {
		return at(b, n), k.IR.Bindings[b].Access != ir.ReadWrite
	}})
	if p.Verdict == race.Proven {
		return g.print(&raceVerdict{Verdict: string(p.Verdict), Workgroups: o.workgroups}, func(w io.Writer) {
			fmt.Fprintf(w, "%s: races of %s: proven free for workgroups %s\n", file, k.Entry, o.workgroups)
		})
	}
	told := time.Now()
	d := &race.Dispatch{Workgroups: grid, Words: words, GasLimit: o.gasLimit, MaxSteps: o.steps,
		Content: func(b int) ([]uint32, error) {
			w := make([]uint32, words[b])
			for n := range w {
				w[n] = at(b, uint32(n))
			}
			return w, nil
		},
		OnProgress: func(done, of uint64) {
			if time.Since(told) > 2*time.Second {
				told = time.Now()
				g.logf("%d of %d workgroups", done, of)
			}
		}}
	res, err := race.NewChecker(k.IR).Run(ctx, d)
	if errors.Is(err, race.ErrGas) {
		return &exitError{code: exitJobFailed, err: fmt.Errorf("%s: %w", file, err)}
	}
	if err != nil {
		return err
	}
	v := &raceVerdict{Verdict: "none", Races: linesOf(res.Races), Checked: res.Checked, Cut: res.Cut}
	var failed error
	switch {
	case len(res.Races) > 0:
		v.Verdict = "found"
		failed = &exitError{code: exitFailure, quiet: true, err: errors.New("races")}
		printRaces(g.stderr, file, k.Source, v.Races)
	case res.Cut != "":
		v.Verdict = "cut"
		failed = &exitError{code: exitUnavailable, err: fmt.Errorf("%s: %d of %d workgroups checked: %s", file, res.Checked, res.Workgroups, res.Cut)}
	}
	return errors.Join(g.print(v, func(w io.Writer) {
		if v.Verdict == "none" {
			fmt.Fprintf(w, "%s: races of %s: none, %d workgroups checked\n", file, k.Entry, res.Checked)
		}
	}), failed)
}
