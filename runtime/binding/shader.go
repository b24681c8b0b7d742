package binding

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

// Structure types of webgpu.h for a shader's source.
const (
	sTypeSPIRV = 1
	sTypeWGSL  = 2
)

// createShaderModule compiles WGSL text. The text stays with the object: it is what a restored state compiles again.
func createShaderModule(c *call) {
	dev := c.u32(0)
	_, ok := c.working(dev)
	r := c.record(c.u32(1), 12)
	o := &object{Kind: kindShader, Label: c.label(r.u32(4), r.u32(8)), Device: dev, Bad: !ok}
	next := r.u32(0)
	var err error
	if next == 0 {
		err = errors.New("the descriptor chains no source, a WGPUShaderSourceWGSL is wanted")
	} else {
		chain := c.record(next, 8)
		switch t := chain.u32(4); t {
		case sTypeWGSL:
			err = c.chained("the shader source", chain.u32(0))
		case sTypeSPIRV:
			err = errors.New("the descriptor chains SPIR-V, which is not available: a WGPUShaderSourceWGSL is wanted")
		default:
			err = fmt.Errorf("the descriptor chains a structure of sType 0x%x, a WGPUShaderSourceWGSL (0x%x) is wanted", t, sTypeWGSL)
		}
	}
	if err != nil {
		o.Bad = true
		if ok {
			c.deviceError(dev, errorValidation, c.newName(o)+": "+err.Error())
		}
		c.ret = uint64(c.add(o))
		return
	}
	code := c.record(next+8, 8)
	left := c.h.cfg.Limits.ShaderBytes - min(c.h.source, c.h.cfg.Limits.ShaderBytes)
	data, length := code.u32(0), code.u32(4)
	if length != strlen && uint64(length) > left {
		c.limit("shader_bytes", c.h.source+uint64(length), c.h.cfg.Limits.ShaderBytes)
	}
	text, _ := c.bytesOf("the shader source", data, length, left)
	o.Source = append([]byte(nil), text...)
	c.charge(uint64(len(o.Source)) * GasShaderByte)
	c.h.source += uint64(len(o.Source))
	m, err := compile(string(o.Source))
	if err != nil && ok {
		o.Bad = true
		o.Problem = problemOf(err)
		c.deviceError(dev, errorValidation, c.newName(o)+": "+err.Error())
	}
	handle := c.add(o)
	if err == nil {
		c.h.modules[handle] = m
	}
	c.ret = uint64(handle)
}

func getCompilationInfo(c *call) {
	c.object(c.u32(0), kindShader)
	cb := c.callbackInfo(c.u32(1))
	c.later(event{Kind: evCompilation, Callback: cb, Status: statusSuccess, Handle: c.u32(0)})
}

// pipeline is a compute pipeline: what it was made from, so that a restored state can make it again.
type pipeline struct {
	Shader    uint32     `cbor:"1,keyasint"`
	Entry     string     `cbor:"2,keyasint"`
	Constants []constant `cbor:"3,keyasint"`
	Groups    []uint32   `cbor:"4,keyasint"` // bind group layouts, 0 for a group that is not used
}

type constant struct {
	Name string `cbor:"1,keyasint"`
	Bits uint64 `cbor:"2,keyasint"` // of the double
}

// kernel compiles a pipeline's kernel. The shader module is a good one.
func (h *Host) kernel(p *pipeline) (*kernels.Kernel, error) {
	m := h.modules[p.Shader]
	if m == nil {
		s := h.objects[p.Shader]
		if s == nil || s.Bad {
			return nil, errors.New("its shader module does not compile")
		}
		var err error
		if m, err = compile(string(s.Source)); err != nil {
			return nil, err
		}
		h.modules[p.Shader] = m
	}
	over := make(map[string]float64, len(p.Constants))
	for _, k := range p.Constants {
		over[k.Name] = math.Float64frombits(k.Bits)
	}
	return m.kernel(p.Entry, over)
}

