package trace

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

// plainTranscript is the definition, written without regard to cost: entries of steps to a hash.
func plainTranscript(steps [][]msg.Hash) msg.Hash {
	link := msg.Hash(sha256.Sum256([]byte("gwrun transcript 2")))
	for _, entries := range steps {
		for len(entries) > 0 {
			n := min(len(entries), 64)
			text := bytes.Clone(link[:])
			for _, e := range entries[:n] {
				if e[0] < 32 {
					text = append(text, e[:1+e[0]]...)
				} else {
					text = append(text, e[:]...)
				}
			}
			link, entries = sha256.Sum256(text), entries[n:]
		}
	}
	return link
}

func TestTranscriptIsItsDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var steps [][]msg.Hash
	var got Transcript
	got.Reset()
	if got.Sum() != Start {
		t.Error("an empty transcript is not Start")
	}
	seen := map[msg.Hash]bool{Start: true}
	for step, calls := range []int{0, 1, 62, 63, 64, 65, 200, 127, 128} {
		var entries []msg.Hash
		for range calls {
			b := make([]byte, random.IntN(60))
			for i := range b {
				b[i] = byte(random.Uint32())
			}
			e := Entry(b)
			if !wellFormed(e) {
				t.Fatalf("Entry of %d bytes gives %v", len(b), e)
			}
			entries = append(entries, e)
			got.Add(e)
			sum := got.Sum()
			if want := plainTranscript(append(steps[:len(steps):len(steps)], entries)); sum != want {
				t.Fatalf("step %d, %d calls: %v, want %v", step, len(entries), sum, want)
			}
			if seen[sum] {
				t.Fatalf("step %d, %d calls: a transcript there was before", step, len(entries))
			}
			seen[sum] = true
		}
		got.EndStep(uint64(step), "again")
		steps = append(steps, append(entries, StepEnd(uint64(step), "again")))
		if want := plainTranscript(steps); got.Sum() != want {
			t.Fatalf("after step %d: %v, want %v", step, got.Sum(), want)
		}
	}
	got.Reset()
	if got.Sum() != Start {
		t.Error("Reset leaves something")
	}
}

// No two encodings have one entry: short ones stand in it with their length, and hashes are marked.
func TestEntry(t *testing.T) {
	seen := map[msg.Hash]int{}
	for n := range 70 {
		for _, b := range [][]byte{make([]byte, n), bytes.Repeat([]byte{1}, n), append(make([]byte, n), 2)} {
			e := Entry(b)
			if was, ok := seen[e]; ok && n > 0 {
				t.Errorf("%d bytes have the entry of %d", len(b), was)
			}
			seen[e] = len(b)
			if inline := e[0] == byte(len(b)) && bytes.Equal(e[1:1+min(len(b), 31)], b); inline != (len(b) <= 31) {
				t.Errorf("%d bytes: %v", len(b), e)
			}
		}
	}
	for _, e := range []msg.Hash{{2, 0, 0, 1}, {0, 1}, {32}, {0x7f, 5}, {31: 1}} {
		if wellFormed(e) {
			t.Errorf("%v is taken for an entry", e)
		}
	}
	if StepEnd(1, "again") == StepEnd(2, "again") || StepEnd(1, "again") == StepEnd(1, "done") {
		t.Error("ends of steps are not told apart")
	}
}
