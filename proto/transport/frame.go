package transport

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// A stream is a sequence of frames: a kind of one byte, a length of four bytes (big-endian), then so many bytes. The side that
// opened it begins with a header; then each side sends messages, stretches of data and at last, perhaps, one error. The end
// of the QUIC stream is the end of what a side has to say.
type kind byte

const (
	kindHeader  kind = 1 // header, CBOR
	kindMessage kind = 2 // a message, CBOR
	kindData    kind = 3 // raw bytes
	kindError   kind = 4 // Error, CBOR; nothing follows
)

const (
	frameHead = 5
	maxHeader = 256
	maxData   = 256 << 10
	maxFault  = 2 << 10
)

type header struct {
	Version uint   `cbor:"1,keyasint"`
	Method  string `cbor:"2,keyasint"`
}

func (k kind) String() string {
	switch k {
	case kindHeader:
		return "a header"
	case kindMessage:
		return "a message"
	case kindData:
		return "data"
	case kindError:
		return "an error"
	}
	return fmt.Sprintf("a frame of kind %d", byte(k))
}

// most is the longest frame of a kind.
func (k kind) most(maxMessage int) int {
	switch k {
	case kindHeader:
		return maxHeader
	case kindMessage:
		return maxMessage
	case kindData:
		return maxData
	case kindError:
		return maxFault
	}
	return -1
}

func appendHead(b []byte, k kind, n int) []byte {
	return binary.BigEndian.AppendUint32(append(b, byte(k)), uint32(n))
}

// parseHead reads a frame's kind and length.
func parseHead(h [frameHead]byte, maxMessage int) (kind, int, error) {
	k, n := kind(h[0]), binary.BigEndian.Uint32(h[1:])
	most := k.most(maxMessage)
	if most < 0 {
		return 0, 0, fmt.Errorf("%w: %v", ErrProtocol, k)
	}
	if uint64(n) > uint64(most) {
		return 0, 0, fmt.Errorf("%w: %v of %d bytes, at most %d wanted", ErrProtocol, k, n, most)
	}
	return k, int(n), nil
}

// readHead reads the head of the next frame, or nothing: a missed deadline leaves what has come for the next try. It gives
// io.EOF only where a frame may begin.
func readHead(r *bufio.Reader, maxMessage int) (kind, int, error) {
	b, err := r.Peek(frameHead)
	if err != nil {
		if err == io.EOF && len(b) > 0 {
			err = fmt.Errorf("%w: stream ends within a frame", ErrProtocol)
		}
		return 0, 0, err
	}
	k, n, err := parseHead([frameHead]byte(b), maxMessage)
	if err == nil {
		_, err = r.Discard(frameHead)
	}
	return k, n, err
}

// readBody reads a frame's n bytes. Memory is taken as they arrive, not as they are announced.
func readBody(r io.Reader, n int) ([]byte, error) {
	const trusted = 64 << 10
	if n <= trusted {
		b := make([]byte, n)
		_, err := io.ReadFull(r, b)
		return b, cut(err)
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, int64(n)); err != nil {
		return nil, cut(err)
	}
	return b.Bytes(), nil
}

func cut(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w: stream ends within a frame", ErrProtocol)
	}
	return err
}
