// Package lib is the kernel library: each kernel is a type whose fields are its parameters and what chooses among its
// variants. Package tensor runs them (tensor.Run), and has functions for the common ones that check shapes.
//
// The texts are WGSL; a program has in it only those of the kernels that it names.
package lib

// Kernel is a kernel with its parameters.
type Kernel interface {
	Op() *Op
	Words() []uint32 // of the uniform buffer that is binding 0.0
	Constants() []Constant
}

// Op describes a kernel.
type Op struct {
	Name     string // also the entry point
	Source   string
	Bindings []Binding  // storage buffers 0.1, 0.2 ...
	Tile     []Constant // the default tile, which changes the speed and no result
	// Grid gives the workgroups for parameters and the tile's values, of which none is 0.
	Grid func(params, tile []uint32) [3]uint64
}

// Binding is a storage buffer.
type Binding struct {
	Name     string
	Elem     string // "f32", "u32", "i32" or "vec2<u32>"
	Writable bool
}

// Constant is the value of an override.
type Constant struct {
	Name  string
	Value float64
}

func ceil(a, b uint64) uint64 {
	if a%b != 0 {
		return a/b + 1
	}
	return a / b
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func orElse(v, fallback float64) float64 {
	if v == 0 {
		return fallback
	}
	return v
}
