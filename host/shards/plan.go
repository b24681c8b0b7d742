// Package shards runs a job that is many: in each round a set of jobs of one module, told their place by their arguments, then
// a job that reduces what they put out, whose outputs the shards of the next round may get as inputs.
//
// Every shard and every reduce is an ordinary job. Its place is among its arguments and what it works on among its inputs, so
// all is in the hash of its program and its bits depend on nothing else: where it runs, beside which others, how often it is
// tried. A Plan fixes all of that before anything is run. Run does it on this machine, a Scheduler at providers.
package shards

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// Spec is a plan without its bytes: all that its results depend on.
type Spec struct {
	Version uint   `cbor:"1,keyasint" json:"version"` // 1
	Shards  uint32 `cbor:"2,keyasint" json:"shards"`
	Rounds  uint32 `cbor:"3,keyasint" json:"rounds"`
	// Shard and Reduce are the programs without their place and without inputs that other jobs put out.
	Shard   msg.Program  `cbor:"4,keyasint" json:"shard"`
	Reduce  *msg.Program `cbor:"5,keyasint,omitempty" json:"reduce,omitempty"`
	Carry   []string     `cbor:"6,keyasint" json:"carry"`
	Initial []msg.Input  `cbor:"7,keyasint" json:"initial"`
	Gather  []string     `cbor:"8,keyasint" json:"gather"`
}

// Domain names the kind of message that is hashed.
func (Spec) Domain() string { return "ShardPlan" }

// ShardReduce is the Shard of a Task that is a reduce.
const ShardReduce = -1

// Task is one job of a plan: a shard of a round, or its reduce.
type Task struct {
	Round, Shard int
}

func (t Task) String() string {
	if t.Shard == ShardReduce {
		return fmt.Sprintf("round %d, reduce", t.Round)
	}
	return fmt.Sprintf("round %d, shard %d", t.Round, t.Shard)
}

// FailedError says that a plan cannot go on, wherever its jobs are run: one of them failed, or lacks an output that is wanted.
type FailedError struct {
	Task   Task
	Reason string
}

func (e *FailedError) Error() string { return fmt.Sprintf("%s: %s", e.Task, e.Reason) }

// Plan is a set of jobs with all that they are made of.
type Plan struct {
	Spec Spec
	Hash msg.Hash
	data map[msg.Blob][]byte // of the modules and of the inputs that no job puts out
}

// placed are the arguments that a plan gives its jobs.
var placed = []string{"shard", "shards", "round", "rounds"}

// NewPlan reads a job that has Shards and fixes its plan.
func NewPlan(job *jobfile.Job) (*Plan, error) {
	s := job.Shards
	if s == nil {
		return nil, errors.New("shards: the job is one job")
	}
	p := &Plan{data: map[msg.Blob][]byte{}}
	p.Spec = Spec{Version: 1, Shards: uint32(s.Count), Rounds: uint32(s.Rounds), Carry: append([]string{}, s.Carry...), Gather: append([]string{}, s.Gather...), Initial: []msg.Input{}}
	shard, err := p.template(job)
	if err != nil {
		return nil, err
	}
	p.Spec.Shard = *shard
	if s.Reduce != nil {
		// What the shards are told the reduce is told too: they must agree about the shape of what they exchange.
		r := *s.Reduce
		r.Args, r.Seed = slices.Clone(job.Args), job.Seed
		for _, a := range s.Reduce.Args {
			r.SetArg(a)
		}
		if p.Spec.Reduce, err = p.template(&r); err != nil {
			return nil, fmt.Errorf("reduce: %w", err)
		}
	}
	initial, err := s.Read()
	if err != nil {
		return nil, err
	}
	for _, in := range initial {
		p.Spec.Initial = append(p.Spec.Initial, msg.Input{Name: in.Name, Blob: p.keep(in.Data)})
	}
	p.Hash = msg.HashOf(p.Spec)
	return p, nil
}

// template checks one of the plan's two modules and gives its program.
func (p *Plan) template(job *jobfile.Job) (*msg.Program, error) {
	for _, a := range job.Args {
		if name, _, ok := strings.Cut(a, "="); ok && slices.Contains(placed, name) {
			return nil, fmt.Errorf("argument %q: a set of shards gives its jobs %s=", a, strings.Join(placed, "=, "))
		}
	}
	j, err := job.Prepare()
	if err != nil {
		return nil, err
	}
	p.keep(j.Module)
	for _, in := range j.Inputs {
		p.keep(in.Data)
	}
	return &j.Program, nil
}

func (p *Plan) keep(data []byte) msg.Blob {
	b := merkle.BlobOf(data)
	p.data[b] = data
	return b
}

