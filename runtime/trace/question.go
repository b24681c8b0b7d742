package trace

import "github.com/gwrun/gwrun/proto/msg"

// Kind is what is left to be judged.
type Kind string

// Kinds of Question. The first index of what each party says is 0 for the provider, 1 for the challenger.
const (
	// KindReceipt: are the receipt's status and outputs those of its last state?
	KindReceipt Kind = "receipt"
	// KindEnded: was the job over in the state Start, or is there another step?
	KindEnded Kind = "ended"
	// KindClosed: both have said that the step ends at a place, and one that something comes after it. Nothing has to be computed.
	KindClosed Kind = "closed"
	// KindGuest: what does the guest do behind point At: its next host call, or the end of its step?
	KindGuest Kind = "guest"
	// KindHandles: which buffers, of what sizes, are there behind the next call or command?
	KindHandles Kind = "handles"
	// KindWord: what does one word of one buffer hold behind the next call or command?
	KindWord Kind = "word"
	// KindWorkgroup: what does one workgroup of the next command, a dispatch, use of kernel gas?
	KindWorkgroup Kind = "workgroup"
)

// Question is what is left of a dispute: both parties agree on everything before it.
type Question struct {
	Kind     Kind      `json:"kind"`
	Interval uint64    `json:"interval"`
	Start    StepPoint `json:"start"` // before the step
	// Receipt is for KindReceipt what the provider says of the state Start, which is then behind the last step.
	Receipt *msg.Receipt `json:"receipt,omitempty"`
	// At is the point behind which they part; nil is the beginning of the step.
	At *Point `json:"at,omitempty"`
	// Next is what each says of the point after it.
	Next [2]Next `json:"next"`
	// Counts are how many buffers there are behind it, where they differ about that; Buffer is else the number of the buffer that they
	// differ about, in the order of handles, and After what each says of it.
	Counts [2]uint64      `json:"counts"`
	Buffer uint64         `json:"buffer"`
	After  [2]*BufferHead `json:"after"`
	Page   uint64         `json:"page"`
	Offset uint64         `json:"offset"` // of the word, bytes from the page's beginning
	Words  [2][]byte      `json:"words"`  // four bytes each, fewer at a buffer's end
	Groups [2]*[3]uint32  `json:"groups"` // which workgroup wrote it, by each
	// Group is for KindWorkgroup its number, x first; GasBefore is agreed, GasAfter is what each says.
	Group     uint64    `json:"group"`
	GasBefore uint64    `json:"gas_before"`
	GasAfter  [2]uint64 `json:"gas_after"`
}

// Next is what a party says comes next.
type Next struct {
	Over  bool       `json:"over,omitempty"`  // nothing: the interval or the step was over
	End   *StepPoint `json:"end,omitempty"`   // the end of the step
	Point *Point     `json:"point,omitempty"` // another point in it
}
