package battery

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
)

func isNoGPU(err error) bool { return errors.Is(err, webgpu.ErrNoGPU) }

// dawnFolder is the folder whose node_modules has Dawn, or "".
var dawnFolder = sync.OnceValue(func() string {
	dir := os.Getenv("GWRUN_DAWN")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(cache, "gwrun", "dawn")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "webgpu", "index.js")); err != nil {
		return ""
	}
	return dir
})

// onDawn is Dawn on SwiftShader, given the canonical WGSL. (Dawn refuses a Mesa as old as Debian's.)
func onDawn(m lower.Mode) stack {
	s := stack{name: "dawn/" + m.String(), mode: m}
	if _, err := exec.LookPath("node"); err != nil || dawnFolder() == "" {
		s.missing = "no Dawn (make deps installs it)"
	} else if _, err := os.Stat(manifests["SwiftShader"]); err != nil {
		s.missing = "no Vulkan driver (SwiftShader)"
	}
	return s
}

// dawn is a Node process that runs dispatches.
type dawn struct {
	mode lower.Mode
	// change, if set, is done to every shader first.
	change func(wgsl string) string

	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *bytes.Buffer
	served int
}

// batch is how many dispatches one process is given: Dawn in Node does not give all memory back.
const batch = 300

func openDawn(m lower.Mode) (*dawn, error) {
	d := &dawn{mode: m}
	return d, d.start()
}

func (d *dawn) start() error {
	d.cmd = exec.Command("node", filepath.Join("dawn", "run.mjs"))
	icd := manifests["SwiftShader"]
	d.cmd.Env = append(os.Environ(), "GWRUN_DAWN="+dawnFolder(), "VK_ICD_FILENAMES="+icd, "VK_DRIVER_FILES="+icd)
	d.stderr = &bytes.Buffer{}
	d.cmd.Stderr = d.stderr
	var err error
	if d.in, err = d.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	d.out, d.served = bufio.NewReaderSize(out, 1<<20), 0
	return d.cmd.Start()
}

func (d *dawn) close() {
	d.in.Close()
	d.cmd.Process.Kill()
	d.cmd.Wait()
}

type dawnBinding struct {
	Type string `json:"type"`
	Data []byte `json:"data"`
}

// dispatch runs a shader on bindings; words[i] is nil for one that is only read.
func (d *dawn) dispatch(wgsl, entry string, groups [3]uint32, bindings []dawnBinding) (data [][]byte, err error) {
	if d.served == batch {
		d.close()
		if err := d.start(); err != nil {
			return nil, err
		}
	}
	d.served++
	line, err := json.Marshal(map[string]any{"wgsl": wgsl, "entry": entry, "groups": groups, "bindings": bindings})
	if err != nil {
		return nil, err
	}
	if _, err := d.in.Write(append(line, '\n')); err != nil {
		return nil, fmt.Errorf("dawn: %w: %s", err, d.stderr)
	}
	line, err = d.out.ReadBytes('\n')
	if err != nil {
		d.cmd.Wait() // so that all it said is there
		return nil, fmt.Errorf("dawn: %w: %s", err, d.stderr)
	}
	var answer struct {
		Data  [][]byte
		Error string
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return nil, fmt.Errorf("dawn: %w", err)
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("dawn: %s", answer.Error)
	}
	return answer.Data, nil
}

// run binds what kernels/webgpu binds: the kernel's buffers, the meta block and the gas cells.
func (d *dawn) run(_ context.Context, c *devicetest.Solved) error {
	s, err := lower.Print(c.Kernel, d.mode, lower.Options{})
	if err != nil {
		return err
	}
	var bindings []dawnBinding
	var ranges []lower.Range
	for i, words := range c.Buffers {
		b := dawnBinding{Type: "read-only-storage", Data: bytesOf(words)}
		if s.Writable[i] {
			b.Type = "storage"
		}
		bindings = append(bindings, b)
		ranges = append(ranges, lower.Range{Len: uint32(len(words))})
	}
	bindings = append(bindings, dawnBinding{"read-only-storage", lower.Meta(c.GasLimit, c.Workgroups, [3]uint32{}, ranges)},
		dawnBinding{"storage", make([]byte, lower.GasBytes)})
	text := s.WGSL
	if d.change != nil {
		text = d.change(text)
	}
	data, err := d.dispatch(text, "main", c.Workgroups, bindings)
	if err != nil {
		return err
	}
	gas, trapped, err := lower.Gas(data[len(data)-1])
	if err == nil && trapped {
		err = kernels.ErrGas
	}
	got := make([][]uint32, len(c.Buffers))
	for i := range got {
		if c.Kernel.Bindings[i].Access == ir.ReadWrite {
			got[i] = wordsOf(data[i])
		}
	}
	return c.Compare(got, gas, err)
}

func bytesOf(words []uint32) []byte {
	p := make([]byte, 4*len(words))
	for i, w := range words {
		binary.LittleEndian.PutUint32(p[4*i:], w)
	}
	return p
}

func wordsOf(p []byte) []uint32 {
	w := make([]uint32, len(p)/4)
	for i := range w {
		w[i] = binary.LittleEndian.Uint32(p[4*i:])
	}
	return w
}
