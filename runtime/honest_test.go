package runtime

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/jobgen"
	"github.com/gwrun/gwrun/runtime/state"
)

var (
	replays    = flag.Int("replays", 90, "how many replays TestHonestReplays makes at least")
	replaySeed = flag.Uint64("replay-seed", 1, "the first seed of its jobs")
)

// Whoever runs a job honestly is never found wrong by whoever replays it honestly: jobs of many kinds run on each device, and each of
// their intervals is replayed on each device from the state that the provider would send. A replay that could not be made
// counts as such and not as valid.
func TestHonestReplays(t *testing.T) {
	began := time.Now()
	h := &honest{t: t, loader: &Loader{Recent: NewRecent(16 << 20)}, count: map[pair]*tally{}, ends: map[string]int{}, kinds: map[string]int{}}
	for _, name := range []string{"cpu", "lavapipe", "SwiftShader"} {
		d := &honestDevice{name: name}
		if err := d.renew(); err != nil {
			t.Logf("%s is left out: %v (Debian packages mesa-vulkan-drivers, chromium)", name, err)
			continue
		}
		defer d.close()
		h.devices = append(h.devices, d)
	}
	for seed := *replaySeed; h.valid() < *replays && !t.Failed(); seed++ {
		h.job(seed)
	}
	for _, k := range slices.Sorted(maps.Keys(h.ends)) {
		t.Logf("%6d jobs ended: %s", h.ends[k], k)
	}
	t.Logf("jobs of each kind: %v", h.kinds)
	for _, a := range h.devices {
		for _, b := range h.devices {
			c := h.count[pair{a.name, b.name}]
			t.Logf("%-11s by %-11s %6d valid, %d false, %d unavailable", a.name, b.name, c.valid, c.wrong, c.unavailable)
		}
	}
	t.Logf("%d replays valid in %s; devices lost: %d", h.valid(), time.Since(began).Round(time.Second), h.lost)
	if len(h.devices) < 3 {
		t.Skip("skipped: no Vulkan driver for some of the devices (Debian packages mesa-vulkan-drivers, chromium)")
	}
}

type pair struct{ provider, validator string }

type tally struct{ valid, wrong, unavailable int }

type honest struct {
	t       *testing.T
	loader  *Loader
	devices []*honestDevice

	mu    sync.Mutex
	count map[pair]*tally
	ends  map[string]int
	kinds map[string]int
	lost  int
}

// honestDevice is a device that is replaced when it is lost, and now and then.
type honestDevice struct {
	name string
	dev  kernels.Device
	used int
}

func (d *honestDevice) close() {
	if d.dev != nil {
		d.dev.Close()
		d.dev = nil
	}
}

func (d *honestDevice) renew() (err error) {
	d.close()
	d.used = 0
	d.dev, err = openTestDevice(d.name)
	return err
}

func (h *honest) valid() (n int) {
	for _, c := range h.count {
		n += c.valid
	}
	return n
}

// with does something on a device. One that is lost is replaced, and nothing was found then.
func (h *honest) with(d *honestDevice, f func(kernels.Device) error) error {
	d.used++
	if d.dev == nil || d.used > 300 {
		if err := d.renew(); err != nil {
			return err
		}
	}
	err := f(d.dev)
	var lost *kernels.LostError
	if errors.As(err, &lost) {
		h.mu.Lock()
		h.lost++
		h.mu.Unlock()
		d.close()
	}
	return err
}

// sent is what a provider sends of a run: the program and its blobs, records and states, all as bytes.
type sent struct {
	device    string
	program   []byte
	records   [][]byte
	manifests [][]byte
	pages     map[msg.Hash][]byte
	receipt   msg.Receipt
}

// job has the job of a seed run and replayed everywhere.
func (h *honest) job(seed uint64) {
	kind, j, err := h.make(seed)
	if err != nil {
		h.t.Fatalf("job %d (%s): %v", seed, kind, err)
	}
	h.kinds[kind]++
	runs := make([]*sent, len(h.devices))
	var wg sync.WaitGroup
	for i, d := range h.devices {
		wg.Go(func() {
			err := h.with(d, func(dev kernels.Device) (err error) {
				runs[i], err = provide(j, d.name, dev)
				return err
			})
			if err != nil {
				h.t.Logf("job %d (%s) could not be run on %s: %v", seed, kind, d.name, err)
			}
		})
	}
	wg.Wait()
	if runs[0] == nil {
		h.t.Errorf("job %d (%s) could not be run on the cpu", seed, kind)
		return
	}
	end := string(runs[0].receipt.Status)
	if f := runs[0].receipt.Failure; f != "" {
		end += ", " + f
	}
	h.ends[strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 'N'
		}
		return r
	}, end)]++
	for _, d := range h.devices {
		wg.Go(func() {
			for i, r := range runs {
				if r == nil {
					for range runs[0].records {
						h.tell(pair{h.devices[i].name, d.name}, func(c *tally) { c.unavailable++ })
					}
					continue
				}
				h.validate(seed, kind, j, r, d)
			}
		})
	}
	wg.Wait()
}

