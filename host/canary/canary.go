// Package canary finds out whether validators compute. It has them judge a result whose right verdicts it knows: that of a provider of its
// own, with a key of its own, which ran the job and may have lied about one interval. To a validator it is a job like any other; whoever
// says valid of the lie, or invalid of the truth, did not replay, and a replay by anybody proves it.
package canary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// Config says what to try validators with.
type Config struct {
	// Request is the job as it would be submitted; Peers are the validators that it may be judged by.
	Request consumer.Request
	// Lie says whether the provider lies about an interval. A canary without a lie is for those who always say invalid.
	Lie bool
	// Seed chooses the lie. Default: chance.
	Seed uint64
	// MaxGas bounds the job's gas and kernel gas together, since it is run here, on the CPU. Default 10^12.
	MaxGas uint64
	Log    *slog.Logger
}

// Report is what a canary came to.
type Report struct {
	Job msg.Hash `json:"job"`
	// Lie is the interval that is not what it is said to be, nil if there is none.
	Lie *uint64 `json:"lie,omitempty"`
	// Verdicts are those of validators, each with whether it is right.
	Verdicts []Verdict     `json:"verdicts"`
	Guilty   []msg.Account `json:"guilty"` // whose verdict was wrong
}

// Verdict is one of a validator, and what it is worth.
type Verdict struct {
	msg.Verdict
	Right bool `json:"right"`
	// Evidence proves a wrong one.
	Evidence *dispute.Evidence `json:"-"`
	Blob     *msg.Blob         `json:"evidence,omitempty"` // it, in this node's store
}

// ErrNoLie is wrapped where no lie about the job could be made that shows.
var ErrNoLie = errors.New("nothing to lie about")

func openCPU(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }

// maxGas is what a laptop runs in a minute or so.
const maxGas = 1e12

// Run has one canary judged. n is the consumer's own node.
func Run(ctx context.Context, n *node.Node, cfg Config) (*Report, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Seed == 0 {
		cfg.Seed = rand.Uint64()
	}
	if cfg.MaxGas == 0 {
		cfg.MaxGas = maxGas
	}
	random := rand.New(rand.NewPCG(cfg.Seed, 7))
	truth, err := run(ctx, cfg.Request.Job, nil)
	if err != nil {
		return nil, err
	}
	if used := truth.Receipt.Gas + truth.Receipt.GPUGas; used > cfg.MaxGas {
		return nil, fmt.Errorf("the job takes %d gas, a canary at most %d: it would cost too much here", used, cfg.MaxGas)
	}
	report := &Report{Verdicts: []Verdict{}, Guilty: []msg.Account{}}
	var fault *runtime.Fault
	if cfg.Lie {
		if fault, report.Lie, err = lie(ctx, cfg.Request.Job, truth, random); err != nil {
			return nil, err
		}
	}
	p, stop, err := provider(n, fault, report.Lie, cfg)
	if err != nil {
		return nil, err
	}
	defer stop()
	req := cfg.Request
	req.Replicas = 1
	req.Providers = []string{p.Addr()}
	results, err := n.Consumer.Submit(ctx, req, nil)
	if len(results) == 0 || results[0].Outcome == nil {
		return nil, err
	}
	// That the result was rejected is no error here; what counts is who said what of it.
	res := results[0]
	report.Job = res.Job
	for _, o := range res.Opened {
		for _, signed := range o.Verdicts {
			if err := report.judge(ctx, n, p, res, cfg.Request.Job, signed); err != nil {
				return report, err
			}
		}
	}
	return report, nil
}

// judge holds one verdict against what is known.
func (r *Report) judge(ctx context.Context, n, p *node.Node, res *consumer.Result, job *runtime.Job, signed identity.Signed) error {
	v := Verdict{Right: true}
	if err := msg.Decode(signed.Body, &v.Verdict); err != nil {
		return err
	}
	if v.Value == msg.Unavailable {
		r.Verdicts = append(r.Verdicts, v)
		return nil
	}
	lied := r.Lie != nil && v.Interval == *r.Lie
	if v.Right = lied == (v.Value == msg.Invalid); v.Right {
		r.Verdicts = append(r.Verdicts, v)
		return nil
	}
	// The proof is made before anybody is named: what was expected is not enough.
	var manifest []byte
	if v.Interval > 0 {
		m, err := p.Provider.Manifest(rpc.StateRef{Job: res.Job, Interval: v.Interval - 1})
		if err != nil {
			return err
		}
		manifest = m.Body
	}
	e, err := dispute.Replayed(ctx, res.Records, v.Interval, &signed, job, manifest, p.Store().GetPage)
	if err != nil {
		return fmt.Errorf("verdict of %s on interval %d: %w", v.Validator, v.Interval, err)
	}
	v.Evidence = e
	b, err := n.Consumer.Convict(ctx, res.Job, e)
	if err != nil {
		return err
	}
	v.Blob = &b
	r.Verdicts = append(r.Verdicts, v)
	if !slices.Contains(r.Guilty, v.Validator) {
		r.Guilty = append(r.Guilty, v.Validator)
	}
	return nil
}

