//go:build !linux

package runtime

func limitAddressSpace(uint64) {}
