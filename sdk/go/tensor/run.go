package tensor

import (
	"fmt"
	"strings"

	"github.com/gwrun/gwrun/sdk/go/lib"
	"github.com/gwrun/gwrun/sdk/go/raw"
	"github.com/gwrun/gwrun/sdk/go/wgpu"
)

const (
	// slot is how far apart what is bound has to begin.
	slot = 256
	// slots are the dispatches that one submit may hold: each has its parameters in a place of its own.
	slots = 256
	// mostGroups is WebGPU's limit on the workgroups of a dimension.
	mostGroups = 65535
)

// queue is what waits to be submitted.
var queue struct {
	commands  *wgpu.Commands
	params    *wgpu.Buffer // slots of parameters
	used      int
	nothing   *wgpu.Buffer // a word, bound where a kernel reads nothing
	pipelines map[string]*wgpu.Pipeline
}

func open() *wgpu.Commands {
	d := wgpu.Open()
	if queue.params == nil {
		queue.params = d.NewBuffer("params", slots*slot, raw.BufferUsageUniform|raw.BufferUsageCopyDst)
		queue.nothing = d.NewBuffer("nothing", 4, wgpu.Storage)
		queue.pipelines = map[string]*wgpu.Pipeline{}
	}
	if queue.commands == nil {
		queue.commands = d.Begin()
	}
	return queue.commands
}

// Flush submits what is queued. Reading and writing do it too.
func Flush() {
	if queue.commands != nil {
		queue.commands.Submit()
		queue.commands, queue.used = nil, 0
	}
}

// Run queues any kernel of the library. Tensors stand in the order of its bindings; nil is a word that the kernel does not
// look at. Values of the tile change its speed, never its result.
func Run(k lib.Kernel, tensors []*Tensor, tile ...lib.Constant) {
	op := k.Op()
	if len(tensors) != len(op.Bindings) {
		fail(op.Name, "%d tensors, want %d: %s", len(tensors), len(op.Bindings), bindings(op))
	}
	tiles := append([]lib.Constant(nil), op.Tile...)
	for _, c := range tile {
		i := 0
		for i < len(tiles) && tiles[i].Name != c.Name {
			i++
		}
		if i == len(tiles) || !(c.Value >= 0 && c.Value < 1<<32) {
			fail(op.Name, "%s=%v is no value of its tile, which is %v", c.Name, c.Value, op.Tile)
		}
		tiles[i].Value = c.Value
	}
	values := make([]uint32, len(tiles))
	for i, c := range tiles {
		values[i] = uint32(c.Value)
	}
	words := k.Words()
	groups := op.Grid(words, values)
	for i, n := range groups {
		if n > mostGroups {
			fail(op.Name, "%d workgroups in dimension %d, want at most %d: cut the work", n, i, mostGroups)
		}
	}
	if queue.used == slots {
		Flush()
	}
	open()
	p := pipeline(op, append(k.Constants(), tiles...))

	at := uint64(queue.used) * slot
	queue.used++
	wgpu.WriteWords(queue.params, at, words)
	ranges := []wgpu.Range{{Buffer: queue.params, Offset: at, Size: (4*uint64(len(words)) + 15) &^ 15}}
	var moved []move
	for i, t := range tensors {
		if t == nil {
			ranges = append(ranges, wgpu.Range{Buffer: queue.nothing})
			continue
		}
		t.live(op.Name)
		r := wgpu.Range{Buffer: t.memory.buffer, Offset: t.offset, Size: 4 * uint64(t.Count())}
		if r.Offset%slot != 0 || clashes(op, tensors, i) {
			m := move{r, wgpu.Open().NewBuffer("copy", r.Size, wgpu.Storage), op.Bindings[i].Writable}
			queue.commands.Copy(m.to, 0, r.Buffer, r.Offset, r.Size)
			moved = append(moved, m)
			r = wgpu.Range{Buffer: m.to}
		}
		ranges = append(ranges, r)
	}
	g := wgpu.Open().NewGroup(p, ranges...)
	queue.commands.Dispatch(p, g, uint32(groups[0]), uint32(groups[1]), uint32(groups[2]))
	g.Release()
	for _, m := range moved {
		if m.back {
			queue.commands.Copy(m.from.Buffer, m.from.Offset, m.to, 0, m.from.Size)
		}
		m.to.Release()
	}
}

// clashes reports whether tensor i shares its buffer with another that the kernel writes, which WebGPU does not allow: then
// what the kernel reads is what was there before, and of several that it writes the last stays.
func clashes(op *lib.Op, tensors []*Tensor, i int) bool {
	for j, t := range tensors {
		if j != i && t != nil && t.memory == tensors[i].memory && op.Bindings[j].Writable && (j < i || !op.Bindings[i].Writable) {
			return true
		}
	}
	return false
}

// move is a tensor that can't be bound where it is, and the copy that is bound instead.
type move struct {
	from wgpu.Range
	to   *wgpu.Buffer
	back bool
}

func bindings(op *lib.Op) string {
	var names []string
	for _, b := range op.Bindings {
		names = append(names, b.Name)
	}
	return strings.Join(names, ", ")
}

// pipeline is compiled once for a kernel and its constants.
func pipeline(op *lib.Op, constants []lib.Constant) *wgpu.Pipeline {
	key := op.Name + fmt.Sprint(constants)
	p := queue.pipelines[key]
	if p == nil {
		all := make([]wgpu.Constant, len(constants))
		for i, c := range constants {
			all[i] = wgpu.Constant(c)
		}
		p = wgpu.Open().NewPipeline(op.Source, op.Name, all...)
		queue.pipelines[key] = p
	}
	return p
}

// run is Run without a tile.
func run(k lib.Kernel, tensors ...*Tensor) { Run(k, tensors) }
