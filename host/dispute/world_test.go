package dispute

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// world is an interval of a made-up job, wholly known: what an Account says of it is true of it.
type world struct {
	steps []*worldStep // [0] is empty
}

type worldStep struct {
	at     trace.StepPoint // after it
	points []worldPoint    // [0] is the beginning, the last the one before the step's end
}

type worldPoint struct {
	p       trace.Point
	buffers []worldBuffer
	writer  map[uint64]*[3]uint32 // of the command before it, by handle<<32|offset
	gas     []uint64
}

type worldBuffer struct {
	handle uint32
	data   []byte
	leaf   *msg.Hash // of its head, nil while it is not known
}

// lie is what a liar's world has otherwise than the true one, from one place on.
type lie struct {
	kind        string
	step, point int
	persist     bool // what comes after is the true world's but for what the lie changed; else all is different
}

var lieKinds = []string{"word", "gas", "transcript", "kernel gas", "state", "step missing", "step more", "point missing", "point more", "buffer more", "size", "receipt"}

func sum(parts ...any) msg.Hash { return sha256.Sum256([]byte(fmt.Sprint(parts...))) }

// build makes the world of a seed, with a lie in it if l is not nil.
func build(seed uint64, steps, points int, l *lie) *world {
	w := &world{steps: []*worldStep{{at: trace.Begin(nil)}}}
	var buffers []worldBuffer
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range 1 + r.IntN([]int{3, 3, 3, 70}[r.IntN(4)]) {
		buffers = append(buffers, worldBuffer{handle: uint32(3*i + 5), data: make([]byte, []int{4, 60, 4096, 9000, 4096 * 70}[r.IntN(5)])})
	}
	now := trace.Point{Transcript: trace.Start}
	salt, memory := 0, 0
	count := 1 + r.IntN(steps)
	if l != nil && l.kind == "step missing" {
		count = min(count, max(1, l.step-1))
	}
	if l != nil && l.kind == "step more" {
		count++
	}
	for s := 1; s <= count; s++ {
		rs := rand.New(rand.NewPCG(seed, uint64(s)+10)) // the same in all worlds
		here := l != nil && l.step == s
		n := 1 + rs.IntN(points)
		now.Call, now.Command = 0, 0
		st := &worldStep{points: []worldPoint{snap(now, buffers)}}
		if here && l.kind == "point missing" {
			n = max(1, n-1)
		}
		if here && l.kind == "point more" {
			n++
		}
		for p := 1; p < n; p++ {
			lies := here && l.point == p
			var wp worldPoint
			if rs.IntN(3) == 0 { // a host call
				now.Call, now.Command = now.Call+1, 0
				now.Gas += 10
				now.Transcript = sum(now.Transcript, "call", salt)
				wp = snap(now, buffers)
			} else { // a dispatch writes some words of one buffer
				now.Command++
				b := &buffers[rs.IntN(len(buffers))]
				b.data, b.leaf = slices.Clone(b.data), nil
				writers := map[uint64]*[3]uint32{}
				for range 1 + rs.IntN(3) {
					off := rs.IntN(len(b.data)/4) * 4
					binary.LittleEndian.PutUint32(b.data[off:], rs.Uint32()+uint32(salt))
					writers[uint64(b.handle)<<32|uint64(off)] = &[3]uint32{uint32(off / 4), 0, 0}
				}
				var gas []uint64
				for g := range 1 + rs.IntN(200) {
					more := uint64(rs.IntN(9))
					if lies && l.kind == "kernel gas" && g == 0 {
						more++
					}
					now.GPUGas += more
					gas = append(gas, now.GPUGas)
				}
				if lies && l.kind == "word" {
					// not drawn from rs, which all worlds share
					b.data[l.point%len(b.data)] ^= 1
				}
				wp = snap(now, buffers)
				wp.writer, wp.gas = writers, gas
			}
			if lies {
				switch l.kind {
				case "gas":
					now.Gas++
				case "transcript":
					now.Transcript = sum(now.Transcript, "lie")
				case "buffer more":
					buffers = append(slices.Clone(buffers), worldBuffer{handle: 1 << 20, data: make([]byte, 8)})
				case "size":
					i := len(buffers) / 2
					buffers = slices.Clone(buffers)
					buffers[i].data, buffers[i].leaf = append(slices.Clone(buffers[i].data), 0, 0, 0, 0), nil
				}
				g, wr := wp.gas, wp.writer
				wp = snap(now, buffers)
				wp.gas, wp.writer = g, wr
				if !l.persist {
					salt++
				}
			}
			st.points = append(st.points, wp)
		}
		if here && l.kind == "state" {
			memory++
		}
		now.Transcript = sum(now.Transcript, "end", s)
		st.at = trace.StepPoint{Step: uint64(s), State: sum(now.Buffers, memory, salt), Transcript: now.Transcript, Gas: now.Gas, GPUGas: now.GPUGas}
		w.steps = append(w.steps, st)
	}
	return w
}

// snap fixes what holds at a point.
func snap(p trace.Point, buffers []worldBuffer) worldPoint {
	heads := make([]msg.Hash, len(buffers))
	for i := range buffers {
		if buffers[i].leaf == nil {
			h := buffers[i].head().Leaf()
			buffers[i].leaf = &h
		}
		heads[i] = *buffers[i].leaf
	}
	p.Buffers = trace.BuffersRoot(uint64(len(heads)), merkle.Root(heads))
	return worldPoint{p: p, buffers: slices.Clone(buffers)}
}

func (b worldBuffer) head() trace.BufferHead {
	return trace.BufferHead{Handle: b.handle, Size: uint64(len(b.data)), Root: merkle.PageRoot(b.data, trace.PageSize)}
}

