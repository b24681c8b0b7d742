package transport

import (
	"bytes"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

// option sets one of a socket.
func option(t *testing.T, c *net.UDPConn, level, name, value int) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = unix.SetsockoptInt(int(fd), level, name, value) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
}

// What comes in pieces is given as the datagrams that were sent, each with its sender and its marks, however few are asked for at once.
func TestReceivedTogether(t *testing.T) {
	for _, network := range []string{"udp4", "udp6"} {
		t.Run(network, func(t *testing.T) {
			socket := func() *net.UDPConn {
				c, err := net.ListenUDP(network, &net.UDPAddr{IP: map[string]net.IP{"udp4": net.IPv4(127, 0, 0, 1), "udp6": net.IPv6loopback}[network]})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { c.Close() })
				return c
			}
			to := socket()
			pc, err := receiver(to)
			if err != nil {
				t.Fatal(err)
			}
			in, ok := pc.(*together)
			if !ok {
				t.Fatal("this Linux receives each datagram by itself")
			}
			const mark = 2 // ECT(0)
			if network == "udp4" {
				option(t, to, unix.IPPROTO_IP, unix.IP_RECVTOS, 1)
			} else {
				option(t, to, unix.IPPROTO_IPV6, unix.IPV6_RECVTCLASS, 1)
			}
			from := []*net.UDPConn{socket(), socket()}
			for _, c := range from {
				if network == "udp4" {
					option(t, c, unix.IPPROTO_IP, unix.IP_TOS, mark)
				} else {
					option(t, c, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, mark)
				}
			}
			r := rand.New(rand.NewPCG(1, 2))
			buffer := func() []byte { return make([]byte, 1452) }
			ms := make([]ipv4.Message, 3)
			for i := range ms {
				ms[i].Buffers, ms[i].OOB = [][]byte{buffer()}, make([]byte, 128)
			}
			together := 0
			for range 300 {
				var want [][]byte
				var by []*net.UDPConn
				for range 1 + r.IntN(4) {
					c := from[r.IntN(2)]
					size := 1 + r.IntN(1400)
					whole := make([]byte, 1+r.IntN(min(20<<10, 60*size)))
					for i := range whole {
						whole[i] = byte(r.Uint32())
					}
					if r.IntN(4) == 0 {
						size, whole = 0, whole[:min(len(whole), 1452)]
					}
					option(t, c, unix.IPPROTO_UDP, unix.UDP_SEGMENT, size)
					if _, err := c.WriteTo(whole, to.LocalAddr()); err != nil {
						t.Fatal(err)
					}
					if size == 0 {
						size = len(whole)
					}
					for d := range slices.Chunk(whole, size) {
						want, by = append(want, d), append(by, c)
					}
				}
				to.SetReadDeadline(time.Now().Add(20 * time.Second))
				for i := 0; i < len(want); {
					few := ms[:1+r.IntN(len(ms))]
					n, err := in.ReadBatch(few, 0)
					if err != nil || n < 1 {
						t.Fatalf("%d datagrams, %v; wanted %d more", n, err, len(want)-i)
					}
					if n > 1 && in.off > 0 {
						together++
					}
					for _, m := range few[:n] {
						if i == len(want) {
							t.Fatalf("a datagram of %d bytes that nobody sent", m.N)
						}
						if got := m.Buffers[0][:m.N]; !bytes.Equal(got, want[i]) {
							t.Fatalf("datagram %d has %d bytes, wanted the %d that were sent", i, m.N, len(want[i]))
						}
						if m.Addr.String() != by[i].LocalAddr().String() {
							t.Fatalf("datagram %d is from %v, wanted %v", i, m.Addr, by[i].LocalAddr())
						}
						if got := marked(t, m.OOB[:m.NN]); got != mark {
							t.Fatalf("datagram %d is marked %d, wanted %d", i, got, mark)
						}
						i++
					}
				}
			}
			if together == 0 {
				t.Error("nothing came in one piece")
			}
			to.SetReadDeadline(time.Now())
			if n, err := in.ReadBatch(ms, 0); err == nil {
				t.Errorf("%d datagrams more", n)
			}
		})
	}
}

// marked gives the congestion marks (RFC 3168) that the system tells of a datagram.
func marked(t *testing.T, oob []byte) byte {
	t.Helper()
	for len(oob) > 0 {
		head, body, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			t.Fatal(err)
		}
		if head.Level == unix.IPPROTO_IP && head.Type == unix.IP_TOS || head.Level == unix.IPPROTO_IPV6 && head.Type == unix.IPV6_TCLASS {
			return slices.Max(body) & 3
		}
		oob = rest
	}
	return 0
}
