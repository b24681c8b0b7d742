package battery

import (
	"flag"
	"os"
	"testing"

	"github.com/gwrun/gwrun/kernels/webgpu"
)

var (
	full    = flag.Bool("battery", false, "run the whole battery: thousands of random kernels on every stack, and figures printed")
	only    = flag.String("stacks", "", "a regular expression: run only the stacks whose name it matches, such as lavapipe/soft or dawn")
	gpu     = flag.Bool("gpu", false, "also run on the adapters that the Vulkan loader finds by itself")
	jobs    = flag.Int("jobs", 1, "how many devices of each stack work at once")
	seed    = flag.Uint64("seed", 1, "the first seed of the random kernels")
	kernelN = flag.Int("kernels", 0, "how many random kernels of each kind; 0 is 2,000 of IR and 400 of WGSL with -battery, else few")
)

func TestMain(m *testing.M) {
	proxyIfAsked()
	webgpu.RunChildIfAsked()
	os.Exit(m.Run())
}
