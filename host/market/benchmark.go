package market

import (
	"errors"
	"fmt"
	"math"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// maxClasses bounds the classes of a benchmark.
const maxClasses = 16

// Benchmark is one that was checked.
type Benchmark struct {
	rpc.Benchmark
	Signed identity.Signed
}

// OpenBenchmark checks what an account measured of itself.
func OpenBenchmark(signed identity.Signed, who msg.Account) (*Benchmark, error) {
	b := &Benchmark{Signed: signed}
	if err := signed.OpenFrom(&b.Benchmark, who); err != nil {
		return nil, err
	}
	switch {
	case b.Version != 1:
		return nil, fmt.Errorf("%w: benchmark of version %d, wanted 1", ErrFalse, b.Version)
	case b.Account != who:
		return nil, fmt.Errorf("%w: a benchmark of %s, wanted of %s", ErrFalse, b.Account, who)
	case len(b.Kernels) > maxClasses:
		return nil, fmt.Errorf("%w: a benchmark of %d classes of kernels, wanted at most %d", ErrFalse, len(b.Kernels), maxClasses)
	}
	return b, nil
}

// Results are what it says; nil of none.
func (b *Benchmark) Results() *rpc.Benchmark {
	if b == nil {
		return nil
	}
	return &b.Benchmark
}

// KernelSpeed is the gas a second of a mix of the standard kernels that has as much gas of each: the harmonic mean. 0 is not known.
func KernelSpeed(b *rpc.Benchmark) uint64 {
	if b == nil || len(b.Kernels) == 0 {
		return 0
	}
	seconds := 0.0
	for _, k := range b.Kernels {
		if k.Speed == 0 {
			return 0
		}
		seconds += 1 / float64(k.Speed)
	}
	return uint64(min(math.Round(float64(len(b.Kernels))/seconds), 1<<62))
}

func benchmarks(s store.Store) store.Journal { return s.Journal("market/benchmark") }

// SaveBenchmark keeps a node's benchmark in its store, in the place of an earlier one.
func SaveBenchmark(s store.Store, signed identity.Signed) error {
	return benchmarks(s).Put(msg.Hash{}, signed)
}

// LoadBenchmark gives what SaveBenchmark kept, nil if there is nothing.
func LoadBenchmark(s store.Store, who msg.Account) (*Benchmark, error) {
	var signed identity.Signed
	if err := benchmarks(s).Get(msg.Hash{}, &signed); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return nil, err
	}
	return OpenBenchmark(signed, who)
}
