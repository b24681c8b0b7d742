package transport

import "time"

// sign is what a side sends now and then where it has nothing to say. QUIC's own keep-alive would keep the connection open, but it is so short
// that a peer which has restarted must not answer it with a stateless reset (RFC 9000, section 10.3: a reset is shorter than what it
// answers). This is long enough, so that the loss of a connection is known when the peer is back, and not only after the idle timeout.
var sign [32]byte

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

// deaf drops what a peer sends in datagrams, until the connection ends.
func (c *Conn) deaf() {
	for {
		if _, err := c.q.ReceiveDatagram(c.q.Context()); err != nil {
			return
		}
	}
}
