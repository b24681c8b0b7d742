package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// passphraseVar is the environment variable a passphrase is taken from; set and empty it is the empty passphrase.
const passphraseVar = "GWRUN_PASSPHRASE"

// newPassphraseVar is the one that the passphrase of a copy of a key is taken from.
const newPassphraseVar = "GWRUN_NEW_PASSPHRASE"

// roles are the verbs that are a node: each has a key of its own in a folder of the --home folder.
var roles = []string{"host", "validate", "submit"}

// keyFlags say which key a verb acts with.
type keyFlags struct {
	file, role, passphraseFile string
}

func (f *keyFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "key", "", "key `FILE` (default key.json in the --home folder)")
	cmd.Flags().StringVar(&f.role, "role", "", "the key that this `VERB` of the --home folder signs with: host, validate or submit")
	cmd.Flags().StringVar(&f.passphraseFile, "passphrase-file", "", "`FILE` whose first line is the key's passphrase (default $"+passphraseVar+", then the terminal)")
}

// path is where the key is.
func (f *keyFlags) path(g *globals) (string, error) {
	if f.file != "" {
		if f.role != "" {
			return "", usagef("--key and --role both name a key: give one of them")
		}
		return f.file, nil
	}
	if f.role != "" && !slices.Contains(roles, f.role) {
		return "", usagef("--role %q, want one of %s", f.role, strings.Join(roles, ", "))
	}
	home, err := g.homeDir()
	return filepath.Join(home, f.role, "key.json"), err
}

// load opens the key. Its error has the exit status for a wrong or missing key.
func (f *keyFlags) load(g *globals) (*identity.Identity, error) {
	path, err := f.path(g)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, f.noKey(g, path)
	}
	id, _, err := f.unlock(g, path)
	return id, err
}

// noKey says that there is no key, and where the --home folder has some: whoever made a key for a role has to name it.
func (f *keyFlags) noKey(g *globals, path string) error {
	hint := "gwrun wallet new makes one, gwrun wallet list shows those there are"
	if home, err := g.homeDir(); err == nil && f.file == "" {
		var have []string
		for _, r := range roles {
			if _, err := os.Stat(filepath.Join(home, r, "key.json")); err == nil && r != f.role {
				have = append(have, "--role "+r)
			}
		}
		if len(have) > 0 {
			hint = "give " + strings.Join(have, " or ") + ", whose key is there; or make this one: gwrun wallet new"
			if f.role != "" {
				hint += " --role " + f.role
			}
		}
	}
	return &exitError{code: exitKey, err: fmt.Errorf("no key file %s", path), hint: hint}
}

// unlock opens a key file, and says with which passphrase. One that none guards is not asked for any.
func (f *keyFlags) unlock(g *globals, path string) (*identity.Identity, string, error) {
	if _, guarded, err := lookAt(path); err != nil || !guarded {
		id, err := identity.Load(path, "")
		if err == nil {
			return id, "", nil
		}
		if !errors.Is(err, identity.ErrPassphrase) { // no passphrase opens it
			return nil, "", &exitError{code: exitKey, err: err}
		}
	}
	passphrase, err := f.passphrase(g, "passphrase of "+path, false)
	if err != nil {
		return nil, "", err
	}
	id, err := identity.Load(path, passphrase)
	if err != nil {
		return nil, "", &exitError{code: exitKey, err: err}
	}
	return id, passphrase, nil
}

// lookAt says for whom a key file says that it is, and whether a passphrase guards it.
func lookAt(path string) (account msg.Account, guarded bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return account, false, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20)) // Look wants far less
	if err != nil {
		return account, false, err
	}
	return identity.Look(b)
}

// strength is the work that guessing a passphrase takes. Where there is none there is nothing to guess, and the file's mode is its guard.
func strength(passphrase string, light bool) identity.Strength {
	switch {
	case passphrase == "":
		return identity.None
	case light:
		return identity.Light
	}
	return identity.Standard
}

// passphrase finds the passphrase: from the file, the environment or the terminal, there twice for a new key.
func (f *keyFlags) passphrase(g *globals, what string, twice bool) (string, error) {
	p, ok, err := givenPassphrase(f.passphraseFile, passphraseVar)
	if ok || err != nil {
		return p, err
	}
	return askPassphrase(g, what, twice, "give --passphrase-file FILE, or set "+passphraseVar+" (empty for none)")
}

// givenPassphrase is the passphrase in a file or else in the environment, and whether there is one.
func givenPassphrase(file, variable string) (p string, ok bool, err error) {
	if file == "" {
		p, ok = os.LookupEnv(variable)
		return p, ok, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", false, fmt.Errorf("passphrase: %w", err)
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return string(bytes.TrimSuffix(line, []byte("\r"))), true, nil
}

// askPassphrase asks on the terminal, where nothing typed is shown, and twice for a new passphrase.
func askPassphrase(g *globals, what string, twice bool, remedy string) (string, error) {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", &exitError{code: exitKey, err: errors.New("no passphrase: standard input is not a terminal"), hint: remedy}
	}
	p, err := ask(g, what)
	if err == nil && twice {
		var again string
		if again, err = ask(g, "the same again"); err == nil && again != p {
			err = &exitError{code: exitKey, err: errors.New("the two passphrases are not the same")}
		}
	}
	return p, err
}

func ask(g *globals, what string) (string, error) {
	fmt.Fprintf(g.stderr, "%s: ", what)
	b, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(g.stderr)
	return string(b), err
}
