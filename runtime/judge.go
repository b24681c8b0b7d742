package runtime

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Ruling is what a judge found of a question.
type Ruling struct {
	// Wrong says of the provider and the challenger whether what it says is not so. Both may be wrong, and where both are right there
	// was no dispute.
	Wrong  [2]bool
	Reason string
}

// Judge computes what is left of a dispute about a job, and no more: from the state before the step it runs the guest, without any
// kernel, to the place where the parties part, and there one host call, one command, or one workgroup. It needs no device. Errors
// that wrap ErrProof say that the proof is not one.
func Judge(ctx context.Context, job *Job, q *trace.Question, proof *Proof) (*Ruling, error) {
	j := &judge{job: job, q: q, proof: proof}
	switch q.Kind {
	case trace.KindClosed:
		r := &Ruling{Reason: "the step ends where both say it does"}
		for p := range r.Wrong {
			r.Wrong[p] = !q.Next[p].Over
		}
		return r, nil
	case trace.KindEnded:
		return j.ended()
	case trace.KindReceipt:
		return j.receipt()
	}
	defer func() {
		if j.s != nil {
			j.s.close()
		}
	}()
	if err := j.run(ctx); err != nil {
		return nil, err
	}
	switch q.Kind {
	case trace.KindGuest:
		return j.guest(ctx)
	case trace.KindHandles:
		return j.handles()
	case trace.KindWord:
		return j.word(ctx)
	case trace.KindWorkgroup:
		return j.workgroup(ctx)
	}
	return nil, refused("a question of kind %q", q.Kind)
}

type judge struct {
	job   *Job
	q     *trace.Question
	proof *Proof
	s     *session
	dev   *provenDevice
	pages *pagesOf
	event *binding.DispatchEvent // of the command behind the point
	next  trace.Next             // what is behind the point; Buffers of a point left zero
	// whole is set where the step ended without another host call or command.
	whole bool
}

// state puts the state before the step together, its buffers left out. It is nil before a job's first step.
func (j *judge) state() (*state.Snapshot, error) {
	if j.q.Start.State == (msg.Hash{}) {
		if j.q.Start.Step != 0 {
			return nil, refused("no state is known before step %d", j.q.Start.Step+1)
		}
		return nil, nil
	}
	pages := make(map[msg.Hash][]byte, len(j.proof.Pages))
	for _, p := range j.proof.Pages {
		pages[merkle.Leaf(p)] = p
	}
	from, err := state.AssemblePart(j.proof.Manifest, j.q.Start.State, wanted(j.q),
		func(h msg.Hash) ([]byte, error) {
			if p, ok := pages[h]; ok {
				return p, nil
			}
			return nil, errors.New("is missing")
		})
	if err != nil {
		return nil, refused("%v", err)
	}
	return from, nil
}

// wanted says which sections of the state a question needs.
func wanted(q *trace.Question) func(section string) bool {
	if q.Kind == trace.KindReceipt || q.Kind == trace.KindEnded {
		return func(name string) bool { return name == secRun || strings.HasPrefix(name, secOutput) }
	}
	return func(name string) bool { return !strings.HasPrefix(name, secBuffer) }
}

// receipt says whether a receipt's status and outputs are those of the last state.
func (j *judge) receipt() (*Ruling, error) {
	from, err := j.state()
	if err != nil {
		return nil, err
	}
	if from == nil {
		return nil, refused("a receipt without a state")
	}
	status, over := Ended(from)
	claimed := j.q.Receipt
	r := &Ruling{Reason: "status and outputs are those of the last state"}
	switch real := Outputs(from); {
	case !over:
		r.Reason = "the job is not over in its last state"
	case status != claimed.Status || status == msg.Failed && failure(from) != claimed.Failure || status == msg.Finished && claimed.Failure != "":
		r.Reason = fmt.Sprintf("the last state says %s %s", status, failure(from))
	case !slices.Equal(real, claimed.Outputs):
		r.Reason = fmt.Sprintf("the last state has outputs %v", real)
	default:
		r.Wrong[1] = true
		return r, nil
	}
	r.Wrong[0] = true
	return r, nil
}

// ended says whether the job was over in the state before the step.
func (j *judge) ended() (*Ruling, error) {
	from, err := j.state()
	if err != nil {
		return nil, err
	}
	over := false
	if from != nil {
		_, over = Ended(from)
	}
	r := &Ruling{Reason: "the job goes on in that state"}
	if over {
		r.Reason = "the job is over in that state"
	}
	for p := range r.Wrong {
		r.Wrong[p] = j.q.Next[p].Over != over
	}
	return r, nil
}

