// Package binding is what the host offers a job module: the import modules env (the compute part of webgpu.h), gw
// (inputs, outputs, arguments, log) and wasi_snapshot_preview1 (what Go, Rust and C start-up code asks for).
//
// # Determinism
//
// What a function does depends only on the program and on what the guest did before. Handles and futures are counted
// up from 1. Callbacks are called at the end of a function of webgpu.h where their mode lets them come at any time, else
// inside wgpuInstanceProcessEvents and wgpuInstanceWaitAny, first in first out.
// Adapter, features and limits are constants. Clocks count calls and random bytes come from the seed.
//
// # Hostile guests
//
// A Host trusts nothing a guest passes. Where WebGPU has a rule, breaking it is a WebGPU error, which goes to an error
// scope, a callback or the log. Where C would have undefined behaviour (a pointer outside memory, a handle that is none,
// a structure chained that this header doesn't have) and where a limit of the program is passed, the job ends with a
// Trap, whose words are the same on every machine. What is no fault of the guest, such as a lost device, is a
// DeviceError.
package binding

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Gas that host work costs, in the same units as instructions. It is part of the gas table gt2: changing one number
// changes GasID.
const (
	GasCall       = 100     // every host call
	GasByte       = 1       // every byte read from or written to guest memory
	GasDeviceUnit = 16      // bytes of a buffer made, cleared or copied for one unit
	GasShaderByte = 200     // every byte of WGSL compiled
	GasPipeline   = 100_000 // making a pipeline
	GasKernelInst = 200     // and for each instruction of its kernel
	GasDispatch   = 2_000   // every dispatch run, besides its kernel gas

	// GPUGasInvocation and GPUGasWorkgroup are kernel gas added to what the kernel's instructions cost, so that an empty
	// kernel isn't free.
	GPUGasInvocation = 1
	GPUGasWorkgroup  = 16

	// invocationGas is the most one invocation may use, whatever is left of the job's kernel gas.
	invocationGas = 1<<31 - 1
)

// Bounds that are not the program's to choose. Passing one ends the job.
const (
	maxLabel     = 128     // bytes kept of a label
	maxText      = 1 << 16 // bytes of an entry point's, constant's or progress text
	maxEvents    = 1 << 16 // callbacks waiting
	maxScopes    = 1 << 10 // error scopes of a device
	maxNesting   = 32      // callbacks called from callbacks
	maxEntries   = 1 << 12 // entries of a descriptor's array
	maxMessage   = 900     // bytes of an error message that a callback gets
	scratchBytes = 1024    // what gw_scratch promises
	maxOutputs   = 1 << 12
	maxName      = 255 // bytes of an output's name
)

// Trap ends the job: the guest did what it must not. Reason is the same on every machine.
type Trap struct{ Reason string }

func (t *Trap) Error() string { return t.Reason }

// Exit is how proc_exit leaves the guest.
type Exit struct{ Code uint32 }

func (e *Exit) Error() string { return fmt.Sprintf("exit status %d", e.Code) }

// DeviceError is a failure of the host or its device; the job is not to blame.
type DeviceError struct{ Err error }

func (e *DeviceError) Error() string { return e.Err.Error() }
func (e *DeviceError) Unwrap() error { return e.Err }

// OutOfGas and the like are the fixed words for a passed limit.
const (
	OutOfGas    = "limit gas: the job used all its gas"
	OutOfGPUGas = "limit gpu_gas: the job used all its kernel gas"
)

// Input is a named byte string the guest can read.
type Input struct {
	Name string
	Data []byte
}

// Config is what a Host is made with.
type Config struct {
	Limits msg.Limits
	Seed   uint64
	Args   []string
	Inputs []Input // sorted by name
	Device kernels.Device
	// SiftFrom, for tests, is in place of the constant, and makes it so whether it is faster or not.
	SiftFrom uint64

	// OnLog receives what the guest logs; OnProgress what it reports.
	OnLog      func(stream string, text []byte)
	OnProgress func(fraction float64, message string)
	// OnCall is called after each host call with its detail; if nil, no detail is made.
	OnCall func(trace.Call)
	// OnShow is called after each host call with an account of it in words, for people; see Unfinished for one that trapped.
	OnShow func(*Shown)
	// OnPoint is called behind each host call, with how many have returned in the step, and behind each command of a submit, with how
	// many of its commands are done.
	OnPoint func(call, command uint64) error
	// Before and After are called around each dispatch. After may change the device's buffers (to tell a lie).
	Before, After func(*DispatchEvent) error
}

