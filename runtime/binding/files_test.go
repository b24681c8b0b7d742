package binding

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

// wasi is a guest that works with files.
type wasi struct{ *puppet }

func newWASI(t testing.TB, change func(*Config)) *wasi {
	return &wasi{newPuppet(t, func(c *Config) {
		c.Inputs = []Input{{"a.txt", []byte("hello")}, {"dir/b", []byte("b")}, {"dir/sub/c", nil}}
		if change != nil {
			change(c)
		}
	})}
}

func (w *wasi) call(name string, args ...uint64) uint64 {
	w.t.Helper()
	return w.do("wasi_snapshot_preview1."+name, args...)
}

const bufAt = 0x90000 // where a test has its bytes

func (w *wasi) open(path string, oflags, rights, flags uint64) (fd, errno uint64) {
	return w.openAt(rootFD, path, oflags, rights, flags)
}

func (w *wasi) openAt(dir uint64, path string, oflags, rights, flags uint64) (fd, errno uint64) {
	w.t.Helper()
	at, n := w.text(path)
	to := w.put(uint32(0xffff))
	errno = w.call("path_open", dir, 0, uint64(at), uint64(n), oflags, rights, rights, flags, to)
	return uint64(w.u32(to)), errno
}

func (w *wasi) write(fd uint64, text string) (n, errno uint64) {
	w.t.Helper()
	half := len(text) / 2
	a, _ := w.text(text[:half])
	b, _ := w.text(text[half:])
	count := w.put(0)
	errno = w.call("fd_write", fd, w.put(a, half, b, len(text)-half), 2, count)
	return uint64(w.u32(count)), errno
}

func (w *wasi) read(fd uint64, size int) (text string, errno uint64) {
	w.t.Helper()
	count := w.put(0)
	errno = w.call("fd_read", fd, w.put(bufAt, 2, bufAt+2, size-2), 2, count)
	return string(w.bytes(bufAt, w.u32(count))), errno
}

func (w *wasi) seek(fd uint64, by int64, whence uint64) (at uint64, errno uint64) {
	w.t.Helper()
	to := w.put(uint64(99))
	errno = w.call("fd_seek", fd, uint64(by), whence, to)
	return binary.LittleEndian.Uint64(w.bytes(to, 8)), errno
}

func (w *wasi) on(name, path string, more ...uint64) uint64 {
	w.t.Helper()
	at, n := w.text(path)
	return w.call(name, append([]uint64{rootFD, uint64(at), uint64(n)}, more...)...)
}

// stat gives type and size of a path.
func (w *wasi) stat(path string) (typ byte, size, errno uint64) {
	w.t.Helper()
	at, n := w.text(path)
	errno = w.call("path_filestat_get", rootFD, 1, uint64(at), uint64(n), bufAt)
	b := w.bytes(bufAt, 64)
	return b[16], binary.LittleEndian.Uint64(b[32:]), errno
}

// The one directory that is there, and no other.
func TestPreopened(t *testing.T) {
	w := newWASI(t, nil)
	if e := w.call("fd_prestat_get", 3, bufAt); e != wasiOK || w.u32(bufAt) != 0 || w.u32(bufAt+4) != 1 {
		t.Errorf("fd_prestat_get: error %d, kind %d, name of %d bytes", e, w.u32(bufAt), w.u32(bufAt+4))
	}
	if e := w.call("fd_prestat_dir_name", 3, bufAt, 1); e != wasiOK || string(w.bytes(bufAt, 1)) != "/" {
		t.Errorf("fd_prestat_dir_name: error %d, %q", e, w.bytes(bufAt, 1))
	}
	for _, fd := range []uint64{0, 4, math.MaxUint32} {
		if e := w.call("fd_prestat_get", fd, bufAt); e != wasiBadf {
			t.Errorf("fd_prestat_get of %d: error %d", fd, e)
		}
	}
	if e := w.call("fd_prestat_dir_name", 4, bufAt, 1); e != wasiBadf {
		t.Errorf("fd_prestat_dir_name of 4: error %d", e)
	}
	if e := w.call("fd_prestat_dir_name", 3, bufAt, 0); e != wasiNametoolong {
		t.Errorf("fd_prestat_dir_name into nothing: error %d", e)
	}
}

