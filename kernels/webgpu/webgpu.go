// Package webgpu is the GPU device: kernels run by whatever adapter WebGPU finds.
//
// The driver runs in a child process, a second copy of this program that speaks a small protocol over its standard
// input and output. A driver that crashes or hangs takes the child with it and nothing else: the Device then reports a
// *kernels.LostError and a fresh one may be opened. The child only ever sees WGSL printed by package lower.
//
// A program that uses this package must call RunChildIfAsked first thing in main, and a test in TestMain.
package webgpu

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lower"
)

// Options say which adapter to open and how.
type Options struct {
	// Adapter is the number of the adapter in List's order.
	Adapter int
	// Name, if set, is what the adapter must be called; a mismatch (a driver came or went since List) is an error.
	Name string
	// Lowering is how float operators are printed. The caller knows from kernels/probe which one is right.
	Lowering lower.Mode
	// Executable is the program to start as the device process; empty means this one.
	Executable string
	// Env is added to the environment of the device process.
	Env []string
	// TimeLimit ends a device process that leaves one call without an answer for so long. A long dispatch is cut
	// into many calls. Zero means two minutes.
	TimeLimit time.Duration
}

func (o *Options) timeLimit() time.Duration {
	if o.TimeLimit > 0 {
		return o.TimeLimit
	}
	return 2 * time.Minute
}

var asked atomic.Bool

// RunChildIfAsked turns this process into a device process if it was started as one, and then does not return.
func RunChildIfAsked() {
	asked.Store(true)
	v := os.Getenv(childVar)
	if v == "" {
		return
	}
	if v != version {
		fmt.Fprintf(os.Stderr, "device process: protocol version %s asked, this program has %s\n", v, version)
		os.Exit(2)
	}
	os.Unsetenv(childVar)
	runChild()
	os.Exit(0)
}

// ErrNoGPU says that this program was built without GPU support or found no adapter.
var ErrNoGPU = errors.New("webgpu: no GPU")

// List finds the adapters, best first: a discrete one before an integrated one before software, Vulkan before other
// backends, OpenGL only where there is nothing else. Lowering is left empty: kernels/probe finds it.
func List(ctx context.Context, o Options) ([]kernels.Info, error) {
	if !built {
		return nil, nil
	}
	c, err := start(&o)
	if err != nil {
		return nil, err
	}
	defer c.stop()
	body, err := c.call(ctx, &request{kind: reqList})
	if err != nil {
		if errors.Is(err, errLost) {
			err = &kernels.LostError{Device: "gpu", Reason: c.lost()}
		}
		return nil, fmt.Errorf("webgpu: cannot list adapters: %w", err)
	}
	list, err := readAdapters(body)
	if err != nil {
		return nil, err
	}
	infos := make([]kernels.Info, len(list))
	for i := range list {
		infos[i] = list[i].info(i)
	}
	return infos, nil
}

func (a *adapter) info(number int) kernels.Info {
	return kernels.Info{ID: fmt.Sprintf("gpu%d", number), Kind: a.Kind, Name: a.Name, Backend: a.Backend, Driver: a.Driver}
}

// Open starts a device process for one adapter.
func Open(o Options) (kernels.Device, error) {
	if !built {
		return nil, fmt.Errorf("%w: this program was built without cgo, so it has the cpu device only", ErrNoGPU)
	}
	if o.Adapter < 0 {
		return nil, fmt.Errorf("webgpu: no adapter %d", o.Adapter)
	}
	c, err := start(&o)
	if err != nil {
		return nil, err
	}
	d := &device{child: c, mode: o.Lowering, buffers: map[*buffer]bool{}, pipelines: map[*pipeline]bool{}}
	d.info.ID = fmt.Sprintf("gpu%d", o.Adapter)
	body, err := c.call(context.Background(), &request{kind: reqOpen, id: uint32(o.Adapter), text: o.Name})
	if err != nil {
		defer c.stop()
		return nil, d.fault("open", err)
	}
	f := &fields{b: body}
	d.adapter.read(f)
	if err := f.end(); err != nil {
		c.stop()
		return nil, err
	}
	d.info = d.adapter.info(o.Adapter)
	d.info.Lowering = o.Lowering.String()
	return d, nil
}
