package free

import "time"

// SetClock says what now is.
func (s *Settlement) SetClock(now func() time.Time) { s.now = now }
