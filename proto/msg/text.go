package msg

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// UnmarshalText reads 64 hexadecimal digits, with or without 0x before them.
func (h *Hash) UnmarshalText(text []byte) error {
	return unhex(h[:], strings.TrimPrefix(string(text), "0x"), "hash")
}

// UnmarshalText reads 0x and 40 hexadecimal digits. Upper case is taken, its checksum (EIP-55) is not looked at.
func (a *Account) UnmarshalText(text []byte) error {
	s, ok := strings.CutPrefix(string(text), "0x")
	if !ok {
		return fmt.Errorf("account %q: wanted 0x and %d hexadecimal digits", abridged(string(text)), 2*len(a))
	}
	return unhex(a[:], s, "account")
}

// ParseHash reads what Hash.String writes.
func ParseHash(s string) (h Hash, err error) {
	err = h.UnmarshalText([]byte(s))
	return h, err
}

// ParseAccount reads what Account.String writes.
func ParseAccount(s string) (a Account, err error) {
	err = a.UnmarshalText([]byte(s))
	return a, err
}

func unhex(dst []byte, s, what string) error {
	if len(s) != 2*len(dst) {
		return fmt.Errorf("%s %q: %d hexadecimal digits, wanted %d", what, abridged(s), len(s), 2*len(dst))
	}
	if _, err := hex.Decode(dst, []byte(s)); err != nil {
		return fmt.Errorf("%s %q: %s", what, s, strings.TrimPrefix(err.Error(), "encoding/hex: "))
	}
	return nil
}

func abridged(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
