// Package lower prints typed IR as WGSL that an adapter cannot get wrong.
//
// WGSL by itself promises too little: it names no rounding mode and lets a driver fuse, reassociate, flush subnormals,
// assume that there are no NaNs and be 2.5 units off in a division. So this package never relies on such a promise. It
// prints a small canonical language: every value is bool or u32, a float lives as its bit pattern, and what a driver
// might bend is either computed in integers or fenced off.
//
// The fence is an exclusive-or with a word that is zero, but that the driver can only learn by running the kernel,
// since it is read from a storage buffer. (A uniform buffer will not do: Mesa compiles a kernel anew for the values of
// uniforms that its branches depend on, and with the fence known to be zero 0-x became -x.) Every float that enters a native operation has gone through it, so the driver sees an
// opaque value and can neither fuse, reassociate nor fold. The words are two, because a driver that knew two opaque
// operands to be the same value would still turn x-x into 0, which is wrong for an infinity.
//
// There are three lowerings of the float operators (see Mode), all of the same meaning; kernels/probe finds the fastest
// that an adapter passes bit for bit.
//
// # Interface of a shader
//
// The entry point is "main". All bindings are in group 0: binding i is the kernel's i-th binding as array<u32> (or of
// atomics), binding n the meta block, MetaBytes bytes of read-only storage, binding n+1 the gas cells, GasBytes bytes
// that are zero when the dispatch starts.
package lower

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Mode is a lowering of the float operators.
type Mode uint8

const (
	// ModeNative uses the adapter's own +, - and *, each behind a fence. Right where the adapter rounds to nearest
	// even and keeps subnormals.
	ModeNative Mode = iota
	// ModeGuard is ModeNative that computes again in integers wherever an operand or the result comes near the
	// subnormal range. Right on an adapter that flushes.
	ModeGuard
	// ModeSoft computes every float operator in integers and needs only what WGSL guarantees.
	ModeSoft
	// ModePlain is ModeNative without the fences. It is wrong on most adapters: tests use it to see that the probe
	// notices, and benchmarks to see what a fence costs.
	ModePlain
	numModes
)

var modeNames = [numModes]string{"native", "native+guard", "soft", "plain"}

func (m Mode) String() string {
	if m < numModes {
		return modeNames[m]
	}
	return fmt.Sprintf("mode(%d)", uint8(m))
}

// ParseMode is the inverse of String.
func ParseMode(s string) (Mode, error) {
	for m, n := range modeNames {
		if s == n {
			return Mode(m), nil
		}
	}
	return 0, fmt.Errorf("lower: unknown lowering %q, want native, native+guard or soft", s)
}

// Limits on what Print accepts, chosen so that the shader compiler behind it (which recurses over nested statements)
// stays within its stack and its time.
const (
	MaxDepth = 64      // nested WGSL blocks; Mesa's llvmpipe goes wrong past 80
	MaxText  = 4 << 20 // bytes of WGSL
)

// MaxGasLimit is the largest gas limit a shader can hold an invocation to: counters are 32 bits wide, and what one pass
// through a kernel without its loops can cost must fit above the limit.
const MaxGasLimit = 0xf000_0000

// GasSlots is the number of gas counters, which invocations share by workgroup so that they don't all contend for one.
const GasSlots = 32

// GasBytes is the size of the gas cells: a 64-bit counter as {low, high} for each slot, then the trap flag, then the
// number of loops entered less those left (see Options.CountLoops).
const GasBytes = 4 * (2*GasSlots + 2)

// Shader is a kernel printed for one mode.
type Shader struct {
	WGSL string
	Mode Mode
	// Writable says, for each of the kernel's bindings, that it is declared read_write.
	Writable []bool
	// MetaBytes is the size of the meta block, a multiple of 16.
	MetaBytes int
}

// Options change what Print prints, never what it means.
type Options struct {
	// AllWritable declares every binding read_write, which WebGPU asks for when one buffer is bound both for reading
	// and for writing in a dispatch.
	AllWritable bool
	// CountLoops makes the shader count the loops it enters and leaves, for drivers that leave a loop on their own
	// account: Mesa's llvmpipe does after 65,535 iterations of all loops of an invocation together. Gas then reports
	// ErrLoopCut. The count is kept in atomics, since a compiler would see that any other always comes out even.
	CountLoops bool
}

// ErrLoopCut says that the driver left a loop before the kernel did: what the dispatch wrote is of no worth.
var ErrLoopCut = errors.New("the driver cut a long loop short")

// Range is the part of a device buffer that a binding sees, in words.
type Range struct{ Offset, Len uint32 }

// Meta builds the meta block of one dispatch: grid is what the kernel sees as its number of workgroups, base what is
// added to each workgroup's id, bound has an entry for each binding.
func Meta(gasLimit uint32, grid, base [3]uint32, bound []Range) []byte {
	words := make([]uint32, metaWords(len(bound)))
	words[2] = min(gasLimit, MaxGasLimit)
	words[3] = 0x80000000
	copy(words[4:], grid[:])
	copy(words[8:], base[:])
	for i, r := range bound {
		words[12+2*i], words[13+2*i] = r.Offset, r.Len
	}
	b := make([]byte, 0, 4*len(words))
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func metaWords(bindings int) int { return 4 * (3 + (bindings+1)/2) }

// Gas reads the gas cells after a dispatch. An error means that what the dispatch wrote cannot be relied on.
func Gas(cells []byte) (gas uint64, trapped bool, err error) {
	if len(cells) != GasBytes {
		return 0, false, fmt.Errorf("lower: %d bytes of gas cells, want %d", len(cells), GasBytes)
	}
	for s := range GasSlots {
		gas += binary.LittleEndian.Uint64(cells[8*s:])
	}
	if binary.LittleEndian.Uint32(cells[8*GasSlots+4:]) != 0 {
		return gas, false, ErrLoopCut
	}
	return gas, binary.LittleEndian.Uint32(cells[8*GasSlots:]) != 0, nil
}

// numbered reports whether instructions and variables are numbered as they stand.
func numbered(k *ir.Kernel) bool {
	n, ok := 0, true
	k.Walk(func(i *ir.Inst) {
		ok = ok && i.ID == n
		n++
	})
	for i, v := range k.Vars {
		ok = ok && v.ID == i
	}
	return ok && k.NumInsts == n
}

// Print prints a kernel. It fails on a kernel that is not well formed or that passes this package's limits. The kernel is
// only read, but for its numbering if it has none.
func Print(k *ir.Kernel, mode Mode, opts Options) (*Shader, error) {
	if mode >= numModes {
		return nil, fmt.Errorf("lower: unknown lowering %d", mode)
	}
	if err := k.Verify(); err != nil {
		return nil, fmt.Errorf("lower: %w", err)
	}
	if !numbered(k) { // a kernel that is may be shared, and is only read
		k.Renumber()
	}
	p := newPrinter(k, mode, opts)
	if err := p.kernel(); err != nil {
		return nil, fmt.Errorf("lower: kernel %s: %w", k.Name, err)
	}
	wgsl, err := p.text()
	if err != nil {
		return nil, fmt.Errorf("lower: kernel %s: %w", k.Name, err)
	}
	s := &Shader{WGSL: wgsl, Mode: mode, MetaBytes: 4 * metaWords(len(k.Bindings))}
	if len(s.WGSL) > MaxText {
		return nil, fmt.Errorf("lower: kernel %s: its shader has %d bytes, at most %d", k.Name, len(s.WGSL), MaxText)
	}
	for i := range k.Bindings {
		s.Writable = append(s.Writable, p.writable(i))
	}
	return s, nil
}
