package binding

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Buffer binding types and the shader stage of webgpu.h.
const (
	typeNotUsed   = 0
	typeUndefined = 1
	typeUniform   = 2
	typeStorage   = 3
	typeReadOnly  = 4

	stageCompute = 4
	stageAll     = 7
)

var typeNames = map[uint32]string{typeUniform: "a uniform buffer", typeStorage: "a storage buffer", typeReadOnly: "a read-only storage buffer"}

func bindingType(a ir.Access) uint32 {
	switch a {
	case ir.Uniform:
		return typeUniform
	case ir.Read:
		return typeReadOnly
	}
	return typeStorage
}

// groupLayout is a bind group layout, its entries sorted by binding. Owner is the pipeline whose "auto" layout it is.
type groupLayout struct {
	Entries []layoutEntry `cbor:"1,keyasint"`
	Owner   uint32        `cbor:"2,keyasint,omitempty"`
}

type layoutEntry struct {
	Binding    uint32 `cbor:"1,keyasint"`
	Visibility uint64 `cbor:"2,keyasint"`
	Type       uint32 `cbor:"3,keyasint"`
	Dynamic    bool   `cbor:"4,keyasint,omitempty"`
	MinSize    uint64 `cbor:"5,keyasint,omitempty"`
}

func (l *groupLayout) find(binding uint32) *layoutEntry {
	i, ok := slices.BinarySearchFunc(l.Entries, binding, func(e layoutEntry, b uint32) int { return int(int64(e.Binding) - int64(b)) })
	if !ok {
		return nil
	}
	return &l.Entries[i]
}

func (l *groupLayout) dynamic() int {
	n := 0
	for _, e := range l.Entries {
		if e.Dynamic {
			n++
		}
	}
	return n
}

// same reports whether a bind group made with one layout fits where the other is wanted ("group-equivalent").
func (l *groupLayout) same(m *groupLayout) bool {
	return l == m || l.Owner == m.Owner && slices.Equal(l.Entries, m.Entries)
}

// checkStage applies the limits that count over all groups of a pipeline.
func checkStage(groups []*groupLayout) error {
	var storage, uniform, dynStorage, dynUniform int
	for _, g := range groups {
		if g == nil {
			continue
		}
		for _, e := range g.Entries {
			if e.Type == typeUniform {
				if e.Visibility&stageCompute != 0 {
					uniform++
				}
				if e.Dynamic {
					dynUniform++
				}
			} else {
				if e.Visibility&stageCompute != 0 {
					storage++
				}
				if e.Dynamic {
					dynStorage++
				}
			}
		}
	}
	for _, l := range []struct {
		found, most int
		name        string
	}{
		{len(groups), maxBindGroups, "bind groups (maxBindGroups)"},
		{storage, maxStoragePerStage, "storage buffers in a stage (maxStorageBuffersPerShaderStage)"},
		{uniform, maxUniformPerStage, "uniform buffers in a stage (maxUniformBuffersPerShaderStage)"},
		{dynStorage, maxDynamicStorage, "storage buffers with dynamic offsets"},
		{dynUniform, maxDynamicUniform, "uniform buffers with dynamic offsets"},
	} {
		if l.found > l.most {
			return fmt.Errorf("%d %s, at most %d", l.found, l.name, l.most)
		}
	}
	return nil
}

