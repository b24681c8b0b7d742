package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/gwrun/gwrun/proto/msg"
)

// recording is a stream on which everything has been sent already.
type recording struct{ *bytes.Reader }

func (recording) Write(p []byte) (int, error)      { return len(p), nil }
func (recording) Close() error                     { return nil }
func (recording) SetReadDeadline(time.Time) error  { return nil }
func (recording) SetWriteDeadline(time.Time) error { return nil }
func (recording) CancelRead(quic.StreamErrorCode)  {}
func (recording) CancelWrite(quic.StreamErrorCode) {}

func framed(k kind, body []byte) []byte { return append(appendHead(nil, k, len(body)), body...) }

// After something that cannot be understood nothing more is.
func TestNothingAfterNonsense(t *testing.T) {
	good := framed(kindMessage, msg.Encode(ask{N: 3}))
	for name, bad := range map[string][]byte{
		"bad message": framed(kindMessage, []byte{0xf6}),
		"other kind":  framed(kindHeader, nil),
		"unknown":     framed(9, nil),
		"bad error":   framed(kindError, []byte{1}),
		"error":       framed(kindError, msg.Encode(Error{Code: Busy})),
	} {
		c := &Conn{ep: &Endpoint{cfg: Config{}.withDefaults()}}
		s := newStream(c, recording{bytes.NewReader(append(bad[:len(bad):len(bad)], good...))}, context.Background())
		first := s.Recv(&ask{})
		if first == nil || s.Recv(&ask{}) == nil {
			t.Errorf("%s: %v, then a message", name, first)
		}
	}
}

func FuzzStream(f *testing.F) {
	head := framed(kindHeader, msg.Encode(header{Version: 1, Method: "double"}))
	message := framed(kindMessage, msg.Encode(ask{N: 3, B: []byte("x")}))
	f.Add(append(head, message...))
	f.Add(append(append(head[:len(head):len(head)], framed(kindData, []byte("abc"))...), message...))
	f.Add(append(head[:len(head):len(head)], framed(kindError, msg.Encode(Error{Code: Busy, Text: "later"}))...))
	f.Add(append(append(head[:len(head):len(head)], framed(kindMessage, []byte{0xf6})...), message...))
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{9, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &Conn{ep: &Endpoint{cfg: Config{MaxMessage: 1 << 20}.withDefaults()}}
		s := newStream(c, recording{bytes.NewReader(b)}, context.Background())
		if h, err := s.header(); err == nil && !bytes.HasPrefix(b, framed(kindHeader, msg.Encode(h))) {
			t.Fatalf("header %+v from % x", h, b)
		}
		for range 2 * len(b) {
			data, err := io.ReadAll(s)
			if len(data) > len(b) {
				t.Fatalf("%d bytes of data from %d", len(data), len(b))
			}
			if err == nil {
				err = s.Recv(&ask{})
			}
			if err == nil {
				continue
			}
			var fault *Error
			if err != io.EOF && !errors.Is(err, ErrProtocol) && !errors.As(err, &fault) {
				t.Fatalf("error %v", err)
			}
			if again := s.Recv(&ask{}); again == nil {
				t.Fatalf("a message after %v", err)
			}
			return
		}
		if len(b) > 0 {
			t.Fatal("stream does not end")
		}
	})
}

// OnSend hears of everything that either side says, and before it is said.
func TestOnSend(t *testing.T) {
	var mu sync.Mutex
	var heard []string
	hear := func(who string) func(string, bool) {
		return func(method string, sent bool) {
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, fmt.Sprint(who, " ", method, " ", sent))
		}
	}
	stop := errors.New("stop")
	server := listen(t, testMux(), Config{OnSend: hear("server")})
	client := listen(t, NewMux(), Config{OnSend: hear("client")})
	c := dial(t, client, server)
	for _, method := range []string{"double", "missing"} {
		Call[ask, told](within(t, 10*time.Second), c, method, ask{N: 4})
	}
	if err := Subscribe(within(t, 10*time.Second), c, "count", ask{N: 2}, func(a told) error {
		if a.N == 1 {
			return stop
		}
		return nil
	}); err != stop {
		t.Fatal(err)
	}
	s, err := c.Open(within(t, 10*time.Second), "whoami")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CloseSend(); err != nil { // the header alone
		t.Fatal(err)
	}
	s.Recv(&ask{})
	s.Close()
	want := map[string]int{"client double": 1, "server double": 1, "client missing": 1, "server missing": 1, "client count": 1, "server count": 2,
		"client whoami": 1, "server whoami": 1}
	mu.Lock()
	defer mu.Unlock()
	all := 0
	for what, n := range want {
		before, after := 0, 0
		for _, h := range heard {
			switch h {
			case what + " false":
				before++
			case what + " true":
				after++
			}
			if after > before {
				t.Errorf("%s: sent before it was announced", what)
			}
		}
		// A server may not have come back from its last Write yet.
		if before != n || after < n-1 || what[:6] == "client" && after != n {
			t.Errorf("%s was announced %d times and sent %d times, want %d", what, before, after, n)
		}
		all += before + after
	}
	if len(heard) != all {
		t.Errorf("heard %d times, want %d: %q", len(heard), all, heard)
	}
}

// A side that tampers says something else than it would, or nothing.
func TestTamper(t *testing.T) {
	server := listen(t, testMux(), Config{Tamper: func(ctx context.Context, m Exchange) (any, error) {
		asked, ok := m.Request.(ask)
		said, isTold := m.Message.(told)
		if !ok || !isTold {
			t.Errorf("%s: an answer %T to a %T, want a told to an ask", m.Method, m.Message, m.Request)
		}
		if asked.N == 13 {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return told{said.N + 1}, nil
	}})
	client := listen(t, NewMux(), Config{Tamper: func(_ context.Context, m Exchange) (any, error) {
		if m.Request != nil || m.Peer != server.Account() {
			t.Errorf("%s: a request to %s that answers a %T", m.Method, m.Peer, m.Request)
		}
		return ask{N: m.Message.(ask).N + 3}, nil
	}})
	c := dial(t, client, server)
	if got, err := Call[ask, told](within(t, 10*time.Second), c, "double", ask{N: 4}); err != nil || got.N != 15 {
		t.Errorf("double(4+3)+1 gave %d, %v", got.N, err)
	}
	sum := uint64(0)
	if err := Subscribe(within(t, 10*time.Second), c, "count", ask{}, func(a told) error { sum += a.N; return nil }); err != nil || sum != 1+2+3 {
		t.Errorf("counting to 0+3, each with 1 more, gave %d, %v", sum, err)
	}
	if got, err := Call[ask, told](within(t, 200*time.Millisecond), c, "double", ask{N: 10}); err == nil {
		t.Errorf("the silent side said %d", got.N)
	}
}
