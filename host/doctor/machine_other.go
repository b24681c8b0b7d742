//go:build !linux

package doctor

import "errors"

func freeSpace(string) (uint64, error) { return 0, errors.ErrUnsupported }

func memory() (all, free uint64, err error) { return 0, 0, errors.ErrUnsupported }

func clockKept() (kept bool, err error) { return false, errors.ErrUnsupported }
