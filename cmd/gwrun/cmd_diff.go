package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// diffResult is what diff prints with --json.
type diffResult struct {
	Same bool `json:"same"`
	// Program says in what the two jobs differ, where they are not one.
	Program []programDifference `json:"program,omitempty"`
	First   *msg.Difference     `json:"first_difference,omitempty"` // claimed is the first receipt's side, computed the second's
	// Equal is the number of intervals before the first difference, out of Intervals of either receipt.
	Equal     int    `json:"equal_intervals"`
	Intervals [2]int `json:"intervals"`
	// Signed says whose receipts they are, where they are not of local runs.
	Signed [2]*msg.Account `json:"providers"`
}

// programDifference is one thing in which two jobs differ.
type programDifference struct {
	What   string `json:"what"`
	First  string `json:"first"`
	Second string `json:"second"`
}

func newDiffCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "diff RECEIPT RECEIPT",
		Short: "find the first difference of two runs",
		Long: `Diff compares two receipts, as run --receipt and submit write them, without running anything: first the jobs themselves
(module, inputs, arguments, limits), then the records of their intervals. Where both receipts have the details of the first
interval that differs, the step, the host call, the kernel and the page of the buffer are named. Of two different jobs the states are
not compared, since a state names its job.

It cannot say which of the two is right: replay can.`,
		Annotations: exitStatus(exitInvalid),
		Example: `  gwrun run examples/fashion-mnist --receipt a.gwr
  gwrun run examples/fashion-mnist --receipt b.gwr --device gpu0
  gwrun diff a.gwr b.gwr`,
		Args: exactArgs("RECEIPT", "RECEIPT"),
		RunE: func(_ *cobra.Command, args []string) error {
			var rs [2]*jobfile.Receipt
			for i := range rs {
				var err error
				if rs[i], err = jobfile.OpenReceipt(args[i]); err != nil {
					return err
				}
			}
			res := compareReceipts(rs[0], rs[1])
			if err := g.print(res, func(w io.Writer) { printDiff(w, res) }); err != nil {
				return err
			}
			if !res.Same {
				return &exitError{code: exitInvalid, quiet: true, err: errors.New("the receipts differ")}
			}
			return nil
		},
	}
}

func compareReceipts(a, b *jobfile.Receipt) *diffResult {
	res := &diffResult{Program: comparePrograms(&a.Program, &b.Program), Intervals: [2]int{len(a.Intervals), len(b.Intervals)}}
	for i, r := range []*jobfile.Receipt{a, b} {
		if r.Receipt.Provider != (msg.Account{}) {
			res.Signed[i] = &r.Receipt.Provider
		}
	}
	for i := range max(len(a.Intervals), len(b.Intervals)) {
		var x, y *msg.Interval
		if i < len(a.Intervals) {
			x = &a.Intervals[i]
		}
		if i < len(b.Intervals) {
			y = &b.Intervals[i]
		}
		n := uint64(i)
		if res.First = runtime.Compare(x, y, a.Details[n], b.Details[n], len(res.Program) == 0); res.First != nil {
			break
		}
		res.Equal++
	}
	if res.First == nil {
		res.First = compareEnds(&a.Receipt, &b.Receipt, len(res.Program) == 0)
	}
	res.Same = res.First == nil && len(res.Program) == 0
	return res
}

// compareEnds compares what two receipts say of the end of runs whose records are the same; only a wrong one can differ.
func compareEnds(a, b *msg.Receipt, sameJob bool) *msg.Difference {
	for _, v := range []struct {
		what string
		a, b any
	}{
		{"status", a.Status, b.Status}, {"failure", a.Failure, b.Failure}, {"state", a.State, b.State},
		{"steps", a.Steps, b.Steps}, {"gas", a.Gas, b.Gas}, {"gpu gas", a.GPUGas, b.GPUGas}, {"output", a.Outputs, b.Outputs},
	} {
		if (sameJob || v.what != "state") && !reflect.DeepEqual(v.a, v.b) {
			return &msg.Difference{What: v.what, Claimed: fmt.Sprint(v.a), Computed: fmt.Sprint(v.b)}
		}
	}
	return nil
}

// comparePrograms lists in what two jobs differ.
func comparePrograms(a, b *msg.Program) []programDifference {
	var out []programDifference
	add := func(what string, x, y any) {
		if !reflect.DeepEqual(x, y) {
			out = append(out, programDifference{what, printable(fmt.Sprint(x)), printable(fmt.Sprint(y))})
		}
	}
	add("semantics", a.Semantics, b.Semantics)
	add("ABI", a.ABI, b.ABI)
	add("gas tables", a.Gas, b.Gas)
	add("module", a.Module.Root, b.Module.Root)
	inputs := func(p *msg.Program) map[string]string {
		m := map[string]string{}
		for _, in := range p.Inputs {
			m[in.Name] = in.Blob.Root.String()
		}
		return m
	}
	x, y := inputs(a), inputs(b)
	for _, in := range a.Inputs {
		add("input "+in.Name, x[in.Name], orNone(y, in.Name))
	}
	for _, in := range b.Inputs {
		if _, ok := x[in.Name]; !ok {
			add("input "+in.Name, "none", y[in.Name])
		}
	}
	add("arguments", fmt.Sprintf("%q", a.Args), fmt.Sprintf("%q", b.Args))
	add("seed", a.Seed, b.Seed)
	add("interval", a.Interval, b.Interval)
	l, m := reflect.ValueOf(a.Limits), reflect.ValueOf(b.Limits)
	for i := range l.NumField() {
		add("limit "+l.Type().Field(i).Tag.Get("json"), l.Field(i).Interface(), m.Field(i).Interface())
	}
	return out
}

func orNone(m map[string]string, name string) string {
	if v, ok := m[name]; ok {
		return v
	}
	return "none"
}

func printDiff(w io.Writer, res *diffResult) {
	for _, p := range res.Program {
		fmt.Fprintf(w, "job         %s: %s, %s\n", printable(p.What), p.First, p.Second)
	}
	switch {
	case res.Same:
		fmt.Fprintf(w, "same: all %d intervals\n", res.Equal)
	case res.First == nil:
		fmt.Fprintf(w, "the jobs differ, their %d intervals do not\n", res.Equal)
	default:
		fmt.Fprintf(w, "differ after %d equal intervals (of %d and %d): %s\n", res.Equal, res.Intervals[0], res.Intervals[1], describeAs(res.First, "page at byte", "first", "second"))
	}
}
