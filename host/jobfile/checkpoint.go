package jobfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// Checkpoints is a folder in which a run keeps the last state it came to: a file that says which, CheckpointFile, and the pages of the
// state in a store beside it, of which each checkpoint writes those that changed. What a kill leaves is the checkpoint before or the
// whole new one.
type Checkpoints struct {
	dir   string
	store *store.Disk
	keep  *checkpoint.Keeper
	next  uint64 // number of the next owner of pages
	wrote int    // checkpoints of the owner at hand
}

// CheckpointFile is the file in the folder. It is there while there is something to go on from.
const CheckpointFile = "run.checkpoint"

const (
	pagesFolder = "pages"
	ownerPrefix = "run/"
	// tidyAfter is how many checkpoints' pages may gather before those that nothing needs any more are removed.
	tidyAfter = 64
)

var checkpointMagic = []byte("gwrun checkpoint 2\n")

// checkpointHead is all that stands in the file behind its first line.
type checkpointHead struct {
	Program   msg.Hash       `cbor:"1,keyasint"`
	Intervals []msg.Interval `cbor:"2,keyasint"`
	State     checkpoint.Ref `cbor:"3,keyasint"`
	Owner     uint64         `cbor:"4,keyasint"` // of the state's pages
}

// A Checkpoint is where a run may go on from.
type Checkpoint struct {
	Program   msg.Hash
	Intervals []msg.Interval
	State     *state.Snapshot
}

// Runtime is the checkpoint as the runtime takes it.
func (c *Checkpoint) Runtime() *runtime.Checkpoint {
	return &runtime.Checkpoint{State: c.State, Intervals: c.Intervals}
}

// OpenCheckpoints opens a folder, which is made if it is not there. One process at a time may have it.
func OpenCheckpoints(dir string) (*Checkpoints, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	s, err := store.Open(filepath.Join(dir, pagesFolder), store.Options{})
	if err != nil {
		return nil, err
	}
	return &Checkpoints{dir: dir, store: s}, nil
}

// Close lets go of the folder.
func (c *Checkpoints) Close() error { return c.store.Close() }

func (c *Checkpoints) file() string { return filepath.Join(c.dir, CheckpointFile) }

// Last reads the checkpoint that is there and checks its state against its last record; an error is fs.ErrNotExist if there is none.
func (c *Checkpoints) Last() (*Checkpoint, error) {
	f, err := openRegular(c.file())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	got, err := c.read(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.file(), plain(err))
	}
	return got, nil
}

func (c *Checkpoints) read(from io.Reader) (*Checkpoint, error) {
	if err := readMagic(from, checkpointMagic); err != nil {
		return nil, err
	}
	var head checkpointHead
	if err := readItem(from, &head); err != nil {
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: it ends after its first line", ErrFormat)
		}
		return nil, err
	}
	if len(head.Intervals) == 0 {
		return nil, fmt.Errorf("%w: a checkpoint without records", ErrFormat)
	}
	for i := range head.Intervals {
		if head.Intervals[i].Index != uint64(i) {
			return nil, fmt.Errorf("%w: record %d says that it is of interval %d", ErrFormat, i, head.Intervals[i].Index)
		}
	}
	if want := head.Intervals[len(head.Intervals)-1].State; head.State.Root != want {
		return nil, fmt.Errorf("%w: its state is %v, its last record has %v", ErrFormat, head.State.Root, want)
	}
	s, err := checkpoint.Load(c.store, head.State)
	if err != nil {
		return nil, err
	}
	c.next = max(c.next, head.Owner+1)
	return &Checkpoint{Program: head.Program, Intervals: head.Intervals, State: s}, nil
}

func ownerOf(n uint64) string { return fmt.Sprintf("%s%016x", ownerPrefix, n) }

// Write keeps a checkpoint instead of the one before.
func (c *Checkpoints) Write(p *Checkpoint) error {
	fresh := c.keep == nil || c.wrote >= tidyAfter
	if fresh {
		// All pages of this state get a new owner; the old ones can go once the file speaks of this one.
		c.keep, c.wrote = &checkpoint.Keeper{Pages: c.store, Owner: ownerOf(c.next)}, 0
		c.next++
	}
	ref, err := c.keep.Keep(p.State)
	if err != nil {
		return err
	}
	err = WriteFile(c.file(), func(w io.Writer) error {
		if _, err := w.Write(checkpointMagic); err != nil {
			return err
		}
		return writeItem(w, msg.Encode(checkpointHead{p.Program, p.Intervals, ref, c.next - 1}))
	})
	if err != nil {
		return err
	}
	if c.wrote++; fresh {
		return c.tidy()
	}
	return nil
}

// tidy removes the pages that the last checkpoint does not need.
func (c *Checkpoints) tidy() error {
	owners, err := c.store.Owners()
	if err != nil {
		return err
	}
	for _, o := range owners {
		if strings.HasPrefix(o, ownerPrefix) && o != c.keep.Owner {
			if err := c.store.Release(o); err != nil {
				return err
			}
		}
	}
	_, err = c.store.GC(0)
	return err
}

// Remove ends with the folder: there is nothing more to go on from.
func (c *Checkpoints) Remove() error {
	err := os.Remove(c.file())
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, c.store.Close(), os.RemoveAll(filepath.Join(c.dir, pagesFolder)))
}
