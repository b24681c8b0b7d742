package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/gwrun/gwrun/proto/msg"
)

// Stream is one request and its answer. Each side may send messages and stretches of raw bytes in any order that the method
// says. One goroutine may send while another receives.
type Stream struct {
	conn   *Conn
	method string
	q      wire
	ctx    context.Context
	stop   func() bool // ends the watch on the caller's context; nil on the serving side

	mu    sync.Mutex // guards stall
	stall time.Duration

	out    []byte // sending: bytes that go out with the next frame
	sent   bool   // sending: CloseSend or an error has ended it
	in     *bufio.Reader
	next   kind // receiving: the frame whose head was read; 0 is none
	left   int  // receiving: what is left of it
	failed error
	closed atomic.Bool
}

// wire is what a Stream needs of a QUIC stream.
type wire interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	CancelRead(quic.StreamErrorCode)
	CancelWrite(quic.StreamErrorCode)
}

func newStream(c *Conn, q wire, ctx context.Context) *Stream {
	return &Stream{conn: c, q: q, ctx: ctx, in: bufio.NewReaderSize(q, 4<<10), stall: c.ep.cfg.StallTimeout}
}

// Method is what is asked for.
func (s *Stream) Method() string { return s.method }

// Peer is who is at the other end.
func (s *Stream) Peer() msg.Account { return s.conn.peer }

// Conn is the connection that the stream is on.
func (s *Stream) Conn() *Conn { return s.conn }

// RemoteAddr is where the peer is.
func (s *Stream) RemoteAddr() net.Addr { return s.conn.RemoteAddr() }

// Context ends when the stream does, for whatever reason.
func (s *Stream) Context() context.Context { return s.ctx }

// SetStall sets how long one Send, Recv, Write or Read may wait for the other side; 0 is as long as the connection lives.
func (s *Stream) SetStall(d time.Duration) {
	s.mu.Lock()
	s.stall = d
	s.mu.Unlock()
}

func (s *Stream) deadline() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stall <= 0 {
		return time.Time{}
	}
	return time.Now().Add(s.stall)
}

// explain makes an error of the stream one of this package's.
func (s *Stream) explain(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	// The caller's context cancels the stream, so its reason is the better one.
	if s.stop != nil && s.ctx.Err() != nil && !errors.Is(err, ErrProtocol) {
		err = s.ctx.Err()
	}
	if errors.Is(err, context.Canceled) {
		// A context also ends with the connection: say how that ended.
		if cause := context.Cause(s.conn.Context()); cause != nil {
			err = cause
		}
	}
	return fmt.Errorf("%s: %s: %w", s.conn.name(), s.method, classify(err, s.conn.ep.cfg.version))
}

func (s *Stream) frame(k kind, body []byte) error {
	if s.sent {
		return fmt.Errorf("%s: %v after the end", s.method, k)
	}
	const copied = 4 << 10 // up to here a copy is cheaper than a second call
	head := appendHead(s.out, k, len(body))
	s.out = nil
	if len(body) <= copied {
		return s.write(append(head, body...))
	}
	return s.write(head, body)
}

// write hands bytes to QUIC, which has taken or copied them when it returns.
func (s *Stream) write(pieces ...[]byte) error {
	tell := s.conn.ep.cfg.OnSend
	if tell != nil {
		tell(s.method, false)
	}
	err := s.writeAll(pieces)
	if tell != nil && err == nil {
		tell(s.method, true)
	}
	return s.explain(err)
}

// writeAll gives the peer the time it has for each slice, so that a slow one that takes something is not taken for a dead one.
func (s *Stream) writeAll(pieces [][]byte) error {
	for _, b := range pieces {
		for len(b) > 0 {
			k := min(len(b), sliceMost)
			s.q.SetWriteDeadline(s.deadline())
			if _, err := s.q.Write(b[:k]); err != nil {
				return err
			}
			b = b[k:]
		}
	}
	return nil
}

// Send sends a message: anything msg.Encode takes.
func (s *Stream) Send(v any) error {
	b := msg.Encode(v)
	if most := s.conn.ep.cfg.MaxMessage; len(b) > most {
		return fmt.Errorf("%s: sending a %T of %d bytes, at most %d allowed", s.method, v, len(b), most)
	}
	s.conn.ep.up.take(len(b))
	return s.frame(kindMessage, b)
}

// Write sends raw bytes.
func (s *Stream) Write(p []byte) (n int, err error) {
	up := &s.conn.ep.up
	for len(p) > 0 {
		k := min(len(p), maxData, up.most())
		if err := up.pass(s.ctx, k); err != nil {
			return n, s.explain(err)
		}
		if err := s.frame(kindData, p[:k]); err != nil {
			return n, err
		}
		n, p = n+k, p[k:]
	}
	return n, nil
}

