package cpu

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels/lib"
)

// rounds is how often each of the things compared is run, in turn.
const rounds = 5

// contender is one of several ways to do the same, and how long it took.
type contender struct {
	name  string
	run   func()
	times []time.Duration
}

var (
	begin = time.Now()
	clock = func() time.Duration { return time.Since(begin) }
)

// compare runs all contenders in turn, so that what else the machine does meets all alike.
func compare(list []*contender) {
	for _, c := range list {
		c.run() // makes instances, warms caches
	}
	for range rounds {
		for _, c := range list {
			start := clock()
			c.run()
			c.times = append(c.times, clock()-start)
		}
	}
}

func (c *contender) median() float64 {
	sort.Slice(c.times, func(i, j int) bool { return c.times[i] < c.times[j] })
	return c.times[len(c.times)/2].Seconds()
}

// libMatmul is the library's product of n by n matrices in its first tile.
func libMatmul(b *testing.B, n uint32, tile lib.Tile, o Options) *bench {
	op, err := lib.Get("matmul_f32")
	if err != nil {
		b.Fatal(err)
	}
	if tile == nil {
		tile = op.Tiles[0]
	}
	k, err := op.Kernel(tile, nil)
	if err != nil {
		b.Fatal(err)
	}
	params := map[string]uint32{"m": n, "n": n, "k": n, "batch": 1, "a_step": 0, "b_step": 0}
	words, err := op.Words(params)
	if err != nil {
		b.Fatal(err)
	}
	groups, err := op.Workgroups(params, tile)
	if err != nil {
		b.Fatal(err)
	}
	m := uint64(4 * n * n)
	return bound(b, k, o, groups, words, 32, m, m, uint64(4*n), m)
}

// BenchmarkMatmul compares products of f32 matrices with a tile written by hand in WebAssembly: medians of 5, side by side.
func BenchmarkMatmul(b *testing.B) {
	const n = 512
	var list []*contender
	add := func(name string, run func()) { list = append(list, &contender{name: name, run: run}) }
	for _, s := range [][2]uint32{{2, 4}, {2, 8}, {4, 4}} {
		run, _ := tile(b, n, s[0], s[1])
		add(fmt.Sprintf("yardstick, tile of %dx%d vectors", s[0], s[1]), run)
	}
	wgsl := func(name, file string, workers int, groups [3]uint32, params ...uint32) {
		x := open(b, read(b, file), Options{Workers: workers}, groups, params, 16, 4*n*n, 4*n*n, 4*n*n)
		add(name, func() { x.run(b) })
	}
	for workers := 1; workers <= 2; workers++ {
		with := [...]string{"", ", 1 worker", ", 2 workers"}[workers]
		x := libMatmul(b, n, nil, Options{Workers: workers})
		add("library"+with, func() { x.run(b) })
		wgsl("tile of 2x4"+with, "tile.wgsl", workers, [3]uint32{n / 64, n / 8, 1}, n, n, n)
		wgsl("naive"+with, "naive.wgsl", workers, [3]uint32{n / 16, n / 16, 1}, n)
		wgsl("workgroup memory"+with, "shared.wgsl", workers, [3]uint32{n / 16, n / 16, 1}, n)
	}
	for b.Loop() {
		compare(list)
	}
	find := func(name string) *contender {
		for _, c := range list {
			if c.name == name {
				return c
			}
		}
		return nil
	}
	yard := list[0]
	for _, c := range list[1:3] {
		if c.median() < yard.median() {
			yard = c
		}
	}
	library := find("library, 1 worker")
	fmt.Printf("\nf32 matmul %d^3%36s GFLOP/s  of best yardstick  of library\n", n, "")
	for _, c := range list {
		fmt.Printf("%-50s %7.2f %17.2f %11.2f\n", c.name, 2*n*n*n/c.median()/1e9, yard.median()/c.median(), library.median()/c.median())
	}
}
