//go:build cgo && ((linux && (amd64 || arm64)) || darwin || (windows && amd64))

package webgpu

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/cogentcore/webgpu/wgpu"

	"github.com/gwrun/gwrun/kernels/lower"
)

// built says whether this program has GPU support.
const built = true

// runChild is the device process: it does what it is told until its standard input ends.
func runChild() {
	out, err := takeStdout()
	if err != nil {
		die("%v", err)
	}
	wgpu.SetLogLevel(wgpu.LogLevelError)
	// The wgpu binding hands C pointers to Go variables that nothing else keeps alive until their callback has run, so
	// the collector must not run in between. It runs between requests instead, see serve.
	debug.SetGCPercent(-1)
	requests := make(chan *request)
	go func() {
		in := bufio.NewReaderSize(os.Stdin, 64<<10)
		for {
			k, body, err := readFrame(in)
			if err == io.EOF {
				os.Exit(0) // the parent closed or died; whatever the driver is doing is not wanted any more
			}
			if err != nil {
				die("%v", err)
			}
			r, err := decodeRequest(k, body)
			if err != nil {
				die("%v", err)
			}
			requests <- r
		}
	}()
	runtime.LockOSThread() // some drivers keep state by thread
	c := &driver{buffers: map[uint32]*wgpu.Buffer{}, pipelines: map[uint32]*compiled{}}
	used := 0
	for r := range requests {
		body, err := c.do(r)
		switch {
		case !r.kind.answered():
			if err != nil {
				die("request %d: %v", r.kind, err)
			}
		case err != nil:
			err = writeFrame(out, ansRefused, putText(nil, clean(err.Error()), maxText))
			if err != nil {
				die("%v", err)
			}
		default:
			if err := writeFrame(out, ansOK, body); err != nil {
				die("%v", err)
			}
		}
		if used += len(r.data) + len(r.text) + len(body) + 1024; used > 32<<20 {
			used = 0
			runtime.GC()
		}
	}
}

func die(format string, a ...any) {
	fmt.Fprintf(os.Stderr, "device process: "+format+"\n", a...)
	os.Exit(2)
}

func clean(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "?")) }

// driver holds what the device process has on the adapter.
type driver struct {
	instance  *wgpu.Instance
	device    *wgpu.Device
	queue     *wgpu.Queue
	buffers   map[uint32]*wgpu.Buffer
	pipelines map[uint32]*compiled

	meta, gas, gasBack *wgpu.Buffer
	back               *wgpu.Buffer // where reads land, chunk bytes
	software           bool

	batch batch
}

// batch is the dispatches that came since the last reqFinish. Their gas runs up in the same cells.
type batch struct {
	began   bool // the gas cells are cleared, or will be by the encoder
	encoder *wgpu.CommandEncoder
	pass    *wgpu.ComputePassEncoder
	slots   uint64 // of the meta buffer in use by dispatches in the encoder
	fault   error  // the first
}

// compiled is a pipeline and the bind groups made for it.
type compiled struct {
	module   *wgpu.ShaderModule
	layout   *wgpu.BindGroupLayout
	outline  *wgpu.PipelineLayout
	pipeline *wgpu.ComputePipeline
	writable []bool
	meta     uint64
	groups   []bindGroup // most recently used last
}

type bindGroup struct {
	key   []boundRange
	group *wgpu.BindGroup
}

const keepGroups = 8

const (
	metaBytes = 4096 // of one dispatch, at most
	metaSlots = 64   // dispatches in one submission
)

func (c *driver) do(r *request) ([]byte, error) {
	if c.device == nil && r.kind != reqList && r.kind != reqOpen {
		return nil, errors.New("no adapter is open")
	}
	switch r.kind {
	case reqList:
		list, found := c.adapters()
		b := putU32(nil, uint32(len(list)))
		for i := range list {
			b = list[i].append(b)
			found[i].Release()
		}
		return b, nil
	case reqOpen:
		return c.open(r)
	case reqNewBuffer:
		return nil, c.newBuffer(r)
	case reqFreeBuffer:
		b, err := c.buffer(r.id)
		if err != nil {
			return nil, err
		}
		delete(c.buffers, r.id)
		for _, p := range c.pipelines {
			p.forget(r.id)
		}
		b.Release()
		return nil, nil
	case reqWrite:
		b, err := c.buffer(r.id)
		if err != nil {
			return nil, err
		}
		return nil, c.queue.WriteBuffer(b, r.off, r.data)
	case reqRead:
		return c.read([]boundRange{{r.id, r.off, r.size}})
	case reqGather:
		return c.read(r.bound)
	case reqCopy:
		return nil, c.copy(r)
	case reqNewPipeline:
		return nil, c.newPipeline(r)
	case reqFreePipeline:
		p, ok := c.pipelines[r.id]
		if !ok {
			return nil, fmt.Errorf("no pipeline %d", r.id)
		}
		delete(c.pipelines, r.id)
		p.release()
		return nil, nil
	case reqDispatch:
		if c.batch.fault == nil {
			c.batch.fault = c.dispatch(r)
		}
		return nil, nil
	case reqFinish:
		return c.finish()
	}
	return nil, errFrame
}

