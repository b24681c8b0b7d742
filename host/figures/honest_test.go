package figures

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/jobgen"
)

var (
	checked     = flag.Int("checked", 40, "how many intervals the validators of TestHonestNetwork find valid at least")
	checkedSeed = flag.Uint64("checked-seed", 1, "the first seed of its jobs")
)

// hosted is a node that computes on a device of its own kind.
type hosted struct {
	*node.Node
	device string
}

// drivers are the Vulkan drivers that need no GPU, with the lowering each needs.
var drivers = map[string]webgpu.Options{
	"lavapipe":    {Lowering: lower.ModeNative, Env: driver("/usr/share/vulkan/icd.d/lvp_icd.x86_64.json")},
	"SwiftShader": {Lowering: lower.ModeGuard, Env: driver("/usr/lib/chromium/vk_swiftshader_icd.json")},
}

func driver(manifest string) []string {
	return []string{"VK_ICD_FILENAMES=" + manifest, "VK_DRIVER_FILES=" + manifest}
}

func openDevice(name string) (kernels.Device, error) {
	o, gpu := drivers[name]
	if !gpu {
		return cpu.Open(cpu.Options{})
	}
	manifest := o.Env[0][len("VK_ICD_FILENAMES="):]
	if _, err := os.Stat(manifest); err != nil {
		return nil, fmt.Errorf("no Vulkan driver (%s): %w", name, err)
	}
	return webgpu.Open(o)
}

// shared lends devices, each to one user at a time; opening a driver takes longer than most of these jobs.
type shared struct {
	name string
	mu   sync.Mutex
	idle []kernels.Device
	lost int
}

type borrowed struct {
	kernels.Device
	from *shared
}

func (b *borrowed) Close() error {
	b.from.mu.Lock()
	defer b.from.mu.Unlock()
	b.from.idle = append(b.from.idle, b.Device)
	return nil
}

func (s *shared) open(context.Context) (kernels.Device, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		d := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if b, err := d.NewBuffer(4); err == nil { // a lost one makes none
			b.Free()
			return &borrowed{d, s}, nil
		}
		s.lost++
		d.Close()
	}
	d, err := openDevice(s.name)
	if err != nil {
		return nil, err
	}
	return &borrowed{d, s}, nil
}

// start starts a node with a key and a store of its own.
func start(t *testing.T, s *shared, provider, validator bool) *hosted {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	disk, err := store.Open(filepath.Join(t.TempDir(), "store"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { disk.Close() })
	c := node.Config{Identity: id, Store: disk, Provider: provider, Validator: validator}
	if s != nil {
		info := s.idle[0].Info()
		c.OpenDevice, c.Device = s.open, rpc.DeviceInfo{ID: info.ID, Kind: info.Kind, Name: info.Name}
	}
	n, err := node.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	h := &hosted{Node: n}
	if s != nil {
		h.device = s.name
	}
	return h
}

// No validator on any device finds fault with what an honest provider on any device did, over the network: random jobs, every interval
// checked by a validator on each device from what it fetched.
func TestHonestNetwork(t *testing.T) {
	began := time.Now()
	var providers, validators []*hosted
	var devices []*shared
	for _, name := range []string{"cpu", "lavapipe", "SwiftShader"} {
		d, err := openDevice(name)
		if err != nil {
			t.Logf("%s is left out: %v (Debian packages mesa-vulkan-drivers, chromium)", name, err)
			continue
		}
		s := &shared{name: name, idle: []kernels.Device{d}}
		t.Cleanup(func() {
			for _, d := range s.idle {
				d.Close()
			}
		})
		devices = append(devices, s)
		providers, validators = append(providers, start(t, s, true, false)), append(validators, start(t, s, false, true))
	}
	buyer := start(t, nil, false, false)
	of := map[msg.Account]string{}
	peers := []string{}
	for _, v := range validators {
		of[v.Account()] = v.device
		peers = append(peers, v.Addr())
	}
	type pair struct{ provider, validator string }
	count := map[pair]map[msg.Value]int{}
	for _, p := range providers {
		for _, v := range validators {
			count[pair{p.device, v.device}] = map[msg.Value]int{}
		}
	}
	var mu sync.Mutex
	valid := func() (n int) {
		for _, c := range count {
			n += c[msg.Valid]
		}
		return n
	}
	jobs := 0
	for seed := *checkedSeed; valid() < *checked && !t.Failed(); seed++ {
		g, err := jobgen.New(seed, "../..")
		if err != nil {
			t.Fatal(err)
		}
		var inputs []runtime.Input
		for _, in := range g.Inputs {
			inputs = append(inputs, runtime.Input(in))
		}
		job, err := runtime.NewJob(g.Module, inputs, runtime.Spec{Args: g.Args, Seed: g.Seed, Interval: g.Interval, Limits: g.Limits})
		if err != nil {
			t.Fatal(err)
		}
		jobs++
		var wg sync.WaitGroup
		for _, p := range providers {
			wg.Go(func() {
				results, err := buyer.Consumer.Submit(t.Context(), consumer.Request{Job: job, Peers: append([]string{p.Addr()}, peers...),
					Validators: len(validators), Policy: msg.Policy{SamplePPM: 1e6, Window: 600}, Deadline: time.Now().Add(time.Hour)}, nil)
				mu.Lock()
				defer mu.Unlock()
				var found []msg.Verdict
				if len(results) > 0 && results[0].Outcome != nil {
					found = results[0].Outcome.Verdicts
				}
				for _, v := range found {
					count[pair{p.device, of[v.Validator]}][v.Value]++
					switch v.Value {
					case msg.Invalid:
						t.Errorf("job %d (%s), interval %d by %s is called invalid by %s: %+v", seed, g.Kind, v.Interval, p.device, of[v.Validator], v.First)
					case msg.Unavailable:
						t.Logf("job %d (%s), interval %d by %s is unavailable to %s: %s", seed, g.Kind, v.Interval, p.device, of[v.Validator], v.Missing)
					}
				}
				if errors.Is(err, consumer.ErrRejected) || err == nil && (len(found) == 0 || len(found)%len(validators) != 0) {
					t.Errorf("job %d (%s) by %s: %d verdicts, %v", seed, g.Kind, p.device, len(found), err)
				} else if err != nil {
					t.Logf("job %d (%s) by %s: %v", seed, g.Kind, p.device, err)
				}
			})
		}
		wg.Wait()
		if jobs > *checked {
			t.Fatalf("%d jobs and %d valid verdicts", jobs, valid())
		}
	}
	for _, p := range providers {
		for _, v := range validators {
			c := count[pair{p.device, v.device}]
			t.Logf("%-11s by %-11s %5d valid, %d false, %d unavailable", p.device, v.device, c[msg.Valid], c[msg.Invalid], c[msg.Unavailable])
		}
	}
	lost := 0
	for _, d := range devices {
		lost += d.lost
	}
	t.Logf("%d jobs on %d providers, %d intervals found valid in %s; devices lost: %d", jobs, len(providers), valid(), time.Since(began).Round(time.Second), lost)
	if len(devices) < 3 {
		t.Skip("skipped: no Vulkan driver for some of the devices (Debian packages mesa-vulkan-drivers, chromium)")
	}
}
