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

	stageVertex   = 1
	stageFragment = 2
	stageCompute  = 4
	stageAll      = 7
)

func alignmentName(typ uint32) string {
	if typ == typeUniform {
		return "minUniformBufferOffsetAlignment"
	}
	return "minStorageBufferOffsetAlignment"
}

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

// checkStages applies the limits that count over all groups of a pipeline: some for each stage, some for all of it.
func checkStages(groups []*groupLayout) error {
	if len(groups) > maxBindGroups {
		return fmt.Errorf("%d bind groups, at most %d (maxBindGroups)", len(groups), maxBindGroups)
	}
	for _, stage := range []struct {
		bit  uint64
		name string
	}{{stageVertex, "the vertex stage"}, {stageFragment, "the fragment stage"}, {stageCompute, "the compute stage"}} {
		shown := func(e *layoutEntry) bool { return e.Visibility&stage.bit != 0 }
		if n := count(groups, false, shown); n > maxStoragePerStage {
			return fmt.Errorf("%d storage buffers in %s, at most %d (maxStorageBuffersPerShaderStage)", n, stage.name, maxStoragePerStage)
		}
		if n := count(groups, true, shown); n > maxUniformPerStage {
			return fmt.Errorf("%d uniform buffers in %s, at most %d (maxUniformBuffersPerShaderStage)", n, stage.name, maxUniformPerStage)
		}
	}
	dynamic := func(e *layoutEntry) bool { return e.Dynamic }
	if n := count(groups, false, dynamic); n > maxDynamicStorage {
		return fmt.Errorf("%d storage buffers with dynamic offsets, at most %d (maxDynamicStorageBuffersPerPipelineLayout)", n, maxDynamicStorage)
	}
	if n := count(groups, true, dynamic); n > maxDynamicUniform {
		return fmt.Errorf("%d uniform buffers with dynamic offsets, at most %d (maxDynamicUniformBuffersPerPipelineLayout)", n, maxDynamicUniform)
	}
	return nil
}

// count counts the uniform or the storage buffers for which pick holds.
func count(groups []*groupLayout, uniform bool, pick func(*layoutEntry) bool) int {
	n := 0
	for _, g := range groups {
		if g == nil {
			continue
		}
		for i := range g.Entries {
			if e := &g.Entries[i]; (e.Type == typeUniform) == uniform && pick(e) {
				n++
			}
		}
	}
	return n
}

func createBindGroupLayout(c *call) {
	dev := c.u32(0)
	_, ok := c.working(dev)
	r := c.record(c.u32(1), 20)
	err := c.chained("the descriptor", r.u32(0))
	o := &object{Kind: kindGroupLayout, Label: c.label(r.u32(4), r.u32(8)), Device: dev}
	l := &groupLayout{}
	for _, e := range c.array("bind group layout entries", r.u32(16), r.u32(12), 88) {
		n := layoutEntry{Binding: e.u32(4), Visibility: e.u64(8), Type: e.u32(28), Dynamic: e.u32(32) != 0, MinSize: e.u64(40)}
		if n.Type == typeUndefined {
			n.Type = typeUniform // webgpu.h: the default
		}
		chain := first(c.chained("the entry", e.u32(0)), c.chained("the entry's buffer layout", e.u32(24)))
		at := fmt.Sprintf("binding %d", n.Binding)
		switch {
		case err != nil:
		case chain != nil:
			err = fmt.Errorf("%s: %w", at, chain)
		case e.u32(52) != 0 || e.u32(60) != 0 || e.u32(76) != 0:
			err = fmt.Errorf("%s: a sampler or texture, which a job cannot have", at)
		case n.Type == typeNotUsed:
			err = fmt.Errorf("%s: no buffer, sampler or texture is described, exactly one is wanted", at)
		case n.Type > typeReadOnly:
			err = fmt.Errorf("%s: buffer type 0x%x, wanted Uniform, Storage or ReadOnlyStorage", at, n.Type)
		case n.Binding >= maxBindingsPerGroup:
			err = fmt.Errorf("%s: bindings end at %d (maxBindingsPerBindGroup)", at, maxBindingsPerGroup-1)
		case n.Visibility&^uint64(stageAll) != 0:
			err = fmt.Errorf("%s: visibility 0x%x has bits that are none of WGPUShaderStage's", at, n.Visibility)
		case n.Visibility&stageVertex != 0 && n.Type == typeStorage:
			err = fmt.Errorf("%s: visible to the vertex stage, which may read storage (ReadOnlyStorage) and not write it", at)
		case e.u32(16) > 1:
			err = fmt.Errorf("%s: an array of %d bindings, which are not available", at, e.u32(16))
		}
		l.Entries = append(l.Entries, n)
	}
	sort.SliceStable(l.Entries, func(i, j int) bool { return l.Entries[i].Binding < l.Entries[j].Binding })
	for i := 1; i < len(l.Entries) && err == nil; i++ {
		if l.Entries[i].Binding == l.Entries[i-1].Binding {
			err = fmt.Errorf("binding %d is given twice", l.Entries[i].Binding)
		}
	}
	if err == nil {
		err = checkStages([]*groupLayout{l})
	}
	c.finish(o, ok, err, func() { o.Layout = l })
}

