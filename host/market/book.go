package market

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// Book keeps what accounts put there until its time is over: a bounded number of entries. While there is room everybody has it; a full one
// is shared by weight, as a link is by max-min fairness (Bertsekas and Gallager, "Data Networks", 1992, 6.5.2): whoever has most for what it
// weighs gives up its newest entry to one that would still have less. So a flood from one account displaces its own entries and nobody
// else's, and one from many accounts that weigh nothing leaves alone whoever has earned or staked something.
type Book[V any] struct {
	most  int
	weigh func(msg.Account) uint64
	now   func() time.Time

	mu    sync.Mutex
	items map[msg.Hash]*entry[V]
	by    map[msg.Account]*shelf
	first time.Time // nothing ends before
}

type entry[V any] struct {
	v     V
	who   msg.Account
	until time.Time
}

// shelf is what one account has in a book, oldest first.
type shelf struct {
	keys   []msg.Hash
	weight uint64
}

// more reports whether n entries of weight w are more for it than m of weight v.
func more(n int, w uint64, m int, v uint64) bool {
	return float64(n)*float64(v) > float64(m)*float64(w)
}

// NewBook makes a book of at most so many entries. What an account weighs is asked anew with each entry; 0 counts as 1.
func NewBook[V any](most int, weigh func(msg.Account) uint64, now func() time.Time) *Book[V] {
	return &Book[V]{most: most, weigh: weigh, now: now, items: map[msg.Hash]*entry[V]{}, by: map[msg.Account]*shelf{}}
}

// Put enters v, or puts it in the place of what the same account has under key. It fails with ErrFull where there is no room for the account.
func (b *Book[V]) Put(key msg.Hash, who msg.Account, until time.Time, v V) error {
	weight := uint64(1)
	if b.weigh != nil {
		weight = max(1, b.weigh(who))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if !until.After(now) {
		return fmt.Errorf("%w: it held until %s", ErrStale, until.UTC().Format(time.RFC3339))
	}
	if old := b.items[key]; old != nil && old.until.After(now) {
		if old.who != who {
			return fmt.Errorf("%w: %s is %s's", ErrFalse, key, old.who)
		}
		old.v, old.until = v, until
		b.sooner(until)
		return nil
	}
	b.drop(key)
	if len(b.items) >= b.most {
		b.sweep(now)
	}
	mine := 1
	if s := b.by[who]; s != nil {
		s.weight = weight
		mine += len(s.keys)
	}
	if len(b.items) >= b.most {
		var worst *shelf
		for a, s := range b.by {
			if a != who && (worst == nil || more(len(s.keys), s.weight, len(worst.keys), worst.weight)) {
				worst = s
			}
		}
		if worst == nil || !more(len(worst.keys), worst.weight, mine, weight) {
			return fmt.Errorf("%w: %d entries, %d of them of %s", ErrFull, len(b.items), mine-1, who)
		}
		b.drop(worst.keys[len(worst.keys)-1])
	}
	b.items[key] = &entry[V]{v, who, until}
	s := b.by[who]
	if s == nil {
		s = &shelf{weight: weight}
		b.by[who] = s
	}
	s.keys = append(s.keys, key)
	b.sooner(until)
	return nil
}

func (b *Book[V]) sooner(until time.Time) {
	if b.first.IsZero() || until.Before(b.first) {
		b.first = until
	}
}

// drop removes an entry. Called with mu held.
func (b *Book[V]) drop(key msg.Hash) {
	e := b.items[key]
	if e == nil {
		return
	}
	delete(b.items, key)
	s := b.by[e.who]
	if s.keys = slices.DeleteFunc(s.keys, func(k msg.Hash) bool { return k == key }); len(s.keys) == 0 {
		delete(b.by, e.who)
	}
}

// Drop removes what is under key.
func (b *Book[V]) Drop(key msg.Hash) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(key)
}

// sweep removes what is over. Called with mu held; it looks at the entries only when one can be.
func (b *Book[V]) sweep(now time.Time) {
	if b.first.IsZero() || b.first.After(now) {
		return
	}
	b.first = time.Time{}
	for k, e := range b.items {
		if !e.until.After(now) {
			b.drop(k)
		} else {
			b.sooner(e.until)
		}
	}
}

// Get gives what is under key, until its time is over.
func (b *Book[V]) Get(key msg.Hash) (v V, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.items[key]; e != nil && e.until.After(b.now()) {
		return e.v, true
	}
	return v, false
}

// All gives what is in the book, the weightiest accounts' first.
func (b *Book[V]) All() []V {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep(b.now())
	var who []msg.Account
	for a := range b.by {
		who = append(who, a)
	}
	slices.SortFunc(who, func(x, y msg.Account) int {
		if v, w := b.by[x].weight, b.by[y].weight; v != w {
			if v > w {
				return -1
			}
			return 1
		}
		return compare(x, y)
	})
	out := []V{}
	for _, a := range who {
		for _, k := range b.by[a].keys {
			out = append(out, b.items[k].v)
		}
	}
	return out
}

// Len is how many entries there are.
func (b *Book[V]) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep(b.now())
	return len(b.items)
}

// Room is what an account weighs in books: 1 for being somebody, up to 99 for good results, up to 900 for tokens staked.
func Room(good uint64, stake msg.Amount) uint64 {
	tokens := uint64(900)
	if t := stake.Big().Div(stake.Big(), token); t.IsUint64() {
		tokens = min(tokens, t.Uint64())
	}
	return 1 + min(good, 99) + tokens
}
