package discovery

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/relay"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Source is where a peer was first heard of.
type Source string

// The sources of peers.
const (
	FromDHT      Source = "discv5"
	FromPeers    Source = "peers"
	FromRegistry Source = "registry"
	FromStatic   Source = "static"
	FromStore    Source = "store"
)

// Peer is a node that is known of. Only who has answered (Good) is more than hearsay.
type Peer struct {
	Account msg.Account `cbor:"1,keyasint" json:"account"`
	Addrs   []string    `cbor:"2,keyasint" json:"addresses"` // to be tried in order
	Roles   uint64      `cbor:"3,keyasint" json:"-"`
	Device  string      `cbor:"4,keyasint,omitempty" json:"device,omitempty"`
	Record  string      `cbor:"5,keyasint,omitempty" json:"record,omitempty"` // of discv5, as text
	Seq     uint64      `cbor:"6,keyasint" json:"-"`                          // the record's
	Source  Source      `cbor:"7,keyasint" json:"source"`
	Good    int64       `cbor:"8,keyasint" json:"good"`   // when it last answered, Unix seconds; 0 is never
	Tried   int64       `cbor:"9,keyasint" json:"-"`      // when it was last asked
	Fails   uint32      `cbor:"10,keyasint" json:"fails"` // times in a row that it did not answer

	checked      bool            // it has answered this process
	announcement identity.Signed // with this; its own word
}

// Pinned is the peer's first address with its account, as --peers has it.
func (p *Peer) Pinned() string { return p.Account.String() + "@" + p.Addrs[0] }

// Bounds of the table. Whoever makes up nodes takes the places of others that never answered, not of those that did.
const (
	maxPeers   = 1024
	maxPerNet  = 32                 // of one /24 or /48: a hundred thousand accounts on one machine are one neighbour
	maxFails   = 5                  // in a row, of one that never answered
	keepGood   = 7 * 24 * time.Hour // one that answered, before it is dropped
	recheck    = 10 * time.Minute
	retryFirst = 20 * time.Second
	retryMost  = 6 * time.Hour
)

// table holds the peers that are known of; those that answered are in the store as well.
type table struct {
	self    msg.Account
	journal store.Journal
	now     func() time.Time

	mu      sync.Mutex
	peers   map[msg.Account]*Peer
	changed chan struct{} // closed and replaced when a peer turns good
}

func newTable(self msg.Account, j store.Journal, now func() time.Time) (*table, error) {
	t := &table{self: self, journal: j, now: now, peers: map[msg.Account]*Peer{}, changed: make(chan struct{})}
	keys, err := j.Keys()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		var p Peer
		err := j.Get(k, &p)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil || p.valid() != nil || keyOf(p.Account) != k || len(t.peers) >= maxPeers || t.stale(&p) {
			if err := j.Delete(k); err != nil { // what cannot be read is of no use to anybody
				return nil, err
			}
			continue
		}
		p.Source, p.Tried, p.Fails = FromStore, 0, 0
		t.peers[p.Account] = &p
	}
	return t, nil
}

func keyOf(a msg.Account) (h msg.Hash) {
	copy(h[:], a[:])
	return h
}

// valid says what is wrong with a peer as it is given.
func (p *Peer) valid() error {
	if len(p.Addrs) == 0 || len(p.Addrs) > rpc.MaxAddrs {
		return fmt.Errorf("peer %s: %d addresses, want 1 to %d", p.Account, len(p.Addrs), rpc.MaxAddrs)
	}
	for _, a := range p.Addrs {
		if err := checkAddr(a, p.Account); err != nil {
			return fmt.Errorf("peer %s: %w", p.Account, err)
		}
	}
	if len(p.Record) > maxRecord || len(p.Device) > maxDevice {
		return fmt.Errorf("peer %s: a record of %d bytes, a device of %d", p.Account, len(p.Record), len(p.Device))
	}
	return nil
}

// relayed says whether an address is one of a relayed node.
func relayed(addr string) bool {
	return strings.HasPrefix(addr, relay.Scheme+":") && strings.Contains(addr, "/")
}

// checkAddr says what is wrong with an address of an account.
func checkAddr(text string, account msg.Account) error {
	if relayed(text) {
		_, who, err := relay.ParseAddr(text)
		if err == nil && who != account {
			err = fmt.Errorf("address %q is of another account", text)
		}
		return err
	}
	if err := relay.CheckHostPort(text); err != nil {
		return fmt.Errorf("address %.100q: %w", text, err)
	}
	return nil
}

func (t *table) stale(p *Peer) bool {
	return p.Good == 0 && p.Fails >= maxFails || p.Good != 0 && p.Fails > 0 && t.now().Sub(time.Unix(p.Good, 0)) > keepGood
}

