package dispute

import (
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/rpc"
)

// An account that nobody asks any more is not kept, and made again it says the same.
func TestSeatLetsGo(t *testing.T) {
	x := newTable(t, 60)
	for _, name := range []string{"provider", "challenger"} {
		s := x.seat(name)
		s.keep = time.Millisecond
		e := x.afresh()
		ask := func() string {
			t.Helper()
			m, err := s.Move(context.Background(), rpc.Dispute{Challenge: e.Dispute.Challenge, Moves: e.Dispute.Moves})
			if err != nil {
				return err.Error() // not its turn, if it is the other's
			}
			return string(m.Body)
		}
		seated := func() int {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(s.accounts)
		}
		first := ask()
		for seated() > 0 {
			time.Sleep(time.Millisecond)
		}
		if again := ask(); again != first {
			t.Errorf("%s says %q, and later %q", name, first, again)
		}
		s = x.seat(name)
		ask()
		if seated() != 1 {
			t.Errorf("%s keeps %d accounts between two questions, want 1", name, seated())
		}
	}
}
