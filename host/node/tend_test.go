package node

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
)

// A running node lets go of what no job needs, keeps what one does, and has stopped when it is closed.
func TestTend(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	s := store.NewMemory(store.Options{})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	needed, err := s.Put(ctx, "consumer/job", bytes.NewReader(make([]byte, 100_000)))
	if err != nil {
		t.Fatal(err)
	}
	loose, err := s.Put(ctx, "loose", bytes.NewReader(make([]byte, 200_000)))
	if err == nil {
		err = s.Release("loose")
	}
	if err != nil {
		t.Fatal(err)
	}
	n, err := Start(Config{Identity: id, Store: s, Cache: -1, Tend: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for s.Has(loose) {
		if ctx.Err() != nil {
			t.Fatal("content that nobody needs is still here")
		}
		time.Sleep(time.Millisecond)
	}
	if !s.Has(needed) {
		t.Error("content that a job needs is gone")
	}
	if err := n.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(ctx, "loose", bytes.NewReader(make([]byte, 200_000))); err != nil {
		t.Fatal(err)
	}
	if err := s.Release("loose"); err != nil {
		t.Fatal(err)
	}
	select { // untend is through: nothing of it runs
	case <-time.After(20 * time.Millisecond):
	case <-ctx.Done():
	}
	if !s.Has(loose) {
		t.Error("a closed node removes content")
	}
}