// CloseSend says that nothing more will be sent. The other side's Recv then gives io.EOF.
func (s *Stream) CloseSend() error {
	if s.sent {
		return nil
	}
	s.sent = true
	if len(s.out) > 0 {
		if err := s.write(s.out); err != nil {
			return err
		}
		s.out = nil
	}
	s.q.Close() // fails only where the peer wants no more: what it has to say about that, Recv tells
	return nil
}

// fail sends an error as the last thing.
func (s *Stream) fail(e *Error) error {
	e = &Error{Code: Code(clean(string(e.Code), maxCode)), Text: clean(e.Text, maxErrorText)}
	return errors.Join(s.frame(kindError, msg.Encode(e)), s.CloseSend())
}

// Close gives up on whatever was not sent or received. It is no error to close a stream that has ended.
func (s *Stream) Close() error {
	if s.stop != nil {
		s.stop()
		if !s.closed.Swap(true) {
			s.conn.count(-1)
		}
	}
	s.cancel(streamCancelled)
	return nil
}

func (s *Stream) cancel(code quic.StreamErrorCode) {
	s.q.CancelRead(code)
	s.q.CancelWrite(code)
}

// head makes s.next the kind of the frame to come, or returns io.EOF at the end and the peer's error where it sent one.
func (s *Stream) head() error {
	if s.failed != nil {
		return s.failed
	}
	for s.next == 0 {
		k, n, err := readHead(s.in, s.conn.ep.cfg.MaxMessage)
		if err != nil {
			return s.broken(err)
		}
		if k == kindData && n == 0 {
			continue
		}
		s.next, s.left = k, n
	}
	if s.next != kindError {
		return nil
	}
	b, err := readBody(s.in, s.left)
	if err != nil {
		return s.broken(err)
	}
	var e Error
	if err := msg.Decode(b, &e); err != nil {
		return s.broken(fmt.Errorf("%w: %w", ErrProtocol, err))
	}
	e.received = true
	e.Code, e.Text = Code(clean(string(e.Code), maxCode)), clean(e.Text, maxErrorText)
	s.failed = fmt.Errorf("%s: %s: %w", s.conn.name(), s.method, &e)
	return s.failed
}

// broken remembers that nothing sensible can be read any more.
func (s *Stream) broken(err error) error {
	err = s.explain(err)
	if errors.Is(err, ErrProtocol) {
		s.q.CancelRead(streamProtocol)
		if s.stop != nil { // the serving side explains itself in its answer
			s.q.CancelWrite(streamProtocol)
		}
	}
	// After a missed deadline the rest may still come.
	if !errors.Is(err, ErrTimeout) {
		s.failed = err
	}
	return err
}

// Recv receives the next message into v, a pointer. It gives io.EOF when the other side has sent all it wants to, and an
// *Error where the other side reports one.
func (s *Stream) Recv(v any) error {
	s.q.SetReadDeadline(s.deadline())
	if err := s.head(); err != nil {
		return err
	}
	if s.next != kindMessage {
		return s.broken(fmt.Errorf("%w: %v where a message was wanted", ErrProtocol, s.next))
	}
	b, err := readBody(s.in, s.left)
	if err != nil {
		// Part of the message is gone, so even after a missed deadline nothing more can be read.
		err = s.broken(err)
		s.failed = err
		return err
	}
	s.next = 0
	s.conn.ep.down.take(len(b))
	if err := msg.Decode(b, v); err != nil {
		return s.broken(fmt.Errorf("%w: %w", ErrProtocol, err))
	}
	return nil
}

// Read receives raw bytes. It gives io.EOF where the other side sends a message next, or nothing more.
func (s *Stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	s.q.SetReadDeadline(s.deadline())
	if err := s.head(); err != nil {
		return 0, err
	}
	if s.next == kindMessage {
		return 0, io.EOF
	}
	if s.next != kindData {
		return 0, s.broken(fmt.Errorf("%w: %v where data was wanted", ErrProtocol, s.next))
	}
	down := &s.conn.ep.down
	n, err := s.in.Read(p[:min(len(p), s.left, down.most())])
	s.left -= n
	if s.left == 0 {
		s.next = 0
	}
	if n > 0 {
		if err := down.pass(s.ctx, n); err != nil {
			return n, s.explain(err)
		}
		return n, nil // QUIC may give the last bytes together with the end; the next call meets it again
	}
	return 0, s.broken(cut(err))
}
