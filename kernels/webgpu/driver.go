package webgpu

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// driverState names the state of the machine's graphics drivers: it changes when one of them is updated. The library
// gives no driver version, so this is a hash over the size and time of the files that make up the drivers.
func driverState() string {
	h := sha256.New()
	note := func(path string) {
		if st, err := os.Stat(path); err == nil {
			fmt.Fprintf(h, "%s %d %d\n", path, st.Size(), st.ModTime().UnixNano())
		}
	}
	switch runtime.GOOS {
	case "linux":
		for _, m := range manifests() {
			note(m)
			note(library(m))
		}
		for _, p := range []string{"/proc/sys/kernel/osrelease", "/proc/driver/nvidia/version", "/sys/module/amdgpu/version"} {
			b, _ := os.ReadFile(p)
			fmt.Fprintf(h, "%s %q\n", p, b[:min(len(b), 1<<10)])
		}
	case "darwin": // drivers come with the system
		note("/System/Library/CoreServices/SystemVersion.plist")
	case "windows": // a driver's installation adds a folder to this one
		note(filepath.Join(os.Getenv("SystemRoot"), "System32", "DriverStore", "FileRepository"))
	}
	return runtime.GOOS + " " + hex.EncodeToString(h.Sum(nil)[:6])
}

// manifests lists the files that name Vulkan drivers, as the Vulkan loader looks for them.
func manifests() []string {
	for _, v := range []string{"VK_DRIVER_FILES", "VK_ICD_FILENAMES"} {
		if s := os.Getenv(v); s != "" {
			return filepath.SplitList(s)
		}
	}
	var out []string
	for _, dir := range []string{"/etc/vulkan/icd.d", "/usr/local/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d",
		"/usr/share/vulkan/icd.d"} {
		found, _ := filepath.Glob(filepath.Join(dir, "*.json"))
		out = append(out, found...)
	}
	return out
}

// library is the file of the driver that a manifest names, "" if it can't be told.
func library(manifest string) string {
	b, err := os.ReadFile(manifest)
	if err != nil || len(b) > 1<<16 {
		return ""
	}
	var m struct {
		ICD struct {
			Path string `json:"library_path"`
		} `json:"ICD"`
	}
	if json.Unmarshal(b, &m) != nil || m.ICD.Path == "" {
		return ""
	}
	path := m.ICD.Path
	switch {
	case filepath.IsAbs(path):
		return path
	case strings.ContainsRune(path, '/'):
		return filepath.Join(filepath.Dir(manifest), path)
	}
	// A bare name is for the dynamic linker; its usual folders will do.
	for _, pattern := range []string{"/usr/lib/*-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"} {
		if found, _ := filepath.Glob(filepath.Join(pattern, path)); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}
