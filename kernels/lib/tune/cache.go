package tune

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/gwrun/gwrun/kernels/lib"
)

// kept is an entry of the cache file.
type kept struct {
	Tile lib.Tile  `json:"tile"`
	Ms   float64   `json:"ms"`
	When time.Time `json:"when"`
}

const (
	cacheBytes   = 4 << 20
	cacheEntries = 2048
)

func (o *Options) path() string {
	switch o.Cache {
	case NoCache:
		return ""
	case "":
		dir, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		return filepath.Join(dir, "gwrun", "tiles.json")
	}
	return o.Cache
}

// load reads the cache file. One that is absent, too large or makes no sense is an empty one.
func load(path string) map[string]*kept {
	if path == "" {
		return nil
	}
	if st, err := os.Stat(path); err != nil || st.Size() > cacheBytes {
		return nil
	}
	b, err := os.ReadFile(path)
	var all map[string]*kept
	if err != nil || json.Unmarshal(b, &all) != nil {
		return nil
	}
	for k, e := range all {
		if e == nil || e.Tile == nil {
			delete(all, k)
		}
	}
	return all
}

// keep adds a choice to the cache file, by way of a new file that replaces it at once: a reader sees the old file or the new
// one. Of two writers at the same moment one may lose its entry, which then is found out again.
func keep(path, key string, t Timing) error {
	if path == "" {
		return nil
	}
	all := load(path)
	if all == nil {
		all = map[string]*kept{}
	}
	all[key] = &kept{t.Tile, float64(t.Time.Microseconds()) / 1000, time.Now().UTC()}
	for len(all) > cacheEntries {
		oldest := key
		for k, e := range all {
			if e.When.Before(all[oldest].When) {
				oldest = k
			}
		}
		delete(all, oldest)
	}
	b, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "tiles-*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
