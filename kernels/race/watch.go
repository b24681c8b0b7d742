package race

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

// Watch is a device that looks at every dispatch for races before it passes it on. Kernels proven for all dispatches
// cost nothing; of the others it tries to prove each dispatch, and runs what it cannot prove on a Checker. Dispatches
// alike in all that the answer depends on are looked at once.
type Watch struct {
	kernels.Device
	// Every checks only one in so many of a kernel's dispatches that neither a proof nor an earlier one settles, after the
	// first 8; 0 and 1 check all.
	Every uint64
	// MaxSteps bounds the run of one dispatch on the Checker, see Dispatch.MaxSteps.
	MaxSteps uint64
	// OnProgress, if not nil, is told now and then how far the check of a dispatch is.
	OnProgress func(entry string, done, of uint64)

	order []*watched
	of    map[[32]byte]*watched
}

// NewWatch makes a watched device. Closing it closes d.
func NewWatch(d kernels.Device) *Watch {
	return &Watch{Device: d, of: map[[32]byte]*watched{}}
}

// Report is what a Watch saw of one kernel. Dispatches is the sum of Proven, Checked, Partly and Unchecked.
type Report struct {
	Entry  string
	Source string // the kernel's text
	Hash   [32]byte
	// Proof is that for all dispatches.
	Proof *Proof
	// Dispatches were made, and how the races of each were looked for.
	Dispatches uint64
	Proven     uint64 // by a proof, for all dispatches or for this one
	Checked    uint64 // run on the Checker, or just like one that was
	Partly     uint64 // run on it in part; Cut says why
	Unchecked  uint64 // passed over
	Cut        string
	Races      []Race
}

// Reports says what was seen of each kernel, in the order of their first dispatches.
func (w *Watch) Reports() []Report {
	var rs []Report
	for _, k := range w.order {
		r := k.report
		r.Races = slices.Clone(r.Races)
		sortRaces(r.Races)
		rs = append(rs, r)
	}
	return rs
}

// watched is one kernel.
type watched struct {
	k       *kernels.Kernel
	report  Report
	checker *Checker
	given   map[string][]*seen // by grid and lengths
	ran     map[[32]byte]*Result
	turn    uint64 // dispatches that asked for the Checker
}

// seen is a try to prove a dispatch, which depended on these words.
type seen struct {
	words  []wordAt
	proven bool
}

type wordAt struct {
	binding     int
	word, value uint32
}

// alwaysChecked is how many dispatches of a kernel are checked before Watch.Every counts.
const alwaysChecked = 8

// maxSeen bounds what is kept of one kernel.
const maxSeen = 1 << 14

// Dispatch looks at the dispatches and makes them. Those that need no look at buffers stay together in one call.
func (w *Watch) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	var gas uint64
	first := 0
	flush := func(end int) error {
		if first == end {
			return nil
		}
		g, err := w.Device.Dispatch(ctx, list[first:end]...)
		gas += g
		first = end
		return err
	}
	for n, d := range list {
		if d == nil || d.Pipeline == nil || kernels.CheckDispatch(d) != nil || slices.Contains(d.Workgroups[:], 0) {
			continue // the device says what is wrong, or does nothing
		}
		x := w.kernel(d.Pipeline.Kernel())
		x.report.Dispatches++
		if p := x.report.Proof; p.Verdict == Proven && flat(p, d.Workgroups) {
			x.report.Proven++
			continue
		}
		if err := flush(n); err != nil { // what is in the buffers matters from here on
			return gas, err
		}
		if err := w.look(ctx, x, d); err != nil {
			return gas, err
		}
	}
	return gas, flush(len(list))
}

func flat(p *Proof, grid [3]uint32) bool {
	for n, f := range p.Flat {
		if f && grid[n] > 1 {
			return false
		}
	}
	return true
}

func (w *Watch) kernel(k *kernels.Kernel) *watched {
	if x := w.of[k.Hash]; x != nil {
		return x
	}
	x := &watched{k: k, given: map[string][]*seen{}, ran: map[[32]byte]*Result{},
		report: Report{Entry: k.Entry, Source: k.Source, Hash: k.Hash, Proof: Prove(k.IR, nil)}}
	w.of[k.Hash] = x
	w.order = append(w.order, x)
	return x
}

