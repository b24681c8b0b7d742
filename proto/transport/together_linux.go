package transport

import (
	"encoding/binary"
	"net"

	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

// together receives datagrams that came one after another from one peer in one piece, and gives them to QUIC one by one. Handling each
// datagram apart is the largest part of what the system does for a transfer; where both ends are on one machine, the pieces that the sender
// hands over are then never cut at all. It is UDP's generic receive offload (UDP_GRO, Linux 5.0). quic-go reads through ReadBatch where a
// socket has it; nobody reads otherwise.
type together struct {
	*net.UDPConn
	in   *ipv4.PacketConn
	msgs []ipv4.Message // the pieces of the last read
	n    int            // how many
	at   int            // the piece that is being cut
	off  int            // where in it
}

const (
	pieces    = 4        // read at once
	pieceMost = 64 << 10 // the longest
	pieceOOB  = 128      // what the system says about one, at most
)

// receiver makes a socket one that receives datagrams together, where the system can do that.
func receiver(socket *net.UDPConn) (net.PacketConn, error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, err
	}
	var cannot error
	if err := raw.Control(func(fd uintptr) { cannot = unix.SetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_GRO, 1) }); err != nil {
		return nil, err
	}
	if cannot != nil {
		return socket, nil
	}
	t := &together{UDPConn: socket, in: ipv4.NewPacketConn(socket), msgs: make([]ipv4.Message, pieces)}
	memory := make([]byte, pieces*(pieceMost+pieceOOB))
	for i := range t.msgs {
		t.msgs[i].Buffers = [][]byte{memory[:pieceMost:pieceMost]}
		t.msgs[i].OOB = memory[pieceMost : pieceMost+pieceOOB : pieceMost+pieceOOB]
		memory = memory[pieceMost+pieceOOB:]
	}
	return t, nil
}

// ReadBatch gives as many datagrams as are here and fit into ms, at least one. One goroutine calls it, as quic-go does.
func (t *together) ReadBatch(ms []ipv4.Message, flags int) (int, error) {
	if t.at == t.n {
		n, err := t.in.ReadBatch(t.msgs, flags)
		if err != nil {
			return 0, err
		}
		t.n, t.at, t.off = n, 0, 0
	}
	given := 0
	for given < len(ms) && t.at < t.n {
		from, to := &t.msgs[t.at], &ms[given]
		size := segment(from.OOB[:from.NN])
		whole := from.Buffers[0][:from.N]
		end := len(whole)
		if size > 0 {
			end = min(end, t.off+size)
		}
		to.N = copy(to.Buffers[0], whole[t.off:end])
		to.NN, to.Flags, to.Addr = copy(to.OOB, from.OOB[:from.NN]), from.Flags, from.Addr
		given++
		if t.off = end; end == len(whole) {
			t.at, t.off = t.at+1, 0
		}
	}
	return given, nil
}

// segment is how long the datagrams of a piece are, the last of which may be shorter; 0 if it is one datagram.
func segment(oob []byte) int {
	for len(oob) > 0 {
		head, body, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			return 0 // nothing of it is a peer's, so this is no system that does it
		}
		if head.Level == unix.IPPROTO_UDP && head.Type == unix.UDP_GRO && len(body) >= 4 {
			return int(int32(binary.NativeEndian.Uint32(body)))
		}
		oob = rest
	}
	return 0
}
