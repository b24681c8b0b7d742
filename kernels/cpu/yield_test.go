package cpu

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// long is a workgroup that computes for seconds.
const long = `
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(SIZE)
fn main(@builtin(local_invocation_index) id: u32) {
  var x = id;
  for (var i = 0u; i < 0xffffffffu; i++) {
    x = x * 3u + 1u;
    if (x == LAST) { break; }
    SYNC
  }
  out[id] = x;
}`

// A garbage collection does not wait for the end of a workgroup, nor does whatever else the process does.
func TestYield(t *testing.T) {
	for _, tc := range []struct {
		size       int
		last, sync string
	}{
		{1, "0xfffffffeu + id", ""},
		{3, "0xfffffffeu + id", ""},
		{64, "0xfffffffeu + id", ""},
		{64, "0xfffffffeu", "workgroupBarrier();"},
	} {
		t.Run(fmt.Sprintf("%d %s", tc.size, tc.sync), func(t *testing.T) {
			text := strings.NewReplacer("SIZE", fmt.Sprint(tc.size), "LAST", tc.last, "SYNC", tc.sync).Replace(long)
			if tc.sync != "" {
				text = strings.Replace(text, "if (x == 0xfffffffeu) { break; }", "", 1)
			}
			b := open(t, text, Options{Workers: 1}, [3]uint32{1, 1, 1}, nil, 256)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := b.d.Dispatch(ctx, b.x)
				done <- err
			}()
			time.Sleep(50 * time.Millisecond) // it has begun
			for range 3 {
				runtime.GC()
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("the workgroup ended with %v before anything else came to pass", err)
			}
		})
	}
}
