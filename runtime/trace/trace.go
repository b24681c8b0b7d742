// Package trace says what happened in a job: the transcript of its host calls, the interval records a provider commits
// to, and the detail in which two parties find the first place where they differ.
//
// # Transcript
//
// Each interval has a transcript, a chain of hashes: it starts from a constant, each host call adds the hash of what the
// guest could see of it (function, arguments, bytes read from and written to guest memory, results, and for a submit
// every dispatch it made), and the end of each step adds how the step ended. The last link stands in the interval's
// record. Bytes of GPU buffers are not in the transcript: they are in the state root, and in a Detail.
package trace

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// Start is the transcript of nothing.
var Start = msg.Hash(sha256.Sum256([]byte("gwrun transcript 1")))

// Next adds one entry to a transcript.
func Next(transcript, entry msg.Hash) msg.Hash {
	var b [64]byte
	copy(b[:32], transcript[:])
	copy(b[32:], entry[:])
	return sha256.Sum256(b[:])
}

// StepEnd is the entry at the end of a step. How is "again", "done", or the reason why the job failed.
func StepEnd(step uint64, how string) msg.Hash {
	b := append([]byte("gwrun step end\x00"), make([]byte, 8)...)
	binary.LittleEndian.PutUint64(b[len(b)-8:], step)
	return sha256.Sum256(append(b, how...))
}

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
