package identity

import (
	"encoding/json"
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
)

// Look says for whom a key file says that it is, and whether a passphrase guards it, without opening it: nothing vouches for either.
func Look(file []byte) (account msg.Account, guarded bool, err error) {
	if len(file) > maxKeyFile {
		return account, false, fmt.Errorf("key file of %d bytes, at most %d wanted", len(file), maxKeyFile)
	}
	var f keyFile
	if err := json.Unmarshal(file, &f); err != nil {
		return account, false, fmt.Errorf("key file: not an Ethereum key file: %w", err)
	}
	if f.Version != 3 || f.Crypto == nil {
		return account, false, fmt.Errorf("key file: version %d, wanted 3 and a crypto section", f.Version)
	}
	if account, err = msg.ParseAccount("0x" + f.Address); err != nil {
		return account, false, fmt.Errorf("key file: %w", err)
	}
	var p scryptParams // what Seal writes for keys without a passphrase is no work for anybody
	open := f.Crypto.KDF == "scrypt" && json.Unmarshal(f.Crypto.KDFParams, &p) == nil && p.N == None.n && p.P == None.p
	return account, !open, nil
}
