package free

import "time"

// SetClock has a settlement go by another clock than the machine's: a test's, or a chain's. It is called before any move.
func (s *Settlement) SetClock(now func() time.Time) { s.now = now }