func (c *driver) buffer(id uint32) (*wgpu.Buffer, error) {
	b, ok := c.buffers[id]
	if !ok {
		return nil, fmt.Errorf("no buffer %d", id)
	}
	return b, nil
}

var backendNames = map[wgpu.BackendType]string{
	wgpu.BackendTypeVulkan: "vulkan", wgpu.BackendTypeMetal: "metal", wgpu.BackendTypeD3D12: "dx12",
	wgpu.BackendTypeD3D11: "dx11", wgpu.BackendTypeOpenGL: "gl", wgpu.BackendTypeOpenGLES: "gl",
}

var backendOrder = []string{"vulkan", "metal", "dx12"}

var kindNames = map[wgpu.AdapterType]string{
	wgpu.AdapterTypeDiscreteGPU: "discrete", wgpu.AdapterTypeIntegratedGPU: "integrated",
	wgpu.AdapterTypeCPU: "software", wgpu.AdapterTypeUnknown: "virtual",
}

var kindOrder = []string{"discrete", "integrated", "virtual", "software"}

// adapters lists the adapters in the order that List promises.
func (c *driver) adapters() ([]adapter, []*wgpu.Adapter) {
	list, found := c.enumerate(wgpu.InstanceBackendVulkan | wgpu.InstanceBackendMetal | wgpu.InstanceBackendDX12)
	if len(list) == 0 {
		list, found = c.enumerate(wgpu.InstanceBackendGL)
	}
	return list, found
}

