package tune

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/lib"
)

// Job is a kernel of the library with parameters and random operands on a device. Operands are the same on every device.
type Job struct {
	dev       kernels.Device
	op        *lib.Op
	params    map[string]uint32
	overrides map[string]float64
	access    []ir.Access
	bound     []kernels.Bound
	grid      [3]uint32
	pipeline  kernels.Pipeline
}

// maxBytes bounds the operands of a Job.
const maxBytes = 8 << 30

// NewJob puts the operands into buffers. The caller closes the Job.
func NewJob(dev kernels.Device, op *lib.Op, params map[string]uint32, overrides map[string]float64) (*Job, error) {
	m, err := op.Module()
	if err != nil {
		return nil, err
	}
	words, err := op.Words(params)
	if err != nil {
		return nil, err
	}
	sizes, err := op.Sizes(params, overrides)
	if err != nil {
		return nil, err
	}
	j := &Job{dev: dev, op: op, params: params, overrides: overrides}
	total := uint64(0)
	for n, b := range m.Entries()[0].Bindings {
		size := uint64(len(words))
		if n > 0 {
			size = sizes[n-1]
		}
		if total += 4 * size; total > maxBytes {
			j.Close()
			return nil, fmt.Errorf("%s: its operands take more than %d bytes", op.Name, uint64(maxBytes))
		}
		buf, err := dev.NewBuffer(max(4*size, 4))
		if err != nil {
			j.Close()
			return nil, err
		}
		j.access = append(j.access, b.Access)
		j.bound = append(j.bound, kernels.Bound{Buffer: buf, Size: buf.Size()})
		if n == 0 {
			err = dev.Write(buf, 0, bytesOf(words))
		} else {
			err = j.fill(n)
		}
		if err != nil {
			j.Close()
			return nil, err
		}
	}
	return j, nil
}

func bytesOf(words []uint32) []byte {
	b := make([]byte, 0, 4*len(words))
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// fill writes the operand of a binding: words that are numbers of a normal distribution as f32 and, taken in halves, as
// bf16.
func (j *Job) fill(n int) error {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	half := func() uint32 { return math.Float32bits(float32(r.NormFloat64())) >> 16 }
	b := j.bound[n].Buffer
	const chunk = 1 << 16
	for at := uint64(0); at < b.Size(); at += 4 * chunk {
		words := make([]uint32, min(chunk, (b.Size()-at)/4))
		for i := range words {
			words[i] = half()<<16 | half()
		}
		if err := j.dev.Write(b, at, bytesOf(words)); err != nil {
			return err
		}
	}
	return nil
}

// Load makes the kernel ready in a tile.
func (j *Job) Load(ctx context.Context, t lib.Tile) error {
	k, err := j.op.Kernel(t, j.overrides)
	if err != nil {
		return err
	}
	grid, err := j.op.Workgroups(j.params, t)
	if err != nil {
		return err
	}
	p, err := j.dev.NewPipeline(ctx, k)
	if err != nil {
		return err
	}
	if j.pipeline != nil {
		j.pipeline.Free()
	}
	j.pipeline, j.grid = p, grid
	return nil
}

// Run dispatches the kernel once and gives its time and gas.
func (j *Job) Run(ctx context.Context) (time.Duration, uint64, error) {
	if j.pipeline == nil {
		return 0, 0, errors.New("no tile is loaded")
	}
	began := time.Now()
	gas, err := j.dev.Dispatch(ctx, &kernels.Dispatch{Pipeline: j.pipeline, Bindings: j.bound, Workgroups: j.grid, GasLimit: kernels.MaxGasLimit})
	return time.Since(began), gas, err
}

// Output runs the kernel once on fresh operands and hashes the buffers that it may write, in their order.
func (j *Job) Output(ctx context.Context) (sum [32]byte, gas uint64, err error) {
	for n, a := range j.access {
		if n > 0 && a == ir.ReadWrite {
			if err := j.fill(n); err != nil {
				return sum, 0, err
			}
		}
	}
	if _, gas, err = j.Run(ctx); err != nil {
		return sum, 0, err
	}
	h := sha256.New()
	for n, a := range j.access {
		if a != ir.ReadWrite {
			continue
		}
		b := j.bound[n].Buffer
		part := make([]byte, 1<<20)
		for at := uint64(0); at < b.Size(); at += uint64(len(part)) {
			part = part[:min(uint64(len(part)), b.Size()-at)]
			if err := j.dev.Read(b, at, part); err != nil {
				return sum, 0, err
			}
			h.Write(part)
		}
	}
	h.Sum(sum[:0])
	return sum, gas, nil
}

// Bytes is the size of all operands together.
func (j *Job) Bytes() uint64 {
	n := uint64(0)
	for _, b := range j.bound {
		n += b.Size
	}
	return n
}

// Close frees what the Job has on its device.
func (j *Job) Close() {
	if j.pipeline != nil {
		j.pipeline.Free()
	}
	for _, b := range j.bound {
		b.Buffer.Free()
	}
	j.pipeline, j.bound = nil, nil
}
