package binding

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// Shown is a host call in words.
type Shown struct {
	Function  string // without its module
	Arguments string
	Result    string // empty for a function that gives nothing
	// Details are lines about it: what an object was made of, the dispatches of a submit.
	Details []string
	Gas     uint64 // WASM gas used when it returned
	GPUGas  uint64 // kernel gas used by it
}

// String is the call on one line, without the details.
func (s *Shown) String() string {
	if s.Result == "" {
		return s.Function + "(" + s.Arguments + ")"
	}
	return s.Function + "(" + s.Arguments + ") = " + s.Result
}

// maxShown is how many bytes of a text are shown.
const maxShown = 60

// showing begins the account of a call: its arguments have to be put into words before it changes what they name.
func (c *call) showing() {
	c.shown = &Shown{Function: c.fn.name, Arguments: c.showArguments()}
	c.h.Unfinished = c.shown
	c.shownGPU = c.h.GPUGas
}

// show ends the account of a call.
func (c *call) show() {
	s := c.shown
	if len(c.fn.results) > 0 {
		s.Result = c.showResult()
	}
	s.Gas, s.GPUGas = c.h.GasUsed(), c.shownGPU-c.h.GPUGas
	c.shown, c.h.Unfinished = nil, nil
	c.h.cfg.OnShow(s)
}