// DispatchEvent is one dispatch as it is run.
type DispatchEvent struct {
	Ctx    context.Context
	Device kernels.Device
	Kernel *kernels.Kernel
	// Call is the index of the host call in the step; Index counts the dispatches within that call.
	Call  uint64
	Index int
	// Dispatch is what the device is given. Buffers names the buffer of each binding, by label or number.
	Dispatch *kernels.Dispatch
	Buffers  []string
	Handles  []uint32 // of the same
}

// Binding names binding i in trace.Write's way.
func (e *DispatchEvent) Binding(i int) string {
	b := e.Kernel.IR.Bindings[i]
	return trace.BindingName(e.Index, b.Group, b.Binding)
}

// Stats is where time went; it means nothing for the job.
type Stats struct {
	Calls, Dispatches  uint64
	Kernels, HostCalls time.Duration
}

// Host is the host side of one running job. It is used by one goroutine at a time.
type Host struct {
	cfg Config
	mod api.Module
	mem api.Memory
	gas api.MutableGlobal

	// GPUGas is the kernel gas left. Transcript is the interval's so far; Calls counts the step's host calls.
	GPUGas     uint64
	Transcript trace.Transcript
	Calls      uint64
	Step       uint64 // what gw.step_index says
	Stats      Stats
	// Unfinished is the call that a trap cut short, where Config.OnShow is set.
	Unfinished *Shown

	state    hostState
	objects  map[uint32]*object
	bufs     map[uint32]*deviceBuffer
	modules  map[uint32]*compiled       // by shader module
	kernels  map[uint32]*kernels.Kernel // by pipeline
	pipes    map[uint32]kernels.Pipeline
	outputs  map[string][]byte
	outBytes uint64
	log      []byte
	bufBytes uint64
	source   uint64 // bytes of live WGSL text
	weight   int    // of objects and events, see weight.go
	gathered []byte // what readAll reads into
	sifter   sifter

	pool   []*call
	depth  int      // nesting of host calls
	timing []timing // by function
}

// New makes a Host in its initial state.
func New(cfg Config) *Host {
	h := &Host{cfg: cfg, GPUGas: cfg.Limits.GPUGas, objects: map[uint32]*object{},
		bufs: map[uint32]*deviceBuffer{}, modules: map[uint32]*compiled{}, kernels: map[uint32]*kernels.Kernel{},
		pipes: map[uint32]kernels.Pipeline{}, outputs: map[string][]byte{}, timing: make([]timing, functionCount)}
	h.Transcript.Reset()
	return h
}

// Attach gives the host the guest it serves: its instance and its gas counter.
func (h *Host) Attach(mod api.Module, gas api.MutableGlobal) {
	h.mod, h.mem, h.gas = mod, mod.Memory(), gas
}

// Close frees what the host holds on the device.
func (h *Host) Close() {
	for _, p := range h.pipes {
		p.Free()
	}
	for _, b := range h.bufs {
		if b.b != nil {
			b.b.Free()
		}
	}
	clear(h.pipes)
	clear(h.bufs)
	if h.sifter.pipe != nil {
		h.sifter.pipe.Free()
	}
	if h.sifter.leaves != nil {
		h.sifter.leaves.Free()
	}
}

// function is one import: a name, a signature of letters (i for i32, l for i64, d for f64, then a colon and the result)
// and what it does.
type function struct {
	module, name string
	index        int     // among all functions
	id           [4]byte // see entry
	sig          string
	params       []api.ValueType
	results      []api.ValueType
	do           func(*call)
}

func def(module, name, sig string, do func(*call)) *function {
	f := &function{module: module, name: name, sig: sig, do: do}
	in := true
	for _, r := range sig {
		var t api.ValueType
		switch r {
		case ':':
			in = false
			continue
		case 'i':
			t = api.ValueTypeI32
		case 'l':
			t = api.ValueTypeI64
		case 'd':
			t = api.ValueTypeF64
		default:
			panic("binding: signature " + sig)
		}
		if in {
			f.params = append(f.params, t)
		} else {
			f.results = append(f.results, t)
		}
	}
	return f
}

