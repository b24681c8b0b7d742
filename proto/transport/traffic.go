package transport

import "github.com/quic-go/quic-go"

// Traffic is what went over an endpoint's connections since it was opened, in bytes of UDP payload: retransmissions are in it, and so is what
// QUIC adds.
type Traffic struct{ Sent, Received uint64 }

func (t *Traffic) add(s quic.ConnectionStats) {
	t.Sent += s.BytesSent
	t.Received += s.BytesReceived
}

// Traffic says how much it was.
func (e *Endpoint) Traffic() Traffic {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.past
	for c := range e.live {
		t.add(c.q.ConnectionStats())
	}
	return t
}

// ended counts a connection that is gone. e.mu is held.
func (e *Endpoint) ended(c *Conn) {
	delete(e.live, c)
	e.past.add(c.q.ConnectionStats())
}
