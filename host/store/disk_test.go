package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	big, small := noise(1, 500_000), noise(2, 3000)
	b1, b2 := put(t, s, "job", big), put(t, s, "job", small)
	if err := s.Journal("provider").Put(msg.Hash{4}, record{"x", 5}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, store.Options{})
	for b, data := range map[msg.Blob][]byte{b1: big, b2: small} {
		if got, err := store.ReadAll(s, b, 1<<20); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%v: %v", b, err)
		}
	}
	var r record
	if err := s.Journal("provider").Get(msg.Hash{4}, &r); err != nil || r.Step != 5 {
		t.Errorf("record %v, %v", r, err)
	}
	if u, err := s.Usage(); err != nil || u.Pinned != 503_000 || u.Bytes != 503_000 {
		t.Errorf("usage %+v, %v", u, err)
	}
}

// What a crash left unacknowledged goes when the store is opened.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	if _, err := s.PutPages("job", [][]byte{nil}); err != nil { // a page without bytes, in a pack without any
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, store.Options{})
	if _, err := s.GetPage(merkle.Leaf(nil)); err != nil {
		t.Error(err)
	}
	b := put(t, s, "job", noise(1, 100_000))
	put(t, s, "job", noise(1, 100))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := tree(t, dir)
	orphan := merkle.BlobOf(noise(2, 100_000)).Root.String()
	for _, name := range []string{"blobs/" + orphan[:2] + "/" + orphan, "packs/00000007.pack", "partial/put-123"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), noise(3, 5000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pack, err := os.OpenFile(filepath.Join(dir, "packs/00000001.pack"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pack.Write(noise(4, 777)); err != nil {
		t.Fatal(err)
	}
	pack.Close()
	s = open(t, dir, store.Options{})
	if !s.Has(b) {
		t.Error("an acknowledged blob went too")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := tree(t, dir)
	delete(got, "index.db")
	delete(want, "index.db")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, store.Options{})
	_, err := store.Open(dir, store.Options{})
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), dir+" is in use by another process") || !strings.Contains(err.Error(), "--data") {
		t.Errorf("second store in one directory: %v", err)
	}
}

// A partial blob goes on where it was, even after a crash that left garbage in it.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	data := noise(1, 10*merkle.ChunkSize+100)
	b := merkle.BlobOf(data)
	leaves := merkle.Leaves(data, merkle.ChunkSize)
	write := func(p store.Partial, i int) {
		t.Helper()
		if err := p.WriteChunks(uint64(i), leaves[i:i+1], data[i*merkle.ChunkSize:min((i+1)*merkle.ChunkSize, len(data))]); err != nil {
			t.Fatal(err)
		}
	}
	p, err := s.Begin(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 1, 5, 10} {
		write(p, i)
	}
	if err := errors.Join(p.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	// Chunk 5 was torn when the power went.
	names, err := filepath.Glob(filepath.Join(dir, "partial", "*"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	f, err := os.OpenFile(names[0], os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 512), 5*merkle.ChunkSize+1000); err != nil {
		t.Fatal(err)
	}
	f.Close()

	s = open(t, dir, store.Options{})
	if _, err := s.GC(0); err != nil { // leaves it alone
		t.Fatal(err)
	}
	if p, err = s.Begin(b); err != nil {
		t.Fatal(err)
	}
	missing := p.Missing()
	if len(missing) != 1 || missing[0] != [2]uint64{2, 10} {
		t.Errorf("missing %v", missing)
	}
	for _, m := range missing {
		for i := m[0]; i < m[1]; i++ {
			write(p, int(i))
		}
	}
	if err := p.Commit("job"); err != nil {
		t.Fatal(err)
	}
	if got, err := store.ReadAll(s, b, 1<<20); err != nil || !bytes.Equal(got, data) {
		t.Errorf("after resuming: %v", err)
	}
	if names, _ = filepath.Glob(filepath.Join(dir, "partial", "*")); len(names) != 0 {
		t.Errorf("left %v", names)
	}
}

// Damage on the disk is found, said, and can be mended by storing the content again.
func TestCorruption(t *testing.T) {
	damage := func(t *testing.T, dir, pattern string, offset int64) {
		t.Helper()
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(names) != 1 {
			t.Fatal(names, err)
		}
		f, err := os.OpenFile(names[0], os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var b [1]byte
		if _, err := f.ReadAt(b[:], offset); err != nil {
			t.Fatal(err)
		}
		b[0] ^= 4
		if _, err := f.WriteAt(b[:], offset); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		size    int
		pattern string
		offset  int64
	}{
		"page":   {4096, "packs/*", 100},
		"data":   {200_000, "blobs/*/*", 150_000},
		"leaves": {200_000, "blobs/*/*", 200_040},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, store.Options{})
			data := noise(1, c.size)
			b := put(t, s, "job", data)
			damage(t, dir, c.pattern, c.offset)
			if _, err := store.ReadAll(s, b, 1<<20); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("damage read as %v", err)
			}
			if s.Has(b) {
				t.Error("a damaged blob is still offered")
			}
			put(t, s, "again", data)
			if got, err := store.ReadAll(s, b, 1<<20); err != nil || !bytes.Equal(got, data) {
				t.Errorf("after mending: %v", err)
			}
		})
	}
	t.Run("lost file", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir, store.Options{})
		b := put(t, s, "job", noise(1, 200_000))
		names, _ := filepath.Glob(filepath.Join(dir, "blobs/*/*"))
		if err := os.Remove(names[0]); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(b); !errors.Is(err, store.ErrCorrupt) || s.Has(b) {
			t.Errorf("lost file: %v", err)
		}
		put(t, s, "job", noise(1, 200_000))
	})
	t.Run("lost pack", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir, store.Options{})
		b := put(t, s, "job", noise(1, 2000))
		s.Close()
		names, _ := filepath.Glob(filepath.Join(dir, "packs/*"))
		if err := os.Remove(names[0]); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, store.Options{})
		if _, err := s.GetPage(b.Root); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("lost pack: %v", err)
		}
		put(t, s, "job", noise(1, 2000))
		if _, err := s.GetPage(b.Root); err != nil {
			t.Error(err)
		}
	})
	t.Run("a page among others", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir, store.Options{})
		pages := crashPages(5)
		hashes, err := s.PutPages("job", pages)
		if err != nil {
			t.Fatal(err)
		}
		names, _ := filepath.Glob(filepath.Join(dir, "packs/*"))
		f, err := os.OpenFile(names[0], os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte{pages[17][100] ^ 1}, 17*4096+100); err != nil {
			t.Fatal(err)
		}
		f.Close()
		if _, err := s.GetPages(hashes); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("with a damaged page among them: %v", err)
		}
		if got := s.MissingPages(hashes); !slices.Equal(got, hashes[17:18]) {
			t.Errorf("missing %v, want the damaged page", got)
		}
		if _, err := s.PutPages("job", pages); err != nil {
			t.Fatal(err)
		}
		if got, err := s.GetPages(hashes); err != nil || !slices.EqualFunc(got, pages, bytes.Equal) {
			t.Errorf("stored anew: %v", err)
		}
	})
	t.Run("index", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "index.db"), noise(1, 100_000), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := store.Open(dir, store.Options{}); err == nil {
			s.Close()
			t.Error("noise opened as an index")
		}
	})
}

