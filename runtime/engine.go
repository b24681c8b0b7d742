package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/gwrun/gwrun/proto/msg"
)

// engine is one of wazero's two engines with a job's module in it, compiled once for all runs of the job.
type engine struct {
	mu    sync.Mutex
	cache wazero.CompilationCache
	from  string                // the folder the cache is of
	held  wazero.CompiledModule // never closed: the engine forgets what nobody holds
}

func engineConfig(interpreter bool, lim msg.Limits) wazero.RuntimeConfig {
	cfg := wazero.NewRuntimeConfigCompiler()
	if interpreter {
		cfg = wazero.NewRuntimeConfigInterpreter()
	}
	return cfg.WithCoreFeatures(api.CoreFeaturesV2).WithMemoryLimitPages(lim.MemoryPages).WithDebugInfoEnabled(false)
}

// open gives an engine for one run, and how the module is instantiated in it: host is called before, to put in place what it imports.
func (p *prepared) open(ctx context.Context, interpreter bool) (rt wazero.Runtime, start func(host) (api.Module, error), err error) {
	e, from := &p.compiler, (*compiled)(nil)
	if interpreter {
		e = &p.interp
		p.mu.Lock()
		var wasm []byte
		wasm, err = p.instrumented()
		p.mu.Unlock()
		from = &compiled{wasm: wasm}
	} else {
		from, err = p.compile(ctx)
	}
	if err != nil {
		return nil, nil, err
	}
	cache, err := e.open(from.dir)
	if err != nil {
		return nil, nil, err
	}
	rt = wazero.NewRuntimeWithConfig(ctx, engineConfig(interpreter, p.lim).WithCompilationCache(cache))
	return rt, func(h host) (api.Module, error) {
		there := false
		once := func(imported []api.FunctionDefinition) error {
			if there {
				return nil
			}
			there = true
			return h(imported)
		}
		mod, err := e.start(ctx, rt, from, once)
		if !errors.Is(err, errEntry) {
			return mod, err
		}
		// The entry was checked, and is gone meanwhile or is another processor's: it is made again.
		p.forget(from)
		again, err := p.compile(ctx)
		if err != nil {
			return nil, err
		}
		if again.dir != from.dir {
			return nil, &UnavailableError{"the cache of compiled modules cannot be used"}
		}
		if mod, err = e.start(ctx, rt, again, once); errors.Is(err, errEntry) {
			err = &UnavailableError{err.Error()}
		}
		return mod, err
	}, nil
}

// forget takes an entry that turned out to be of no use out of the cache.
func (p *prepared) forget(c *compiled) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.code == c {
		p.entry.forget()
		p.entry, p.code = nil, nil
	}
}

func (e *engine) open(dir string) (wazero.CompilationCache, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cache != nil && e.from == dir {
		return e.cache, nil
	}
	cache := wazero.NewCompilationCache()
	if dir != "" {
		var err error
		if cache, err = wazero.NewCompilationCacheWithDir(dir); err != nil {
			return nil, err
		}
	}
	e.cache, e.from, e.held = cache, dir, nil
	return cache, nil
}

// host puts what a module imports into the engine.
type host func(imported []api.FunctionDefinition) error

func (e *engine) start(ctx context.Context, rt wazero.Runtime, from *compiled, h host) (api.Module, error) {
	c, err := rt.CompileModule(ctx, from.wasm)
	if err != nil {
		if from.dir != "" {
			return nil, fmt.Errorf("%w: %s", errEntry, firstLine(err))
		}
		return nil, fmt.Errorf("module: %s", firstLine(err))
	}
	if err := h(c.ImportedFunctions()); err != nil {
		c.Close(ctx)
		return nil, err
	}
	mod, err := rt.InstantiateModule(ctx, c, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err == nil && from.dir != "" {
		err = hasCode(ctx, mod)
	} else if err != nil {
		err = fmt.Errorf("module: %s", firstLine(err))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil && e.held == nil {
		e.held = c
	} else {
		c.Close(ctx) // an instance holds its own reference
	}
	return mod, err
}

// hasCode tells machine code that wazero found in the cache from what it made of a stub.
func hasCode(ctx context.Context, mod api.Module) error {
	f := mod.ExportedFunction(codeExport)
	if f == nil {
		return fmt.Errorf("%w: it has no function %s", errEntry, codeExport)
	}
	if out, err := f.Call(ctx); err != nil || out[0] != 1 {
		return fmt.Errorf("%w: it has no machine code for this processor", errEntry)
	}
	return nil
}
