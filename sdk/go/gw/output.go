package gw

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"unsafe"

	"github.com/gwrun/gwrun/sdk/go/raw"
)

// Output is one of the job's outputs. What is written is appended; it is an io.Writer that never fails.
type Output struct{ name string }

// CreateOutput makes an output, empty where nothing has been written to it. Its name is UTF-8 text of 1 to 255 bytes.
func CreateOutput(name string) *Output {
	WriteOutput(name, nil)
	return &Output{name}
}

// Write appends to the output.
func (o *Output) Write(p []byte) (int, error) {
	WriteOutput(o.name, p)
	return len(p), nil
}

// WriteOutput appends to the output of that name, which the first call makes.
func WriteOutput(name string, data []byte) {
	raw.OutputWrite(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), unsafe.Pointer(unsafe.SliceData(data)), uint32(len(data)))
}

// WriteFloat32s appends numbers to the output of that name, little-endian.
func WriteFloat32s(name string, data []float32) {
	b := make([]byte, 0, 4*len(data))
	for _, v := range data {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	WriteOutput(name, b)
}

// Log adds a line to the job's log.
func Log(text string) {
	raw.Log(unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
}

// Logf is Log with fmt.Sprintf.
func Logf(format string, args ...any) { Log(fmt.Sprintf(format, args...)) }

// Progress says how far the job is, 0 to 1, and a word about it.
func Progress(fraction float64, text string) {
	raw.Progress(fraction, unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
}

// Fail logs why and ends the job.
func Fail(why string) {
	Log(why)
	os.Exit(1)
}

// Failf is Fail with fmt.Sprintf.
func Failf(format string, args ...any) { Fail(fmt.Sprintf(format, args...)) }

// Seed is the seed in the job's description.
func Seed() uint64 { return raw.Seed() }

// Step is the number of the current step, from 1.
func Step() uint64 { return raw.StepIndex() }
