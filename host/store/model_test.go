package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// TestNeeded does at random what roles do with a small store (put, fetch, pin, set and put off ends, release, collect, restart) while
// time goes on, beside a model of who needs what. At every moment all that somebody needs is there and whole; a collection leaves
// that and nothing else, and a store says that it is full only if that is so.
func TestNeeded(t *testing.T) {
	const quota = 1_500_000
	store.SetPackMax(t, 200_000)
	for name, steps := range map[string]int{"memory": 4000, "disk": 1200} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 7))
			clock := &hands{at: time.Unix(1_000_000, 0)}
			o := store.WithClock(store.Options{Quota: quota}, clock.now)
			dir := t.TempDir()
			var s store.Store
			if s = store.NewMemory(o); name == "disk" {
				s = open(t, dir, o)
			}
			type owner struct {
				needs map[int]bool // contents
				end   time.Time
			}
			owners := map[string]*owner{}
			content := func(i int) []byte { return noise(uint64(i), 1+(i*i*3571)%150_000) }
			blob := make([]msg.Blob, 60)
			for i := range blob {
				blob[i] = merkle.BlobOf(content(i))
			}
			needed := func() (set map[int]bool, size uint64) {
				set = map[int]bool{}
				for name, o := range owners {
					if !o.end.IsZero() && !clock.now().Before(o.end) {
						delete(owners, name)
						continue
					}
					for i := range o.needs {
						if !set[i] {
							size += blob[i].Size
						}
						set[i] = true
					}
				}
				return set, size
			}
			full := 0
			for step := range steps {
				who := fmt.Sprint("job", r.IntN(12))
				i := r.IntN(len(blob))
				set, size := needed()
				took := func(err error) {
					t.Helper()
					switch {
					case err == nil:
						if owners[who] == nil {
							owners[who] = &owner{needs: map[int]bool{}}
						}
						owners[who].needs[i] = true
					case errors.Is(err, store.ErrFull):
						full++
						if size+blob[i].Size <= quota {
							t.Fatalf("step %d: full with %d bytes needed, for %d more of %d: %v", step, size, blob[i].Size, quota, err)
						}
					default:
						t.Fatalf("step %d: %v", step, err)
					}
				}
				switch r.IntN(12) {
				case 0, 1, 2:
					_, err := s.Put(ctx, who, bytes.NewReader(content(i)))
					took(err)
				case 3, 4:
					took(arrive(s, who, content(i)))
				case 5:
					if err := s.Pin(who, blob[i]); !errors.Is(err, store.ErrNotFound) {
						took(err)
					} else if set[i] {
						t.Fatalf("step %d: content %d is needed and gone", step, i)
					}
				case 6:
					if _, err := breakOff(t, s, content(i), int(blob[i].Size/merkle.ChunkSize)); err != nil && !errors.Is(err, store.ErrFull) {
						t.Fatalf("step %d: %v", step, err)
					}
				case 7:
					if err := s.Release(who); err != nil {
						t.Fatal(err)
					}
					delete(owners, who)
				case 8:
					end := clock.now().Add(time.Duration(r.IntN(100)) * time.Second)
					if err := s.Expire(who, end); err != nil {
						t.Fatal(err)
					}
					if o := owners[who]; o != nil {
						o.end = end
					} else {
						owners[who] = &owner{needs: map[int]bool{}, end: end}
					}
				case 9:
					clock.move(time.Duration(r.IntN(20)) * time.Second)
				case 10:
					if _, err := s.GC(0); err != nil {
						t.Fatal(err)
					}
					for i := range blob {
						if s.Has(blob[i]) != set[i] {
							t.Fatalf("step %d: after a collection content %d is here: %v, needed: %v", step, i, s.Has(blob[i]), set[i])
						}
					}
				case 11:
					if name == "disk" && r.IntN(4) == 0 {
						if err := s.Close(); err != nil {
							t.Fatal(err)
						}
						s = open(t, dir, o)
					}
				}
				set, size = needed()
				for i := range set {
					if !s.Has(blob[i]) {
						t.Fatalf("step %d: content %d is needed and gone", step, i)
					}
				}
				if u, err := s.Usage(); err != nil || u.Pinned != size || u.Bytes+u.Arriving > quota {
					t.Fatalf("step %d: usage %+v, %v, wanted %d bytes needed", step, u, err, size)
				}
			}
			set, size := needed()
			for i := range set {
				if got, err := store.ReadAll(s, blob[i], 1<<20); err != nil || !bytes.Equal(got, content(i)) {
					t.Errorf("content %d: %v", i, err)
				}
			}
			if full < 10 || size == 0 {
				t.Errorf("full %d times, %d bytes needed at the end: this tested little", full, size)
			}
		})
	}
}

// arrive brings a blob as a fetch does.
func arrive(s store.Store, owner string, data []byte) error {
	b := merkle.BlobOf(data)
	if s.Has(b) {
		if err := s.Pin(owner, b); !errors.Is(err, blobs.ErrNotFound) {
			return err
		}
	}
	p, err := s.Begin(b)
	if err != nil {
		return err
	}
	defer p.Close()
	leaves := merkle.Leaves(data, merkle.ChunkSize)
	for _, m := range p.Missing() {
		if err := p.WriteChunks(m[0], leaves[m[0]:m[1]], data[m[0]*merkle.ChunkSize:min(m[1]*merkle.ChunkSize, b.Size)]); err != nil {
			return err
		}
	}
	return p.Commit(owner)
}
