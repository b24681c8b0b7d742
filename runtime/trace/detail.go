package trace

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/gwrun/gwrun/proto/msg"
)

// PageSize is the page of buffer roots and locators, the same as a state's.
const PageSize = 4096

// Bounds of a Detail.
const (
	maxBytes = 7 << 20 // of calls in one interval, as encoded; later ones are left out and Step.Cut is set
	maxSums  = 4 << 20 // bytes of locators in one interval; later dispatches have roots alone
	maxText  = 256     // bytes of a name or label
)

// Detail is the account of one interval: what a dispute needs to find the first difference.
type Detail struct {
	Version  uint   `cbor:"1,keyasint"`
	Interval uint64 `cbor:"2,keyasint"`
	Steps    []Step `cbor:"3,keyasint"`
}

// Step is one step: its host calls in order and what held after it.
type Step struct {
	Step   uint64   `cbor:"1,keyasint"` // counted from 1
	Calls  []Call   `cbor:"2,keyasint"`
	Cut    bool     `cbor:"3,keyasint,omitempty"` // there were more calls than a Detail holds
	How    string   `cbor:"4,keyasint"`           // see StepEnd
	State  msg.Hash `cbor:"5,keyasint"`           // root after the step
	Gas    uint64   `cbor:"6,keyasint"`           // used since the job began
	GPUGas uint64   `cbor:"7,keyasint"`
}

// Call is one host call. Its index is its place in Step.Calls.
type Call struct {
	Function   string     `cbor:"1,keyasint"`
	Hash       msg.Hash   `cbor:"2,keyasint"`           // its entry in the transcript, see Entry
	Gas        uint64     `cbor:"3,keyasint"`           // WASM gas used when it returned
	Dispatches []Dispatch `cbor:"4,keyasint,omitempty"` // of a submit, in order
}

// Dispatch is one dispatch and what it wrote.
type Dispatch struct {
	Kernel     msg.Hash  `cbor:"1,keyasint"`
	Entry      string    `cbor:"2,keyasint"`
	Workgroups [3]uint32 `cbor:"3,keyasint"`
	Writes     []Write   `cbor:"4,keyasint"` // one for each writable binding, in the kernel's order
}

// Write is the range of a buffer that a writable binding covers, after the dispatch.
type Write struct {
	Binding string   `cbor:"1,keyasint"` // see BindingName
	Buffer  string   `cbor:"2,keyasint"` // the buffer's label, or "buffer N"
	Offset  uint64   `cbor:"3,keyasint"` // of the range in the buffer, bytes
	Size    uint64   `cbor:"4,keyasint"`
	Root    msg.Hash `cbor:"5,keyasint"` // over pages of 4 KiB of the range
	// Sums has a locator for each page, or is empty where the Detail would grow too large.
	Sums []byte `cbor:"6,keyasint"`
}

// BindingName names a binding of the n-th dispatch (from 0) of one host call: "G.B" for the first, "G.B#n" after it.
func BindingName(n int, group, binding uint32) string {
	s := strconv.FormatUint(uint64(group), 10) + "." + strconv.FormatUint(uint64(binding), 10)
	if n > 0 {
		s += "#" + strconv.Itoa(n)
	}
	return s
}

// DispatchIndex gives the n that BindingName was given.
func DispatchIndex(name string) (int, error) {
	_, n, ok := strings.Cut(name, "#")
	if !ok {
		return 0, nil
	}
	i, err := strconv.Atoi(n)
	if err != nil || i < 1 || strconv.Itoa(i) != n {
		return 0, fmt.Errorf("trace: binding %.40q: the number of its dispatch is no positive number", name)
	}
	return i, nil
}

// locatorSize is the length of one page's locator.
const locatorSize = 12

// Sums computes the locators of data: for each page the sum of its words modulo 2^32 and the sum of index times word
// modulo 2^64, both little-endian. Two pages that differ in one word have locators that say which word and by how much.
func Sums(data []byte) []byte {
	out := make([]byte, 0, (len(data)+PageSize-1)/PageSize*locatorSize)
	for at := 0; at < len(data); at += PageSize {
		page := data[at:min(at+PageSize, len(data))]
		var sum uint32
		var weighted uint64
		for i := 0; i+4 <= len(page); i += 4 {
			w := binary.LittleEndian.Uint32(page[i:])
			sum += w
			weighted += uint64(i/4) * uint64(w)
		}
		out = binary.LittleEndian.AppendUint32(out, sum)
		out = binary.LittleEndian.AppendUint64(out, weighted)
	}
	return out
}

// Locate compares the locators of page with those of another version of it, data being ours. If one word differs it
// gives the byte offset of that word in the page and its value in the other version.
func Locate(data []byte, theirs []byte) (offset int, word uint32, ok bool) {
	ours := Sums(data)
	if len(ours) != locatorSize || len(theirs) != locatorSize {
		return 0, 0, false
	}
	d := binary.LittleEndian.Uint32(theirs) - binary.LittleEndian.Uint32(ours)
	w := binary.LittleEndian.Uint64(theirs[4:]) - binary.LittleEndian.Uint64(ours[4:])
	if d == 0 {
		return 0, 0, false
	}
	for i := 0; i+4 <= len(data); i += 4 {
		was := binary.LittleEndian.Uint32(data[i:])
		now := was + d
		// The words differ by d modulo 2^32; as integers, by now-was.
		if uint64(i/4)*(uint64(now)-uint64(was)) == w {
			return i, now, true
		}
	}
	return 0, 0, false
}

// PageSum is the locator of page i in the result of Sums, nil if there is none.
func PageSum(sums []byte, i int) []byte {
	if i < 0 || (i+1)*locatorSize > len(sums) {
		return nil
	}
	return sums[i*locatorSize : (i+1)*locatorSize]
}

