package runtime

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tetratelabs/wazero"

	"github.com/gwrun/gwrun/proto/msg"
)

var goGuest = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "gwrun-guest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { println(\"hello\") }\n"), 0o600); err != nil {
		return nil, err
	}
	out := filepath.Join(dir, "hello.wasm")
	cmd := exec.Command("go", "build", "-o", out, filepath.Join(dir, "main.go"))
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if b, err := cmd.CombinedOutput(); err != nil {
		return nil, errors.New(err.Error() + "\n" + string(b))
	}
	return os.ReadFile(out)
})

// helloGo is a Go program for WASI: a module large enough for a process of its own.
func helloGo(t testing.TB) []byte {
	t.Helper()
	wasm, err := goGuest()
	if err != nil {
		t.Skipf("skipped: the go tool cannot build for wasip1: %v", err)
	}
	return wasm
}

func loaded(t testing.TB, l *Loader, wasm []byte) *Job {
	t.Helper()
	j, err := l.NewJob(wasm, nil, Spec{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// entries lists the folders of a cache.
func entries(t testing.TB, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var out []string
	for _, d := range list {
		out = append(out, filepath.Join(dir, d.Name()))
	}
	return out
}

// A module that was compiled once is run from the cache, by way of a stub, to the same results as without; damage to
// any file of an entry is found and mended.
func TestCache(t *testing.T) {
	wasm := long(t)
	dir := filepath.Join(t.TempDir(), "modules")
	plain := run(t, loaded(t, new(Loader), wasm), Options{Device: device(t)})
	if plain.Receipt.Status != msg.Finished {
		t.Fatalf("%s, %q: %s", plain.Receipt.Status, plain.Receipt.Failure, plain.Log)
	}
	l := &Loader{Dir: dir}
	same := func(what string, hit bool) {
		t.Helper()
		j := loaded(t, l, wasm)
		if got := j.prepared.entry != nil; got != hit {
			t.Errorf("%s: found in the cache: %t, wanted %t", what, got, hit)
		}
		for _, interpreter := range []bool{false, what == "filled"} {
			r := run(t, j, Options{Device: device(t), Interpreter: interpreter})
			if d := cmp.Diff(plain.Receipt, r.Receipt); d != "" {
				t.Fatalf("%s, interpreter %t: another result:\n%s", what, interpreter, d)
			}
		}
		if n := entries(t, dir); len(n) != 1 || strings.Contains(n[0], tempPrefix) {
			t.Fatalf("%s: the cache holds %v", what, n)
		}
	}
	same("empty", false)
	same("filled", true)
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("the folder's mode is %v, %v", st.Mode(), err)
	}
	e, err := readEntry(entries(t, dir)[0], loaded(t, l, wasm).prepared.key)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		file   string
		hit    bool
		damage func([]byte) []byte
	}{
		{metaFile, false, func(b []byte) []byte { b[len(b)/2]++; return b }},
		{stubFile, false, func(b []byte) []byte { b[len(b)/2] ^= 8; return b }},
		{e.meta.CodeFile, true, func(b []byte) []byte { b[40] ^= 1; return b }}, // where a function begins, which wazero does not check
		{e.meta.CodeFile, true, nil},                                            // gone
	} {
		path := filepath.Join(e.dir, tc.file)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if tc.damage == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, tc.damage(b), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		same("damaged "+tc.file, tc.hit)
	}
	// An entry whose code is that of a stub, as wazero makes it where it finds no file of this processor.
	if err := os.Remove(filepath.Join(e.dir, e.meta.CodeFile)); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	cc, err := wazero.NewCompilationCacheWithDir(e.dir)
	if err != nil {
		t.Fatal(err)
	}
	rt := wazero.NewRuntimeWithConfig(ctx, engineConfig(false, msg.DefaultLimits()).WithCompilationCache(cc))
	defer rt.Close(ctx)
	mod, err := rt.CompileModule(ctx, e.stub)
	if err != nil {
		t.Fatal(err)
	}
	defer mod.Close(ctx)
	f, err := os.Open(filepath.Join(e.dir, e.meta.CodeFile))
	if err != nil {
		t.Fatal(err)
	}
	e.meta.Code, err = checksum(f)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	body := msg.Encode(e.meta)
	text := append([]byte(nil), sumText(body)...)
	if err := os.WriteFile(filepath.Join(e.dir, metaFile), append(text, body...), 0o600); err != nil {
		t.Fatal(err)
	}
	same("a stub's code", true)
}

// The same for a program that does something: it allocates, grows its memory, starts goroutines and says hello.
func TestCacheOfGoProgram(t *testing.T) {
	wasm := helloGo(t)
	l := &Loader{Dir: t.TempDir()}
	plain := run(t, loaded(t, new(Loader), wasm), Options{Device: device(t)})
	if plain.Receipt.Status != msg.Finished || !strings.Contains(string(plain.Log), "hello") {
		t.Fatalf("%s, %q: %s", plain.Receipt.Status, plain.Receipt.Failure, plain.Log)
	}
	for range 2 {
		if d := cmp.Diff(plain.Receipt, run(t, loaded(t, l, wasm), Options{Device: device(t)}).Receipt); d != "" {
			t.Fatalf("another result:\n%s", d)
		}
	}
}

// Where the cache cannot be written the module runs all the same.
func TestCacheOfNoUse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wasm := long(t)
	for _, dir := range []string{"", filepath.Join(file, "below")} {
		if r := run(t, loaded(t, &Loader{Dir: dir}, wasm), Options{Device: device(t)}); r.Receipt.Status != msg.Finished {
			t.Errorf("%q: %s, %q", dir, r.Receipt.Status, r.Receipt.Failure)
		}
	}
}

