package transport

import (
	"context"
	"log/slog"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// Config holds an endpoint's limits. The zero value is the default of each.
type Config struct {
	// MaxMessage is the most bytes of one message, sent or received. Default and most: 16 MiB (msg.MaxEncoded).
	MaxMessage int
	// MaxStreams is how many requests a peer may have open on a connection; more of them wait. Default 64.
	MaxStreams int64
	// MaxConns is how many incoming connections there may be at once. When there are so many, one on which nothing has
	// been asked for 10 s makes room for a new one. Default 512.
	MaxConns int
	// MaxConnsPerPeer is how many of them may be from one account. Default 8.
	MaxConnsPerPeer int
	// Rate is how many requests a second one account may make, over all its connections; beyond them it is told to come
	// back later. Default 200.
	Rate float64
	// Burst is how many requests may come at once after a pause. Default 400.
	Burst int
	// MaxUp and MaxDown are how many bytes a second this endpoint sends and takes, over all its connections. Blobs and pages wait
	// for their turn; messages go at once, at the expense of blobs. Default: no bound.
	MaxUp, MaxDown int64
	// HandshakeTimeout is how long a peer may take to answer a dial. Default 5 s.
	HandshakeTimeout time.Duration
	// IdleTimeout ends a connection on which nothing was heard for so long, keep-alives included. Default 30 s.
	IdleTimeout time.Duration
	// KeepAlive is how often a quiet connection is kept alive. Default 10 s.
	KeepAlive time.Duration
	// StallTimeout ends a request whose other side neither sends what is waited for nor takes what is sent. Default 30 s.
	// A stream that is expected to be quiet for longer changes it with Stream.SetStall.
	StallTimeout time.Duration
	// CallTimeout bounds Call where its context has no deadline. Default 1 min.
	CallTimeout time.Duration
	// Log takes what an operator should know. Default: nowhere.
	Log *slog.Logger
	// OnSend, if set, is called before each message, stretch of data or error of a method is handed to QUIC, and once more (sent) when
	// QUIC has it. It is for tests that kill a node at such a moment.
	OnSend func(method string, sent bool)
	// Tamper, if set, sees each message that Handle, HandleServer, Call and Subscribe are about to send, and gives what is sent in its
	// place. It may wait until ctx ends, and an error of its own is the exchange's. It makes a node that lies, for those who test the others.
	Tamper func(ctx context.Context, m Exchange) (any, error)

	version uint                                       // tests: protocol version; 0 is Version
	now     func() time.Time                           // tests: this node's clock
	pause   func(context.Context, time.Duration) error // tests: how it waits for bandwidth
	small   bool                                       // tests: packets never grow larger than the first ones
	unused  time.Duration                              // tests: how long a connection without requests is safe when there are too many
}

// Exchange is a message about to be sent. It has the type that the method says.
type Exchange struct {
	Method  string
	Peer    msg.Account // to whom
	Request any         // what it answers, nil if it is itself what is asked
	Message any
}

func (c Config) withDefaults() Config {
	orDefault(&c.MaxMessage, msg.MaxEncoded)
	c.MaxMessage = min(c.MaxMessage, msg.MaxEncoded)
	orDefault(&c.MaxStreams, 64)
	orDefault(&c.MaxConns, 512)
	orDefault(&c.MaxConnsPerPeer, 8)
	orDefault(&c.Rate, 200)
	orDefault(&c.Burst, 400)
	orDefault(&c.HandshakeTimeout, 5*time.Second)
	orDefault(&c.IdleTimeout, 30*time.Second)
	orDefault(&c.KeepAlive, 10*time.Second)
	orDefault(&c.StallTimeout, 30*time.Second)
	orDefault(&c.CallTimeout, time.Minute)
	orDefault(&c.version, Version)
	orDefault(&c.unused, 10*time.Second)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.pause == nil {
		c.pause = pause
	}
	return c
}

func orDefault[T int | int64 | uint | float64 | time.Duration](v *T, standard T) {
	if *v <= 0 {
		*v = standard
	}
}
