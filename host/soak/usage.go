package soak

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	goruntime "runtime"
	"runtime/debug"
	"strings"
)

// Usage is what this process holds at one moment.
type Usage struct {
	Goroutines int
	Heap       uint64 // live after a collection, bytes
	Resident   uint64 // bytes, without the files that are mapped: journals are, and have a record of every job; 0 where the system does not say
	Open       int    // file descriptors; 0 where the system does not say
}

// Measure collects garbage, gives what is free back to the system and looks at what is left.
func Measure() (Usage, error) {
	goruntime.GC() // finalizers run after the first
	debug.FreeOSMemory()
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	u := Usage{Goroutines: goruntime.NumGoroutine(), Heap: m.HeapAlloc}
	b, err := os.ReadFile("/proc/self/status")
	if errors.Is(err, fs.ErrNotExist) {
		return u, nil // not Linux
	}
	if err != nil {
		return u, err
	}
	_, rest, _ := strings.Cut(string(b), "RssAnon:")
	if _, err := fmt.Sscanf(rest, "%d kB", &u.Resident); err != nil {
		return u, fmt.Errorf("/proc/self/status: RssAnon %.20q: %w", rest, err)
	}
	u.Resident <<= 10
	open, err := os.ReadDir("/proc/self/fd")
	u.Open = len(open) - 1 // the folder itself
	return u, err
}

// Stored is what there is on the disk.
type Stored struct {
	Files    int
	Content  uint64 // bytes of what is named by its hash
	Index    uint64 // bytes of the tables of that
	Journals uint64 // bytes of the records of jobs
}

// Disk looks at the stores under dir.
func Disk(dir string) (Stored, error) {
	var s Stored
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone meanwhile
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		s.Files++
		size := uint64(info.Size())
		switch d.Name() {
		case "index.db":
			s.Index += size
		case "jobs.db":
			s.Journals += size
		default:
			s.Content += size
		}
		return nil
	})
	return s, err
}
