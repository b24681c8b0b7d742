package transport

import (
	"errors"
	"fmt"
	"sync"
)

// MaxPacket is the most bytes of a packet that SendPacket takes. It fits into a datagram of every connection: QUIC's first packets are as
// large as that, so that where it would not fit there is no connection (TestLargestPacket).
const MaxPacket = 1232

// packetsQueued is how many packets may wait to be sent on one connection. More would only grow old.
const packetsQueued = 256

// errDropped says that a packet was not sent. Whoever sends packets is prepared for that: the network does it too.
var errDropped = errors.New("packet dropped: the connection is slower than what is sent over it")

// packets are those that wait to be sent on a connection.
type packets struct {
	once  sync.Once
	queue chan []byte
}

// OnPacket has take called with each packet that the peer sends, one after the other. It must be quick, and may keep what it is given.
func (c *Conn) OnPacket(take func(p []byte)) { c.take.Store(&take) }

// SendPacket sends a packet of at most MaxPacket bytes, unreliably: in a QUIC datagram (RFC 9221). It never waits: what does not find room
// is dropped, with an error. p stays the caller's.
func (c *Conn) SendPacket(p []byte) error {
	if len(p) > MaxPacket {
		return fmt.Errorf("packet of %d bytes, at most %d fit", len(p), MaxPacket)
	}
	c.out.once.Do(func() {
		c.out.queue = make(chan []byte, packetsQueued)
		c.ep.mu.Lock()
		defer c.ep.mu.Unlock()
		if !c.ep.closing {
			c.ep.loops.Go(c.sendPackets)
		}
	})
	b := make([]byte, 1+len(p))
	b[0] = datagramPacket
	copy(b[1:], p)
	select {
	case c.out.queue <- b:
		return nil
	default:
		return errDropped
	}
}

// sendPackets hands the queued packets to QUIC, which has them wait where the network is slower.
func (c *Conn) sendPackets() {
	for {
		select {
		case b := <-c.out.queue:
			if c.q.SendDatagram(b) != nil && c.q.Context().Err() != nil {
				return
			}
		case <-c.q.Context().Done():
			return
		}
	}
}
