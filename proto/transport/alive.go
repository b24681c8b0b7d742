package transport

import "time"

// The first byte of a datagram says what it is. Others than these are passed over.
const (
	datagramSign   = 0
	datagramPacket = 1
)

// sign is what a side sends now and then where it has nothing to say. QUIC's own keep-alive would keep the connection open, but it is so short
// that a peer which has restarted must not answer it with a stateless reset (RFC 9000, section 10.3: a reset is shorter than what it
// answers). This is long enough, so that the loss of a connection is known when the peer is back, and not only after the idle timeout.
var sign = [32]byte{datagramSign}

// alive sends signs until the connection ends. They are datagrams (RFC 9221): a lost one is not repeated, and the peer takes no notice.
func (c *Conn) alive() {
	t := time.NewTicker(c.ep.cfg.KeepAlive)
	defer t.Stop()
	for {
		select {
		case <-c.q.Context().Done():
			return
		case <-t.C:
		}
		if c.q.SendDatagram(sign[:]) != nil {
			return // the connection has ended, or the peer takes none: QUIC's keep-alive is left
		}
	}
}

// hear takes what a peer sends in datagrams until the connection ends: packets go to whoever wants them, signs to nobody.
func (c *Conn) hear() {
	for {
		b, err := c.q.ReceiveDatagram(c.q.Context())
		if err != nil {
			return
		}
		if take := c.take.Load(); take != nil && len(b) > 0 && b[0] == datagramPacket {
			(*take)(b[1:])
		}
	}
}
