package doctor

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// Port looks whether a node can listen on a UDP address, or does already: own is its account, if that is known.
func Port(listen string, own *msg.Account) Look {
	const name = "port"
	return func(ctx context.Context) []Finding {
		at, err := net.ResolveUDPAddr("udp", listen)
		if err != nil {
			return []Finding{bad(name, "give an address such as --listen :4433", "%v", err)}
		}
		s, err := net.ListenUDP("udp", at)
		switch {
		case err == nil:
			defer s.Close()
			return []Finding{ok(name, "UDP %s can be listened on; whether others reach it, nodes have to be asked (--peers)", s.LocalAddr())}
		case errors.Is(err, syscall.EADDRINUSE):
			if who, err := there(ctx, at); err == nil && own != nil && who == *own {
				return []Finding{ok(name, "this node runs and answers on UDP %s", listen)}
			} else if err == nil {
				return []Finding{bad(name, "give another --listen", "another node listens on UDP %s: %s", listen, who)}
			}
			return []Finding{bad(name, "stop what listens there (ss -ulpn), or give another --listen", "UDP %s is in use, and no node answers there", listen)}
		case errors.Is(err, syscall.EACCES):
			return []Finding{bad(name, "give a port above 1023", "%v", err)}
		}
		return []Finding{bad(name, "give an address of this machine with --listen, or none, such as :4433", "%v", err)}
	}
}

// there asks the node on an address of this machine who it is.
func there(ctx context.Context, at *net.UDPAddr) (who msg.Account, err error) {
	id, err := identity.New()
	if err != nil {
		return who, err
	}
	e, err := transport.Listen("localhost:0", id, nil, transport.Config{HandshakeTimeout: 2 * time.Second})
	if err != nil {
		return who, err
	}
	defer e.Close(ctx)
	if at.IP == nil || at.IP.IsUnspecified() {
		at = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: at.Port}
	}
	_, who, err = peer.New(e, at.String(), nil).Info(ctx)
	return who, err
}