var functionCount int

var functions = func() map[string]map[string]*function {
	t := map[string]map[string]*function{}
	for _, list := range [][]*function{gpuFunctions(), gwFunctions(), wasiFunctions()} {
		for _, f := range list {
			if t[f.module] == nil {
				t[f.module] = map[string]*function{}
			}
			t[f.module][f.name] = f
			f.index = functionCount
			functionCount++
			name := sha256.Sum256([]byte(f.module + "." + f.name))
			copy(f.id[:], name[:])
		}
	}
	return t
}()

// Lookup gives the WebAssembly signature of an import that a module may have.
func Lookup(module, name string) (params, results []api.ValueType, ok bool) {
	f := functions[module][name]
	if f == nil {
		return nil, nil, false
	}
	return f.params, f.results, true
}

// Modules lists the import modules there are.
func Modules() []string { return []string{"env", "gw", "wasi_snapshot_preview1"} }

// Instantiate makes the import modules in a wazero runtime, bound to this Host, with the functions that are imported; all of them if none
// is named. wazero compiles something for each function, every time.
func (h *Host) Instantiate(ctx context.Context, rt wazero.Runtime, imported ...api.FunctionDefinition) error {
	used := map[string]map[string]bool{}
	for _, f := range imported {
		module, name, _ := f.Import()
		if used[module] == nil {
			used[module] = map[string]bool{}
		}
		used[module][name] = true
	}
	for _, m := range Modules() {
		if len(imported) > 0 && used[m] == nil {
			continue
		}
		b := rt.NewHostModuleBuilder(m)
		for name, f := range functions[m] {
			if len(imported) > 0 && !used[m][name] {
				continue
			}
			b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(
				func(ctx context.Context, _ api.Module, stack []uint64) { h.call(ctx, f, stack) },
			), f.params, f.results).Export(name)
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return fmt.Errorf("import module %s: %w", m, err)
		}
	}
	return nil
}

// call is one host call while it is carried out.
type call struct {
	h     *Host
	ctx   context.Context
	fn    *function
	args  [12]uint64
	ret   uint64
	reads part // what was read from guest memory, and written to it
	wrote part
	extra part // dispatches made
	word  [8]byte
	code  [entryRoom]byte // what entry encodes into

	dispatches []trace.Dispatch
	count      int                 // dispatches so far
	commands   uint64              // done, where Config.OnPoint is set
	pending    []*kernels.Dispatch // of them, those that the device has not been given yet

	shown    *Shown // nil unless Config.OnShow is set
	shownGPU uint64 // kernel gas left when it began
}

var errNoGuest = errors.New("binding: a host function was called without a guest")

func (h *Host) call(ctx context.Context, f *function, stack []uint64) {
	if h.mod == nil {
		panic(&DeviceError{errNoGuest})
	}
	if err := ctx.Err(); err != nil {
		panic(&DeviceError{err})
	}
	timed := h.timing[f.index].next()
	var begin time.Time
	if timed {
		begin = time.Now()
	}
	if h.depth == len(h.pool) {
		h.pool = append(h.pool, &call{h: h})
	}
	c := h.pool[h.depth]
	c.ctx, c.fn, c.ret, c.dispatches, c.count, c.commands, c.pending, c.shown = ctx, f, 0, nil, 0, 0, nil, nil
	c.reads.reset()
	c.wrote.reset()
	c.extra.reset()
	for i, t := range f.params {
		c.args[i] = stack[i]
		if t == api.ValueTypeI32 {
			c.args[i] = uint64(uint32(stack[i])) // wazero leaves rubbish in the upper half
		}
	}
	h.depth++
	c.charge(GasCall)
	if h.cfg.OnShow != nil {
		c.showing()
	}
	f.do(c)
	h.depth--
	if len(f.results) > 0 {
		if f.results[0] == api.ValueTypeI32 {
			c.ret = uint64(uint32(c.ret))
		}
		stack[0] = c.ret
	}
	entry := c.entry()
	h.Transcript.Add(entry)
	if h.cfg.OnCall != nil {
		h.cfg.OnCall(trace.Call{Function: f.module + "." + f.name, Hash: entry, Gas: h.GasUsed(), Dispatches: c.dispatches})
	}
	if c.shown != nil {
		c.show()
	}
	h.Calls++
	if h.cfg.OnPoint != nil {
		c.point(0)
	}
	h.Stats.Calls++
	if c.count > 0 {
		h.timing[f.index].ranKernels()
	}
	if timed {
		d := h.timing[f.index].took(time.Since(begin))
		if h.depth == 0 {
			h.Stats.HostCalls += d
		}
	}
}