func TestReadFile(t *testing.T) {
	w := newWASI(t, nil)
	fd, e := w.open("./dir/../a.txt", 0, rightRead, 0)
	if e != wasiOK || fd != 4 {
		t.Fatalf("error %d, descriptor %d", e, fd)
	}
	if s, e := w.read(fd, 4); s != "hell" || e != wasiOK {
		t.Errorf("read %q, error %d", s, e)
	}
	if s, e := w.read(fd, 4); s != "o" || e != wasiOK {
		t.Errorf("read %q, error %d", s, e)
	}
	if s, e := w.read(fd, 4); s != "" || e != wasiOK {
		t.Errorf("read %q at the end, error %d", s, e)
	}
	for _, tc := range []struct {
		by     int64
		whence uint64
		at, e  uint64
	}{{1, 0, 1, 0}, {2, 1, 3, 0}, {-1, 2, 4, 0}, {-5, 1, 99, wasiInval}, {0, 3, 99, wasiInval}, {100, 0, 100, 0}, {math.MaxInt64, 1, 99, wasiInval}} {
		if at, e := w.seek(fd, tc.by, tc.whence); at != tc.at || e != tc.e {
			t.Errorf("seek %d from %d: at %d, error %d", tc.by, tc.whence, at, e)
		}
	}
	if s, e := w.read(fd, 4); s != "" || e != wasiOK {
		t.Errorf("read %q past the end, error %d", s, e)
	}
	count := w.put(0)
	if e := w.call("fd_pread", fd, w.put(bufAt, 3), 1, 2, count); e != wasiOK || string(w.bytes(bufAt, w.u32(count))) != "llo" {
		t.Errorf("fd_pread: error %d, %q", e, w.bytes(bufAt, w.u32(count)))
	}
	if e := w.call("fd_tell", fd, bufAt); e != wasiOK || w.u32(bufAt) != 100 {
		t.Errorf("fd_tell: error %d, at %d", e, w.u32(bufAt))
	}
	if _, e := w.write(fd, "no"); e != wasiBadf {
		t.Errorf("writing to it: error %d", e)
	}
	for _, bad := range []uint64{fd, rootFD, 77} {
		if e := w.call("fd_filestat_set_size", bad, 1); e != wasiBadf {
			t.Errorf("fd_filestat_set_size of %d: error %d", bad, e)
		}
	}
	for bad, want := range map[uint64]uint64{rootFD: wasiBadf, 1: wasiSpipe, 77: wasiBadf} {
		if _, e := w.seek(bad, 0, 0); e != want {
			t.Errorf("fd_seek of %d: error %d, want %d", bad, e, want)
		}
		if e := w.call("fd_tell", bad, bufAt); e != want {
			t.Errorf("fd_tell of %d: error %d, want %d", bad, e, want)
		}
	}
	if e := w.call("fd_filestat_get", fd, bufAt); e != wasiOK || w.bytes(bufAt, 64)[16] != typeFile || w.u32(bufAt+32) != 5 {
		t.Errorf("fd_filestat_get: error %d, type %d", e, w.bytes(bufAt, 64)[16])
	}
	if e := w.call("fd_close", fd); e != wasiOK {
		t.Errorf("fd_close: error %d", e)
	}
	if e := w.call("fd_close", fd); e != wasiBadf {
		t.Errorf("fd_close again: error %d", e)
	}
	if _, e := w.read(fd, 4); e != wasiBadf {
		t.Errorf("reading what is closed: error %d", e)
	}
	if s, e := w.read(0, 4); s != "" || e != wasiOK {
		t.Errorf("standard input: %q, error %d", s, e)
	}
	if w.h.weight != 0 || len(w.h.state.Files) != 0 {
		t.Errorf("weight %d, %d files open", w.h.weight, len(w.h.state.Files))
	}
}

