// Package msg holds the messages of gwrun: what is hashed, signed and sent. Every one is a CBOR map with small integer
// keys in the core deterministic encoding (RFC 8949, section 4.2.1), so a message has one encoding and one hash.
package msg

import "encoding/hex"

// Hash is a SHA-256 hash or a Merkle root.
type Hash [32]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText and UnmarshalText give JSON the hexadecimal form.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// Account is a node's name: its Ethereum address.
type Account [20]byte

func (a Account) String() string { return "0x" + hex.EncodeToString(a[:]) }

// MarshalText gives JSON the 0x form.
func (a Account) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Program is the part of a job that decides its bits: the same Program gives the same trace root and outputs on every
// device and for every provider. Its hash names it.
type Program struct {
	Version   uint   `cbor:"1,keyasint" json:"version"`   // 1
	Semantics string `cbor:"2,keyasint" json:"semantics"` // what a kernel means: "gw1"
	ABI       string `cbor:"3,keyasint" json:"abi"`       // what the host offers a module: "gw-abi-2"
	Gas       string `cbor:"4,keyasint" json:"gas"`       // gas tables: "gt2+gk2"
	Module    Blob   `cbor:"5,keyasint" json:"module"`
	// Inputs are in the order the guest sees them: sorted by name.
	Inputs   []Input  `cbor:"6,keyasint" json:"inputs"`
	Args     []string `cbor:"7,keyasint" json:"args"`
	Seed     uint64   `cbor:"8,keyasint" json:"seed"`
	Limits   Limits   `cbor:"9,keyasint" json:"limits"`
	Interval uint64   `cbor:"10,keyasint" json:"interval"` // steps between committed states, at least 1
}

// Blob names bytes by the root of their chunk tree and their length.
type Blob struct {
	Root Hash   `cbor:"1,keyasint" json:"root"`
	Size uint64 `cbor:"2,keyasint" json:"size"`
}

// Input is a named blob given to a job.
type Input struct {
	Name string `cbor:"1,keyasint" json:"name"`
	Blob Blob   `cbor:"2,keyasint" json:"blob"`
}

// Output is what a job wrote under one name.
type Output struct {
	Name string `cbor:"1,keyasint" json:"name"`
	Blob Blob   `cbor:"2,keyasint" json:"blob"`
}

// Limits bound what a job may use. All are part of the Program: passing one ends the job the same way everywhere.
type Limits struct {
	MemoryPages uint32 `cbor:"1,keyasint" json:"memory_pages"` // WASM pages of 64 KiB
	BufferBytes uint64 `cbor:"2,keyasint" json:"buffer_bytes"` // GPU buffers, all together
	Gas         uint64 `cbor:"3,keyasint" json:"gas"`          // WASM gas over the whole job
	GPUGas      uint64 `cbor:"4,keyasint" json:"gpu_gas"`      // kernel gas over the whole job
	OutputBytes uint64 `cbor:"5,keyasint" json:"output_bytes"`
	LogBytes    uint64 `cbor:"6,keyasint" json:"log_bytes"`
	Handles     uint32 `cbor:"7,keyasint" json:"handles"` // live WebGPU objects
	ShaderBytes uint64 `cbor:"8,keyasint" json:"shader_bytes"`
	Steps       uint64 `cbor:"9,keyasint" json:"steps"`
	StackDepth  uint32 `cbor:"10,keyasint" json:"stack_depth"` // frames
}

// DefaultLimits suit a small job on a laptop.
func DefaultLimits() Limits {
	return Limits{MemoryPages: 4096, BufferBytes: 1 << 30, Gas: 1 << 40, GPUGas: 1 << 44, OutputBytes: 1 << 28,
		LogBytes: 1 << 20, Handles: 1 << 16, ShaderBytes: 1 << 22, Steps: 1 << 32, StackDepth: 1 << 14}
}

// Interval is the record a provider commits to every Program.Interval steps and at the end.
type Interval struct {
	Index      uint64 `cbor:"1,keyasint" json:"index"`      // from 0
	LastStep   uint64 `cbor:"2,keyasint" json:"last_step"`  // steps done when it was made, counted from 1
	State      Hash   `cbor:"3,keyasint" json:"state"`      // state root after that step
	Transcript Hash   `cbor:"4,keyasint" json:"transcript"` // hash of every host call in the interval, in order
	Gas        uint64 `cbor:"5,keyasint" json:"gas"`        // used since the job began
	GPUGas     uint64 `cbor:"6,keyasint" json:"gpu_gas"`
}

// Status says how a job ended.
type Status string

const (
	Finished Status = "finished"
	Failed   Status = "failed" // a trap or a limit: a result too, equal on every device
)

// Receipt is a provider's claim about a finished job. Trace is the Merkle root over the encoded Intervals.
type Receipt struct {
	Version   uint     `cbor:"1,keyasint" json:"version"`
	Job       Hash     `cbor:"2,keyasint" json:"job"`     // hash of the JobSpec; of the Program for a local run
	Program   Hash     `cbor:"3,keyasint" json:"program"` // hash of the Program
	Semantics string   `cbor:"4,keyasint" json:"semantics"`
	Status    Status   `cbor:"5,keyasint" json:"status"`
	Failure   string   `cbor:"6,keyasint,omitempty" json:"failure,omitempty"` // the trap, in fixed words
	Trace     Hash     `cbor:"7,keyasint" json:"trace_root"`
	State     Hash     `cbor:"8,keyasint" json:"state_root"`
	Outputs   []Output `cbor:"9,keyasint" json:"outputs"` // sorted by name
	Gas       uint64   `cbor:"10,keyasint" json:"gas"`
	GPUGas    uint64   `cbor:"11,keyasint" json:"gpu_gas"`
	Steps     uint64   `cbor:"12,keyasint" json:"steps"`
	Provider  Account  `cbor:"13,keyasint" json:"provider"`
	// Nonce is the provider's share of the sampling beacon, chosen after the work and before it learns the consumer's.
	Nonce Hash `cbor:"14,keyasint" json:"nonce"`
	// Intervals is how many records Trace is over. With it, records that their signer gave out and a receipt that has others
	// contradict each other.
	Intervals uint64 `cbor:"15,keyasint" json:"intervals"`
	// Device is the kind of device the provider says it computed on: validators on another kind are drawn more often.
	Device string `cbor:"16,keyasint,omitempty" json:"device,omitempty"`
	// Ended is when the provider signed it, in Unix seconds; 0 for a local run. The challenge window is counted from it, by everybody alike.
	Ended int64 `cbor:"17,keyasint,omitempty" json:"ended,omitempty"`
}