// point tells of a point of the step.
func (c *call) point(command uint64) {
	if err := c.h.cfg.OnPoint(c.h.Calls, command); err != nil {
		c.fail(err)
	}
}

// Reset forgets a call that a trap cut short, before the guest is called again.
func (h *Host) Reset() { h.depth, h.Unfinished = 0, nil }

// GasUsed is the WASM gas used since the job began.
func (h *Host) GasUsed() uint64 {
	left := int64(h.gas.Get())
	if left < 0 {
		left = 0
	}
	return h.cfg.Limits.Gas - uint64(left)
}

// trap ends the job, naming the function.
func (c *call) trap(format string, args ...any) {
	panic(&Trap{c.fn.name + ": " + fmt.Sprintf(format, args...)})
}

// limit ends the job because a limit of the program was passed.
func (c *call) limit(name string, found, most uint64) {
	panic(&Trap{fmt.Sprintf("limit %s: %s needs %d, the job may have %d", name, c.fn.name, found, most)})
}

// fail ends the run: not the guest's fault.
func (c *call) fail(err error) { panic(&DeviceError{err}) }

func (c *call) charge(n uint64) {
	left := int64(c.h.gas.Get())
	if n > math.MaxInt64 || left < int64(n) {
		c.h.gas.Set(0)
		panic(&Trap{OutOfGas})
	}
	c.h.gas.Set(uint64(left - int64(n)))
}

func (c *call) u32(i int) uint32 { return uint32(c.args[i]) }
func (c *call) u64(i int) uint64 { return c.args[i] }

// view gives n bytes of guest memory without charging or hashing them.
func (c *call) view(ptr, n uint32) []byte {
	b, ok := c.h.mem.Read(ptr, n)
	if !ok {
		c.trap("%d bytes at address 0x%x lie outside the memory of %d bytes", n, ptr, c.h.mem.Size())
	}
	return b
}

// read gives n bytes of guest memory: a view, good until the guest runs again.
func (c *call) read(ptr, n uint32) []byte {
	b := c.view(ptr, n)
	c.charge(uint64(n) * GasByte)
	c.reads.Write(b)
	return b
}

// write puts b into guest memory.
func (c *call) write(ptr uint32, b []byte) {
	if uint64(len(b)) > math.MaxUint32 {
		c.trap("%d bytes do not fit into memory", len(b))
	}
	to := c.view(ptr, uint32(len(b)))
	c.charge(uint64(len(b)) * GasByte)
	copy(to, b)
	c.wrote.Write(b)
}

func (c *call) write32(ptr uint32, v uint32) {
	binary.LittleEndian.PutUint32(c.word[:], v)
	c.write(ptr, c.word[:4])
}

func (c *call) write64(ptr uint32, v uint64) {
	binary.LittleEndian.PutUint64(c.word[:], v)
	c.write(ptr, c.word[:])
}

// record is a C structure read from guest memory.
type record []byte

func (c *call) record(ptr, size uint32) record { return append(record(nil), c.read(ptr, size)...) }

func (r record) u32(at int) uint32 { return binary.LittleEndian.Uint32(r[at:]) }
func (r record) u64(at int) uint64 { return binary.LittleEndian.Uint64(r[at:]) }

// array reads n structures of size bytes at ptr.
func (c *call) array(what string, ptr, n, size uint32) []record {
	if n > maxEntries {
		c.trap("%d %s, at most %d", n, what, maxEntries)
	}
	all := c.record(ptr, n*size)
	out := make([]record, n)
	for i := range out {
		out[i] = all[uint32(i)*size : uint32(i+1)*size]
	}
	return out
}

// unchained refuses a structure with a chain.
func (c *call) unchained(what string, next uint32) {
	if next != 0 {
		c.trap("%s chains a structure of sType 0x%x, none is known there", what, binary.LittleEndian.Uint32(c.read(next, 8)[4:]))
	}
}
