package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

func FuzzEntry(f *testing.F) {
	f.Add(entry{inFile: true, seq: 3, size: 1 << 40}.encode())
	f.Add(entry{seq: 1 << 63, size: 9, pack: 7, offset: 1 << 30}.encode())
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEntry(b)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(e.encode(), b) {
			t.Fatalf("% x became %+v", b, e)
		}
	})
}

func FuzzPartialName(f *testing.F) {
	b := merkle.BlobOf(make([]byte, 100_000))
	f.Add(fmt.Sprintf("%v-%d", b.Root, b.Size))
	f.Add(fmt.Sprintf("%v-+%d", b.Root, b.Size))
	f.Add(fmt.Sprintf("%v-%d", b.Root, uint64(1)<<63))
	f.Add("put-123")
	f.Fuzz(func(t *testing.T, name string) {
		b, err := parsePartial(name)
		if err == nil && (filepath.Base((&Disk{}).partialPath(b)) != name || inPack(b) || checkBlob(b) != nil) {
			t.Fatalf("%q became %+v", name, b)
		}
	})
}

func FuzzEnd(f *testing.F) {
	f.Add(encodeEnd(time.Unix(1_700_000_000, 1)))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, b []byte) {
		end, err := decodeEnd(b)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(encodeEnd(end), b) {
			t.Fatalf("% x became %v", b, end)
		}
	})
}

// FuzzFiles puts noise where the store keeps its files. Nothing that is read may differ from what was stored, and what is
// damaged must be possible to store again.
func FuzzFiles(f *testing.F) {
	data := make([]byte, 160_000)
	rand.NewChaCha8([32]byte{1}).Read(data)
	b := merkle.BlobOf(data)
	f.Add(uint8(0), []byte("noise"), uint32(0))
	f.Add(uint8(1), []byte{}, uint32(160_003))
	f.Add(uint8(2), []byte{1}, uint32(170_000))
	f.Add(uint8(1), []byte{0, 0}, uint32(65_536))
	f.Fuzz(func(t *testing.T, which uint8, noise []byte, at uint32) {
		dir := t.TempDir()
		s, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { s.Close() }()
		page := data[:3000]
		if _, err := s.PutPages("job", [][]byte{page}); err != nil {
			t.Fatal(err)
		}
		p, err := s.Begin(b)
		if err != nil {
			t.Fatal(err)
		}
		for i, leaf := range merkle.Leaves(data, chunk) {
			if err := p.WriteChunks(uint64(i), []msg.Hash{leaf}, data[i*chunk:min((i+1)*chunk, len(data))]); err != nil {
				t.Fatal(err)
			}
		}
		if which%2 == 1 {
			err = p.Commit("job")
		} else {
			err = p.Close()
		}
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		var files []string
		for _, pattern := range []string{"packs/*", "blobs/*/*", "partial/*"} {
			names, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, names...)
		}
		name := files[int(which)%len(files)]
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		cut := int(at) % (len(whole) + 1)
		if len(noise) == 0 {
			whole = whole[:cut]
		} else {
			whole = append(whole[:cut:cut], noise...)
		}
		if err := os.WriteFile(name, whole, 0o600); err != nil {
			t.Fatal(err)
		}

		if s, err = Open(dir, Options{}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.GetPage(merkle.Leaf(page)); err == nil && !bytes.Equal(got, page) {
			t.Fatal("another page")
		} else if err != nil && !errors.Is(err, ErrCorrupt) {
			t.Fatal(err)
		}
		if got, err := ReadAll(s, b, 1<<20); err == nil && !bytes.Equal(got, data) {
			t.Fatal("another blob")
		} else if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if p, err = s.Begin(b); err != nil {
			t.Fatal(err)
		}
		leaves := merkle.Leaves(data, chunk)
		for _, m := range p.Missing() {
			for i := m[0]; i < m[1]; i++ {
				if err := p.WriteChunks(i, leaves[i:i+1], data[i*chunk:min((i+1)*chunk, uint64(len(data)))]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := p.Commit("again"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.PutPages("again", [][]byte{page}); err != nil {
			t.Fatal(err)
		}
		got, err := ReadAll(s, b, 1<<20)
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("blob not mended: %v", err)
		}
		if got, err := s.GetPage(merkle.Leaf(page)); err != nil || !bytes.Equal(got, page) {
			t.Fatalf("page not mended: %v", err)
		}
	})
}
