package webgpu

import "syscall"

// processAttributes has the kernel end the child with its parent, should the parent be killed while the child is busy
// in the driver and does not look at its pipe.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
