//go:build cgo

package webgpu

import "os"

// takeStdout gives the file for the protocol. Drivers on Windows do not print.
func takeStdout() (*os.File, error) { return os.Stdout, nil }