// Read makes a plan again from its Spec; read gives a blob's bytes, verified.
func Read(spec Spec, read func(msg.Blob) ([]byte, error)) (*Plan, error) {
	p := &Plan{Spec: spec, Hash: msg.HashOf(spec), data: map[msg.Blob][]byte{}}
	if spec.Version != 1 || spec.Shards < 1 || spec.Shards > jobfile.MaxShards || spec.Rounds < 1 || spec.Rounds > jobfile.MaxRounds {
		return nil, fmt.Errorf("shards: a plan of version %d with %d shards and %d rounds", spec.Version, spec.Shards, spec.Rounds)
	}
	for _, b := range spec.blobs() {
		data, err := read(b)
		if err != nil {
			return nil, err
		}
		p.data[b] = data
	}
	return p, nil
}

// blobs lists what a plan is made of, each once.
func (s *Spec) blobs() []msg.Blob {
	out := []msg.Blob{s.Shard.Module}
	inputs := slices.Concat(s.Shard.Inputs, s.Initial)
	if s.Reduce != nil {
		out = append(out, s.Reduce.Module)
		inputs = append(inputs, s.Reduce.Inputs...)
	}
	for _, in := range inputs {
		out = append(out, in.Blob)
	}
	slices.SortFunc(out, func(a, b msg.Blob) int { return strings.Compare(a.Root.String(), b.Root.String()) })
	return slices.Compact(out)
}

// round lists the tasks of a round: its shards, in order.
func (s *Spec) round(r int) []Task {
	out := make([]Task, s.Shards)
	for i := range out {
		out[i] = Task{r, i}
	}
	return out
}

// Tasks lists the tasks of a plan in the order in which their results are known.
func (s *Spec) Tasks() []Task {
	var out []Task
	for r := range int(s.Rounds) {
		out = append(out, s.round(r)...)
		if s.Reduce != nil {
			out = append(out, Task{r, ShardReduce})
		}
	}
	return out
}

// outputs gives what a task that is done has put out.
type outputs func(Task) []msg.Output

// inputOf is what the outputs of a shard are called where they are inputs, or outputs of the plan.
func inputOf(shard int, name string) string { return fmt.Sprintf("shard-%03d/%s", shard, name) }

// job makes the job of a task, all that come before it being done. read gives the bytes of what they put out.
func (p *Plan) job(t Task, out outputs, read func(msg.Blob) ([]byte, error)) (*runtime.Job, error) {
	s, program := &p.Spec, &p.Spec.Shard
	var wired []msg.Input
	place := []string{fmt.Sprintf("shards=%d", s.Shards), fmt.Sprintf("round=%d", t.Round), fmt.Sprintf("rounds=%d", s.Rounds)}
	switch {
	case t.Shard == ShardReduce:
		program = s.Reduce
		for i := range int(s.Shards) {
			from := Task{t.Round, i}
			for _, o := range out(from) {
				if len(s.Gather) == 0 || slices.Contains(s.Gather, o.Name) {
					wired = append(wired, msg.Input{Name: inputOf(i, o.Name), Blob: o.Blob})
				}
			}
			for _, n := range s.Gather {
				if err := wants(from, out(from), n, "gather"); err != nil {
					return nil, err
				}
			}
		}
	default:
		place = append([]string{fmt.Sprintf("shard=%d", t.Shard)}, place...)
		wired = s.Initial
		if t.Round > 0 {
			wired = nil
			from := Task{t.Round - 1, ShardReduce}
			for _, n := range s.Carry {
				if err := wants(from, out(from), n, "carry"); err != nil {
					return nil, err
				}
			}
			for _, o := range out(from) {
				if slices.Contains(s.Carry, o.Name) {
					wired = append(wired, msg.Input(o))
				}
			}
		}
	}
	var inputs []runtime.Input
	for _, in := range slices.Concat(program.Inputs, wired) {
		data, ok := p.data[in.Blob]
		if !ok {
			var err error
			if data, err = read(in.Blob); err != nil {
				return nil, fmt.Errorf("%s: input %s: %w", t, in.Name, err)
			}
		}
		inputs = append(inputs, runtime.Input{Name: in.Name, Data: data})
	}
	j, err := runtime.NewJob(p.data[program.Module], inputs, runtime.Spec{Args: slices.Concat(program.Args, place), Seed: program.Seed,
		Limits: program.Limits, Interval: program.Interval})
	if err != nil {
		return nil, &FailedError{t, err.Error()}
	}
	return j, nil
}

func wants(t Task, have []msg.Output, name, why string) error {
	var names []string
	for _, o := range have {
		if o.Name == name {
			return nil
		}
		names = append(names, o.Name)
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	return &FailedError{t, fmt.Sprintf("has no output %q, which shards.%s names; it has %s", name, why, strings.Join(names, ", "))}
}

// results is what a plan puts out: what its last reduce does or, without one, what its shards do.
func (p *Plan) results(out outputs) []msg.Output {
	last := int(p.Spec.Rounds) - 1
	if p.Spec.Reduce != nil {
		return out(Task{last, ShardReduce})
	}
	all := []msg.Output{}
	for _, t := range p.Spec.round(last) {
		for _, o := range out(t) {
			all = append(all, msg.Output{Name: inputOf(t.Shard, o.Name), Blob: o.Blob})
		}
	}
	return all
}