// record is the interval's, as the world has it.
func (w *world) record() msg.Interval {
	e := w.steps[len(w.steps)-1].at
	return msg.Interval{LastStep: e.Step, State: e.State, Transcript: e.Transcript, Gas: e.Gas, GPUGas: e.GPUGas}
}

func (w *world) Step(_ context.Context, n uint64) (*trace.StepPoint, error) {
	if n >= uint64(len(w.steps)) {
		return nil, nil
	}
	p := w.steps[n].at
	return &p, nil
}

// into is the step behind a place, and whether this world has it: a liar is asked about steps that its world lacks only if it was silly.
func (w *world) into(step uint64) (*worldStep, error) {
	if step+1 >= uint64(len(w.steps)) {
		return nil, fmt.Errorf("no step behind place %d", step)
	}
	return w.steps[step+1], nil
}

func (w *world) Points(_ context.Context, step uint64) (uint64, error) {
	s, err := w.into(step)
	if err != nil {
		return 0, err
	}
	return uint64(len(s.points)), nil
}

func (w *world) point(step, n uint64) (*worldPoint, error) {
	s, err := w.into(step)
	if err != nil {
		return nil, err
	}
	if n >= uint64(len(s.points)) {
		return nil, fmt.Errorf("no point %d", n)
	}
	return &s.points[n], nil
}

func (w *world) Point(_ context.Context, step, n uint64) (*trace.Point, error) {
	p, err := w.point(step, n)
	if err != nil {
		return nil, err
	}
	q := p.p
	return &q, nil
}

func (w *world) Buffers(_ context.Context, step, n uint64) ([]trace.BufferHead, error) {
	p, err := w.point(step, n)
	if err != nil {
		return nil, err
	}
	var out []trace.BufferHead
	for _, b := range p.buffers {
		out = append(out, b.head())
	}
	return out, nil
}

func (w *world) Buffer(_ context.Context, step, n uint64, handle uint32) ([]byte, error) {
	p, err := w.point(step, n)
	if err != nil {
		return nil, err
	}
	for _, b := range p.buffers {
		if b.handle == handle {
			return b.data, nil
		}
	}
	return nil, fmt.Errorf("no buffer %d", handle)
}

func (w *world) Writer(_ context.Context, step, n uint64, handle uint32, offset uint64) (*[3]uint32, error) {
	p, err := w.point(step, n)
	if err != nil {
		return nil, err
	}
	return p.writer[uint64(handle)<<32|offset], nil
}

func (w *world) Gas(_ context.Context, step, n uint64) ([]uint64, error) {
	p, err := w.point(step, n)
	if err != nil {
		return nil, err
	}
	return p.gas, nil
}

// verdict is what a judge who knows the true world finds of a question: who of the two says what is not so. It fails if what the
// question takes as agreed is not true.
func (w *world) verdict(q *Question) (wrong [2]bool, err error) {
	ctx := context.Background()
	step := q.Start.Step
	if s, _ := w.Step(ctx, step); s == nil || *s != q.Start {
		return wrong, fmt.Errorf("the agreed beginning %+v is not true", q.Start)
	}
	if q.Kind == Ended {
		s, _ := w.Step(ctx, step+1)
		for p := range wrong {
			wrong[p] = (s == nil) != q.Next[p].Over
		}
		return wrong, nil
	}
	if q.Kind == Closed {
		for p := range wrong {
			wrong[p] = !q.Next[p].Over
		}
		return wrong, nil
	}
	n := uint64(1)
	if q.At != nil {
		for n = 0; ; n++ {
			p, err := w.Point(ctx, step, n)
			if err != nil {
				return wrong, fmt.Errorf("the agreed point %+v is not true", *q.At)
			}
			if *p == *q.At && n > 0 {
				n++
				break
			}
		}
	}
	count, err := w.Points(ctx, step)
	if err != nil {
		return wrong, err
	}
	var truth Next
	switch {
	case n > count:
		truth.Over = true
	case n == count:
		truth.End, _ = w.Step(ctx, step+1)
	default:
		truth.Point, _ = w.Point(ctx, step, n)
	}
	switch q.Kind {
	case Guest:
		for p := range wrong {
			wrong[p] = !sameNext(q.Next[p], truth)
		}
	case Handles:
		for p := range wrong {
			wrong[p] = q.Next[p].Point.Buffers != truth.Point.Buffers
		}
	case Word:
		data, err := w.Buffer(ctx, step, n, q.After[provider].Handle)
		if err != nil {
			return wrong, err
		}
		at := q.Page*trace.PageSize + q.Offset
		for p := range wrong {
			wrong[p] = !bytes.HasPrefix(data[at:], q.Words[p])
		}
	case Workgroup:
		gas, _ := w.Gas(ctx, step, n)
		var before uint64
		if q.Group > 0 {
			before = gas[q.Group-1]
		} else if q.At != nil {
			before = q.At.GPUGas
		} else {
			before = q.Start.GPUGas
		}
		if before != q.GasBefore {
			return wrong, fmt.Errorf("the agreed gas %d is not true: %d", q.GasBefore, before)
		}
		for p := range wrong {
			wrong[p] = q.GasAfter[p] != gas[q.Group]
		}
	}
	return wrong, nil
}

func sameNext(a, b Next) bool {
	switch {
	case a.Over != b.Over, (a.End == nil) != (b.End == nil), (a.Point == nil) != (b.Point == nil):
		return false
	case a.End != nil:
		return *a.End == *b.End
	case a.Point != nil:
		return *a.Point == *b.Point
	}
	return true
}