func createBindGroupLayout(c *call) {
	dev := c.u32(0)
	_, ok := c.working(dev)
	r := c.record(c.u32(1), 20)
	c.unchained("the bind group layout descriptor", r.u32(0))
	o := &object{Kind: kindGroupLayout, Label: c.label(r.u32(4), r.u32(8)), Device: dev}
	l := &groupLayout{}
	var err error
	for _, e := range c.array("bind group layout entries", r.u32(16), r.u32(12), 88) {
		c.unchained("a bind group layout entry", e.u32(0))
		c.unchained("a buffer binding layout", e.u32(24))
		n := layoutEntry{Binding: e.u32(4), Visibility: e.u64(8), Type: e.u32(28), Dynamic: e.u32(32) != 0, MinSize: e.u64(40)}
		if n.Type == typeUndefined {
			n.Type = typeUniform // webgpu.h: the default
		}
		at := fmt.Sprintf("bind group layout %q, binding %d", o.Label, n.Binding)
		switch {
		case err != nil:
		case e.u32(52) != 0 || e.u32(60) != 0 || e.u32(76) != 0:
			err = fmt.Errorf("%s: samplers and textures do not exist here", at)
		case n.Type < typeUniform || n.Type > typeReadOnly:
			err = fmt.Errorf("%s: buffer type 0x%x, wanted Uniform, Storage or ReadOnlyStorage", at, n.Type)
		case n.Binding >= maxBindingsPerGroup:
			err = fmt.Errorf("%s: bindings end at %d (maxBindingsPerBindGroup)", at, maxBindingsPerGroup-1)
		case n.Visibility&^uint64(stageAll) != 0:
			err = fmt.Errorf("%s: visibility 0x%x is none of WGPUShaderStage's", at, n.Visibility)
		case e.u32(16) > 1:
			err = fmt.Errorf("%s: binding arrays do not exist here", at)
		}
		l.Entries = append(l.Entries, n)
	}
	sort.SliceStable(l.Entries, func(i, j int) bool { return l.Entries[i].Binding < l.Entries[j].Binding })
	for i := 1; i < len(l.Entries) && err == nil; i++ {
		if l.Entries[i].Binding == l.Entries[i-1].Binding {
			err = fmt.Errorf("bind group layout %q: binding %d is given twice", o.Label, l.Entries[i].Binding)
		}
	}
	if err == nil {
		if err = checkStage([]*groupLayout{l}); err != nil {
			err = fmt.Errorf("bind group layout %q: %w", o.Label, err)
		}
	}
	c.finish(o, ok, err, func() { o.Layout = l })
}

// finish adds an object, made good by fill, or bad with an error.
func (c *call) finish(o *object, working bool, err error, fill func()) {
	if err == nil && working {
		fill()
	} else {
		o.Bad = true
		if working {
			c.deviceError(o.Device, errorValidation, err.Error())
		}
	}
	c.ret = uint64(c.add(o))
	if !o.Bad {
		for _, child := range o.children() {
			c.h.hold(child)
		}
	}
}

func createPipelineLayout(c *call) {
	dev := c.u32(0)
	_, ok := c.working(dev)
	r := c.record(c.u32(1), 24)
	c.unchained("the pipeline layout descriptor", r.u32(0))
	o := &object{Kind: kindPipelineLayout, Label: c.label(r.u32(4), r.u32(8)), Device: dev}
	var err error
	var groups []uint32
	var layouts []*groupLayout
	for i, g := range c.array("bind group layouts", r.u32(16), r.u32(12), 4) {
		handle := g.u32(0)
		groups = append(groups, handle)
		if handle == 0 {
			layouts = append(layouts, nil)
			continue
		}
		l := c.object(handle, kindGroupLayout)
		switch {
		case err != nil:
		case l.Bad:
			err = fmt.Errorf("pipeline layout %q, group %d: %s is the result of a failed call", o.Label, i, c.h.name(handle))
		case l.Device != dev:
			err = fmt.Errorf("pipeline layout %q, group %d: %s belongs to another device", o.Label, i, c.h.name(handle))
		case l.Layout.Owner != 0:
			err = fmt.Errorf("pipeline layout %q, group %d: %s is the automatic layout of %s and fits that alone", o.Label, i, c.h.name(handle), c.h.name(l.Layout.Owner))
		}
		layouts = append(layouts, l.Layout)
	}
	if r.u32(20) != 0 && err == nil {
		err = fmt.Errorf("pipeline layout %q: %d bytes of immediates, there are none (maxImmediateSize)", o.Label, r.u32(20))
	}
	if err == nil {
		if err = checkStage(layouts); err != nil {
			err = fmt.Errorf("pipeline layout %q: %w", o.Label, err)
		}
	}
	c.finish(o, ok, err, func() { o.Groups = groups })
}

// group is a bind group, its entries in the order of its layout's.
type group struct {
	Layout  uint32       `cbor:"1,keyasint"`
	Entries []groupEntry `cbor:"2,keyasint"`
}

type groupEntry struct {
	Binding uint32 `cbor:"1,keyasint"`
	Buffer  uint32 `cbor:"2,keyasint"`
	Offset  uint64 `cbor:"3,keyasint"`
	Size    uint64 `cbor:"4,keyasint"`
}

