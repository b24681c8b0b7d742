//go:build !linux

package webgpu

import "syscall"

func processAttributes() *syscall.SysProcAttr { return nil }