// run goes to the point, checks it against what was agreed on, and does what comes behind it.
func (j *judge) run(ctx context.Context) error {
	from, err := j.state()
	if err != nil {
		return err
	}
	j.dev = &provenDevice{proof: j.proof}
	opts := Options{Device: j.dev}
	reached := false
	opts.point = func(s *session, call, command uint64) error {
		if reached {
			j.next.Point = &trace.Point{Call: call, Command: command, Transcript: s.host.Transcript.Sum(), Gas: s.gasUsed(), GPUGas: s.gpuGasUsed()}
			return errStop
		}
		if at := j.q.At; at != nil && call == at.Call && command == at.Command {
			reached = true
			if s.host.Transcript.Sum() != at.Transcript || s.gasUsed() != at.Gas || s.gpuGasUsed() != at.GPUGas {
				return refused("it comes to the point with transcript %v and gas %d and %d, agreed were %v, %d and %d",
					s.host.Transcript.Sum(), s.gasUsed(), s.gpuGasUsed(), at.Transcript, at.Gas, at.GPUGas)
			}
			return j.arrive(s, at.Buffers)
		}
		return nil
	}
	opts.before = func(_ uint64, e *binding.DispatchEvent) error {
		if reached {
			j.event = e
		}
		return nil
	}
	if j.s, err = newSession(ctx, j.job, nil, opts); err != nil {
		return err
	}
	s := j.s
	if from != nil {
		if err := s.load(ctx, from); errors.Is(err, binding.ErrState) {
			return refused("%v", err)
		} else if err != nil {
			return err // it is this machine's, and says nothing about the proof
		}
	}
	if start := (trace.StepPoint{Step: s.step, State: j.q.Start.State, Transcript: j.q.Start.Transcript, Gas: s.gasUsed(), GPUGas: s.gpuGasUsed()}); start != j.q.Start {
		return refused("the state is of %s, agreed was %s", summary(start.Step, start.Gas, start.GPUGas), summary(j.q.Start.Step, j.q.Start.Gas, j.q.Start.GPUGas))
	}
	s.host.Transcript.Resume(j.q.Start.Transcript)
	if j.q.At == nil {
		reached = true
		if err := j.arriveAtStart(s, from); err != nil {
			return err
		}
	}
	err = s.advance(ctx)
	switch {
	case errors.Is(err, errStop), errors.Is(err, errDispatch):
		return nil
	case err != nil:
		return err
	case !reached:
		return refused("the step is over before it comes to host call %d, command %d", j.q.At.Call, j.q.At.Command)
	}
	j.whole = true
	return nil
}

// arrive makes the device one that reads from proven pages.
func (j *judge) arrive(s *session, buffers msg.Hash) (err error) {
	if j.pages, err = j.proof.check(buffers); err != nil {
		return err
	}
	j.dev.live, j.dev.pages, j.dev.handle = true, j.pages, s.host.HandleOf
	return nil
}

// arriveAtStart is arrive where nothing has happened in the step: the buffers' heads are those of the state.
func (j *judge) arriveAtStart(s *session, from *state.Snapshot) error {
	var leaves []msg.Hash
	if from != nil {
		for _, h := range from.Heads() {
			if hex, ok := strings.CutPrefix(h.Name, secBuffer); ok {
				handle, err := bufferHandle(hex)
				if err != nil {
					return refused("%v", err)
				}
				leaves = append(leaves, trace.BufferHead{Handle: handle, Size: h.Size, Root: h.Root}.Leaf())
			}
		}
	}
	return j.arrive(s, trace.BuffersRoot(uint64(len(leaves)), merkle.Root(leaves)))
}

// guest says which party is right about what comes next, buffers apart.
func (j *judge) guest(ctx context.Context) (*Ruling, error) {
	r := &Ruling{}
	if j.whole {
		end, err := j.end()
		if err != nil {
			return nil, err
		}
		r.Reason = fmt.Sprintf("the step ends there: %s", j.s.how)
		for p := range r.Wrong {
			r.Wrong[p] = j.q.Next[p].End == nil || *j.q.Next[p].End != *end
		}
		return r, nil
	}
	if j.event != nil && j.next.Point == nil {
		return j.command(ctx)
	}
	truth := *j.next.Point
	r.Reason = fmt.Sprintf("host call %d comes next, with transcript %v, gas %d and kernel gas %d", truth.Call, truth.Transcript, truth.Gas, truth.GPUGas)
	for p := range r.Wrong {
		n := j.q.Next[p].Point
		r.Wrong[p] = n == nil || n.Call != truth.Call || n.Command != truth.Command || n.Transcript != truth.Transcript || n.Gas != truth.Gas || n.GPUGas != truth.GPUGas
	}
	return r, nil
}

