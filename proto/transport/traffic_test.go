package transport

import (
	"testing"
	"time"
)

// What went over connections is counted on both sides, and stays counted when they are gone.
func TestTraffic(t *testing.T) {
	a, b := listen(t, testMux(), Config{}), listen(t, testMux(), Config{})
	if tr := a.Traffic(); tr != (Traffic{}) {
		t.Fatalf("%+v before anything was said", tr)
	}
	const size = 300 << 10
	c := dial(t, a, b)
	if _, err := Call[ask, told](within(t, 10*time.Second), c, "double", ask{N: 1, B: make([]byte, size)}); err != nil {
		t.Fatal(err)
	}
	sent, received := a.Traffic().Sent, b.Traffic().Received
	if sent < size || sent > 4*size || received < size || received > 4*size {
		t.Errorf("sent %d, received %d of a message of %d bytes", sent, received, size)
	}
	c.Close()
	for gone := false; !gone; time.Sleep(time.Millisecond) {
		a.mu.Lock()
		gone = len(a.live) == 0
		a.mu.Unlock()
	}
	if after := a.Traffic().Sent; after < sent || len(a.Conns()) != 0 {
		t.Errorf("%d bytes were sent when the connection was gone, %d before", after, sent)
	}
}