func (h *honest) tell(p pair, f func(*tally)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.count[p] == nil {
		h.count[p] = &tally{}
	}
	f(h.count[p])
}

// provide runs a job and gives what a provider keeps of it.
func provide(j *Job, name string, dev kernels.Device) (*sent, error) {
	s := &sent{device: name, program: msg.Encode(j.Program), pages: map[msg.Hash][]byte{}}
	r, err := Run(context.Background(), j, Options{Device: dev, OnInterval: func(rec msg.Interval, take func() (*state.Snapshot, error)) error {
		snap, err := take()
		if err != nil {
			return err
		}
		s.records = append(s.records, msg.Encode(rec))
		s.manifests = append(s.manifests, bytes.Clone(snap.Manifest()))
		for _, hash := range snap.Hashes() {
			if s.pages[hash] == nil {
				page, _ := snap.Page(hash)
				s.pages[hash] = bytes.Clone(page)
			}
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	s.receipt = r.Receipt
	return s, nil
}

// validate replays every interval of a run, each from what was sent.
func (h *honest) validate(seed uint64, kind string, j *Job, s *sent, d *honestDevice) {
	p := pair{s.device, d.name}
	var records []msg.Interval
	for i, b := range s.records {
		var rec msg.Interval
		if err := msg.Decode(b, &rec); err != nil {
			h.t.Errorf("job %d (%s), interval %d by %s: %v", seed, kind, i, s.device, err)
			return
		}
		records = append(records, rec)
	}
	for i := range records {
		var v *Verdict
		err := h.with(d, func(dev kernels.Device) (err error) {
			v, err = s.replay(h.loader, j, records, i, dev)
			return err
		})
		var lost *kernels.LostError
		var unable *UnavailableError
		switch {
		case errors.As(err, &lost), errors.As(err, &unable), err == nil && v.Value == msg.Unavailable:
			h.t.Logf("job %d (%s), interval %d by %s could not be replayed on %s: %v %+v", seed, kind, i, s.device, d.name, err, v)
			h.tell(p, func(c *tally) { c.unavailable++ })
		case err != nil:
			h.t.Errorf("job %d (%s), interval %d by %s on %s: %v", seed, kind, i, s.device, d.name, err)
		case v.Value != msg.Valid:
			h.t.Errorf("job %d (%s), interval %d by %s is called %s by %s: %s", seed, kind, i, s.device, v.Value, d.name, show(v.First))
			h.tell(p, func(c *tally) { c.wrong++ })
		default:
			h.tell(p, func(c *tally) { c.valid++ })
		}
	}
}

// replay replays one interval as a validator does that has nothing but what was sent.
func (s *sent) replay(l *Loader, j *Job, records []msg.Interval, i int, dev kernels.Device) (*Verdict, error) {
	var program msg.Program
	if err := msg.Decode(s.program, &program); err != nil {
		return nil, err
	}
	mine, err := l.LoadJob(&program, func(b msg.Blob) ([]byte, error) {
		if b == j.Program.Module {
			return j.Module, nil
		}
		for k, in := range j.Program.Inputs {
			if in.Blob == b {
				return j.Inputs[k].Data, nil
			}
		}
		return nil, fmt.Errorf("no blob %v", b)
	})
	if err != nil {
		return nil, err
	}
	claim := Claim{Record: records[i]}
	var from *state.Snapshot
	if i > 0 {
		claim.Prev = &records[i-1]
		from, err = state.Assemble(s.manifests[i-1], records[i-1].State, func(h msg.Hash) ([]byte, error) {
			if page := s.pages[h]; page != nil {
				return bytes.Clone(page), nil
			}
			return nil, fmt.Errorf("no page %v", h)
		})
		if err != nil {
			return nil, err
		}
	}
	v, err := Replay(context.Background(), mine, from, claim, Options{Device: dev})
	if err == nil && v.Value == msg.Valid && i == len(records)-1 && !slices.Equal(Outputs(v.State), s.receipt.Outputs) {
		v.Value, v.First = msg.Invalid, &msg.Difference{What: "output"}
	}
	return v, err
}

// make gives the job of a seed, every fourth time with too little gas.
func (h *honest) make(seed uint64) (kind string, j *Job, err error) {
	g, err := jobgen.New(seed, "..")
	if err != nil {
		return "", nil, err
	}
	load := func() (*Job, error) {
		var inputs []Input
		for _, in := range g.Inputs {
			inputs = append(inputs, Input(in))
		}
		return h.loader.NewJob(g.Module, inputs, Spec{Args: g.Args, Seed: g.Seed, Interval: g.Interval, Limits: g.Limits})
	}
	if j, err = load(); err != nil || seed%4 != 3 {
		return g.Kind, j, err
	}
	// How much it takes is known only by running it.
	all, err := Run(context.Background(), j, Options{Device: h.devices[0].dev})
	if err != nil {
		return g.Kind, nil, err
	}
	g.Starve(all.Receipt.Gas, all.Receipt.GPUGas)
	j, err = load()
	return g.Kind, j, err
}
