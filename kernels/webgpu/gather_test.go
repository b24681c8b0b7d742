package webgpu

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lower"
)

// Gather gives what a Read of each part gives, in more and in less than one exchange.
func TestGather(t *testing.T) {
	o := onDriver(t, "lavapipe")
	o.Lowering = lower.ModeNative
	dev, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	d := dev.(*device)
	r := rand.New(rand.NewPCG(1, 2))
	var list []kernels.Bound
	var want []byte
	for _, size := range []uint64{4, 4096, 3 << 20, 0, 5 << 20, 20, 1 << 20} {
		b, err := dev.NewBuffer(size + 64)
		if err != nil {
			t.Fatal(err)
		}
		data := make([]byte, size+64)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		if err := dev.Write(b, 0, data); err != nil {
			t.Fatal(err)
		}
		off := 4 * uint64(r.IntN(16))
		list = append(list, kernels.Bound{Buffer: b, Offset: off, Size: size})
		want = append(want, data[off:off+size]...)
	}
	got := make([]byte, len(want))
	if err := d.Gather(list, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("gathered bytes are not those written")
	}
	if err := d.Gather(list[:2], got[:4100]); err != nil || !bytes.Equal(got[:4100], want[:4100]) {
		t.Errorf("two parts: %v", err)
	}
	if err := d.Gather(nil, nil); err != nil {
		t.Error(err)
	}
	if d.Gather(list[:2], got[:4096]) == nil {
		t.Error("parts were read into fewer bytes than they have")
	}
	for _, bad := range []kernels.Bound{{Buffer: list[1].Buffer, Offset: 2, Size: 4}, {Buffer: list[1].Buffer, Offset: 4096, Size: 68}, {Size: 4}} {
		if d.Gather([]kernels.Bound{bad}, got[:bad.Size]) == nil {
			t.Errorf("%d bytes from %d on were read", bad.Size, bad.Offset)
		}
	}
}
