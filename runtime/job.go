package runtime

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tetratelabs/wazero/api"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/module"
	"github.com/gwrun/gwrun/runtime/state"
)

// Functions a module may export for the host to call. A module with gw_step is stepped; one with _start alone (a
// program with a main function) is a single step. _initialize and gw_init are called once, at the beginning of step 1.
const (
	exportStep       = "gw_step"
	exportInit       = "gw_init"
	exportStart      = "_start"
	exportInitialize = "_initialize"
)

const (
	defaultInterval = 16
	maxInterval     = 1 << 15 // so that an interval's detail fits a message
	maxArgs         = 1 << 10
	maxArgBytes     = 1 << 16
	maxInputs       = 1 << 12
	maxInputName    = 255

	// unitsPerFrame turns the limit stack_depth into units of the module's stack counter (runtime/module): a frame with
	// some ten values counts as one of depth, a larger one as more.
	unitsPerFrame = 64
	// maxStackDepth keeps the counter within what wazero's own stack surely holds (module.DefaultStack).
	maxStackDepth = 3 << 19 / unitsPerFrame
)

// prepared is a job's module made ready, once.
type prepared struct {
	ins     module.Instrumented // without its bytes
	exports jobExports
	stack   int64

	loader Loader
	key    msg.Hash
	mod    []byte
	lim    msg.Limits // of other jobs, too: only what is part of the key counts

	mu    sync.Mutex
	wasm  []byte // instrumented, see build
	cost  uint64 // of compiling it, see module.Work
	entry *entry
	code  *compiled

	compiler, interp engine
}

// jobExports is what a module exports for the host to call.
type jobExports struct {
	Step    bool `cbor:"1,keyasint"`
	Init    bool `cbor:"2,keyasint"`
	Reactor bool `cbor:"3,keyasint"` // _initialize
}

// NewJob checks and instruments a module and fixes the program it is part of. Its errors say what is wrong with the
// module or the spec; a module whose NewJob succeeds can be run by everyone.
func (l *Loader) NewJob(mod []byte, inputs []Input, spec Spec) (*Job, error) {
	lim, err := limits(spec.Limits)
	if err != nil {
		return nil, err
	}
	if spec.Interval == 0 {
		spec.Interval = defaultInterval
	}
	if spec.Interval > maxInterval {
		return nil, fmt.Errorf("job: interval of %d steps, at most %d", spec.Interval, maxInterval)
	}
	if len(spec.Args) > maxArgs {
		return nil, fmt.Errorf("job: %d arguments, at most %d", len(spec.Args), maxArgs)
	}
	total := 0
	for i, a := range spec.Args {
		if total += len(a) + 1; total > maxArgBytes {
			return nil, fmt.Errorf("job: arguments of more than %d bytes", maxArgBytes)
		}
		if strings.ContainsRune(a, 0) || !utf8.ValidString(a) {
			return nil, fmt.Errorf("job: argument %d is not UTF-8 text without zero bytes", i)
		}
	}
	inputs = slices.Clone(inputs)
	slices.SortFunc(inputs, func(a, b Input) int { return strings.Compare(a.Name, b.Name) })
	if len(inputs) > maxInputs {
		return nil, fmt.Errorf("job: %d inputs, at most %d", len(inputs), maxInputs)
	}
	p := msg.Program{Version: 1, Semantics: kernels.SemanticsID, ABI: ABIID, Gas: GasID, Module: merkle.BlobOf(mod),
		Inputs: []msg.Input{}, Args: append([]string{}, spec.Args...), Seed: spec.Seed, Limits: lim, Interval: spec.Interval}
	for i, in := range inputs {
		switch {
		case in.Name == "" || len(in.Name) > maxInputName || !utf8.ValidString(in.Name) || strings.ContainsRune(in.Name, 0):
			return nil, fmt.Errorf("job: an input's name of %d bytes, wanted UTF-8 text of 1 to %d bytes", len(in.Name), maxInputName)
		case i > 0 && inputs[i-1].Name == in.Name:
			return nil, fmt.Errorf("job: two inputs are called %q", in.Name)
		}
		p.Inputs = append(p.Inputs, msg.Input{Name: in.Name, Blob: merkle.BlobOf(in.Data)})
	}
	prep, err := l.prepare(mod, p.Module, lim)
	if err != nil {
		return nil, err
	}
	return &Job{Program: p, Hash: msg.HashOf(p), Module: mod, Inputs: inputs, prepared: prep}, nil
}

