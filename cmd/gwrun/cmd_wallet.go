package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

type keyResult struct {
	Account msg.Account `json:"account"`
	File    string      `json:"file"`
}

func (g *globals) printKey(k keyResult) error {
	return g.print(k, func(w io.Writer) { fmt.Fprintf(w, "%s  %s\n", k.Account, k.File) })
}

// newWalletCmd is the verb for keys. A node's key, its account and its purse are one thing, so there is one verb for it; key is its other name.
func newWalletCmd(g *globals) *cobra.Command {
	cmd := group("wallet", "make, show and keep the keys that nodes sign and are paid with", newWalletNewCmd(g), newWalletShowCmd(g), newWalletListCmd(g),
		newWalletBackupCmd(g), newWalletRestoreCmd(g), newWalletBalanceCmd(g), newWalletSendCmd(g))
	cmd.Aliases = []string{"key"}
	return cmd
}

// addLight adds the flag of those who want a key of no worth at once.
func addLight(cmd *cobra.Command, light *bool) {
	cmd.Flags().BoolVar(light, "light", false, "seal with little work, for keys of no worth: faster, and easier to guess")
}

func newWalletNewCmd(g *globals) *cobra.Command {
	var f keyFlags
	var light bool
	cmd := &cobra.Command{
		Use:   "new",
		Short: "make a key",
		Long: `New makes a secp256k1 key and keeps it in a file, sealed with a passphrase (Ethereum's Web3 Secret Storage, which
geth and wallets read). The account printed is the node's name, and where it is paid. It never replaces a file.

The passphrase is asked for twice on the terminal, or comes from --passphrase-file or $GWRUN_PASSPHRASE. Nobody can bring back a
lost key or a forgotten passphrase: make a backup (gwrun wallet backup).`,
		Annotations: exitStatus(exitDiskFull, exitKey),
		Example: `  gwrun wallet new
  gwrun wallet new --role host
  gwrun wallet new --key provider.json --passphrase-file secret.txt --json`,
		Args: exactArgs(),
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
			if passphrase == "" {
				g.logf("no passphrase: whoever can read %s has the key", path)
			}
			id, err := identity.Create(path, passphrase, strength(passphrase, light))
			if err != nil {
				return err
			}
			return g.printKey(keyResult{id.Account(), path})
		},
	}
	f.add(cmd)
	addLight(cmd, &light)
	return cmd
}

func newWalletShowCmd(g *globals) *cobra.Command {
	var f keyFlags
	cmd := &cobra.Command{
		Use:         "show",
		Short:       "print the account of a key",
		Long:        "Show opens a key file with its passphrase and prints the account it is for.",
		Annotations: exitStatus(exitKey),
		Example:     "  gwrun wallet show\n  gwrun wallet show --role host\n  gwrun wallet show --key provider.json --passphrase-file secret.txt --json",
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

// listedKey is a key file as list shows it. Nobody has opened it.
type listedKey struct {
	keyResult
	Role    string `json:"role,omitempty"` // the verb whose key it is
	Guarded bool   `json:"passphrase"`
	Mode    string `json:"mode"`
}

// remark is what is unusual about a key file.
func (k *listedKey) remark() string {
	switch {
	case k.Mode != "-rw-------" && k.Mode != "-r--------":
		return "others can read it (" + k.Mode + "): chmod 600"
	case !k.Guarded:
		return "no passphrase"
	}
	return ""
}

func newWalletListCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the keys in the --home folder",
		Long: `List shows the key files in the --home folder and in the folders of its nodes, with the account that each says it is for.
No passphrase is wanted: none is opened (gwrun wallet show opens one).`,
		Annotations: exitStatus(),
		Example:     "  gwrun wallet list\n  gwrun wallet list --home /srv/gwrun --json",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			home, err := g.homeDir()
			if err != nil {
				return err
			}
			keys, err := listKeys(home)
			if err != nil {
				return err
			}
			return g.print(struct {
				Keys []listedKey `json:"keys"`
			}{keys}, func(w io.Writer) {
				t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
				for _, k := range keys {
					fmt.Fprintf(t, "%s\t%s\t%s\n", k.Account, k.File, k.remark())
				}
				t.Flush()
				if len(keys) == 0 {
					fmt.Fprintf(w, "no key in %s\n", home)
				}
			})
		},
	}
}

