// Package dispute finds the first thing in which two parties' accounts of a job part, and who of them is right about it.
//
// A provider has signed the records of a job's intervals; a challenger has computed another one. Both say, in signed moves that take
// turns, what held at places in between: after steps of the interval, then after host calls and device commands of one step, then of
// which buffer, which page, which word. Each round keeps the first stretch at whose beginning they agree and at whose end they do not,
// so its length falls by Fanout each time (refereed delegation, Canetti, Riva, Rothblum 2011; Verde carries it to one operator, this
// one further). What is left is small enough to be computed by anybody without a GPU, from data proven against what both had signed.
//
// A party that tells the truth at every turn cannot lose: at the beginning of every stretch the parties agree on what is true, and at
// the end only it says what is. A party that is silent loses by its clock, which the witnesses drawn for the job hold.
//
// A Game knows the rules and computes nothing of the job; package runtime judges what is left.
//
// A dispute's moves are Evidence: anybody can go through them again. Evidence has three other kinds, which need no dispute: two messages
// that exclude each other, an interval to be run again, and the words of witnesses that somebody did not give what it owed.
package dispute

import (
	"errors"

	"github.com/gwrun/gwrun/proto/msg"
)

// Fanout is how many parts a stretch is cut into by one round.
const Fanout = 64

// Challenge begins a dispute. Its hash names it.
type Challenge struct {
	Version    uint        `cbor:"1,keyasint" json:"version"` // 1
	Job        msg.Hash    `cbor:"2,keyasint" json:"job"`
	Receipt    msg.Hash    `cbor:"3,keyasint" json:"receipt"`
	Provider   msg.Account `cbor:"4,keyasint" json:"provider"`
	Challenger msg.Account `cbor:"5,keyasint" json:"challenger"`
	// Record is the challenger's of the interval that it disputes. One whose index is behind the receipt's last says that the job was
	// not over; the receipt's last record itself says that the receipt's outputs or status are not those of its last state; one without a
	// step (WasOver.Record) says that the job was over before the interval.
	Record msg.Interval `cbor:"6,keyasint" json:"record"`
	Clock  uint32       `cbor:"7,keyasint" json:"clock"` // seconds that each move may take
	// Referee is the node that leads the dispute. It decides nothing: who is wrong anybody can find out, and who is silent witnesses say.
	Referee msg.Account `cbor:"8,keyasint" json:"referee"`
}

// Domain names the message.
func (Challenge) Domain() string { return "Challenge" }

// Stage is what the moves of a round are about.
type Stage uint8

// The stages in the order in which a dispute goes through them; some it passes over.
const (
	Steps       Stage = 1 + iota // hashes of trace.StepPoint after steps of the interval
	OpenSteps                    // the two points around one step
	Points                       // hashes of trace.Point in that step, the last being that of the step's end
	OpenPoints                   // the two points around one host call or command
	Buffers                      // nodes of the tree over the buffers
	OpenBuffers                  // the heads of one buffer, before and after
	Pages                        // nodes of the tree over that buffer's pages
	OpenPage                     // the page's bytes
	Writer                       // which workgroup wrote the first word that differs
	Gas                          // kernel gas used up to workgroups of one command
	OpenGas                      // that before and behind one workgroup
	Leaf                         // nothing more to say: to be judged
)

var stageNames = [...]string{"", "steps", "open steps", "points", "open points", "buffers", "open buffers", "pages", "open page", "writer", "gas", "open gas", "leaf"}

func (s Stage) String() string {
	if int(s) < len(stageNames) {
		return stageNames[s]
	}
	return "unknown stage"
}

// Move is what a party says when it is its turn.
type Move struct {
	Version uint     `cbor:"1,keyasint" json:"version"` // 1
	Dispute msg.Hash `cbor:"2,keyasint" json:"dispute"`
	// Before is the hash of the move before it, of the challenge for the first: a move is an answer to all that was said.
	Before msg.Hash `cbor:"3,keyasint" json:"before"`
	Stage  Stage    `cbor:"4,keyasint" json:"stage"`
	// Count is in the first move of Points how many there are, in that of Buffers how many buffers, of Gas how many workgroups.
	Count uint64 `cbor:"5,keyasint" json:"count"`
	// Hashes are the values at the places that Turn asks for.
	Hashes []msg.Hash `cbor:"6,keyasint" json:"hashes"`
	// Bodies are what opens hashes that were given before.
	Bodies [][]byte `cbor:"7,keyasint" json:"bodies"`
	// Workgroup is with Writer the one that wrote the word, nil if none did.
	Workgroup *[3]uint32 `cbor:"8,keyasint,omitempty" json:"workgroup,omitempty"`
}

// Domain names the message.
func (Move) Domain() string { return "Move" }

// ErrMove is wrapped by every refusal of a move: it is as if it had not been made.
var ErrMove = errors.New("move refused")

// gasUsed is a value of the stage Gas: the kernel gas used since the job began.
type gasUsed struct {
	Gas uint64 `cbor:"1,keyasint"`
}

func (gasUsed) Domain() string { return "GasUsed" }

// Over is the value at a place that a party says was never reached, because the interval or the step was over.
var Over = msg.HashOf(over{})

type over struct{}

func (over) Domain() string { return "Over" }
