package runtime

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/module"
)

// An entry of the cache is a folder:
//
//	meta                     checksum, then entryMeta
//	stub.wasm                the instrumented module with empty bodies
//	wazero-VERSION-.../HASH  machine code, as wazero keeps it
//
// wazero looks for machine code by the hash of the module it is given, and reads and validates that module again each time,
// which takes longer than everything else. Nothing of a body is needed once there is machine code. So the file is stored
// under the name that wazero looks for when it is given a stub: the same module with bodies of one instruction. Whether
// it found the file shows in codeExport, a function that gives 1 in the module and 0 in the stub.
//
// An entry is written to a folder of another name, synced and renamed, so that it is whole or not there.

// codeExport is the function that tells machine code from a stub's.
const codeExport = module.ReservedPrefix + "code"

const (
	metaFile   = "meta"
	stubFile   = "stub.wasm"
	tempPrefix = ".tmp-"
)

// entryMeta is the file meta of an entry.
type entryMeta struct {
	Key      msg.Hash           `cbor:"1,keyasint"`
	Globals  []module.GlobalRef `cbor:"2,keyasint"`
	Drops    []module.DropRef   `cbor:"3,keyasint"`
	Start    string             `cbor:"4,keyasint"`
	Redrop   string             `cbor:"5,keyasint"`
	Exports  jobExports         `cbor:"6,keyasint"`
	Stub     uint64             `cbor:"7,keyasint"` // checksum
	Code     uint64             `cbor:"8,keyasint"`
	CodeFile string             `cbor:"9,keyasint"` // below the entry's folder
}

// entry is an entry of the cache.
type entry struct {
	dir  string
	meta entryMeta
	stub []byte
}

var errEntry = errors.New("the cache's entry makes no sense")

// checksum is of two polynomials, 64 bits in all, and as fast as memory: it is against disks and crashes. Who can write
// the cache folder can run programs as this user anyway.
func checksum(r io.Reader) (uint64, error) {
	a, b := crc32.New(crc32.MakeTable(crc32.Castagnoli)), crc32.NewIEEE()
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(a, b)}, struct{ io.Reader }{r}, make([]byte, 128<<10)); err != nil {
		return 0, err
	}
	return uint64(a.Sum32())<<32 | uint64(b.Sum32()), nil
}

func sumOf(b []byte) uint64 {
	return uint64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))<<32 | uint64(crc32.ChecksumIEEE(b))
}

// sumText is a checksum as it stands in a file.
func sumText(b []byte) []byte { return fmt.Appendf(nil, "%016x", sumOf(b)) }

// readEntry reads an entry but for its machine code, and checks it.
func readEntry(dir string, key msg.Hash) (*entry, error) {
	b, err := os.ReadFile(filepath.Join(dir, metaFile))
	if err != nil {
		return nil, err
	}
	e := &entry{dir: dir}
	if len(b) < 16 || !bytes.Equal(sumText(b[16:]), b[:16]) || msg.Decode(b[16:], &e.meta) != nil || e.meta.Key != key {
		return nil, errEntry
	}
	if e.stub, err = os.ReadFile(filepath.Join(dir, stubFile)); err != nil {
		return nil, err
	}
	if sumOf(e.stub) != e.meta.Stub || !filepath.IsLocal(e.meta.CodeFile) {
		return nil, errEntry
	}
	return e, nil
}

// verify checks the machine code, and marks the entry as used.
func (e *entry) verify() error {
	f, err := os.Open(filepath.Join(e.dir, e.meta.CodeFile))
	if err != nil {
		return err
	}
	defer f.Close()
	sum, err := checksum(f)
	if err == nil && sum != e.meta.Code {
		err = errEntry
	}
	if err == nil {
		now := time.Now()
		_ = os.Chtimes(filepath.Join(e.dir, metaFile), now, now) // only the order of eviction depends on it
	}
	return err
}

// forget takes an entry out of the cache.
func (e *entry) forget() { _ = os.RemoveAll(e.dir) }

// find gives the entry of a key, nil if there is none that makes sense.
func (l *Loader) find(key msg.Hash) *entry {
	if l.Dir == "" {
		return nil
	}
	e, err := readEntry(l.place(key), key)
	if err != nil {
		return nil
	}
	return e
}

func (l *Loader) place(key msg.Hash) string { return filepath.Join(l.Dir, hex.EncodeToString(key[:])) }

// folder makes an empty folder for what a child is to write. It is an entry's only after keep.
func (l *Loader) folder() (string, error) {
	if l.Dir == "" {
		return os.MkdirTemp("", "gwrun-module-")
	}
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return "", err
	}
	if err := os.Chmod(l.Dir, 0o700); err != nil { // it may have been there, open to others
		return "", err
	}
	return os.MkdirTemp(l.Dir, tempPrefix)
}

// keep makes what lies in a folder of its own the entry of a key. Of two that do so at once one wins, and both may go on.
func (l *Loader) keep(tmp string, key msg.Hash) (*entry, error) {
	to := l.place(key)
	for try := 0; ; try++ {
		err := os.Rename(tmp, to)
		if err == nil {
			break
		}
		if e, bad := readEntry(to, key); bad == nil && e.verify() == nil {
			return e, os.RemoveAll(tmp)
		}
		if try == 3 {
			return nil, err
		}
		// What is there is broken: away with it, under a name that nobody looks for.
		aside := tmp + "-old"
		if err := os.Rename(to, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if err := os.RemoveAll(aside); err != nil {
			return nil, err
		}
	}
	if d, err := os.Open(l.Dir); err == nil {
		_ = d.Sync() // not every system can; an entry that is lost is made again
		d.Close()
	}
	l.evict(to)
	return readEntry(to, key)
}

// evict removes what was not used for longest until the rest fits, and what was left half written an hour ago or more. A
// module that is running has its code in memory already.
func (l *Loader) evict(except string) {
	most := l.Bytes
	if most == 0 {
		most = 1 << 30
	}
	list, err := os.ReadDir(l.Dir)
	if err != nil {
		return
	}
	type old struct {
		dir  string
		used time.Time
		size int64
	}
	var all []old
	total := int64(0)
	for _, d := range list {
		o := old{dir: filepath.Join(l.Dir, d.Name())}
		if strings.HasPrefix(d.Name(), tempPrefix) {
			if st, err := d.Info(); err == nil && time.Since(st.ModTime()) > time.Hour {
				_ = os.RemoveAll(o.dir)
			}
			continue
		}
		_ = filepath.WalkDir(o.dir, func(path string, f os.DirEntry, err error) error {
			if err != nil || f.IsDir() {
				return nil
			}
			if st, err := f.Info(); err == nil {
				o.size += st.Size()
				if f.Name() == metaFile {
					o.used = st.ModTime()
				}
			}
			return nil
		})
		total += o.size
		if o.dir != except {
			all = append(all, o)
		}
	}
	sort.Slice(all, func(a, b int) bool { return all[a].used.Before(all[b].used) })
	for _, o := range all {
		if total <= most {
			return
		}
		if os.RemoveAll(o.dir) == nil {
			total -= o.size
		}
	}
}
