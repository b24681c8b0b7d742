package discovery

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// Where a node is, most others say: one vote a neighbourhood, and none for what they cannot know.
func TestSeen(t *testing.T) {
	const here, other = "203.0.113.5:4433", "203.0.113.6:9"
	for name, x := range map[string]struct {
		said [][2]string // who, what
		at   string
		kind Mapping
	}{
		"nobody":            {nil, "", MappingUnknown},
		"one":               {[][2]string{{"198.51.100.1", here}}, here, MappingUnknown},
		"two":               {[][2]string{{"198.51.100.1", here}, {"192.0.2.1", here}}, here, MappingSame},
		"neighbours":        {[][2]string{{"198.51.100.1", other}, {"198.51.100.2", other}, {"198.51.100.3", other}, {"192.0.2.1", here}, {"8.8.8.8", here}}, here, MappingSame},
		"a tie":             {[][2]string{{"198.51.100.1", here}, {"192.0.2.1", other}}, "", MappingUnknown},
		"another port each": {[][2]string{{"198.51.100.1", "203.0.113.5:1"}, {"192.0.2.1", "203.0.113.5:2"}, {"8.8.8.8", "203.0.113.5:3"}}, "", MappingVaries},
		"one liar of four":  {[][2]string{{"198.51.100.1", here}, {"192.0.2.1", here}, {"8.8.8.8", here}, {"9.9.9.9", "203.0.113.5:7"}}, here, MappingSame},
		"local and public":  {[][2]string{{"10.0.0.1", "10.0.0.9:4433"}, {"10.0.0.2", "10.0.0.9:4433"}, {"192.0.2.1", here}}, here, MappingUnknown},
		"local":             {[][2]string{{"10.0.0.1", "10.0.0.9:4433"}, {"10.0.0.2", "10.0.0.9:4433"}}, "10.0.0.9:4433", MappingSame},
		"what is not so":    {[][2]string{{"192.0.2.1", "10.0.0.9:4433"}, {"192.0.3.1", "127.0.0.1:1"}, {"192.0.4.1", "203.0.113.5:0"}, {"192.0.5.1", "224.0.0.1:5"}}, "", MappingUnknown},
		"mapped":            {[][2]string{{"::ffff:192.0.2.1", "[::ffff:203.0.113.5]:4433"}}, here, MappingUnknown},
	} {
		c := &clock{time.Unix(1_800_000_000, 0)}
		s := newSeen(c.now)
		for _, v := range x.said {
			s.said(netip.MustParseAddr(v[0]), netip.MustParseAddrPort(v[1]))
		}
		at, kind := s.at()
		if text := at.String(); at.IsValid() && text != x.at || at.IsValid() != (x.at != "") || kind != x.kind {
			t.Errorf("%s: %v, %s; wanted %q, %s", name, at, kind, x.at, x.kind)
		}
		c.pass(votesHold + time.Second)
		if at, kind := s.at(); at.IsValid() || kind != MappingUnknown {
			t.Errorf("%s: %v, %s after all votes are old", name, at, kind)
		}
	}
	// What was so stays so while as many say it as anything else: an address that changes back and forth is of no use.
	c := &clock{time.Unix(1_800_000_000, 0)}
	s := newSeen(c.now)
	for n := range 2 {
		s.said(netip.MustParseAddr(fmt.Sprintf("192.0.%d.1", n)), netip.MustParseAddrPort(here))
	}
	s.at()
	for n := range 2 {
		s.said(netip.MustParseAddr(fmt.Sprintf("198.51.%d.1", n)), netip.MustParseAddrPort(other))
	}
	if at, _ := s.at(); at.String() != here {
		t.Errorf("two against two moved it to %v", at)
	}
	s.said(netip.MustParseAddr("198.52.7.1"), netip.MustParseAddrPort(other))
	if at, _ := s.at(); at.String() != other {
		t.Errorf("three against two left it at %v", at)
	}
	// However many there are, not all are remembered.
	for n := range 1000 {
		s.said(netip.AddrFrom4([4]byte{9, byte(n >> 8), byte(n), 1}), netip.MustParseAddrPort(other))
	}
	if len(s.votes) > maxVotes {
		t.Errorf("%d votes are kept", len(s.votes))
	}
}
