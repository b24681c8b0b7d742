package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"syscall"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/runtime"
)

// The exit statuses of every verb. They are part of the command line's interface: a number keeps its meaning.
const (
	exitOK          = 0
	exitFailure     = 1
	exitInvalid     = 2
	exitUnavailable = 3
	exitJobFailed   = 4
	exitPeer        = 5
	exitDiskFull    = 6
	exitKey         = 7
	exitVersion     = 8
	exitUsage       = 64  // EX_USAGE of sysexits.h
	exitInterrupted = 130 // 128 + SIGINT, as shells count
)

// exitMeanings is the table that help texts and docs print.
var exitMeanings = map[int]string{
	exitOK:          "success",
	exitFailure:     "an error: a file, an input, a module or a kernel is not as it should be",
	exitInvalid:     "the verdict is invalid: what was claimed is not what the job computes",
	exitUnavailable: "unavailable: it could not be checked or run (a device was lost, data is missing)",
	exitJobFailed:   "the job itself failed (a trap or a limit), the same way on every device",
	exitPeer:        "a peer could not be reached",
	exitDiskFull:    "the disk is full",
	exitKey:         "a key is missing, damaged or not the one wanted",
	exitVersion:     "another version of gwrun's semantics, ABI, gas tables or protocol is needed",
	exitUsage:       "the command line is wrong",
	exitInterrupted: "interrupted",
}

// exitStatus is the EXIT STATUS section of a verb's help, as the Annotations its command is made with. Every verb may
// also end with 0, 1, 64 and 130.
func exitStatus(codes ...int) map[string]string {
	codes = append([]int{exitOK, exitFailure, exitUsage, exitInterrupted}, codes...)
	sort.Ints(codes)
	var b strings.Builder
	for i, c := range codes {
		if i == 0 || codes[i-1] != c {
			fmt.Fprintf(&b, "  %-4d %s\n", c, exitMeanings[c])
		}
	}
	return map[string]string{exitAnnotation: strings.TrimRight(b.String(), "\n")}
}

const exitAnnotation = "exit status"

// exitError carries an error to main together with the status to exit with.
type exitError struct {
	code  int
	err   error
	hint  string // what to do next; may be empty
	quiet bool   // everything has been said
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

var errInterrupted = errors.New("interrupted")

// usagef is an error about the command line.
func usagef(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// exitCode finds the status for an error that does not carry one.
func exitCode(err error) int {
	var e *exitError
	var lost *kernels.LostError
	var unable *runtime.UnavailableError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, store.ErrFull):
		return exitDiskFull
	case errors.As(err, &lost), errors.As(err, &unable):
		return exitUnavailable
	}
	return exitFailure
}

// report prints an error for a person, and with --json as an object too if none is out yet, and gives the exit status.
func (g *globals) report(err error) int {
	code := exitCode(err)
	if err == nil {
		return code
	}
	var e *exitError
	if errors.As(err, &e) && e.quiet {
		return code
	}
	text := err.Error()
	var lost *kernels.LostError
	if errors.As(err, &lost) {
		// A driver's last words may be a whole stack trace.
		text, _, _ = strings.Cut(text, "\n")
	}
	hint := ""
	if e != nil {
		hint = e.hint
	}
	if g.lines != nil {
		g.lines.Error(text, "hint", hint, "exit", code)
	} else {
		fmt.Fprintf(g.stderr, "gwrun: %s\n", text)
		if hint != "" {
			fmt.Fprintf(g.stderr, "gwrun: %s\n", hint)
		}
	}
	if g.json && !g.printed {
		var nobid *consumer.NoBid
		errors.As(err, &nobid)
		b, _ := json.MarshalIndent(struct {
			Error string `json:"error"`
			Exit  int    `json:"exit"`
			// NoBid is why nobody took a job.
			NoBid *consumer.NoBid `json:"no_bid,omitempty"`
		}{text, code, nobid}, "", "  ")
		fmt.Fprintf(g.stdout, "%s\n", b)
	}
	return code
}