func (c *call) showArguments() string {
	names := strings.Fields(parameters[c.fn.module+"."+c.fn.name])
	if len(names) == 0 && c.fn.module == "env" && len(c.fn.params) > 0 { // AddRef, Release, SetLabel
		names = []string{"object:handle", "label:text"}
	}
	var parts []string
	for i, t := range c.fn.params {
		name, kind := "", ""
		if i < len(names) {
			name, kind, _ = strings.Cut(names[i], ":")
		}
		v := c.args[i]
		var s string
		switch {
		case kind == "handle":
			s = c.showHandle(uint32(v))
		case kind == "text":
			s = c.showView(uint32(v))
		case kind == "bytes" && i+1 < len(c.fn.params):
			s = c.showText(uint32(v), uint32(c.args[i+1]))
		case kind == "pointer":
			s = name + " 0x" + strconv.FormatUint(v, 16)
		case kind == "mapmode":
			s = [...]string{"mode 0", "Read", "Write", "Read|Write"}[v&3]
		default:
			s = strings.TrimSpace(name + " " + showNumber(t, v))
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

func showNumber(t api.ValueType, v uint64) string {
	if t == api.ValueTypeF64 {
		return strconv.FormatFloat(math.Float64frombits(v), 'g', -1, 64)
	}
	if v == math.MaxUint32 && t == api.ValueTypeI32 || v == math.MaxUint64 {
		return "-1"
	}
	return strconv.FormatUint(v, 10)
}

// showHandle names an object as messages do.
func (c *call) showHandle(handle uint32) string {
	if handle == 0 {
		return "null"
	}
	o := c.h.objects[handle]
	if o == nil {
		return fmt.Sprintf("handle %d", handle)
	}
	s := fmt.Sprintf("%v %d", o.Kind, handle)
	if o.Label != "" {
		s += " " + quoted([]byte(o.Label))
	}
	return s
}

func quoted(b []byte) string {
	if len(b) > maxShown {
		return strconv.Quote(string(b[:maxShown])) + "..."
	}
	return strconv.Quote(string(b))
}

// showText shows bytes of guest memory; nothing is charged or hashed, and a bad address is not the place to end the job.
func (c *call) showText(ptr, n uint32) string {
	b, ok := c.h.mem.Read(ptr, min(n, maxShown+1))
	if !ok {
		return fmt.Sprintf("0x%x", ptr)
	}
	return quoted(b)
}

// showView shows a WGPUStringView: a pointer and a length, of which -1 means up to the zero byte.
func (c *call) showView(at uint32) string {
	ptr, ok := c.h.mem.ReadUint32Le(at)
	n, ok2 := c.h.mem.ReadUint32Le(at + 4)
	if !ok || !ok2 || ptr == 0 {
		return `""`
	}
	if n == math.MaxUint32 {
		n = 0
		for n <= maxShown {
			if b, ok := c.h.mem.ReadByte(ptr + n); !ok || b == 0 {
				break
			}
			n++
		}
	}
	return c.showText(ptr, n)
}

// makes reports whether the result is a handle.
func (c *call) makes() bool {
	n := c.fn.name
	return c.fn.module == "env" && (strings.HasPrefix(n, "wgpuDeviceCreate") && !strings.HasSuffix(n, "Async") || n == "wgpuCreateInstance" || n == "wgpuDeviceGetQueue" ||
		n == "wgpuCommandEncoderBeginComputePass" || n == "wgpuCommandEncoderFinish" || n == "wgpuComputePipelineGetBindGroupLayout")
}

func (c *call) showResult() string {
	if !c.makes() {
		s := showNumber(c.fn.results[0], c.ret)
		if c.fn.module == "env" && c.fn.results[0] == api.ValueTypeI64 && !strings.HasPrefix(c.fn.name, "wgpuBufferGet") {
			return "future " + s
		}
		return s
	}
	handle := uint32(c.ret)
	o := c.h.objects[handle]
	if o == nil {
		return showNumber(c.fn.results[0], c.ret)
	}
	s := c.showHandle(handle)
	if o.Bad {
		s += " (an error)"
	}
	add := func(format string, args ...any) {
		c.shown.Details = append(c.shown.Details, fmt.Sprintf(format, args...))
	}
	switch {
	case o.Buffer != nil:
		s += fmt.Sprintf(" of %d bytes, %s", o.Buffer.Size, usageNames(o.Buffer.Usage))
	case o.Kind == kindShader:
		s += fmt.Sprintf(" of %d bytes", len(o.Source))
		if p := o.Problem; p != nil {
			add("line %d, column %d: %s", p.Line, p.Column, p.Message)
		}
	case o.Pipeline != nil:
		s += ", entry point " + quoted([]byte(o.Pipeline.Entry))
		if k := c.h.kernels[handle]; k != nil {
			add("kernel %x, workgroups of %d x %d x %d", k.Hash[:8], k.IR.WorkgroupSize[0], k.IR.WorkgroupSize[1], k.IR.WorkgroupSize[2])
		}
		for _, v := range o.Pipeline.Constants {
			add("override %s = %v", v.Name, math.Float64frombits(v.Bits))
		}
	case o.Group != nil:
		for _, e := range o.Group.Entries {
			add("binding %d: %s, %d bytes from %d", e.Binding, c.showHandle(e.Buffer), e.Size, e.Offset)
		}
	}
	return s
}

// showDispatch adds a dispatch that was run to the account of its call.
func (c *call) showDispatch(ev *DispatchEvent, gas uint64) {
	n := ev.Dispatch.Workgroups
	c.shown.Details = append(c.shown.Details, fmt.Sprintf("dispatch %s (kernel %x) over %d x %d x %d workgroups, gpu gas %d", ev.Kernel.Entry, ev.Kernel.Hash[:8], n[0], n[1], n[2], gas))
	for i, b := range ev.Dispatch.Bindings {
		c.shown.Details = append(c.shown.Details, fmt.Sprintf("  %s %s: %s, %d bytes from %d", ev.Binding(i), ev.Kernel.IR.Bindings[i].Access, quoted([]byte(ev.Buffers[i])), b.Size, b.Offset))
	}
}

// usageNames puts a WGPUBufferUsage into words.
func usageNames(u uint64) string {
	names := [...]string{"MapRead", "MapWrite", "CopySrc", "CopyDst", "Index", "Vertex", "Uniform", "Storage", "Indirect", "QueryResolve"}
	var on []string
	for i, n := range names {
		if u>>i&1 != 0 {
			on = append(on, n)
		}
	}
	return strings.Join(on, "|")
}
