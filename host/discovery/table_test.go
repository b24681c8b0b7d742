package discovery

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/relay"
)

// clock is a time that moves when it is told to.
type clock struct{ at time.Time }

func (c *clock) now() time.Time       { return c.at }
func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }
func account(n int) (a msg.Account) {
	a[0], a[1], a[2] = byte(n>>16), byte(n>>8), byte(n)
	a[19] = 1
	return a
}
func at(n int) string  { return fmt.Sprintf("10.%d.%d.%d:4433", n>>16, n>>8&255, n&255) }
func far(n int) string { return fmt.Sprintf("10.%d.%d.7:4433", n>>8, n&255) }
func open(t testing.TB, dir string) store.Store {
	t.Helper()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tableOf(t testing.TB, s store.Store, c *clock) *table {
	t.Helper()
	tb, err := newTable(account(0), s.Journal("discovery/peers"), c.now)
	if err != nil {
		t.Fatal(err)
	}
	return tb
}

func names(peers []Peer) (out []string) {
	for _, p := range peers {
		out = append(out, fmt.Sprint(p.Account[2]))
	}
	slices.Sort(out)
	return out
}

// Who has answered is known after a restart, and who has not is not.
func TestTableKeeps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	c := &clock{time.Unix(1_800_000_000, 0)}
	s := open(t, dir)
	tb := tableOf(t, s, c)
	for n := range 5 {
		if ok := tb.add(Peer{Account: account(n), Addrs: []string{at(n)}, Roles: RoleProvider, Source: FromDHT}); ok != (n != 0) {
			t.Errorf("peer %d added: %v", n, ok) // 0 is the node itself
		}
	}
	if got := tb.good(0); len(got) != 0 {
		t.Errorf("hearsay counts: %v", got)
	}
	news := tb.wait()
	for _, n := range []int{1, 3} {
		if err := tb.answered(Peer{Account: account(n), Addrs: []string{at(n), relay.Addr(at(9), account(n))}, Roles: RoleValidator, Source: FromDHT}); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-news:
	default:
		t.Error("nobody was told that a peer answered")
	}
	if got := names(tb.good(RoleValidator)); !slices.Equal(got, []string{"1", "3"}) || len(tb.good(RoleProvider)) != 0 {
		t.Errorf("validators %v, providers %v", got, tb.good(RoleProvider))
	}
	s.Close()
	s = open(t, dir)
	defer s.Close()
	tb = tableOf(t, s, c)
	if got := names(tb.all()); !slices.Equal(got, []string{"1", "3"}) {
		t.Errorf("after a restart %v are known", got)
	}
	if got := tb.good(0); len(got) != 0 {
		t.Errorf("after a restart %v count before they have answered again", got)
	}
	if p, ok := tb.due(); !ok || len(p.Addrs) != 2 || p.Source != FromStore {
		t.Errorf("to be asked first: %+v, %v", p, ok)
	}
	// A peer that answered once is dropped when it has been gone for a week, and from the store as well.
	for range 100 {
		if err := tb.failed(Peer{Account: account(1)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(tb.all()); !slices.Equal(got, []string{"1", "3"}) {
		t.Errorf("gone for no time, and %v are left", got)
	}
	c.pass(keepGood + time.Minute)
	if err := tb.failed(Peer{Account: account(1)}); err != nil {
		t.Fatal(err)
	}
	if got := names(tb.all()); !slices.Equal(got, []string{"3"}) {
		t.Errorf("gone for a week, and %v are left", got)
	}
	if tb = tableOf(t, s, c); len(tb.all()) != 1 {
		t.Errorf("the store has %v", tb.all())
	}
}

// What the store has that is no peer is dropped, and hinders nothing.
func TestTableDamaged(t *testing.T) {
	s := store.NewMemory(store.Options{})
	j := s.Journal("discovery/peers")
	c := &clock{time.Unix(1_800_000_000, 0)}
	for n, p := range []Peer{{Account: account(1), Addrs: []string{at(1)}, Good: 5}, {Account: account(2), Addrs: []string{}}, {Account: account(3), Addrs: []string{"nowhere"}},
		{Account: account(4), Addrs: []string{relay.Addr(at(1), account(5))}}, {Account: account(6), Addrs: []string{at(6)}, Good: 5}} {
		k := keyOf(p.Account)
		if n == 4 {
			k[31] = 1 // under another name
		}
		if err := j.Put(k, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Put(msg.Hash{9}, "no peer"); err != nil {
		t.Fatal(err)
	}
	if got := names(tableOf(t, s, c).all()); !slices.Equal(got, []string{"1"}) {
		t.Errorf("read %v", got)
	}
	if keys, err := j.Keys(); err != nil || len(keys) != 1 {
		t.Errorf("%d records are left, %v", len(keys), err)
	}
}

// Nobody fills the table: neither with accounts of one neighbourhood, nor with so many that those who answered lose their place.
func TestTableBounds(t *testing.T) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	tb := tableOf(t, store.NewMemory(store.Options{}), c)
	for n := 1; n < 200; n++ {
		tb.add(Peer{Account: account(n), Addrs: []string{fmt.Sprintf("192.0.2.%d:4433", n)}, Source: FromDHT})
		tb.add(Peer{Account: account(1000 + n), Addrs: []string{relay.Addr("198.51.100.7:1", account(1000+n))}, Source: FromPeers})
		tb.add(Peer{Account: account(2000 + n), Addrs: []string{fmt.Sprintf("[2001:db8:1:%x::1]:4433", n)}, Source: FromDHT})
	}
	if n := len(tb.all()); n != 3*maxPerNet {
		t.Errorf("%d peers of three neighbourhoods, wanted %d", n, 3*maxPerNet)
	}
	tb = tableOf(t, store.NewMemory(store.Options{}), c)
	for n := 1; n <= 100; n++ {
		tb.add(Peer{Account: account(n), Addrs: []string{far(n)}, Source: FromDHT})
		if err := tb.answered(Peer{Account: account(n), Addrs: []string{far(n)}}); err != nil {
			t.Fatal(err)
		}
	}
	for n := 101; n <= 5000; n++ {
		tb.add(Peer{Account: account(n), Addrs: []string{far(n)}, Source: FromDHT})
	}
	if all, good := len(tb.all()), len(tb.good(0)); all != maxPeers || good != 100 {
		t.Errorf("%d peers, %d of them good; wanted %d and 100", all, good, maxPeers)
	}
	// One that did not answer makes room.
	if tb.add(Peer{Account: account(6000), Addrs: []string{far(6000)}, Source: FromDHT}) {
		t.Error("a full table took another one")
	}
	tb.failed(Peer{Account: account(500)})
	if !tb.add(Peer{Account: account(6000), Addrs: []string{far(6000)}, Source: FromDHT}) || len(tb.all()) != maxPeers || len(tb.good(0)) != 100 {
		t.Error("who never answered keeps its place")
	}
}

// Where a good peer is, it alone says: by a newer record. Hearsay adds nothing to it.
func TestTableNews(t *testing.T) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	tb := tableOf(t, store.NewMemory(store.Options{}), c)
	find := func() Peer {
		t.Helper()
		for _, p := range tb.all() {
			if p.Account == account(1) {
				return p
			}
		}
		t.Fatal("the peer is gone")
		return Peer{}
	}
	tb.add(Peer{Account: account(1), Addrs: []string{at(1)}, Record: "enr:a", Seq: 5, Source: FromDHT})
	p, _ := tb.due()
	if _, again := tb.due(); again {
		t.Error("it is asked twice at a time")
	}
	// While it is asked, it says where else it is.
	tb.add(Peer{Account: account(1), Addrs: []string{at(2)}, Record: "enr:b", Seq: 6, Source: FromDHT})
	tb.failed(p)
	if q := find(); q.Fails != 0 || q.Addrs[0] != at(2) || q.Record != "enr:b" {
		t.Errorf("after a newer record: %+v", q)
	}
	if q, ok := tb.due(); !ok || q.Addrs[0] != at(2) {
		t.Errorf("not asked at its new place: %+v, %v", q, ok)
	}
	q := find()
	q.Addrs = []string{at(2)}
	if err := tb.answered(q); err != nil {
		t.Fatal(err)
	}
	tb.add(Peer{Account: account(1), Addrs: []string{at(7)}, Source: FromPeers})
	tb.add(Peer{Account: account(1), Addrs: []string{at(7)}, Record: "enr:a", Seq: 5, Source: FromDHT})
	if q := find(); !slices.Equal(q.Addrs, []string{at(2)}) {
		t.Errorf("hearsay moved a good peer to %v", q.Addrs)
	}
	tb.add(Peer{Account: account(1), Addrs: []string{at(8)}, Record: "enr:c", Seq: 7, Source: FromDHT})
	if q := find(); q.Addrs[0] != at(8) || q.Addrs[1] != at(2) {
		t.Errorf("its own newer record did not: %v", q.Addrs)
	}
	// One that does not answer is asked less and less often, then dropped if it never did.
	tb.add(Peer{Account: account(3), Addrs: []string{at(3)}, Source: FromDHT})
	asked := []time.Duration{}
	begun := c.at
	for c.at.Sub(begun) < 24*time.Hour {
		if p, ok := tb.due(); ok && p.Account == account(3) {
			asked = append(asked, c.at.Sub(begun))
			tb.failed(p)
		} else if ok {
			p.Addrs = []string{at(8)}
			tb.answered(p)
		}
		c.pass(time.Second)
	}
	if len(asked) != maxFails || asked[1]-asked[0] < retryFirst || asked[4]-asked[3] < 8*retryFirst {
		t.Errorf("asked after %v", asked)
	}
	if got := names(tb.all()); !slices.Equal(got, []string{"1"}) {
		t.Errorf("%v are left", got)
	}
	// A static peer stays.
	tb.add(Peer{Account: account(4), Addrs: []string{at(4)}, Source: FromStatic})
	for range 50 {
		tb.failed(Peer{Account: account(4)})
	}
	if got := names(tb.all()); !slices.Equal(got, []string{"1", "4"}) {
		t.Errorf("%v are left", got)
	}
}