func TestWriteFile(t *testing.T) {
	w := newWASI(t, nil)
	fd, e := w.open("new/out", openCreate|openTruncate, rightRead|rightWrite, 0)
	if e != wasiOK {
		t.Fatalf("error %d", e)
	}
	output := func(want string) {
		t.Helper()
		if got := string(w.h.outputs["new/out"]); got != want || w.h.outBytes != uint64(len(want)) {
			t.Errorf("the output is %q, counted %d bytes, want %q", got, w.h.outBytes, want)
		}
	}
	if n, e := w.write(fd, "hello"); n != 5 || e != wasiOK || w.h.Rewritten("new/out") {
		t.Errorf("wrote %d, error %d, or bytes were changed", n, e)
	}
	output("hello")
	w.seek(fd, 1, 0)
	w.write(fd, "EL")
	output("hELlo")
	if !w.h.Rewritten("new/out") || w.h.Rewritten("new/out") {
		t.Error("a change of bytes is told once")
	}
	if s, e := w.read(fd, 9); s != "lo" || e != wasiOK {
		t.Errorf("read %q, error %d", s, e)
	}
	w.seek(fd, 7, 0)
	w.write(fd, "!?")
	output("hELlo\x00\x00!?")
	count := w.put(0)
	at, _ := w.text("abc")
	if e := w.call("fd_pwrite", fd, w.put(at, 3), 1, 8, count); e != wasiOK || w.u32(count) != 3 {
		t.Errorf("fd_pwrite: error %d, %d bytes", e, w.u32(count))
	}
	output("hELlo\x00\x00!abc")
	if e := w.call("fd_filestat_set_size", fd, 2); e != wasiOK {
		t.Errorf("fd_filestat_set_size: error %d", e)
	}
	output("hE")
	w.call("fd_filestat_set_size", fd, 4)
	output("hE\x00\x00")
	if e := w.on("path_unlink_file", "new/out"); e != wasiBusy {
		t.Errorf("removing what is open: error %d", e)
	}
	w.call("fd_close", fd)

	// Opened again: to add to it, to empty it, and only if it is new.
	fd, _ = w.open("new/out", 0, rightWrite, flagAppend)
	w.write(fd, "++")
	w.seek(fd, 0, 0)
	w.write(fd, "+")
	output("hE\x00\x00+++")
	if _, e := w.read(fd, 4); e != wasiBadf {
		t.Errorf("reading what is open for writing: error %d", e)
	}
	w.call("fd_close", fd)
	if _, e := w.open("new/out", openCreate|openExclusive, rightWrite, 0); e != wasiExist {
		t.Errorf("opened as new: error %d", e)
	}
	fd, _ = w.open("new/out", openTruncate, rightWrite, 0)
	output("")
	if !w.h.Rewritten("new/out") {
		t.Error("emptying an output does not tell that bytes changed")
	}
	w.call("fd_close", fd)

	at, n := w.text("new/out")
	to, m := w.text("moved")
	if e := w.call("path_rename", rootFD, uint64(at), uint64(n), rootFD, uint64(to), uint64(m)); e != wasiOK {
		t.Errorf("path_rename: error %d", e)
	}
	if _, ok := w.h.outputs["moved"]; !ok || len(w.h.outputs) != 1 {
		t.Errorf("outputs %v", w.h.outputs)
	}
	if e := w.on("path_unlink_file", "moved"); e != wasiOK || len(w.h.outputs) != 0 {
		t.Errorf("path_unlink_file: error %d, %d outputs", e, len(w.h.outputs))
	}
	if log := string(w.h.Log()); log != "" {
		t.Errorf("log %q", log)
	}
	if _, _, e := w.stat("new"); e != wasiNoent {
		t.Errorf("the directory of a file that is gone: error %d", e)
	}
}

