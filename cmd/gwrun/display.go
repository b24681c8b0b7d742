package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/gwrun/gwrun/runtime"
)

// display shows a run on stderr: on a terminal one line that changes, elsewhere only what the guest logs.
type display struct {
	g    *globals
	live bool

	mu     sync.Mutex
	began  time.Time
	drawn  time.Time
	line   bool // a progress line stands on the terminal
	logged []byte
	closed bool
}

func newDisplay(g *globals) *display {
	return &display{g: g, live: g.terminal(), began: time.Now()}
}

// progress draws the line anew, at most ten times a second.
func (d *display) progress(p runtime.Progress) {
	if !d.live {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if d.closed || now.Sub(d.drawn) < 100*time.Millisecond {
		return
	}
	d.drawn = now
	left := ""
	if p.Fraction > 0.02 && p.Fraction < 1 {
		took := now.Sub(d.began)
		left = fmt.Sprintf("  %v left", time.Duration(float64(took)*(1-p.Fraction)/p.Fraction).Round(time.Second))
	}
	const width = 20
	full := int(min(max(p.Fraction, 0), 1) * width)
	text := fmt.Sprintf("[%s%s] %3.0f%%  step %d  %s  %s gas%s", strings.Repeat("#", full), strings.Repeat(".", width-full),
		100*p.Fraction, p.Step, printable(p.Message), short(p.Gas+p.GPUGas), left)
	if columns, _, err := term.GetSize(2); err == nil && columns > 1 {
		if r := []rune(text); len(r) > columns-1 {
			text = string(r[:columns-1])
		}
	}
	fmt.Fprintf(d.g.stderr, "\r\x1b[K%s", text)
	d.line = true
}

// log prints what the guest logs, a whole line at a time.
func (d *display) log(stream string, text []byte) {
	if d.g.quiet {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.logged = append(d.logged, text...)
	for {
		line, rest, ok := strings.Cut(string(d.logged), "\n")
		if !ok {
			return
		}
		d.put(line)
		d.logged = append(d.logged[:0], rest...)
	}
}

func (d *display) put(line string) {
	d.clear()
	fmt.Fprintf(d.g.stderr, "job: %s\n", printable(line))
}

func (d *display) clear() {
	if d.line {
		fmt.Fprint(d.g.stderr, "\r\x1b[K")
		d.line = false
	}
}

// close takes the progress line away and prints what is left of the log. It may be called again.
func (d *display) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clear()
	if len(d.logged) > 0 {
		d.put(string(d.logged))
		d.logged = nil
	}
	d.closed = true
}

// short writes a large number in three digits and a unit.
func short(n uint64) string {
	units := []string{"", "k", "M", "G", "T", "P", "E"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d", n)
	}
	return fmt.Sprintf("%.3g%s", f, units[i])
}