// look settles a dispatch by a proof or by running it.
func (w *Watch) look(ctx context.Context, x *watched, d *kernels.Dispatch) error {
	c := &contents{device: w.Device, d: d, words: make([][]uint32, len(d.Bindings))}
	lengths := make([]uint32, len(d.Bindings))
	key := binary.LittleEndian.AppendUint32(nil, d.Workgroups[0])
	key = binary.LittleEndian.AppendUint32(key, d.Workgroups[1])
	key = binary.LittleEndian.AppendUint32(key, d.Workgroups[2])
	for n, b := range d.Bindings {
		lengths[n] = uint32(b.Size / 4)
		key = binary.LittleEndian.AppendUint32(key, lengths[n])
	}
	proven, err := x.prove(string(key), c, d.Workgroups, lengths)
	if err != nil {
		return err
	}
	if proven {
		x.report.Proven++
		return nil
	}
	if x.checker == nil {
		x.checker = NewChecker(x.k.IR)
	}
	sum, err := x.sum(key, c)
	if err != nil {
		return err
	}
	res := x.ran[sum]
	if res == nil {
		if x.turn++; x.turn > alwaysChecked && w.Every > 1 && x.turn%w.Every != 0 {
			x.report.Unchecked++
			return nil
		}
		run := &Dispatch{Workgroups: d.Workgroups, Words: lengths, Content: c.whole, GasLimit: d.GasLimit, MaxSteps: w.MaxSteps}
		if w.OnProgress != nil {
			run.OnProgress = func(done, of uint64) { w.OnProgress(x.k.Entry, done, of) }
		}
		res, err = x.checker.Run(ctx, run)
		if errors.Is(err, ErrGas) {
			res, err = &Result{Cut: err.Error()}, nil // the device says the same
		}
		if err != nil {
			return err
		}
		if len(x.ran) < maxSeen {
			x.ran[sum] = res
		}
		x.add(res.Races)
	}
	if res.Cut != "" {
		x.report.Partly++
		x.report.Cut = res.Cut
	} else {
		x.report.Checked++
	}
	return nil
}

// add notes races, one for each pair of places.
func (x *watched) add(races []Race) {
	for _, r := range races {
		at := slices.IndexFunc(x.report.Races, func(o Race) bool {
			return o.Object == r.Object && (o.First.Pos == r.First.Pos && o.Second.Pos == r.Second.Pos ||
				o.First.Pos == r.Second.Pos && o.Second.Pos == r.First.Pos)
		})
		if at < 0 {
			x.report.Races = append(x.report.Races, r)
		} else {
			x.report.Races[at].Count += r.Count
		}
	}
}

// prove tries to prove one dispatch.
func (x *watched) prove(key string, c *contents, grid [3]uint32, lengths []uint32) (bool, error) {
	if len(x.given[key]) > 0 {
		for _, s := range x.given[key] {
			same := true
			for _, at := range s.words {
				v, err := c.word(at.binding, at.word)
				if err != nil {
					return false, err
				}
				if same = v == at.value; !same {
					break
				}
			}
			if same {
				return s.proven, nil
			}
		}
	}
	s := &seen{}
	var failed error
	p := Prove(x.k.IR, &Given{Workgroups: grid, Words: lengths, Word: func(b int, n uint32) (uint32, bool) {
		if x.k.IR.Bindings[b].Access == ir.ReadWrite {
			return 0, false
		}
		v, err := c.word(b, n)
		if err != nil {
			failed = err
			return 0, false
		}
		if !slices.Contains(s.words, wordAt{b, n, v}) {
			s.words = append(s.words, wordAt{b, n, v})
		}
		return v, true
	}})
	if failed != nil {
		return false, failed
	}
	s.proven = p.Verdict == Proven
	if len(x.given[key]) < 64 && len(x.given) < maxSeen {
		x.given[key] = append(x.given[key], s)
	}
	return s.proven, nil
}

// sum is over all that the Checker's answer depends on.
func (x *watched) sum(key []byte, c *contents) (sum [32]byte, err error) {
	h := sha256.New()
	h.Write(key)
	buf := make([]byte, 4)
	for _, b := range x.checker.Reads() {
		words, err := c.whole(b)
		if err != nil {
			return sum, err
		}
		for _, v := range words {
			binary.LittleEndian.PutUint32(buf, v)
			h.Write(buf)
		}
	}
	h.Sum(sum[:0])
	return sum, nil
}

// contents reads the buffers of a dispatch, each at most once as a whole.
type contents struct {
	device kernels.Device
	d      *kernels.Dispatch
	words  [][]uint32
}

// small is the size in bytes of a binding that is read as a whole even for one word.
const small = 4096

func (c *contents) read(binding int, from, bytes uint64) ([]uint32, error) {
	b := c.d.Bindings[binding]
	p := make([]byte, bytes)
	if err := c.device.Read(b.Buffer, b.Offset+from, p); err != nil {
		return nil, err
	}
	words := make([]uint32, len(p)/4)
	for n := range words {
		words[n] = binary.LittleEndian.Uint32(p[4*n:])
	}
	return words, nil
}

func (c *contents) whole(binding int) ([]uint32, error) {
	size := c.d.Bindings[binding].Size
	if size > math.MaxUint32 {
		return nil, fmt.Errorf("race: binding of %d bytes", size)
	}
	if c.words[binding] == nil {
		words, err := c.read(binding, 0, size)
		if err != nil {
			return nil, err
		}
		c.words[binding] = words
	}
	return c.words[binding], nil
}

func (c *contents) word(binding int, n uint32) (uint32, error) {
	if c.words[binding] != nil || c.d.Bindings[binding].Size <= small {
		words, err := c.whole(binding)
		if err != nil {
			return 0, err
		}
		return words[n], nil
	}
	words, err := c.read(binding, 4*uint64(n), 4)
	if err != nil {
		return 0, err
	}
	return words[0], nil
}
