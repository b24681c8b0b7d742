package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

func newID(t testing.TB) *identity.Identity {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestSigned(t *testing.T) {
	id := newID(t)
	receipt := msg.Receipt{Version: 1, Status: msg.Finished, Steps: 9}
	s, err := id.Sign(receipt)
	if err != nil {
		t.Fatal(err)
	}
	var wire identity.Signed
	if err := msg.Decode(msg.Encode(s), &wire); err != nil {
		t.Fatal(err)
	}
	var fromJSON identity.Signed
	if j, err := json.Marshal(s); err != nil || !strings.Contains(string(j), s.Sig.String()) {
		t.Errorf("as JSON: %s, %v", j, err)
	} else if err := json.Unmarshal(j, &fromJSON); err != nil || fromJSON.Sig != s.Sig {
		t.Errorf("from JSON: %v", err)
	}
	for _, bad := range []string{"", "0x", s.Sig.String()[2:], s.Sig.String() + "00", s.Sig.String()[:131] + "g"} {
		if err := new(identity.Signature).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("signature %q taken", bad)
		}
	}
	var got msg.Receipt
	if err := wire.OpenFrom(&got, id.Account()); err != nil || got.Steps != 9 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if err := wire.OpenFrom(&got, newID(t).Account()); !errors.Is(err, identity.ErrSignature) {
		t.Errorf("another account's message: %v", err)
	}
	wire.Body[len(wire.Body)-1] ^= 1 // a nonce's byte: still a receipt, but another one
	if err := wire.OpenFrom(&got, id.Account()); !errors.Is(err, identity.ErrSignature) {
		t.Errorf("changed body: %v", err)
	}
}

// A message is not signed as another kind, even where both have the same bytes.
func TestDomain(t *testing.T) {
	id := newID(t)
	s, err := id.SignDigest(identity.Digest("Receipt", []byte("x")))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := identity.Recover(identity.Digest("Verdict", []byte("x")), s); err == nil && a == id.Account() {
		t.Error("a receipt's signature is good for a verdict")
	}
	if a, err := identity.Recover(identity.Digest("Receipt", []byte("x")), s); err != nil || a != id.Account() {
		t.Errorf("recovered %v, %v", a, err)
	}
}

func TestOneFormOfASignature(t *testing.T) {
	id := newID(t)
	digest := identity.Digest("test", nil)
	s, err := id.SignDigest(digest)
	if err != nil {
		t.Fatal(err)
	}
	high := s
	new(big.Int).Sub(crypto.S256().Params().N, new(big.Int).SetBytes(s[32:64])).FillBytes(high[32:64])
	high[64] = 27 + 28 - s[64]
	zero := identity.Signature{64: 27}
	v0 := s
	v0[64] -= 27
	for name, bad := range map[string]identity.Signature{"high s": high, "zero": zero, "v 0": v0} {
		if a, err := identity.Recover(digest, bad); !errors.Is(err, identity.ErrSignature) {
			t.Errorf("%s: %v %v", name, a, err)
		}
	}
}

