package state

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

func random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// plain computes a state's root from the definition, remembering nothing.
func plain(sections map[string][]byte) msg.Hash {
	c := NewCommitter()
	c.Begin()
	for n, b := range sections {
		c.Set(n, b)
	}
	return c.Commit().Root()
}

func sample(r *rand.Rand) map[string][]byte {
	return map[string][]byte{"memory": append(random(r, 5*PageSize), make([]byte, 3*PageSize)...), "empty": {}, "odd": random(r, PageSize+17),
		"small": []byte("x"), "log": random(r, 100)}
}

func snapshot(t testing.TB, sections map[string][]byte) *Snapshot {
	t.Helper()
	c := NewCommitter()
	c.Begin()
	for n, b := range sections {
		c.Set(n, b)
	}
	root := c.Commit().Root()
	s := c.Snapshot()
	if s.Root() != root {
		t.Fatalf("the snapshot's root is %v, the committer's %v", s.Root(), root)
	}
	return s
}

// Whatever is changed between commits, and however it is given, the root is that of a fresh committer, and no snapshot
// changes after it was taken.
func TestIncremental(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c := NewCommitter()
	sec := sample(r)
	type taken struct {
		s       *Snapshot
		encoded []byte
	}
	var snapshots []taken
	kept, wrote, fresh := false, [2]int{}, true // of "odd" and "memory"
	for round := range 300 {
		c.Begin()
		for n, b := range sec {
			switch {
			case n == "odd" && kept:
				if !c.Keep(n) {
					t.Fatalf("round %d: %s was given last time and cannot be kept", round, n)
				}
			case n == "memory" && !fresh:
				lo, hi := wrote[0]&^(PageSize-1), min((wrote[1]+PageSize-1)&^(PageSize-1), len(b))
				if !c.Change(n, len(b), lo, b[lo:hi]) {
					t.Fatalf("round %d: %s was given last time and cannot be changed", round, n)
				}
			case n == "log":
				c.Grow(n, b)
			default:
				c.Set(n, b)
			}
		}
		commit := c.Commit()
		if got, want := commit.Root(), plain(sec); got != want {
			t.Fatalf("round %d: root %v, want %v", round, got, want)
		}
		if round%7 == 0 {
			s := c.Snapshot()
			if s.Root() != plain(sec) {
				t.Fatalf("round %d: the snapshot's root is %v", round, s.Root())
			}
			for n, b := range sec {
				if got, ok := s.Section(n); !ok || !bytes.Equal(got, b) {
					t.Fatalf("round %d: section %q of the snapshot is wrong", round, n)
				}
			}
			snapshots = append(snapshots, taken{s, s.Encode()})
			if round%3 == 0 {
				c = Load(s)
			}
		}
		m := sec["memory"]
		wrote, fresh = [2]int{len(m), 0}, false
		for range r.IntN(4) {
			at := r.IntN(len(m))
			m[at] ^= 1
			wrote = [2]int{min(wrote[0], at), max(wrote[1], at+1)}
		}
		if at := r.IntN(len(m) / PageSize); r.IntN(8) == 0 {
			clear(m[at*PageSize : (at+1)*PageSize])
			wrote = [2]int{min(wrote[0], at*PageSize), max(wrote[1], (at+1)*PageSize)}
		}
		if wrote[1] == 0 {
			wrote = [2]int{}
		}
		if r.IntN(5) == 0 {
			sec["memory"], fresh = append(m, random(r, PageSize)...), true
		}
		if r.IntN(3) == 0 {
			sec["log"] = append(sec["log"], random(r, r.IntN(6000))...)
		}
		if kept = r.IntN(2) == 0; !kept {
			sec["odd"][r.IntN(len(sec["odd"]))]++
		}
		switch r.IntN(20) {
		case 0:
			delete(sec, "small")
		case 1:
			sec["small"] = random(r, r.IntN(2*PageSize)) // may have become shorter
		}
	}
	for i, s := range snapshots {
		if !bytes.Equal(s.s.Encode(), s.encoded) {
			t.Errorf("snapshot %d changed after it was taken", i)
		}
	}
}

