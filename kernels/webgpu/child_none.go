//go:build !cgo || !((linux && (amd64 || arm64)) || darwin || (windows && amd64))

package webgpu

import (
	"fmt"
	"os"
)

// built says whether this program has GPU support.
const built = false

func runChild() {
	fmt.Fprintln(os.Stderr, "device process: built without GPU support")
	os.Exit(2)
}
