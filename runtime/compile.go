package runtime

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/module"
)

// A module that is not small is compiled by a second process of this program, which can be ended when it takes too much: a
// compiler cannot be interrupted, and what its memory holds is gone only when it is done.
const (
	childVar     = "GWRUN_COMPILE_CHILD" // the folder to write to
	childMemory  = "GWRUN_COMPILE_MEMORY"
	defaultTime  = 2 * time.Minute
	defaultBytes = 3 << 30
)

var canStart atomic.Bool

// children bounds how many compile at once.
var children = make(chan struct{}, max(1, goruntime.GOMAXPROCS(0)/2))

// RunChildIfAsked turns this process into one that compiles a module, if it was started as one, and then does not return. A
// program that calls it first thing in main has its modules compiled by such processes.
func RunChildIfAsked() {
	canStart.Store(true)
	dir := os.Getenv(childVar)
	if dir == "" {
		return
	}
	if err := runChild(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child has the module compiled by a process of its own, into an entry of the cache. Called with p.mu held.
func (l *Loader) child(ctx context.Context, p *prepared) (*entry, error) {
	select {
	case children <- struct{}{}:
		defer func() { <-children }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if e := l.find(p.key); e != nil && e.verify() == nil { // another job's, meanwhile
		return e, nil
	}
	tmp, err := l.folder()
	if err != nil && l.Dir != "" { // a read-only home, say: then nothing is kept
		l = &Loader{Bytes: l.Bytes, Time: l.Time, Memory: l.Memory}
		tmp, err = l.folder()
	}
	if err != nil {
		return nil, &UnavailableError{"no place for a compiled module: " + err.Error()}
	}
	done := false
	defer func() {
		if !done {
			os.RemoveAll(tmp)
		}
	}()
	real, stub, err := twins(p.wasm)
	if err != nil {
		return nil, err
	}
	if err := l.start(ctx, tmp, real, stub); err != nil {
		return nil, err
	}
	meta := entryMeta{Key: p.key, Globals: p.ins.Globals, Drops: p.ins.Drops, Start: p.ins.Start, Redrop: p.ins.Redrop, Exports: p.exports, Stub: sumOf(stub)}
	files, err := filepath.Glob(filepath.Join(tmp, "wazero-*", "*"))
	if err != nil || len(files) != 1 {
		return nil, &UnavailableError{fmt.Sprintf("the compiling process left %d files", len(files))}
	}
	if meta.CodeFile, err = filepath.Rel(tmp, files[0]); err != nil {
		return nil, err
	}
	f, err := os.Open(files[0])
	if err != nil {
		return nil, err
	}
	meta.Code, err = checksum(f)
	f.Close()
	if err != nil {
		return nil, err
	}
	body := msg.Encode(meta)
	for name, b := range map[string][]byte{stubFile: stub, metaFile: append(sumText(body), body...)} {
		if err := writeSynced(filepath.Join(tmp, name), b); err != nil {
			return nil, &UnavailableError{err.Error()}
		}
	}
	if l.Dir == "" {
		// Nothing is kept: the folder goes when the job does.
		e, err := readEntry(tmp, p.key)
		if err == nil {
			done = true
			goruntime.AddCleanup(e, func(dir string) { os.RemoveAll(dir) }, tmp)
		}
		return e, err
	}
	e, err := l.keep(tmp, p.key)
	if err != nil {
		return nil, &UnavailableError{"the cache of compiled modules: " + err.Error()}
	}
	done = true
	return e, nil
}

func writeSynced(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// twins makes the two modules that an entry is made from, see cache.go.
func twins(wasm []byte) (real, stub []byte, err error) {
	m, err := module.Decode(wasm)
	if err != nil {
		return nil, nil, err
	}
	t := uint32(len(m.Types))
	m.Types = append(m.Types, module.FuncType{Results: []module.ValType{module.I32}})
	m.Exports = append(m.Exports, module.Export{Name: codeExport, Kind: module.ExternFunc, Index: uint32(m.NumFuncs())})
	m.Funcs = append(m.Funcs, t)
	answer := func(n byte) module.Code { return module.Code{Body: []byte{0x41, n, 0x0b}} } // i32.const n, end
	m.Code = append(m.Code, answer(1))
	m.Customs = nil
	real = module.Encode(m)
	for i := range m.Code {
		m.Code[i] = module.Code{Body: []byte{0x00, 0x0b}} // unreachable, end
	}
	m.Code[len(m.Code)-1] = answer(0)
	return real, module.Encode(m), nil
}

// start runs the process to its end.
func (l *Loader) start(ctx context.Context, dir string, real, stub []byte) error {
	path, err := os.Executable()
	if err != nil {
		return &UnavailableError{"cannot find this program to start a compiling process: " + err.Error()}
	}
	limit, memory := l.Time, l.Memory
	if limit == 0 {
		limit = defaultTime
	}
	if memory == 0 {
		memory = defaultBytes
	}
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(timed, path)
	cmd.Env = append(os.Environ(), childVar+"="+dir, childMemory+"="+strconv.FormatUint(memory, 10))
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	var says strings.Builder
	cmd.Stderr = &limited{&says}
	if err := cmd.Start(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &UnavailableError{"cannot start a compiling process: " + err.Error()}
	}
	for _, b := range [][]byte{real, stub} {
		if _, err = in.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(b)))); err == nil {
			_, err = in.Write(b)
		}
		if err != nil {
			break
		}
	}
	// Its standard input stays open: where it ends, the process does.
	err = errors.Join(cmd.Wait(), err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case timed.Err() != nil:
		return &UnavailableError{fmt.Sprintf("compiling the module took longer than %v", limit)}
	case err != nil:
		text, _, _ := strings.Cut(says.String(), "\n")
		if text == "" {
			text = err.Error()
		}
		return &UnavailableError{"compiling the module: " + text}
	}
	return nil
}

// limited keeps the beginning of what is written.
type limited struct{ b *strings.Builder }

func (w *limited) Write(p []byte) (int, error) {
	w.b.Write(p[:min(len(p), 4096-min(4096, w.b.Len()))])
	return len(p), nil
}

// runChild is the compiling process: it reads both modules, compiles the one and keeps its code under the other's name.
func runChild(dir string) error {
	memory, err := strconv.ParseUint(os.Getenv(childMemory), 10, 63)
	if err != nil {
		return err
	}
	limitMemory(memory)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	var mods [2][]byte
	for i := range mods {
		var n [8]byte
		if _, err := io.ReadFull(in, n[:]); err != nil {
			return err
		}
		size := binary.LittleEndian.Uint64(n[:])
		if size > 1<<30 {
			return fmt.Errorf("a module of %d bytes", size)
		}
		mods[i] = make([]byte, size)
		if _, err := io.ReadFull(in, mods[i]); err != nil {
			return err
		}
	}
	go func() {
		_, _ = in.ReadByte() // ends with the process that started this one
		os.Exit(1)
	}()
	work := filepath.Join(dir, "work")
	code, err := compileInto(work, mods[0])
	if err != nil {
		return err
	}
	name, err := compileInto(dir, mods[1])
	if err != nil {
		return err
	}
	if err := os.Rename(code, name); err != nil {
		return err
	}
	return os.RemoveAll(work)
}

// compileInto has wazero compile a module and gives the file it wrote, synced.
func compileInto(dir string, wasm []byte) (string, error) {
	ctx := context.Background()
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return "", err
	}
	rt := wazero.NewRuntimeWithConfig(ctx, engineConfig(false, msg.Limits{MemoryPages: 1 << 15}).WithCompilationCache(cache))
	if _, err := rt.CompileModule(ctx, wasm); err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(dir, "wazero-*", "*"))
	if err == nil && len(files) != 1 {
		err = fmt.Errorf("wazero wrote %d files", len(files))
	}
	if err != nil {
		return "", err
	}
	return files[0], nil
}

// limitMemory ends this process when it takes more than n bytes.
func limitMemory(n uint64) {
	debug.SetMemoryLimit(int64(n / 4 * 3)) // from there on the collector works harder
	limitAddressSpace(n + 4<<30)           // in which Go, and the libraries linked with it, reserve what they do not use
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	go func() {
		for range time.Tick(20 * time.Millisecond) {
			metrics.Read(sample)
			if used := sample[0].Value.Uint64() - sample[1].Value.Uint64(); used > n {
				fmt.Fprintf(os.Stderr, "it took more than %d MiB of memory\n", n>>20)
				os.Exit(1)
			}
		}
	}()
}
