package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ethereum/go-ethereum/crypto"
	"golang.org/x/crypto/scrypt"

	"github.com/gwrun/gwrun/proto/msg"
)

// Key files are Ethereum's Web3 Secret Storage, version 3, so that geth and wallets can read them and the other way round:
// https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/

// ErrPassphrase means that a key file does not open with the passphrase given.
var ErrPassphrase = errors.New("wrong passphrase")

// Strength is the work that guessing one passphrase takes.
type Strength struct {
	n, p int // scrypt's N and p; r is 8
}

var (
	// Standard is 256 MiB and about a second for each guess.
	Standard = Strength{1 << 18, 1}
	// Light is 4 MiB and some milliseconds: for tests and for throw-away networks.
	Light = Strength{1 << 12, 6}
	// None is for keys without a passphrase: whoever can read the file has the key, and its owner need not work for it either.
	None = Strength{2, 1}
)

const (
	scryptR      = 8
	maxKeyFile   = 64 << 10
	maxKDFMemory = 1 << 30 // bytes; a hostile file must not ask for more
	maxKDFRounds = 1 << 24 // pbkdf2
)

type keyFile struct {
	Version int      `json:"version"`
	ID      string   `json:"id"`
	Address string   `json:"address"`
	Crypto  *secrets `json:"crypto"`
}

type secrets struct {
	Cipher       string `json:"cipher"`
	CipherText   string `json:"ciphertext"`
	CipherParams struct {
		IV string `json:"iv"`
	} `json:"cipherparams"`
	KDF       string          `json:"kdf"`
	KDFParams json.RawMessage `json:"kdfparams"`
	MAC       string          `json:"mac"`
}

type scryptParams struct {
	N     int    `json:"n"`
	R     int    `json:"r"`
	P     int    `json:"p"`
	DKLen int    `json:"dklen"`
	Salt  string `json:"salt"`
}

type pbkdf2Params struct {
	C     int    `json:"c"`
	PRF   string `json:"prf"`
	DKLen int    `json:"dklen"`
	Salt  string `json:"salt"`
}

// Seal encrypts the key with a passphrase into the bytes of a key file.
func (id *Identity) Seal(passphrase string, strength Strength) ([]byte, error) {
	if strength == (Strength{}) {
		strength = Standard
	}
	if strength == None && passphrase != "" {
		return nil, errors.New("key file: a passphrase wants a strength, none was given")
	}
	var random [64]byte // salt, iv, id
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	salt, iv, uuid := random[:32], random[32:48], random[48:]
	derived, err := scrypt.Key([]byte(passphrase), salt, strength.n, scryptR, strength.p, 32)
	if err != nil {
		return nil, err
	}
	text := xorAES(derived[:16], iv, crypto.FromECDSA(id.key))
	params, err := json.Marshal(scryptParams{N: strength.n, R: scryptR, P: strength.p, DKLen: 32, Salt: hex.EncodeToString(salt)})
	if err != nil {
		return nil, err
	}
	uuid[6], uuid[8] = uuid[6]&0x0f|0x40, uuid[8]&0x3f|0x80 // RFC 9562, version 4
	f := keyFile{
		Version: 3,
		ID:      fmt.Sprintf("%x-%x-%x-%x-%x", uuid[:4], uuid[4:6], uuid[6:8], uuid[8:10], uuid[10:]),
		Address: hex.EncodeToString(id.account[:]),
		Crypto: &secrets{Cipher: "aes-128-ctr", CipherText: hex.EncodeToString(text), KDF: "scrypt", KDFParams: params,
			MAC: hex.EncodeToString(crypto.Keccak256(derived[16:32], text))},
	}
	f.Crypto.CipherParams.IV = hex.EncodeToString(iv)
	return json.Marshal(f)
}

