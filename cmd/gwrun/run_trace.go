package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// traceFlags are run's --trace and --trace-steps.
type traceFlags struct {
	file  string
	steps string
}

// transcript writes what a run does, a line a host call. A nil transcript writes nothing.
type transcript struct {
	w           *bufio.Writer
	file        *os.File // nil where it goes to stderr
	first, last uint64   // steps that are written
	step        uint64   // whose heading is out
	err         error
	closed      bool
}

// open makes the transcript that the flags ask for, nil if none.
func (f *traceFlags) open(g *globals) (*transcript, error) {
	if f.file == "" {
		if f.steps != "" {
			return nil, usagef("--trace-steps is for --trace")
		}
		return nil, nil
	}
	t := &transcript{last: ^uint64(0)}
	if f.steps != "" {
		from, to, ranged := strings.Cut(f.steps, "-")
		var err, err2 error
		t.first, err = strconv.ParseUint(from, 10, 64)
		t.last = t.first
		if ranged {
			t.last, err2 = strconv.ParseUint(to, 10, 64)
		}
		if err != nil || err2 != nil || t.first == 0 || t.last < t.first {
			return nil, usagef("--trace-steps %q: want a step such as 3, or a range such as 3-5, counted from 1", f.steps)
		}
	}
	var out io.Writer = g.stderr
	if f.file != "-" {
		file, err := os.Create(f.file)
		if err != nil {
			return nil, fmt.Errorf("--trace: %w", err)
		}
		t.file, out = file, file
	}
	t.w = bufio.NewWriter(out)
	return t, nil
}

func (t *transcript) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(t.w, format, args...); err != nil && t.err == nil {
		t.err = err
	}
}

// line is runtime.Options.OnTrace.
func (t *transcript) line(l runtime.TraceLine) {
	if l.Step < t.first || l.Step > t.last {
		return
	}
	if t.step != l.Step {
		t.step = l.Step
		t.printf("step %d\n", l.Step)
	}
	if s := l.Shown; s != nil {
		t.printf("  %4d  %s  [gas %d", l.Call, printable(s.String()), s.Gas)
		if s.GPUGas > 0 {
			t.printf(", gpu gas %d", s.GPUGas)
		}
		if l.End != "" {
			t.printf(", cut short")
		}
		t.printf("]\n")
		for _, d := range s.Details {
			t.printf("          %s\n", printable(d))
		}
	}
	if l.End != "" {
		t.printf("  end: %s; gas %d, gpu gas %d so far\n", printable(l.End), l.Gas, l.GPUGas)
	}
}

// interval adds a committed record. Like next, it is a runtime.Options.OnInterval; next may be nil.
func (t *transcript) interval(next func(msg.Interval, func() (*state.Snapshot, error)) error) func(msg.Interval, func() (*state.Snapshot, error)) error {
	return func(rec msg.Interval, take func() (*state.Snapshot, error)) error {
		if t.step != 0 && rec.LastStep >= t.first && rec.LastStep <= t.last {
			t.printf("interval %d, up to step %d: state %v, transcript %v\n", rec.Index, rec.LastStep, rec.State, rec.Transcript)
		}
		if t.err != nil {
			return fmt.Errorf("--trace: %w", t.err)
		}
		if next == nil {
			return nil
		}
		return next(rec, take)
	}
}

// close may be called again.
func (t *transcript) close() error {
	if t == nil || t.closed {
		return nil
	}
	t.closed = true
	err := errors.Join(t.err, t.w.Flush())
	if t.file != nil {
		err = errors.Join(err, t.file.Close())
	}
	if err != nil {
		return fmt.Errorf("--trace: %w", err)
	}
	return nil
}
