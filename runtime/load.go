package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"runtime/debug"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/module"
)

// Loader makes modules ready to run: checked, instrumented, and compiled when they are first run. Its zero value keeps
// nothing and compiles in this process or, where the program has called RunChildIfAsked and the module is not a small one, in
// a child of its own.
type Loader struct {
	// Dir is a folder that no other user can write: what is compiled is kept there and run from there, since to compile
	// takes a hundred times as long as to load. Default none. CacheDir gives the user's.
	Dir string
	// Bytes bounds what Dir holds; what was not used for longest goes first. Default 1 GiB.
	Bytes int64
	// Time and Memory bound a child: default 2 minutes and 3 GiB. A module that is accepted takes no more than a part of
	// either (module.WorkLimits) unless the machine is busy with something else.
	Time   time.Duration
	Memory uint64
	// Recent, if any, keeps what was made ready in memory. It is for Loaders that are otherwise equal.
	Recent *Recent
}

// CacheDir is where a program keeps compiled modules unless it is told otherwise: below the user's cache folder, "" if there is none.
func CacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "gwrun", "modules")
}

// UnavailableError says that this machine could not do its part, for want of time or memory. It says nothing about the job.
type UnavailableError struct{ Reason string }

func (e *UnavailableError) Error() string { return "unavailable: " + e.Reason }

// Default is the Loader of NewJob and LoadJob. A program's main may give it a cache, before anything else.
var Default Loader

// NewJob is Default.NewJob.
func NewJob(mod []byte, inputs []Input, spec Spec) (*Job, error) {
	return Default.NewJob(mod, inputs, spec)
}

// LoadJob is Default.LoadJob.
func LoadJob(program *msg.Program, read func(msg.Blob) ([]byte, error)) (*Job, error) {
	return Default.LoadJob(program, read)
}

// LoadJob makes a program ready to run from the blobs it names; read gives a blob's bytes, verified.
func (l *Loader) LoadJob(program *msg.Program, read func(msg.Blob) ([]byte, error)) (*Job, error) {
	module, err := read(program.Module)
	if err != nil {
		return nil, fmt.Errorf("module: %w", err)
	}
	var inputs []Input
	for _, in := range program.Inputs {
		data, err := read(in.Blob)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", in.Name, err)
		}
		inputs = append(inputs, Input{Name: in.Name, Data: data})
	}
	j, err := l.NewJob(module, inputs, Spec{Args: program.Args, Seed: program.Seed, Limits: program.Limits, Interval: program.Interval})
	if err != nil {
		return nil, err
	}
	if want := msg.HashOf(*program); j.Hash != want {
		return nil, fmt.Errorf("the program that its blobs make is %s, wanted %s", j.Hash, want)
	}
	return j, nil
}

// cacheVersion changes with what an entry of the cache is made of.
const cacheVersion = "1"

// cacheKey names what a module is made into: by the module, everything that making it depends on, and this program's engine.
func cacheKey(mod msg.Blob, lim msg.Limits) msg.Hash {
	h := sha256.New()
	text := func(s string) {
		h.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(s))))
		h.Write([]byte(s))
	}
	for _, s := range []string{"gwrun compiled module", cacheVersion, module.PassVersion, ABIID, engineVersion(), goruntime.GOOS, goruntime.GOARCH} {
		text(s)
	}
	h.Write(mod.Root[:])
	for _, n := range []uint64{mod.Size, uint64(lim.MemoryPages), uint64(lim.StackDepth)} {
		h.Write(binary.LittleEndian.AppendUint64(nil, n))
	}
	return msg.Hash(h.Sum(nil))
}

// engineVersion is wazero's, as this program was linked with it.
func engineVersion() string {
	const path = "github.com/tetratelabs/wazero"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, m := range info.Deps {
		if m.Path == path {
			if m.Replace != nil {
				m = m.Replace
			}
			return m.Version + " " + m.Sum
		}
	}
	return "unknown"
}

// compiled is how wazero gets a module: the bytes it is to read, and the folder where it finds the machine code for them.
type compiled struct {
	wasm []byte
	dir  string // "" where the code is made from the bytes
}

// compile makes the module's machine code ready, once.
func (p *prepared) compile(ctx context.Context) (*compiled, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.code != nil {
		return p.code, nil
	}
	if p.entry != nil {
		if err := p.entry.verify(); err == nil {
			p.code = &compiled{p.entry.stub, p.entry.dir}
			return p.code, nil
		}
		p.entry = nil // it is made again
	}
	wasm, err := p.instrumented()
	if err != nil {
		return nil, err
	}
	if p.cost < inProcess || !canStart.Load() {
		p.code = &compiled{wasm: wasm}
		return p.code, nil
	}
	e, err := p.loader.child(ctx, p)
	if err != nil {
		return nil, err
	}
	p.entry, p.code = e, &compiled{e.stub, e.dir}
	p.wasm = nil // it is large, and made again if somebody asks
	return p.code, nil
}

// inProcess is the work of a module, in nanoseconds as module.Work bounds it, below which it is not worth a process: it takes
// about as long to start one as wazero takes for what real compilers make of that much.
const inProcess = 500e6