// What an input's name hides, and what cannot be done to one.
func TestInputsAreReadOnly(t *testing.T) {
	w := newWASI(t, nil)
	if _, e := w.open("a.txt", openCreate, rightWrite, 0); e != wasiRofs {
		t.Errorf("opened for writing: error %d", e)
	}
	if e := w.on("path_unlink_file", "a.txt"); e != wasiRofs {
		t.Errorf("removed: error %d", e)
	}
	at, n := w.text("a.txt")
	if e := w.call("path_rename", rootFD, uint64(at), uint64(n), rootFD, uint64(at), uint64(n)); e != wasiRofs {
		t.Errorf("renamed: error %d", e)
	}
	if want := "path_open is refused: the input \"a.txt\" can only be read; written anew it becomes an output\n" +
		"path_unlink_file is refused: the input \"a.txt\" cannot be removed\npath_rename is refused: the input \"a.txt\" cannot get another name\n"; string(w.h.Log()) != want {
		t.Errorf("log %q", w.h.Log())
	}
	w.on("path_unlink_file", "a.txt")
	if n := strings.Count(string(w.h.Log()), "path_unlink_file"); n != 1 {
		t.Errorf("the log tells of path_unlink_file %d times", n)
	}
	fd, e := w.open("a.txt", openCreate|openTruncate, rightWrite, 0)
	w.write(fd, "mine")
	if e != wasiOK || string(w.h.outputs["a.txt"]) != "mine" || string(w.h.cfg.Inputs[0].Data) != "hello" {
		t.Errorf("written anew: error %d, outputs %v", e, w.h.outputs)
	}
	if _, size, _ := w.stat("a.txt"); size != 4 {
		t.Errorf("%d bytes, the output has 4", size)
	}
}

func TestPaths(t *testing.T) {
	w := newWASI(t, nil)
	for _, tc := range []struct {
		path string
		typ  byte
		e    uint64
	}{
		{"a.txt", typeFile, 0}, {"dir", typeDirectory, 0}, {"dir/", typeDirectory, 0}, {".", typeDirectory, 0}, {"dir/sub", typeDirectory, 0},
		{"dir//./sub/c", typeFile, 0}, {"dir/sub/../b", typeFile, 0}, {"di", 0, wasiNoent}, {"", 0, wasiNoent}, {"a.txt/", 0, wasiNotdir},
		{"..", 0, wasiNotcap}, {"dir/../../a.txt", 0, wasiNotcap}, {"/a.txt", 0, wasiNotcap}, {"a\x00b", 0, wasiIlseq}, {"\xff", 0, wasiIlseq},
		{strings.Repeat("x", 256), 0, wasiNametoolong},
	} {
		typ, _, e := w.stat(tc.path)
		if e != tc.e || e == 0 && typ != tc.typ {
			t.Errorf("%q: type %d, error %d, want %d, %d", tc.path, typ, e, tc.typ, tc.e)
		}
	}
	for path, want := range map[string]uint64{"dir": wasiExist, "a.txt": wasiExist, "other": wasiOK} {
		if e := w.on("path_create_directory", path); e != want {
			t.Errorf("path_create_directory %q: error %d, want %d", path, e, want)
		}
	}
	for path, want := range map[string]uint64{"dir": wasiNotempty, "a.txt": wasiNotdir, "other": wasiNoent} {
		if e := w.on("path_remove_directory", path); e != want {
			t.Errorf("path_remove_directory %q: error %d, want %d", path, e, want)
		}
	}
	for path, want := range map[string]uint64{"dir": wasiIsdir, "other": wasiNoent} {
		if e := w.on("path_unlink_file", path); e != want {
			t.Errorf("path_unlink_file %q: error %d, want %d", path, e, want)
		}
	}
	for _, tc := range []struct {
		path           string
		oflags, rights uint64
		e              uint64
	}{{"dir", openDirectory, rightRead, 0}, {"a.txt", openDirectory, rightRead, wasiNotdir}, {"dir", 0, rightWrite, wasiIsdir}, {"none", 0, rightRead, wasiNoent}} {
		if _, e := w.open(tc.path, tc.oflags, tc.rights, 0); e != tc.e {
			t.Errorf("path_open %q: error %d, want %d", tc.path, e, tc.e)
		}
	}
	w.do("gw.output_write", w.put([]byte("o")), 1, 0, 0)
	for _, tc := range []struct {
		from, to string
		e        uint64
	}{{"none", "x", wasiNoent}, {"dir", "x", wasiNotsup}, {"o", "dir", wasiIsdir}, {"o", "..", wasiNotcap}, {"o", "o", 0}, {"o", "p/q", 0}, {"o", "x", wasiNoent}, {"p/q", "a.txt", 0}} {
		from, n := w.text(tc.from)
		to, m := w.text(tc.to)
		if e := w.call("path_rename", rootFD, uint64(from), uint64(n), rootFD, uint64(to), uint64(m)); e != tc.e {
			t.Errorf("path_rename %q to %q: error %d, want %d", tc.from, tc.to, e, tc.e)
		}
	}
	// From a directory that is open.
	dir, _ := w.open("dir", openDirectory, rightRead, 0)
	if fd, e := w.openAt(dir, "sub/c", 0, rightRead, 0); e != wasiOK {
		t.Errorf("opened below a directory: descriptor %d, error %d", fd, e)
	}
	if _, e := w.openAt(dir, "../a.txt", 0, rightRead, 0); e != wasiOK {
		t.Errorf("opened beside a directory: error %d", e)
	}
	file, _ := w.open("a.txt", 0, rightRead, 0)
	if _, e := w.openAt(file, "x", 0, rightRead, 0); e != wasiNotdir {
		t.Errorf("opened below a file: error %d", e)
	}
	if _, e := w.openAt(99, "x", 0, rightRead, 0); e != wasiBadf {
		t.Errorf("opened below nothing: error %d", e)
	}
	if e := w.on("path_readlink", "a.txt", bufAt, 10, bufAt+16); e != wasiInval {
		t.Errorf("path_readlink: error %d", e)
	}
}

