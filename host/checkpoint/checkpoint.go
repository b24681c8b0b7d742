// Package checkpoint keeps the states of a run in a store. Of each state only what changed since the one before is
// written: pages, and pieces of the table that lists them.
package checkpoint

import (
	"fmt"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/state"
)

// pieceSize is what a state's manifest is cut by. A page that changed changes 32 bytes of one piece.
const pieceSize = state.PageSize

// Ref says where a kept state is.
type Ref struct {
	Root   msg.Hash   `cbor:"1,keyasint"`
	Pieces []msg.Hash `cbor:"2,keyasint"` // of the manifest
}

// Keeper keeps the states of one run, one after another. Its zero value but for Pages and Owner is ready.
type Keeper struct {
	Pages store.Pages
	Owner string // pins what is kept

	last   *state.Snapshot
	pieces map[msg.Hash]bool
}

// Keep makes a state durable, in one write to the store.
func (k *Keeper) Keep(s *state.Snapshot) (Ref, error) {
	var pages [][]byte
	for _, h := range s.Since(k.last) {
		page, _ := s.Page(h)
		pages = append(pages, page)
	}
	changed := len(pages)
	manifest := s.Manifest()
	var cut [][]byte
	for at := 0; at < len(manifest); at += pieceSize {
		cut = append(cut, manifest[at:min(at+pieceSize, len(manifest))])
	}
	ref := Ref{Root: s.Root(), Pieces: store.HashPages(cut)}
	now := map[msg.Hash]bool{}
	for i, h := range ref.Pieces {
		if now[h] = true; !k.pieces[h] {
			pages = append(pages, cut[i])
		}
	}
	if _, err := k.Pages.PutPages(k.Owner, pages); err != nil {
		return Ref{}, fmt.Errorf("keeping %d pages of a state: %w", changed, err)
	}
	k.last, k.pieces = s, now
	return ref, nil
}

// Manifest gives the table of pages of a kept state.
func Manifest(pages store.Pages, ref Ref) ([]byte, error) {
	cut, err := pages.GetPages(ref.Pieces)
	if err != nil {
		return nil, fmt.Errorf("the table of pages of state %v: %w", ref.Root, err)
	}
	var manifest []byte
	for _, p := range cut {
		manifest = append(manifest, p...)
	}
	return manifest, nil
}

// Load gives a kept state, every page of it checked against its root.
func Load(pages store.Pages, ref Ref) (*state.Snapshot, error) {
	manifest, err := Manifest(pages, ref)
	if err != nil {
		return nil, err
	}
	return state.AssembleAll(manifest, ref.Root, pages.GetPages)
}
