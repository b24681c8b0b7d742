package gw

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"unsafe"

	"github.com/gwrun/gwrun/sdk/go/raw"
)

// Input is one of the job's inputs. It is an io.ReaderAt; io.NewSectionReader makes a reader of it.
type Input struct {
	name  string
	index uint32
	size  int64
}

// Inputs are the names of the inputs, in order.
func Inputs() []string {
	names := make([]string, raw.InputCount())
	for i := range names {
		b := make([]byte, raw.InputNameLen(uint32(i)))
		raw.InputName(uint32(i), unsafe.Pointer(unsafe.SliceData(b)), uint32(len(b)))
		names[i] = string(b)
	}
	return names
}

// HasInput reports whether there is an input of that name.
func HasInput(name string) bool { return find(name) >= 0 }

func find(name string) int32 {
	return raw.InputFind(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)))
}

// OpenInput finds the input of that name; its absence ends the job.
func OpenInput(name string) *Input {
	i := find(name)
	if i < 0 {
		Failf("input %s is missing", name)
	}
	return &Input{name, uint32(i), int64(raw.InputLen(uint32(i)))}
}

// Name is the input's name.
func (in *Input) Name() string { return in.name }

// Size is how many bytes it has.
func (in *Input) Size() int64 { return in.size }

// ReadAt copies bytes from off on. Its only error is io.EOF, where fewer than len(p) are left.
func (in *Input) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("input %s: offset %d", in.name, off)
	}
	n := 0
	for n < len(p) {
		part := p[n:min(len(p), n+1<<30)]
		got := raw.InputRead(in.index, uint64(off)+uint64(n), unsafe.Pointer(unsafe.SliceData(part)), uint32(len(part)))
		if got == 0 {
			return n, io.EOF
		}
		n += int(got)
	}
	return n, nil
}

// Range gives n bytes from off on; fewer end the job.
func (in *Input) Range(off, n int64) []byte {
	if off < 0 || n < 0 || off > in.size || n > in.size-off {
		Failf("input %s has %d bytes, wanted %d from byte %d on", in.name, in.size, n, off)
	}
	b := make([]byte, n)
	if _, err := in.ReadAt(b, off); err != nil {
		Failf("input %s: %v", in.name, err)
	}
	return b
}

// Bytes gives all of it.
func (in *Input) Bytes() []byte { return in.Range(0, in.size) }

// Float32s gives all of it as little-endian numbers; a size that is no multiple of 4 ends the job.
func (in *Input) Float32s() []float32 { return in.Float32Range(0, in.CountFloat32()) }

// CountFloat32 is how many numbers it has; a size that is no multiple of 4 ends the job.
func (in *Input) CountFloat32() int {
	if in.size%4 != 0 {
		Failf("input %s has %d bytes, wanted a multiple of 4", in.name, in.size)
	}
	return int(in.size / 4)
}

// Float32Range gives n numbers from number first on; fewer end the job.
func (in *Input) Float32Range(first, n int) []float32 {
	b := in.Range(4*int64(first), 4*int64(n))
	f := make([]float32, n)
	for i := range f {
		f[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return f
}

// ReadInput gives all of the input of that name.
func ReadInput(name string) []byte { return OpenInput(name).Bytes() }
