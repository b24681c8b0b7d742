package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// ErrCertificate is wrapped by every refusal of a peer's certificate.
var ErrCertificate = errors.New("certificate refused")

const (
	// CertificateLife is how long a certificate is good for.
	CertificateLife = 24 * time.Hour
	// ClockSkew is how far two nodes' clocks may be apart.
	ClockSkew = time.Hour
	// maxCertificate is far above the 500 bytes ours have.
	maxCertificate = 4 << 10
)

// extension holds the account's signature. The arc 2.25 is free for anyone (X.667); the number spells "gwru".
var extension = asn1.ObjectIdentifier{2, 25, 0x67777275}

const certificateDomain = "TLS certificate"

// certificateBody is what the account signs: the certificate's key, and when it is good.
func certificateBody(spki []byte, notBefore, notAfter time.Time) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(notBefore.Unix()))
	b = binary.BigEndian.AppendUint64(b, uint64(notAfter.Unix()))
	return append(b, spki...)
}

// Certificate makes a self-signed certificate with a fresh P-256 key, which the account signs for as long as the certificate
// lives. now is the time by this node's clock.
func (id *Identity) Certificate(now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	notBefore := now.Add(-ClockSkew).UTC().Truncate(time.Second)
	notAfter := now.Add(CertificateLife).UTC().Truncate(time.Second)
	sig, err := id.SignDigest(Digest(certificateDomain, certificateBody(spki, notBefore, notAfter)))
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:    serial,
		Subject:         pkix.Name{CommonName: id.account.String()},
		NotBefore:       notBefore,
		NotAfter:        notAfter,
		KeyUsage:        x509.KeyUsageDigitalSignature,
		ExtKeyUsage:     []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		ExtraExtensions: []pkix.Extension{{Id: extension, Value: sig[:]}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// PeerAccount finds whose certificate a peer showed. TLS itself has proven that the peer holds the certificate's key.
func PeerAccount(chain []*x509.Certificate, now time.Time) (msg.Account, error) {
	refuse := func(format string, args ...any) (msg.Account, error) {
		return msg.Account{}, fmt.Errorf("%w: %s", ErrCertificate, fmt.Sprintf(format, args...))
	}
	if len(chain) != 1 {
		return refuse("%d certificates, wanted 1", len(chain))
	}
	c := chain[0]
	if len(c.Raw) > maxCertificate {
		return refuse("%d bytes, at most %d wanted", len(c.Raw), maxCertificate)
	}
	if pub, ok := c.PublicKey.(*ecdsa.PublicKey); !ok || pub.Curve != elliptic.P256() {
		return refuse("its key is not on P-256")
	}
	if now.Before(c.NotBefore) || now.After(c.NotAfter) {
		return refuse("good from %s to %s, now is %s (is a clock wrong?)", c.NotBefore.Format(time.RFC3339), c.NotAfter.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	if life := c.NotAfter.Sub(c.NotBefore); life > CertificateLife+2*ClockSkew {
		return refuse("good for %s, at most %s wanted", life, CertificateLife+2*ClockSkew)
	}
	i := slices.IndexFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(extension) })
	if i < 0 {
		return refuse("no gwrun account in it")
	}
	if n := len(c.Extensions[i].Value); n != len(Signature{}) {
		return refuse("account signature of %d bytes, wanted %d", n, len(Signature{}))
	}
	if err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature); err != nil {
		return refuse("%v", err)
	}
	a, err := Recover(Digest(certificateDomain, certificateBody(c.RawSubjectPublicKeyInfo, c.NotBefore, c.NotAfter)), Signature(c.Extensions[i].Value))
	if err != nil {
		return refuse("%v", err)
	}
	// Any signature recovers to some account, so a damaged one must be told from an honest one by the name it was given.
	if c.Subject.CommonName != a.String() {
		return refuse("named %.50q but signed by %v", c.Subject.CommonName, a)
	}
	return a, nil
}
