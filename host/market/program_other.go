//go:build !unix

package market

import "os/exec"

// alone does nothing where there are no process groups: the program itself is killed when it is given up.
func alone(*exec.Cmd) (end func()) { return func() {} }
