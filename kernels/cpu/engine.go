package cpu

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/gwrun/gwrun/kernels/cpu/libm"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// engine is a wazero runtime and the modules compiled for it. There is at most one of each kind in the process, shared
// by all Devices, so that a kernel is compiled once.
type engine struct {
	rt               wazero.Runtime
	heap, user, libm wazero.CompiledModule

	mu       sync.Mutex
	programs map[[32]byte]*compiled
	idle     []*compiled // without a user, the one idle for longest first
}

// compiled is a kernel's module, counted by the pipelines that use it.
type compiled struct {
	key    [32]byte
	users  int
	ready  chan struct{} // closed when module and err are set
	module wazero.CompiledModule
	err    error
}

// maxIdle bounds the compiled kernels that are kept though no pipeline uses them.
const maxIdle = 64

var engines struct {
	sync.Mutex
	of [2]*engine // compiler, interpreter
}

func openEngine(interpreter bool) (*engine, error) {
	engines.Lock()
	defer engines.Unlock()
	n, config := 0, wazero.NewRuntimeConfigCompiler
	if interpreter {
		n, config = 1, wazero.NewRuntimeConfigInterpreter
	}
	if e := engines.of[n]; e != nil {
		return e, nil
	}
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, config().
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesThreads).WithDebugInfoEnabled(false))
	e := &engine{rt: rt, programs: map[[32]byte]*compiled{}}
	for _, m := range []struct {
		to   *wazero.CompiledModule
		wasm []byte
	}{{&e.heap, heapWasm(maxPages)}, {&e.user, userWasm()}, {&e.libm, libm.Wasm}} {
		var err error
		if *m.to, err = rt.CompileModule(ctx, m.wasm); err != nil {
			_ = rt.Close(ctx)
			return nil, fmt.Errorf("cpu: %w", err)
		}
	}
	engines.of[n] = e
	return e, nil
}

// instantiate makes an anonymous instance of m.
func (e *engine) instantiate(ctx context.Context, m wazero.CompiledModule, r experimental.ImportResolver) (api.Module, error) {
	if r != nil {
		ctx = experimental.WithImportResolver(ctx, r)
	}
	return e.rt.InstantiateModule(ctx, m, wazero.NewModuleConfig().WithName("").WithStartFunctions())
}

// compile gives the module of wasm, compiling it unless that was done before. Each call needs a release.
func (e *engine) compile(ctx context.Context, wasm []byte) (*compiled, error) {
	key := sha256.Sum256(wasm)
	e.mu.Lock()
	c := e.programs[key]
	if c != nil {
		if c.users == 0 {
			e.unidle(c)
		}
		c.users++
		e.mu.Unlock()
	} else {
		c = &compiled{key: key, users: 1, ready: make(chan struct{})}
		e.programs[key] = c
		e.mu.Unlock()
		c.module, c.err = e.rt.CompileModule(context.Background(), wasm)
		close(c.ready)
	}
	select {
	case <-c.ready:
	case <-ctx.Done():
		e.release(c)
		return nil, ctx.Err()
	}
	if c.err != nil {
		e.release(c)
		return nil, c.err
	}
	return c, nil
}

func (e *engine) unidle(c *compiled) {
	for n, i := range e.idle {
		if i == c {
			e.idle = append(e.idle[:n], e.idle[n+1:]...)
			return
		}
	}
}

// release ends a use. The last one leaves the module in the cache for the next, within its bound.
func (e *engine) release(c *compiled) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.users--; c.users > 0 {
		return
	}
	e.idle = append(e.idle, c)
	if len(e.idle) > maxIdle {
		old := e.idle[0]
		e.idle = append(e.idle[:0], e.idle[1:]...)
		delete(e.programs, old.key)
		// A use ends early only where another is still compiling, and that one is counted.
		if old.module != nil {
			_ = old.module.Close(context.Background()) // gives the code back; no error in an in-memory engine
		}
	}
}
