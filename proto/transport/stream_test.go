package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
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
