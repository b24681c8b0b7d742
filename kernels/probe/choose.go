package probe

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cachefile"
	"github.com/gwrun/gwrun/kernels/lower"
)

// Verdict is what was found out about an adapter.
type Verdict struct {
	// Lowering is the fastest that passed, "" if none did and the adapter is refused.
	Lowering string `json:"lowering"`
	Passed   bool   `json:"passed"`
	Cases    int    `json:"cases"`  // words compared in the run that passed
	Digest   string `json:"digest"` // of that run
	// Reason says for each lowering that failed what its first difference was.
	Reason string `json:"reason"`
}

// Options say where verdicts are kept.
type Options struct {
	// Cache is the file that keeps verdicts; empty means gwrun/probe.json in the user's cache folder, and NoCache none.
	Cache string
	// Recheck is the chance, from 0 to 1, that a kept verdict is not believed and the battery runs again.
	Recheck float64
}

// NoCache as Options.Cache keeps nothing.
const NoCache = "none"

// order is the order in which lowerings are tried: fastest first.
var order = []lower.Mode{lower.ModeNative, lower.ModeGuard, lower.ModeSoft}

// Choose finds the fastest lowering in which an adapter passes the battery. open opens the adapter described by info with a
// lowering; Choose closes what it opened. An adapter that passes in none gets a Verdict with Passed false; an error
// means that nothing was found out.
func Choose(ctx context.Context, info kernels.Info, open func(lowering string) (kernels.Device, error), o Options) (*Verdict, error) {
	key, err := cacheKey(info)
	if err != nil {
		return nil, err
	}
	path := o.path()
	if v := load(path)[key]; v != nil && rand.Float64() >= o.Recheck {
		return v, nil
	}
	v := &Verdict{}
	var reasons []string
	wasLost := false
	for _, m := range order {
		r, err := try(ctx, m, open)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			// A driver that falls over has failed; a device that can't be opened may be there the next time.
			var lost *kernels.LostError
			if !errors.As(err, &lost) {
				return nil, err
			}
			r.FirstDifference, wasLost = err.Error(), true
		}
		if r.Passed {
			v.Lowering, v.Passed, v.Cases, v.Digest = m.String(), true, r.Cases, r.Digest
			break
		}
		reasons = append(reasons, fmt.Sprintf("%s: %s", m, r.FirstDifference))
	}
	v.Reason = strings.Join(reasons, "; ")
	// A refusal because the driver fell over is not kept: that may not be so the next time. Not being able to keep a
	// verdict only costs time.
	if v.Passed || !wasLost {
		_ = keep(path, key, v)
	}
	return v, nil
}

func try(ctx context.Context, m lower.Mode, open func(string) (kernels.Device, error)) (Result, error) {
	d, err := open(m.String())
	if err != nil {
		return Result{}, err
	}
	defer d.Close()
	return Run(ctx, d)
}

// cacheKey names an adapter with its driver, and everything the verdict on it depends on.
func cacheKey(info kernels.Info) (string, error) {
	parts := []string{info.Backend, info.Name, info.Driver}
	for _, m := range order {
		f, err := fingerprints[m]()
		if err != nil {
			return "", err
		}
		parts = append(parts, f[:16])
	}
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(p, "|", "/")
	}
	return strings.Join(parts, "|"), nil
}

var fingerprints = map[lower.Mode]func() (string, error){}

func init() {
	for _, m := range order {
		fingerprints[m] = sync.OnceValues(func() (string, error) { return fingerprint(m) })
	}
}

func (o *Options) path() string { return cachefile.Path(o.Cache, NoCache, "probe.json") }

// kept is an entry of the cache file.
type kept struct {
	Verdict
	When time.Time `json:"when"`
}

const (
	cacheBytes   = 1 << 20
	cacheEntries = 64
	cacheAge     = 30 * 24 * time.Hour
)

func file(path string) *cachefile.File[kept] {
	return &cachefile.File[kept]{Path: path, Bytes: cacheBytes, Entries: cacheEntries, When: func(e *kept) time.Time { return e.When },
		Valid: func(e *kept) bool {
			_, err := lower.ParseMode(e.Lowering)
			return e.Passed == (err == nil) && (e.Passed || e.Lowering == "") && e.Lowering != lower.ModePlain.String()
		}}
}

// load reads the verdicts in the cache file that are not too old.
func load(path string) map[string]*Verdict {
	out := map[string]*Verdict{}
	for k, e := range file(path).Load() {
		// A verdict is repeated now and then: the machine around the adapter changes in ways that no key shows.
		if age := time.Since(e.When); age >= 0 && age < cacheAge {
			out[k] = &e.Verdict
		}
	}
	return out
}

// parse reads the text of a cache file and drops the entries that cannot be.
func parse(b []byte) map[string]*kept { return file("").Parse(b) }

// keep adds a verdict to the cache file.
func keep(path, key string, v *Verdict) error {
	return file(path).Keep(key, &kept{*v, time.Now().UTC()})
}