// listKeys finds the key files in a folder and in the folders in it.
func listKeys(home string) ([]listedKey, error) {
	keys := []listedKey{}
	for _, pattern := range []string{"*.json", "*/*.json"} {
		paths, err := filepath.Glob(filepath.Join(escapeGlob(home), pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			info, err := os.Stat(path)
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			account, guarded, err := lookAt(path)
			if err != nil {
				continue // something else in JSON
			}
			k := listedKey{keyResult: keyResult{account, path}, Guarded: guarded, Mode: info.Mode().String()}
			if role, err := filepath.Rel(home, filepath.Dir(path)); err == nil && filepath.Base(path) == "key.json" && slices.Contains(roles, role) {
				k.Role = role
			}
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// escapeGlob makes a path one that Glob takes as it is.
func escapeGlob(path string) string {
	var out []rune
	for _, r := range path {
		if r == '*' || r == '?' || r == '[' || r == '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}

// copyFlags are those of the verbs that make a copy of a key.
type copyFlags struct {
	from  keyFlags
	file  string // of the copy's passphrase
	light bool
}

func (f *copyFlags) add(cmd *cobra.Command, what string) {
	f.from.add(cmd)
	cmd.Flags().StringVar(&f.file, "new-passphrase-file", "", "`FILE` whose first line is the passphrase of "+what+" (default $"+newPassphraseVar+", then the same as before)")
	addLight(cmd, &f.light)
}

func newWalletBackupCmd(g *globals) *cobra.Command {
	var f copyFlags
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "write an encrypted copy of a key, and see that it can be restored",
		Long: `Backup writes a key to FILE, sealed with a passphrase: that of the key, or another. Before it says that the backup is made
it reads the file back, opens it and compares the account. It replaces no file. A backup is a key file like any other
(Web3 Secret Storage): wallets read it, too.

A key without a passphrase is asked for one here: a backup goes where its file's mode does not protect it.`,
		Annotations: exitStatus(exitDiskFull, exitKey),
		Example: `  gwrun wallet backup /media/stick/gwrun-key.json
  gwrun wallet backup --role host --new-passphrase-file secret.txt backup.json`,
		Args: exactArgs("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := f.from.path(g)
			if err != nil {
				return err
			}
			if _, err := os.Lstat(args[0]); err == nil {
				return &exitError{code: exitKey, err: fmt.Errorf("%s exists already; a backup replaces no file", args[0])}
			}
			if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
				return f.from.noKey(g, from)
			}
			id, passphrase, err := f.from.unlock(g, from)
			if err != nil {
				return err
			}
			if p, ok, err := givenPassphrase(f.file, newPassphraseVar); err != nil {
				return err
			} else if ok {
				passphrase = p
			} else if passphrase == "" {
				passphrase, err = askPassphrase(g, "passphrase for the backup", true, "give --new-passphrase-file FILE, or set "+newPassphraseVar)
				if err != nil {
					return err
				}
			}
			if passphrase == "" {
				return &exitError{code: exitKey, err: errors.New("a backup without a passphrase is open to whoever finds it"),
					hint: "give --new-passphrase-file FILE, or set " + newPassphraseVar}
			}
			if err := id.Save(args[0], passphrase, strength(passphrase, f.light)); err != nil {
				return err
			}
			if err := verifyCopy(args[0], passphrase, id.Account()); err != nil {
				return errors.Join(err, os.Remove(args[0]))
			}
			g.logf("read back and opened: it can be restored with its passphrase, and only with that")
			return g.printKey(keyResult{id.Account(), args[0]})
		},
	}
	f.add(cmd, "the backup")
	return cmd
}

// verifyCopy sees that a copy of a key can be restored: it is read back, opened and compared.
func verifyCopy(path, passphrase string, want msg.Account) error {
	id, err := identity.Load(path, passphrase)
	if err == nil && id.Account() != want {
		err = fmt.Errorf("%s opens to %v, wanted %v", path, id.Account(), want)
	}
	if err != nil {
		return &exitError{code: exitKey, err: fmt.Errorf("the copy cannot be restored: %w", err), hint: "is the disk sound?"}
	}
	return nil
}

func newWalletRestoreCmd(g *globals) *cobra.Command {
	var f copyFlags
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "bring a key back from a backup",
		Long: `Restore opens a backup, or a key file that a wallet wrote, with its passphrase (--passphrase-file, $GWRUN_PASSPHRASE or the
terminal), writes the key where --key or --role says, and sees that it opens there. It replaces no key: if the same key is
there already nothing is done, if another is it is an error.`,
		Annotations: exitStatus(exitDiskFull, exitKey),
		Example:     "  gwrun wallet restore /media/stick/gwrun-key.json\n  gwrun wallet restore --role host backup.json",
		Args:        exactArgs("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			to, err := f.from.path(g)
			if err != nil {
				return err
			}
			if _, err := os.Stat(args[0]); err != nil {
				return &exitError{code: exitKey, err: fmt.Errorf("backup: %w", err)}
			}
			id, passphrase, err := f.from.unlock(g, args[0])
			if err != nil {
				return err
			}
			if p, ok, err := givenPassphrase(f.file, newPassphraseVar); err != nil {
				return err
			} else if ok {
				passphrase = p
			}
			if _, err := os.Lstat(to); err == nil {
				// What a file says of itself is not enough to believe that the key is safe there.
				there, err := identity.Load(to, passphrase)
				if err != nil || there.Account() != id.Account() {
					if err == nil {
						err = fmt.Errorf("it is %v's key", there.Account())
					}
					return &exitError{code: exitKey, err: fmt.Errorf("%s is there and is not this key with this passphrase (%w); restore replaces no key", to, err),
						hint: "move it away, or give another place with --key FILE"}
				}
				g.logf("the key is there already")
				return g.printKey(keyResult{id.Account(), to})
			}
			if err := id.Save(to, passphrase, strength(passphrase, f.light)); err != nil {
				return err
			}
			if err := verifyCopy(to, passphrase, id.Account()); err != nil {
				return errors.Join(err, os.Remove(to))
			}
			return g.printKey(keyResult{id.Account(), to})
		},
	}
	f.add(cmd, "the restored key")
	return cmd
}