// Encode gives the detail's encoding.
func (d *Detail) Encode() []byte { return msg.Encode(d) }

// Decode reads a Detail and checks its bounds and order; it does not check it against a record, see Matches.
func Decode(b []byte) (*Detail, error) {
	d := new(Detail)
	if err := msg.Decode(b, d); err != nil {
		return nil, err
	}
	if d.Version != 1 {
		return nil, fmt.Errorf("%w: detail version %d, wanted 1", msg.ErrDecode, d.Version)
	}
	for i := range d.Steps {
		s := &d.Steps[i]
		if i > 0 && s.Step != d.Steps[i-1].Step+1 {
			return nil, fmt.Errorf("%w: detail: step %d after step %d", msg.ErrDecode, s.Step, d.Steps[i-1].Step)
		}
		for k := range s.Calls {
			c := &s.Calls[k]
			if len(c.Function) > maxText {
				return nil, fmt.Errorf("%w: detail: step %d, call %d: a function name of %d bytes", msg.ErrDecode, s.Step, k, len(c.Function))
			}
			for n := range c.Dispatches {
				for _, w := range c.Dispatches[n].Writes {
					pages := w.Size / PageSize
					if w.Size%PageSize != 0 {
						pages++
					}
					if len(w.Sums) != 0 && (len(w.Sums)%locatorSize != 0 || uint64(len(w.Sums)/locatorSize) != pages) {
						return nil, fmt.Errorf("%w: detail: step %d, call %d, binding %.20q: %d bytes of locators for %d pages",
							msg.ErrDecode, s.Step, k, w.Binding, len(w.Sums), pages)
					}
				}
			}
		}
	}
	return d, nil
}

// Matches reports how a detail contradicts the record it belongs to, nil if it does not. first is the number of the
// interval's first step.
func (d *Detail) Matches(rec msg.Interval, first uint64) error {
	if d.Interval != rec.Index {
		return fmt.Errorf("the detail is of interval %d, the record of %d", d.Interval, rec.Index)
	}
	if len(d.Steps) == 0 {
		return fmt.Errorf("the detail has no steps")
	}
	last := &d.Steps[len(d.Steps)-1]
	if d.Steps[0].Step != first || last.Step != rec.LastStep {
		return fmt.Errorf("the detail has steps %d to %d, the record %d to %d", d.Steps[0].Step, last.Step, first, rec.LastStep)
	}
	if last.State != rec.State {
		return fmt.Errorf("the detail ends in state %v, the record says %v", last.State, rec.State)
	}
	if last.Gas != rec.Gas || last.GPUGas != rec.GPUGas {
		return fmt.Errorf("the detail ends with gas %d and %d, the record says %d and %d", last.Gas, last.GPUGas, rec.Gas, rec.GPUGas)
	}
	var t Transcript
	t.Reset()
	for i := range d.Steps {
		s := &d.Steps[i]
		if s.Cut {
			return nil // the rest of the chain cannot be followed
		}
		for k := range s.Calls {
			if !wellFormed(s.Calls[k].Hash) {
				return fmt.Errorf("the detail's call %d of step %d has %v, which is no entry of a transcript", k, s.Step, s.Calls[k].Hash)
			}
			t.Add(s.Calls[k].Hash)
		}
		t.EndStep(s.Step, s.How)
	}
	if sum := t.Sum(); sum != rec.Transcript {
		return fmt.Errorf("the detail's calls give transcript %v, the record says %v", sum, rec.Transcript)
	}
	return nil
}

// Recorder collects the detail of a run, interval by interval. The zero value is ready to use.
type Recorder struct {
	// Sink, if set, is given each finished interval's detail, and nothing is kept.
	Sink func(*Detail) error

	mu    sync.Mutex
	kept  map[uint64]*Detail
	now   *Detail
	bytes int
	sums  int
}

// Interval gives the kept detail of an interval, nil if there is none.
func (r *Recorder) Interval(i uint64) *Detail {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept[i]
}

// Begin starts an interval.
func (r *Recorder) Begin(interval uint64) {
	r.now, r.bytes, r.sums = &Detail{Version: 1, Interval: interval}, 0, 0
}

// BeginStep starts a step.
func (r *Recorder) BeginStep(step uint64) {
	r.now.Steps = append(r.now.Steps, Step{Step: step, Calls: []Call{}})
}

// Call adds a host call to the step.
func (r *Recorder) Call(c Call) {
	s := &r.now.Steps[len(r.now.Steps)-1]
	bytes := 96 + len(c.Function)
	for i := range c.Dispatches {
		bytes += 96 + len(c.Dispatches[i].Entry)
		for k := range c.Dispatches[i].Writes {
			bytes += 128 + len(c.Dispatches[i].Writes[k].Buffer)
		}
	}
	if s.Cut || r.bytes+bytes > maxBytes {
		s.Cut = true
		return
	}
	r.bytes += bytes
	for i := range c.Dispatches {
		for k := range c.Dispatches[i].Writes {
			w := &c.Dispatches[i].Writes[k]
			if r.sums+len(w.Sums) > maxSums {
				w.Sums = nil
			}
			r.sums += len(w.Sums)
		}
	}
	s.Calls = append(s.Calls, c)
}

// EndStep closes the step.
func (r *Recorder) EndStep(how string, state msg.Hash, gas, gpuGas uint64) {
	s := &r.now.Steps[len(r.now.Steps)-1]
	s.How, s.State, s.Gas, s.GPUGas = how, state, gas, gpuGas
}

// End closes the interval.
func (r *Recorder) End() error {
	d := r.now
	r.now = nil
	if r.Sink != nil {
		return r.Sink(d)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = map[uint64]*Detail{}
	}
	r.kept[d.Interval] = d
	return nil
}
