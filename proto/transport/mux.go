package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/gwrun/gwrun/proto/msg"
)

const maxMethod = 64

// Handler answers one request. ctx ends when the peer gives up, the connection breaks or the endpoint closes. When it
// returns nil the stream ends in good order; an error is sent to the peer (see Error).
type Handler func(ctx context.Context, peer msg.Account, s *Stream) error

// Mux finds the handler of a method.
type Mux struct {
	mu       sync.RWMutex
	handlers map[string]Handler
}

// NewMux makes a Mux without handlers.
func NewMux() *Mux { return &Mux{handlers: map[string]Handler{}} }

// HandleStream sets the handler of a method. It panics if there is one already.
func (m *Mux) HandleStream(method string, h Handler) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(method) > maxMethod || m.handlers[method] != nil {
		panic(fmt.Sprintf("transport: method %q is too long or has a handler already", method))
	}
	m.handlers[method] = h
}

func (m *Mux) handler(method string) Handler {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.handlers[method]
}

// Handle sets the handler of a method that takes one message and answers with one.
func Handle[Req, Resp any](m *Mux, method string, h func(ctx context.Context, peer msg.Account, req Req) (Resp, error)) {
	m.HandleStream(method, func(ctx context.Context, peer msg.Account, s *Stream) error {
		var req Req
		if err := s.Recv(&req); err != nil {
			return err
		}
		resp, err := h(ctx, peer, req)
		if err != nil {
			return err
		}
		return s.say(ctx, req, resp)
	})
}

// HandleServer sets the handler of a method that takes one message and answers with any number: progress, logs. Once it has
// the request it waits for the peer only when it sends.
func HandleServer[Req, Event any](m *Mux, method string, h func(ctx context.Context, peer msg.Account, req Req, send func(Event) error) error) {
	m.HandleStream(method, func(ctx context.Context, peer msg.Account, s *Stream) error {
		var req Req
		if err := s.Recv(&req); err != nil {
			return err
		}
		return h(ctx, peer, req, func(e Event) error { return s.say(ctx, req, e) })
	})
}

// Call sends req and waits for the answer, for as long as ctx allows, or Config.CallTimeout if it sets no deadline.
func Call[Req, Resp any](ctx context.Context, c *Conn, method string, req Req) (resp Resp, err error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.ep.cfg.CallTimeout)
		defer cancel()
	}
	s, err := c.Open(ctx, method)
	if err != nil {
		return resp, err
	}
	defer s.Close()
	s.SetStall(0) // ctx has the deadline
	if err := request(ctx, s, req); err != nil {
		return resp, err
	}
	err = s.Recv(&resp)
	if err == io.EOF {
		err = fmt.Errorf("%s: %s: %w: no answer", c.name(), method, ErrProtocol)
	}
	return resp, err
}

// Subscribe sends req and calls each with every message of the answer, until the peer ends it, each fails or ctx ends. The
// peer may be quiet for as long as the connection lives.
func Subscribe[Req, Event any](ctx context.Context, c *Conn, method string, req Req, each func(Event) error) error {
	s, err := c.Open(ctx, method)
	if err != nil {
		return err
	}
	defer s.Close()
	s.SetStall(0)
	if err := request(ctx, s, req); err != nil {
		return err
	}
	for {
		var e Event
		switch err := s.Recv(&e); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := each(e); err != nil {
			return err
		}
	}
}

// request sends the only message of a request. Where the peer did not wait for all of it, it has said why.
func request[Req any](ctx context.Context, s *Stream, req Req) error {
	err := s.say(ctx, nil, req)
	if err == nil {
		err = s.CloseSend()
	}
	if err == nil || !errors.Is(err, ErrCancelled) || s.ctx.Err() != nil {
		return err
	}
	var fault *Error
	if why := s.head(); errors.As(why, &fault) {
		return why
	}
	return err
}

// say sends a message, or what Config.Tamper makes of it.
func (s *Stream) say(ctx context.Context, request, message any) error {
	if tamper := s.conn.ep.cfg.Tamper; tamper != nil {
		var err error
		if message, err = tamper(ctx, Exchange{s.method, s.Peer(), request, message}); err != nil {
			return err
		}
	}
	return s.Send(message)
}
