package runtime

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// ErrDevice says that the device used for a replay computed a word otherwise than the kernel's definition does. Nothing
// it found says anything about a provider.
var ErrDevice = errors.New("the replaying device disagrees with the definition of the kernel")

// locate narrows a difference in what a dispatch wrote, writable binding number write of its dispatch number index, down
// to a word and the workgroup that should have written it.
func locate(ctx context.Context, job *Job, from *state.Snapshot, claim Claim, opts Options, d *msg.Difference, index, write int, theirs *trace.Write) error {
	var x struct {
		kernel   *ir.Kernel
		groups   [3]uint32
		gasLimit uint32
		binding  int
		before   [][]uint32
		after    []byte
	}
	err := runTo(ctx, job, from, opts, *d.Step, *d.Call, index,
		func(e *binding.DispatchEvent) error {
			x.kernel, x.groups, x.gasLimit, x.binding = e.Kernel.IR, e.Dispatch.Workgroups, e.Dispatch.GasLimit, -1
			n := 0
			for i, b := range e.Kernel.IR.Bindings {
				data, err := binding.Bytes(e.Device, e.Dispatch.Bindings[i])
				if err != nil {
					return err
				}
				x.before = append(x.before, words(data))
				if b.Access == ir.ReadWrite {
					if n == write {
						x.binding = i
					}
					n++
				}
			}
			return nil
		},
		func(e *binding.DispatchEvent) error {
			if x.binding < 0 {
				return fmt.Errorf("runtime: the dispatch has no writable binding %d", write)
			}
			data, err := binding.Bytes(e.Device, e.Dispatch.Bindings[x.binding])
			x.after = append([]byte(nil), data...)
			return err
		})
	if err != nil {
		return err
	}
	word, claimed, ok := firstWord(ctx, claim, d, theirs, x.after)
	if !ok {
		return nil
	}
	computed := binary.LittleEndian.Uint32(x.after[4*word:])
	off := theirs.Offset + 4*uint64(word)
	d.Offset = &off
	d.Claimed, d.Computed = hexWord(claimed), hexWord(computed)
	group, value, err := writer(ctx, x.kernel, x.groups, x.gasLimit, x.before, x.binding, uint32(word))
	if err != nil {
		return err
	}
	if value != computed {
		return fmt.Errorf("%w: kernel %s, byte %d of %s: the device has %s, the definition gives %s", ErrDevice, d.Kernel, off, d.Buffer,
			hexWord(computed), hexWord(value))
	}
	d.Workgroup = group
	return nil
}

func hexWord(w uint32) string { return fmt.Sprintf("0x%08x", w) }

func words(b []byte) []uint32 {
	out := make([]uint32, len(b)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return out
}

// firstWord finds the first word in which the claimed bytes of a binding differ from ours, and its claimed value: from
// the locators if they explain the claimed root exactly, else from the bytes themselves.
func firstWord(ctx context.Context, claim Claim, d *msg.Difference, theirs *trace.Write, ours []byte) (word int, claimed uint32, ok bool) {
	if theirs.Size != uint64(len(ours)) {
		return 0, 0, false
	}
	patched := slices.Clone(ours)
	sums := trace.Sums(ours)
	first := -1
	for p := 0; p*trace.PageSize < len(ours); p++ {
		a, b := trace.PageSum(sums, p), trace.PageSum(theirs.Sums, p)
		if b == nil || string(a) == string(b) {
			continue
		}
		page := patched[p*trace.PageSize : min((p+1)*trace.PageSize, len(patched))]
		at, w, found := trace.Locate(page, b)
		if !found {
			first = -1
			break
		}
		binary.LittleEndian.PutUint32(page[at:], w)
		if first < 0 {
			first, claimed = (p*trace.PageSize+at)/4, w
		}
	}
	if first >= 0 && merkle.PageRoot(patched, trace.PageSize) == theirs.Root {
		return first, claimed, true
	}
	if claim.Buffer == nil {
		return 0, 0, false
	}
	data, err := claim.Buffer(ctx, *d.Step, *d.Call, theirs.Binding)
	if err != nil || len(data) != len(ours) || merkle.PageRoot(data, trace.PageSize) != theirs.Root {
		return 0, 0, false // what was claimed stays a lie; only its place is not known
	}
	for i := 0; i+4 <= len(data); i += 4 {
		if w := binary.LittleEndian.Uint32(data[i:]); w != binary.LittleEndian.Uint32(ours[i:]) {
			return i / 4, w, true
		}
	}
	return 0, 0, false
}

// writer finds the workgroup that writes a word of a binding, and the word's value after the dispatch, by running the
// kernel's definition. Without atomics workgroups do not depend on each other, so it begins where the word's place in
// the buffer lets expect its writer and stops when it has found it; with atomics it runs them all in order. group is nil
// if no workgroup writes the word.
func writer(ctx context.Context, k *ir.Kernel, groups [3]uint32, gasLimit uint32, bufs [][]uint32, b int, word uint32) (group *[3]uint32, value uint32, err error) {
	d := &interp.Dispatch{Kernel: k, Buffers: bufs, Workgroups: groups, GasLimit: gasLimit}
	d.OnWrite = func(g [3]uint32, _, n int, w uint32, _ ir.Pos) {
		if n == b && w == word {
			group = &g
		}
	}
	total := uint64(groups[0]) * uint64(groups[1]) * uint64(groups[2])
	run := func(i uint64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		x, y := uint64(groups[0]), uint64(groups[1])
		_, err := d.RunGroup(ctx, [3]uint32{uint32(i % x), uint32(i / x % y), uint32(i / x / y)})
		return err
	}
	atomic := slices.ContainsFunc(k.Bindings, func(b ir.Binding) bool { return b.Atomic })
	if atomic {
		for i := range total {
			if err := run(i); err != nil {
				return nil, 0, err
			}
		}
		return group, bufs[b][word], nil
	}
	guess := uint64(float64(word) / float64(len(bufs[b])) * float64(total))
	for off := uint64(0); off < total && group == nil; off++ {
		if guess+off < total {
			err = run(guess + off)
		}
		if err == nil && group == nil && off > 0 && off <= guess {
			err = run(guess - off)
		}
		if err != nil {
			return nil, 0, err
		}
	}
	return group, bufs[b][word], nil
}
