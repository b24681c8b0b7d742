package state

import (
	"bytes"
	"errors"
	"math/rand/v2"
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
		c.Set(n, Rehashed, b)
	}
	return c.Root()
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
		c.Set(n, Compared, b)
	}
	root := c.Root()
	s, err := c.Snapshot(func(n string) ([]byte, error) { return sections[n], nil })
	if err != nil {
		t.Fatal(err)
	}
	if s.Root() != root {
		t.Fatalf("the snapshot's root is %v, the committer's %v", s.Root(), root)
	}
	return s
}

// Whatever is changed between commits, and in whatever mode, the root is that of a fresh committer.
func TestIncremental(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c := NewCommitter()
	sec := sample(r)
	modes := map[string]Mode{"memory": Compared, "empty": Compared, "odd": Rehashed, "small": Compared, "log": Grown}
	kept := false
	for round := range 200 {
		c.Begin()
		for n, b := range sec {
			if n == "odd" && kept {
				if !c.Keep(n) {
					t.Fatalf("round %d: %s was given last time and cannot be kept", round, n)
				}
				continue
			}
			c.Set(n, modes[n], b)
		}
		if got, want := c.Root(), plain(sec); got != want {
			t.Fatalf("round %d: root %v, want %v", round, got, want)
		}
		if round%17 == 0 {
			s, err := c.Snapshot(func(n string) ([]byte, error) { return sec[n], nil })
			if err != nil || s.Root() != plain(sec) {
				t.Fatalf("round %d: snapshot %v, %v", round, s.Root(), err)
			}
			c = Load(s, func(n string) Mode { return modes[n] })
		}
		for range r.IntN(4) {
			m := sec["memory"]
			m[r.IntN(len(m))] ^= 1
		}
		if r.IntN(5) == 0 {
			sec["memory"] = append(sec["memory"], random(r, PageSize)...)
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
}

func TestKeepNeedsACommit(t *testing.T) {
	c := NewCommitter()
	c.Begin()
	if c.Keep("a") {
		t.Error("a section that was never set was kept")
	}
	c.Set("a", Rehashed, []byte("1"))
	c.Root()
	c.Begin()
	c.Root() // without a
	c.Begin()
	if c.Keep("a") {
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
		if m, err := parse(b, root); err == nil && len(m.Sections) == 0 {
			t.Error("an empty manifest under a root that is not empty")
		}
	})
}
