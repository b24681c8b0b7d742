// Package identity is who a node is: a secp256k1 key, whose Ethereum account is its name everywhere.
//
// The key signs messages and the short-lived TLS certificates of the node's connections. Every signature is over a digest
// that begins with 0x19 and "gwrun" and the kind of thing signed, so that none can be replayed as another kind, as an Ethereum
// transaction (RLP never begins with 0x19) or as another program's message (EIP-191). What a contract must be able to judge (msg.Typed) is
// signed as EIP-712 typed data, 0x19 0x01 with gwrun's domain and the type, which is as distinct.
package identity

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/crypto"

	"github.com/gwrun/gwrun/proto/msg"
)

// ErrSignature is wrapped by every refusal of a signature.
var ErrSignature = errors.New("signature refused")

// Identity is a node's private key. It is safe for use by several goroutines at once.
type Identity struct {
	key     *ecdsa.PrivateKey
	account msg.Account
}

// New makes a new key.
func New() (*Identity, error) {
	key, err := crypto.GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	return FromECDSA(key), nil
}

// FromECDSA wraps a secp256k1 key.
func FromECDSA(key *ecdsa.PrivateKey) *Identity {
	return &Identity{key: key, account: msg.Account(crypto.PubkeyToAddress(key.PublicKey))}
}

// FromBytes reads a private key of 32 bytes.
func FromBytes(b []byte) (*Identity, error) {
	key, err := crypto.ToECDSA(b)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	return FromECDSA(key), nil
}

// Account is the key's public name.
func (id *Identity) Account() msg.Account { return id.account }

// ECDSA is the private key, for signing transactions.
func (id *Identity) ECDSA() *ecdsa.PrivateKey { return id.key }

// String names the account, never the key.
func (id *Identity) String() string { return id.account.String() }

// Signature is r, s and v (27 or 28), as the EVM's ecrecover takes it, with the lower of the two possible s.
type Signature [65]byte

// Digest is what is signed for body: keccak256(0x19 || "gwrun " || domain || 0x00 || body). domain must not hold a zero byte.
func Digest(domain string, body []byte) [32]byte {
	return crypto.Keccak256Hash([]byte("\x19gwrun "+domain+"\x00"), body)
}

// SignDigest signs a digest made elsewhere: EIP-712 typed data for a contract. For messages there is Sign.
func (id *Identity) SignDigest(digest [32]byte) (s Signature, err error) {
	b, err := crypto.Sign(digest[:], id.key)
	if err != nil {
		return s, fmt.Errorf("signing: %w", err)
	}
	copy(s[:], b)
	s[64] += 27
	return s, nil
}

// Recover finds who signed digest. Each signature has one form only: a high s or another v is refused.
func Recover(digest [32]byte, s Signature) (msg.Account, error) {
	if s[64] != 27 && s[64] != 28 {
		return msg.Account{}, fmt.Errorf("%w: v is %d, wanted 27 or 28", ErrSignature, s[64])
	}
	v := s[64] - 27
	if !crypto.ValidateSignatureValues(v, new(big.Int).SetBytes(s[:32]), new(big.Int).SetBytes(s[32:64]), true) {
		return msg.Account{}, fmt.Errorf("%w: r or s out of range, or the higher s", ErrSignature)
	}
	s[64] = v
	pub, err := crypto.SigToPub(digest[:], s[:])
	if err != nil {
		return msg.Account{}, fmt.Errorf("%w: %v", ErrSignature, err)
	}
	return msg.Account(crypto.PubkeyToAddress(*pub)), nil
}

// String is the signature in hexadecimal.
func (s Signature) String() string { return "0x" + hex.EncodeToString(s[:]) }

// MarshalText gives JSON the hexadecimal form.
func (s Signature) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads 0x and 130 hexadecimal digits.
func (s *Signature) UnmarshalText(text []byte) error {
	digits, ok := bytes.CutPrefix(text, []byte("0x"))
	if !ok || len(digits) != 2*len(s) {
		return fmt.Errorf("signature %.20q of %d bytes: wanted 0x and %d hexadecimal digits", text, len(text), 2*len(s))
	}
	if _, err := hex.Decode(s[:], digits); err != nil {
		return fmt.Errorf("signature %.20q: %w", text, err)
	}
	return nil
}

// Secret derives a secret of its own for each purpose from the key. It stays the same for as long as the key does.
func (id *Identity) Secret(purpose string) [32]byte {
	return crypto.Keccak256Hash([]byte("\x19gwrun secret\x00"+purpose+"\x00"), crypto.FromECDSA(id.key))
}

// Signed is a message with its signature. The body travels as the bytes that were signed.
type Signed struct {
	Body []byte    `cbor:"1,keyasint" json:"body"`
	Sig  Signature `cbor:"2,keyasint" json:"sig"`
}

// Sign signs a message as what its Domain says it is.
func (id *Identity) Sign(v msg.Hashed) (Signed, error) {
	s := Signed{Body: msg.Encode(v)}
	digest, err := digest(v, s.Body)
	if err != nil {
		return s, err
	}
	s.Sig, err = id.SignDigest(digest)
	return s, err
}

// digest is what is signed for a message: typed data where a contract must be able to judge it. Those are bound to the job they are about
// and so to one market; their domain names none.
func digest(v msg.Hashed, body []byte) ([32]byte, error) {
	if typed, ok := v.(msg.Typed); ok {
		return msg.TypedDigest(msg.TypedDomain{}, typed)
	}
	return Digest(v.Domain(), body), nil
}

// SignTyped signs typed data for a contract.
func (id *Identity) SignTyped(at msg.TypedDomain, v msg.Typed) (s Signature, err error) {
	digest, err := msg.TypedDigest(at, v)
	if err != nil {
		return s, err
	}
	return id.SignDigest(digest)
}

// RecoverTyped finds who signed typed data for a contract.
func RecoverTyped(at msg.TypedDomain, v msg.Typed, s Signature) (msg.Account, error) {
	digest, err := msg.TypedDigest(at, v)
	if err != nil {
		return msg.Account{}, err
	}
	a, err := Recover(digest, s)
	if err != nil {
		return msg.Account{}, fmt.Errorf("%s: %w", v.Domain(), err)
	}
	return a, nil
}

// Open decodes the message into v, a pointer, and finds who signed it. Whether that account may say such a thing is the
// caller's question.
func (s Signed) Open(v msg.Hashed) (msg.Account, error) {
	if err := msg.Decode(s.Body, v); err != nil {
		return msg.Account{}, err
	}
	digest, err := digest(v, s.Body)
	if err != nil {
		return msg.Account{}, err
	}
	a, err := Recover(digest, s.Sig)
	if err != nil {
		return msg.Account{}, fmt.Errorf("%s: %w", v.Domain(), err)
	}
	return a, nil
}

// OpenFrom is Open for a message that only want may have signed.
func (s Signed) OpenFrom(v msg.Hashed, want msg.Account) error {
	a, err := s.Open(v)
	if err != nil {
		return err
	}
	if a != want {
		return fmt.Errorf("%w: %s signed by %v, wanted %v", ErrSignature, v.Domain(), a, want)
	}
	return nil
}
