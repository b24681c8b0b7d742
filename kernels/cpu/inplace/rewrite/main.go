// Command rewrite writes a WebAssembly module over itself as package inplace has it.
package main

import (
	"fmt"
	"os"

	"github.com/gwrun/gwrun/kernels/cpu/inplace"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: rewrite FILE.wasm")
		os.Exit(2)
	}
	if err := rewrite(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "rewrite: %v\n", err)
		os.Exit(1)
	}
}

func rewrite(name string) error {
	wasm, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if wasm, err = inplace.Rewrite(wasm); err != nil {
		return err
	}
	return os.WriteFile(name, wasm, 0o644)
}
