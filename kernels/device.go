package kernels

import (
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Info describes a device. What a guest sees never depends on it.
type Info struct {
	ID       string // "cpu", "gpu0", ...
	Kind     string // "cpu", "integrated", "discrete", "virtual", "software"
	Name     string // as the driver gives it
	Backend  string // "wazero", "vulkan", "metal", "dx12", "gl"
	Driver   string // version text, part of the key under which a probe's verdict is kept
	Lowering string // "" on the cpu; "native", "native+guard" or "soft" on a GPU
}

// Buffer is device memory. Its size is a multiple of 4 and it starts as zeros. A Buffer belongs to the Device that
// made it and is freed by Free; using it after that is an error, never a crash.
type Buffer interface {
	Size() uint64
	Free()
}

// Pipeline is a kernel made ready on a device.
type Pipeline interface {
	Kernel() *Kernel
	Free()
}

// Bound is the part of a buffer that one binding of a kernel sees. Offset and Size are bytes, multiples of 4.
type Bound struct {
	Buffer Buffer
	Offset uint64
	Size   uint64
}

// Dispatch is one run of a pipeline over a grid of workgroups.
type Dispatch struct {
	Pipeline Pipeline
	// Bindings has one entry for each of the kernel's IR bindings, in that order.
	Bindings []Bound
	// Workgroups is the grid; a zero in it runs nothing and is no error.
	Workgroups [3]uint32
	// GasLimit bounds the gas of each single invocation, at most MaxGasLimit; passing it anywhere in the dispatch gives
	// ErrGas.
	GasLimit uint32
	// TotalGas is where the gas of all invocations, of this dispatch and those before it in the same call, may end it with
	// ErrGas: a device need not stop there, but what goes on is of no use any more. 0 is nowhere.
	TotalGas uint64
}

// Device runs kernels. All devices give the same bits and the same gas for the same kernel and buffers. The calls of
// one Device are made one at a time and take effect in order; different Devices are independent. There are two
// implementations, kernels/cpu and kernels/webgpu, and one suite both pass, kernels/devicetest.
type Device interface {
	Info() Info
	// NewBuffer makes a buffer of size bytes (a multiple of 4), all zero.
	NewBuffer(size uint64) (Buffer, error)
	// NewPipeline makes a kernel ready to run.
	NewPipeline(ctx context.Context, k *Kernel) (Pipeline, error)
	// Write copies data into b at off; both are multiples of 4.
	Write(b Buffer, off uint64, data []byte) error
	// Read copies len(p) bytes out of b from off; both are multiples of 4.
	Read(b Buffer, off uint64, p []byte) error
	// Copy copies n bytes between buffers (multiples of 4; the ranges do not overlap).
	Copy(dst Buffer, dstOff uint64, src Buffer, srcOff, n uint64) error
	// Dispatch runs dispatches to their end, one after the other, and returns the gas of all their invocations. Several
	// in one call cost one exchange with a GPU instead of one each. On ErrGas, in whichever of them, the contents of the
	// buffers they could write are undefined, and the job that asked for them must end.
	Dispatch(ctx context.Context, list ...*Dispatch) (gas uint64, err error)
	// Close frees everything and stops whatever the device runs, child processes included.
	Close() error
}

// ErrGas says that an invocation of a dispatch passed its gas limit. It is the job's fault and the same on every
// device.
var ErrGas = errors.New("a kernel invocation passed its gas limit")

// LostError says that the device or its driver failed: the fault of neither the job nor the provider's honesty. After
// it the Device is of no use; open a fresh one.
type LostError struct {
	Device string
	Reason string
}

func (e *LostError) Error() string { return fmt.Sprintf("device %s lost: %s", e.Device, e.Reason) }

// MaxWorkgroups is the largest count in one dimension of a dispatch (WebGPU's default limit).
const MaxWorkgroups = 65535

// MaxGasLimit is the largest gas limit of an invocation. GPUs count gas in 32 bits, and what one pass through a kernel
// without its loops can cost must fit above the limit.
const MaxGasLimit = 0xf000_0000

// MaxBound is the largest size of what a binding sees: every word has a byte offset of 32 bits.
const MaxBound = 1<<32 - 4

// CheckDispatch holds the rules every device applies before it runs anything.
func CheckDispatch(d *Dispatch) error {
	k := d.Pipeline.Kernel()
	if len(d.Bindings) != len(k.IR.Bindings) {
		return fmt.Errorf("kernel %s: %d bindings given, want %d", k.Entry, len(d.Bindings), len(k.IR.Bindings))
	}
	for i, n := range d.Workgroups {
		if n > MaxWorkgroups {
			return fmt.Errorf("kernel %s: %d workgroups in dimension %d, at most %d", k.Entry, n, i, MaxWorkgroups)
		}
	}
	for i, b := range d.Bindings {
		want := k.IR.Bindings[i]
		at := fmt.Sprintf("kernel %s: binding %d.%d", k.Entry, want.Group, want.Binding)
		switch {
		case b.Buffer == nil:
			return fmt.Errorf("%s: no buffer bound", at)
		case b.Offset%4 != 0 || b.Size%4 != 0:
			return fmt.Errorf("%s: offset %d and size %d must be multiples of 4", at, b.Offset, b.Size)
		case b.Offset > b.Buffer.Size() || b.Size > b.Buffer.Size()-b.Offset:
			return fmt.Errorf("%s: bytes %d+%d lie outside the buffer of %d", at, b.Offset, b.Size, b.Buffer.Size())
		case b.Size < want.MinBytes:
			return fmt.Errorf("%s: %d bytes bound, the shader needs at least %d", at, b.Size, want.MinBytes)
		case b.Size > MaxBound:
			return fmt.Errorf("%s: %d bytes bound, at most %d", at, b.Size, uint64(MaxBound))
		}
		for j, o := range d.Bindings[:i] {
			if o.Buffer == b.Buffer && b.Offset < o.Offset+o.Size && o.Offset < b.Offset+b.Size &&
				(want.Access == ir.ReadWrite || k.IR.Bindings[j].Access == ir.ReadWrite) {
				return fmt.Errorf("%s: bytes %d+%d overlap bytes %d+%d of the same buffer at binding %d.%d, and one of them is writable",
					at, b.Offset, b.Size, o.Offset, o.Size, k.IR.Bindings[j].Group, k.IR.Bindings[j].Binding)
			}
		}
	}
	if d.GasLimit > MaxGasLimit {
		return fmt.Errorf("kernel %s: gas limit %d, at most %d", k.Entry, d.GasLimit, uint32(MaxGasLimit))
	}
	return nil
}