// neighbourhood is where a peer is, coarsely: the host of its first address without the last part.
func neighbourhood(addr string) string {
	if relayed(addr) {
		if at, _, err := relay.ParseAddr(addr); err == nil {
			addr = at
		}
	}
	host := addr[:strings.LastIndexByte(addr, ':')]
	if i := strings.LastIndexByte(host, '.'); i > 0 && !strings.HasPrefix(host, "[") {
		return host[:i]
	}
	if parts := strings.SplitN(host, ":", 4); strings.HasPrefix(host, "[") && len(parts) > 3 {
		return strings.Join(parts[:3], ":")
	}
	return host
}

// add takes note of a peer. Of one that is known it takes what is newer.
func (t *table) add(p Peer) bool {
	if p.Account == t.self || p.valid() != nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.peers[p.Account]; old != nil {
		switch {
		case p.Record != "" && p.Seq > old.Seq: // signed by the node itself, and newer
			old.Record, old.Seq = p.Record, p.Seq
			if old.Fails > 0 {
				old.Tried = 0 // it may be somewhere else
			}
			old.Addrs = merged(p.Addrs, old.Addrs)
			if old.Good == 0 {
				old.Roles, old.Device = p.Roles, p.Device
			}
		case old.Good == 0:
			old.Addrs = merged(old.Addrs, p.Addrs)
			old.Roles |= p.Roles
		default:
			return false // it has answered where it is known to be
		}
		return true
	}
	if p.Source != FromStatic {
		near, at := 0, neighbourhood(p.Addrs[0])
		for _, other := range t.peers {
			if neighbourhood(other.Addrs[0]) == at {
				near++
			}
		}
		if near >= maxPerNet || len(t.peers) >= maxPeers && !t.makeRoom() {
			return false
		}
	}
	p.Good, p.Tried, p.Fails, p.checked = 0, 0, 0, false
	t.peers[p.Account] = &p
	return true
}

// merged are the addresses of both, the first ones first, each once, as many as may be.
func merged(a, b []string) []string {
	out := []string{}
	for _, x := range slices.Concat(a, b) {
		if !slices.Contains(out, x) && len(out) < rpc.MaxAddrs {
			out = append(out, x)
		}
	}
	return out
}

// makeRoom drops the peer that never answered and failed most often. t.mu is held.
func (t *table) makeRoom() bool {
	var worst *Peer
	for _, p := range t.peers {
		if p.Good == 0 && p.Fails > 0 && p.Source != FromStatic && (worst == nil || p.Fails > worst.Fails) {
			worst = p
		}
	}
	if worst == nil {
		return false
	}
	delete(t.peers, worst.Account)
	return true
}

// due gives a peer that is to be asked now, and has it not given again before it is through (tried).
func (t *table) due() (Peer, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	var best *Peer
	for _, p := range t.peers {
		since := now.Sub(time.Unix(p.Tried, 0))
		wait := recheck
		if p.Fails > 0 {
			wait = min(retryMost, retryFirst<<min(p.Fails-1, 12))
		}
		if p.Tried != 0 && since >= 0 && since < wait {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(p.Fails, best.Fails), cmp.Compare(p.Tried, best.Tried), -cmp.Compare(p.Good, best.Good)) < 0 {
			best = p
		}
	}
	if best == nil {
		return Peer{}, false
	}
	best.Tried = now.Unix()
	return *best, true
}

// answered says that a peer answered, and what it said of itself.
func (t *table) answered(p Peer) error {
	if err := p.valid(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.peers[p.Account]
	if old == nil {
		return nil
	}
	was := old.checked && old.Fails == 0
	if p.Seq < old.Seq { // a newer record came meanwhile
		p.Record, p.Seq = old.Record, old.Seq
	}
	p.Good, p.Tried, p.Fails, p.checked = t.now().Unix(), t.now().Unix(), 0, true
	*old = p
	if !was {
		close(t.changed)
		t.changed = make(chan struct{})
	}
	return t.journal.Put(keyOf(p.Account), p)
}

// failed says that a peer did not answer where it was thought to be.
func (t *table) failed(asked Peer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := asked.Account
	p := t.peers[a]
	if p == nil {
		return nil
	}
	if p.Seq > asked.Seq { // it has said meanwhile where else it is
		p.Tried = 0
		return nil
	}
	p.Fails++
	if !t.stale(p) || p.Source == FromStatic {
		return nil
	}
	delete(t.peers, a)
	return t.journal.Delete(keyOf(a))
}

// good lists the peers with a role that answered when they were last asked; all of them for 0. The order is by chance, so that no node gets
// all the work for the account that it chose.
func (t *table) good(role uint64) []Peer {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Peer
	for _, p := range t.peers {
		if p.checked && p.Fails == 0 && p.Roles&role == role {
			q := *p
			q.Addrs = slices.Clone(p.Addrs)
			out = append(out, q)
		}
	}
	rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func (t *table) all() []Peer {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Peer
	for _, p := range t.peers {
		q := *p
		q.Addrs = slices.Clone(p.Addrs)
		out = append(out, q)
	}
	return out
}

func (t *table) wait() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changed
}