// limits fills in defaults and refuses what no state could hold.
func limits(l msg.Limits) (msg.Limits, error) {
	d := msg.DefaultLimits()
	for _, f := range []struct{ p, d *uint64 }{{&l.BufferBytes, &d.BufferBytes}, {&l.Gas, &d.Gas}, {&l.GPUGas, &d.GPUGas},
		{&l.OutputBytes, &d.OutputBytes}, {&l.LogBytes, &d.LogBytes}, {&l.ShaderBytes, &d.ShaderBytes}, {&l.Steps, &d.Steps}} {
		if *f.p == 0 {
			*f.p = *f.d
		}
	}
	for _, f := range []struct{ p, d *uint32 }{{&l.MemoryPages, &d.MemoryPages}, {&l.Handles, &d.Handles}, {&l.StackDepth, &d.StackDepth}} {
		if *f.p == 0 {
			*f.p = *f.d
		}
	}
	if l.MemoryPages > 32768 {
		return l, fmt.Errorf("job: limit memory_pages %d, at most 32768 (2 GiB)", l.MemoryPages)
	}
	if l.StackDepth > maxStackDepth {
		return l, fmt.Errorf("job: limit stack_depth %d, at most %d", l.StackDepth, maxStackDepth)
	}
	if l.Gas > math.MaxInt64 || l.GPUGas > math.MaxInt64 {
		return l, fmt.Errorf("job: limits gas %d and gpu_gas %d, at most %d", l.Gas, l.GPUGas, int64(math.MaxInt64))
	}
	if l.Handles > 1<<16 {
		return l, fmt.Errorf("job: limit handles %d, at most %d", l.Handles, 1<<16)
	}
	// A manifest has 32 bytes for each 4 KiB of state and must fit a message.
	most := uint64(state.MaxManifest-state.MaxManifest/8) / 32 * state.PageSize
	size := uint64(l.MemoryPages) << 16
	for _, n := range []uint64{l.BufferBytes, l.OutputBytes, l.LogBytes, l.ShaderBytes} {
		if n > most || size > most-n {
			return l, fmt.Errorf("job: limits on memory, buffers, output, log and shaders allow a state of more than %d bytes", most)
		}
		size += n
	}
	return l, nil
}

// explain adds to an error about an import why it is not offered, where that is known.
func explain(m *module.Module, err error) error {
	for _, im := range m.Imports {
		why := binding.Why(im.Module, im.Name)
		if _, ok := allowed(im.Module, im.Name); !ok && why != "" && strings.Contains(err.Error(), fmt.Sprintf("%q.%q", im.Module, im.Name)) {
			return fmt.Errorf("%w: %s", err, why)
		}
	}
	return err
}

// allowed is what a module may import, for module.Check.
func allowed(mod, name string) (module.FuncType, bool) {
	params, results, ok := binding.Lookup(mod, name)
	conv := func(ts []api.ValueType) []module.ValType {
		out := make([]module.ValType, len(ts))
		for i, t := range ts {
			out[i] = module.ValType(t) // both are the binary format's bytes
		}
		return out
	}
	return module.FuncType{Params: conv(params), Results: conv(results)}, ok
}

// prepare makes a module ready but for its machine code, from what was ready lately or the cache if it is there.
func (l *Loader) prepare(mod []byte, blob msg.Blob, lim msg.Limits) (*prepared, error) {
	key := cacheKey(blob, lim)
	if p := l.Recent.find(key); p != nil {
		return p, nil
	}
	p := &prepared{stack: int64(lim.StackDepth) * unitsPerFrame, loader: *l, key: key, mod: mod, lim: lim}
	if e := l.find(p.key); e != nil {
		p.entry, p.exports = e, e.meta.Exports
		p.ins = module.Instrumented{Globals: e.meta.Globals, Drops: e.meta.Drops, Start: e.meta.Start, Redrop: e.meta.Redrop}
		return l.Recent.keep(p), nil
	}
	ins, err := p.build()
	if err != nil {
		return nil, err
	}
	p.ins = *ins
	p.ins.Wasm = nil
	return l.Recent.keep(p), nil
}

// build checks and instruments the module.
func (p *prepared) build() (*module.Instrumented, error) {
	m, err := module.Decode(p.mod)
	if err != nil {
		return nil, err
	}
	if err := m.Check(allowed, module.Limits{MemoryPages: p.lim.MemoryPages, ImplyMemoryMax: true}); err != nil {
		return nil, explain(m, err)
	}
	if p.exports, err = exportsOf(m); err != nil {
		return nil, err
	}
	ins, err := m.Instrument(module.Config{Gas: 0, Stack: p.stack, MemoryMax: p.lim.MemoryPages})
	if err != nil {
		return nil, err
	}
	out, err := module.Decode(ins.Wasm)
	if err != nil {
		return nil, fmt.Errorf("runtime: what the passes wrote is wrong: %w", err)
	}
	if err := out.CheckWork(m, module.WorkLimits{}); err != nil {
		return nil, err
	}
	for i := range out.Code {
		w := out.Work(i)
		p.cost += w.Nanoseconds()
	}
	p.wasm = ins.Wasm
	return ins, nil
}

// instrumented gives the module's bytes. Called with mu held.
func (p *prepared) instrumented() ([]byte, error) {
	if p.wasm == nil {
		again := &prepared{stack: p.stack, mod: p.mod, lim: p.lim}
		if _, err := again.build(); err != nil {
			return nil, err
		}
		p.wasm, p.cost = again.wasm, again.cost
	}
	return p.wasm, nil
}

// exportsOf finds what the host can call, and checks the types.
func exportsOf(m *module.Module) (x jobExports, err error) {
	started := false
	none := module.FuncType{}
	for _, e := range []struct {
		name string
		t    module.FuncType
		to   *bool
	}{
		{exportStep, module.FuncType{Results: []module.ValType{module.I32}}, &x.Step},
		{exportInit, none, &x.Init}, {exportInitialize, none, &x.Reactor}, {exportStart, none, &started},
	} {
		i, ok := m.ExportedFunc(e.name)
		if !ok {
			continue
		}
		if t, _ := m.FuncType(i); !t.Equal(e.t) {
			return x, fmt.Errorf("module: export %q has type %v, wanted %v", e.name, t, e.t)
		}
		*e.to = true
	}
	if !x.Step && !started {
		return x, errors.New("module: it exports neither gw_step nor _start, so there is nothing to run")
	}
	return x, nil
}
