package relay

import (
	"encoding/binary"
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// Methods of a relay.
const (
	MethodRegister = "relay.register" // Register -> Event ... (a stream, for as long as the node wants to be reached)
	MethodConnect  = "relay.connect"  // Connect -> Event (and the stream stays open for as long as the channel is used)
)

// Register asks a relay to take packets for the account that asks. Local are its addresses in its own network, IP:PORT: the relay tells them to those
// only that it sees at the same address, who are there, too, and may find no way from outside.
type Register struct {
	Local []string `cbor:"1,keyasint,omitempty"`
}

// Connect asks a relay for a channel to an account that has registered.
type Connect struct {
	Account msg.Account `cbor:"1,keyasint"`
}

// Event is what a relay says. One of them is set.
type Event struct {
	Welcome *Welcome `cbor:"1,keyasint,omitempty"`
	Opened  *Opened  `cbor:"2,keyasint,omitempty"`
	Gone    uint64   `cbor:"3,keyasint,omitempty"` // the channel that has ended
}

// Welcome says that the node is registered, and where the relay sees it.
type Welcome struct {
	Seen string `cbor:"1,keyasint"` // IP:PORT
}

// Opened says that there is a channel, to whom, and where the relay sees that one: both sides try the direct way.
type Opened struct {
	Channel uint64      `cbor:"1,keyasint"` // not 0
	Account msg.Account `cbor:"2,keyasint"`
	Seen    string      `cbor:"3,keyasint"` // IP:PORT
	Local   []string    `cbor:"4,keyasint,omitempty"`
}

// A packet in a channel begins with the channel's number, in big-endian order.
const head = 8

// MaxPacket is the most bytes of a packet that a channel carries.
const MaxPacket = transport.MaxPacket - head

// An overlay's packets fit into a channel's.
var _ [MaxPacket - transport.OverlayPacket]struct{}

func appendPacket(to []byte, channel uint64, p []byte) []byte {
	return append(binary.BigEndian.AppendUint64(to, channel), p...)
}

func splitPacket(b []byte) (channel uint64, p []byte, err error) {
	if len(b) <= head || len(b) > head+MaxPacket {
		return 0, nil, fmt.Errorf("packet of a channel of %d bytes, want %d to %d", len(b), head+1, head+MaxPacket)
	}
	if channel = binary.BigEndian.Uint64(b); channel == 0 {
		return 0, nil, fmt.Errorf("packet of channel 0")
	}
	return channel, b[head:], nil
}
