package tune

import (
	"time"

	"github.com/gwrun/gwrun/kernels/cachefile"
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

func (o *Options) path() string { return cachefile.Path(o.Cache, NoCache, "tiles.json") }

func file(path string) *cachefile.File[kept] {
	return &cachefile.File[kept]{Path: path, Bytes: cacheBytes, Entries: cacheEntries,
		Valid: func(e *kept) bool { return e.Tile != nil }, When: func(e *kept) time.Time { return e.When }}
}

// load reads the cache file.
func load(path string) map[string]*kept { return file(path).Load() }

// keep adds a choice to the cache file.
func keep(path, key string, t Timing) error {
	return file(path).Keep(key, &kept{t.Tile, float64(t.Time.Microseconds()) / 1000, time.Now().UTC()})
}
