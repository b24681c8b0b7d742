// Package devnettest is what tests of whole networks begin with: the CPU device, one small job, and a network that ends with its test.
package devnettest

import (
	"context"
	"io"
	"os"
	"path/filepath"
	goruntime "runtime"
	"testing"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// OpenCPU opens the CPU device; CPU says what it is.
func OpenCPU(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }

// CPU is what nodes with OpenCPU say of their device.
var CPU = rpc.DeviceInfo{ID: "cpu", Kind: "cpu", Name: "cpu", Backend: "wazero"}

// Guest reads one of the runtime's test guests.
func Guest(t testing.TB, name string) []byte {
	t.Helper()
	_, here, _, _ := goruntime.Caller(0)
	b, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../../../runtime/testdata", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Waves is a job of 12 steps with two kernels, committed every two steps.
func Waves(t testing.TB) *runtime.Job {
	t.Helper()
	j, err := runtime.NewJob(Guest(t, "waves"), nil, runtime.Spec{Seed: 3, Interval: 2})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// Locally runs a job here: what strangers have to come to.
func Locally(t testing.TB, j *runtime.Job) *runtime.Result {
	t.Helper()
	d, err := OpenCPU(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	r, err := runtime.Run(t.Context(), j, runtime.Options{Device: d})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Proven reads evidence as whoever gets the file would, and says whom it proves guilty and how. open gives a blob of the node that has it.
func Proven(t testing.TB, open func(msg.Blob) (io.ReadCloser, error), b msg.Blob) *dispute.Outcome {
	t.Helper()
	f, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e, err := dispute.ReadEvidence(f)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Verify(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Network starts a network on the CPU device, unless the config says otherwise, and closes it with the test.
func Network(t testing.TB, cfg devnet.Config) *devnet.Network {
	t.Helper()
	if cfg.OpenDevice == nil {
		cfg.OpenDevice = OpenCPU
	}
	if cfg.Device == (rpc.DeviceInfo{}) {
		cfg.Device = CPU
	}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	n, err := devnet.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return n
}