// run runs a job here.
func run(ctx context.Context, job *runtime.Job, fault *runtime.Fault) (*runtime.Result, error) {
	d, err := openCPU(ctx)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return runtime.Run(ctx, job, runtime.Options{Device: d, Fault: fault})
}

// tries is how many bits are flipped until one shows.
const tries = 16

// lie finds a bit of one dispatch's output whose flip changes the records, and in which interval it does.
func lie(ctx context.Context, job *runtime.Job, truth *runtime.Result, random *rand.Rand) (*runtime.Fault, *uint64, error) {
	for range tries {
		f := runtime.Fault{Step: 1 + random.Uint64N(max(1, truth.Receipt.Steps)), Any: true, Offset: random.Uint64N(1 << 16), Bit: uint8(random.IntN(24))}
		again := f // a run changes it
		got, err := run(ctx, job, &again)
		if err != nil {
			return nil, nil, err
		}
		for i := range min(len(got.Intervals), len(truth.Intervals)) {
			if got.Intervals[i] != truth.Intervals[i] {
				at := uint64(i)
				return &f, &at, nil
			}
		}
	}
	return nil, nil, fmt.Errorf("%w: %d flipped bits changed no record", ErrNoLie, tries)
}

// provider starts the node that plays the provider, on a store in memory.
func provider(n *node.Node, fault *runtime.Fault, at *uint64, cfg Config) (*node.Node, func(), error) {
	id, err := identity.New()
	if err != nil {
		return nil, nil, err
	}
	s := store.NewMemory(store.Options{})
	own, err := openCPU(context.Background())
	if err != nil {
		return nil, nil, err
	}
	info := own.Info()
	own.Close()
	p, err := node.Start(node.Config{Identity: id, Store: s, Listen: n.Beside(), Provider: true, MaxJobs: 1, Fault: fault, Log: cfg.Log,
		OpenDevice: openCPU, Device: rpc.DeviceInfo{ID: info.ID, Kind: info.Kind, Name: info.Name, Backend: info.Backend, Lowering: info.Lowering},
		Nonce: func(spec *msg.JobSpec, r *msg.Receipt) msg.Hash { return nonce(n.Consumer, spec, r, at) }})
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return p, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		p.Close(ctx)
		s.Close()
	}, nil
}

// nonces is how many are tried.
const nonces = 4096

// nonce chooses the provider's share of the beacon so that as many jurors as can be draw the interval of the lie. This side knows both
// shares of its own canary's beacon, as no two parties of a real job do.
func nonce(c *consumer.Consumer, spec *msg.JobSpec, r *msg.Receipt, at *uint64) msg.Hash {
	fresh := func() (h msg.Hash) {
		for i := range 4 {
			for b, x := 0, rand.Uint64(); b < 8; b, x = b+1, x>>8 {
				h[8*i+b] = byte(x)
			}
		}
		return h
	}
	best := fresh()
	s, _, err := c.Find(r.Job)
	if at == nil || err != nil {
		return best
	}
	most := -1
	for range nonces {
		try := *r
		try.Nonce = fresh()
		seed := settle.Beacon(r.Job, s.Secret, try.Nonce, r.Trace)
		jury := settle.Jury(seed, spec, &try, nil)
		drawn := 0
		for _, a := range jury {
			if slices.Contains(settle.Sample(seed, a, r.Intervals, spec.Policy.SamplePPM), *at) {
				drawn++
			}
		}
		if drawn > most {
			best, most = try.Nonce, drawn
		}
		if drawn == len(jury) {
			break
		}
	}
	return best
}