// Unseal reads the bytes of a key file.
func Unseal(file []byte, passphrase string) (*Identity, error) {
	if len(file) > maxKeyFile {
		return nil, fmt.Errorf("key file of %d bytes, at most %d wanted", len(file), maxKeyFile)
	}
	var f keyFile
	if err := json.Unmarshal(file, &f); err != nil {
		return nil, fmt.Errorf("key file: not an Ethereum key file: %w", err)
	}
	if f.Version != 3 {
		return nil, fmt.Errorf("key file: version %d, wanted 3", f.Version)
	}
	if f.Crypto == nil {
		return nil, errors.New("key file: no crypto section")
	}
	c := f.Crypto
	if c.Cipher != "aes-128-ctr" {
		return nil, fmt.Errorf("key file: cipher %q, wanted aes-128-ctr", c.Cipher)
	}
	text, err1 := hex.DecodeString(c.CipherText)
	iv, err2 := hex.DecodeString(c.CipherParams.IV)
	mac, err3 := hex.DecodeString(c.MAC)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if len(iv) != aes.BlockSize {
		return nil, fmt.Errorf("key file: iv of %d bytes, wanted %d", len(iv), aes.BlockSize)
	}
	derived, err := c.derive(passphrase)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if subtle.ConstantTimeCompare(crypto.Keccak256(derived[16:32], text), mac) != 1 {
		return nil, fmt.Errorf("key file for 0x%s: %w", f.Address, ErrPassphrase)
	}
	id, err := FromBytes(xorAES(derived[:16], iv, text))
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if f.Address != "" {
		a, err := msg.ParseAccount("0x" + f.Address)
		if err != nil {
			return nil, fmt.Errorf("key file: %w", err)
		}
		if a != id.account {
			return nil, fmt.Errorf("key file: says it is for %v, but its key is %v's", a, id.account)
		}
	}
	return id, nil
}

// derive returns at least 32 bytes.
func (c *secrets) derive(passphrase string) ([]byte, error) {
	switch c.KDF {
	case "scrypt":
		var p scryptParams
		if err := json.Unmarshal(c.KDFParams, &p); err != nil {
			return nil, err
		}
		salt, err := hex.DecodeString(p.Salt)
		if err != nil {
			return nil, err
		}
		if p.DKLen != 32 || p.N < 2 || p.R < 1 || p.R > 1<<10 || p.P < 1 || p.P > 1<<10 || p.N > maxKDFMemory/128/p.R || p.N*p.R*p.P > 1<<25 {
			return nil, fmt.Errorf("scrypt with n %d, r %d, p %d, dklen %d: out of bounds", p.N, p.R, p.P, p.DKLen)
		}
		return scrypt.Key([]byte(passphrase), salt, p.N, p.R, p.P, p.DKLen)
	case "pbkdf2":
		var p pbkdf2Params
		if err := json.Unmarshal(c.KDFParams, &p); err != nil {
			return nil, err
		}
		salt, err := hex.DecodeString(p.Salt)
		if err != nil {
			return nil, err
		}
		if p.PRF != "hmac-sha256" || p.DKLen != 32 || p.C < 1 || p.C > maxKDFRounds {
			return nil, fmt.Errorf("pbkdf2 with prf %q, c %d, dklen %d: out of bounds", p.PRF, p.C, p.DKLen)
		}
		return pbkdf2.Key(sha256.New, passphrase, salt, p.C, p.DKLen)
	}
	return nil, fmt.Errorf("kdf %q, wanted scrypt or pbkdf2", c.KDF)
}

func xorAES(key, iv, text []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key has 16 bytes
	}
	out := make([]byte, len(text))
	cipher.NewCTR(block, iv).XORKeyStream(out, text)
	return out
}

// Create makes a new key and saves it.
func Create(path, passphrase string, strength Strength) (*Identity, error) {
	id, err := New()
	if err != nil {
		return nil, err
	}
	return id, id.Save(path, passphrase, strength)
}

// Save writes a key file that only its owner may read. It never replaces a file: a lost key is lost money.
func (id *Identity) Save(path, passphrase string, strength Strength) error {
	b, err := id.Seal(passphrase, strength)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("key file %s: %w", path, os.ErrExist)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	tmp, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		// A link, unlike a rename, fails if the file has appeared meanwhile.
		if err = os.Link(tmp.Name(), path); errors.Is(err, errors.ErrUnsupported) {
			err = os.Rename(tmp.Name(), path)
		}
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("key file %s: %w", path, err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Load reads a key file.
func Load(path, passphrase string) (*Identity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	id, err := Unseal(b, passphrase)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return id, nil
}
