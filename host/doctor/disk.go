package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// leastFree is how much has to be free on a node's disk: a job's states may take that much before anybody could do something.
const leastFree = 2 << 30

// Disk looks at the folder of a node's store: whether it takes what is written and keeps it, and whether there is room. quota is the store's,
// 0 for none.
func Disk(dir string, quota uint64) Look {
	const name = "disk"
	return func(context.Context) []Finding {
		at, err := existing(dir)
		if err != nil {
			return []Finding{bad(name, "give another folder with --data DIR", "%v", err)}
		}
		took, err := durable(at)
		if err != nil {
			return []Finding{bad(name, "give this user the right to write there, make room, or give another folder with --data DIR", "%s: %v", at, err)}
		}
		free, err := freeSpace(at)
		if errors.Is(err, errors.ErrUnsupported) {
			return []Finding{ok(name, "%s takes writes (synced in %s); how much is free cannot be told here", at, took.Round(time.Microsecond))}
		}
		if err != nil {
			return []Finding{bad(name, "give another folder with --data DIR", "%v", err)}
		}
		text := fmt.Sprintf("%s takes writes (synced in %s), %s free", at, took.Round(time.Microsecond), size(free))
		if free < leastFree {
			return []Finding{bad(name, fmt.Sprintf("make room, or give another folder with --data DIR: want %s at least", size(leastFree)), "%s", text)}
		}
		if used := held(filepath.Join(dir, "store")); quota > 0 && quota > used+free {
			return []Finding{bad(name, fmt.Sprintf("give --quota %dGB, or make room", (used+free)*9/10/1e9), "%s, and the store holds %s: a quota of %s is more than there is", text, size(used), size(quota))}
		}
		if quota > 0 {
			text += ", quota " + size(quota)
		}
		return []Finding{ok(name, "%s", text)}
	}
}

// existing is a folder, or the nearest above it that there is: a node makes its own.
func existing(dir string) (string, error) {
	for at := filepath.Clean(dir); ; {
		info, err := os.Stat(at)
		switch {
		case err == nil && info.IsDir():
			return at, nil
		case err == nil:
			return "", fmt.Errorf("%s is not a folder", at)
		case !errors.Is(err, os.ErrNotExist):
			return "", err
		case filepath.Dir(at) == at:
			return "", err
		}
		at = filepath.Dir(at)
	}
}

// durable writes a file as the store does, and reads it again.
func durable(dir string) (took time.Duration, err error) {
	began := time.Now()
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	page := make([]byte, 64<<10)
	rand.Read(page)
	_, err = f.Write(page)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return 0, err
	}
	d, err := os.Open(dir)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return 0, err
	}
	back, err := os.ReadFile(f.Name())
	if err == nil && string(back) != string(page) {
		err = fmt.Errorf("%s came back different from what was written", f.Name())
	}
	return time.Since(began), err
}

// held is how many bytes the files of a folder have.
func held(dir string) (n uint64) {
	filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			n += uint64(info.Size())
		}
		return nil
	})
	return n
}

func size(n uint64) string { return fmt.Sprintf("%.1f GB", float64(n)/1e9) }
