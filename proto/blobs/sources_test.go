package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// Many sources at once: one sends wrong bytes, three lie about what they send, one dies, one lacks it, one says nothing, one is very slow.
// The fetch finishes with the two that are as they should be, blames those that deserve it and nobody else, and asks none of them again.
func TestSourcesTogether(t *testing.T) {
	blobs.SetTask(t, 4)
	blobs.SetHedge(t, 40*time.Millisecond)
	data := noise(1, 150*merkle.ChunkSize+77)
	b := merkle.BlobOf(data)
	leaves := merkle.Leaves(data, merkle.ChunkSize)
	other := merkle.Leaves(noise(2, len(data)), merkle.ChunkSize)

	const lies, lacks, dies, slow, silent, good = "lies", "lacks it", "dies", "slow", "silent", "good"
	var met sync.WaitGroup // every source but the good ones has been asked
	type source struct {
		kind   string
		mux    *transport.Mux
		asked  atomic.Int32
		server *transport.Endpoint
		conn   *transport.Conn
	}
	var all []*source
	add := func(kind string) *source {
		if kind != good {
			met.Add(1)
		}
		all = append(all, &source{kind: kind, mux: transport.NewMux()})
		return all[len(all)-1]
	}
	ask := func(s *source) {
		if s.asked.Add(1) == 1 && s.kind != good {
			met.Done()
		}
	}
	// honest serves as it should, from a shelf that does something about each chunk.
	honest := func(s *source, has []byte, spoil func(chunk int64, p []byte) error) {
		src := newShelf()
		src.add(has)
		src.spoil, src.asked = spoil, func() { ask(s) }
		blobs.Serve(s.mux, src)
	}
	// lying answers what it likes.
	lying := func(s *source, answer func(lo, hi uint64) (rangeAnswer, []byte)) {
		s.mux.HandleStream(blobs.MethodRange, func(_ context.Context, _ msg.Account, st *transport.Stream) error {
			ask(s)
			var r rangeRequest
			if err := st.Recv(&r); err != nil {
				return err
			}
			a, p := answer(r.Lo, r.Hi)
			if err := st.Send(a); err != nil {
				return err
			}
			_, err := st.Write(p)
			return err
		})
	}
	prove := func(lo, hi uint64) []msg.Hash {
		proof, err := merkle.NewTree(leaves).RangeProof(int(lo), int(hi))
		if err != nil {
			t.Error(err)
		}
		return proof
	}
	honest(add(lies), data, func(chunk int64, p []byte) error { // wrong bytes, and not at once
		if chunk%4 == 2 {
			p[len(p)-1] ^= 0x80
		}
		return nil
	})
	lying(add(lies), func(lo, hi uint64) (rangeAnswer, []byte) { // the leaves of another blob, with the right proof
		return rangeAnswer{Leaves: other[lo:hi], Proof: prove(lo, hi)}, data[lo*merkle.ChunkSize : min(hi*merkle.ChunkSize, b.Size)]
	})
	lying(add(lies), func(lo, hi uint64) (rangeAnswer, []byte) { // the right leaves of another place
		at := (lo + 4) % 140
		return rangeAnswer{Leaves: leaves[at : at+hi-lo], Proof: prove(at, at+hi-lo)}, data[at*merkle.ChunkSize:][:(hi-lo)*merkle.ChunkSize]
	})
	lying(add(lies), func(uint64, uint64) (rangeAnswer, []byte) { return rangeAnswer{Leaves: leaves}, data }) // more than was asked for
	honest(add(lacks), noise(3, 100_000), nil)
	dead := add(dies)
	honest(dead, data, func(int64, []byte) error {
		for _, c := range dead.server.Conns() {
			c.Close()
		}
		return errors.New("dead")
	})
	honest(add(slow), data, func(int64, []byte) error { time.Sleep(20 * time.Millisecond); return nil })
	quiet := add(silent)
	quiet.mux.HandleStream(blobs.MethodRange, func(ctx context.Context, _ msg.Account, _ *transport.Stream) error {
		ask(quiet)
		<-ctx.Done()
		return ctx.Err()
	})
	for range 2 {
		honest(add(good), data, func(int64, []byte) error { met.Wait(); return nil })
	}
	client := endpoint(t, nil)
	var conns []*transport.Conn
	for _, s := range all {
		s.server = endpoint(t, s.mux)
		want := s.server.Account()
		c, err := client.Dial(within(t, 10*time.Second), s.server.Addr().String(), &want)
		if err != nil {
			t.Fatal(err)
		}
		s.conn = c
		conns = append(conns, c)
	}
	var mu sync.Mutex
	blamed := map[msg.Account][]error{}
	f := blobs.Fetcher{Blame: func(p *blobs.PeerError) {
		mu.Lock()
		defer mu.Unlock()
		blamed[p.Peer] = append(blamed[p.Peer], p.Err)
	}}
	dst := newShelf()
	if err := f.Fetch(within(t, 60*time.Second), dst, "job", b, conns...); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(dst.blobs[b], data) {
		t.Error("arrived wrong")
	}
	mu.Lock()
	defer mu.Unlock()
	for i, s := range all {
		errs := blamed[s.conn.Peer()]
		lied := len(errs) == 1 && errors.Is(errs[0], blobs.ErrLied)
		switch s.kind {
		case lies:
			if !lied {
				t.Errorf("source %d, which %s, is blamed for %v", i, s.kind, errs)
			}
		case lacks:
			if len(errs) != 1 || !errors.Is(errs[0], blobs.ErrNotFound) || lied {
				t.Errorf("source %d, which %s, is blamed for %v", i, s.kind, errs)
			}
		case dies:
			if len(errs) != 1 || lied {
				t.Errorf("source %d, which %s, is blamed for %v", i, s.kind, errs)
			}
		default:
			if len(errs) != 0 {
				t.Errorf("source %d, which is %s, is blamed for %v", i, s.kind, errs)
			}
		}
		if n := s.asked.Load(); (s.kind == lies || s.kind == lacks || s.kind == dies) && n > 2 {
			t.Errorf("source %d, which %s, was asked %d times", i, s.kind, n)
		}
	}
}
