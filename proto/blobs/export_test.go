package blobs

import (
	"testing"
	"time"
)

// SetHedge makes impatience quick for a test.
func SetHedge(t testing.TB, d time.Duration) {
	old := hedge
	hedge = d
	t.Cleanup(func() { hedge = old })
}
