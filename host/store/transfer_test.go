package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

func endpoint(t testing.TB, src blobs.Source) *transport.Endpoint {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	m := transport.NewMux()
	if src != nil {
		blobs.Serve(m, src)
	}
	e, err := transport.Listen("127.0.0.1:0", id, m, transport.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		e.Close(ctx)
	})
	return e
}

func connect(t testing.TB, from, to *transport.Endpoint) *transport.Conn {
	t.Helper()
	want := to.Account()
	c, err := from.Dial(ctx, to.Addr().String(), &want)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A blob travels from disk to disk although its first source breaks off, this node restarts in the middle, and a second
// source is damaged in one place.
func TestTransfer(t *testing.T) {
	data := noise(1, 40*merkle.ChunkSize+77)
	first, second := open(t, t.TempDir(), store.Options{}), open(t, t.TempDir(), store.Options{})
	b := put(t, first, "job", data)
	put(t, second, "job", data)
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	client := endpoint(t, nil)

	breaking := endpoint(t, &breakingSource{Source: first, after: 13})
	if err := blobs.Fetch(ctx, s, "job", b, connect(t, client, breaking)); err == nil {
		t.Fatal("fetched from a source that breaks off")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, store.Options{})
	p, err := s.Begin(b)
	if err != nil {
		t.Fatal(err)
	}
	if missing := p.Missing(); len(missing) != 1 || missing[0] != [2]uint64{13, 41} {
		t.Errorf("missing %v after 13 chunks", missing)
	}
	p.Close()
	if err := blobs.Fetch(ctx, s, "job", b, connect(t, client, endpoint(t, second))); err != nil {
		t.Fatal(err)
	}
	if got, err := store.ReadAll(s, b, 1<<30); err != nil || !bytes.Equal(got, data) {
		t.Errorf("arrived wrong: %v", err)
	}
	// What is damaged at its source does not arrive.
	names, err := filepath.Glob(filepath.Join(dir, "blobs/*/*"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	f, err := os.OpenFile(names[0], os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("damage"), 20*merkle.ChunkSize); err != nil {
		t.Fatal(err)
	}
	f.Close()
	mine := endpoint(t, s)
	third := open(t, t.TempDir(), store.Options{})
	if err := blobs.Fetch(ctx, third, "job", b, connect(t, client, mine)); err == nil || third.Has(b) {
		t.Errorf("fetched a damaged blob: %v", err)
	}
	if err := blobs.Fetch(ctx, third, "job", b, connect(t, client, mine)); !errors.Is(err, blobs.ErrNotFound) {
		t.Errorf("the damaged blob is still offered: %v", err)
	}
}

// breakingSource fails after some chunks.
type breakingSource struct {
	blobs.Source
	after int
}

type breakingReader struct {
	blobs.Reader
	s *breakingSource
}

func (s *breakingSource) Open(b msg.Blob) (blobs.Reader, error) {
	r, err := s.Source.Open(b)
	return &breakingReader{r, s}, err
}

func (r *breakingReader) ReadAt(p []byte, off int64) (int, error) {
	n := int(merkle.Count(uint64(len(p)), merkle.ChunkSize))
	if n <= r.s.after {
		r.s.after -= n
		return r.Reader.ReadAt(p, off)
	}
	k, err := r.Reader.ReadAt(p[:r.s.after*merkle.ChunkSize], off)
	r.s.after = 0
	return k, errors.Join(err, errors.New("cable cut"))
}

func TestTransferPages(t *testing.T) {
	src := open(t, t.TempDir(), store.Options{})
	var pages [][]byte
	for i := range 2500 {
		pages = append(pages, noise(uint64(i), 4096))
	}
	hashes, err := src.PutPages("job", pages)
	if err != nil {
		t.Fatal(err)
	}
	dst := open(t, t.TempDir(), store.Options{})
	if _, err := dst.PutPages("old", pages[:100]); err != nil {
		t.Fatal(err)
	}
	if err := blobs.FetchPages(ctx, dst, "job", hashes, connect(t, endpoint(t, nil), endpoint(t, src))); err != nil {
		t.Fatal(err)
	}
	if err := dst.Release("old"); err != nil {
		t.Fatal(err)
	}
	if freed, err := dst.GC(0); err != nil || freed != 0 {
		t.Errorf("freed %d, %v", freed, err)
	}
	if missing := dst.MissingPages(hashes); len(missing) != 0 {
		t.Errorf("%d pages missing", len(missing))
	}
}

func BenchmarkTransfer(b *testing.B) {
	src := open(b, b.TempDir(), store.Options{})
	blob := put(b, src, "job", noise(1, 256<<20))
	c := connect(b, endpoint(b, nil), endpoint(b, src))
	b.SetBytes(256 << 20)
	for b.Loop() {
		if err := blobs.Fetch(ctx, open(b, b.TempDir(), store.Options{}), "job", blob, c); err != nil {
			b.Fatal(err)
		}
	}
}
