//go:build !linux

package store_test

import (
	"errors"
	"os/exec"
)

func isolate(*exec.Cmd) {}

func smallDisk(string) error { return errors.New("this test mounts one on Linux only") }
