// Package tensor computes with tensors on the job's device, with the kernel library.
//
//	x := tensor.FromF32(data, 100, 784)
//	y := tensor.Activate(tensor.MatMul(x, w), tensor.ReLU)
//	fmt.Println(y.F32())
//
// A [Tensor] is a shape of 1 to 4 dimensions, each at least 1, an element type, and a place in a buffer. Functions queue work
// and return at once; reading waits for all of it. What they return is new; [SGD], [Adam], [AdamW], [Clip] and accumulating
// products write in place. The rows of a tensor are its last dimension: one of [2, 3, n] has 6 rows of n. Unless it says
// otherwise everything is f32.
//
// Shapes that don't fit end the job with a line in its log that says what was found and what is wanted.
//
// A tensor's memory on the device lasts until [Tensor.Release], or until the end of the [Scope] it was made in.
package tensor

import (
	"fmt"
	"math"
	"strings"

	"github.com/gwrun/gwrun/sdk/go/gw"
	"github.com/gwrun/gwrun/sdk/go/wgpu"
)

// Elem is the type of a tensor's elements. All are 4 bytes wide.
type Elem uint8

// The element types.
const (
	F32 Elem = iota
	U32
)

func (e Elem) String() string {
	if e == U32 {
		return "u32"
	}
	return "f32"
}

// Tensor is a shape, an element type and a place in a buffer on the device.
type Tensor struct {
	shape  []int
	elem   Elem
	memory *memory // nil after Release
	offset uint64  // bytes
}

// memory is a buffer that tensors share: a view with what it is a view of.
type memory struct {
	buffer *wgpu.Buffer
	users  int
}

// fail ends the job.
func fail(op, format string, args ...any) { gw.Fail(op + ": " + fmt.Sprintf(format, args...)) }

func shapeText(shape []int) string {
	return strings.ReplaceAll(fmt.Sprint(shape), " ", ", ")
}

func (t *Tensor) String() string { return shapeText(t.shape) }

// count checks a shape and gives its number of elements.
func count(op string, shape []int) int {
	if len(shape) < 1 || len(shape) > 4 {
		fail(op, "a shape of %d dimensions, want 1 to 4", len(shape))
	}
	n := 1
	for _, d := range shape {
		if d < 1 || d > math.MaxInt32 || n*d > 1<<29 {
			fail(op, "a shape of %s, want dimensions of at least 1 and at most %d elements", shapeText(shape), 1<<29)
		}
		n *= d
	}
	return n
}

// newTensor makes a tensor of zeros; op names its buffer.
func newTensor(op string, elem Elem, shape ...int) *Tensor {
	n := count(op, shape)
	b := wgpu.Open().NewBuffer(op, 4*uint64(n), wgpu.Storage)
	return own(&Tensor{append([]int(nil), shape...), elem, &memory{b, 1}, 0})
}

// Zeros makes a tensor of zeros.
func Zeros(shape ...int) *Tensor { return newTensor("zeros", F32, shape...) }

// ZerosU32 makes a tensor of zeros of type u32.
func ZerosU32(shape ...int) *Tensor { return newTensor("zeros", U32, shape...) }

// FromF32 makes a tensor of the data.
func FromF32(data []float32, shape ...int) *Tensor {
	t := newTensor("from_f32", F32, shape...)
	put(t, "from_f32", F32, data)
	return t
}

// FromU32 makes a tensor of the data.
func FromU32(data []uint32, shape ...int) *Tensor {
	t := newTensor("from_u32", U32, shape...)
	put(t, "from_u32", U32, data)
	return t
}

func put[T wgpu.Word](t *Tensor, op string, elem Elem, data []T) {
	t.live(op)
	if len(data) != t.Count() || elem != t.elem {
		fail(op, "%d %s, want %d %s for %s", len(data), elem, t.Count(), t.elem, t)
	}
	wgpu.WriteWords(t.memory.buffer, t.offset, data)
}

// WriteF32 replaces all elements, after everything queued so far.
func (t *Tensor) WriteF32(data []float32) {
	Flush()
	put(t, "write", F32, data)
}

