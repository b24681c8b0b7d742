package store

import "testing"

// SetPackMax makes packs small for a test.
func SetPackMax(t testing.TB, n int64) {
	old := packMax
	packMax = n
	t.Cleanup(func() { packMax = old })
}
