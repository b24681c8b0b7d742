// Package sdk holds the SDKs for people who write jobs, as the files that `gwrun new` lays down beside a new job so that it builds
// anywhere: C, Rust, Go and AssemblyScript.
package sdk

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

//go:embed c/README.md c/gwcc c/*.c c/*.h c/include c/template
//go:embed go/README.md go/gw go/lib go/raw go/tensor go/wgpu go/template
//go:embed rust/README.md rust/.gitignore rust/Cargo.toml rust/gwcargo rust/src rust/template
//go:embed as/README.md as/gwasc as/ASC_VERSION as/assembly as/template
var files embed.FS

// Language is one that jobs are written in.
type Language struct {
	Name  string // as gwrun new takes it, and the SDK's folder
	Title string
	// Needs is what building takes, for people.
	Needs string
	// extra are files that cannot lie in this repository under their names.
	extra map[string]string
}

// Languages lists them.
var Languages = []Language{
	{Name: "c", Title: "C", Needs: "clang and wasm-ld (Debian packages clang and lld)"},
	{Name: "rust", Title: "Rust", Needs: "cargo and rustc with the target wasm32-unknown-unknown (Debian packages cargo, rustc, libstd-rust-dev-wasm32)"},
	{Name: "go", Title: "Go", Needs: "Go 1.24 or later",
		extra: map[string]string{"sdk/go.mod": "module github.com/gwrun/gwrun/sdk/go\n\ngo 1.24\n"}},
	{Name: "as", Title: "AssemblyScript", Needs: "Node.js and the npm package assemblyscript"},
}

// Get finds a language by its name.
func Get(name string) (*Language, error) {
	var names []string
	for i := range Languages {
		if Languages[i].Name == name {
			return &Languages[i], nil
		}
		names = append(names, Languages[i].Name)
	}
	return nil, fmt.Errorf("no SDK for %q: there are %s", name, strings.Join(names, ", "))
}

// template is a language's folder of files that a new job begins with; the rest of its folder is the SDK.
const template = "template"

// placeholder stands for the job's name in the template's file names and contents.
const placeholder = "jobname"

var nameWanted = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// ErrName is wrapped by the refusal of a job's name.
var ErrName = errors.New("a job's name is a small letter and up to 39 small letters, digits and _")

// New writes a new job into the folder dir, which must not exist, and gives the names of its own files (not those of the SDK). What a
// kill leaves behind is a folder with a name that begins with a dot beside dir.
func (l *Language) New(name, dir string) ([]string, error) {
	if !nameWanted.MatchString(name) {
		return nil, fmt.Errorf("%w: found %q", ErrName, name)
	}
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("%s: %w", dir, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp(parent, ".gwrun-new-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	own, err := l.write(name, tmp)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return nil, err
	}
	return own, os.Rename(tmp, dir)
}

func (l *Language) write(name, dir string) (own []string, err error) {
	put := func(to string, data []byte) error {
		to = filepath.Join(dir, filepath.FromSlash(to))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if strings.HasPrefix(string(data), "#!") {
			mode = 0o755
		}
		return os.WriteFile(to, data, mode)
	}
	err = fs.WalkDir(files, l.Name, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := files.ReadFile(p)
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(p, l.Name+"/")
		if to, ok := strings.CutPrefix(rel, template+"/"); ok {
			to = strings.TrimSuffix(strings.ReplaceAll(to, placeholder, name), ".txt")
			own = append(own, to)
			return put(to, []byte(strings.ReplaceAll(string(data), placeholder, name)))
		}
		if strings.HasSuffix(rel, "_test.go") || strings.Contains("/"+rel, "/testdata/") {
			return nil
		}
		return put(path.Join("sdk", rel), data)
	})
	for to, text := range l.extra {
		if err == nil {
			err = put(to, []byte(text))
		}
	}
	return own, err
}
