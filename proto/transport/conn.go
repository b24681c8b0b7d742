package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/gwrun/gwrun/proto/msg"
)

// Conn is a connection to an account. Both sides may open streams on it.
type Conn struct {
	ep     *Endpoint
	q      *quic.Conn
	peer   msg.Account
	dialed string       // the address asked for; empty for an incoming connection
	own    bool         // the endpoint is this connection's alone
	served atomic.Bool  // a request has been answered on it
	active atomic.Int32 // streams open in either direction
	used   atomic.Int64 // when a stream was last opened or closed; Unix nanoseconds

	take atomic.Pointer[func(p []byte)] // the peer's packets; see OnPacket
	out  packets                        // this side's
}

// Peer is who is at the other end.
func (c *Conn) Peer() msg.Account { return c.peer }

// RemoteAddr is where the peer is.
func (c *Conn) RemoteAddr() net.Addr { return c.q.RemoteAddr() }

// Dialed says whether this side made the connection.
func (c *Conn) Dialed() bool { return c.dialed != "" }

// RTT is how long a packet takes to the peer and its answer back, as measured lately.
func (c *Conn) RTT() time.Duration { return c.q.ConnectionStats().SmoothedRTT }

// Context ends when the connection does.
func (c *Conn) Context() context.Context { return c.q.Context() }

// count keeps track of the open streams.
func (c *Conn) count(n int32) {
	c.used.Store(time.Now().UnixNano()) // first: who sees it idle knows since when
	c.active.Add(n)
}

func (c *Conn) name() string {
	if c.q == nil {
		return c.peer.String()
	}
	return peerName(c.peer, c.q.RemoteAddr())
}

// Close ends the connection at once, with all its streams.
func (c *Conn) Close() error {
	err := c.q.CloseWithError(closeNormal, "")
	if c.own {
		err = errors.Join(err, c.ep.Close(context.Background()))
	}
	return err
}

// Open begins a request. The stream ends with ctx; close it when done.
func (c *Conn) Open(ctx context.Context, method string) (*Stream, error) {
	if len(method) > maxMethod {
		return nil, fmt.Errorf("method of %d bytes, at most %d wanted", len(method), maxMethod)
	}
	q, err := c.q.OpenStreamSync(ctx)
	if err != nil {
		if ctx.Err() == nil && c.q.Context().Err() != nil {
			err = context.Cause(c.q.Context())
		}
		return nil, fmt.Errorf("%s: %s: %w", c.name(), method, classify(err, c.ep.cfg.version))
	}
	s := newStream(c, q, ctx)
	s.method = method
	h := msg.Encode(header{Version: c.ep.cfg.version, Method: method})
	s.out = append(appendHead(nil, kindHeader, len(h)), h...)
	c.count(1)
	s.stop = context.AfterFunc(ctx, func() { s.cancel(streamCancelled) })
	return s, nil
}

// serve takes the peer's requests until the connection ends.
func (c *Conn) serve() {
	if c.ep.mux == nil {
		return // the QUIC layer allows the peer no streams
	}
	for {
		q, err := c.q.AcceptStream(context.Background())
		if err != nil {
			return
		}
		if !c.ep.begin() {
			q.CancelRead(streamCancelled)
			q.CancelWrite(streamCancelled)
			continue
		}
		go func() {
			defer c.ep.requests.Done()
			c.count(1)
			defer c.count(-1)
			c.served.Store(true)
			c.answer(newStream(c, q, q.Context()))
		}()
	}
}

// begin counts a request in, unless the endpoint is closing.
func (e *Endpoint) begin() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing {
		return false
	}
	e.requests.Add(1)
	return true
}

func (c *Conn) answer(s *Stream) {
	defer s.q.CancelRead(streamCancelled) // whatever the handler did not want to read
	h, err := s.header()
	if err != nil {
		c.ep.cfg.Log.Debug("bad request", "peer", c.name(), "error", err)
		s.cancel(streamProtocol)
		return
	}
	s.method = h.Method
	fault := c.run(s, h)
	if fault == nil {
		err = s.CloseSend()
	} else {
		err = s.fail(fault)
	}
	if err != nil && !errors.Is(err, ErrCancelled) && !errors.Is(err, ErrClosed) {
		c.ep.cfg.Log.Debug("answer not sent", "peer", c.name(), "method", h.Method, "error", err)
	}
}

func (s *Stream) header() (header, error) {
	var h header
	s.q.SetReadDeadline(s.deadline())
	k, n, err := readHead(s.in, s.conn.ep.cfg.MaxMessage)
	if err != nil {
		return h, err
	}
	if k != kindHeader {
		return h, fmt.Errorf("%w: %v where a header was wanted", ErrProtocol, k)
	}
	b, err := readBody(s.in, n)
	if err != nil {
		return h, err
	}
	return h, msg.Decode(b, &h)
}

// run calls the handler and makes what it returns fit for the peer.
func (c *Conn) run(s *Stream, h header) (fault *Error) {
	log := c.ep.cfg.Log
	if h.Version != c.ep.cfg.version {
		return Errorf(BadRequest, "request of %s, this is %s", alpn(h.Version), alpn(c.ep.cfg.version))
	}
	if !c.ep.limits.allow(c.peer) {
		return Errorf(RateLimited, "more than %g requests a second from one account", c.ep.cfg.Rate)
	}
	handler := c.ep.mux.handler(h.Method)
	if handler == nil {
		return Errorf(UnknownMethod, "no method %q here", clean(h.Method, maxMethod))
	}
	defer func() {
		if p := recover(); p != nil {
			log.Error("handler panicked", "method", h.Method, "peer", c.name(), "panic", p, "stack", string(debug.Stack()))
			fault = Errorf(Internal, "internal error")
		}
	}()
	err := handler(s.ctx, c.peer, s)
	if err == nil {
		return nil
	}
	if errors.As(err, &fault) && !fault.received {
		return fault
	}
	switch {
	case errors.Is(err, msg.ErrDecode):
		return Errorf(BadRequest, "%v", err)
	case errors.Is(err, io.EOF):
		return Errorf(BadRequest, "request ended early")
	case errors.Is(err, ErrProtocol):
		return Errorf(BadRequest, "protocol violated")
	case errors.Is(err, ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		log.Info("request timed out", "method", h.Method, "peer", c.name(), "error", err)
		return Errorf(Busy, "timed out")
	case s.ctx.Err() == nil: // otherwise the peer has gone, and that is why
		log.Error("request failed", "method", h.Method, "peer", c.name(), "error", err)
	}
	return Errorf(Internal, "internal error")
}