func TestReadDirectory(t *testing.T) {
	w := newWASI(t, nil)
	w.do("gw.output_write", w.put([]byte("z")), 1, 0, 0)
	list := func(fd uint64, room uint64) (names []string) {
		var cookie uint64
		for {
			to := w.put(0)
			if e := w.call("fd_readdir", fd, bufAt, room, cookie, to); e != wasiOK {
				t.Fatalf("fd_readdir: error %d", e)
			}
			used := w.u32(to)
			b := w.bytes(bufAt, used)
			for len(b) >= 24 {
				n := binary.LittleEndian.Uint32(b[16:])
				if len(b) < 24+int(n) {
					break
				}
				names = append(names, fmt.Sprintf("%s:%d", b[24:24+n], b[20]))
				cookie = binary.LittleEndian.Uint64(b)
				b = b[24+n:]
			}
			if uint64(used) < room {
				return names
			}
		}
	}
	for _, room := range []uint64{4096, 40} {
		if got := strings.Join(list(rootFD, room), " "); got != ".:3 ..:3 a.txt:4 dir:3 z:4" {
			t.Errorf("room for %d: %s", room, got)
		}
	}
	dir, _ := w.open("dir", openDirectory, rightRead, 0)
	if got := strings.Join(list(dir, 4096), " "); got != ".:3 ..:3 b:4 sub:3" {
		t.Errorf("dir: %s", got)
	}
	file, _ := w.open("a.txt", 0, rightRead, 0)
	if e := w.call("fd_readdir", file, bufAt, 100, 0, bufAt+200); e != wasiNotdir {
		t.Errorf("fd_readdir of a file: error %d", e)
	}
}

