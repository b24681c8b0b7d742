package msg

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// MaxEncoded is the longest encoding Decode takes: 16 MiB. Larger things are blobs.
const MaxEncoded = 16 << 20

// maxDepth is how deep arrays and maps may nest. The deepest message here needs 6.
const maxDepth = 16

// ErrDecode is wrapped by every error of Decode.
var ErrDecode = errors.New("message refused")

var (
	encMode = func() cbor.EncMode {
		o := cbor.CoreDetEncOptions()
		o.NilContainers = cbor.NilContainerAsEmpty // a nil slice and an empty one are the same message
		o.TagsMd = cbor.TagsForbidden
		o.BinaryMarshaler = cbor.BinaryMarshalerNone
		return must(o.EncMode())
	}()
	decMode = func() cbor.DecMode {
		return must(cbor.DecOptions{
			DupMapKey:         cbor.DupMapKeyEnforcedAPF,
			MaxNestedLevels:   maxDepth,
			MaxArrayElements:  1 << 20,
			MaxMapPairs:       1 << 20,
			IndefLength:       cbor.IndefLengthForbidden,
			TagsMd:            cbor.TagsForbidden,
			ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
			UTF8:              cbor.UTF8RejectInvalid,
			FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
			BinaryUnmarshaler: cbor.BinaryUnmarshalerNone,
		}.DecMode())
	}()
)

func must[T any](mode T, err error) T {
	if err != nil {
		panic(err) // only for an option that does not exist
	}
	return mode
}

// Encode is the one encoding of v: CBOR, core deterministic (RFC 8949, section 4.2.1). It panics if v's type can't be a
// message (it holds a channel or a function); no value can make it.
func Encode(v any) []byte {
	b, err := encMode.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("msg: encoding a %T: %v", v, err))
	}
	return b
}

// Decode reads the one encoding of a message into v, a pointer. It refuses everything else: an unknown field, a key given
// twice, bytes left over, too deep or too long an encoding, text that is not UTF-8, and any encoding of the same values that
// is not the deterministic one. v is unspecified after an error.
func Decode(b []byte, v any) error { return DecodeFile(b, MaxEncoded, v) }

// DecodeFile is Decode for what lies in a file and is no message: it may be longer.
func DecodeFile(b []byte, longest int, v any) error {
	name := strings.TrimPrefix(fmt.Sprintf("%T", v), "*")
	if len(b) > longest {
		return fmt.Errorf("%w: %s of %d bytes, at most %d wanted", ErrDecode, name, len(b), longest)
	}
	if err := decMode.Unmarshal(b, v); err != nil {
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: %s: no bytes", ErrDecode, name)
		}
		return fmt.Errorf("%w: %s: %s", ErrDecode, name, strings.TrimPrefix(err.Error(), "cbor: "))
	}
	again, err := encMode.Marshal(v)
	if err != nil {
		return fmt.Errorf("%w: %s: %v", ErrDecode, name, err)
	}
	if !bytes.Equal(again, b) {
		i := 0
		for i < len(b) && i < len(again) && b[i] == again[i] {
			i++
		}
		return fmt.Errorf("%w: %s: not the deterministic encoding, from byte %d on", ErrDecode, name, i)
	}
	return nil
}

// Hashed is a message with a hash. Domain names its kind, so that the hash of one kind can never be taken for another's.
type Hashed interface{ Domain() string }

// HashOf is the hash that names v: SHA256("gwrun " || domain || 0x00 || encoding).
func HashOf(v Hashed) Hash {
	h := sha256.New()
	io.WriteString(h, "gwrun "+v.Domain()+"\x00")
	h.Write(Encode(v))
	return Hash(h.Sum(nil))
}

// Domain names each kind of message that is hashed or signed.
func (Program) Domain() string  { return "Program" }
func (JobSpec) Domain() string  { return "JobSpec" }
func (Interval) Domain() string { return "Interval" }
func (Receipt) Domain() string  { return "Receipt" }
func (Verdict) Domain() string  { return "Verdict" }
