package transport

import (
	"context"
	"net"
	"net/netip"
)

// Side is a second protocol on an endpoint's socket: packets that QUIC passes over, each behind a byte that no QUIC packet begins with
// (RFC 9443). What it speaks from one address and port is seen by others at the same place as the endpoint, and keeps open what a translator of
// addresses has opened for it.
type Side struct {
	e      *Endpoint
	ctx    context.Context
	cancel context.CancelFunc
}

// sideByte begins a packet of the side. Punch's is of this byte alone.
const sideByte = 0

// Side opens the second protocol. There is one; the last that reads gets the packets.
func (e *Endpoint) Side() *Side {
	ctx, cancel := context.WithCancel(e.ctx)
	return &Side{e: e, ctx: ctx, cancel: cancel}
}

// ReadFromUDPAddrPort waits for a packet.
func (s *Side) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	buf := make([]byte, len(b)+1)
	for {
		n, from, err := s.e.quic.ReadNonQUICPacket(s.ctx, buf)
		if err != nil {
			return 0, netip.AddrPort{}, net.ErrClosed
		}
		at, ok := from.(*net.UDPAddr)
		if n < 2 || buf[0] != sideByte || !ok {
			continue
		}
		ip, _ := netip.AddrFromSlice(at.IP)
		return copy(b, buf[1:n]), netip.AddrPortFrom(ip.Unmap().WithZone(at.Zone), uint16(at.Port)), nil
	}
}

// WriteToUDPAddrPort sends a packet.
func (s *Side) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if s.ctx.Err() != nil {
		return 0, net.ErrClosed
	}
	if _, err := s.e.quic.WriteTo(append([]byte{sideByte}, b...), net.UDPAddrFromAddrPort(to)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Close ends reading and writing. The endpoint's socket stays open.
func (s *Side) Close() error {
	s.cancel()
	return nil
}

// LocalAddr is the endpoint's.
func (s *Side) LocalAddr() net.Addr { return s.e.Addr() }
