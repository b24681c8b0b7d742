package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/merkle"
)

// A tended store lets go by itself of what has ended, keeps as much of the rest as it was told to, and says so.
func TestTend(t *testing.T) {
	clock := &hands{at: time.Unix(1_000_000, 0)}
	s := open(t, t.TempDir(), store.WithClock(store.Options{}, clock.now))
	for i, owner := range []string{"first", "second", "third", "running"} {
		put(t, s, owner, noise(uint64(i), 100_000))
		if owner != "running" {
			if err := s.Expire(owner, clock.now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	var log bytes.Buffer
	tick := make(chan time.Time)
	ended := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(ended)
		store.Tend(ctx, s, 100_000, tick, slog.New(slog.NewTextHandler(&log, nil)))
	}()
	collect := func(want uint64) {
		t.Helper()
		tick <- time.Time{}
		tick <- time.Time{} // taken when the first has been dealt with
		if u, err := s.Usage(); err != nil || u.Bytes != want {
			t.Errorf("usage %+v, %v, want %d bytes", u, err, want)
		}
	}
	collect(400_000)
	clock.move(time.Hour)
	collect(200_000)
	collect(200_000)
	cancel()
	<-ended
	for i, want := range []bool{false, false, true, true} { // the youngest stays as a cache
		if b := merkle.BlobOf(noise(uint64(i), 100_000)); s.Has(b) != want {
			t.Errorf("blob %d is here: %v", i, s.Has(b))
		}
	}
	if !strings.Contains(log.String(), "bytes=200000") {
		t.Errorf("log: %s", log.String())
	}
}
