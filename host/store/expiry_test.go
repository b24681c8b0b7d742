package store_test

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// hands is a clock that stands still until it is moved.
type hands struct {
	mu sync.Mutex
	at time.Time
}

func (h *hands) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hands) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// testExpiry holds a store to this: what an owner pins stays, whole, until the end that was set, and not a second longer than
// there is need for its room.
func testExpiry(t *testing.T, make_ maker) {
	clock := &hands{at: time.Unix(1_000_000, 0)}
	s := make_(t, store.WithClock(store.Options{}, clock.now))
	holdings := func(want ...store.Holding) {
		t.Helper()
		got, err := s.Holdings()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("holdings %v, %v, want %v", got, err, want)
		}
		var names []string
		for _, h := range want {
			names = append(names, h.Owner)
		}
		if got, err := s.Owners(); err != nil || !slices.Equal(got, names) {
			t.Errorf("owners %v, %v, want %v", got, err, names)
		}
	}
	gc := func(want uint64) {
		t.Helper()
		if got, err := s.GC(0); err != nil || got != want {
			t.Errorf("freed %d, %v, want %d", got, err, want)
		}
	}
	expire := func(owner string, at time.Time) {
		t.Helper()
		if err := s.Expire(owner, at); err != nil {
			t.Fatal(err)
		}
	}
	end := clock.now().Add(time.Hour)
	early, shared, late := noise(1, 5000), noise(2, 7000), noise(3, 100_000)
	put(t, s, "judged", early)
	put(t, s, "judged", shared)
	put(t, s, "judged", shared) // twice is once
	put(t, s, "running", shared)
	expire("judged", end)
	blobLate := put(t, s, "judged", late) // what comes later ends with the rest
	holdings(store.Holding{Owner: "judged", Until: end, Objects: 3, Bytes: 112_000}, store.Holding{Owner: "running", Objects: 1, Bytes: 7000})
	clock.move(time.Hour - time.Second)
	gc(0)
	clock.move(time.Second)
	holdings(store.Holding{Owner: "running", Objects: 1, Bytes: 7000})
	if u, err := s.Usage(); err != nil || u.Pinned != 7000 || u.Bytes != 112_000 {
		t.Errorf("usage %+v, %v", u, err)
	}
	if !s.Has(blobLate) {
		t.Error("gone although there was room")
	}
	gc(105_000)
	if s.Has(blobLate) || s.Has(merkle.BlobOf(early)) || !s.Has(merkle.BlobOf(shared)) {
		t.Error("the wrong ones went")
	}

	// An owner that comes again after its end has a new life, without the end of the last.
	put(t, s, "judged", early)
	clock.move(time.Hour)
	holdings(store.Holding{Owner: "judged", Objects: 1, Bytes: 5000}, store.Holding{Owner: "running", Objects: 1, Bytes: 7000})
	// An end can be put off and taken away, and goes with the owner.
	expire("judged", clock.now().Add(time.Second))
	expire("judged", clock.now().Add(time.Hour))
	clock.move(time.Minute)
	gc(0)
	expire("judged", time.Time{})
	clock.move(2 * time.Hour)
	gc(0)
	expire("judged", clock.now().Add(time.Second))
	if err := s.Release("judged"); err != nil {
		t.Fatal(err)
	}
	put(t, s, "judged", early)
	clock.move(time.Minute)
	gc(0)
	// It cannot be put off once it has come: part of what was pinned may be gone.
	expire("judged", clock.now().Add(time.Second))
	clock.move(time.Second)
	expire("judged", clock.now().Add(time.Hour))
	gc(5000)
	holdings(store.Holding{Owner: "running", Objects: 1, Bytes: 7000})
	// Parts of a second count in favour of the owner, an end in the past is a release, and one set before the pins counts too.
	expire("running", clock.now().Add(time.Nanosecond))
	clock.move(time.Second / 2)
	gc(0)
	clock.move(time.Second / 2)
	gc(7000)
	put(t, s, "past", early)
	expire("past", clock.now().Add(-time.Hour))
	gc(5000)
	expire("first", clock.now().Add(time.Minute))
	put(t, s, "first", early)
	gc(0)
	clock.move(time.Minute)
	gc(5000)
	holdings()
	for _, owner := range []string{"", "a\x00b"} {
		if err := s.Expire(owner, end); err == nil {
			t.Errorf("owner %q taken", owner)
		}
	}

	// A store at its quota takes what has ended, oldest first, before it says that it is full, and never what has not.
	s = make_(t, store.WithClock(store.Options{Quota: 400_000}, clock.now))
	first := put(t, s, "first", noise(11, 100_000))
	second := put(t, s, "second", noise(12, 100_000))
	pages, err := s.PutPages("running", [][]byte{noise(13, 50_000), noise(14, 50_000)})
	if err != nil {
		t.Fatal(err)
	}
	expire("second", clock.now().Add(time.Minute))
	expire("first", clock.now().Add(2*time.Minute))
	full := func(n uint64) error {
		_, err := s.Put(ctx, "new", bytes.NewReader(noise(n, 100_000)))
		return err
	}
	if err := full(15); err != nil {
		t.Fatal(err)
	}
	if err := full(16); !errors.Is(err, store.ErrFull) {
		t.Errorf("with everything pinned: %v", err)
	}
	clock.move(time.Minute)
	if err := full(16); err != nil || s.Has(second) || !s.Has(first) {
		t.Errorf("after one has ended: %v", err)
	}
	if err := full(17); !errors.Is(err, store.ErrFull) || !s.Has(first) || len(s.MissingPages(pages)) != 0 {
		t.Errorf("with everything pinned again: %v", err)
	}
	clock.move(time.Minute)
	if err := full(17); err != nil || s.Has(first) || len(s.MissingPages(pages)) != 0 {
		t.Errorf("after both have ended: %v", err)
	}
}

// Ends are there after a restart, and count while nobody was running.
func TestExpiryReopen(t *testing.T) {
	clock := &hands{at: time.Unix(2_000_000, 0)}
	dir, o := t.TempDir(), store.WithClock(store.Options{}, clock.now)
	s := open(t, dir, o)
	long, short := put(t, s, "long", noise(1, 9000)), put(t, s, "short", noise(2, 100_000))
	if err := errors.Join(s.Expire("long", clock.now().Add(time.Hour)), s.Expire("short", clock.now().Add(time.Minute)), s.Close()); err != nil {
		t.Fatal(err)
	}
	clock.move(time.Minute)
	s = open(t, dir, o)
	want := []store.Holding{{Owner: "long", Until: time.Unix(2_000_000, 0).Add(time.Hour), Objects: 1, Bytes: 9000}}
	if got, err := s.Holdings(); err != nil || !slices.Equal(got, want) {
		t.Errorf("holdings %v, %v", got, err)
	}
	if freed, err := s.GC(0); err != nil || freed != 100_000 || !s.Has(long) || s.Has(short) {
		t.Errorf("freed %d, %v", freed, err)
	}
	if err := s.Pin("again", msg.Blob(short)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("pinned what is gone: %v", err)
	}
}
