package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// breakOff begins a blob, brings n chunks of it and leaves it.
func breakOff(t testing.TB, s store.Store, data []byte, n int) (msg.Blob, error) {
	t.Helper()
	b := merkle.BlobOf(data)
	p, err := s.Begin(b)
	if err != nil {
		return b, err
	}
	err = p.WriteChunks(0, merkle.Leaves(data, merkle.ChunkSize)[:n], data[:n*merkle.ChunkSize])
	return b, errors.Join(err, p.Close())
}

func arriving(t testing.TB, s store.Store, want uint64) {
	t.Helper()
	if u, err := s.Usage(); err != nil || u.Arriving != want {
		t.Errorf("%d bytes are arriving, %v, wanted %d", u.Arriving, err, want)
	}
}

// What is left of fetches that broke off counts against the quota, over restarts too, and makes room when there is nothing else that
// can go.
func TestLeftover(t *testing.T) {
	const chunk = merkle.ChunkSize
	clock := &hands{at: time.Unix(1_000_000, 0)}
	dir, o := t.TempDir(), store.WithClock(store.Options{Quota: 16 * chunk}, clock.now)
	s := open(t, dir, o)
	var blobs []msg.Blob
	for i := range uint64(3) {
		b, err := breakOff(t, s, noise(i, 5*chunk), 3)
		if err != nil {
			t.Fatal(err)
		}
		blobs = append(blobs, b)
		clock.move(time.Minute)
	}
	arriving(t, s, 9*chunk)
	missing := func(b msg.Blob, want ...[2]uint64) {
		t.Helper()
		p, err := s.Begin(b)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Missing(); !reflect.DeepEqual(got, want) {
			t.Errorf("missing %v, wanted %v", got, want)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	// Content that nobody pins goes first.
	loose := put(t, s, "loose", noise(10, 5*chunk))
	if err := s.Release("loose"); err != nil {
		t.Fatal(err)
	}
	put(t, s, "job", noise(11, 4*chunk))
	if s.Has(loose) {
		t.Error("content that nobody pins stayed, in a store that was full")
	}
	arriving(t, s, 9*chunk)
	// Opened and left again, the first is the youngest; the second is the oldest now.
	missing(blobs[0], [2]uint64{3, 5})
	clock.move(time.Minute)
	put(t, s, "job", noise(12, 5*chunk))
	arriving(t, s, 6*chunk)
	for _, again := range []bool{false, true} {
		if again {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir, o)
		}
		arriving(t, s, 6*chunk)
		missing(blobs[0], [2]uint64{3, 5})
		missing(blobs[2], [2]uint64{3, 5})
	}
	missing(blobs[1], [2]uint64{0, 5})

	// Somebody who has a node begin fetch after fetch, and brings a part only, does not fill its disk, nor push out what is pinned.
	for i := range uint64(40) {
		if _, err := breakOff(t, s, noise(100+i, 9*chunk), 5); err != nil {
			t.Fatal(err)
		}
		clock.move(time.Second)
	}
	arriving(t, s, 5*chunk)
	if u, err := s.Usage(); err != nil || u.Bytes != 9*chunk || u.Pinned != u.Bytes {
		t.Errorf("usage %+v, %v", u, err)
	}
	if _, err := breakOff(t, s, noise(200, 9*chunk), 8); !errors.Is(err, store.ErrFull) {
		t.Errorf("more than there is room for: %v", err)
	}
	if _, err := s.Begin(msg.Blob{Root: msg.Hash{1}, Size: 16*chunk + 1}); !errors.Is(err, store.ErrFull) {
		t.Errorf("a blob larger than the quota: %v", err)
	}
}

// A partial blob goes when nobody has gone on with it for a week.
func TestLeftoverStale(t *testing.T) {
	const chunk = merkle.ChunkSize
	clock := &hands{at: time.Now()} // a file's own time counts after a restart
	dir, o := t.TempDir(), store.WithClock(store.Options{}, clock.now)
	s := open(t, dir, o)
	old, err := breakOff(t, s, noise(1, 3*chunk), 2)
	if err != nil {
		t.Fatal(err)
	}
	clock.move(4 * 24 * time.Hour)
	if _, err := breakOff(t, s, noise(2, 3*chunk), 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// What is no partial blob, and one cut short, are no trouble.
	for _, name := range []string{"put-123", old.Root.String() + "-007", old.Root.String() + "-9", "x"} {
		if err := os.WriteFile(filepath.Join(dir, "partial", name), []byte("noise"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	short := merkle.BlobOf(noise(3, 3*chunk))
	if err := os.WriteFile(filepath.Join(dir, "partial", short.Root.String()+"-196608"), []byte("noise"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, o)
	arriving(t, s, 3*chunk)
	if files := tree(t, filepath.Join(dir, "partial")); len(files) != 3 {
		t.Errorf("in partial/: %v", files)
	}
	for _, want := range []uint64{3 * chunk, 0} {
		if _, err := s.GC(0); err != nil {
			t.Fatal(err)
		}
		arriving(t, s, want)
		clock.move(8 * 24 * time.Hour)
	}
	if files := tree(t, filepath.Join(dir, "partial")); len(files) != 0 {
		t.Errorf("in partial/: %v", files)
	}
}