// WriteU32 replaces all elements, after everything queued so far.
func (t *Tensor) WriteU32(data []uint32) {
	Flush()
	put(t, "write", U32, data)
}

// F32 reads the elements, after everything queued so far.
func (t *Tensor) F32() []float32 {
	t.want("read_f32", "the tensor", F32)
	Flush()
	return wgpu.ReadWords[float32](t.memory.buffer, t.offset, t.Count())
}

// U32 reads the elements, after everything queued so far.
func (t *Tensor) U32() []uint32 {
	t.want("read_u32", "the tensor", U32)
	Flush()
	return wgpu.ReadWords[uint32](t.memory.buffer, t.offset, t.Count())
}

// Shape gives the dimensions.
func (t *Tensor) Shape() []int { return append([]int(nil), t.shape...) }

// Elem is the type of the elements.
func (t *Tensor) Elem() Elem { return t.elem }

// Count is the number of elements.
func (t *Tensor) Count() int {
	n := 1
	for _, d := range t.shape {
		n *= d
	}
	return n
}

// lines gives the number of rows and how long they are.
func (t *Tensor) lines() (rows, n int) {
	n = t.shape[len(t.shape)-1]
	return t.Count() / n, n
}

// Reshape gives the same elements in another shape of as many. The memory is shared.
func (t *Tensor) Reshape(shape ...int) *Tensor {
	t.live("reshape")
	if count("reshape", shape) != t.Count() {
		fail("reshape", "%s into %s, want as many elements", t, shapeText(shape))
	}
	return t.view(append([]int(nil), shape...), t.offset)
}

// Rows is a view of the entries from up to but not to of the first dimension. The memory is shared.
func (t *Tensor) Rows(from, to int) *Tensor {
	t.live("rows")
	if from < 0 || to <= from || to > t.shape[0] {
		fail("rows", "from %d to %d, want at least one of the %d of %s", from, to, t.shape[0], t)
	}
	shape := append([]int{to - from}, t.shape[1:]...)
	return t.view(shape, t.offset+4*uint64(from)*uint64(t.Count()/t.shape[0]))
}

func (t *Tensor) view(shape []int, offset uint64) *Tensor {
	t.memory.users++
	return own(&Tensor{shape, t.elem, t.memory, offset})
}

// live ends the job if the tensor was released.
func (t *Tensor) live(op string) {
	if t == nil {
		fail(op, "a tensor is missing")
	}
	if t.memory == nil {
		fail(op, "a tensor of %s was released before", t)
	}
}

// want checks that t can be used, has that type and, if a shape is given, that shape.
func (t *Tensor) want(op, what string, elem Elem, shape ...int) {
	t.live(op)
	if t.elem != elem {
		fail(op, "%s is of %s, want %s", what, t.elem, elem)
	}
	if shape == nil {
		return
	}
	same := len(shape) == len(t.shape)
	for i := range t.shape {
		same = same && shape[i] == t.shape[i]
	}
	if !same {
		fail(op, "%s is %s, want %s", what, t, shapeText(shape))
	}
}

// Release gives the memory up. What is queued and needs it is still done.
func (t *Tensor) Release() {
	if t.memory == nil {
		return
	}
	if t.memory.users--; t.memory.users == 0 {
		t.memory.buffer.Release()
	}
	t.memory = nil
}

// scopes are the tensors made in each scope that is open, the innermost last.
var scopes [][]*Tensor

func own(t *Tensor) *Tensor {
	if n := len(scopes); n > 0 {
		scopes[n-1] = append(scopes[n-1], t)
	}
	return t
}

// Scope calls f and releases every tensor that was made meanwhile, except those that f returns. They belong to the scope
// around, if there is one.
func Scope(f func() []*Tensor) {
	scopes = append(scopes, nil)
	keep := f()
	made := scopes[len(scopes)-1]
	scopes = scopes[:len(scopes)-1]
	for _, t := range made {
		kept := false
		for _, k := range keep {
			kept = kept || k == t
		}
		if kept {
			own(t)
		} else {
			t.Release()
		}
	}
}
