package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// passphraseVar is the environment variable a passphrase is taken from; set and empty it is the empty passphrase.
const passphraseVar = "GWRUN_PASSPHRASE"

type keyResult struct {
	Account msg.Account `json:"account"`
	File    string      `json:"file"`
}

// keyFlags say which key a verb acts with.
type keyFlags struct {
	file, passphraseFile string
}

func (f *keyFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "key", "", "key `FILE` (default key.json in the --home folder)")
	cmd.Flags().StringVar(&f.passphraseFile, "passphrase-file", "", "`FILE` whose first line is the key's passphrase (default $"+passphraseVar+", then the terminal)")
}

// path is where the key is.
func (f *keyFlags) path(g *globals) (string, error) {
	if f.file != "" {
		return f.file, nil
	}
	home, err := g.homeDir()
	return filepath.Join(home, "key.json"), err
}

// load opens the key. Its error has the exit status for a wrong or missing key.
func (f *keyFlags) load(g *globals) (*identity.Identity, error) {
	path, err := f.path(g)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, &exitError{code: exitKey, err: fmt.Errorf("no key file %s", path), hint: "gwrun key new makes one"}
	}
	passphrase, err := f.passphrase(g, "passphrase of "+path, false)
	if err != nil {
		return nil, err
	}
	id, err := identity.Load(path, passphrase)
	if err != nil {
		return nil, &exitError{code: exitKey, err: err}
	}
	return id, nil
}

// passphrase finds the passphrase: from the file, the environment or the terminal, there twice for a new key.
func (f *keyFlags) passphrase(g *globals, what string, twice bool) (string, error) {
	if f.passphraseFile != "" {
		b, err := os.ReadFile(f.passphraseFile)
		if err != nil {
			return "", fmt.Errorf("passphrase: %w", err)
		}
		line, _, _ := bytes.Cut(b, []byte("\n"))
		return string(bytes.TrimSuffix(line, []byte("\r"))), nil
	}
	if p, ok := os.LookupEnv(passphraseVar); ok {
		return p, nil
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", &exitError{code: exitKey, err: errors.New("no passphrase: standard input is not a terminal"),
			hint: "give --passphrase-file FILE, or set " + passphraseVar + " (empty for none)"}
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

func newKeyCmd(g *globals) *cobra.Command {
	return group("key", "make and show the key a node signs with", newKeyNewCmd(g), newKeyShowCmd(g))
}

func newKeyNewCmd(g *globals) *cobra.Command {
	var f keyFlags
	var light bool
	cmd := &cobra.Command{
		Use:   "new",
		Short: "make a key",
		Long: `New makes a secp256k1 key and keeps it in a file, sealed with a passphrase (Ethereum's Web3 Secret Storage, which
geth and wallets read). The account printed is the node's name. It never replaces a file.`,
		Annotations: exitStatus(exitDiskFull, exitKey),
		Example:     "  gwrun key new\n  gwrun key new --key provider.json --passphrase-file secret.txt --json",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := f.path(g)
			if err != nil {
				return err
			}
			if _, err := os.Lstat(path); err == nil {
				return &exitError{code: exitKey, err: fmt.Errorf("key file %s exists already", path), hint: "give another with --key FILE"}
			}
			passphrase, err := f.passphrase(g, "passphrase for "+path, true)
			if err != nil {
				return err
			}
			strength := identity.Standard
			if light {
				strength = identity.Light
			}
			id, err := identity.Create(path, passphrase, strength)
			if err != nil {
				return err
			}
			return g.printKey(keyResult{id.Account(), path})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&light, "light", false, "seal with little work, for keys of no worth: faster, and easier to guess")
	return cmd
}

func newKeyShowCmd(g *globals) *cobra.Command {
	var f keyFlags
	cmd := &cobra.Command{
		Use:         "show",
		Short:       "print the account of a key",
		Long:        "Show opens a key file with its passphrase and prints the account it is for.",
		Annotations: exitStatus(exitKey),
		Example:     "  gwrun key show\n  gwrun key show --key provider.json --passphrase-file secret.txt --json",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := f.path(g)
			if err != nil {
				return err
			}
			id, err := f.load(g)
			if err != nil {
				return err
			}
			return g.printKey(keyResult{id.Account(), path})
		},
	}
	f.add(cmd)
	return cmd
}

func (g *globals) printKey(k keyResult) error {
	return g.print(k, func(w io.Writer) { fmt.Fprintf(w, "%s  %s\n", k.Account, k.File) })
}