func createComputePipeline(c *call) {
	c.ret = uint64(c.newPipeline(c.u32(1), nil))
}

func createComputePipelineAsync(c *call) {
	cb := c.callbackInfo(c.u32(2))
	var problem string
	handle := c.newPipeline(c.u32(1), &problem)
	e := event{Kind: evPipeline, Callback: cb, Status: statusSuccess, Handle: handle}
	if problem != "" {
		e.Status, e.Message = pipelineValidation, problem
	}
	c.later(e)
}

// newPipeline makes a pipeline from a descriptor. An error goes to *problem if given, and no object is made then; else
// to the device, and a bad object is made.
func (c *call) newPipeline(ptr uint32, problem *string) uint32 {
	dev := c.u32(0)
	_, ok := c.working(dev)
	r := c.record(ptr, 40)
	chain := c.chained("the descriptor", r.u32(0))
	o := &object{Kind: kindPipeline, Label: c.label(r.u32(4), r.u32(8)), Device: dev}
	chain = first(chain, c.chained("the compute stage", r.u32(16)))
	p := &pipeline{Shader: r.u32(20)}
	layout := r.u32(12)
	shader := c.object(p.Shader, kindShader)
	entry, null := c.bytesOf("the entry point", r.u32(24), r.u32(28), maxText)
	p.Entry = strings.ToValidUTF8(string(entry), "\ufffd")
	for _, k := range c.array("constants", r.u32(36), r.u32(32), 24) {
		chain = first(chain, c.chained("a constant", k.u32(0)))
		p.Constants = append(p.Constants, constant{c.text("a constant's key", k.u32(4), k.u32(8)), k.u64(16)})
	}
	if layout != 0 {
		c.object(layout, kindPipelineLayout)
	}
	c.charge(GasPipeline)
	var kernel *kernels.Kernel
	var created []uint32
	err := chain
	if err == nil {
		kernel, created, err = c.makePipeline(p, shader, layout, null)
	}
	if err == nil && ok {
		o.Pipeline = p
		handle := c.add(o)
		c.h.hold(p.Shader)
		for _, g := range p.Groups {
			if g != 0 {
				c.h.hold(g)
			}
		}
		// Layouts made for "auto" belong to this pipeline: their first reference was add's.
		for _, g := range created {
			l := c.h.objects[g]
			l.Ext--
			l.Layout.Owner = handle
		}
		c.h.kernels[handle] = kernel
		return handle
	}
	for _, g := range created {
		l := c.h.objects[g]
		l.Ext--
		c.h.collect(g, l)
	}
	if err != nil && ok {
		message := c.newName(o) + ": " + err.Error()
		if problem != nil {
			*problem = c.fn.name + ": " + message
			return 0
		}
		c.deviceError(dev, errorValidation, message)
	}
	o.Bad = true
	return c.add(o)
}

