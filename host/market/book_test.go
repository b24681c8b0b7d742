package market

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

func key(n uint64) (h msg.Hash) {
	binary.BigEndian.PutUint64(h[:], n)
	return h
}

func who(n uint64) (a msg.Account) {
	binary.BigEndian.PutUint64(a[:], n)
	return a
}

func (b *Book[V]) of(a msg.Account) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.by[a]; s != nil {
		return len(s.keys)
	}
	return 0
}

func TestBook(t *testing.T) {
	c := &clock{noon}
	b := NewBook[int](3, nil, c.now)
	put := func(k uint64, a msg.Account, minutes int, v int) error {
		return b.Put(key(k), a, noon.Add(time.Duration(minutes)*time.Minute), v)
	}
	for k := range uint64(3) {
		if err := put(k, who(1), int(k)+1, int(k)); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(1, who(1), 10, 11); err != nil {
		t.Errorf("in the place of one's own: %v", err)
	}
	if v, ok := b.Get(key(1)); !ok || v != 11 {
		t.Errorf("%d, %v", v, ok)
	}
	if err := put(1, who(2), 10, 12); !errors.Is(err, ErrFalse) {
		t.Errorf("in the place of another's: %v", err)
	}
	if err := put(9, who(1), 10, 9); !errors.Is(err, ErrFull) {
		t.Errorf("into a full book of one's own: %v", err)
	}
	if err := put(9, who(1), 0, 9); !errors.Is(err, ErrStale) {
		t.Errorf("what is over: %v", err)
	}
	c.at = noon.Add(90 * time.Second) // the first one's time is over
	if _, ok := b.Get(key(0)); ok {
		t.Error("what is over is still there")
	}
	if err := put(9, who(1), 10, 9); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	if all := b.All(); len(all) != 3 {
		t.Errorf("%v", all)
	}
	b.Drop(key(9))
	b.Drop(key(77))
	if b.Len() != 2 {
		t.Errorf("%d entries", b.Len())
	}
}

// Whoever floods a book displaces itself: neither one account nor many that nobody knows take room from those who use less than their share,
// or have earned more of it.
func TestFlood(t *testing.T) {
	c := &clock{noon}
	weights := map[msg.Account]uint64{who(2): 40}
	b := NewBook[int](100, func(a msg.Account) uint64 { return weights[a] }, c.now)
	next := uint64(0)
	put := func(a msg.Account) error {
		next++
		return b.Put(key(next), a, noon.Add(time.Hour), 0)
	}
	equals := NewBook[int](10, nil, c.now)
	for n := range uint64(20) {
		if err := equals.Put(key(n), who(n), noon.Add(time.Hour), 0); (err == nil) != (n < 10) {
			t.Fatalf("stranger %d at a book of 10: %v", n, err)
		}
	}
	for range 5 {
		if err := put(who(1)); err != nil {
			t.Fatal(err)
		}
	}
	taken := 0
	for range 10_000 { // one floods
		if put(who(666)) == nil {
			taken++
		}
	}
	if b.of(who(1)) != 5 || b.of(who(666)) != 95 || taken != 95 {
		t.Errorf("after a flood the honest one has %d of its 5, the flood %d", b.of(who(1)), b.of(who(666)))
	}
	for n := range 30 {
		if err := put(who(1)); err != nil {
			t.Fatalf("an honest newcomer's entry %d: %v", n, err)
		}
	}
	if b.of(who(1)) != 35 {
		t.Errorf("the honest one has %d, want 35", b.of(who(1)))
	}
	for n := range 10_000 { // and many do
		_ = put(who(uint64(1000 + n)))
	}
	for n := range 39 { // as many as make it no richer than they are
		if err := put(who(2)); err != nil {
			t.Fatalf("the entry %d of one that weighs 40: %v", n, err)
		}
	}
	before := b.of(who(2))
	if before != 39 || b.Len() != 100 {
		t.Errorf("one that weighs 40 has %d of %d", before, b.Len())
	}
	for n := range 10_000 {
		_ = put(who(uint64(100_000 + n)))
	}
	if b.of(who(2)) != before {
		t.Errorf("a flood of strangers left one that weighs 40 with %d of %d", b.of(who(2)), before)
	}
}

// A book is never over-full, and what it says of each account is what is in it, whatever comes.
func TestBookHolds(t *testing.T) {
	c := &clock{noon}
	r := rand.New(rand.NewPCG(1, 2))
	weight := func(a msg.Account) uint64 { return uint64(a[7]) % 5 }
	b := NewBook[uint64](50, weight, c.now)
	for range 20_000 {
		k, a := r.Uint64N(400), who(r.Uint64N(30))
		switch r.IntN(10) {
		case 0:
			b.Drop(key(k))
		case 1:
			c.at = c.at.Add(time.Second)
		default:
			_ = b.Put(key(k), a, c.at.Add(time.Duration(r.IntN(60))*time.Second), k)
		}
		if len(b.items) > 50 {
			t.Fatalf("%d entries in a book of 50", len(b.items))
		}
		total := 0
		for a, s := range b.by {
			for _, k := range s.keys {
				if b.items[k] == nil || b.items[k].who != a {
					t.Fatal("an account has an entry that is not there, or another's")
				}
			}
			total += len(s.keys)
		}
		if total != len(b.items) {
			t.Fatalf("%d entries of accounts, %d in the book", total, len(b.items))
		}
	}
}

func TestRoom(t *testing.T) {
	for _, tc := range []struct {
		good  uint64
		stake string
		want  uint64
	}{{0, "0", 1}, {5, "0.9", 6}, {1 << 40, "0", 100}, {0, "17.5", 18}, {0, "1000000000", 901}} {
		if got := Room(tc.good, tokensOf(t, tc.stake)); got != tc.want {
			t.Errorf("%d good results and %s staked: %d, want %d", tc.good, tc.stake, got, tc.want)
		}
	}
}
