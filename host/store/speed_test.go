package store_test

import (
	"bytes"
	"crypto/tls"
	"flag"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

var (
	transferBytes  = flag.Int("transfer", 8<<20, "bytes that TestTransferSpeed and TestInterrupted move")
	transferRounds = flag.Int("transfer-rounds", 1, "how often TestTransferSpeed measures each way")
	transferWay    = flag.String("transfer-way", "", "the only way TestTransferSpeed measures beside quic-go alone, with a profile")
)

// plainQUIC is quic-go with nothing around it: a listener that writes data to whoever opens a stream, and a connection to it.
func plainQUIC(t testing.TB, data []byte) *quic.Conn {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := id.Certificate(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	own := &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{*cert}, NextProtos: []string{"plain"}, InsecureSkipVerify: true}
	windows := &quic.Config{MaxStreamReceiveWindow: transport.StreamWindow, MaxConnectionReceiveWindow: transport.ConnWindow}
	listen := func() *quic.Transport {
		socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		tr := &quic.Transport{Conn: socket}
		t.Cleanup(func() { tr.Close(); socket.Close() })
		return tr
	}
	server, client := listen(), listen()
	l, err := server.Listen(own, windows)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		c, err := l.Accept(ctx)
		if err != nil {
			return
		}
		for {
			s, err := c.AcceptStream(ctx)
			if err != nil {
				return
			}
			go func() {
				io.Copy(io.Discard, s)
				s.Write(data)
				s.Close()
			}()
		}
	}()
	c, err := client.Dial(ctx, server.Conn.LocalAddr(), own, windows)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseWithError(0, "") })
	return c
}

// stream receives what a plain connection sends.
func stream(t testing.TB, c *quic.Conn, want int) {
	t.Helper()
	s, err := c.OpenStreamSync(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	buf, got := make([]byte, 256<<10), 0
	for {
		n, err := s.Read(buf)
		got += n
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got != want {
		t.Fatalf("%d bytes came, %d were sent", got, want)
	}
}

// TestTransferSpeed moves a blob from store to store over QUIC on the loopback, on disk and in memory, and the same bytes with
// quic-go alone, in turns in one process. It checks what arrives, and prints how fast it did:
//
//	go test ./host/store -run 'TestTransferSpeed$' -transfer 1073741824 -transfer-rounds 5 -v
func TestTransferSpeed(t *testing.T) {
	data := noise(1, *transferBytes)
	bare := plainQUIC(t, data)
	dir := t.TempDir()
	var blob msg.Blob
	from := func(s store.Store) *transport.Conn {
		blob = put(t, s, "job", data)
		return connect(t, endpoint(t, nil), endpoint(t, s))
	}
	onDisk, inMemory := from(open(t, t.TempDir(), store.Options{})), from(store.NewMemory(store.Options{}))
	fetch := func(c *transport.Conn, into store.Store) {
		t.Helper()
		if err := blobs.Fetch(ctx, into, "job", blob, c); err != nil {
			t.Fatal(err)
		}
	}
	memory := func() store.Store { return store.NewMemory(store.Options{}) }
	var last store.Store // made and looked at while no clock runs
	ways := []struct {
		name string
		into func() store.Store
		move func()
	}{
		{"plain", nil, func() { stream(t, bare, len(data)) }},
		{"disk", func() store.Store { return open(t, dir+"/to", store.Options{}) }, func() { fetch(onDisk, last) }},
		{"disk to memory", memory, func() { fetch(onDisk, last) }},
		{"memory", memory, func() { fetch(inMemory, last) }},
		{"disk alone", nil, func() { writeOut(t, dir+"/alone", data) }},
	}
	took := map[string][]time.Duration{}
	cpu := map[string][]time.Duration{}
	if *transferWay != "" {
		f, err := os.Create(os.TempDir() + "/transfer.prof")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			t.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	for range *transferRounds {
		for _, w := range ways {
			if *transferWay != "" && w.name != *transferWay && w.name != "plain" {
				continue
			}
			if err := os.RemoveAll(dir + "/to"); err != nil {
				t.Fatal(err)
			}
			if last = nil; w.into != nil {
				last = w.into()
			}
			runtime.GC()
			before, began := processTime(), time.Now()
			w.move()
			took[w.name] = append(took[w.name], time.Since(began))
			cpu[w.name] = append(cpu[w.name], processTime()-before)
			if last == nil {
				continue
			}
			r, err := last.Open(blob)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(io.NewSectionReader(r, 0, int64(blob.Size))); err != nil || !bytes.Equal(got, data) {
				t.Fatalf("%s: arrived wrong: %d bytes, %v", w.name, len(got), err)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if err := last.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	rate := func(d time.Duration) float64 { return float64(len(data)) / 1e6 / d.Seconds() }
	for _, w := range ways {
		if len(took[w.name]) == 0 || len(took["plain"]) == 0 {
			continue
		}
		// The ratio is that of neighbours in time, so that what else the machine does hits both.
		var ratios []float64
		for i, d := range took[w.name] {
			ratios = append(ratios, took["plain"][i].Seconds()/d.Seconds())
		}
		mid := func(d []time.Duration) time.Duration { d = slices.Clone(d); slices.Sort(d); return d[len(d)/2] }
		slices.Sort(ratios)
		t.Logf("%-15s %6.0f MB/s, %.2f s of processor time a GB, of plain %.2f (%.2f)", w.name, rate(mid(took[w.name])),
			mid(cpu[w.name]).Seconds()/float64(len(data))*1e9, ratios[len(ratios)/2], ratios)
	}
}

// writeOut is what the disk alone takes for so many bytes.
func writeOut(t testing.TB, name string, data []byte) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for rest := data; len(rest) > 0; rest = rest[min(1<<20, len(rest)):] {
		if _, err := f.Write(rest[:min(1<<20, len(rest))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

// processTime is the processor time this process has taken.
func processTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
