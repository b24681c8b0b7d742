package bench

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

func TestMain(m *testing.M) {
	runtime.RunChildIfAsked()
	os.Exit(m.Run())
}

func openCPU(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }

func TestMeasure(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	device := rpc.DeviceInfo{ID: "cpu", Kind: "cpu", Name: "cpu"}
	b, err := Measure(t.Context(), openCPU, id.Account(), device, Options{Time: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v, all kernels %d", b, market.KernelSpeed(b))
	// A machine that can run the tests does more than a gas in a microsecond, and none does 10^15 in a second.
	sane := func(what string, speed uint64) {
		if speed < 1e6 || speed > 1e15 {
			t.Errorf("%s: %d gas a second", what, speed)
		}
	}
	sane("module", b.Module)
	if len(b.Kernels) != len(Classes) {
		t.Errorf("%d classes, want %d", len(b.Kernels), len(Classes))
	}
	for _, k := range b.Kernels {
		sane(k.Class, k.Speed)
	}
	signed, err := id.Sign(*b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := market.OpenBenchmark(signed, id.Account()); err != nil {
		t.Error(err)
	}
}

// The gas of the standard is part of it: where it changes, the figures of before cannot be compared, and Version has to change too.
func TestStandard(t *testing.T) {
	dev, err := openCPU(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	job, err := runtime.NewJob(module, nil, runtime.Spec{Seed: 1000, Interval: 16})
	if err != nil {
		t.Fatal(err)
	}
	r, err := runtime.Run(t.Context(), job, runtime.Options{Device: dev})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Receipt; got.Status != "finished" || got.Steps != 10 || got.Gas != standardGas {
		t.Errorf("the standard module %s after %d steps and %d gas, want finished after 10 and %d", got.Status, got.Steps, got.Gas, standardGas)
	}
	if _, err := exec.LookPath("wat2wasm"); err != nil {
		t.Skip("skipped: no wat2wasm (Debian package wabt): the source is not held against the module")
	}
	out := filepath.Join(t.TempDir(), "standard.wasm")
	if text, err := exec.Command("wat2wasm", "-o", out, "standard.wat").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if built, err := os.ReadFile(out); err != nil || !bytes.Equal(built, module) {
		t.Errorf("standard.wasm is not what its source gives: %v", err)
	}
}

const standardGas = 482670

// A clock that stands still gives no figure rather than an infinite one.
func TestStoppedClock(t *testing.T) {
	if _, err := rate(1000, 0); err == nil || !strings.Contains(err.Error(), "stands still") {
		t.Errorf("%v", err)
	}
	if _, err := rate(0, 1); err == nil {
		t.Error("a speed of no gas")
	}
}
