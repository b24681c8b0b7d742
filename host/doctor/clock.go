package doctor

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/gwrun/gwrun/host/discovery"
)

// clockOff is how far a clock may be from its peers': a node's deadlines are in seconds, and a certificate may not be of the future.
const clockOff = 2 * time.Second

// Clock looks whether something keeps the clock right, for a machine that has nobody to compare it with.
func Clock() Look {
	const name = "clock"
	return func(context.Context) []Finding {
		kept, err := clockKept()
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			return []Finding{unchecked(name, "name nodes to compare it with: --peers")}
		case err != nil:
			return []Finding{unchecked(name, "the kernel does not tell (%v); name nodes to compare it with: --peers", err)}
		case !kept:
			return []Finding{bad(name, "timedatectl set-ntp true, or start another time daemon; or compare it with other nodes: --peers", "the kernel says that nothing keeps it right (%s)", time.Now().UTC().Format(time.RFC3339))}
		}
		return []Finding{ok(name, "the kernel says that a time daemon keeps it right; it was compared with nobody's (--peers)")}
	}
}

// fromPeers is what a check of the network says of the clock and of the port.
func fromPeers(r *discovery.Report) []Finding {
	var out []Finding
	answered := 0
	for _, p := range r.Peers {
		if p.Error == "" {
			answered++
		}
	}
	skew := time.Duration(r.Skew * float64(time.Millisecond)).Round(time.Millisecond)
	switch {
	case answered == 0:
		out = append(out, bad("clock", "are the addresses right, and do the nodes run?", "none of %d peers answered: it was compared with nobody's", len(r.Peers)))
	case math.Abs(r.Skew) > float64(clockOff.Milliseconds()):
		out = append(out, bad("clock", "timedatectl set-ntp true", "most of %d peers' are ahead by %s", answered, skew))
	default:
		out = append(out, ok("clock", "within %s of most of %d peers', asked over QUIC", max(skew, -skew), answered))
	}
	f := Finding{Name: "port", State: OK, Text: "others reach " + r.Listen + " here"}
	if !r.OK() {
		f.State, f.Text = Bad, "others do not reach a node on "+r.Listen+" here"
	}
	for _, a := range r.Advice {
		if f.State == OK {
			break
		}
		if f.Remedy != "" {
			f.Remedy += "; "
		}
		f.Remedy += a
	}
	return append(out, f)
}

// Network compares the clock with peers', and has them reach this machine on the port that a node would listen on. Nothing else may.
func Network(cfg discovery.CheckConfig) Look {
	return func(ctx context.Context) []Finding {
		r, err := discovery.Check(ctx, cfg)
		if err != nil {
			return []Finding{unchecked("clock", "the peers were not asked"), bad("port", "stop what listens there, or give another --listen", "%v", err)}
		}
		return fromPeers(r)
	}
}
