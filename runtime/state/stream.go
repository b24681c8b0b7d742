package state

import (
	"bytes"
	"fmt"
	"io"

	"github.com/gwrun/gwrun/proto/msg"
)

var magic = []byte("gwrun state 1\n")

// Write writes the whole state as one stream: manifest, then its distinct pages.
func (s *Snapshot) Write(w io.Writer) error {
	m := s.Manifest()
	var n [8]byte
	for i := range n {
		n[i] = byte(uint64(len(m)) >> (8 * i))
	}
	for _, b := range [][]byte{magic, n[:], m} {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	for _, h := range s.Hashes() {
		page, _ := s.Page(h)
		if _, err := w.Write(page); err != nil {
			return err
		}
	}
	return nil
}

// Encode is Write to memory.
func (s *Snapshot) Encode() []byte {
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	return b.Bytes()
}

// Read reads what Write wrote and checks it against root.
func Read(r io.Reader, root msg.Hash) (*Snapshot, error) {
	first := make([]byte, len(magic)+8)
	if _, err := io.ReadFull(r, first); err != nil {
		return nil, fmt.Errorf("%w: its beginning: %w", ErrState, err)
	}
	if !bytes.Equal(first[:len(magic)], magic) {
		return nil, fmt.Errorf("%w: it does not begin with %q", ErrState, magic)
	}
	var n uint64
	for i, c := range first[len(magic):] {
		n |= uint64(c) << (8 * i)
	}
	if n > MaxManifest {
		return nil, fmt.Errorf("%w: a manifest of %d bytes, at most %d", ErrState, n, MaxManifest)
	}
	var m bytes.Buffer
	if got, err := io.CopyN(&m, r, int64(n)); err != nil {
		return nil, fmt.Errorf("%w: a manifest of %d bytes, wanted %d", ErrState, got, n)
	}
	hashes, sizes, err := Pages(m.Bytes(), root)
	if err != nil {
		return nil, err
	}
	pages := make(map[msg.Hash][]byte, min(len(hashes), 1<<16))
	for i, h := range hashes {
		page := make([]byte, sizes[i])
		if _, err := io.ReadFull(r, page); err != nil {
			return nil, fmt.Errorf("%w: page %d of %d: %w", ErrState, i, len(hashes), err)
		}
		pages[h] = page
	}
	return Assemble(m.Bytes(), root, func(h msg.Hash) ([]byte, error) { return pages[h], nil })
}

// Decode is Read from memory; bytes left over are refused.
func Decode(b []byte, root msg.Hash) (*Snapshot, error) {
	r := bytes.NewReader(b)
	s, err := Read(r, root)
	if err == nil && r.Len() != 0 {
		return nil, fmt.Errorf("%w: %d bytes after its end", ErrState, r.Len())
	}
	return s, err
}