// Packs that are mostly holes are compacted: the disk gets its space back and no page is lost.
func TestCompaction(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	store.SetPackMax(t, 1<<20)
	var kept [][]byte
	for batch := range 6 {
		var keep, drop [][]byte
		for i := range 100 {
			p := noise(uint64(batch*1000+i), 4096)
			if i%10 == 0 {
				keep = append(keep, p)
			} else {
				drop = append(drop, p)
			}
		}
		if _, err := s.PutPages("drop", drop); err != nil {
			t.Fatal(err)
		}
		if _, err := s.PutPages("keep", keep); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, keep...)
	}
	packed := func() (n int64) {
		for name, size := range tree(t, dir) {
			if strings.HasPrefix(name, "packs/") {
				n += size
			}
		}
		return n
	}
	before := packed()
	if err := s.Release("drop"); err != nil {
		t.Fatal(err)
	}
	if freed, err := s.GC(0); err != nil || freed != 540*4096 {
		t.Errorf("freed %d, %v", freed, err)
	}
	if after := packed(); before != 600*4096 || after > 220*4096 {
		t.Errorf("packs took %d bytes, now %d for %d", before, after, len(kept)*4096)
	}
	check := func() {
		t.Helper()
		for i, p := range kept {
			if got, err := s.GetPage(merkle.Leaf(p)); err != nil || !bytes.Equal(got, p) {
				t.Fatalf("page %d: %v", i, err)
			}
		}
	}
	check()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, store.Options{})
	check()
	if err := s.Release("keep"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.GC(0); err != nil || packed() != 0 {
		t.Errorf("%d bytes left, %v", packed(), err)
	}
	if _, err := s.PutPages("new", kept); err != nil {
		t.Fatal(err)
	}
	check()
}

// Pages move out of packs that are mostly holes; where they move to must not be a pack that goes too, in whatever order.
func TestCompactionTarget(t *testing.T) {
	store.SetPackMax(t, 100_000)
	for name, last := range map[string]int{"last pack needed by nobody": 20, "new packs begun": 3} {
		for try := range 8 {
			s := open(t, t.TempDir(), store.Options{})
			var kept [][]byte
			made := uint64(0)
			put := func(owner string, n int) {
				t.Helper()
				var pages [][]byte
				for range n {
					made++
					pages = append(pages, noise(made, 4096))
				}
				if owner == "keep" {
					kept = append(kept, pages...)
				}
				if _, err := s.PutPages(owner, pages); err != nil {
					t.Fatal(err)
				}
			}
			for range 4 { // packs of 24 pages, 10 of them needed
				put("keep", 10)
				put("drop", 14)
			}
			if put("drop", last); last == 3 {
				put("keep", 1)
			}
			if err := s.Release("drop"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.GC(0); err != nil {
				t.Fatal(err)
			}
			for i, p := range kept {
				if got, err := s.GetPage(merkle.Leaf(p)); err != nil || !bytes.Equal(got, p) {
					t.Fatalf("%s, try %d: page %d: %v", name, try, i, err)
				}
			}
		}
	}
}

func BenchmarkPutPages(b *testing.B) {
	s, err := store.Open(b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.SetBytes(4096 * 4096)
	n := uint64(0)
	for b.Loop() {
		b.StopTimer()
		pages := make([][]byte, 4096)
		for i := range pages {
			n++
			pages[i] = noise(n, 4096)
		}
		b.StartTimer()
		if _, err := s.PutPages("job", pages); err != nil {
			b.Fatal(err)
		}
	}
}
