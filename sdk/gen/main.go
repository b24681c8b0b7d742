// Command gen writes the kernel library (kernels/lib) as source code of each SDK's language: every kernel's text, its
// parameters, bindings, overrides and grid. Run it after a change to the library, from the root of the repository:
//
//	go run ./sdk/gen
//
// A test fails when the files that are committed are not what it writes.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// The languages. Each gives its files by their path under sdk/.
var languages = []func([]Op) (map[string][]byte, error){
	generateC,
	generateGo,
	generateRust,
	generateAS,
}

// generate makes the files of all languages.
func generate() (map[string][]byte, error) {
	ops, err := load()
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for _, language := range languages {
		files, err := language(ops)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, files)
	}
	return all, nil
}

func main() {
	if err := write("sdk"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// write puts the files under folder, and says which are new.
func write(folder string) error {
	if _, err := os.Stat(filepath.Join(folder, "gen", "main.go")); err != nil {
		return fmt.Errorf("run it from the root of the repository: %w", err)
	}
	files, err := generate()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(folder, name)
		if old, err := os.ReadFile(path); err == nil && string(old) == string(files[name]) {
			continue
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", path)
	}
	return nil
}
