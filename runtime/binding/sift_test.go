package binding

import "testing"

// What was measured decides where pages are hashed, and nothing is tried before it can pay.
func TestWhereToHash(t *testing.T) {
	for _, c := range []struct {
		s     sifter
		share float64
		want  bool
	}{
		{sifter{read: 1, spent: 0.5}, 0, false},
		{sifter{read: 1, spent: 2}, 1, true},
		{sifter{read: 10, hash: 1, spent: 2}, 0.5, true},
		{sifter{read: 10, hash: 1, spent: 2}, 1, false},
		{sifter{read: 10, hash: 20, spent: 2}, 0, false},
	} {
		if got := c.s.pays(c.share); got != c.want {
			t.Errorf("%+v, %v of the pages changed: %v", c.s, c.share, got)
		}
	}
}
