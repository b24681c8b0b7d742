package binding

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// LeafKernel hashes full pages on a device, an invocation a page: SHA256(0x00 || page), as proto/merkle does. It has
// integers only, so that every device gets it right.
var LeafKernel = sync.OnceValues(func() (*kernels.Kernel, error) {
	m, err := kernels.Compile(leafSource())
	if err != nil {
		return nil, err
	}
	return m.Kernel("leaf", nil)
})

func leafSource() string {
	round := func(t int) string {
		v := func(i int) string { return string("abcdefgh"[(i+64-t)%8]) }
		w := fmt.Sprintf("w%d", t%16)
		s := ""
		if t >= 16 {
			x, y := fmt.Sprintf("w%d", (t+1)%16), fmt.Sprintf("w%d", (t+14)%16)
			s = fmt.Sprintf("%s += (r(%[2]s, 7u) ^ r(%[2]s, 18u) ^ (%[2]s >> 3u)) + w%[3]d + (r(%[4]s, 17u) ^ r(%[4]s, 19u) ^ (%[4]s >> 10u));\n", w, x, (t+9)%16, y)
		}
		a, b, c, d, e, f, g, h := v(0), v(1), v(2), v(3), v(4), v(5), v(6), v(7)
		s += fmt.Sprintf("%s += %s + %s + (r(%[4]s, 6u) ^ r(%[4]s, 11u) ^ r(%[4]s, 25u)) + ((%[4]s & %[5]s) ^ (~%[4]s & %[6]s)); %[7]s += %[1]s;\n", h, fmt.Sprintf("0x%08xu", merkle.RoundConstants[t]), w, e, f, g, d)
		return s + fmt.Sprintf("%s += (r(%[2]s, 2u) ^ r(%[2]s, 13u) ^ r(%[2]s, 22u)) + ((%[2]s & %[3]s) ^ (%[2]s & %[4]s) ^ (%[3]s & %[4]s));\n", h, a, b, c)
	}
	var rounds, words strings.Builder
	for t := range 64 {
		rounds.WriteString(round(t))
	}
	for i := range 16 {
		fmt.Fprintf(&words, "var w%d = word(page, 16u * block + %du);\n", i, i)
	}
	return `
@group(0) @binding(0) var<storage, read> pages: array<u32>;
@group(0) @binding(1) var<storage, read_write> leaves: array<u32>;
fn r(x: u32, n: u32) -> u32 { return (x >> n) | (x << (32u - n)); }
fn big(x: u32) -> u32 { return (x << 24u) | ((x & 0xff00u) << 8u) | ((x >> 8u) & 0xff00u) | (x >> 24u); }
fn word(page: u32, i: u32) -> u32 {
  if (i > 1024u) { return select(0u, 32776u, i == 1039u); }
  var x = 0u;
  if (i > 0u) { x = big(pages[page * 1024u + i - 1u]) << 24u; }
  if (i == 1024u) { return x | 0x800000u; }
  return x | (big(pages[page * 1024u + i]) >> 8u);
}
@compute @workgroup_size(64) fn leaf(@builtin(global_invocation_id) id: vec3u) {
  let page = id.x;
  if (page >= arrayLength(&pages) / 1024u) { return; }
  var h0 = 0x6a09e667u; var h1 = 0xbb67ae85u; var h2 = 0x3c6ef372u; var h3 = 0xa54ff53au;
  var h4 = 0x510e527fu; var h5 = 0x9b05688cu; var h6 = 0x1f83d9abu; var h7 = 0x5be0cd19u;
  for (var block = 0u; block < 65u; block++) {
    ` + words.String() + `
    var a = h0; var b = h1; var c = h2; var d = h3; var e = h4; var f = h5; var g = h6; var h = h7;
    ` + rounds.String() + `
    h0 += a; h1 += b; h2 += c; h3 += d; h4 += e; h5 += f; h6 += g; h7 += h;
  }
  let at = page * 8u;
  leaves[at] = big(h0); leaves[at + 1u] = big(h1); leaves[at + 2u] = big(h2); leaves[at + 3u] = big(h3);
  leaves[at + 4u] = big(h4); leaves[at + 5u] = big(h5); leaves[at + 6u] = big(h6); leaves[at + 7u] = big(h7);
}`
}

// SiftFrom is the least that may have changed in a buffer for it to be hashed on the device.
const SiftFrom = 4 << 20

// siftPages is how many pages are hashed in one dispatch.
const siftPages = 16 << 10

// A sifter finds out on a device which pages of large buffers changed, so that only those are read back.
type sifter struct {
	pipe   kernels.Pipeline
	leaves kernels.Buffer
	// Seconds a page, as last measured, for hashing on the device and for reading back, and seconds spent on the latter. They
	// decide what is faster, and nothing else.
	hash, read, spent float64
}

// worthTrying is how many seconds reading back must have cost before hashing on the device is tried, because some drivers
// take as long to compile the kernel.
const worthTrying = 1

