package runtime

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
)

const secretBuffers, secretBytes = 6, 1 << 20

// keeper is a job that fills its memory, buffers, log and output with a secret byte and never lets go of anything.
func keeper(secret byte) func(testing.TB) []byte {
	return gpu(func(g *gpuGuest) []byte {
		desc := g.put(0, 0, 1<<32-1, 0, 0x8c, 0, secretBytes, 0, 0, 0) // storage, copied from and to
		body := cat(i32(1<<20), i32(int64(secret)), i32(secretBytes), []byte{0xfc, 0x0b, 0})
		for range secretBuffers {
			body = cat(body, g.handle(2), desc, g.call("wgpuDeviceCreateBuffer"), []byte{iSet, 0},
				g.handle(3), []byte{iGet, 0, 0x42, 0}, i32(1<<20), i32(secretBytes), g.call("wgpuQueueWriteBuffer"))
		}
		g.m.imports = append(g.m.imports, [2]string{"gw", "output_write"}, [2]string{"gw", "log"})
		out, log := leb(uint64(len(g.m.imports)-2)), leb(uint64(len(g.m.imports)-1))
		at, n := g.text("o")
		return cat(body, i32(int64(at)), i32(int64(n)), i32(1<<20), i32(1000), []byte{iCall}, out, i32(1<<20), i32(100), []byte{iCall}, log)
	})
}

// snoop is a job that puts out what is in buffers it has just made and in memory it has just grown.
func snoop(t testing.TB) []byte {
	return gpu(func(g *gpuGuest) []byte {
		desc := g.put(0, 0, 1<<32-1, 0, 0x84, 0, secretBytes, 0, 0, 0)
		back := g.put(0, 0, 1<<32-1, 0, 0x9, 0, secretBytes, 0, 0, 0)
		g.m.imports = append(g.m.imports, [2]string{"gw", "output_write"})
		out := cat([]byte{iCall}, leb(uint64(len(g.m.imports)-1)))
		name := func(s string) []byte { at, n := g.text(s); return cat(i32(int64(at)), i32(int64(n))) }
		callback := g.put(0, 2, 4, 0, 0)
		body := []byte(nil)
		for range secretBuffers {
			body = cat(body, g.handle(2), desc, g.call("wgpuDeviceCreateBuffer"), []byte{iSet, 0}, g.handle(2), back, g.call("wgpuDeviceCreateBuffer"), []byte{iSet, 1},
				g.handle(2), i32(0), g.call("wgpuDeviceCreateCommandEncoder"), []byte{iSet, 2},
				[]byte{iGet, 2, iGet, 0, 0x42, 0, iGet, 1, 0x42, 0, 0x42}, sleb(secretBytes), g.call("wgpuCommandEncoderCopyBufferToBuffer"),
				i32(handlesAt+32), []byte{iGet, 2}, i32(0), g.call("wgpuCommandEncoderFinish"), []byte{iStore, 2, 0},
				g.handle(3), i32(1), i32(handlesAt+32), g.call("wgpuQueueSubmit"),
				[]byte{iGet, 1, 0x42, 1}, i32(0), i32(secretBytes), callback, g.call("wgpuBufferMapAsync"), []byte{iDrop},
				g.handle(0), g.call("wgpuInstanceProcessEvents"),
				// over something else than zeros, so that a read that does nothing shows
				i32(1<<20), i32(0x11), i32(secretBytes), []byte{0xfc, 0x0b, 0},
				[]byte{iGet, 1}, i32(0), i32(1<<20), i32(secretBytes), g.call("wgpuBufferReadMappedRange"), []byte{iDrop},
				name("buffers"), i32(1<<20), i32(secretBytes), out)
		}
		// 64 pages are there, 100 more are asked for
		return cat(body, i32(100), []byte{iGrow, 0, iDrop}, name("memory"), i32(2<<20), i32(2<<20), out, name("memory"), i32(64<<16), i32(100<<16), out)
	})(t)
}

// A job sees nothing of those before it or beside it on a device: what it makes is zeros, and nobody's handles are any good.
func TestJobsDoNotSeeEachOther(t *testing.T) {
	const secret = 0x5a
	lim := msg.Limits{OutputBytes: 64 << 20, BufferBytes: 64 << 20}
	job := func(t *testing.T, wasm []byte) *Job {
		j, err := NewJob(wasm, nil, Spec{Limits: lim})
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	for name, open := range map[string]func(t *testing.T) kernels.Device{
		"cpu":         func(t *testing.T) kernels.Device { return device(t) },
		"lavapipe":    func(t *testing.T) kernels.Device { return openVulkan(t, lavapipe) },
		"SwiftShader": func(t *testing.T) kernels.Device { return openVulkan(t, swiftShader) },
	} {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			spying := func(dev kernels.Device) {
				r, err := Run(context.Background(), job(t, snoop(t)), Options{Device: dev})
				if err != nil {
					t.Error(err)
					return
				}
				if r.Receipt.Status != msg.Finished || len(r.Outputs) != 2 || len(r.Outputs[0].Data) != secretBuffers*secretBytes || len(r.Log) > 0 {
					t.Errorf("%s, %q: %d outputs, log %q", r.Receipt.Status, r.Receipt.Failure, len(r.Outputs), r.Log)
				}
				for _, o := range r.Outputs {
					if at := bytes.IndexFunc(o.Data, func(r rune) bool { return r != 0 }); at >= 0 {
						t.Errorf("%s: byte %d is 0x%02x", o.Name, at, o.Data[at])
					}
				}
			}
			for range 2 { // behind each other
				kept := run(t, job(t, keeper(secret)(t)), Options{Device: dev})
				if kept.Receipt.Status != msg.Finished || !bytes.Equal(kept.Outputs[0].Data, bytes.Repeat([]byte{secret}, 1000)) {
					t.Fatalf("%s, %q", kept.Receipt.Status, kept.Receipt.Failure)
				}
				spying(dev)
			}
			// The first job's first buffer: a handle of its own numbering, that the second has not given out.
			steal := job(t, gpu(func(g *gpuGuest) []byte {
				return cat(i32(5+secretBuffers-1), g.call("wgpuBufferGetSize"), []byte{iDrop})
			})(t))
			if r := run(t, steal, Options{Device: dev}); r.Receipt.Status != msg.Failed || !strings.Contains(r.Receipt.Failure, "handle") {
				t.Errorf("another job's handle: %s, %q", r.Receipt.Status, r.Receipt.Failure)
			}
			// At once, each on a device of its own, as a provider runs them.
			var wg sync.WaitGroup
			devices := []kernels.Device{open(t), open(t), open(t)}
			for i, d := range devices {
				if i == 0 {
					wg.Go(func() {
						for range 3 {
							if _, err := Run(context.Background(), job(t, keeper(secret)(t)), Options{Device: d}); err != nil {
								t.Error(err)
							}
						}
					})
					continue
				}
				wg.Go(func() { spying(d) })
			}
			wg.Wait()
		})
	}
}
