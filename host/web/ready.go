package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Readiness is whether a node can work now: every check that was added has to pass.
type Readiness struct {
	mu     sync.Mutex
	checks []*check
}

type check struct {
	name string
	ask  func(ctx context.Context) error
	keep time.Duration // how long an answer that all is well holds

	mu      sync.Mutex
	asked   time.Time
	err     error
	pending chan struct{} // closed when the answer that is waited for has come; nil: none is
}

// keepBad is how long a bad answer holds: long enough that asking costs little, short enough to be ready soon.
const keepBad = 5 * time.Second

// Add adds a check. One that costs something says how long its answer holds when all is well.
func (r *Readiness) Add(name string, keep time.Duration, ask func(ctx context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks = append(r.checks, &check{name: name, ask: ask, keep: keep})
}

// answer is what is known, or else asked for: once, however many want it, so that a check that hangs costs no more than itself.
func (c *check) answer(ctx context.Context) error {
	c.mu.Lock()
	keep := c.keep
	if c.err != nil {
		keep = min(keep, keepBad)
	}
	if c.pending == nil && !c.asked.IsZero() && time.Since(c.asked) < keep {
		defer c.mu.Unlock()
		return c.err
	}
	if c.pending == nil {
		c.pending = make(chan struct{})
		go c.find()
	}
	pending := c.pending
	c.mu.Unlock()
	select {
	case <-pending:
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.err
	case <-ctx.Done():
		return errors.New("no answer in time")
	}
}

func (c *check) find() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := c.ask(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err, c.asked = err, time.Now()
	close(c.pending)
	c.pending = nil
}

// Ask asks all checks, and gives a line for each: its name, and ok or what is wrong.
func (r *Readiness) Ask(ctx context.Context) (lines []string, ready bool) {
	r.mu.Lock()
	checks := r.checks
	r.mu.Unlock()
	errs := make([]error, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() { errs[i] = c.answer(ctx) })
	}
	all.Wait()
	ready = true
	for i, c := range checks {
		text := "ok"
		if errs[i] != nil {
			ready, text = false, strings.ReplaceAll(errs[i].Error(), "\n", " ")
		}
		lines = append(lines, fmt.Sprintf("%s: %s", c.name, text))
	}
	return lines, ready
}

func (r *Readiness) serve(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), patience)
	defer cancel()
	lines, ready := r.Ask(ctx)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	io.WriteString(w, strings.Join(lines, "\n")+"\n")
}
