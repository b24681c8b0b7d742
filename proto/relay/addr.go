package relay

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/gwrun/gwrun/proto/msg"
)

// Scheme begins the address of a node that is reached through a relay.
const Scheme = "relay"

// maxAddr bounds an address: a host name has 253 characters at most.
const maxAddr = 320

// Addr is where an account is reached through the relay at hostport: relay:HOST:PORT/ACCOUNT.
func Addr(hostport string, account msg.Account) string {
	return Scheme + ":" + hostport + "/" + account.String()
}

// ParseAddr reads one.
func ParseAddr(text string) (hostport string, account msg.Account, err error) {
	bad := func(format string, args ...any) (string, msg.Account, error) {
		return "", msg.Account{}, fmt.Errorf("address %.*q: %s, want relay:HOST:PORT/ACCOUNT", maxAddr, text, fmt.Sprintf(format, args...))
	}
	if len(text) > maxAddr {
		return bad("%d bytes", len(text))
	}
	rest, ok := strings.CutPrefix(text, Scheme+":")
	if !ok {
		return bad("no relay")
	}
	hostport, who, ok := strings.Cut(rest, "/")
	if !ok {
		return bad("no account")
	}
	if account, err = msg.ParseAccount(who); err != nil {
		return bad("%v", err)
	}
	if err := CheckHostPort(hostport); err != nil {
		return bad("%v", err)
	}
	return hostport, account, nil
}

// CheckHostPort says what is wrong with HOST:PORT.
func CheckHostPort(text string) error {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return err
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return fmt.Errorf("port %q", port)
	}
	if host == "" || strings.ContainsFunc(host, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`/@,"\`, r)
	}) {
		return fmt.Errorf("host %q", host)
	}
	return nil
}