// pays says whether it is faster to hash pages on the device, of which a share is expected to have changed.
func (s *sifter) pays(share float64) bool {
	if s.hash == 0 {
		return s.spent > worthTrying
	}
	return s.hash+share*s.read < s.read
}

// sift hashes n full pages of a buffer on the device.
func (h *Host) sift(d *deviceBuffer, off, n uint64) ([]byte, error) {
	ctx, dev := context.Background(), h.cfg.Device
	s := &h.sifter
	if s.pipe == nil {
		k, err := LeafKernel()
		if err != nil {
			return nil, err
		}
		if s.leaves, err = dev.NewBuffer(32 * siftPages); err != nil {
			return nil, err
		}
		if s.pipe, err = dev.NewPipeline(ctx, k); err != nil {
			return nil, err
		}
		if err := h.hashPages(d, off, 1); err != nil { // a driver may compile only now
			return nil, err
		}
	}
	begin := time.Now()
	hashes := make([]byte, 0, 32*n)
	for done := uint64(0); done < n; done += siftPages {
		now := min(n-done, siftPages)
		if err := h.hashPages(d, off+done*commitPage, now); err != nil {
			return nil, err
		}
		part := hashes[len(hashes) : len(hashes)+int(32*now)]
		if err := dev.Read(s.leaves, 0, part); err != nil {
			return nil, err
		}
		hashes = hashes[:len(hashes)+len(part)]
	}
	s.hash = time.Since(begin).Seconds() / float64(n)
	return hashes, nil
}

// hashPages has the device hash so many pages into h.sifter.leaves.
func (h *Host) hashPages(d *deviceBuffer, off, n uint64) error {
	_, err := h.cfg.Device.Dispatch(context.Background(), &kernels.Dispatch{Pipeline: h.sifter.pipe, GasLimit: kernels.MaxGasLimit,
		Workgroups: [3]uint32{uint32(n+63) / 64, 1, 1},
		Bindings:   []kernels.Bound{{Buffer: d.b, Offset: off, Size: n * commitPage}, {Buffer: h.sifter.leaves, Size: 32 * n}}})
	return err
}

// sifted calls f with those pages of a part of a buffer whose hashes are not those known. It reports false if it did
// not try: then all of the part is to be read.
func (h *Host) sifted(now Change, d *deviceBuffer, size uint64, known func(handle uint32, page uint64) (msg.Hash, bool), f func(Change) error) (bool, error) {
	first, full := now.Offset/commitPage, size/commitPage
	least := h.cfg.SiftFrom
	if least == 0 {
		least = SiftFrom
	}
	if _, ok := h.cfg.Device.(gatherer); !ok || size < least || full == 0 {
		return false, nil
	}
	if _, ok := known(now.Handle, first); !ok || h.cfg.SiftFrom == 0 && !h.sifter.pays(d.share) {
		return false, nil
	}
	hashes, err := h.sift(d, now.Offset, full)
	var lost *kernels.LostError
	switch {
	case err == nil:
	case errors.As(err, &lost) || h.cfg.SiftFrom != 0:
		return true, &DeviceError{err}
	default: // this adapter cannot; it is not tried again
		h.sifter.hash = math.Inf(1)
		return false, nil
	}
	// Changed pages, and few that lie between them, are read together.
	const gap = 16
	var runs [][2]uint64
	changed := uint64(0)
	for i := range full {
		if was, ok := known(now.Handle, first+i); ok && string(was[:]) == string(hashes[32*i:32*i+32]) {
			continue
		}
		changed++
		if n := len(runs); n > 0 && i <= runs[n-1][1]+gap {
			runs[n-1][1] = i + 1
		} else {
			runs = append(runs, [2]uint64{i, i + 1})
		}
	}
	d.share = float64(changed) / float64(full)
	if size%commitPage != 0 {
		runs = append(runs, [2]uint64{full, full + 1}) // the last page, which is short, is not hashed on the device
	}
	if len(runs) == 0 {
		return true, f(now)
	}
	for _, r := range runs {
		part := now
		part.Offset = now.Offset + r[0]*commitPage
		if part.Data, err = h.readPart(d, part.Offset, min(r[1]*commitPage, size)-r[0]*commitPage); err != nil {
			return true, err
		}
		if err := f(part); err != nil {
			return true, err
		}
	}
	return true, nil
}

// readPart reads a part of a buffer and learns how long that takes.
func (h *Host) readPart(d *deviceBuffer, off, n uint64) ([]byte, error) {
	begin := time.Now()
	data, err := Bytes(h.cfg.Device, kernels.Bound{Buffer: d.b, Offset: off, Size: n})
	if err != nil {
		return nil, &DeviceError{err}
	}
	if took := time.Since(begin).Seconds(); n >= 1<<20 {
		h.sifter.read = took / float64(n/commitPage)
		h.sifter.spent += took
	}
	return data, nil
}
