package discovery

import (
	"net/netip"
	"sync"
	"time"

	"github.com/gwrun/gwrun/proto/transport"
)

// seen is where others say that they see this node, one vote for each network that they are in: one that has many nodes there is heard once.
type seen struct {
	now func() time.Time

	mu    sync.Mutex
	votes map[netip.Prefix]vote
	last  netip.AddrPort // what was given out: it stays while as many say it as anything else
}

type vote struct {
	at   netip.AddrPort
	when time.Time
}

// What there is of votes: a node's address changes now and then, and those who saw the old one are not asked again soon.
const (
	votesHold = 15 * time.Minute
	maxVotes  = 64
)

func newSeen(now func() time.Time) *seen { return &seen{now: now, votes: map[netip.Prefix]vote{}} }

// network is a neighbourhood: many addresses in one are easy to come by.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 24
	switch {
	case a.Is6():
		bits = 48
	case a.IsPrivate(), a.IsLoopback():
		bits = 32 // of one operator anyway
	}
	p, _ := a.Prefix(bits)
	return p
}

// said takes what the node at teller says.
func (s *seen) said(teller netip.Addr, at netip.AddrPort) {
	at = netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
	if at.Port() == 0 || transport.Credible(teller, at.Addr()) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	k := network(teller)
	if _, ok := s.votes[k]; !ok && len(s.votes) >= maxVotes {
		return
	}
	s.votes[k] = vote{at, s.now()}
}

// forget drops old votes. s.mu is held.
func (s *seen) forget() {
	for k, v := range s.votes {
		if s.now().Sub(v.when) > votesHold {
			delete(s.votes, k)
		}
	}
}

// Mapping says what a translator of addresses does with this node's port, as far as others can tell.
type Mapping string

// The kinds of mapping (RFC 4787, section 4.1).
const (
	MappingUnknown Mapping = "unknown"     // fewer than two others have told
	MappingSame    Mapping = "independent" // everybody sees the same address and port: the direct way works, mostly
	MappingVaries  Mapping = "dependent"   // each sees another port: only a relay helps
)

// at is where most see this node, with what that says of the mapping. Addresses that mean something to everybody come before those of a local
// network. Where nobody has told, or as many say one thing as another, it is not valid.
func (s *seen) at() (netip.AddrPort, Mapping) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	public := false
	for _, v := range s.votes {
		public = public || !v.at.Addr().IsPrivate() && !v.at.Addr().IsLoopback()
	}
	count := map[netip.AddrPort]int{}
	ports := map[netip.Addr]map[uint16]bool{}
	tellers := map[netip.Addr]int{}
	for _, v := range s.votes {
		if a := v.at.Addr(); public && (a.IsPrivate() || a.IsLoopback()) {
			continue
		}
		count[v.at]++
		tellers[v.at.Addr()]++
		if ports[v.at.Addr()] == nil {
			ports[v.at.Addr()] = map[uint16]bool{}
		}
		ports[v.at.Addr()][v.at.Port()] = true
	}
	best, most, second := netip.AddrPort{}, 0, 0
	for at, n := range count {
		if n > most {
			best, most, second = at, n, most
		} else if n > second {
			second = n
		}
	}
	kind := MappingUnknown
	for a, n := range tellers {
		switch {
		case len(ports[a]) > 1 && 2*len(ports[a]) > n: // more than one that is behind something of its own
			kind = MappingVaries
		case n > 1 && kind == MappingUnknown:
			kind = MappingSame
		}
	}
	if most == second {
		best = netip.AddrPort{}
		if most > 0 && count[s.last] == most {
			best = s.last
		}
	}
	s.last = best
	return best, kind
}