func TestDescriptors(t *testing.T) {
	w := newWASI(t, nil)
	var fds []uint64
	for range 3 {
		fd, _ := w.open("a.txt", 0, rightRead, 0)
		fds = append(fds, fd)
	}
	w.call("fd_close", 5)
	if fd, _ := w.open("dir/b", 0, rightRead, 0); fd != 5 || fds[2] != 6 {
		t.Errorf("the lowest free number is 5, got %d", fd)
	}
	if e := w.call("fd_renumber", 5, 4); e != wasiOK {
		t.Errorf("fd_renumber: error %d", e)
	}
	if s, _ := w.read(4, 9); s != "b" {
		t.Errorf("descriptor 4 reads %q", s)
	}
	if _, e := w.read(5, 9); e != wasiBadf {
		t.Errorf("descriptor 5: error %d", e)
	}
	for _, tc := range []struct {
		fd, e  uint64
		typ    byte
		rights uint64
	}{{0, 0, typeDevice, rightRead}, {1, 0, typeDevice, rightWrite}, {3, 0, typeDirectory, rightsAll}, {4, 0, typeFile, rightsAll &^ rightWrite}, {5, wasiBadf, 0, 0}} {
		e := w.call("fd_fdstat_get", tc.fd, bufAt)
		if b := w.bytes(bufAt, 24); e != tc.e || e == 0 && (b[0] != tc.typ || binary.LittleEndian.Uint64(b[8:]) != tc.rights) {
			t.Errorf("fd_fdstat_get of %d: error %d, type %d, rights 0x%x", tc.fd, e, b[0], b[8:16])
		}
	}
	for i := 0; ; i++ {
		if _, e := w.open("a.txt", 0, rightRead, 0); e != wasiOK {
			if e != wasiMfile || i != maxFiles-2 {
				t.Errorf("file %d: error %d", i, e)
			}
			break
		}
	}
	for name, args := range map[string][]uint64{"fd_advise": {9, 0, 0, 0}, "fd_sync": {9}, "fd_datasync": {9}, "fd_fdstat_set_flags": {9, 0}, "fd_filestat_set_times": {9, 0, 0, 0}} {
		if e := w.call(name, args...); e != wasiOK {
			t.Errorf("%s: error %d", name, e)
		}
		args[0] = 200
		if e := w.call(name, args...); e != wasiBadf {
			t.Errorf("%s of nothing: error %d", name, e)
		}
	}
}

// Files do not get around the limits of the job.
func TestFileLimits(t *testing.T) {
	w := newWASI(t, func(c *Config) { c.Limits.OutputBytes = 10 })
	fd, _ := w.open("o", openCreate, rightWrite, 0)
	w.write(fd, "12345678")
	at, _ := w.text("xyz")
	if _, trap := w.try("wasi_snapshot_preview1.fd_write", fd, w.put(at, 3), 1, bufAt); !strings.HasPrefix(trap, "limit output_bytes: fd_write needs 11, the job may have 10") {
		t.Errorf("trap %q", trap)
	}
	if _, trap := w.try("wasi_snapshot_preview1.fd_pwrite", fd, w.put(at, 3), 1, math.MaxUint64-1, bufAt); !strings.HasPrefix(trap, "limit output_bytes:") {
		t.Errorf("trap %q", trap)
	}
	if _, trap := w.try("wasi_snapshot_preview1.fd_filestat_set_size", fd, math.MaxUint64); !strings.HasPrefix(trap, "limit output_bytes:") {
		t.Errorf("trap %q", trap)
	}
	if string(w.h.outputs["o"]) != "12345678" || w.h.outBytes != 8 {
		t.Errorf("outputs %q, %d bytes", w.h.outputs["o"], w.h.outBytes)
	}
	g := newWASI(t, func(c *Config) { c.Limits.Gas = 100_000; c.Limits.OutputBytes = 1 << 30 })
	fd, _ = g.open("o", openCreate, rightWrite, 0)
	if _, trap := g.try("wasi_snapshot_preview1.fd_filestat_set_size", fd, 1<<29); trap != OutOfGas {
		t.Errorf("half a gigabyte of zeros for nothing: trap %q", trap)
	}
}

