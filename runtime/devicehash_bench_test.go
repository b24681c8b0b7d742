package runtime

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/state"
)

// BenchmarkDeviceHash compares the two ways to the leaf hashes of buffers: to hash on the device and read the hashes, and to
// read the pages and hash here. Commits go the first way for large buffers where it is faster.
func BenchmarkDeviceHash(b *testing.B) {
	k, err := binding.LeafKernel()
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"cpu", "lavapipe", "SwiftShader"} {
		for _, size := range []int{360 << 10, 16 << 20} {
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				dev, err := openTestDevice(name)
				if err != nil {
					b.Skipf("skipped: %v", err)
				}
				defer dev.Close()
				r := rand.New(rand.NewPCG(1, 2))
				data := make([]byte, size)
				for i := 0; i < size; i += 8 {
					binary.LittleEndian.PutUint64(data[i:], r.Uint64())
				}
				n := size / state.PageSize
				pages, err := dev.NewBuffer(uint64(size))
				if err != nil {
					b.Fatal(err)
				}
				leaves, err := dev.NewBuffer(uint64(32 * n))
				if err != nil {
					b.Fatal(err)
				}
				pipe, err := dev.NewPipeline(context.Background(), k)
				if err != nil {
					b.Fatal(err)
				}
				if err := dev.Write(pages, 0, data); err != nil {
					b.Fatal(err)
				}
				there, here := time.Hour, time.Hour
				got, back := make([]byte, 32*n), make([]byte, size)
				for b.Loop() {
					began := time.Now()
					if _, err := dev.Dispatch(context.Background(), &kernels.Dispatch{Pipeline: pipe, Workgroups: [3]uint32{uint32(n+63) / 64, 1, 1},
						Bindings: []kernels.Bound{{Buffer: pages, Size: uint64(size)}, {Buffer: leaves, Size: uint64(32 * n)}}, GasLimit: 1 << 30}); err != nil {
						b.Fatal(err)
					}
					if err := dev.Read(leaves, 0, got); err != nil {
						b.Fatal(err)
					}
					there = min(there, time.Since(began))
					began = time.Now()
					if err := dev.Read(pages, 0, back); err != nil {
						b.Fatal(err)
					}
					want := merkle.Leaves(back, state.PageSize)
					here = min(here, time.Since(began))
					for i, h := range want {
						if string(got[32*i:32*i+32]) != string(h[:]) {
							b.Fatalf("the device's hash of page %d is %x, want %v", i, got[32*i:32*i+32], h)
						}
					}
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(1e6*there.Seconds(), "us-on-device")
				b.ReportMetric(1e6*here.Seconds(), "us-read-back")
			})
		}
	}
}
