package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"unicode"

	"github.com/quic-go/quic-go"

	"github.com/gwrun/gwrun/proto/identity"
)

// What can be wrong with a peer. Each error of this package wraps one of them, or is an *Error the peer sent.
var (
	ErrUnreachable  = errors.New("unreachable")             // nobody answers there, or the connection broke
	ErrRefused      = errors.New("connection refused")      // the peer answers, but will not talk to us
	ErrWrongKey     = errors.New("wrong key")               // somebody else answers, or with a bad certificate
	ErrWrongVersion = errors.New("wrong protocol version")  // it speaks another version of the protocol
	ErrTimeout      = errors.New("timed out")               // it took too long
	ErrProtocol     = errors.New("protocol violated")       // it sent what this protocol does not allow
	ErrClosed       = errors.New("connection closed")       // this side closed it, or the peer in good order
	ErrCancelled    = errors.New("request was given up on") // one side cancelled the stream
)

// Code says what kind of error a peer's handler met. Unknown codes are to be expected from newer peers.
type Code string

// The codes in use.
const (
	BadRequest    Code = "bad_request"    // the request can never succeed
	Forbidden     Code = "forbidden"      // not by this account
	NotFound      Code = "not_found"      // what it names is not here
	Conflict      Code = "conflict"       // it contradicts what is known
	Busy          Code = "busy"           // later, perhaps
	RateLimited   Code = "rate_limited"   // too many requests
	UnknownMethod Code = "unknown_method" // this node does not do that
	Internal      Code = "internal"       // the peer's own trouble
)

// Error is what a handler tells the caller. A handler that returns one, or an error that wraps one it made, has it sent as it
// is; any other error is logged and sent as Internal, without its text.
type Error struct {
	Code Code   `cbor:"1,keyasint"`
	Text string `cbor:"2,keyasint"`

	received bool // from a peer: a handler that passes it on does not speak for itself
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Text, e.Code) }

// Errorf makes an error for the caller.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Text: fmt.Sprintf(format, args...)}
}

// HasCode says whether err is, or wraps, an *Error with that code.
func HasCode(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

const (
	maxErrorText = 1 << 10
	maxCode      = 32
)

// clean makes a peer's text safe to print on a terminal.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

// Codes with which a connection or a stream is closed.
const (
	closeNormal  quic.ApplicationErrorCode = 0
	closeVersion quic.ApplicationErrorCode = 1
	closeBusy    quic.ApplicationErrorCode = 2

	streamCancelled quic.StreamErrorCode = 1
	streamProtocol  quic.StreamErrorCode = 2
)

// TLS alerts (RFC 8446, section 6) as QUIC gives them (RFC 9001, section 4.8).
const (
	cryptoErrors = 0x100
	alertNoALPN  = cryptoErrors + 120
)

// classify turns an error of quic-go into one of ours. version is this side's.
func classify(err error, version uint) error {
	var (
		app       *quic.ApplicationError
		transport *quic.TransportError
		stream    *quic.StreamError
		idle      *quic.IdleTimeoutError
		handshake *quic.HandshakeTimeoutError
		reset     *quic.StatelessResetError
		dns       *net.DNSError
		op        *net.OpError
	)
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.Is(err, identity.ErrCertificate) || errors.Is(err, ErrWrongKey):
		var own *certificateError
		if errors.As(err, &own) {
			err = own.err
		}
		if errors.Is(err, ErrWrongKey) {
			return err
		}
		return fmt.Errorf("%w: %w", ErrWrongKey, err)
	case errors.As(err, &app) && app.ErrorCode == closeVersion:
		if !app.Remote {
			return fmt.Errorf("%w: %s", ErrWrongVersion, app.ErrorMessage)
		}
		return fmt.Errorf("%w: peer speaks %s, this is %s", ErrWrongVersion, clean(app.ErrorMessage, 20), alpn(version))
	case errors.As(err, &app) && app.ErrorCode == closeBusy && app.Remote:
		return fmt.Errorf("%w: %s", ErrRefused, clean(app.ErrorMessage, maxErrorText))
	case errors.As(err, &app):
		return ErrClosed
	case errors.As(err, &idle):
		return fmt.Errorf("%w: connection went silent", ErrUnreachable)
	case errors.As(err, &handshake):
		return fmt.Errorf("%w: no answer", ErrUnreachable)
	case errors.As(err, &reset):
		return fmt.Errorf("%w: peer has restarted", ErrUnreachable)
	case errors.As(err, &transport) && transport.Remote && transport.ErrorCode == alertNoALPN:
		return fmt.Errorf("%w: peer does not speak %s", ErrWrongVersion, alpn(version))
	case errors.As(err, &transport) && transport.ErrorCode == quic.ConnectionRefused:
		return fmt.Errorf("%w: peer takes no more connections", ErrRefused)
	case errors.As(err, &transport) && transport.Remote && transport.ErrorCode >= cryptoErrors && transport.ErrorCode < cryptoErrors+0x100:
		return fmt.Errorf("%w: peer did not take this node's certificate (is a clock wrong?): %s", ErrRefused, clean(transport.Error(), 200))
	case errors.As(err, &transport):
		return fmt.Errorf("%w: %s", ErrProtocol, clean(transport.Error(), 200))
	case errors.As(err, &stream) && stream.ErrorCode == streamProtocol:
		return fmt.Errorf("%w: so says the peer", ErrProtocol)
	case errors.As(err, &stream):
		return ErrCancelled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return ErrTimeout
	case errors.Is(err, context.Canceled):
		return ErrCancelled
	case errors.As(err, &dns), errors.As(err, &op):
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	case errors.Is(err, net.ErrClosed), errors.Is(err, quic.ErrTransportClosed), errors.Is(err, quic.ErrServerClosed):
		return ErrClosed
	}
	return err
}
