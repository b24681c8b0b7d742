//go:build linux || darwin || freebsd

package cpu

import "syscall"

// reserve takes n bytes of address space, zero and readable, that cost memory only where they are written.
func reserve(n uint64) ([]byte, error) {
	return syscall.Mmap(-1, 0, int(n), syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
}

func unreserve(b []byte) { _ = syscall.Munmap(b) } // nothing to be done if the kernel refuses its own range

const canReserve = true
