package webgpu

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"
)

var examples = []request{
	{kind: reqList},
	{kind: reqOpen, id: 3, text: "an adapter"},
	{kind: reqNewBuffer, id: 7, size: 1 << 20},
	{kind: reqFreeBuffer, id: 7},
	{kind: reqWrite, id: 7, off: 16, data: []byte{1, 2, 3, 4}},
	{kind: reqRead, id: 7, off: 8, size: 64},
	{kind: reqGather, bound: []boundRange{{1, 0, 256}, {2, 8, 4}}},
	{kind: reqCopy, id: 1, off: 4, dst: 2, dstOff: 8, size: 12},
	{kind: reqNewPipeline, id: 9, text: "fn main() {}", write: []bool{true, false}, size: 64},
	{kind: reqFreePipeline, id: 9},
	{kind: reqFinish},
	{kind: reqDispatch, id: 9, groups: [3]uint32{1, 2, 3}, meta: []byte{5, 6}, bound: []boundRange{{1, 0, 256}, {2, 256, 4}}},
}

func TestRequests(t *testing.T) {
	if len(examples) != int(numRequests)-1 {
		t.Fatalf("%d examples, want one of each of the %d kinds", len(examples), numRequests-1)
	}
	var pipe bytes.Buffer
	for i := range examples {
		if err := writeFrame(&pipe, examples[i].kind, examples[i].encode()); err != nil {
			t.Fatal(err)
		}
	}
	for i := range examples {
		k, body, err := readFrame(&pipe)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeRequest(k, body)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(*got, examples[i]) {
			t.Errorf("%+v came out as %+v", examples[i], *got)
		}
		// Neither less nor more than the whole is taken.
		for n := range body {
			if _, err := decodeRequest(k, body[:n]); err == nil {
				t.Errorf("request %d cut to %d of %d bytes was taken", k, n, len(body))
			}
		}
		if _, err := decodeRequest(k, append(body, 0)); !errors.Is(err, errFrame) {
			t.Errorf("request %d with a byte more: %v", k, err)
		}
	}
	if _, _, err := readFrame(&pipe); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestFrames(t *testing.T) {
	for _, in := range []string{"\x00\x00\x00\x00", "\xff\xff\xff\xff\x01", "\x01\x00\x80\x00\x01"} {
		if _, _, err := readFrame(bytes.NewReader([]byte(in))); !errors.Is(err, errFrame) {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, in := range []string{"\x05", "\x05\x00\x00\x00", "\x05\x00\x00\x00\x01ab"} {
		if _, _, err := readFrame(bytes.NewReader([]byte(in))); err != io.ErrUnexpectedEOF {
			t.Errorf("%q: %v", in, err)
		}
	}
	if err := writeFrame(io.Discard, ansOK, make([]byte, maxFrame)); err == nil {
		t.Error("a frame past the limit was written")
	}
}

func FuzzRequest(f *testing.F) {
	for i := range examples {
		f.Add(append([]byte{byte(examples[i].kind)}, examples[i].encode()...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		r, err := decodeRequest(kind(b[0]), b[1:])
		if err != nil {
			return
		}
		if again := r.encode(); !bytes.Equal(again, b[1:]) {
			t.Errorf("%x was taken as %+v, which is %x", b, r, again)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	a := adapter{Name: "n", Driver: "d", Backend: "vulkan", Kind: "software", MaxBuffer: 5}
	var pipe bytes.Buffer
	writeFrame(&pipe, ansOK, a.append(putU32(nil, 1)))
	f.Add(pipe.Bytes())
	f.Add([]byte("\x05\x00\x00\x00\x80\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		for {
			_, body, err := readFrame(r)
			if err != nil {
				return
			}
			if list, err := readAdapters(body); err == nil {
				again := putU32(nil, uint32(len(list)))
				for i := range list {
					again = list[i].append(again)
				}
				if !bytes.Equal(again, body) {
					t.Errorf("%x was taken as %+v", body, list)
				}
			}
		}
	})
}

// TestParts cuts grids and sees that every workgroup is in one part.
func TestParts(t *testing.T) {
	for _, grid := range [][3]uint32{{1, 1, 1}, {7, 1, 1}, {5, 4, 3}, {1, 9, 2}, {3, 1, 8}, {0, 3, 3}, {2, 0, 1}} {
		for limit := uint64(1); limit < 70; limit++ {
			seen := map[[3]uint32]bool{}
			parts(grid, func() uint64 { return limit })(func(p part) bool {
				if p.count() > limit || p.count() == 0 {
					t.Fatalf("grid %v limit %d: part %+v", grid, limit, p)
				}
				for x := range p.size[0] {
					for y := range p.size[1] {
						for z := range p.size[2] {
							at := [3]uint32{p.base[0] + x, p.base[1] + y, p.base[2] + z}
							if seen[at] || at[0] >= grid[0] || at[1] >= grid[1] || at[2] >= grid[2] {
								t.Fatalf("grid %v limit %d: workgroup %v twice or outside", grid, limit, at)
							}
							seen[at] = true
						}
					}
				}
				return true
			})
			if len(seen) != int(grid[0]*grid[1]*grid[2]) {
				t.Fatalf("grid %v limit %d: %d workgroups", grid, limit, len(seen))
			}
		}
	}
}