// makePipeline checks what a pipeline is made from and fills in its layouts; created are those it had to make.
func (c *call) makePipeline(p *pipeline, shader *object, layout uint32, anyEntry bool) (k *kernels.Kernel, created []uint32, err error) {
	dev := c.u32(0)
	if shader.Bad {
		return nil, nil, fmt.Errorf("%s is invalid: it does not compile", c.h.name(p.Shader))
	}
	if problem := c.unusable(p.Shader, dev); problem != "" {
		return nil, nil, errors.New(problem)
	}
	if layout != 0 {
		if problem := c.unusable(layout, dev); problem != "" {
			return nil, nil, errors.New(problem)
		}
	}
	if anyEntry {
		m := c.h.modules[p.Shader]
		if m == nil { // after a restore
			if m, err = compile(string(shader.Source)); err != nil {
				return nil, nil, err
			}
			c.h.modules[p.Shader] = m
		}
		if p.Entry, err = m.only(); err != nil {
			return nil, nil, err
		}
	}
	seen := map[string]bool{}
	for _, k := range p.Constants {
		v := math.Float64frombits(k.Bits)
		if seen[k.Name] {
			return nil, nil, fmt.Errorf("constant %s is given twice", quote(k.Name))
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("constant %s is not finite", quote(k.Name))
		}
		seen[k.Name] = true
	}
	if k, err = c.h.kernel(p); err != nil {
		return nil, nil, err
	}
	count := 0
	k.IR.Walk(func(*ir.Inst) { count++ })
	c.charge(uint64(count) * GasKernelInst)
	if layout == 0 {
		created, err = c.autoLayouts(p, k)
		return k, created, err
	}
	l := c.h.objects[layout]
	p.Groups = append([]uint32(nil), l.Groups...)
	for _, b := range k.IR.Bindings {
		at := fmt.Sprintf("binding %d.%d (%s)", b.Group, b.Binding, b.Name)
		if int(b.Group) >= len(p.Groups) || p.Groups[b.Group] == 0 {
			return nil, nil, fmt.Errorf("%s: %s has no group %d", at, c.h.name(layout), b.Group)
		}
		e := c.h.objects[p.Groups[b.Group]].Layout.find(b.Binding)
		switch {
		case e == nil:
			return nil, nil, fmt.Errorf("%s: %s has no such binding", at, c.h.name(p.Groups[b.Group]))
		case e.Type != bindingType(b.Access):
			return nil, nil, fmt.Errorf("%s: the shader has %s, %s has %s", at, typeNames[bindingType(b.Access)], c.h.name(p.Groups[b.Group]), typeNames[e.Type])
		case e.Visibility&stageCompute == 0:
			return nil, nil, fmt.Errorf("%s: %s does not show it to the compute stage", at, c.h.name(p.Groups[b.Group]))
		case e.MinSize != 0 && e.MinSize < b.MinBytes:
			return nil, nil, fmt.Errorf("%s: minBindingSize is %d in %s, the shader needs %d", at, e.MinSize, c.h.name(p.Groups[b.Group]), b.MinBytes)
		}
	}
	return k, nil, nil
}

// autoLayouts makes the layouts of a pipeline that was given none.
func (c *call) autoLayouts(p *pipeline, k *kernels.Kernel) ([]uint32, error) {
	var layouts []*groupLayout
	for _, b := range k.IR.Bindings {
		for int(b.Group) >= len(layouts) {
			layouts = append(layouts, &groupLayout{})
		}
		l := layouts[b.Group]
		l.Entries = append(l.Entries, layoutEntry{Binding: b.Binding, Visibility: stageCompute, Type: bindingType(b.Access), MinSize: b.MinBytes})
	}
	if err := checkStages(layouts); err != nil {
		return nil, err
	}
	var created []uint32
	for _, l := range layouts {
		h := c.add(&object{Kind: kindGroupLayout, Layout: l, Device: c.u32(0)})
		created = append(created, h)
	}
	p.Groups = append([]uint32(nil), created...)
	return created, nil
}

func getBindGroupLayout(c *call) {
	o := c.object(c.u32(0), kindPipeline)
	n := c.u32(1)
	layout := &object{Kind: kindGroupLayout, Device: o.Device}
	var err error
	switch {
	case o.Bad:
		err = errors.New(c.unusable(c.u32(0), o.Device))
	case n >= maxBindGroups:
		err = fmt.Errorf("group %d of %s: groups end at %d (maxBindGroups)", n, c.h.name(c.u32(0)), maxBindGroups-1)
	case int(n) < len(o.Pipeline.Groups) && o.Pipeline.Groups[n] != 0:
		handle := o.Pipeline.Groups[n]
		c.h.objects[handle].Ext++
		c.ret = uint64(handle)
		return
	}
	// A group that the pipeline has no use for has an empty layout.
	c.finish(layout, !c.h.objects[o.Device].Dev.Destroyed, err, func() { layout.Layout = &groupLayout{} })
}
