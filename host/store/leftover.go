package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// leftover is what is left of a blob whose fetch broke off. It counts against the quota, or whoever can have a node begin
// fetches could fill its disk; and it goes when room is needed, after what nobody pins, or when nobody has gone on for a week.
type leftover struct {
	bytes uint64
	since time.Time
}

// stale is how long a partial blob is kept that nobody goes on with.
const stale = 7 * 24 * time.Hour

// partialPath is where a partial blob is. The size is in the name: a wrong one, with which nothing can verify, does not spoil
// the right one.
func (d *Disk) partialPath(b msg.Blob) string {
	return filepath.Join(d.dir, "partial", fmt.Sprintf("%v-%d", b.Root, b.Size))
}

// parsePartial reads the name of a partial blob's file.
func parsePartial(name string) (b msg.Blob, err error) {
	root, size, _ := strings.Cut(name, "-")
	if b.Root, err = msg.ParseHash(root); err != nil {
		return b, err
	}
	b.Size, err = strconv.ParseUint(size, 10, 64)
	if err == nil && (checkBlob(b) != nil || inPack(b) || name != fmt.Sprintf("%v-%d", b.Root, b.Size)) {
		err = fmt.Errorf("store: %q is no partial blob's name", name)
	}
	return b, err
}

// findLeft takes stock of what is in partial/, when the store is opened. What cannot be gone on with goes.
func (d *Disk) findLeft() error {
	files, err := os.ReadDir(filepath.Join(d.dir, "partial"))
	if err != nil {
		return err
	}
	for _, e := range files {
		name := filepath.Join(d.dir, "partial", e.Name())
		b, err := parsePartial(e.Name())
		if err != nil { // a Put that was cut off, for one
			if err := os.Remove(name); err != nil {
				return err
			}
			continue
		}
		l, err := measure(name, b)
		if err != nil {
			return err
		}
		d.leave(b, l, 0)
	}
	return nil
}

// measure counts the chunks whose leaves have been written. Whether they are good is found out when the fetch goes on.
func measure(name string, b msg.Blob) (l leftover, err error) {
	f, err := os.Open(name)
	if err != nil {
		return l, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return l, err
	}
	l.since = fi.ModTime()
	leaves, err := readLeaves(f, b)
	if errors.Is(err, ErrCorrupt) {
		return l, nil // cut short: it begins anew
	}
	for i, h := range leaves {
		if h != (msg.Hash{}) {
			l.bytes += uint64(chunkLen(b, uint64(i)))
		}
	}
	return l, err
}

// leave counts a partial blob that is no longer open, if there is one, in place of the bytes that were reserved for it.
func (d *Disk) leave(b msg.Blob, l leftover, reserved uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reserved -= reserved
	if l != (leftover{}) {
		d.left += l.bytes
		d.leftover[b] = l
	}
}

// takeUp stops counting one that is opened again.
func (d *Disk) takeUp(b msg.Blob) leftover {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.leftover[b]
	d.left -= l.bytes
	delete(d.leftover, b)
	return l
}

// dropLeft removes leftovers, the oldest first, until want bytes are gone or there are none.
func (d *Disk) dropLeft(want uint64) error {
	for freed := uint64(0); freed < want; {
		n, ok, err := d.dropOldest(nil)
		if !ok || err != nil {
			return err
		}
		freed += n
	}
	return nil
}

// dropStale removes leftovers that nobody has gone on with for long.
func (d *Disk) dropStale() error {
	old := d.now().Add(-stale)
	for {
		if _, ok, err := d.dropOldest(&old); !ok || err != nil {
			return err
		}
	}
}

// dropOldest removes one leftover, with before only one older than that.
func (d *Disk) dropOldest(before *time.Time) (freed uint64, ok bool, err error) {
	b, l, ok := d.oldest(before)
	if !ok {
		return 0, false, nil
	}
	defer d.unclaim(b)
	if err := os.Remove(d.partialPath(b)); err != nil && !errors.Is(err, os.ErrNotExist) {
		d.leave(b, l, 0)
		return 0, false, err
	}
	return l.bytes, true, nil
}

// oldest takes the oldest leftover out, so that no fetch goes on with it.
func (d *Disk) oldest(before *time.Time) (oldest msg.Blob, l leftover, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for b, o := range d.leftover {
		if !d.arriving[b.Root] && (!ok || o.since.Before(l.since)) {
			oldest, l, ok = b, o, true
		}
	}
	if !ok || before != nil && !l.since.Before(*before) {
		return oldest, l, false
	}
	d.left -= l.bytes
	delete(d.leftover, oldest)
	d.arriving[oldest.Root] = true
	return oldest, l, true
}
