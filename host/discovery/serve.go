package discovery

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// Methods by which nodes learn from each other where they are.
const (
	MethodSeen     = "node.seen"     // SeenRequest -> Seen
	MethodDialBack = "node.dialback" // DialBackRequest -> DialedBack
	MethodPeers    = "node.peers"    // PeersRequest -> PeerList
)

// SeenRequest asks where a node is seen.
type SeenRequest struct{}

// Seen says where, and what time it is.
type Seen struct {
	At  string `cbor:"1,keyasint" json:"at"`  // IP:PORT
	Now int64  `cbor:"2,keyasint" json:"now"` // Unix milliseconds by the clock of who answers
}

// DialBackRequest asks a node to connect to who asks, from a port that it was never heard from, at a port of the address the request comes
// from. No other address can be named: nobody is sent anywhere by a stranger.
type DialBackRequest struct {
	Port uint16 `cbor:"1,keyasint"`
}

// DialedBack says whether that worked.
type DialedBack struct {
	At      string `cbor:"1,keyasint" json:"at"`
	Reached bool   `cbor:"2,keyasint" json:"reached"`
	Reason  string `cbor:"3,keyasint,omitempty" json:"reason,omitempty"`
}

// PeersRequest asks for nodes that have answered lately.
type PeersRequest struct{}

// PeerList are some of them, by their own signed announcements.
type PeerList struct {
	Announcements []identity.Signed `cbor:"1,keyasint"` // of rpc.Announcement
}

// maxGiven is how many peers one answer holds.
const maxGiven = 32

// What dialing back may cost: a few packets to the address that asked for them, now and then.
const (
	dialBackEvery   = 5 * time.Second // for one address, or a /64 of IPv6
	dialBacks       = 4               // at a time
	dialBackTimeout = 3 * time.Second
)

// dialer dials back.
type dialer struct {
	id  *identity.Identity
	now func() time.Time

	mu   sync.Mutex
	last map[netip.Prefix]time.Time
	busy int
}

// Serve answers the questions that any node answers: where it sees who asks, and whether that one can be reached.
func Serve(mux *transport.Mux, id *identity.Identity) {
	mux.HandleStream(MethodSeen, func(ctx context.Context, _ msg.Account, s *transport.Stream) error {
		var r SeenRequest
		if err := s.Recv(&r); err != nil {
			return err
		}
		at := transport.UDPAddrPort(s.RemoteAddr())
		if !at.IsValid() {
			return transport.Errorf(transport.BadRequest, "over a relay nobody sees where who asks is")
		}
		return s.Send(Seen{At: at.String(), Now: time.Now().UnixMilli()})
	})
	d := &dialer{id: id, now: time.Now, last: map[netip.Prefix]time.Time{}}
	mux.HandleStream(MethodDialBack, func(ctx context.Context, who msg.Account, s *transport.Stream) error {
		var r DialBackRequest
		if err := s.Recv(&r); err != nil {
			return err
		}
		at := transport.UDPAddrPort(s.RemoteAddr())
		if !at.IsValid() || r.Port == 0 {
			return transport.Errorf(transport.BadRequest, "dialing back to port %d of %s", r.Port, s.RemoteAddr())
		}
		answer, err := d.dial(ctx, who, netip.AddrPortFrom(at.Addr(), r.Port))
		if err != nil {
			return err
		}
		return s.Send(answer)
	})
}

// customer is what one customer of an internet provider has, most likely.
func customer(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.WithZone("").Prefix(bits)
	return p
}

// begin counts an attempt in.
func (d *dialer) begin(to netip.Addr) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	k := customer(to)
	for k, when := range d.last {
		if now.Sub(when) >= dialBackEvery {
			delete(d.last, k)
		}
	}
	if _, ok := d.last[k]; ok {
		return transport.Errorf(transport.RateLimited, "dialed back to %s less than %s ago", k, dialBackEvery)
	}
	if d.busy >= dialBacks {
		return transport.Errorf(transport.Busy, "dialing back to %d others", d.busy)
	}
	d.last[k] = now
	d.busy++
	return nil
}

func (d *dialer) dial(ctx context.Context, who msg.Account, to netip.AddrPort) (DialedBack, error) {
	answer := DialedBack{At: to.String()}
	if err := d.begin(to.Addr()); err != nil {
		return answer, err
	}
	defer func() {
		d.mu.Lock()
		d.busy--
		d.mu.Unlock()
	}()
	ctx, cancel := context.WithTimeout(ctx, dialBackTimeout)
	defer cancel()
	c, err := transport.Dial(ctx, to.String(), d.id, transport.Config{HandshakeTimeout: dialBackTimeout}, &who)
	if err != nil {
		answer.Reason = fmt.Sprintf("%.200v", err)
		return answer, nil
	}
	answer.Reached = true
	return answer, c.Close()
}