// command is guest where a dispatch comes next: what it uses of kernel gas is asked elsewhere, unless a party says that it uses too much.
func (j *judge) command(ctx context.Context) (*Ruling, error) {
	s := j.s
	before := s.gpuGasUsed() // what every workgroup costs is paid
	used, gasErr := j.dispatch(ctx, func(d *interp.Dispatch) (uint64, error) { return d.Run(ctx) })
	if gasErr != nil && !errors.Is(gasErr, interp.ErrGas) {
		return nil, gasErr
	}
	r := &Ruling{Reason: "a dispatch comes next"}
	fails := gasErr != nil || used > s.host.GPUGas
	if fails {
		r.Reason = "the dispatch that comes next uses up the job's kernel gas"
		s.host.GPUGas = 0
		s.fail(binding.OutOfGPUGas)
		s.host.Transcript.EndStep(s.step, s.how)
		end, err := j.end()
		if err != nil {
			return nil, err
		}
		for p := range r.Wrong {
			r.Wrong[p] = j.q.Next[p].End == nil || *j.q.Next[p].End != *end
		}
		return r, nil
	}
	call, command := s.host.Calls, uint64(1)
	if at := j.q.At; at != nil && at.Call == call {
		command = at.Command + 1
	}
	truth := trace.Point{Call: call, Command: command, Transcript: s.host.Transcript.Sum(), Gas: s.gasUsed(), GPUGas: before + used}
	for p := range r.Wrong {
		n := j.q.Next[p].Point
		r.Wrong[p] = n == nil || n.Call != truth.Call || n.Command != truth.Command || n.Transcript != truth.Transcript || n.Gas != truth.Gas || n.GPUGas != truth.GPUGas
	}
	return r, nil
}

// end is the point at the end of the step, no buffer having changed since the point.
func (j *judge) end() (*trace.StepPoint, error) {
	s := j.s
	if len(j.dev.done) > 0 && s.status != msg.Failed {
		return nil, refused("buffers are written between the point and the end of the step")
	}
	root, err := s.rootWith(j.proof.Heads)
	if err != nil {
		return nil, err
	}
	return &trace.StepPoint{Step: s.step, State: root, Transcript: s.host.Transcript.Sum(), Gas: s.gasUsed(), GPUGas: s.gpuGasUsed()}, nil
}

// handles says which party is right about which buffers there are.
func (j *judge) handles() (*Ruling, error) {
	if j.next.Point == nil && j.event == nil {
		return nil, refused("no point comes next")
	}
	truth := j.s.host.Sizes()
	r := &Ruling{Reason: fmt.Sprintf("there are %d buffers", len(truth))}
	for p := range r.Wrong {
		if a := j.q.After[p]; a == nil {
			r.Wrong[p] = j.q.Counts[p] != uint64(len(truth))
		} else if i := j.q.Buffer; i >= uint64(len(truth)) || truth[i].Handle != a.Handle || truth[i].Size != a.Size {
			r.Wrong[p] = true
		}
	}
	return r, nil
}

// word says what the word holds that the parties differ about.
func (j *judge) word(ctx context.Context) (*Ruling, error) {
	handle := j.q.After[0].Handle
	off := j.q.Page*trace.PageSize + j.q.Offset
	if len(j.q.Words[0]) != 4 || len(j.q.Words[1]) != 4 {
		return nil, refused("words of %d and %d bytes", len(j.q.Words[0]), len(j.q.Words[1]))
	}
	value := make([]byte, 4)
	r := &Ruling{}
	switch {
	case j.event != nil && j.next.Point == nil:
		var err error
		if r.Reason, err = j.written(ctx, handle, off, value); err != nil {
			return nil, err
		}
	case j.next.Point != nil:
		if err := j.dev.word(handle, j.s.host.BufferOf(handle), off, value); err != nil {
			return nil, err
		}
		r.Reason = "a host call or command wrote it, or left it as it was"
	default:
		return nil, refused("no point comes next")
	}
	r.Reason = fmt.Sprintf("byte %d of buffer %d holds %s: %s", off, handle, hexWord(binary.LittleEndian.Uint32(value)), r.Reason)
	for p := range r.Wrong {
		r.Wrong[p] = !slices.Equal(j.q.Words[p], value)
	}
	return r, nil
}

