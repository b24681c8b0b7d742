package store_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// The test binary runs itself again as the process that is killed or that runs out of disk.
const childEnv = "GWRUN_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	switch mode, dir, _ := strings.Cut(os.Getenv(childEnv), ":"); mode {
	case "":
		os.Exit(m.Run())
	case "write":
		writeUntilKilled(dir)
	case "fill":
		fill(dir)
	case "fetch":
		fetchUntilKilled(dir)
	}
}

func child(mode, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+mode+":"+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// acknowledged is what the child says after a call has returned.
type acknowledged struct {
	Kind string // "blob", "pages", "end set", "record", "pages released"
	N    uint64
}

func crashBlob(n uint64) []byte { return noise(n+7000, 70_000+int(n%5)*50_000) }

func crashPages(n uint64) [][]byte {
	var pages [][]byte
	for i := range uint64(40) {
		pages = append(pages, noise(n*40+i, 4096))
	}
	return pages
}

// crashEnd is when a batch of pages ends: long after this test.
func crashEnd(n uint64) time.Time { return time.Unix(1<<40+int64(n), 0) }

func writeUntilKilled(dir string) {
	store.ShrinkPacks(1 << 20)
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var mu sync.Mutex
	out := json.NewEncoder(os.Stdout)
	say := func(kind string, n uint64, err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, kind, n, err)
			os.Exit(1)
		}
		mu.Lock()
		defer mu.Unlock()
		out.Encode(acknowledged{kind, n})
	}
	go func() {
		for n := uint64(0); ; n++ {
			_, err := s.Put(ctx, fmt.Sprint("blob", n), bytes.NewReader(crashBlob(n)))
			say("blob", n, err)
		}
	}()
	go func() {
		for n := uint64(0); ; n++ {
			err := s.Journal("provider").Put(msg.Hash{byte(n), byte(n >> 8)}, record{"running", n})
			say("record", n, err)
		}
	}()
	for n := uint64(0); ; n++ {
		_, err := s.PutPages(fmt.Sprint("pages", n), crashPages(n))
		say("pages", n, err)
		if n%3 == 0 {
			say("end set", n, s.Expire(fmt.Sprint("pages", n), crashEnd(n)))
		}
		if n%3 == 2 { // make holes, so that packs are being moved too
			for _, k := range []uint64{n - 1, n} {
				say("pages released", k, s.Release(fmt.Sprint("pages", k)))
			}
			if _, err := s.GC(0); err != nil {
				fmt.Fprintln(os.Stderr, "collecting", err)
				os.Exit(1)
			}
		}
	}
}

