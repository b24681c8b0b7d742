package runtime

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strconv"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/module"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// session is a job being run: a guest, its host, and what was committed of them.
type session struct {
	job  *Job
	opts Options
	rt   wazero.Runtime
	mod  api.Module
	host *binding.Host

	gas, stack, stop api.MutableGlobal
	globals          []api.MutableGlobal // the guest's, then the flags of dropped segments
	exports          map[string]api.Function
	committer        *state.Committer
	commit           *state.Commit // the last one

	step    uint64 // done
	begun   bool   // the start functions have run
	status  msg.Status
	passed  uint64 // dispatches that opts.Fault passed over
	failure string
	how     string // how the last step ended
	detail  *trace.Recorder
	last    Progress

	opened           time.Time
	loading, hashing time.Duration
}

func newSession(ctx context.Context, job *Job, from *state.Snapshot, opts Options) (_ *session, err error) {
	begin := time.Now()
	if opts.Device == nil {
		return nil, errors.New("runtime: no device given")
	}
	s := &session{opened: begin, job: job, opts: opts, detail: opts.Detail, committer: state.NewCommitter(), exports: map[string]api.Function{}}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if f := opts.Fault; f != nil && f.Device != nil {
		opts.Device = f.Device.Around(opts.Device, func() uint64 { return s.step })
	}
	lim := job.Program.Limits
	var start func(host) (api.Module, error)
	if s.rt, start, err = job.prepared.open(ctx, opts.Interpreter); err != nil {
		return nil, err
	}
	hc := binding.Config{Limits: lim, Seed: job.Program.Seed, Args: job.Program.Args, Device: opts.Device, OnLog: opts.OnLog, SiftFrom: opts.siftFrom}
	for _, in := range job.Inputs {
		hc.Inputs = append(hc.Inputs, binding.Input(in))
	}
	if opts.OnProgress != nil {
		hc.OnProgress = func(f float64, text string) { s.progress(&f, text) }
	}
	if opts.Detail != nil {
		hc.OnCall = opts.Detail.Call
	}
	if opts.Fault != nil || opts.after != nil {
		hc.After = func(e *binding.DispatchEvent) error {
			if err := s.lie(e); err != nil || opts.after == nil {
				return err
			}
			return opts.after(s.step, e)
		}
	}
	if opts.before != nil {
		hc.Before = func(e *binding.DispatchEvent) error { return opts.before(s.step, e) }
	}
	if opts.point != nil {
		hc.OnPoint = func(call, command uint64) error { return opts.point(s, call, command) }
	}
	if opts.OnTrace != nil {
		hc.OnShow = func(c *binding.Shown) { opts.OnTrace(TraceLine{Step: s.step, Call: s.host.Calls, Shown: c}) }
	}
	s.host = binding.New(hc)
	s.mod, err = start(func(imported []api.FunctionDefinition) error {
		if err := s.host.Instantiate(ctx, s.rt, imported...); err != nil {
			return fmt.Errorf("runtime: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := s.bind(); err != nil {
		return nil, err
	}
	s.gas.Set(lim.Gas)
	if from != nil {
		if err := s.restore(ctx, from); err != nil {
			return nil, err
		}
	}
	s.loading = time.Since(begin)
	return s, nil
}

func (s *session) close() {
	if s.host != nil {
		s.host.Close()
	}
	if s.rt != nil {
		s.rt.Close(context.WithoutCancel(context.Background()))
	}
}

// bind finds the instrumented module's globals.
func (s *session) bind() error {
	ins := s.job.prepared.ins
	var err error
	find := func(name string) api.MutableGlobal {
		g, ok := s.mod.ExportedGlobal(name).(api.MutableGlobal)
		if !ok && err == nil {
			err = fmt.Errorf("runtime: the instrumented module has no mutable global %q", name)
		}
		return g
	}
	s.gas, s.stack, s.stop = find(module.GasExport), find(module.StackExport), find(module.StopExport)
	for _, g := range ins.Globals {
		s.globals = append(s.globals, find(g.Export))
	}
	for _, d := range ins.Drops {
		s.globals = append(s.globals, find(d.Export))
	}
	if err == nil {
		s.host.Attach(s.mod, s.gas)
	}
	return err
}

func (s *session) progress(fraction *float64, text string) {
	if s.opts.OnProgress == nil {
		return
	}
	if fraction != nil {
		s.last.Fraction, s.last.Message = *fraction, text
	}
	s.last.Step, s.last.Gas, s.last.GPUGas = s.step, s.gasUsed(), s.gpuGasUsed()
	s.opts.OnProgress(s.last)
}

func (s *session) gasUsed() uint64    { return s.host.GasUsed() }
func (s *session) gpuGasUsed() uint64 { return s.job.Program.Limits.GPUGas - s.host.GPUGas }

// exec calls one export of the guest, which takes nothing. While it runs, a cancelled context stops it at its next yield (package
// module), within about a millisecond; host calls notice the context themselves. What the guest leaves behind then is
// never used.
func (s *session) exec(ctx context.Context, name string) ([]uint64, error) {
	f := s.exports[name]
	if f == nil {
		f = s.mod.ExportedFunction(name)
		s.exports[name] = f
	}
	if f == nil {
		return nil, &binding.DeviceError{Err: fmt.Errorf("runtime: the instrumented module has no function %q", name)}
	}
	s.stack.Set(uint64(s.job.prepared.stack))
	s.host.Reset()
	if ctx.Done() != nil {
		over, watched := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(watched)
			select {
			case <-over:
				return
			case <-ctx.Done():
			}
			s.stop.Set(1)
		}()
		defer func() { close(over); <-watched }()
	}
	return f.Call(ctx)
}

// Traps that WebAssembly itself has, as wazero words them. They are the same on every engine.
var wasmTraps = []string{"unreachable", "out of bounds memory access", "integer divide by zero", "integer overflow",
	"invalid conversion to integer", "invalid table access", "indirect call type mismatch"}

// outcome sorts out why a call of the guest ended early: the job failed (failure), it exited, or something that is not
// its doing happened (err).
func (s *session) outcome(ctx context.Context, err error) (failure string, exit *binding.Exit, _ error) {
	var dev *binding.DeviceError
	var trap *binding.Trap
	if ctx.Err() != nil {
		return "", nil, context.Cause(ctx)
	}
	if errors.As(err, &dev) {
		return "", nil, dev.Err
	}
	if errors.As(err, &exit) {
		return "", exit, nil
	}
	if errors.As(err, &trap) {
		return trap.Reason, nil, nil
	}
	text, ok := strings.CutPrefix(firstLine(err), "wasm error: ")
	if ok {
		for _, t := range wasmTraps {
			if text != t {
				continue
			}
			if t != "unreachable" {
				return "trap: " + t, nil, nil
			}
			switch module.ReasonOf(int64(s.gas.Get()), int64(s.stack.Get())) {
			case module.TrapOutOfGas:
				return binding.OutOfGas, nil, nil
			case module.TrapStackOverflow:
				return "limit stack_depth: the job's calls are nested too deep", nil, nil
			}
			return "trap: unreachable executed", nil, nil
		}
	}
	if text == "stack overflow" {
		// The engine's own stack ended before the job's limit, which is a property of the machine.
		return "", nil, fmt.Errorf("runtime: this engine's stack is smaller than the job's limit stack_depth of %d allows",
			s.job.Program.Limits.StackDepth)
	}
	var broken goruntime.Error
	if errors.As(err, &broken) {
		return "", nil, &hostError{step: s.step, err: broken}
	}
	return "", nil, fmt.Errorf("runtime: the engine failed: %w", err)
}

// hostError is a mistake in the host's own code that a guest came upon. It says nothing about the job or who ran it.
type hostError struct {
	step uint64
	err  error
}

func (e *hostError) Error() string {
	return fmt.Sprintf("runtime: the host failed in step %d: %v", e.step, e.err)
}
func (e *hostError) Unwrap() error { return e.err }

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// advance does one step. After it, status is set if the job is over.
func (s *session) advance(ctx context.Context) error {
	s.step++
	s.host.Calls = 0
	s.host.Step = s.step
	if s.detail != nil {
		s.detail.BeginStep(s.step)
	}
	if s.step > s.job.Program.Limits.Steps {
		s.fail(fmt.Sprintf("limit steps: the job is not done after %d", s.job.Program.Limits.Steps))
	} else {
		ctx, done := s.watch(ctx)
		err := s.guest(ctx)
		done()
		if err != nil {
			return err
		}
	}
	s.host.Transcript.EndStep(s.step, s.how)
	if s.detail != nil {
		root, err := s.computeRoot()
		if err != nil {
			return err
		}
		s.detail.EndStep(s.how, root, s.gasUsed(), s.gpuGasUsed())
	}
	s.progress(nil, "")
	if s.opts.OnTrace != nil {
		s.opts.OnTrace(TraceLine{Step: s.step, Call: s.host.Calls, Shown: s.host.Unfinished, End: s.how, Gas: s.gasUsed(), GPUGas: s.gpuGasUsed()})
	}
	return nil
}

func (s *session) fail(reason string) {
	s.status, s.failure, s.how = msg.Failed, reason, reason
}

// guest runs the guest's part of a step.
func (s *session) guest(ctx context.Context) error {
	p := s.job.prepared
	var names []string
	if !s.begun {
		if p.ins.Start != "" {
			names = append(names, p.ins.Start)
		}
		if p.exports.Reactor {
			names = append(names, exportInitialize)
		}
		if p.exports.Step && p.exports.Init {
			names = append(names, exportInit)
		}
		s.begun = true
	}
	last := exportStart
	if p.exports.Step {
		last = exportStep
	}
	for _, name := range append(names, last) {
		if name == exportInit {
			s.host.Step = 0
		} else {
			s.host.Step = s.step
		}
		out, err := s.exec(ctx, name)
		if err != nil {
			failure, exit, err := s.outcome(ctx, err)
			switch {
			case err != nil:
				return err
			case exit != nil && exit.Code == 0:
				s.status, s.how = msg.Finished, "done"
			case exit != nil:
				s.fail(fmt.Sprintf("the job exited with status %d", exit.Code))
			default:
				s.fail(failure)
			}
			return nil
		}
		if name != last {
			continue
		}
		code := uint32(0)
		if p.exports.Step {
			code = uint32(out[0])
		}
		switch code {
		case 0:
			s.status, s.how = msg.Finished, "done"
		case 1:
			s.how = "again"
		default:
			s.fail("gw_step returned " + strconv.Itoa(int(int32(code))) + ", wanted 0 or 1")
		}
	}
	return nil
}

// lie is the fault that tests of the network ask for.
func (s *session) lie(e *binding.DispatchEvent) error {
	f := s.opts.Fault
	if f == nil || s.step != f.Step || !f.Any && e.Call != f.Call {
		return nil
	}
	for i, b := range e.Kernel.IR.Bindings {
		bound := e.Dispatch.Bindings[i]
		if b.Access != ir.ReadWrite || f.Binding != "" && f.Binding != e.Binding(i) || bound.Size < 4 {
			continue
		}
		if f.Any && f.Skip > s.passed {
			s.passed++
			return nil
		}
		off := f.Offset % bound.Size &^ 3
		var word [4]byte
		if err := e.Device.Read(bound.Buffer, bound.Offset+off, word[:]); err != nil {
			return err
		}
		word[f.Bit/8%4] ^= 1 << (f.Bit % 8)
		if err := e.Device.Write(bound.Buffer, bound.Offset+off, word[:]); err != nil {
			return err
		}
		// From now on it is this dispatch, whatever part of the job is run again.
		f.Call, f.Binding, f.Any = e.Call, e.Binding(i), false
		return nil
	}
	return nil
}
