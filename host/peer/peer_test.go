package peer

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	who := "0x" + strings.Repeat("ab", 20)
	for text, want := range map[string]string{"example:4433": "example:4433", who + "@[::1]:7": "[::1]:7", "127.0.0.1:1": "127.0.0.1:1"} {
		addr, account, err := Parse(text)
		if err != nil || addr != want || (account != nil) != strings.HasPrefix(text, "0x") || account != nil && account.String() != who {
			t.Errorf("%q: address %q, account %v, %v; want %q", text, addr, account, err, want)
		}
	}
	for _, text := range []string{"", "example", "example:", ":4433", "@example:4433", "0x12@example:4433", who + "@example", who + "@"} {
		if _, _, err := Parse(text); err == nil {
			t.Errorf("%q is taken for an address", text)
		}
	}
}
