// Package trace says what happened in a job: the transcript of its host calls, the interval records a provider commits
// to, and the detail in which two parties find the first place where they differ.
//
// # Transcript
//
// Each interval has a transcript, a list of entries: one for each host call with what the guest could see of it (function,
// arguments, bytes read from and written to guest memory, results, and for a submit every dispatch it made), and one for
// the end of each step with how it ended. An entry has 32 bytes: what is short stands there itself, the rest is hashed
// ([Entry]). The hash of a transcript is a chain that starts from a constant; a link covers up to 64 entries and ends with
// the step, so that a call costs little, and whoever doubts one entry needs no more than the 63 beside it. The last link
// stands in the interval's record. Bytes of GPU buffers are not in the transcript: they are in the state root, and in a
// Detail.
package trace

import (
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// Root is the trace root: the Merkle root over the encoded records of a job.
func Root(records []msg.Interval) msg.Hash {
	leaves := make([]msg.Hash, len(records))
	for i := range records {
		leaves[i] = merkle.Leaf(msg.Encode(records[i]))
	}
	return merkle.Root(leaves)
}

// Prove gives the proof of record i against Root, for merkle.Verify with RecordLeaf.
func Prove(records []msg.Interval, i int) ([]msg.Hash, error) {
	leaves := make([]msg.Hash, len(records))
	for k := range records {
		leaves[k] = RecordLeaf(records[k])
	}
	return merkle.NewTree(leaves).Proof(i)
}

// RecordLeaf is a record's leaf in the tree of Root.
func RecordLeaf(r msg.Interval) msg.Hash { return merkle.Leaf(msg.Encode(r)) }
