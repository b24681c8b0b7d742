package webgpu

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/lower"
)

// grandparent is set for a copy of the test program that opens a device and then waits to be killed.
const grandparent = "GWRUN_TEST_OPEN_AND_WAIT"

func openAndWait() {
	d, err := Open(Options{Env: strings.Fields(os.Getenv(grandparent))})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(pid(d))
	select {}
}

func pid(d kernels.Device) int { return d.(*device).child.pid }

// gone waits until there is no such process, or only its remains.
func gone(id int) bool {
	for range 200 {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
		if err != nil || strings.Contains(string(b), ") Z ") {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

func needProc(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("skipped: no /proc")
	}
}

// TestKilled kills the device process: the device is lost, and a fresh one works.
func TestKilled(t *testing.T) {
	o := onDriver(t, "lavapipe")
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b, err := d.NewBuffer(16)
	if err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(pid(d))
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	var lost *kernels.LostError
	if err := d.Read(b, 0, make([]byte, 16)); !errors.As(err, &lost) || !strings.Contains(err.Error(), "killed") {
		t.Errorf("read from a killed process: %v", err)
	}
	if _, err := d.NewBuffer(16); !errors.As(err, &lost) {
		t.Errorf("buffer from a killed process: %v", err)
	}
	b.Free()
	fresh, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	if _, err := fresh.NewBuffer(16); err != nil {
		t.Error(err)
	}
}

func TestCloseLeavesNoProcess(t *testing.T) {
	needProc(t)
	d, err := Open(onDriver(t, "lavapipe"))
	if err != nil {
		t.Fatal(err)
	}
	id := pid(d)
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if !gone(id) {
		t.Error("the device process is still there")
	}
}

// TestParentKilled kills the parent, which has no chance to clean up.
func TestParentKilled(t *testing.T) {
	needProc(t)
	o := onDriver(t, "lavapipe")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), grandparent+"="+strings.Join(o.Env, " "))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	cmd.Process.Kill()
	cmd.Wait()
	if err != nil {
		t.Fatal(err)
	}
	id, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the parent said %q", line)
	}
	if !gone(id) {
		t.Error("the device process outlived its parent")
	}
}

// TestHang gives a dispatch less time than it takes.
func TestHang(t *testing.T) {
	o := onDriver(t, "SwiftShader")
	o.Lowering = lower.ModeSoft
	o.TimeLimit = 3 * time.Second
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b := ir.NewBuilder("long", 1, 1, 1)
	out := b.Bind("out", ir.ReadWrite, false)
	b.Loop(func(l *ir.Inst) {
		b.If(b.Do(ir.OpIEq, b.Load(out, ir.I32, b.Int(0), nil), b.Int(1)), func() { b.Exit(l) }, nil)
	}, nil)
	p, err := d.NewPipeline(t.Context(), kernels.NewKernel("long", "", nil, b.Kernel()))
	if err != nil {
		t.Fatal(err)
	}
	buf, err := d.NewBuffer(4)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Dispatch(t.Context(), &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{65535, 100, 1}, GasLimit: 1 << 31,
		Bindings: []kernels.Bound{{Buffer: buf, Size: 4}}})
	var lost *kernels.LostError
	if !errors.As(err, &lost) || !strings.Contains(err.Error(), "no answer within 3s") {
		t.Errorf("a hanging dispatch: %v", err)
	}
}

func TestErrorsOfOpen(t *testing.T) {
	o := onDriver(t, "lavapipe")
	o.Adapter = 9
	if _, err := Open(o); err == nil || !strings.Contains(err.Error(), "no adapter 9") {
		t.Errorf("adapter 9: %v", err)
	}
	o.Adapter, o.Name = 0, "another"
	if _, err := Open(o); err == nil || !strings.Contains(err.Error(), `want "another"`) {
		t.Errorf("another name: %v", err)
	}
	o.Name, o.Executable = "", "/does/not/exist"
	if _, err := Open(o); err == nil || !strings.Contains(err.Error(), "cannot start the device process") {
		t.Errorf("no executable: %v", err)
	}
	// A program that is no device process says nothing and ends.
	var lost *kernels.LostError
	o.Executable = "/bin/true"
	if _, err := Open(o); !errors.As(err, &lost) {
		t.Errorf("another program: %v", err)
	}
	o.Executable = "/bin/echo"
	if _, err := Open(o); !errors.As(err, &lost) {
		t.Errorf("a program that talks: %v", err)
	}
}

func TestList(t *testing.T) {
	list, err := List(t.Context(), onDriver(t, "lavapipe"))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].ID != "gpu0" || list[0].Kind != "software" || list[0].Backend != "vulkan" ||
		!strings.Contains(list[0].Name, "llvmpipe") || list[0].Driver == "" {
		t.Errorf("adapters %+v, want lavapipe", list)
	}
	none, err := List(t.Context(), Options{Env: []string{"VK_ICD_FILENAMES=/dev/null", "VK_DRIVER_FILES=/dev/null"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range none {
		if a.Backend != "gl" {
			t.Errorf("adapter %+v without a Vulkan driver", a)
		}
	}
}
