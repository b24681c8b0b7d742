// Package runtime is the sandbox: a job module and its inputs in, outputs and a committed trace out.
//
// Run steps a module to its end on any kernels.Device and commits what happened; Replay does one interval again from a
// committed state and says where a claim parts from it. The bits of a run depend on its msg.Program alone.
package runtime

import (
	"context"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/module"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// ABIID names what the host offers a module; GasID the tables both gases are counted by.
const (
	ABIID = "gw-abi-2"
	GasID = module.GasTableID + "+" + ir.GasID
)

// Input is a named byte string given to a job.
type Input struct {
	Name string
	Data []byte
}

// Spec is what a person chooses about a job besides its module and inputs. Zero limits mean the defaults.
type Spec struct {
	Args     []string
	Seed     uint64
	Limits   msg.Limits
	Interval uint64 // 0 means 16
}

// Job is a program together with its bytes, checked and ready to run any number of times.
type Job struct {
	Program msg.Program
	Hash    msg.Hash // of Program
	Module  []byte
	Inputs  []Input
	// unexported: the instrumented module, made once by NewJob
	prepared *prepared
}

// Options say how to run a job; nothing here changes its bits.
type Options struct {
	// Device runs the kernels. The caller opens and closes it; one run uses it at a time.
	Device kernels.Device
	// OpenDevice opens a device for an Account that has none of its own, each time it runs something.
	OpenDevice func(ctx context.Context) (kernels.Device, error)
	// Interpreter runs the guest on wazero's interpreter instead of its compiler.
	Interpreter bool
	// MaxStep and MaxTime bound a step and the run by the clock: whoever runs the job may have better things to do. Passing one
	// is an UnavailableError, which says nothing about the job. 0 is no bound.
	MaxStep, MaxTime time.Duration
	// From resumes from a snapshot taken by OnInterval, with the records committed up to it.
	From *Checkpoint
	// OnInterval is called after each interval with its record, in order, while the guest goes on with the next one; the
	// run does not go further than that before it has returned. take, for use inside it, gives the state after the interval.
	// An error ends the run.
	OnInterval func(rec msg.Interval, take func() (*state.Snapshot, error)) error
	// OnProgress is called after each step and when the guest reports progress; it must not block.
	OnProgress func(Progress)
	// OnLog receives what the guest logs, a piece at a time.
	OnLog func(stream string, text []byte)
	// OnTrace is given each host call in words, and the end of each step.
	OnTrace func(TraceLine)
	// Detail, if set, records every step and every host call of the run with the roots of the buffers it wrote: what a
	// dispute needs to find the first difference. It costs a hash of each written buffer after each dispatch.
	Detail *trace.Recorder
	// Fault is a lie to tell, for tests of the network: nil in any honest run.
	Fault *Fault
	// StopAfter ends the run after this many intervals counted from its start; 0 runs to the end.
	StopAfter uint64

	// before and after see each dispatch, for a replay that looks closer; step is the step at hand.
	before, after func(step uint64, e *binding.DispatchEvent) error
	// wrap puts something around the device.
	wrap func(kernels.Device) kernels.Device
	// siftFrom is binding.Config's, for tests.
	siftFrom uint64
	// point sees each point of a step (trace.Point).
	point func(s *session, call, command uint64) error
}

// TraceLine is one host call of a run, or the end of a step. Call counts the step's host calls from 0.
type TraceLine struct {
	Step, Call uint64
	// Shown is the call; at the end of a step the one that a trap cut short, nil if there was none.
	Shown *binding.Shown
	// End says at the end of a step how it ended: "again", "done" or why the job failed. Gas and GPUGas are used since the job began.
	End         string
	Gas, GPUGas uint64
}

// Checkpoint is a state to go on from and the records of the intervals before it.
type Checkpoint struct {
	State     *state.Snapshot
	Intervals []msg.Interval
}

// Progress says how far a run is.
type Progress struct {
	Step     uint64
	Fraction float64 // what the guest last reported, 0 to 1; 0 if it never did
	Message  string
	Gas      uint64
	GPUGas   uint64
}

// Result is what a run came to. A trap of the guest or a passed limit is a Result with Status Failed, not an error: it
// is the same on every device. Errors are for what is not the job's doing: a lost device, a cancelled context.
type Result struct {
	Receipt   msg.Receipt // unsigned, Job and Program set to the program's hash
	Intervals []msg.Interval
	Outputs   []Output
	Log       []byte
	Timing    Timing
}

// Output is what the guest wrote under one name.
type Output struct {
	Name string
	Data []byte
}

// Timing is where the wall-clock time of a run went, in seconds. It is not part of what a run means.
type Timing struct {
	Total, Load, Kernels, Hashing, HostCalls float64
	Dispatches, Calls                        uint64
}

// Fault flips one bit of what one dispatch wrote, as a broken or lying provider would: of a dispatch in host call Call of
// step Step, in the word at byte Offset of a binding that its kernel may write. A run changes it to name the very dispatch
// it picked, so that running the same interval again tells the same lie; two runs at once need two.
type Fault struct {
	Step, Call uint64
	Binding    string // "G.B"; empty is the first writable one
	Offset     uint64 // modulo the binding's size
	Bit        uint8
	Any        bool // any call of the step: the first dispatch after Skip of them
	Skip       uint64
	// Device, if not nil, puts something around the device that a run computes on.
	Device FaultyDevice
}

// FaultyDevice makes a device lie in other ways: another kernel runs, a dispatch is left out. at gives the step at hand. Running an
// interval again has to tell the same lie.
type FaultyDevice interface {
	Around(d kernels.Device, at func() uint64) kernels.Device
}

// Claim is what a provider says happened in one interval.
type Claim struct {
	Record msg.Interval
	// Prev is the record before it, nil for the first interval.
	Prev *msg.Interval
	// Detail, if the provider gave it, lets the difference be narrowed to step, call, kernel and workgroup.
	Detail *trace.Detail
	// Buffer fetches the claimed bytes of a written binding (named by trace.BindingName) after a dispatch, where Detail's
	// locators are not enough; may be nil. BufferAfter makes them.
	Buffer func(ctx context.Context, step, call uint64, binding string) ([]byte, error)
}

// Verdict is the outcome of a replay.
type Verdict struct {
	Value msg.Value
	First *msg.Difference
	// Missing says what could not be had, for Unavailable.
	Missing string
	// Record is what the replay computed.
	Record msg.Interval
	// State is the state after the interval.
	State *state.Snapshot
	// Before says of an invalid claim that the interval was not even begun: the record before it and the state that this commits to
	// contradict each other (First is of a "record"), or nothing can go on from that state.
	Before bool
}