// While one commit is hashed what it was given may change; the next one sees that.
func TestHashingDoesNotLookAtWhatWasGiven(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	m := random(r, 8<<20)
	c := NewCommitter()
	for round := range 5 {
		want := plain(map[string][]byte{"memory": m})
		c.Begin()
		c.Set("memory", m)
		commit := c.Commit()
		for i := range len(m) / PageSize {
			m[i*PageSize+round]++
		}
		if got := commit.Root(); got != want {
			t.Fatalf("round %d: root %v, want %v", round, got, want)
		}
	}
}

func TestSince(t *testing.T) {
	sec := sample(rand.New(rand.NewPCG(13, 14)))
	c := NewCommitter()
	take := func() *Snapshot {
		c.Begin()
		for n, b := range sec {
			c.Set(n, b)
		}
		c.Commit()
		return c.Snapshot()
	}
	a := take()
	sec["memory"][2*PageSize+5]++
	sec["new"] = []byte("new")
	copy(sec["memory"][7*PageSize:], sec["memory"][:PageSize]) // a page that is elsewhere in a already
	b := take()
	want := []msg.Hash{merkle.Leaf(sec["memory"][2*PageSize : 3*PageSize]), merkle.Leaf(sec["memory"][:PageSize]), merkle.Leaf([]byte("new"))}
	if got := b.Since(a); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := b.Since(b); len(got) != 0 {
		t.Errorf("a state since itself has %d pages", len(got))
	}
	if got, all := b.Since(nil), b.Hashes(); !slices.Equal(got, all) || len(all) != 5+2+1+1+1 {
		t.Errorf("%d pages since nothing, %d in all", len(got), len(all))
	}
}

// A head is encoded by hand as msg.Encode would.
func TestHead(t *testing.T) {
	for _, n := range []int{0, 1, 23, 24, 255, 256, MaxName} {
		for _, size := range []uint64{0, 23, 24, 255, 256, 65535, 65536, 1<<32 - 1, 1 << 32, 1<<64 - 1} {
			h := head{strings.Repeat("n", n), size, msg.Hash{1, 2, 3}}
			if got, want := h.leaf(), merkle.Leaf(msg.Encode(h)); got != want {
				t.Errorf("a name of %d bytes, a size of %d: leaf %v, want %v", n, size, got, want)
			}
		}
	}
}

func TestKeepNeedsACommit(t *testing.T) {
	c := NewCommitter()
	c.Begin()
	if c.Keep("a") {
		t.Error("a section that was never set was kept")
	}
	c.Set("a", []byte("1"))
	c.Commit()
	c.Begin()
	c.Commit() // without a
	c.Begin()
	if c.Keep("a") || c.Change("a", 1, 0, []byte("1")) {
		t.Error("a section that was gone was kept")
	}
}

func TestRoundTrip(t *testing.T) {
	sec := sample(rand.New(rand.NewPCG(3, 4)))
	s := snapshot(t, sec)
	if s.Root() != plain(sec) {
		t.Fatal("the root is not that of its sections")
	}
	again, err := Decode(s.Encode(), s.Root())
	if err != nil {
		t.Fatal(err)
	}
	if again.Root() != s.Root() || !bytes.Equal(again.Encode(), s.Encode()) {
		t.Error("decoding and encoding changed the state")
	}
	for n, b := range sec {
		if got, ok := again.Section(n); !ok || !bytes.Equal(got, b) {
			t.Errorf("section %q came back with %d bytes, want %d", n, len(got), len(b))
		}
	}
	// By pages, as a store does it.
	store := map[msg.Hash][]byte{}
	for _, h := range s.Hashes() {
		p, ok := s.Page(h)
		if !ok || merkle.Leaf(p) != h {
			t.Fatalf("page %v", h)
		}
		store[h] = bytes.Clone(p)
	}
	if len(store) != 5+2+1+1 {
		t.Errorf("%d pages to keep, want 9: three are zero", len(store))
	}
	get := func(h msg.Hash) ([]byte, error) {
		if p, ok := store[h]; ok {
			return p, nil
		}
		return nil, errors.New("not in the store")
	}
	a, err := Assemble(s.Manifest(), s.Root(), get)
	if err != nil || !bytes.Equal(a.Encode(), s.Encode()) {
		t.Fatalf("assembled: %v", err)
	}
	// A page that is wrong, short, or missing.
	for h, p := range store {
		for _, bad := range [][]byte{append([]byte{p[0] ^ 1}, p[1:]...), p[:len(p)-1], {}} {
			store[h] = bad
			if _, err := Assemble(s.Manifest(), s.Root(), get); !errors.Is(err, ErrState) {
				t.Fatalf("a wrong page of %d bytes: %v", len(bad), err)
			}
		}
		delete(store, h)
		if _, err := Assemble(s.Manifest(), s.Root(), get); err == nil {
			t.Fatal("a missing page was not missed")
		}
		store[h] = p
	}
}