// TestKill kills a process in the middle of many writes, several times over on one directory. Nothing acknowledged may be
// lost, and nothing else may be there in part.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	for round := range 4 {
		cmd := child("write", dir)
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(300+170*round)*time.Millisecond, func() { cmd.Process.Kill() })
		last := map[string]uint64{}
		released := map[uint64]bool{}
		lines := 0
		for in := bufio.NewScanner(pipe); in.Scan(); {
			var a acknowledged
			if json.Unmarshal(in.Bytes(), &a) != nil {
				break // cut off by the kill
			}
			lines++
			if a.Kind == "pages released" {
				released[a.N] = true
			} else {
				last[a.Kind] = a.N + 1
			}
		}
		cmd.Wait()
		if lines == 0 {
			t.Fatal("the child acknowledged nothing")
		}
		s, err := store.Open(dir, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for n := range last["blob"] {
			data := crashBlob(n)
			if got, err := store.ReadAll(s, merkle.BlobOf(data), 1<<20); err != nil || !bytes.Equal(got, data) {
				t.Errorf("blob %d: %v", n, err)
			}
		}
		for n := range last["record"] {
			var r record
			if err := s.Journal("provider").Get(msg.Hash{byte(n), byte(n >> 8)}, &r); err != nil || r.Step != n {
				t.Errorf("record %d: %v, %v", n, r, err)
			}
		}
		holdings, err := s.Holdings()
		if err != nil {
			t.Fatal(err)
		}
		ends := map[string]time.Time{}
		for _, h := range holdings {
			ends[h.Owner] = h.Until
		}
		for n := range last["end set"] {
			if end := ends[fmt.Sprint("pages", n)]; n%3 == 0 && !end.Equal(crashEnd(n)) {
				t.Errorf("batch %d ends %v, want %v", n, end, crashEnd(n))
			}
		}
		for n := range last["pages"] {
			if released[n] || n%3 != 0 && n+2 >= last["pages"] { // perhaps released, with nobody left to say so
				continue
			}
			for i, p := range crashPages(n) {
				if got, err := s.GetPage(merkle.Leaf(p)); err != nil || !bytes.Equal(got, p) {
					t.Fatalf("page %d of batch %d: %v", i, n, err)
				}
			}
		}
		// Whoever has a pin has all of what he pinned.
		for o := range ends {
			var n uint64
			if _, err := fmt.Sscanf(o, "pages%d", &n); err == nil {
				for i, p := range crashPages(n) {
					if _, err := s.GetPage(merkle.Leaf(p)); err != nil {
						t.Errorf("owner %s lacks page %d: %v", o, i, err)
					}
				}
			} else if fmt.Sscanf(o, "blob%d", &n); !s.Has(merkle.BlobOf(crashBlob(n))) {
				t.Errorf("owner %s lacks its blob", o)
			}
		}
		for name := range tree(t, dir) {
			if strings.HasPrefix(name, "partial/") {
				t.Errorf("%s left behind", name)
			}
		}
		u, err := s.Usage()
		if err != nil {
			t.Error(err)
		}
		t.Logf("round %d: %v acknowledged, %d bytes", round, last, u.Bytes)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// fill writes until the disk is full, then checks that what was acknowledged is there and that room made is room to use.
func fill(dir string) {
	fail := func(format string, args ...any) {
		fmt.Printf(format+"\n", args...)
		os.Exit(1)
	}
	if err := smallDisk(dir); err != nil {
		fmt.Println("skip:", err)
		return
	}
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		fail("%v", err)
	}
	var done []msg.Blob
	n := uint64(0)
	for ; ; n++ {
		b, err := s.Put(ctx, "old", bytes.NewReader(crashBlob(n)))
		if err == nil {
			done = append(done, b)
			_, err = s.PutPages("pages", crashPages(n))
		}
		if err != nil {
			if !errors.Is(err, store.ErrFull) || !strings.Contains(err.Error(), "store: no space left on device, in "+dir+": free space there or take a directory") {
				fail("a full disk gives: %v", err)
			}
			break
		}
		if n > 10_000 {
			fail("the disk never fills")
		}
	}
	if len(done) == 0 {
		fail("full before the first blob")
	}
	// A partial blob meets it too, and keeps what it has.
	data := noise(999, 32<<20)
	p, err := s.Begin(merkle.BlobOf(data))
	if err == nil {
		for i, leaf := range merkle.Leaves(data, merkle.ChunkSize) {
			if err = p.WriteChunks(uint64(i), []msg.Hash{leaf}, data[i*merkle.ChunkSize:min((i+1)*merkle.ChunkSize, len(data))]); err != nil {
				break
			}
		}
		p.Discard()
	}
	if !errors.Is(err, store.ErrFull) {
		fail("a partial blob on a full disk: %v", err)
	}
	for i, b := range done {
		if _, err := store.ReadAll(s, b, 1<<20); err != nil {
			fail("blob %d after the disk was full: %v", i, err)
		}
	}
	if err := s.Close(); err != nil {
		fail("closing: %v", err)
	}
	if s, err = store.Open(dir, store.Options{}); err != nil {
		fail("opening again: %v", err)
	}
	for i, b := range done {
		if _, err := store.ReadAll(s, b, 1<<20); err != nil {
			fail("blob %d after opening again: %v", i, err)
		}
	}
	if err := s.Release("old"); err != nil {
		fail("releasing on a full disk: %v", err)
	}
	if freed, err := s.GC(0); err != nil || freed == 0 {
		fail("collecting on a full disk: %d, %v", freed, err)
	}
	if _, err := s.Put(ctx, "new", bytes.NewReader(crashBlob(n))); err != nil {
		fail("after making room: %v", err)
	}
	if err := s.Close(); err != nil {
		fail("closing: %v", err)
	}
	fmt.Println("ok", len(done))
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	cmd := child("fill", dir)
	isolate(cmd)
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		t.Skipf("skipped: no mount namespace to put a small disk in: %v", err)
	}
	if reason, ok := strings.CutPrefix(string(out), "skip:"); ok {
		t.Skip("skipped: no small disk:" + reason)
	}
	if err != nil || !strings.HasPrefix(string(out), "ok ") {
		t.Errorf("%s%v", out, err)
	}
	t.Logf("%s", out)
}
