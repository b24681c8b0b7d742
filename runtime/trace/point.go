package trace

import (
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// StepPoint is what holds between two steps of an interval: its record's fields, as far as the interval has come.
type StepPoint struct {
	Step       uint64   `cbor:"1,keyasint" json:"step"`       // done
	State      msg.Hash `cbor:"2,keyasint" json:"state"`      // root; zero before the first step of a job
	Transcript msg.Hash `cbor:"3,keyasint" json:"transcript"` // of the interval so far
	Gas        uint64   `cbor:"4,keyasint" json:"gas"`        // used since the job began
	GPUGas     uint64   `cbor:"5,keyasint" json:"gpu_gas"`
}

// Domain names the message.
func (StepPoint) Domain() string { return "StepPoint" }

// Begin is the point before an interval's first step; prev is the record before it, nil for the first interval.
func Begin(prev *msg.Interval) StepPoint {
	if prev == nil {
		return StepPoint{Transcript: Start}
	}
	return StepPoint{Step: prev.LastStep, State: prev.State, Transcript: Start, Gas: prev.Gas, GPUGas: prev.GPUGas}
}

// End is the point that an interval's record stands for.
func End(r *msg.Interval) StepPoint {
	return StepPoint{Step: r.LastStep, State: r.State, Transcript: r.Transcript, Gas: r.Gas, GPUGas: r.GPUGas}
}

// Point is what holds inside a step, behind a host call or behind one command that a submit gave the device. A step's points are in
// the order in which they happen: a submit's commands, then the submit itself.
type Point struct {
	Call       uint64   `cbor:"1,keyasint" json:"call"`    // host calls of the step that have returned
	Command    uint64   `cbor:"2,keyasint" json:"command"` // commands done of the call that has not returned, 0 behind a call
	Transcript msg.Hash `cbor:"3,keyasint" json:"transcript"`
	Gas        uint64   `cbor:"4,keyasint" json:"gas"` // used since the job began
	GPUGas     uint64   `cbor:"5,keyasint" json:"gpu_gas"`
	Buffers    msg.Hash `cbor:"6,keyasint" json:"buffers"` // see BuffersRoot
}

// Domain names the message.
func (Point) Domain() string { return "Point" }

// BufferHead is a device buffer as a leaf of the tree under Point.Buffers, where buffers stand in the order of their handles.
type BufferHead struct {
	Handle uint32   `cbor:"1,keyasint" json:"handle"`
	Size   uint64   `cbor:"2,keyasint" json:"size"`
	Root   msg.Hash `cbor:"3,keyasint" json:"root"` // over its pages of 4 KiB
}

// Leaf is the head as a leaf.
func (h BufferHead) Leaf() msg.Hash { return merkle.Leaf(msg.Encode(h)) }

// BuffersRoot commits to the device's buffers: how many there are and the root over their heads.
func BuffersRoot(count uint64, root msg.Hash) msg.Hash {
	return msg.HashOf(buffers{count, root})
}

type buffers struct {
	Count uint64   `cbor:"1,keyasint"`
	Root  msg.Hash `cbor:"2,keyasint"`
}

func (buffers) Domain() string { return "Buffers" }
