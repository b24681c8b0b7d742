//go:build !(linux || darwin || freebsd)

package cpu

import "errors"

func reserve(uint64) ([]byte, error) {
	return nil, errors.New("no address space reservation on this system")
}

func unreserve([]byte) {}

const canReserve = false
