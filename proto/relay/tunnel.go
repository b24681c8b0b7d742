package relay

import (
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// waiting is how many packets may wait to be read from a tunnel. QUIC reads at once; what comes meanwhile is as if lost on the way.
const waiting = 512

// end is the far end of a channel, as an address of the network that the tunnel is.
type end struct {
	conn    *transport.Conn // to the relay
	channel uint64
	peer    msg.Account
	text    string
}

func (*end) Network() string  { return Scheme }
func (e *end) String() string { return e.text }

type place struct {
	conn    *transport.Conn
	channel uint64
}

type arrived struct {
	from *end
	p    []byte
}

// tunnel is a network of channels: what is written to one of its addresses goes through the relay of that channel.
type tunnel struct {
	local net.Addr
	in    chan arrived
	done  chan struct{}
	shut  sync.Once

	mu    sync.Mutex
	ends  map[place]*end
	wake  chan struct{} // closed when the deadline is over
	lost  atomic.Uint64 // packets that came and were not read in time
	alien atomic.Uint64 // packets of no channel
}

func newTunnel(local net.Addr) *tunnel {
	return &tunnel{local: local, in: make(chan arrived, waiting), done: make(chan struct{}), ends: map[place]*end{}, wake: make(chan struct{})}
}

// open begins to take packets of a channel. It gives false where the relay has opened too many, or the same twice.
func (t *tunnel) open(e *end) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for p := range t.ends {
		if p.conn == e.conn {
			n++
		}
	}
	at := place{e.conn, e.channel}
	if n >= maxEnds || t.ends[at] != nil {
		return false
	}
	t.ends[at] = e
	return true
}

// maxEnds bounds the channels that one relay may open to this node.
const maxEnds = 256

func (t *tunnel) close(conn *transport.Conn, channel uint64) {
	t.mu.Lock()
	delete(t.ends, place{conn, channel})
	t.mu.Unlock()
}

// take takes what a relay sends.
func (t *tunnel) take(conn *transport.Conn, b []byte) {
	channel, p, err := splitPacket(b)
	if err != nil {
		t.alien.Add(1)
		return
	}
	t.mu.Lock()
	from := t.ends[place{conn, channel}]
	t.mu.Unlock()
	if from == nil {
		t.alien.Add(1)
		return
	}
	select {
	case t.in <- arrived{from, p}:
	default:
		t.lost.Add(1)
	}
}

// ReadFrom gives the next packet.
func (t *tunnel) ReadFrom(p []byte) (int, net.Addr, error) {
	t.mu.Lock()
	wake := t.wake
	t.mu.Unlock()
	select {
	case a := <-t.in:
		return copy(p, a.p), a.from, nil
	case <-wake:
		return 0, nil, os.ErrDeadlineExceeded
	case <-t.done:
		return 0, nil, net.ErrClosed
	}
}

// WriteTo sends a packet. One that finds no room is lost, which is no error here: networks lose packets, and QUIC reckons with it.
func (t *tunnel) WriteTo(p []byte, to net.Addr) (int, error) {
	e, ok := to.(*end)
	if !ok {
		return 0, &net.AddrError{Err: "no channel", Addr: to.String()}
	}
	e.conn.SendPacket(appendPacket(make([]byte, 0, head+len(p)), e.channel, p))
	return len(p), nil
}

// SetReadDeadline ends a read that waits, if the time is over. quic-go sets no other.
func (t *tunnel) SetReadDeadline(at time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	over := !at.IsZero() && !at.After(time.Now())
	select {
	case <-t.wake:
		if !over {
			t.wake = make(chan struct{})
		}
	default:
		if over {
			close(t.wake)
		}
	}
	return nil
}

func (t *tunnel) SetDeadline(at time.Time) error { return t.SetReadDeadline(at) }
func (*tunnel) SetWriteDeadline(time.Time) error { return nil }
func (*tunnel) SetReadBuffer(int) error          { return nil }
func (*tunnel) SetWriteBuffer(int) error         { return nil }
func (t *tunnel) LocalAddr() net.Addr            { return t.local }
func (t *tunnel) Close() error                   { t.shut.Do(func() { close(t.done) }); return nil }
