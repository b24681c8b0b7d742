package store_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/merkle"
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

// stream receives what a plain connection sends, and gives it to into in pieces of up to 1 MiB.
func stream(t testing.TB, c *quic.Conn, want int, into func([]byte)) {
	t.Helper()
	s, err := c.OpenStreamSync(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	buf, got := make([]byte, 1<<20), 0
	for {
		n, err := io.ReadFull(s, buf)
		into(buf[:n])
		if got += n; err == io.EOF || err == io.ErrUnexpectedEOF {
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

// streamToFile does it into a file, and syncs that.
func streamToFile(t testing.TB, c *quic.Conn, want int, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	stream(t, c, want, func(p []byte) {
		if _, err := f.Write(p); err != nil {
			t.Fatal(err)
		}
	})
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// drain is a Sink that checks what comes and keeps nothing.
type drain struct {
	store.Store
	b msg.Blob
}

func (d *drain) Begin(b msg.Blob) (blobs.Partial, error) { d.b = b; return d, nil }
func (d *drain) Has(msg.Blob) bool                       { return false }
func (d *drain) Missing() [][2]uint64 {
	return [][2]uint64{{0, merkle.Count(d.b.Size, merkle.ChunkSize)}}
}
func (d *drain) Commit(string) error { return nil }
func (d *drain) Discard() error      { return nil }
func (d *drain) Close() error        { return nil }
func (d *drain) WriteChunks(lo uint64, leaves []msg.Hash, data []byte) error {
	_, err := blobs.CheckChunks(d.b, lo, leaves, data)
	return err
}

// TestTransferSpeed moves a blob from a store on disk over QUIC on the loopback, next to quic-go alone that sends the same bytes from
// memory with the same settings, in turns in one process. Each way is set beside quic-go alone that ends in the same place: nowhere,
// memory, or a file that is synced. It checks what arrives, and prints how fast it did:
//
//	go test ./host/store -run 'TestTransferSpeed$' -transfer 1073741824 -transfer-rounds 5 -v
func TestTransferSpeed(t *testing.T) {
	data := noise(1, *transferBytes)
	bare := plainQUIC(t, data)
	dir := t.TempDir()
	source := open(t, t.TempDir(), store.Options{})
	blob := put(t, source, "job", data)
	conn := connect(t, endpoint(t, nil), endpoint(t, source))
	var last store.Store // made and looked at while no clock runs
	fetch := func(into blobs.Sink) {
		t.Helper()
		if err := blobs.Fetch(ctx, into, "job", blob, conn); err != nil {
			t.Fatal(err)
		}
	}
	ways := []struct {
		name, beside string
		into         func() store.Store
		move         func()
	}{
		{"plain", "plain", nil, func() { stream(t, bare, len(data), func([]byte) {}) }},
		{"checked", "plain", nil, func() { fetch(&drain{}) }},
		{"plain to memory", "plain", nil, func() {
			all := make([]byte, 0, len(data))
			stream(t, bare, len(data), func(p []byte) { all = append(all, p...) })
		}},
		{"memory", "plain to memory", func() store.Store { return store.NewMemory(store.Options{}) }, func() { fetch(last) }},
		{"plain to file", "plain", nil, func() { streamToFile(t, bare, len(data), dir+"/file") }},
		{"disk", "plain to file", func() store.Store { return open(t, dir+"/to", store.Options{}) }, func() { fetch(last) }},
	}
	took := map[string][]time.Duration{}
	cpu := map[string][]time.Duration{}
	chosen := func(name string) bool {
		if *transferWay == "" || name == *transferWay {
			return true
		}
		for _, w := range ways {
			if w.name == *transferWay {
				return name == w.beside
			}
		}
		return false
	}
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
			if !chosen(w.name) {
				continue
			}
			if err := errors.Join(os.RemoveAll(dir+"/to"), os.RemoveAll(dir+"/file")); err != nil {
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
			if _, err := io.Copy(&same{data}, io.NewSectionReader(r, 0, int64(blob.Size))); err != nil {
				t.Fatalf("%s: %v", w.name, err)
			}
			if err := errors.Join(r.Close(), last.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, w := range ways {
		if len(took[w.name]) == 0 || len(took[w.beside]) == 0 {
			continue
		}
		// The ratio is that of neighbours in time, so that what else the machine does hits both.
		var ratios []float64
		for i, d := range took[w.name] {
			ratios = append(ratios, took[w.beside][i].Seconds()/d.Seconds())
		}
		slices.Sort(ratios)
		t.Logf("%-15s %6.0f MB/s, %.2f s of processor time a GB, %.2f of %s %.2f", w.name, float64(len(data))/1e6/median(took[w.name]).Seconds(),
			median(cpu[w.name]).Seconds()/float64(len(data))*1e9, ratios[len(ratios)/2], w.beside, ratios)
	}
}

func median(d []time.Duration) time.Duration {
	d = slices.Clone(d)
	slices.Sort(d)
	return d[len(d)/2]
}

// same is a Writer that takes nothing but what is left to come.
type same struct{ left []byte }

func (s *same) Write(p []byte) (int, error) {
	if !bytes.HasPrefix(s.left, p) {
		return 0, errors.New("arrived wrong")
	}
	s.left = s.left[len(p):]
	return len(p), nil
}
