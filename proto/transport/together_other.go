//go:build !linux

package transport

import "net"

// receiver would have a socket receive datagrams together, where the system could do that.
func receiver(socket *net.UDPConn) (net.PacketConn, error) { return socket, nil }
