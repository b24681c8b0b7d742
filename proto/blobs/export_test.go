package blobs

import (
	"testing"
	"time"
)

// SetTask makes requests small for a test.
func SetTask(t testing.TB, chunks uint64) {
	old := taskChunks
	taskChunks = chunks
	t.Cleanup(func() { taskChunks = old })
}

// SetHedge makes impatience quick for a test.
func SetHedge(t testing.TB, d time.Duration) {
	old := hedge
	hedge = d
	t.Cleanup(func() { hedge = old })
}
