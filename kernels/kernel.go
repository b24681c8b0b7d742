// Package kernels is deterministic WGSL: source in, a pipeline on any device out, the same bits from each.
//
// Compile turns WGSL text into a Module, Module.Kernel picks an entry point and gives its constants their values, and
// a Device runs the result. What a kernel means is said in package ir; how each device is made to mean it is the
// business of kernels/cpu, kernels/lower and kernels/webgpu.
package kernels

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"sort"

	"github.com/gwrun/gwrun/kernels/ir"
)

// SemanticsID names what a kernel means; it stands in every receipt.
const SemanticsID = "gw1"

// Kernel is one entry point of a module with its overrides fixed. It is immutable and may be shared by devices.
type Kernel struct {
	Entry  string
	Source string // the text it was made from, for messages
	IR     *ir.Kernel
	// Hash identifies the kernel in transcripts: over the semantics id, the source text, the entry point's name and
	// the override values that were given.
	Hash [32]byte
}

// NewKernel wraps IR made by hand or by the front end.
func NewKernel(entry, source string, overrides map[string]float64, k *ir.Kernel) *Kernel {
	return &Kernel{Entry: entry, Source: source, IR: k, Hash: kernelHash(entry, source, overrides)}
}

func kernelHash(entry, source string, overrides map[string]float64) [32]byte {
	h := sha256.New()
	text := func(s string) {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	text("gwrun kernel " + SemanticsID)
	text(source)
	text(entry)
	names := make([]string, 0, len(overrides))
	for n := range overrides {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		text(n)
		var v [8]byte
		binary.LittleEndian.PutUint64(v[:], math.Float64bits(overrides[n]))
		h.Write(v[:])
	}
	var sum [32]byte
	h.Sum(sum[:0])
	return sum
}
