// Package tune finds out which tile of a library kernel is the fastest on a device and keeps that for the next time. The
// choice changes no result.
package tune

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lib"
)

// Options say how tiles are timed and where choices are kept. The zero value is the default.
type Options struct {
	// Cache is the file that keeps choices; empty means gwrun/tiles.json in the user's cache folder, and NoCache none.
	Cache string
	// Again times the tiles even where a choice is kept, and keeps the new one.
	Again bool
	// Runs is how often each tile is timed, after a first run that is not; 0 means 3.
	Runs int
	// Budget is the time after which no further tile is begun; 0 means 20 seconds.
	Budget time.Duration
	// Heard, if set, is told of each tile that was tried.
	Heard func(Timing)
}

// NoCache as Options.Cache keeps nothing.
const NoCache = "none"

// Timing is what came of trying a tile.
type Timing struct {
	Tile lib.Tile
	// Time is that of the fastest run; Build is how long the kernel took to be made ready, the first run included.
	Time, Build time.Duration
	// Err says why the tile can't be used, if so: too large a workgroup for the device, for example.
	Err error
}

// Choose gives the fastest tile of a kernel on a device for parameters: the one that is kept for parameters of this size, or
// else the one that is the fastest of those it has the time to try.
func Choose(ctx context.Context, dev kernels.Device, op *lib.Op, params map[string]uint32, overrides map[string]float64, o Options) (lib.Tile, error) {
	key, err := cacheKey(dev.Info(), op, params, overrides)
	if err != nil {
		return nil, err
	}
	path := o.path()
	if t := load(path)[key]; t != nil && !o.Again && known(op, t.Tile) {
		return t.Tile, nil
	}
	if len(op.Tiles) == 1 {
		return op.Tiles[0], nil
	}
	all, err := Time(ctx, dev, op, params, overrides, o)
	if err != nil {
		return nil, err
	}
	best, err := Best(all)
	if err != nil {
		return nil, fmt.Errorf("%s on %s: no tile can be used: %w", op.Name, dev.Info().ID, err)
	}
	// Not being able to keep a choice only costs time.
	_ = keep(path, key, best)
	return best.Tile, nil
}

// Best is the fastest of some timings. It is an error if all tiles failed.
func Best(all []Timing) (Timing, error) {
	var best Timing
	var errs []error
	for _, t := range all {
		if t.Err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t.Tile, t.Err))
		} else if best.Tile == nil || t.Time < best.Time {
			best = t
		}
	}
	if best.Tile == nil {
		return best, errors.Join(errs...)
	}
	return best, nil
}

// Time times the tiles of a kernel in their order, at least one, until the budget is spent. A tile that is far slower than
// another is not run as often.
func Time(ctx context.Context, dev kernels.Device, op *lib.Op, params map[string]uint32, overrides map[string]float64, o Options) ([]Timing, error) {
	if o.Runs == 0 {
		o.Runs = 3
	}
	if o.Budget == 0 {
		o.Budget = 20 * time.Second
	}
	began := time.Now()
	job, err := NewJob(dev, op, params, overrides)
	if err != nil {
		return nil, err
	}
	defer job.Close()
	var out []Timing
	best := time.Duration(0)
	for n, tile := range op.Tiles {
		if n > 0 && time.Since(began) > o.Budget {
			break
		}
		t := job.time(ctx, tile, best, o.Runs)
		var lost *kernels.LostError
		if errors.As(t.Err, &lost) {
			return nil, t.Err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if t.Err == nil && (best == 0 || t.Time < best) {
			best = t.Time
		}
		if o.Heard != nil {
			o.Heard(t)
		}
		out = append(out, t)
	}
	return out, nil
}

// A tile that is tooSlow times slower than the best after so much patience is not run again. Before that a device may still
// be at work to make it faster: the cpu device starts long kernels in simple code.
const (
	tooSlow  = 4
	patience = time.Second
)

func (j *Job) time(ctx context.Context, tile lib.Tile, best time.Duration, runs int) Timing {
	t := Timing{Tile: tile}
	began := time.Now()
	if t.Err = j.Load(ctx, tile); t.Err != nil {
		return t
	}
	// Some drivers compile when a kernel is first dispatched.
	if _, _, t.Err = j.Run(ctx); t.Err != nil {
		return t
	}
	t.Build = time.Since(began)
	for n := range runs {
		took, _, err := j.Run(ctx)
		if err != nil {
			t.Err = err
			return t
		}
		if n == 0 || took < t.Time {
			t.Time = took
		}
		if best > 0 && t.Time > tooSlow*best && time.Since(began) > patience {
			return t
		}
	}
	return t
}

// known reports whether the kernel has a tile.
func known(op *lib.Op, t lib.Tile) bool {
	return slices.ContainsFunc(op.Tiles, func(u lib.Tile) bool { return maps.Equal(t, u) })
}

// cacheKey is all that a choice depends on: the device, its driver and lowering, the kernel's text, its overrides, and the
// parameters up to the next power of 2.
func cacheKey(info kernels.Info, op *lib.Op, params map[string]uint32, overrides map[string]float64) (string, error) {
	source, err := op.Source()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(source))
	var class []string
	for _, n := range slices.Sorted(maps.Keys(params)) {
		class = append(class, fmt.Sprintf("%s<=2^%d", n, bits.Len32(max(params[n], 1)-1)))
	}
	parts := []string{info.Backend, info.Name, info.Driver, info.Lowering, op.Name, hex.EncodeToString(sum[:8]), lib.Tile(overrides).String(),
		strings.Join(class, " ")}
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(p, "|", "/")
	}
	return strings.Join(parts, "|"), nil
}