// finish adds an object, made good by fill, or bad with an error, to which it adds the object's name.
func (c *call) finish(o *object, working bool, err error, fill func()) {
	if err == nil && working {
		fill()
	} else {
		o.Bad = true
		if working {
			c.deviceError(o.Device, errorValidation, c.newName(o)+": "+err.Error())
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
	err := c.chained("the descriptor", r.u32(0))
	o := &object{Kind: kindPipelineLayout, Label: c.label(r.u32(4), r.u32(8)), Device: dev}
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
		problem := c.unusable(handle, dev)
		switch {
		case err != nil:
		case problem != "":
			err = fmt.Errorf("group %d: %s", i, problem)
		case l.Layout.Owner != 0 && len(l.Layout.Entries) > 0:
			err = fmt.Errorf("group %d: %s is the automatic layout of %s and fits that alone", i, c.h.name(handle), c.h.name(l.Layout.Owner))
		}
		layouts = append(layouts, l.Layout)
	}
	if n := r.u32(20); n != 0 {
		err = first(err, fmt.Errorf("%d bytes of immediates, at most 0 (maxImmediateSize)", n))
	}
	if err == nil {
		err = checkStages(layouts)
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
	err := c.chained("the descriptor", r.u32(0))
	o := &object{Kind: kindGroup, Label: c.label(r.u32(4), r.u32(8)), Device: dev}
	layout := c.object(r.u32(12), kindGroupLayout)
	g := &group{Layout: r.u32(12)}
	refuse := func(format string, args ...any) {
		if err == nil {
			err = fmt.Errorf(format, args...)
		}
	}
	if problem := c.unusable(g.Layout, dev); problem != "" {
		refuse("%s", problem)
	}
	seen := map[uint32]bool{}
	for _, e := range c.array("bind group entries", r.u32(20), r.u32(16), 40) {
		n := groupEntry{Binding: e.u32(4), Buffer: e.u32(8), Offset: e.u64(16), Size: e.u64(24)}
		if e.u32(32) != 0 || e.u32(36) != 0 {
			c.trap("binding %d has a sampler or texture view; a job cannot have any", n.Binding)
		}
		if chain := c.chained("the entry", e.u32(0)); chain != nil {
			refuse("binding %d: %v", n.Binding, chain)
		}
		if n.Buffer == 0 {
			refuse("binding %d: no buffer, sampler or texture view is given, exactly one is wanted", n.Binding)
			continue
		}
		b := c.object(n.Buffer, kindBuffer)
		if layout.Bad {
			continue
		}
		le := layout.Layout.find(n.Binding)
		name := c.h.name(n.Buffer)
		problem := c.unusable(n.Buffer, dev)
		if n.Size == wholeSize && n.Offset <= b.Buffer.Size {
			n.Size = b.Buffer.Size - n.Offset
		}
		switch {
		case le == nil:
			refuse("binding %d: %s has no such binding", n.Binding, c.h.name(g.Layout))
		case seen[n.Binding]:
			refuse("binding %d is given twice", n.Binding)
		case problem != "":
			refuse("binding %d: %s", n.Binding, problem)
		case le.Type == typeUniform && b.Buffer.Usage&usageUniform == 0:
			refuse("binding %d: %s has usage 0x%x (%s), which lacks Uniform", n.Binding, name, b.Buffer.Usage, usageNames(b.Buffer.Usage))
		case le.Type != typeUniform && b.Buffer.Usage&usageStorage == 0:
			refuse("binding %d: %s has usage 0x%x (%s), which lacks Storage", n.Binding, name, b.Buffer.Usage, usageNames(b.Buffer.Usage))
		case n.Offset > b.Buffer.Size || n.Size > b.Buffer.Size-n.Offset:
			refuse("binding %d: bytes %d+%d lie outside the %d of %s", n.Binding, n.Offset, n.Size, b.Buffer.Size, name)
		case n.Size == 0:
			refuse("binding %d: no bytes of %s are bound", n.Binding, name)
		case n.Offset%offsetAlignment != 0:
			refuse("binding %d: offset %d in %s is no multiple of %d (%s)", n.Binding, n.Offset, name, offsetAlignment, alignmentName(le.Type))
		case le.Type == typeUniform && n.Size > maxUniformBinding:
			refuse("binding %d: %d bytes of %s, at most %d (maxUniformBufferBindingSize)", n.Binding, n.Size, name, maxUniformBinding)
		case le.Type != typeUniform && n.Size > maxStorageBinding:
			refuse("binding %d: %d bytes of %s, at most %d (maxStorageBufferBindingSize)", n.Binding, n.Size, name, maxStorageBinding)
		case le.Type != typeUniform && n.Size%4 != 0:
			refuse("binding %d: %d bytes of %s, a multiple of 4 wanted", n.Binding, n.Size, name)
		case n.Size < le.MinSize:
			refuse("binding %d: %d bytes of %s, at least %d wanted (minBindingSize)", n.Binding, n.Size, name, le.MinSize)
		}
		seen[n.Binding] = true
		g.Entries = append(g.Entries, n)
	}
	if !layout.Bad {
		for _, le := range layout.Layout.Entries {
			if !seen[le.Binding] {
				refuse("binding %d of %s is missing", le.Binding, c.h.name(g.Layout))
			}
		}
	}
	sort.Slice(g.Entries, func(i, j int) bool { return g.Entries[i].Binding < g.Entries[j].Binding })
	c.finish(o, ok, err, func() { o.Group = g })
}
