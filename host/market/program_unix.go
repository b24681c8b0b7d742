//go:build unix

package market

import (
	"os/exec"
	"syscall"
)

// alone gives a program a process group of its own, all of which is killed when it is given up, and by end when it is through: whatever it left
// behind.
func alone(cmd *exec.Cmd) (end func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error {
		if cmd.Process == nil {
			return nil
		}
		return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	cmd.Cancel = kill
	return func() { _ = kill() } // mostly nobody is there any more
}