// Open files are part of the state.
func TestRestoreFiles(t *testing.T) {
	w := newWASI(t, nil)
	in, _ := w.open("a.txt", 0, rightRead, 0)
	w.read(in, 3)
	out, _ := w.open("o", openCreate, rightWrite, flagAppend)
	w.write(out, "one ")
	w.call("sock_send", 0, 0, 0, 0, 0)
	saved := &Saved{Objects: w.h.State(), Outputs: map[string][]byte{"o": bytes.Clone(w.h.outputs["o"])}, Log: w.h.Log()}
	r := newWASI(t, nil)
	if err := r.h.Restore(saved); err != nil {
		t.Fatal(err)
	}
	for _, x := range []*wasi{w, r} {
		if s, e := x.read(in, 9); s != "lo" || e != wasiOK {
			t.Errorf("read %q, error %d", s, e)
		}
		x.write(out, "two")
		if s := string(x.h.outputs["o"]); s != "one two" {
			t.Errorf("the output is %q", s)
		}
		x.call("sock_send", 0, 0, 0, 0, 0)
		if n := strings.Count(string(x.h.Log()), "sock_send is refused: there are no sockets\n"); n != 1 {
			t.Errorf("the log tells of sock_send %d times", n)
		}
	}
	if !bytes.Equal(w.h.State(), r.h.State()) {
		t.Error("the restored host went on otherwise")
	}
	var many []file
	for i := range uint32(maxFiles + 1) {
		many = append(many, file{FD: 4 + i})
	}
	for name, files := range map[string][]file{
		"too many":         many,
		"a number below 4": {{FD: 3, Name: "x"}}, "numbers out of order": {{FD: 5}, {FD: 4}}, "a long name": {{FD: 4, Name: strings.Repeat("x", 300)}},
		"no text": {{FD: 4, Name: "\xff"}}, "an offset": {{FD: 4, Offset: 1 << 63}},
	} {
		bad := hostState{Files: files, GPUGas: 1}
		if err := newWASI(t, nil).h.Restore(&Saved{Objects: msg.Encode(bad)}); err == nil {
			t.Errorf("%s: restored", name)
		}
	}
}

// Waiting takes no time and moves the clock to what was waited for; what is ready comes before it.
func TestPoll(t *testing.T) {
	w := newWASI(t, nil)
	now := func() uint64 {
		w.call("clock_time_get", 1, 0, bufAt)
		return binary.LittleEndian.Uint64(w.bytes(bufAt, 8))
	}
	clock := func(user, timeout, flags uint64) []any {
		return []any{user, uint64(0), uint64(1), timeout, uint64(0), flags}
	}
	fd := func(user, tag, fd uint64) []any { return []any{user, tag, fd, uint64(0), uint64(0), uint64(0)} }
	poll := func(subs ...[]any) (users []uint64, errs []uint16) {
		var all []any
		for _, s := range subs {
			all = append(all, s...)
		}
		count := w.put(0)
		if e := w.call("poll_oneoff", w.put(all...), bufAt, uint64(len(subs)), count); e != wasiOK {
			t.Fatalf("error %d", e)
		}
		for i := range w.u32(count) {
			e := w.bytes(bufAt+32*uint64(i), 32)
			users = append(users, binary.LittleEndian.Uint64(e))
			errs = append(errs, binary.LittleEndian.Uint16(e[8:]))
		}
		return users, errs
	}
	t0 := now()
	if users, _ := poll(clock(7, 5e9, 0), clock(8, 2e9, 0)); len(users) != 1 || users[0] != 8 {
		t.Errorf("the first of two times: events %v", users)
	}
	if t1 := now(); t1-t0 < 2e9 || t1-t0 > 2e9+10*clockTick {
		t.Errorf("two seconds took %d", t1-t0)
	}
	t0 = now()
	if users, errs := poll(clock(1, 1e9, 0), fd(2, 2, 1), fd(3, 1, 0), fd(4, 1, 77), fd(5, 9, 0)); len(users) != 4 || users[0] != 2 || errs[2] != wasiBadf || errs[3] != wasiInval {
		t.Errorf("what is ready: events %v, errors %v", users, errs)
	}
	if t1 := now(); t1 != t0+clockTick {
		t.Errorf("what is ready took %d", t1-t0)
	}
	poll(clock(1, t0+3e9, 1)) // a moment
	if t1 := now(); t1-t0 < 3e9 || t1-t0 > 3e9+10*clockTick {
		t.Errorf("a moment three seconds on took %d", t1-t0)
	}
	t0 = now()
	poll(clock(1, 5, 1)) // long past
	if t1 := now(); t1 != t0+clockTick {
		t.Errorf("a moment in the past took %d", t1-t0)
	}
	poll(clock(1, math.MaxUint64, 0))
	if t1 := now(); t1 < t0 || t1 > 1<<63 {
		t.Errorf("for ever ends at %d", t1)
	}
	poll(clock(1, math.MaxUint64, 0))
	if e := w.call("poll_oneoff", bufAt, bufAt, 0, bufAt); e != wasiInval {
		t.Errorf("nothing to wait for: error %d", e)
	}
}
