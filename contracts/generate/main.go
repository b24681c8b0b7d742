// Generate turns what forge compiled into what is committed: interfaces and bytecode (contracts/artifacts), the sums of the sources they were
// made of, and the Go bindings. It is run by contracts/build.sh; contracts/check.sh runs it to another folder and compares.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/abi/abigen"
)

// deployed are the contracts in the order of their deployment, with the file each is in.
var deployed = []struct{ name, file string }{
	{"Token", "Token"}, {"Timelock", "Timelock"}, {"GwrunGovernor", "Governor"}, {"Parameters", "Parameters"}, {"Staking", "Staking"},
	{"Lottery", "Lottery"}, {"Market", "Market"}, {"Committee", "Committee"}, {"Disputes", "Disputes"}, {"Bisection", "Bisection"},
}

// maxCode is how much code a contract may have (EIP-170), and maxInitCode how much its creation (EIP-3860).
const maxCode, maxInitCode = 24576, 49152

// artifact is a contract as it is committed.
type artifact struct {
	ABI      json.RawMessage `json:"abi"`
	Bytecode string          `json:"bytecode"` // of its creation
}

func main() {
	from := flag.String("contracts", "contracts", "the folder of the sources, where forge has compiled them to out/")
	to := flag.String("to", "contracts", "where artifacts/ and bindings.go are written")
	flag.Parse()
	if err := generate(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(from, to string) error {
	if err := os.MkdirAll(filepath.Join(to, "artifacts"), 0o755); err != nil {
		return err
	}
	for _, c := range deployed {
		a, err := compiled(filepath.Join(from, "out", c.file+".sol", c.name+".json"))
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if err := os.WriteFile(artifactFile(to, c.name), a, 0o644); err != nil {
			return err
		}
	}
	code, err := bindings(to)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, "bindings.go"), code, 0o644); err != nil {
		return err
	}
	sums, err := sources(from)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "artifacts", "sources.sum"), sums, 0o644)
}

func artifactFile(to, name string) string { return filepath.Join(to, "artifacts", name+".json") }

// compiled reads what forge wrote about a contract.
func compiled(file string) ([]byte, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	type object struct {
		Object string `json:"object"`
	}
	var out struct {
		ABI      json.RawMessage `json:"abi"`
		Bytecode object          `json:"bytecode"`
		Deployed object          `json:"deployedBytecode"`
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, err
	}
	for _, c := range []struct {
		what, code string
		most       int
	}{{"creation code", out.Bytecode.Object, maxInitCode}, {"code", out.Deployed.Object, maxCode}} {
		code, err := hex.DecodeString(strings.TrimPrefix(c.code, "0x"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w (is a library not linked?)", c.what, err)
		}
		if len(code) == 0 || len(code) > c.most {
			return nil, fmt.Errorf("%s of %d bytes, wanted 1 to %d", c.what, len(code), c.most)
		}
	}
	a, err := json.MarshalIndent(artifact{out.ABI, out.Bytecode.Object}, "", " ")
	return append(a, '\n'), err
}

// bindings generates Go code for the committed artifacts.
func bindings(to string) ([]byte, error) {
	var names, abis, codes []string
	var sigs []map[string]string
	for _, c := range deployed {
		b, err := os.ReadFile(artifactFile(to, c.name))
		if err != nil {
			return nil, err
		}
		var a artifact
		if err := json.Unmarshal(b, &a); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		var abi bytes.Buffer
		if err := json.Compact(&abi, a.ABI); err != nil {
			return nil, err
		}
		names, abis, codes, sigs = append(names, c.name), append(abis, abi.String()), append(codes, a.Bytecode), append(sigs, nil)
	}
	code, err := abigen.Bind(names, abis, codes, sigs, "contracts", nil, nil)
	return []byte(code), err
}

// sources lists the SHA-256 of everything that decides the bytecode, one file a line.
func sources(from string) ([]byte, error) {
	files := []string{"foundry.toml", "package.json", "package-lock.json", "solc.js"}
	err := filepath.WalkDir(filepath.Join(from, "src"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			path, err = filepath.Rel(from, path)
			files = append(files, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(files) < 5 {
		return nil, errors.New("no sources in " + filepath.Join(from, "src"))
	}
	slices.Sort(files)
	var out bytes.Buffer
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(from, filepath.FromSlash(f)))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%x  %s\n", sha256.Sum256(b), f)
	}
	return out.Bytes(), nil
}
