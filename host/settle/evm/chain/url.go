package chain

import (
	"net/url"
)

// Redact is a URL that may be shown: providers of chains put their customers' keys into paths, queries and passwords.
func Redact(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return text // the path of a socket
	}
	return u.Scheme + "://" + u.Host
}