func (c *driver) enumerate(backends wgpu.InstanceBackend) ([]adapter, []*wgpu.Adapter) {
	if c.instance == nil {
		// A descriptor would reach the library with a field that the binding leaves uninitialised, and an unlucky value of it
		// aborts the process.
		c.instance = wgpu.CreateInstance(nil)
	}
	type both struct {
		a adapter
		w *wgpu.Adapter
	}
	var all []both
	driver := driverState()
	for _, w := range c.instance.EnumerateAdapters(&wgpu.InstanceEnumerateAdapterOptons{Backends: backends}) {
		info, limits := w.GetInfo(), w.GetLimits().Limits
		// The library gives the adapter's name as a description, and nothing of its driver.
		a := adapter{Name: clean(info.DriverDescription), Driver: driver, Backend: backendNames[info.BackendType],
			Kind: kindNames[info.AdapterType], Vendor: info.VendorId, Device: info.DeviceId,
			MaxBuffer:  limits.MaxBufferSize,
			MaxBinding: min(uint64(limits.MaxStorageBufferBindingSize), limits.MaxBufferSize),
			MaxStorage: limits.MaxStorageBuffersPerShaderStage}
		if a.Kind == "" {
			a.Kind = "virtual"
		}
		all = append(all, both{a, w})
	}
	rank := func(order []string, s string) int {
		if i := slices.Index(order, s); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(all, func(x, y both) int {
		if k := rank(kindOrder, x.a.Kind) - rank(kindOrder, y.a.Kind); k != 0 {
			return k
		}
		return rank(backendOrder, x.a.Backend) - rank(backendOrder, y.a.Backend)
	})
	var list []adapter
	var found []*wgpu.Adapter
	for _, x := range all {
		// One GPU may show up under several backends: keep the first. Two equal ones under one backend are two.
		seen := slices.ContainsFunc(list, func(a adapter) bool {
			return a.Vendor == x.a.Vendor && a.Device == x.a.Device && a.Backend != x.a.Backend
		})
		if seen || len(list) == maxAdapters {
			x.w.Release()
			continue
		}
		list, found = append(list, x.a), append(found, x.w)
	}
	return list, found
}

func (c *driver) open(r *request) ([]byte, error) {
	if c.device != nil {
		return nil, errors.New("an adapter is open already")
	}
	list, found := c.adapters()
	defer func() {
		for _, w := range found {
			w.Release()
		}
	}()
	if int(r.id) >= len(list) {
		return nil, fmt.Errorf("no adapter %d: %d found", r.id, len(list))
	}
	a := list[r.id]
	if r.text != "" && r.text != a.Name {
		return nil, fmt.Errorf("adapter %d is %q, want %q", r.id, a.Name, r.text)
	}
	limits := found[r.id].GetLimits().Limits
	limits.MaxPushConstantSize = 0 // the binding leaves what it read for this one to chance
	var err error
	if c.device, err = found[r.id].RequestDevice(&wgpu.DeviceDescriptor{RequiredLimits: &wgpu.RequiredLimits{Limits: limits}}); err != nil {
		return nil, err
	}
	c.queue = c.device.GetQueue()
	c.software = a.Kind == "software"
	for _, b := range []struct {
		to    **wgpu.Buffer
		size  uint64
		usage wgpu.BufferUsage
	}{
		{&c.meta, metaSlots * metaBytes, wgpu.BufferUsageStorage | wgpu.BufferUsageCopyDst},
		{&c.gas, lower.GasBytes, wgpu.BufferUsageStorage | wgpu.BufferUsageCopyDst | wgpu.BufferUsageCopySrc},
		{&c.gasBack, lower.GasBytes, wgpu.BufferUsageMapRead | wgpu.BufferUsageCopyDst},
		{&c.back, chunk, wgpu.BufferUsageMapRead | wgpu.BufferUsageCopyDst},
	} {
		if *b.to, err = c.device.CreateBuffer(&wgpu.BufferDescriptor{Size: b.size, Usage: b.usage}); err != nil {
			return nil, err
		}
	}
	return a.append(nil), nil
}

func (c *driver) newBuffer(r *request) error {
	if _, ok := c.buffers[r.id]; ok {
		return fmt.Errorf("buffer %d exists already", r.id)
	}
	b, err := c.device.CreateBuffer(&wgpu.BufferDescriptor{Size: r.size,
		Usage: wgpu.BufferUsageStorage | wgpu.BufferUsageCopySrc | wgpu.BufferUsageCopyDst})
	if err != nil {
		return err
	}
	c.buffers[r.id] = b
	return nil
}

// submit records commands and sends them off.
func (c *driver) submit(record func(*wgpu.CommandEncoder) error) error {
	e, err := c.device.CreateCommandEncoder(nil)
	if err != nil {
		return err
	}
	defer e.Release()
	if err := record(e); err != nil {
		return err
	}
	cmd, err := e.Finish(nil)
	if err != nil {
		return err
	}
	defer cmd.Release()
	c.queue.Submit(cmd)
	return nil
}

// mapped waits for all work on b and hands the first n bytes of it to use.
func (c *driver) mapped(b *wgpu.Buffer, n int, use func([]byte)) error {
	status := wgpu.BufferMapAsyncStatusUnknown
	done := false
	err := b.MapAsync(wgpu.MapModeRead, 0, uint64(n), func(s wgpu.BufferMapAsyncStatus) { status, done = s, true })
	if err != nil {
		return err
	}
	// Never let the library wait: it gives up after five seconds and then takes the work for done, and would hand out
	// memory that the adapter is still to write, and free what it still uses.
	// Where the work is done by other silicon, asking again at once for a while saves what falling asleep takes.
	began := time.Now()
	for pause := 10 * time.Microsecond; !done; {
		if c.device.Poll(false, nil); !done && (c.software || time.Since(began) > 500*time.Microsecond) {
			time.Sleep(pause)
			pause = min(pause*5/4, time.Millisecond)
		}
	}
	if status != wgpu.BufferMapAsyncStatusSuccess {
		return fmt.Errorf("cannot map a buffer: %v", status)
	}
	use(b.GetMappedRange(0, uint(n)))
	return b.Unmap()
}

// read gives parts of buffers, one behind the other.
func (c *driver) read(list []boundRange) ([]byte, error) {
	n, ok := gathered(list)
	if !ok {
		return nil, errFrame
	}
	if n == 0 {
		return nil, nil
	}
	err := c.submit(func(e *wgpu.CommandEncoder) error {
		at := uint64(0)
		for _, part := range list {
			if part.size == 0 {
				continue
			}
			b, err := c.buffer(part.id)
			if err != nil {
				return err
			}
			if err := e.CopyBufferToBuffer(b, part.off, c.back, at, part.size); err != nil {
				return err
			}
			at += part.size
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	data := make([]byte, n)
	return data, c.mapped(c.back, int(n), func(p []byte) { copy(data, p) })
}

func (c *driver) copy(r *request) error {
	from, err := c.buffer(r.id)
	if err != nil {
		return err
	}
	to, err := c.buffer(r.dst)
	if err != nil {
		return err
	}
	if from != to {
		return c.submit(func(e *wgpu.CommandEncoder) error {
			return e.CopyBufferToBuffer(from, r.off, to, r.dstOff, r.size)
		})
	}
	// WebGPU refuses a copy within one buffer, so it goes by way of another.
	for at := uint64(0); at < r.size; at += chunk {
		n := min(r.size-at, chunk)
		tmp, err := c.device.CreateBuffer(&wgpu.BufferDescriptor{Size: n,
			Usage: wgpu.BufferUsageCopySrc | wgpu.BufferUsageCopyDst})
		if err != nil {
			return err
		}
		err = c.submit(func(e *wgpu.CommandEncoder) error {
			if err := e.CopyBufferToBuffer(from, r.off+at, tmp, 0, n); err != nil {
				return err
			}
			return e.CopyBufferToBuffer(tmp, 0, to, r.dstOff+at, n)
		})
		tmp.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *driver) newPipeline(r *request) (err error) {
	if _, ok := c.pipelines[r.id]; ok {
		return fmt.Errorf("pipeline %d exists already", r.id)
	}
	if r.size > metaBytes {
		return fmt.Errorf("meta block of %d bytes, at most %d", r.size, metaBytes)
	}
	p := &compiled{writable: r.write, meta: r.size}
	defer func() {
		if err != nil {
			p.release()
		}
	}()
	if p.module, err = c.device.CreateShaderModule(&wgpu.ShaderModuleDescriptor{
		WGSLDescriptor: &wgpu.ShaderModuleWGSLDescriptor{Code: r.text}}); err != nil {
		return err
	}
	var entries []wgpu.BindGroupLayoutEntry
	add := func(t wgpu.BufferBindingType, moves bool) {
		entries = append(entries, wgpu.BindGroupLayoutEntry{Binding: uint32(len(entries)),
			Visibility: wgpu.ShaderStageCompute, Buffer: wgpu.BufferBindingLayout{Type: t, HasDynamicOffset: moves}})
	}
	for _, w := range r.write {
		if w {
			add(wgpu.BufferBindingTypeStorage, false)
		} else {
			add(wgpu.BufferBindingTypeReadOnlyStorage, false)
		}
	}
	add(wgpu.BufferBindingTypeReadOnlyStorage, true)
	add(wgpu.BufferBindingTypeStorage, false)
	if p.layout, err = c.device.CreateBindGroupLayout(&wgpu.BindGroupLayoutDescriptor{Entries: entries}); err != nil {
		return err
	}
	if p.outline, err = c.device.CreatePipelineLayout(&wgpu.PipelineLayoutDescriptor{
		BindGroupLayouts: []*wgpu.BindGroupLayout{p.layout}}); err != nil {
		return err
	}
	if p.pipeline, err = c.device.CreateComputePipeline(&wgpu.ComputePipelineDescriptor{Layout: p.outline,
		Compute: wgpu.ProgrammableStageDescriptor{Module: p.module, EntryPoint: "main"}}); err != nil {
		return err
	}
	c.pipelines[r.id] = p
	return nil
}

func (p *compiled) release() {
	for _, g := range p.groups {
		g.group.Release()
	}
	if p.pipeline != nil {
		p.pipeline.Release()
	}
	if p.outline != nil {
		p.outline.Release()
	}
	if p.layout != nil {
		p.layout.Release()
	}
	if p.module != nil {
		p.module.Release()
	}
}

// forget drops the bind groups that hold a buffer.
func (p *compiled) forget(id uint32) {
	p.groups = slices.DeleteFunc(p.groups, func(g bindGroup) bool {
		if slices.ContainsFunc(g.key, func(r boundRange) bool { return r.id == id }) {
			g.group.Release()
			return true
		}
		return false
	})
}

// group finds or makes the bind group for a dispatch.
func (c *driver) group(p *compiled, bound []boundRange) (*wgpu.BindGroup, error) {
	for i, g := range p.groups {
		if slices.Equal(g.key, bound) {
			p.groups = append(slices.Delete(p.groups, i, i+1), g)
			return g.group, nil
		}
	}
	var entries []wgpu.BindGroupEntry
	for i, r := range bound {
		b, err := c.buffer(r.id)
		if err != nil {
			return nil, err
		}
		entries = append(entries, wgpu.BindGroupEntry{Binding: uint32(i), Buffer: b, Offset: r.off, Size: r.size})
	}
	n := uint32(len(entries))
	entries = append(entries, wgpu.BindGroupEntry{Binding: n, Buffer: c.meta, Size: p.meta},
		wgpu.BindGroupEntry{Binding: n + 1, Buffer: c.gas, Size: lower.GasBytes})
	g, err := c.device.CreateBindGroup(&wgpu.BindGroupDescriptor{Layout: p.layout, Entries: entries})
	if err != nil {
		return nil, err
	}
	if len(p.groups) == keepGroups {
		p.groups[0].group.Release()
		p.groups = slices.Delete(p.groups, 0, 1)
	}
	p.groups = append(p.groups, bindGroup{slices.Clone(bound), g})
	return g, nil
}

// dispatch adds a dispatch to the batch.
func (c *driver) dispatch(r *request) error {
	p, ok := c.pipelines[r.id]
	if !ok {
		return fmt.Errorf("no pipeline %d", r.id)
	}
	if len(r.bound) != len(p.writable) || uint64(len(r.meta)) != p.meta {
		return fmt.Errorf("%d buffers and %d bytes of meta, want %d and %d", len(r.bound), len(r.meta), len(p.writable), p.meta)
	}
	group, err := c.group(p, r.bound)
	if err != nil {
		return err
	}
	b := &c.batch
	if b.encoder == nil {
		e, err := c.device.CreateCommandEncoder(nil)
		if err != nil {
			return err
		}
		if !b.began {
			if err := e.ClearBuffer(c.gas, 0, lower.GasBytes); err != nil {
				e.Release()
				return err
			}
			b.began = true
		}
		b.encoder, b.pass = e, e.BeginComputePass(nil)
	}
	at := b.slots * metaBytes
	b.slots++
	if err := c.queue.WriteBuffer(c.meta, at, r.meta); err != nil {
		return err
	}
	b.pass.SetPipeline(p.pipeline)
	b.pass.SetBindGroup(0, group, []uint32{uint32(at)})
	b.pass.DispatchWorkgroups(r.groups[0], r.groups[1], r.groups[2])
	if b.slots == metaSlots {
		return c.send(false)
	}
	return nil
}

// send submits what the batch has recorded, with a copy of the gas cells at its end if wanted.
func (c *driver) send(gas bool) error {
	b := &c.batch
	defer func() {
		b.pass.Release()
		b.encoder.Release()
		b.pass, b.encoder, b.slots = nil, nil, 0
	}()
	if err := b.pass.End(); err != nil {
		return err
	}
	if gas {
		if err := b.encoder.CopyBufferToBuffer(c.gas, 0, c.gasBack, 0, lower.GasBytes); err != nil {
			return err
		}
	}
	cmd, err := b.encoder.Finish(nil)
	if err != nil {
		return err
	}
	defer cmd.Release()
	c.queue.Submit(cmd)
	return nil
}

// finish waits for the batch and gives its gas cells.
func (c *driver) finish() ([]byte, error) {
	b := &c.batch
	defer func() { c.batch = batch{} }()
	cells := make([]byte, lower.GasBytes)
	var err error
	switch {
	case b.encoder != nil:
		err = c.send(true)
	case b.began:
		err = c.submit(func(e *wgpu.CommandEncoder) error {
			return e.CopyBufferToBuffer(c.gas, 0, c.gasBack, 0, lower.GasBytes)
		})
	default:
		return cells, b.fault
	}
	if err = errors.Join(b.fault, err); err != nil {
		return nil, err
	}
	return cells, c.mapped(c.gasBack, len(cells), func(p []byte) { copy(cells, p) })
}
