package binding

import (
	"bytes"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Functions are told apart in the transcript by four bytes.
func TestFunctionIDs(t *testing.T) {
	seen := map[[4]byte]string{}
	index := map[int]bool{}
	for m, fs := range functions {
		for n, f := range fs {
			if was, ok := seen[f.id]; ok {
				t.Errorf("%s.%s has the id of %s", m, n, was)
			}
			seen[f.id] = m + "." + n
			index[f.index] = true
		}
	}
	if len(index) != len(seen) || len(seen) != functionCount {
		t.Errorf("%d functions with %d indices, want %d", len(seen), len(index), functionCount)
	}
}

// TestEntryEncoding writes down what some calls' entries encode.
func TestEntryEncoding(t *testing.T) {
	var got []msg.Hash
	data := bytes.Repeat([]byte("0123456789"), 20)
	p := newPuppet(t, func(c *Config) {
		c.Inputs = []Input{{"data", data}}
		c.OnCall = func(k trace.Call) { got = append(got, k.Hash) }
	})
	id := func(name string) []byte { h := sha256.Sum256([]byte(name)); return h[:4] }
	sum := func(b []byte) []byte { h := sha256.Sum256(b); return h[:] }
	for _, c := range []struct {
		name string
		args []uint64
		want []byte
	}{
		{"gw.input_count", nil, []byte{1}},
		{"gw.input_len", []uint64{0}, []byte{0, 200, 1}},
		{"gw.seed", nil, []byte{42}},
		{"gw.input_read", []uint64{0, 0, 300, 5}, cat([]byte{0, 0, 172, 2, 5, 5, 0, 5}, data[:5], []byte{0})},
		{"gw.input_read", []uint64{0, 1, 300, 64}, cat([]byte{0, 1, 172, 2, 64, 64, 0, 64}, data[1:65], []byte{0})},
		{"gw.input_read", []uint64{0, 0, 300, 65}, cat([]byte{0, 0, 172, 2, 65, 65, 0, 65}, sum(data[:65]), []byte{0})},
		{"gw.log", []uint64{300, 200}, cat([]byte{172, 2, 200, 1, 200, 1}, sum(append(data[:65:65], make([]byte, 135)...)), []byte{0, 0})},
		{"gw.log", []uint64{0, 0}, []byte{0, 0}},
	} {
		p.do(c.name, c.args...)
		if want := trace.Entry(cat(id(c.name), c.want)); got[len(got)-1] != want {
			t.Errorf("%s%v: entry %v, want %v", c.name, c.args, got[len(got)-1], want)
		}
	}
	// A part that comes in pieces is the same as one that comes at once.
	for n := range 200 {
		var a, b part
		a.Write(data[:n])
		for i := 0; i < n; i += 7 {
			b.Write(data[i:min(i+7, n)])
		}
		if !bytes.Equal(a.append(nil), b.append(nil)) {
			t.Errorf("%d bytes in pieces: % x, at once % x", n, b.append(nil), a.append(nil))
		}
		b.reset()
		if !bytes.Equal(b.append(nil), []byte{0}) {
			t.Errorf("%d bytes are left after a reset", n)
		}
	}
}

// The time of all calls is made up from those that are timed.
func TestTiming(t *testing.T) {
	run := func(m *timing, calls int, each time.Duration) (total time.Duration, timed int) {
		for range calls {
			if m.next() {
				total += m.took(each)
				timed++
			}
		}
		return total, timed
	}
	var short timing
	if total, timed := run(&short, 100*timedEvery, 100); total < 95*timedEvery*100 || total > 105*timedEvery*100 || timed != 100 {
		t.Errorf("%d short calls: %d timed, %v in all", 100*timedEvery, timed, total)
	}
	// One long call in between leaves it short.
	short.heat++
	run(&short, 1, 2*longCall)
	if _, timed := run(&short, 100*timedEvery, 100); timed > 110 {
		t.Errorf("after one long call %d of %d are timed", timed, 100*timedEvery)
	}
	var long timing
	if total, timed := run(&long, 1000, 2*longCall); timed != 1000 || total != 2000*longCall {
		t.Errorf("1000 long calls: %d timed, %v in all", timed, total)
	}
	var kernels timing
	for range 1000 {
		if !kernels.next() && kernels.calls > 1 {
			t.Fatal("a call is not timed behind one that ran kernels")
		}
		kernels.ranKernels()
		kernels.took(100)
	}
}
