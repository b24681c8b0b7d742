package store_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
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
// memory with the same settings and ends in the same place: nowhere, memory, or a file that is synced. In each round of a way quic-go alone
// comes first and last and ours twice between, all in one process, so that a machine that grows slower or faster meanwhile favours neither.
// It checks what arrives, and prints how fast it did:
//
//	go test ./host/store -run 'TestTransferSpeed$' -transfer 1073741824 -transfer-rounds 5 -v
func TestTransferSpeed(t *testing.T) {
	data := noise(1, *transferBytes)
	bare := plainQUIC(t, data)
	dir := t.TempDir()
	source := open(t, t.TempDir(), store.Options{})
	blob := put(t, source, "job", data)
	conn := connect(t, endpoint(t, nil), endpoint(t, source))
	fetch := func(into blobs.Sink) {
		t.Helper()
		if err := blobs.Fetch(ctx, into, "job", blob, conn); err != nil {
			t.Fatal(err)
		}
	}
	var all []byte
	ways := []struct {
		name string
		bare func()
		into func() store.Store // what ours ends in, made and looked at while no clock runs
	}{
		{"checked", func() { stream(t, bare, len(data), func([]byte) {}) }, nil},
		{"memory", func() {
			all = make([]byte, 0, len(data))
			stream(t, bare, len(data), func(p []byte) { all = append(all, p...) })
		}, func() store.Store { return store.NewMemory(store.Options{}) }},
		{"disk", func() { streamToFile(t, bare, len(data), dir+"/file") }, func() store.Store { return open(t, dir+"/to", store.Options{}) }},
	}
	// clocked is how long f took, and how much of the processors.
	clocked := func(f func()) (took [2]time.Duration) {
		all = nil
		runtime.GC()
		before, began := processTime(), time.Now()
		f()
		return [2]time.Duration{time.Since(began), processTime() - before}
	}
	for _, w := range ways {
		if *transferWay != "" && w.name != *transferWay {
			continue
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
		ours := func() (took [2]time.Duration) {
			if w.into == nil {
				return clocked(func() { fetch(&drain{}) })
			}
			if err := os.RemoveAll(dir + "/to"); err != nil {
				t.Fatal(err)
			}
			s := w.into()
			took = clocked(func() { fetch(s) })
			r, err := s.Open(blob)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(&same{data}, io.NewSectionReader(r, 0, int64(blob.Size))); err != nil {
				t.Fatalf("%s: %v", w.name, err)
			}
			if err := errors.Join(r.Close(), s.Close()); err != nil {
				t.Fatal(err)
			}
			return took
		}
		var plain, mine [][2]time.Duration
		var ratios []float64
		for range *transferRounds {
			first, second, third, last := clocked(w.bare), ours(), ours(), clocked(w.bare)
			plain, mine = append(plain, first, last), append(mine, second, third)
			ratios = append(ratios, (first[0]+last[0]).Seconds()/(second[0]+third[0]).Seconds())
		}
		speed := func(d [][2]time.Duration) string {
			return fmt.Sprintf("%4.0f MB/s, %.2f s of processor time a GB", float64(len(data))/1e6/median(d, 0).Seconds(), median(d, 1).Seconds()/float64(len(data))*1e9)
		}
		slices.Sort(ratios)
		t.Logf("%-7s %s; quic-go alone %s; %.2f of it %.2f", w.name, speed(mine), speed(plain), ratios[len(ratios)/2], ratios)
	}
}

// median is that of the clocks (0) or of the processor times (1).
func median(took [][2]time.Duration, which int) time.Duration {
	var d []time.Duration
	for _, t := range took {
		d = append(d, t[which])
	}
	slices.Sort(d)
	return (d[(len(d)-1)/2] + d[len(d)/2]) / 2
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