// The vectors of https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/, "Test vectors".
func TestKeyFileVectors(t *testing.T) {
	for name, file := range map[string]string{
		"pbkdf2": `{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
			"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
			"kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
			"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}`,
		"scrypt": `{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
			"ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
			"kdfparams":{"dklen":32,"n":262144,"p":8,"r":1,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
			"mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}`,
	} {
		id, err := identity.Unseal([]byte(file), "testpassword")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := hex.EncodeToString(crypto.FromECDSA(id.ECDSA())); got != "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d" {
			t.Errorf("%s: key %s", name, got)
		}
		if id.String() != "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b" {
			t.Errorf("%s: account %v", name, id)
		}
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "node.json")
	id, err := identity.Create(path, "päss", identity.Light)
	if err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v %v", fi.Mode(), err)
	}
	got, err := identity.Load(path, "päss")
	if err != nil || got.Account() != id.Account() {
		t.Fatalf("loaded %v, %v", got, err)
	}
	if _, err := identity.Load(path, "pass"); !errors.Is(err, identity.ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	if err := newID(t).Save(path, "", identity.Light); !errors.Is(err, os.ErrExist) {
		t.Errorf("saved over a key: %v", err)
	}
	if _, err := identity.Load(path+"x", ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestKeyFileWithoutPassphrase(t *testing.T) {
	id := newID(t)
	file, err := id.Seal("", identity.None)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := identity.Unseal(file, ""); err != nil || got.Account() != id.Account() {
		t.Errorf("unsealed %v, %v", got, err)
	}
	if _, err := identity.Unseal(file, "x"); !errors.Is(err, identity.ErrPassphrase) {
		t.Errorf("with a passphrase it has not: %v", err)
	}
	if file, err := id.Seal("x", identity.None); err == nil {
		t.Errorf("a passphrase without any work to guess it: %s", file)
	}
}

func TestLook(t *testing.T) {
	id := newID(t)
	for _, c := range []struct {
		passphrase string
		strength   identity.Strength
	}{{"", identity.None}, {"", identity.Light}, {"x", identity.Light}} {
		b, err := id.Seal(c.passphrase, c.strength)
		if err != nil {
			t.Fatal(err)
		}
		a, guarded, err := identity.Look(b)
		if err != nil || a != id.Account() || guarded != (c.strength != identity.None) {
			t.Errorf("%v: %v, guarded %v, %v", c, a, guarded, err)
		}
	}
	for _, bad := range []string{"", "{}", `{"version":3}`, `{"version":3,"address":"00","crypto":{}}`, `{"version":1,"address":"` + strings.Repeat("00", 20) + `","crypto":{}}`} {
		if _, _, err := identity.Look([]byte(bad)); err == nil {
			t.Errorf("%q is taken for a key file", bad)
		}
	}
}

func TestUnsealRefuses(t *testing.T) {
	good := `{"version":3,"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"00000000000000000000000000000000"},"ciphertext":"00","kdf":"scrypt","kdfparams":{"dklen":32,"n":4096,"p":6,"r":8,"salt":"00"},"mac":"00"}}`
	for _, c := range [][3]string{
		{`4096`, `1073741824`, "out of bounds"},
		{`"p":6`, `"p":99999999999`, "out of bounds"},
		{`"p":6`, `"p":-1`, "out of bounds"},
		{`"r":8`, `"r":0`, "out of bounds"},
		{`4096`, `4095`, "N must be"},
		{`"dklen":32`, `"dklen":16`, "out of bounds"},
		{`:3,`, `:1,`, "version 1, wanted 3"},
		{`ctr`, `cbc`, `cipher "aes-128-cbc"`},
		{`scrypt`, `md5`, `kdf "md5"`},
		{`00000000"`, `"`, "iv of 12 bytes"},
		{`"salt":"00"`, `"salt":"0x"`, "invalid byte"},
		{`{`, `[`, "not an Ethereum key file"},
		{good, `{"version":3}`, "no crypto section"},
		{good, strings.Repeat(" ", 1<<17), "at most 65536"},
		{`x`, `x`, "wrong passphrase"},
	} {
		_, err := identity.Unseal([]byte(strings.Replace(good, c[0], c[1], 1)), "")
		if err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s for %s: got %v, want %q", c[1], c[0], err, c[2])
		}
	}
}

func TestCertificate(t *testing.T) {
	id := newID(t)
	now := time.Now()
	cert, err := id.Certificate(now)
	if err != nil {
		t.Fatal(err)
	}
	chain := []*x509.Certificate{cert.Leaf}
	for _, at := range []time.Duration{0, -59 * time.Minute, 23 * time.Hour} {
		if a, err := identity.PeerAccount(chain, now.Add(at)); err != nil || a != id.Account() {
			t.Errorf("%s later: %v, %v", at, a, err)
		}
	}
	for _, at := range []time.Duration{-61 * time.Minute, 25 * time.Hour} {
		if _, err := identity.PeerAccount(chain, now.Add(at)); !errors.Is(err, identity.ErrCertificate) {
			t.Errorf("%s later: %v", at, err)
		}
	}
	// Every flipped bit in the certificate makes it refused or, never, somebody else's.
	for i := range cert.Leaf.Raw {
		raw := append([]byte(nil), cert.Leaf.Raw...)
		raw[i] ^= 1
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			continue
		}
		if a, err := identity.PeerAccount([]*x509.Certificate{c}, now); err == nil {
			t.Errorf("byte %d changed: taken for %v", i, a)
		}
	}
	if _, err := identity.PeerAccount(nil, now); !errors.Is(err, identity.ErrCertificate) {
		t.Errorf("no certificate: %v", err)
	}
	if _, err := identity.PeerAccount([]*x509.Certificate{cert.Leaf, cert.Leaf}, now); !errors.Is(err, identity.ErrCertificate) {
		t.Errorf("two certificates: %v", err)
	}
}

// The account's signature from one certificate is worth nothing in another.
func TestStolenSignature(t *testing.T) {
	id := newID(t)
	cert, err := id.Certificate(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []time.Duration{0, time.Hour} {
		template := *cert.Leaf
		template.PublicKey = nil
		template.ExtraExtensions = template.Extensions
		template.NotAfter = template.NotAfter.Add(later)
		forge := func(pub any, priv any) *x509.Certificate {
			t.Helper()
			der, err := x509.CreateCertificate(rand.Reader, &template, &template, pub, priv)
			if err != nil {
				t.Fatal(err)
			}
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		forged := map[string]*x509.Certificate{"other key": forge(&key.PublicKey, key)}
		if later > 0 {
			forged["other time"] = forge(cert.Leaf.PublicKey, cert.PrivateKey)
		}
		for name, c := range forged {
			if a, err := identity.PeerAccount([]*x509.Certificate{c}, time.Now()); !errors.Is(err, identity.ErrCertificate) {
				t.Errorf("%s: taken for %v, %v", name, a, err)
			}
		}
	}
}

func FuzzUnseal(f *testing.F) {
	b, err := newID(f).Seal("x", identity.Light)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b, "x")
	f.Add([]byte(`{"version":3,"crypto":{"kdf":"scrypt","kdfparams":{"n":1e9}}}`), "")
	f.Fuzz(func(t *testing.T, b []byte, pass string) {
		id, err := identity.Unseal(b, pass)
		if (id == nil) == (err == nil) {
			t.Fatalf("%v, %v", id, err)
		}
		// A file that opens is for whom it says, if it says so.
		if a, _, lerr := identity.Look(b); err == nil && lerr == nil && a != id.Account() {
			t.Fatalf("the file says %v, its key is %v's", a, id.Account())
		}
	})
}

func FuzzRecover(f *testing.F) {
	f.Add([]byte("digest"), []byte("signature"))
	f.Fuzz(func(t *testing.T, d, s []byte) {
		var digest [32]byte
		var sig identity.Signature
		copy(digest[:], d)
		copy(sig[:], s)
		if _, err := identity.Recover(digest, sig); err != nil && !errors.Is(err, identity.ErrSignature) {
			t.Fatal(err)
		}
	})
}

func FuzzPeerAccount(f *testing.F) {
	cert, err := newID(f).Certificate(time.Now())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(cert.Leaf.Raw)
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return
		}
		if _, err := identity.PeerAccount([]*x509.Certificate{c}, c.NotBefore); err != nil && !errors.Is(err, identity.ErrCertificate) {
			t.Fatal(err)
		}
	})
}
