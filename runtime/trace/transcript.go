package trace

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/gwrun/gwrun/proto/msg"
)

// Start is the transcript of nothing.
var Start = msg.Hash(sha256.Sum256([]byte("gwrun transcript 2")))

// linkEntries is how many entries one link of the chain holds at most.
const linkEntries = 64

// maxInline is the longest encoding that an entry holds itself.
const maxInline = 31

// Entry makes the entry of what is encoded in b. A short encoding is the entry itself: its length, its bytes, zeros. A longer one is
// hashed, and the first bit of the hash is set, so that no entry of the one kind is one of the other.
func Entry(b []byte) (e msg.Hash) {
	if len(b) <= maxInline {
		e[0] = byte(len(b))
		copy(e[1:], b)
		return e
	}
	e = sha256.Sum256(b)
	e[0] |= 0x80
	return e
}

// wellFormed reports whether e can be what Entry made.
func wellFormed(e msg.Hash) bool {
	if e[0] > maxInline {
		return e[0] >= 0x80
	}
	for _, b := range e[1+e[0]:] {
		if b != 0 {
			return false
		}
	}
	return true
}

// StepEnd is the entry at the end of a step. How is "again", "done", or the reason why the job failed.
func StepEnd(step uint64, how string) msg.Hash {
	b := make([]byte, 0, 64)
	b = append(b, "gwrun step end\x00"...)
	b = binary.LittleEndian.AppendUint64(b, step)
	return Entry(append(b, how...))
}

// Transcript is an interval's transcript as it grows. Its zero value is not ready: Reset makes it that of nothing.
type Transcript struct {
	link    msg.Hash // without what is pending
	pending []byte   // entries, those that hold their encoding without the zeros
	entries int      // of them
}

// Reset begins an interval.
func (t *Transcript) Reset() { t.link, t.pending, t.entries = Start, t.pending[:0], 0 }

// Resume begins behind a step, where the transcript's hash was sum.
func (t *Transcript) Resume(sum msg.Hash) { t.link, t.pending, t.entries = sum, t.pending[:0], 0 }

// Add adds an entry, which Entry made.
func (t *Transcript) Add(e msg.Hash) {
	n := 32
	if e[0] <= maxInline {
		n = 1 + int(e[0])
	}
	t.pending = append(t.pending, e[:n]...)
	if t.entries++; t.entries == linkEntries {
		t.close()
	}
}

// EndStep adds the entry of a step's end, which closes a link.
func (t *Transcript) EndStep(step uint64, how string) {
	t.Add(StepEnd(step, how))
	t.close()
}

// close ends a link: the next one begins with the hash of all before it.
func (t *Transcript) close() { t.link, t.pending, t.entries = t.Sum(), t.pending[:0], 0 }

// Sum is the hash of the transcript so far: SHA-256 over the link before and the entries since.
func (t *Transcript) Sum() msg.Hash {
	if t.entries == 0 {
		return t.link
	}
	var room [32 + 32*linkEntries]byte
	return sha256.Sum256(append(append(room[:0], t.link[:]...), t.pending...))
}