const wholeSize = math.MaxUint64 // WGPU_WHOLE_SIZE

func createBindGroup(c *call) {
	dev := c.u32(0)
	_, ok := c.working(dev)
	r := c.record(c.u32(1), 24)
	c.unchained("the bind group descriptor", r.u32(0))
	o := &object{Kind: kindGroup, Label: c.label(r.u32(4), r.u32(8)), Device: dev}
	layout := c.object(r.u32(12), kindGroupLayout)
	g := &group{Layout: r.u32(12)}
	var err error
	refuse := func(format string, args ...any) {
		if err == nil {
			err = fmt.Errorf("bind group %q: "+format, append([]any{o.Label}, args...)...)
		}
	}
	if layout.Bad {
		refuse("%s is the result of a failed call", c.h.name(g.Layout))
	}
	seen := map[uint32]bool{}
	for _, e := range c.array("bind group entries", r.u32(20), r.u32(16), 40) {
		c.unchained("a bind group entry", e.u32(0))
		n := groupEntry{Binding: e.u32(4), Buffer: e.u32(8), Offset: e.u64(16), Size: e.u64(24)}
		if e.u32(32) != 0 || e.u32(36) != 0 {
			c.trap("binding %d has a sampler or texture view; there are none", n.Binding)
		}
		if n.Buffer == 0 {
			c.trap("binding %d has no buffer", n.Binding)
		}
		b := c.object(n.Buffer, kindBuffer)
		if layout.Bad {
			continue
		}
		le := layout.Layout.find(n.Binding)
		name := c.h.name(n.Buffer)
		if n.Size == wholeSize && n.Offset <= b.Buffer.Size {
			n.Size = b.Buffer.Size - n.Offset
		}
		switch {
		case le == nil:
			refuse("the layout has no binding %d", n.Binding)
		case seen[n.Binding]:
			refuse("binding %d is given twice", n.Binding)
		case b.Bad:
			refuse("binding %d: %s is the result of a failed call", n.Binding, name)
		case b.Device != dev:
			refuse("binding %d: %s belongs to another device", n.Binding, name)
		case le.Type == typeUniform && b.Buffer.Usage&usageUniform == 0:
			refuse("binding %d: %s has usage 0x%x, which lacks Uniform", n.Binding, name, b.Buffer.Usage)
		case le.Type != typeUniform && b.Buffer.Usage&usageStorage == 0:
			refuse("binding %d: %s has usage 0x%x, which lacks Storage", n.Binding, name, b.Buffer.Usage)
		case n.Offset > b.Buffer.Size || n.Size > b.Buffer.Size-n.Offset:
			refuse("binding %d: bytes %d+%d lie outside the %d of %s", n.Binding, n.Offset, n.Size, b.Buffer.Size, name)
		case n.Size == 0:
			refuse("binding %d: no bytes of %s are bound", n.Binding, name)
		case n.Offset%offsetAlignment != 0:
			refuse("binding %d: offset %d is no multiple of %d", n.Binding, n.Offset, offsetAlignment)
		case le.Type == typeUniform && n.Size > maxUniformBinding:
			refuse("binding %d: %d bytes, at most %d (maxUniformBufferBindingSize)", n.Binding, n.Size, maxUniformBinding)
		case le.Type != typeUniform && n.Size > maxStorageBinding:
			refuse("binding %d: %d bytes, at most %d (maxStorageBufferBindingSize)", n.Binding, n.Size, maxStorageBinding)
		case le.Type != typeUniform && n.Size%4 != 0:
			refuse("binding %d: %d bytes of %s, a multiple of 4 wanted", n.Binding, n.Size, name)
		case n.Size < le.MinSize:
			refuse("binding %d: %d bytes of %s, at least %d wanted", n.Binding, n.Size, name, le.MinSize)
		}
		seen[n.Binding] = true
		g.Entries = append(g.Entries, n)
	}
	if !layout.Bad {
		for _, le := range layout.Layout.Entries {
			if !seen[le.Binding] {
				refuse("binding %d of the layout is missing", le.Binding)
			}
		}
	}
	sort.Slice(g.Entries, func(i, j int) bool { return g.Entries[i].Binding < g.Entries[j].Binding })
	c.finish(o, ok, err, func() { o.Group = g })
}
