package binding

import (
	"sort"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// rng is a small generator (Marsaglia's xorshift).
type rng uint64

func (r *rng) next() uint64 {
	if *r == 0 {
		*r = 88172645463325252
	}
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return uint64(*r)
}

func (r *rng) n(n int) int { return int(r.next() % uint64(n)) }

// nasty are arguments near every edge there is.
var nasty = []uint64{0, 1, 2, 3, 4, 7, 8, 12, 16, 64, 255, 256, 1024, 4096, freeAt, freeAt + 4, puppetPages<<16 - 4, puppetPages<<16 - 1, puppetPages << 16,
	1<<31 - 1, 1 << 31, 1<<32 - 8, 1<<32 - 4, 1<<32 - 1, 1 << 32, 1 << 63, 1<<64 - 1}

var allNames = func() (names []string) {
	for m, fs := range functions {
		for n := range fs {
			names = append(names, m+"."+n)
		}
	}
	sort.Strings(names)
	return names
}()

// abuse makes n calls of any import with any arguments, over memory full of small numbers, addresses and edges. A call
// may trap; the host must not fail, and what it counts must stay right.
func (p *puppet) abuse(r *rng, n int) {
	p.t.Helper()
	mem := p.mod.Memory()
	arg := func(t api.ValueType) uint64 {
		switch r.n(4) {
		case 0:
			return nasty[r.n(len(nasty))]
		case 1:
			return uint64(r.n(40)) // a handle, perhaps
		case 2:
			return uint64(freeAt + 8*r.n(4096)) // an address
		}
		return r.next()
	}
	for i := range n {
		if i%16 == 0 {
			for at := uint32(freeAt); at < freeAt+64<<10; at += 4 {
				var v uint32
				switch r.n(6) {
				case 0:
					v = uint32(nasty[r.n(len(nasty))])
				case 1:
					v = uint32(freeAt + 8*r.n(4096))
				case 2:
					v = uint32(r.n(40))
				case 3:
					v = uint32(r.n(5))
				}
				mem.WriteUint32Le(at, v)
			}
		}
		name := allNames[r.n(len(allNames))]
		m, f, _ := strings.Cut(name, ".")
		var args []uint64
		for _, t := range functions[m][f].params {
			args = append(args, arg(t))
		}
		if _, trap := p.try(name, args...); strings.HasPrefix(trap, "limit ") {
			break // a limit may be passed in the middle of something, and nothing of it is used after
		}
	}
	fresh := New(p.h.cfg)
	fresh.objects, fresh.state = p.h.objects, p.h.state
	if err := fresh.checkCounts(); err != nil {
		p.t.Fatalf("after %d calls: %v", n, err)
	}
	weight := 0
	for i := range p.h.state.Events {
		weight += p.h.state.Events[i].weight()
	}
	for handle, o := range p.h.objects {
		weight += o.weight()
		if err := fresh.checkObject(o); err != nil {
			p.t.Fatalf("after %d calls: %s: %v", n, p.h.name(handle), err)
		}
	}
	if weight != p.h.weight {
		p.t.Fatalf("after %d calls: everything weighs %d, noted were %d", n, weight, p.h.weight)
	}
	if n := len(p.h.State()); n > weight+64 {
		p.t.Fatalf("%d bytes of state weigh %d", n, weight)
	}
}

// Every import, with every edge in every argument.
func TestAbuse(t *testing.T) {
	g := newGPU(t, func(c *Config) { c.Limits.LogBytes, c.Limits.OutputBytes = 1<<20, 1<<20 })
	g.buffer("b", 256, usageStorage|usageCopyDst|usageCopySrc)
	g.buffer("m", 256, usageMapRead|usageCopyDst)
	p := g.pipeline(g.shader(doubler), 0, "main")
	g.do("wgpuComputePipelineGetBindGroupLayout", p, 0)
	for _, name := range allNames {
		m, f, _ := strings.Cut(name, ".")
		params := functions[m][f].params
		for i := range params {
			for _, v := range nasty {
				args := make([]uint64, len(params))
				for k := range args {
					args[k] = uint64(freeAt)
				}
				args[i] = v
				g.try(name, args...)
				if len(args) > 0 && i > 0 { // with each object there is
					for h := uint64(1); h <= 9; h++ {
						args[0] = h
						g.try(name, args...)
					}
				}
			}
		}
	}
	for seed := range rng(8) {
		g := newGPU(t, nil)
		g.buffer("b", 256, usageStorage|usageCopyDst|usageCopySrc)
		g.buffer("m", 256, usageMapRead|usageCopyDst)
		p := g.pipeline(g.shader(doubler), 0, "main")
		l := g.do("wgpuComputePipelineGetBindGroupLayout", p, 0)
		g.group(l, bindingOf{n: 0, buffer: 5})
		r := seed + 1
		g.abuse(&r, 4000)
	}
}

func FuzzCalls(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := newGPU(t, nil)
		r := rng(seed)
		g.abuse(&r, 500)
	})
}
