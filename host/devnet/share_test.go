package devnet_test

import (
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/proto/rpc"
)

// A consumer that does not want a job any more brings its share of the beacon all the same: its provider may come to a receipt, and witnesses
// would see that no share comes.
func TestShareOfACancelledJob(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 3, OpenDevice: openSlow})
	cancelled := false
	_, err := n.Consumer.Consumer.Submit(context.Background(), request(t, n), func(e consumer.Event) {
		if e.Status != nil && e.Status.State == rpc.StateRunning && !cancelled {
			cancelled = true
			if _, err := n.Consumer.Consumer.Cancel(context.Background(), e.Job); err != nil {
				t.Error(err)
			}
		}
	})
	if err == nil || !cancelled {
		t.Fatalf("cancelled %v, %v", cancelled, err)
	}
	have := 0
	for end := time.Now().Add(20 * time.Second); have < 2 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		have = 0
		for _, v := range n.Validators {
			keys, err := v.Store().Journal("witness/reveals").Keys()
			if err != nil {
				t.Fatal(err)
			}
			have += len(keys)
		}
	}
	if have < 2 {
		t.Errorf("%d of 3 witnesses have the share", have)
	}
}