// The cache keeps to its bound, and what was used last stays.
func TestCacheBound(t *testing.T) {
	wasm := long(t)
	l := &Loader{Dir: t.TempDir()}
	key := func(pages uint32) string {
		j, err := l.NewJob(wasm, nil, Spec{Limits: msg.Limits{MemoryPages: pages}})
		if err != nil {
			t.Fatal(err)
		}
		run(t, j, Options{Device: device(t)})
		return l.place(j.prepared.key)
	}
	first := key(1000)
	size := int64(0)
	for _, f := range []string{metaFile, stubFile} {
		st, err := os.Stat(filepath.Join(first, f))
		if err != nil {
			t.Fatal(err)
		}
		size += st.Size()
	}
	code, err := filepath.Glob(filepath.Join(first, "wazero-*", "*"))
	if err != nil || len(code) != 1 {
		t.Fatal(code, err)
	}
	st, err := os.Stat(code[0])
	if err != nil {
		t.Fatal(err)
	}
	size += st.Size()
	l.Bytes = size*5/2 + 100
	second := key(1001)
	old := time.Now().Add(-2 * time.Hour)
	for _, path := range []string{filepath.Join(second, metaFile)} {
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	left := filepath.Join(l.Dir, tempPrefix+"left")
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(left, old, old); err != nil {
		t.Fatal(err)
	}
	third := key(1002)
	want := map[string]bool{first: true, third: true}
	for _, e := range entries(t, l.Dir) {
		if !want[e] {
			t.Errorf("%s is left", e)
		}
		delete(want, e)
	}
	for e := range want {
		t.Errorf("%s is gone", e)
	}
}

// A compiling process that takes too long or too much is ended, which says nothing about the job; so is one whose run is
// cancelled. Nothing is left of it.
func TestCompilingIsBounded(t *testing.T) {
	wasm := long(t)
	for name, tc := range map[string]struct {
		l    Loader
		want string
	}{
		"time":   {Loader{Time: 10 * time.Millisecond}, "took longer than 10ms"},
		"memory": {Loader{Memory: 20 << 20}, "more than 20 MiB"},
	} {
		tc.l.Dir = t.TempDir()
		_, err := Run(context.Background(), loaded(t, &tc.l, wasm), Options{Device: device(t)})
		var u *UnavailableError
		if !errors.As(err, &u) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
		if n := entries(t, tc.l.Dir); len(n) > 0 {
			t.Errorf("%s: left %v", name, n)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, loaded(t, &Loader{Dir: t.TempDir()}, wasm), Options{Device: device(t)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancelled: %v", err)
	}
}

// Killed in the middle of anything, a compiling process or the one that started it leaves no entry that is used.
func TestCacheKilled(t *testing.T) {
	wasm := long(t)
	l := &Loader{Dir: t.TempDir()}
	for i := range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i*i)*150*time.Millisecond)
		_, err := Run(ctx, loaded(t, l, wasm), Options{Device: device(t)})
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
	}
	// What a process that was killed leaves: half an entry under a name of its own, and one under the real name, as no rename leaves it.
	tmp, err := l.folder()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tmp, stubFile), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := loaded(t, l, wasm)
	place := l.place(j.prepared.key)
	if err := os.RemoveAll(place); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(tmp, place); err != nil {
		t.Fatal(err)
	}
	if r := run(t, loaded(t, l, wasm), Options{Device: device(t)}); r.Receipt.Status != msg.Finished {
		t.Errorf("%s, %q", r.Receipt.Status, r.Receipt.Failure)
	}
	if j := loaded(t, l, wasm); j.prepared.entry == nil {
		t.Error("the broken entry was not replaced")
	}
}

// Several at once make one entry, and all run.
func TestCacheTogether(t *testing.T) {
	wasm := long(t)
	l := &Loader{Dir: t.TempDir()}
	var wg sync.WaitGroup
	dev := device(t)
	jobs := make([]*Job, 2)
	for i := range jobs {
		jobs[i] = loaded(t, l, wasm)
	}
	for _, j := range jobs {
		wg.Go(func() {
			if _, err := j.prepared.compile(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, j := range jobs {
		if r := run(t, j, Options{Device: dev}); r.Receipt.Status != msg.Finished {
			t.Errorf("%s, %q", r.Receipt.Status, r.Receipt.Failure)
		}
	}
	if n := entries(t, l.Dir); len(n) != 1 {
		t.Errorf("the cache holds %v", n)
	}
}

// What it takes until a module of some 1.6 MB can run. warm is another process's second run; again is the same job's.
func BenchmarkLoad(b *testing.B) {
	wasm := helloGo(b)
	dev := device(b)
	b.Logf("a module of %.1f MB", float64(len(wasm))/1e6)
	start := func(b *testing.B, j *Job) {
		s, err := newSession(context.Background(), j, nil, Options{Device: dev})
		if err != nil {
			b.Fatal(err)
		}
		s.close()
	}
	b.Run("cold", func(b *testing.B) {
		for range b.N {
			start(b, loaded(b, &Loader{Dir: b.TempDir()}, wasm))
		}
	})
	b.Run("warm", func(b *testing.B) {
		l := &Loader{Dir: b.TempDir()}
		start(b, loaded(b, l, wasm))
		b.ResetTimer()
		for range b.N {
			start(b, loaded(b, l, wasm))
		}
	})
	b.Run("again", func(b *testing.B) {
		j := loaded(b, &Loader{Dir: b.TempDir()}, wasm)
		start(b, j)
		b.ResetTimer()
		for range b.N {
			start(b, j)
		}
	})
}