// written finds the value of a word behind a dispatch: by the workgroup that a party names and that does write it, else it is as it was.
// With atomics the whole dispatch is run, since its workgroups depend on each other.
func (j *judge) written(ctx context.Context, handle uint32, off uint64, value []byte) (string, error) {
	k := j.event.Kernel.IR
	place := func(d *interp.Dispatch) (binding int, word uint32, ok bool) {
		for i, b := range k.Bindings {
			at := off - j.event.Dispatch.Bindings[i].Offset
			if j.event.Handles[i] == handle && b.Access == ir.ReadWrite && at/4 < uint64(len(d.Buffers[i])) {
				return i, uint32(at / 4), true
			}
		}
		return 0, 0, false
	}
	if slices.ContainsFunc(k.Bindings, func(b ir.Binding) bool { return b.Atomic }) {
		found := false
		_, err := j.dispatch(ctx, func(d *interp.Dispatch) (uint64, error) {
			i, w, ok := place(d)
			if !ok {
				return 0, nil
			}
			d.OnWrite = func(_ [3]uint32, _, b int, word uint32, _ ir.Pos) { found = found || b == i && word == w }
			gas, err := d.Run(ctx)
			binary.LittleEndian.PutUint32(value, d.Buffers[i][w])
			return gas, err
		})
		if err != nil {
			return "", err
		}
		if found {
			return "the dispatch wrote it", nil
		}
	} else {
		for _, g := range j.q.Groups {
			n := j.event.Dispatch.Workgroups
			if g == nil || g[0] >= n[0] || g[1] >= n[1] || g[2] >= n[2] {
				continue
			}
			found := false
			_, err := j.dispatch(ctx, func(d *interp.Dispatch) (uint64, error) {
				i, w, ok := place(d)
				if !ok {
					return 0, nil
				}
				d.OnWrite = func(_ [3]uint32, _, b int, word uint32, _ ir.Pos) { found = found || b == i && word == w }
				gas, err := d.RunGroup(ctx, *g)
				binary.LittleEndian.PutUint32(value, d.Buffers[i][w])
				return gas, err
			})
			if err != nil {
				return "", err
			}
			if found {
				return fmt.Sprintf("workgroup %d,%d,%d of %s wrote it", g[0], g[1], g[2], k.Name), nil
			}
		}
	}
	if err := j.pages.read(handle, off, value); err != nil {
		return "", err
	}
	return "no workgroup that was named writes it, so it is as it was", nil
}

// workgroup says what one workgroup uses of kernel gas.
func (j *judge) workgroup(ctx context.Context) (*Ruling, error) {
	if j.event == nil {
		return nil, refused("no dispatch comes next")
	}
	n := j.event.Dispatch.Workgroups
	x, y := uint64(n[0]), uint64(n[1])
	if j.q.Group >= x*y*uint64(n[2]) {
		return nil, refused("workgroup %d of %d", j.q.Group, x*y*uint64(n[2]))
	}
	g := [3]uint32{uint32(j.q.Group % x), uint32(j.q.Group / x % y), uint32(j.q.Group / x / y)}
	gas, err := j.dispatch(ctx, func(d *interp.Dispatch) (uint64, error) { return d.RunGroup(ctx, g) })
	if err != nil {
		return nil, err
	}
	gas += binding.WorkgroupGas(j.event.Kernel.IR)
	r := &Ruling{Reason: fmt.Sprintf("workgroup %d,%d,%d uses %d of kernel gas", g[0], g[1], g[2], gas)}
	for p := range r.Wrong {
		r.Wrong[p] = j.q.GasAfter[p] != j.q.GasBefore+gas
	}
	return r, nil
}

// dispatch lets do run the dispatch behind the point, or a part of it, on the interpreter, over the proven pages alone.
func (j *judge) dispatch(_ context.Context, do func(*interp.Dispatch) (uint64, error)) (uint64, error) {
	e := j.event
	d := &interp.Dispatch{Kernel: e.Kernel.IR, Workgroups: e.Dispatch.Workgroups, GasLimit: e.Dispatch.GasLimit}
	known := make([]map[uint64]bool, len(e.Dispatch.Bindings)) // pages of the buffer
	for i, b := range e.Dispatch.Bindings {
		words := make([]uint32, b.Size/4)
		known[i] = map[uint64]bool{}
		if _, old := j.pages.heads[e.Handles[i]]; !old {
			known[i] = nil // made since the point: zeros
		}
		for page, data := range j.pages.known[e.Handles[i]] {
			known[i][page] = true
			for at := 0; at+4 <= len(data); at += 4 {
				if to := page*trace.PageSize + uint64(at) - b.Offset; to/4 < uint64(len(words)) {
					words[to/4] = binary.LittleEndian.Uint32(data[at:])
				}
			}
		}
		d.Buffers = append(d.Buffers, words)
	}
	var missing error
	d.OnRead = func(_ [3]uint32, _, i int, word uint32, _ ir.Pos) {
		at := (e.Dispatch.Bindings[i].Offset + 4*uint64(word)) / trace.PageSize
		if known[i] != nil && !known[i][at] && missing == nil {
			missing = refused("page %d of buffer %d is missing", at, e.Handles[i])
		}
	}
	gas, err := do(d)
	if missing != nil {
		return 0, missing
	}
	return gas, err
}

var _ kernels.Device = (*provenDevice)(nil)
