package webgpu

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	RunChildIfAsked()
	if os.Getenv(grandparent) != "" {
		openAndWait()
	}
	os.Exit(m.Run())
}

// drivers are the software Vulkan drivers tests run on, by name, with the manifest that selects each.
var drivers = map[string]string{
	"lavapipe":    "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json",
	"SwiftShader": "/usr/lib/chromium/vk_swiftshader_icd.json",
}

// onDriver gives Options for a driver, or skips the test where it is not installed.
func onDriver(t testing.TB, name string) Options {
	t.Helper()
	if !built {
		t.Skip("skipped: built without cgo")
	}
	if _, err := os.Stat(drivers[name]); err != nil {
		t.Skipf("skipped: no Vulkan driver (%s)", name)
	}
	return Options{Env: []string{"VK_ICD_FILENAMES=" + drivers[name], "VK_DRIVER_FILES=" + drivers[name]}}
}
