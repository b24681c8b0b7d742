package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// fuse is a Source that serves so many chunks and then blows: it calls out and serves no more, until it is set again. It knows what
// it was asked for.
type fuse struct {
	blobs.Source
	mu     sync.Mutex
	left   int // chunks; below 0: without end
	blow   func()
	served uint64
	asked  [][2]uint64
}

type fusedReader struct {
	blobs.Reader
	f *fuse
}

func (f *fuse) set(left int, blow func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.blow, f.asked = left, blow, nil
}

// count is how many chunks it has served.
func (f *fuse) count() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.served
}

func (f *fuse) Open(b msg.Blob) (blobs.Reader, error) {
	r, err := f.Source.Open(b)
	return &fusedReader{r, f}, err
}

func (r *fusedReader) Proof(lo, hi uint64) (leaves, proof []msg.Hash, err error) {
	r.f.mu.Lock()
	r.f.asked = append(r.f.asked, [2]uint64{lo, hi})
	r.f.mu.Unlock()
	return r.Reader.Proof(lo, hi)
}

func (r *fusedReader) ReadAt(p []byte, off int64) (int, error) {
	f := r.f
	f.mu.Lock()
	n := int(merkle.Count(uint64(len(p)), merkle.ChunkSize))
	blown := f.left >= 0 && n >= f.left
	if blown {
		n = f.left
	}
	if f.left >= 0 {
		f.left -= n
	}
	f.served += uint64(n)
	blow := f.blow
	if blown {
		f.blow = func() {}
	}
	f.mu.Unlock()
	k, err := r.Reader.ReadAt(p[:min(n*merkle.ChunkSize, len(p))], off)
	if !blown {
		return k, err
	}
	blow()
	return k, errors.Join(err, errors.New("the fuse has blown"))
}

// fetchUntilKilled is a process that fetches a blob and is killed at it. what is "DIR ADDRESS ROOT SIZE".
func fetchUntilKilled(what string) {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var dir, addr, root string
	var b msg.Blob
	if _, err := fmt.Sscan(what, &dir, &addr, &root, &b.Size); err != nil {
		fail(err)
	}
	var err error
	if b.Root, err = msg.ParseHash(root); err != nil {
		fail(err)
	}
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		fail(err)
	}
	id, err := identity.New()
	if err != nil {
		fail(err)
	}
	c, err := transport.Dial(ctx, addr, id, transport.Config{}, nil)
	if err != nil {
		fail(err)
	}
	if err := blobs.Fetch(ctx, s, "job", b, c); err != nil {
		fail(err)
	}
	os.Exit(0)
}

// TestInterrupted breaks a transfer off at 50 random chunks: by closing the connection on either side, by giving up, by closing the store
// and by killing the process. After each the fetch goes on with what is missing: no chunk that had arrived is asked for again, and
// what is served twice is what was on its way. With -transfer 1073741824 the blob is of 1 GiB.
func TestInterrupted(t *testing.T) {
	const breaks = 50
	const mostOnWay = 2 * 64 // two requests at a time to one source, each for as many chunks
	data := noise(1, max(*transferBytes, 64<<20)+999)
	src := &fuse{Source: open(t, t.TempDir(), store.Options{})}
	b := put(t, src.Source.(*store.Disk), "job", data)
	total := merkle.Count(b.Size, merkle.ChunkSize)
	server := endpoint(t, src)
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	reopen := func() {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, store.Options{})
	}
	missing := func() (m [][2]uint64, n uint64) {
		t.Helper()
		p, err := s.Begin(b)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		for _, r := range p.Missing() {
			n += r[1] - r[0]
		}
		return p.Missing(), n
	}
	closeAll := func() {
		for _, c := range server.Conns() {
			c.Close()
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	kinds := []string{"client closes", "server closes", "given up", "store closed", "killed"}
	times := map[string]int{}
	lost := map[string]uint64{}
	for i := range breaks {
		want, left := missing()
		kind := kinds[r.IntN(len(kinds))]
		times[kind]++
		after := 1 + r.IntN(int(2*left/(breaks-uint64(i)+1)))
		servedBefore := src.count()
		if kind == "killed" {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			cmd := child("fetch", fmt.Sprintf("%s %v %v %d", dir, server.Addr(), b.Root, b.Size))
			started := make(chan struct{})
			src.set(after, func() { <-started; cmd.Process.Kill() })
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			close(started)
			if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
				t.Fatalf("the process that fetches: %v", err)
			}
			closeAll() // nobody hears of the end of a process that was killed
			s = open(t, dir, store.Options{})
		} else {
			client := endpoint(t, nil)
			conn := connect(t, client, server)
			each, cancel := context.WithTimeout(ctx, time.Minute)
			src.set(after, map[string]func(){"client closes": func() { conn.Close() }, "server closes": closeAll, "given up": cancel,
				"store closed": func() { conn.Close() }}[kind])
			if err := blobs.Fetch(each, s, "job", b, conn); err == nil {
				t.Fatalf("break %d (%s): fetched nevertheless", i, kind)
			}
			cancel()
			conn.Close()
			if kind == "store closed" {
				reopen()
			}
		}
		_, still := missing()
		if came := left - still; came > src.count()-servedBefore {
			t.Fatalf("break %d (%s): %d chunks came, %d were served", i, kind, came, src.count()-servedBefore)
		} else if onWay := src.count() - servedBefore - came; onWay > mostOnWay {
			t.Errorf("break %d (%s): %d chunks on their way, at most %d can be", i, kind, onWay, mostOnWay)
		} else {
			lost[kind] += onWay
		}
		src.askedOnlyFor(t, fmt.Sprintf("break %d (%s)", i, kind), want)
	}
	want, left := missing()
	if left == 0 {
		t.Fatal("nothing left for the last fetch")
	}
	src.set(-1, nil)
	before := src.count()
	if err := blobs.Fetch(ctx, s, "job", b, connect(t, endpoint(t, nil), server)); err != nil {
		t.Fatal(err)
	}
	src.askedOnlyFor(t, "the last fetch", want)
	if n := src.count() - before; n != left {
		t.Errorf("the last fetch took %d chunks, %d were missing", n, left)
	}
	var sum uint64
	for _, n := range lost {
		sum += n
	}
	if src.count() != total+sum {
		t.Errorf("%d chunks served, wanted the %d of the blob and the %d that were on their way", src.count(), total, sum)
	}
	rd, err := s.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	defer rd.Close()
	if got, err := io.ReadAll(io.NewSectionReader(rd, 0, int64(b.Size))); err != nil || !bytes.Equal(got, data) {
		t.Errorf("arrived wrong: %v", err)
	}
	t.Logf("%d chunks, %d of them served twice, having been on their way at a break; breaks %v, such chunks %v", total, sum, times, lost)
}

// askedOnlyFor checks that no request was for a chunk that was there before.
func (f *fuse) askedOnlyFor(t *testing.T, when string, missing [][2]uint64) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) == 0 {
		t.Errorf("%s: nothing was asked for", when)
	}
	for _, a := range f.asked {
		within := false
		for _, m := range missing {
			within = within || m[0] <= a[0] && a[1] <= m[1]
		}
		if !within {
			t.Errorf("%s: asked for chunks %d to %d, missing were %v", when, a[0], a[1], missing)
		}
	}
}
