// Package cachefile keeps what was found out about devices, by a key, in a small JSON file of the user's cache folder. What
// is lost with it is only found out again, so a file that is absent, too large or makes no sense is an empty one.
package cachefile

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// File is such a file. Entries are of type T.
type File[T any] struct {
	// Path is where it lies; with "" nothing is kept.
	Path string
	// Bytes and Entries bound it.
	Bytes   int64
	Entries int
	// Valid says whether an entry that was read makes sense.
	Valid func(*T) bool
	// When is when an entry was made.
	When func(*T) time.Time
}

// Path gives where the file of that name lies: given, the user's cache folder if that is "", nowhere if it is none.
func Path(given, none, name string) string {
	switch given {
	case none:
		return ""
	case "":
		dir, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		return filepath.Join(dir, "gwrun", name)
	}
	return given
}

// Load reads the file, without the entries that make no sense.
func (f *File[T]) Load() map[string]*T {
	if f.Path == "" {
		return nil
	}
	if st, err := os.Stat(f.Path); err != nil || st.Size() > f.Bytes {
		return nil
	}
	b, err := os.ReadFile(f.Path)
	if err != nil || int64(len(b)) > f.Bytes {
		return nil
	}
	return f.Parse(b)
}

// Parse is Load of a file's text.
func (f *File[T]) Parse(b []byte) map[string]*T {
	var all map[string]*T
	if json.Unmarshal(b, &all) != nil {
		return nil
	}
	for k, e := range all {
		if e == nil || !f.Valid(e) {
			delete(all, k)
		}
	}
	return all
}

// Keep adds an entry, by way of a new file that replaces the old one at once: a reader sees one or the other. Of two writers
// at the same moment one may lose its entry.
func (f *File[T]) Keep(key string, e *T) error {
	if f.Path == "" {
		return nil
	}
	all := f.Load()
	if all == nil {
		all = map[string]*T{}
	}
	all[key] = e
	for len(all) > f.Entries {
		oldest := key
		for k, e := range all {
			if f.When(e).Before(f.When(all[oldest])) {
				oldest = k
			}
		}
		delete(all, oldest)
	}
	b, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	dir := filepath.Dir(f.Path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, filepath.Base(f.Path)+"-*.tmp")
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(b, '\n'))
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), f.Path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
