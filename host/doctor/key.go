package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gwrun/gwrun/proto/identity"
)

// Key looks at a key file: nobody else can read it, and it opens. made says that the node makes it where there is none; passphrase is asked
// for only where one guards it.
func Key(path string, made bool, passphrase func() (string, error)) Look {
	const name = "key"
	return func(context.Context) []Finding {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			if made {
				return []Finding{ok(name, "%s is not there: the node makes one when it first starts", path)}
			}
			return []Finding{bad(name, "gwrun wallet new --key "+path+", or gwrun wallet restore", "%s is not there", path)}
		}
		if err != nil {
			return []Finding{bad(name, "let this user read it, or give another with --key FILE", "%v", err)}
		}
		if m := info.Mode().Perm(); m&0o077 != 0 {
			return []Finding{bad(name, "chmod 600 "+path, "others can read %s (%s)", path, m)}
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return []Finding{bad(name, "let this user read it, or give another with --key FILE", "%v", err)}
		}
		account, guarded, err := identity.Look(b)
		if err != nil {
			return []Finding{bad(name, "gwrun wallet restore brings one back from a backup", "%s: %v", path, err)}
		}
		pass := ""
		if guarded {
			if pass, err = passphrase(); err != nil {
				return []Finding{bad(name, "give --passphrase-file FILE, or set GWRUN_PASSPHRASE", "%s has a passphrase: %v", path, err)}
			}
		}
		if _, err := identity.Unseal(b, pass); err != nil {
			remedy := "gwrun wallet restore brings one back from a backup"
			if errors.Is(err, identity.ErrPassphrase) {
				remedy = "give its passphrase with --passphrase-file FILE or GWRUN_PASSPHRASE"
			}
			return []Finding{bad(name, remedy, "%s: %v", path, err)}
		}
		text := fmt.Sprintf("%s opens, and only this user can read it: %s", path, account)
		if !guarded {
			text += "; no passphrase"
		}
		return []Finding{ok(name, "%s", text)}
	}
}