func TestTamperedManifest(t *testing.T) {
	s := snapshot(t, sample(rand.New(rand.NewPCG(5, 6))))
	good := s.Encode()
	step := 1
	for i := 0; i < len(good); i += step {
		if i > len(magic)+8+len(s.Manifest()) {
			step = 97 // every byte before the pages, some of theirs
		}
		bad := bytes.Clone(good)
		bad[i] ^= 0x40
		if _, err := Decode(bad, s.Root()); err == nil {
			t.Fatalf("byte %d of %d was changed and nobody saw it", i, len(good))
		}
	}
	for _, n := range []int{0, 1, len(magic), len(magic) + 8, len(good) / 2, len(good) - 1} {
		if _, err := Decode(good[:n], s.Root()); err == nil {
			t.Errorf("%d of %d bytes were enough", n, len(good))
		}
	}
	if _, err := Decode(append(bytes.Clone(good), 0), s.Root()); !errors.Is(err, ErrState) {
		t.Errorf("a byte more: %v", err)
	}
	if _, err := Decode(good, msg.Hash{1}); !errors.Is(err, ErrState) {
		t.Errorf("another root: %v", err)
	}
	// Sections out of order, twice, or with a size that doesn't fit, under a root made for them.
	for name, m := range map[string]manifest{
		"order":   {1, []section{{"b", 0, nil}, {"a", 0, nil}}},
		"twice":   {1, []section{{"a", 0, nil}, {"a", 0, nil}}},
		"size":    {1, []section{{"a", 1 << 62, nil}}},
		"leaves":  {1, []section{{"a", 5, make([]byte, 33)}}},
		"version": {2, []section{}},
		"name":    {1, []section{{string(make([]byte, MaxName+1)), 0, nil}}},
	} {
		var heads []msg.Hash
		for _, s := range m.Sections {
			heads = append(heads, head{s.Name, s.Size, merkle.Root(s.hashes())}.leaf())
		}
		if _, err := Assemble(msg.Encode(m), merkle.Root(heads), nil); !errors.Is(err, ErrState) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A short last page under the hash of a full page of zeros.
	m := manifest{1, []section{{"a", 10, zeroPage[:]}}}
	root := head{"a", 10, zeroPage}.leaf()
	if _, err := Assemble(msg.Encode(m), root, nil); !errors.Is(err, ErrState) {
		t.Errorf("short zero page: %v", err)
	}
}

func TestProve(t *testing.T) {
	sec := sample(rand.New(rand.NewPCG(7, 8)))
	s := snapshot(t, sec)
	for name, b := range sec {
		for i := range int(merkle.Count(uint64(len(b)), PageSize)) {
			p, err := s.Prove(name, i)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Verify(s.Root()); err != nil {
				t.Errorf("%s, page %d: %v", name, i, err)
			}
			q := *p
			q.Data = bytes.Clone(p.Data)
			q.Data[0] ^= 1
			if q.Verify(s.Root()) == nil {
				t.Errorf("%s, page %d: a wrong byte passed", name, i)
			}
			q = *p
			q.Name = "other"
			if q.Verify(s.Root()) == nil {
				t.Errorf("%s, page %d: another section's name passed", name, i)
			}
		}
		if _, err := s.Prove(name, 1000); err == nil {
			t.Errorf("%s: page 1000 was proven", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	s := snapshot(f, sample(rand.New(rand.NewPCG(9, 10))))
	root := s.Root()
	f.Add(s.Encode())
	f.Add([]byte(nil))
	f.Add(append(bytes.Clone(magic), 0xff, 0xff, 0xff, 0, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := Decode(b, root); err == nil && d.Root() != root {
			t.Errorf("decoded to root %v, wanted %v", d.Root(), root)
		}
		// The manifest alone, under whatever root it has.
		if m, err := parse(b, root); err == nil && len(m) == 0 {
			t.Error("an empty manifest under a root that is not empty")
		}
	})
}
