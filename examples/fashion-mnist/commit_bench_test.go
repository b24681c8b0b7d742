//go:build unix

package fashionmnist_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/webgpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

func TestMain(m *testing.M) {
	webgpu.RunChildIfAsked()
	os.Exit(m.Run())
}

// What committing to the state costs: the job of this folder with a commit after each step, and after every 20, beside the same job with
// one commit at its end, in turn.
func BenchmarkCommit(b *testing.B) {
	described, err := jobfile.Open(".")
	if err != nil {
		b.Fatal(err)
	}
	intervals := []uint64{1 << 15, 20, 1}
	var jobs []*runtime.Job
	for _, n := range intervals {
		described.Interval = n
		j, err := described.Prepare()
		if err != nil {
			b.Fatal(err)
		}
		jobs = append(jobs, j)
	}
	for _, d := range []struct{ name, manifest string }{
		{"cpu", ""},
		{"lavapipe", "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"},
		{"SwiftShader", "/usr/lib/chromium/vk_swiftshader_icd.json"},
	} {
		b.Run(d.name, func(b *testing.B) {
			open := func() (kernels.Device, error) { return cpu.Open(cpu.Options{}) }
			if d.manifest != "" {
				if _, err := os.Stat(d.manifest); err != nil {
					b.Skipf("skipped: no Vulkan driver (%s)", d.name)
				}
				open = func() (kernels.Device, error) {
					return webgpu.Open(webgpu.Options{Env: []string{"VK_ICD_FILENAMES=" + d.manifest, "VK_DRIVER_FILES=" + d.manifest}})
				}
			}
			dev, err := open()
			if err != nil {
				b.Skipf("skipped: %v", err)
			}
			defer dev.Close()
			ratios := make([][]float64, len(jobs))
			totals := make([][]float64, len(jobs))
			hashing := make([][]float64, len(jobs))
			work := make([][]float64, len(jobs))
			run := func(j *runtime.Job) (t runtime.Timing, processor float64) {
				before := processorTime()
				res, err := runtime.Run(context.Background(), j, runtime.Options{Device: dev})
				if err != nil {
					b.Fatal(err)
				}
				if res.Receipt.Status != msg.Finished {
					b.Fatalf("the job %s: %s", res.Receipt.Status, res.Receipt.Failure)
				}
				return res.Timing, (processorTime() - before).Seconds()
			}
			run(jobs[0]) // kernels are compiled
			for b.Loop() {
				base, least := run(jobs[0])
				totals[0] = append(totals[0], base.Total)
				for i, j := range jobs[1:] {
					t, processor := run(j)
					work[i+1] = append(work[i+1], processor/least)
					totals[i+1] = append(totals[i+1], t.Total)
					ratios[i+1] = append(ratios[i+1], t.Total/base.Total)
					hashing[i+1] = append(hashing[i+1], 100*t.Hashing/t.Total)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(slices.Min(totals[0]), "least-s-one-commit")
			for i, n := range intervals[1:] {
				b.ReportMetric(median(ratios[i+1]), fmt.Sprintf("times-every-%d", n))
				b.ReportMetric(slices.Min(totals[i+1])/slices.Min(totals[0]), fmt.Sprintf("least-times-every-%d", n))
				b.ReportMetric(median(work[i+1]), fmt.Sprintf("times-processor-every-%d", n))
				b.ReportMetric(median(hashing[i+1]), fmt.Sprintf("%%waited-every-%d", n))
			}
		})
	}
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

// processorTime is what this process has used of the processors, its device processes left out.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// What keeping the committed states on the disk costs, as a provider does it: the job of this folder with a checkpoint after
// each interval of 20 steps beside the same job without, in turn.
func BenchmarkCheckpoint(b *testing.B) {
	described, err := jobfile.Open(".")
	if err != nil {
		b.Fatal(err)
	}
	job, err := described.Prepare()
	if err != nil {
		b.Fatal(err)
	}
	dev, err := cpu.Open(cpu.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer dev.Close()
	run := func(on func(msg.Interval, func() (*state.Snapshot, error)) error) (seconds float64, intervals int) {
		res, err := runtime.Run(context.Background(), job, runtime.Options{Device: dev, OnInterval: on})
		if err != nil {
			b.Fatal(err)
		}
		return res.Timing.Total, len(res.Intervals)
	}
	run(nil)
	var ratios, keeping, first, later []float64
	for b.Loop() {
		without, _ := run(nil)
		s, err := store.Open(b.TempDir(), store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		keep := &checkpoint.Keeper{Pages: s, Owner: "a job"}
		had := uint64(0)
		with, n := run(func(rec msg.Interval, take func() (*state.Snapshot, error)) error {
			snap, err := take()
			if err != nil {
				return err
			}
			began := time.Now()
			if _, err := keep.Keep(snap); err != nil {
				return err
			}
			keeping = append(keeping, 1000*time.Since(began).Seconds())
			if rec.Index > 0 {
				return nil
			}
			u, err := s.Usage()
			had = u.Bytes
			return err
		})
		ratios = append(ratios, with/without)
		u, err := s.Usage()
		if err != nil {
			b.Fatal(err)
		}
		first, later = append(first, float64(had)/1024), append(later, float64(u.Bytes-had)/1024/float64(n-1))
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ratios), "times-kept")
	b.ReportMetric(median(keeping), "ms/checkpoint")
	b.ReportMetric(median(first), "KiB-first")
	b.ReportMetric(median(later), "KiB/checkpoint")
}
