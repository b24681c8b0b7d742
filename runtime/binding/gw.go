package binding

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// gwFunctions is the module gw, as sdk/c/include/gw.h declares it.
func gwFunctions() []*function {
	gw := func(name, sig string, do func(*call)) *function { return def("gw", name, sig, do) }
	return []*function{
		gw("input_count", ":i", func(c *call) { c.ret = uint64(len(c.h.cfg.Inputs)) }),
		gw("input_name_len", "i:i", func(c *call) { c.ret = uint64(len(c.input().Name)) }),
		gw("input_name", "iii:i", func(c *call) { c.copyOut([]byte(c.input().Name), 0, c.u32(1), c.u32(2)) }),
		gw("input_find", "ii:i", inputFind),
		gw("input_len", "i:l", func(c *call) { c.ret = uint64(len(c.input().Data)) }),
		gw("input_read", "ilii:i", func(c *call) { c.copyOut(c.input().Data, c.u64(1), c.u32(2), c.u32(3)) }),
		gw("output_write", "iiii", outputWrite),
		gw("arg_count", ":i", func(c *call) { c.ret = uint64(len(c.h.cfg.Args)) }),
		gw("arg_len", "i:i", func(c *call) { c.ret = uint64(len(c.arg())) }),
		gw("arg_read", "iii:i", func(c *call) { c.copyOut([]byte(c.arg()), 0, c.u32(1), c.u32(2)) }),
		gw("log", "ii", func(c *call) { c.logBytes("log", c.read(c.u32(0), c.u32(1)), true) }),
		gw("progress", "dii", progress),
		gw("seed", ":l", func(c *call) { c.ret = c.h.cfg.Seed }),
		gw("event_take", "liii:i", eventTake),
		gw("step_index", ":l", func(c *call) { c.ret = c.h.Step }),
	}
}

func (c *call) input() *Input {
	i := c.u32(0)
	if uint64(i) >= uint64(len(c.h.cfg.Inputs)) {
		c.trap("input %d, the job has %d", i, len(c.h.cfg.Inputs))
	}
	return &c.h.cfg.Inputs[i]
}

func (c *call) arg() string {
	i := c.u32(0)
	if uint64(i) >= uint64(len(c.h.cfg.Args)) {
		c.trap("argument %d, the job has %d", i, len(c.h.cfg.Args))
	}
	return c.h.cfg.Args[i]
}

// copyOut writes at most size bytes of data from off on and returns how many.
func (c *call) copyOut(data []byte, off uint64, ptr, size uint32) {
	c.view(ptr, size)
	if off < uint64(len(data)) {
		data = data[off:]
		c.write(ptr, data[:min(uint64(len(data)), uint64(size))])
		c.ret = min(uint64(len(data)), uint64(size))
	}
}

func inputFind(c *call) {
	name := string(c.read(c.u32(0), c.u32(1)))
	c.ret = math.MaxUint32 // -1
	if i, ok := c.h.findInput(name); ok {
		c.ret = uint64(i)
	}
}

// findInput finds an input by its name: they are sorted.
func (h *Host) findInput(name string) (int, bool) {
	return slices.BinarySearchFunc(h.cfg.Inputs, name, func(in Input, name string) int { return strings.Compare(in.Name, name) })
}

func outputWrite(c *call) {
	h := c.h
	if n := c.u32(1); n == 0 || n > maxName {
		c.trap("an output's name of %d bytes, wanted 1 to %d", n, maxName)
	}
	name := string(c.read(c.u32(0), c.u32(1)))
	if !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		c.trap("an output's name is not UTF-8 text without zero bytes")
	}
	data := c.read(c.u32(2), c.u32(3))
	old, ok := h.outputs[name]
	if !ok && len(h.outputs) >= maxOutputs {
		c.trap("%d outputs, at most %d", len(h.outputs)+1, maxOutputs)
	}
	if h.outBytes+uint64(len(data)) > h.cfg.Limits.OutputBytes {
		c.limit("output_bytes", h.outBytes+uint64(len(data)), h.cfg.Limits.OutputBytes)
	}
	h.outBytes += uint64(len(data))
	h.outputs[name] = append(old, data...)
	if h.outputs[name] == nil {
		h.outputs[name] = []byte{}
	}
}

func progress(c *call) {
	f := math.Float64frombits(c.u64(0))
	text := c.read(c.u32(1), min(c.u32(2), maxText))
	if h := c.h; h.cfg.OnProgress != nil {
		if !(f >= 0) {
			f = 0
		}
		h.cfg.OnProgress(min(f, 1), strings.ToValidUTF8(cut(string(text), 256), "\ufffd"))
	}
}

// logText adds a line of the host's to the log.
func (c *call) logText(stream, text string) { c.logBytes(stream, []byte(text), false) }

// logBytes adds to the log, which is a part of the job's state. A line of gw.log is ended with a newline.
func (c *call) logBytes(stream string, text []byte, line bool) {
	h := c.h
	n := len(text)
	if line && (n == 0 || text[n-1] != '\n') {
		n++
	}
	if uint64(len(h.log))+uint64(n) > h.cfg.Limits.LogBytes {
		c.limit("log_bytes", uint64(len(h.log))+uint64(n), h.cfg.Limits.LogBytes)
	}
	begin := len(h.log)
	h.log = append(h.log, text...)
	if n > len(text) {
		h.log = append(h.log, '\n')
	}
	if h.cfg.OnLog != nil {
		h.cfg.OnLog(stream, append([]byte(nil), h.log[begin:]...))
	}
}
