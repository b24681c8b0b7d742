package figures

import (
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels/webgpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
)

var (
	jobs   = flag.Int("jobs", 20, "how many small jobs TestJobs submits")
	atOnce = flag.Int("parallel-jobs", 2, "how many of them are under way at once")
)

func TestMain(m *testing.M) {
	webgpu.RunChildIfAsked()
	runtime.RunChildIfAsked()
	runtime.Default.Recent = runtime.NewRecent(16 << 20) // as gwrun has it
	os.Exit(m.Run())
}

// network is a devnet on the cpu device with what it takes to measure it by the example job.
func network(t *testing.T, cfg devnet.Config) Config {
	t.Helper()
	cfg.OpenDevice, cfg.Device = devnettest.OpenCPU, devnettest.CPU
	cfg.Transport = transport.Config{Rate: 1e5, Burst: 1e5} // one consumer asks for everything
	net, err := devnet.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := net.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	described, err := jobfile.Open("../../examples/saxpy")
	if err != nil {
		t.Fatal(err)
	}
	return Config{Consumer: net.Consumer.Consumer, Peers: net.Peers(), Validators: 2, Policy: msg.Policy{SamplePPM: 250_000, Window: 60},
		Job: func(n int) (*runtime.Job, error) {
			described.Seed = uint64(n)
			return described.Prepare()
		},
		Plain: func(ctx context.Context, job *runtime.Job) (*runtime.Result, error) {
			dev, err := devnettest.OpenCPU(ctx)
			if err != nil {
				return nil, err
			}
			defer dev.Close()
			return runtime.Run(ctx, job, runtime.Options{Device: dev})
		}}
}

func TestJobs(t *testing.T) {
	cfg := network(t, devnet.Config{Providers: 4, Validators: 2})
	cfg.Jobs, cfg.Parallel = *jobs, *atOnce
	var heard []int
	cfg.Progress = func(done int) { heard = append(heard, done) }
	r, err := Jobs(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d jobs, %d at once: %.1f/s, chosen %+v, receipt %+v, result %+v; plainly %.1f/s %+v; ratio %.1f; processor %.1f ms, plainly %.1f",
		r.Jobs, r.Parallel, r.Rate, r.Chosen, r.Receipt, r.Result, r.Plain.Rate, r.Plain.Times, r.Ratio, r.Processor, r.Plain.Processor)
	if r.Setbacks > 0 {
		t.Errorf("%d setbacks in an honest network", r.Setbacks)
	}
	total := 0
	for addr, n := range r.Providers {
		if !slices.Contains(cfg.Peers, addr) {
			t.Errorf("%d jobs were run at %s, which is none of the providers", n, addr)
		}
		total += n
	}
	if total != *jobs || heard[len(heard)-1] != *jobs {
		t.Errorf("%d jobs were run, %v heard of; want %d", total, heard, *jobs)
	}
	if r.Chosen.P50 <= 0 || r.Receipt.P50 < r.Chosen.P50 || r.Result.P50 < r.Receipt.P50 || r.Plain.Times.P50 <= 0 {
		t.Errorf("times out of order: %+v", r)
	}
}

// What sealed bids cost: the same jobs with open and with sealed ones, in turn. Of both all are accepted.
func TestSealedBids(t *testing.T) {
	cfg := network(t, devnet.Config{Providers: 4, Validators: 2})
	cfg.Jobs, cfg.Parallel = *jobs, *atOnce
	for round := range 2 {
		for _, sealed := range []bool{round%2 == 0, round%2 != 0} {
			if cfg.PriceCap = (msg.Amount{}); sealed {
				cfg.PriceCap = msg.AmountOf(1)
			}
			r, err := Jobs(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("sealed %v: chosen p50 %.1f ms, p90 %.1f; result p50 %.1f, p90 %.1f; processor %.1f ms a job", sealed, r.Chosen.P50, r.Chosen.P90, r.Result.P50, r.Result.P90, r.Processor)
			if r.Setbacks > 0 {
				t.Errorf("%d setbacks in an honest network", r.Setbacks)
			}
		}
	}
}

// A network that gives another result than a plain run is no network to have figures of.
func TestJobsOfALiar(t *testing.T) {
	cfg := network(t, devnet.Config{Providers: 1, Faults: map[int]*runtime.Fault{0: {Step: 1, Any: true, Bit: 3}}})
	cfg.Jobs, cfg.Validators = 3, 0
	if r, err := Jobs(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "roots") {
		t.Errorf("%+v, %v; want an error about roots", r, err)
	}
}

func TestTimes(t *testing.T) {
	var list []time.Duration
	for i := 1000; i >= 1; i-- {
		list = append(list, time.Duration(i)*time.Millisecond)
	}
	if got, want := TimesOf(list), (Times{Mean: 500.5, P50: 500, P90: 900, P99: 990, Max: 1000}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := TimesOf(list[:1]), (Times{1000, 1000, 1000, 1000, 1000}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
