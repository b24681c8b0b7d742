package checkpoint_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// BenchmarkRestore takes a job with a state of 64 MiB from the disk to where its next step begins: read and checked against
// its root, put into a fresh sandbox, and committed to again. Medians, and the least.
func BenchmarkRestore(b *testing.B) {
	mod, err := os.ReadFile("../../runtime/testdata/lasting.wasm")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name            string
		memory, buffers int
	}{{"64 of memory", 62, 0}, {"32 of memory, 32 of buffers", 30, 32}} {
		b.Run(c.name, func(b *testing.B) {
			job, err := runtime.NewJob(mod, nil, runtime.Spec{Args: []string{"10", "1", fmt.Sprint(c.memory), fmt.Sprint(c.buffers)}, Interval: 1})
			if err != nil {
				b.Fatal(err)
			}
			dev, err := cpu.Open(cpu.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer dev.Close()
			s, err := store.Open(b.TempDir(), store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			keep := &checkpoint.Keeper{Pages: s, Owner: "a job"}
			var ref checkpoint.Ref
			res, err := runtime.Run(context.Background(), job, runtime.Options{Device: dev, StopAfter: 1,
				OnInterval: func(_ msg.Interval, take func() (*state.Snapshot, error)) error {
					snap, err := take()
					if err != nil {
						return err
					}
					b.Logf("%d MiB", snap.Size()>>20)
					ref, err = keep.Keep(snap)
					return err
				}})
			if err != nil {
				b.Fatal(err)
			}
			var read, put, all []float64
			for b.Loop() {
				began := time.Now()
				snap, err := checkpoint.Load(s, ref)
				if err != nil {
					b.Fatal(err)
				}
				loaded := time.Since(began)
				again, err := runtime.Run(context.Background(), job, runtime.Options{Device: dev, StopAfter: 1,
					From: &runtime.Checkpoint{State: snap, Intervals: res.Intervals}})
				if err != nil {
					b.Fatal(err)
				}
				read, put = append(read, 1000*loaded.Seconds()), append(put, 1000*again.Timing.Load)
				all = append(all, read[len(read)-1]+put[len(put)-1])
			}
			b.ReportMetric(0, "ns/op")
			for name, v := range map[string][]float64{"ms-read": read, "ms-put": put, "ms": all} {
				slices.Sort(v)
				b.ReportMetric(v[len(v)/2], name)
				b.ReportMetric(v[0], "least-"+name)
			}
		})
	}
}
