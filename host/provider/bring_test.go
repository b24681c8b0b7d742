package provider

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// A consumer that loses its connection while its blobs are being fetched over it connects again and calls Start again, which finds the first fetch
// still at it. When that fails, nobody calls Start a third time.
func TestBlobsAreAskedForAgain(t *testing.T) {
	w := newWorld(t)
	asked, lost := make(chan struct{}, 16), make(chan struct{})
	var first atomic.Bool
	first.Store(true)
	p, err := New(Config{Identity: w.provider, Store: w.store, OpenDevice: w.openDevice, Device: rpc.DeviceInfo{ID: "cpu", Kind: "cpu"},
		Fetch: func(ctx context.Context, who msg.Account, owner string, want []msg.Blob) error {
			asked <- struct{}{}
			if first.Swap(false) {
				<-lost
				return fmt.Errorf("%s went silent", who)
			}
			_, err := w.store.Put(ctx, owner, bytes.NewReader(w.module))
			return err
		}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := range 2 {
		if _, err := p.Start(context.Background(), w.signed); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			<-asked
		}
	}
	close(lost)
	if got, want := w.receipt(p), w.want(); got.Trace != want.Trace {
		t.Errorf("trace %v, want %v", got.Trace, want.Trace)
	}
}
