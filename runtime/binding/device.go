package binding

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gwrun/gwrun/kernels"
)

// device is a WebGPU device as the guest knows it.
type device struct {
	Queue      uint32   `cbor:"1,keyasint"`
	Uncaptured callback `cbor:"2,keyasint"`
	Lost       callback `cbor:"3,keyasint"`
	LostFuture uint64   `cbor:"4,keyasint"`
	Scopes     []scope  `cbor:"5,keyasint"`
	Destroyed  bool     `cbor:"6,keyasint,omitempty"`
}

// scope is an error scope: the filter it was pushed with and the first error it took.
type scope struct {
	Filter  uint32 `cbor:"1,keyasint"`
	Type    uint32 `cbor:"2,keyasint,omitempty"`
	Message string `cbor:"3,keyasint,omitempty"`
}

// The profile's limits: WebGPU's defaults (WebGPU specification, section 3.6.2), whatever the machine can do.
const (
	maxBindGroups           = 4
	maxBindingsPerGroup     = 1000
	maxDynamicUniform       = 8
	maxDynamicStorage       = 4
	maxStoragePerStage      = 8
	maxUniformPerStage      = 12
	maxUniformBinding       = 64 << 10
	maxStorageBinding       = 128 << 20
	offsetAlignment         = 256 // of uniform and storage bindings
	maxBufferSize           = 256 << 20
	maxWorkgroupStorage     = 16 << 10
	maxWorkgroupInvocations = 256
	maxWorkgroupX           = 256
	maxWorkgroupY           = 256
	maxWorkgroupZ           = 64
	maxWorkgroupsPerDim     = 65535
)

// limitField is a field of WGPULimits: its offset, its length and the profile's value. lower marks alignments, where a
// device that asks for more than the profile's value is the one that can be served.
type limitField struct {
	name  string
	at    int
	wide  bool
	value uint64
	lower bool
}

const limitsSize = 152

var limitFields = []limitField{
	{"maxTextureDimension1D", 4, false, 8192, false},
	{"maxTextureDimension2D", 8, false, 8192, false},
	{"maxTextureDimension3D", 12, false, 2048, false},
	{"maxTextureArrayLayers", 16, false, 256, false},
	{"maxBindGroups", 20, false, maxBindGroups, false},
	{"maxBindGroupsPlusVertexBuffers", 24, false, 24, false},
	{"maxBindingsPerBindGroup", 28, false, maxBindingsPerGroup, false},
	{"maxDynamicUniformBuffersPerPipelineLayout", 32, false, maxDynamicUniform, false},
	{"maxDynamicStorageBuffersPerPipelineLayout", 36, false, maxDynamicStorage, false},
	{"maxSampledTexturesPerShaderStage", 40, false, 16, false},
	{"maxSamplersPerShaderStage", 44, false, 16, false},
	{"maxStorageBuffersPerShaderStage", 48, false, maxStoragePerStage, false},
	{"maxStorageTexturesPerShaderStage", 52, false, 4, false},
	{"maxUniformBuffersPerShaderStage", 56, false, maxUniformPerStage, false},
	{"maxUniformBufferBindingSize", 64, true, maxUniformBinding, false},
	{"maxStorageBufferBindingSize", 72, true, maxStorageBinding, false},
	{"minUniformBufferOffsetAlignment", 80, false, offsetAlignment, true},
	{"minStorageBufferOffsetAlignment", 84, false, offsetAlignment, true},
	{"maxVertexBuffers", 88, false, 8, false},
	{"maxBufferSize", 96, true, maxBufferSize, false},
	{"maxVertexAttributes", 104, false, 16, false},
	{"maxVertexBufferArrayStride", 108, false, 2048, false},
	{"maxInterStageShaderVariables", 112, false, 16, false},
	{"maxColorAttachments", 116, false, 8, false},
	{"maxColorAttachmentBytesPerSample", 120, false, 32, false},
	{"maxComputeWorkgroupStorageSize", 124, false, maxWorkgroupStorage, false},
	{"maxComputeInvocationsPerWorkgroup", 128, false, maxWorkgroupInvocations, false},
	{"maxComputeWorkgroupSizeX", 132, false, maxWorkgroupX, false},
	{"maxComputeWorkgroupSizeY", 136, false, maxWorkgroupY, false},
	{"maxComputeWorkgroupSizeZ", 140, false, maxWorkgroupZ, false},
	{"maxComputeWorkgroupsPerDimension", 144, false, maxWorkgroupsPerDim, false},
	{"maxImmediateSize", 148, false, 0, false},
}

// coreFeatures is WGPUFeatureName_CoreFeaturesAndLimits, the one feature there is.
const coreFeatures = 1

// Instance features. Waits may be timed, since nothing ever has to be waited for, and an adapter makes any number of
// devices. Both may be asked for or not. The third that webgpu.h has is SPIR-V.
var instanceFeatures = []uint32{1, 3}

const maxTimedWait = 64 // futures, what WebGPU requires where waits are timed

func createInstance(c *call) {
	if p := c.u32(0); p != 0 {
		r := c.record(p, 16)
		err := c.chained("the instance descriptor", r.u32(0))
		for _, f := range c.array("instance features", r.u32(8), r.u32(4), 4) {
			if !slices.Contains(instanceFeatures, f.u32(0)) {
				err = first(err, fmt.Errorf("instance feature 0x%x is not available", f.u32(0)))
			}
		}
		if l := r.u32(12); l != 0 {
			l := c.record(l, 8)
			err = first(err, c.chained("the instance limits", l.u32(0)))
			if n := l.u32(4); n > maxTimedWait {
				err = first(err, fmt.Errorf("instance limit timedWaitAnyMaxCount: %d asked for, at most %d", n, maxTimedWait))
			}
		}
		if err != nil {
			c.complain(err.Error())
			c.ret = 0
			return
		}
	}
	c.ret = uint64(c.add(&object{Kind: kindInstance}))
}

func hasInstanceFeature(c *call) {
	if slices.Contains(instanceFeatures, c.u32(0)) {
		c.ret = 1
	}
}

// list fills in {count, pointer} at ptr with memory of the guest's, which freeMembers gives back. A guest without an
// allocator gets an empty list.
func (c *call) list(ptr uint32, values []uint32) {
	c.view(ptr, 8)
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	var head [8]byte
	if len(values) > 0 && c.canAlloc() {
		at := c.alloc(uint32(len(b)))
		c.write(at, b)
		binary.LittleEndian.PutUint32(head[:], uint32(len(values)))
		binary.LittleEndian.PutUint32(head[4:], at)
	}
	c.write(ptr, head[:])
}

// freeMembers gives back what list took. The structure is passed by value, which is a pointer to a copy.
func freeMembers(c *call) {
	if at := record(c.read(c.u32(0), 8)).u32(4); at != 0 {
		c.free(at)
	}
}

// languageFeatures says that there are no extensions to WGSL.
func languageFeatures(c *call) {
	c.object(c.u32(0), kindInstance)
	c.list(c.u32(1), nil)
}

func getInstanceLimits(c *call) {
	if c.badOut("the instance limits", c.u32(0)) {
		return
	}
	c.write32(c.u32(0)+4, maxTimedWait)
	c.ret = statusSuccess
}

func requestAdapter(c *call) {
	c.object(c.u32(0), kindInstance)
	cb := c.callbackInfo(c.u32(2))
	if p := c.u32(1); p != 0 {
		r := c.record(p, 24)
		err := c.chained("the adapter options", r.u32(0))
		for _, f := range []struct {
			name string
			at   int
			most uint32
		}{{"featureLevel", 4, 2}, {"powerPreference", 8, 2}, {"backendType", 16, 8}} {
			if v := r.u32(f.at); v > f.most {
				err = first(err, fmt.Errorf("%s 0x%x is none of webgpu.h's", f.name, v))
			}
		}
		if r.u32(20) != 0 {
			c.trap("a compatible surface is asked for; there are no surfaces")
		}
		if err != nil {
			c.later(event{Kind: evAdapter, Callback: cb, Status: adapterError, Message: c.fn.name + ": " + err.Error()})
			return
		}
	}
	handle := c.add(&object{Kind: kindAdapter})
	c.later(event{Kind: evAdapter, Callback: cb, Status: statusSuccess, Handle: handle})
}

// features and limits are the same for an adapter and its devices.
func getFeatures(k kind) func(*call) {
	return func(c *call) {
		c.object(c.u32(0), k)
		c.list(c.u32(1), []uint32{coreFeatures})
	}
}

func hasFeature(k kind) func(*call) {
	return func(c *call) {
		c.object(c.u32(0), k)
		if c.u32(1) == coreFeatures {
			c.ret = 1
		}
	}
}

func getLimits(k kind) func(*call) {
	return func(c *call) {
		c.object(c.u32(0), k)
		p := c.u32(1)
		if c.badOut("the limits", p) {
			return
		}
		b := make([]byte, limitsSize)
		for _, f := range limitFields {
			if f.wide {
				binary.LittleEndian.PutUint64(b[f.at:], f.value)
			} else {
				binary.LittleEndian.PutUint32(b[f.at:], uint32(f.value))
			}
		}
		c.write(p, b)
		c.ret = statusSuccess
	}
}

func getInfo(k kind) func(*call) {
	return func(c *call) {
		c.object(c.u32(0), k)
		p := c.u32(1)
		if c.badOut("the adapter info", p) {
			return
		}
		c.view(p, infoSize)
		b := make([]byte, infoSize)                // vendor and device have the number 0
		binary.LittleEndian.PutUint32(b[36:], 2)   // WGPUBackendType_WebGPU
		binary.LittleEndian.PutUint32(b[40:], 4)   // WGPUAdapterType_Unknown
		binary.LittleEndian.PutUint32(b[52:], 4)   // subgroup sizes: the widest range WebGPU has
		binary.LittleEndian.PutUint32(b[56:], 128) //
		if c.canAlloc() {
			at := c.alloc(uint32(len(strings.Join(adapterTexts[:], ""))))
			c.write(at, []byte(strings.Join(adapterTexts[:], "")))
			for i, text := range adapterTexts {
				binary.LittleEndian.PutUint32(b[4+8*i:], at)
				binary.LittleEndian.PutUint32(b[8+8*i:], uint32(len(text)))
				at += uint32(len(text))
			}
		}
		c.write(p, b)
		c.ret = statusSuccess
	}
}

const infoSize = 60

// adapterTexts are an adapter's vendor, architecture, device and description. They lie in memory of the guest's, one behind
// the other; a guest without an allocator gets empty ones.
var adapterTexts = [4]string{"gwrun", kernels.SemanticsID, "gwrun " + kernels.SemanticsID, "the same bits on every device"}

// freeInfo gives back what getInfo took.
func freeInfo(c *call) {
	if at := record(c.read(c.u32(0), infoSize)).u32(4); at != 0 {
		c.free(at)
	}
}

func requestDevice(c *call) {
	c.object(c.u32(0), kindAdapter)
	cb := c.callbackInfo(c.u32(2))
	var label, queueLabel string
	var err error
	d := &device{}
	if p := c.u32(1); p != 0 {
		r := c.record(p, 72)
		err = c.chained("the device descriptor", r.u32(0))
		label = c.label(r.u32(4), r.u32(8))
		for _, f := range c.array("features", r.u32(16), r.u32(12), 4) {
			if f.u32(0) != coreFeatures {
				err = first(err, fmt.Errorf("feature 0x%x is not available, only CoreFeaturesAndLimits (0x1)", f.u32(0)))
			}
		}
		if l := r.u32(20); l != 0 {
			err = first(err, c.checkLimits(c.record(l, limitsSize)))
		}
		err = first(err, c.chained("the queue descriptor", r.u32(24)))
		queueLabel = c.label(r.u32(28), r.u32(32))
		d.Lost = c.callbackFrom(r[36:56])
		u := r[56:72]
		c.unchained("the uncaptured error callback info", u.u32(0))
		d.Uncaptured = callback{Function: u.u32(4), User1: u.u32(8), User2: u.u32(12)}
	}
	if err != nil {
		c.later(event{Kind: evDevice, Callback: cb, Status: statusError, Message: c.fn.name + ": " + (&object{Kind: kindDevice, Label: label}).name(c.h.state.LastHandle+1) + ": " + err.Error()})
		if d.Lost.Function != 0 {
			// webgpu.h: a device that never was is lost at once.
			c.queue(event{Kind: evLost, Callback: d.Lost, Status: statusSuccess, Type: lostNeverMade, Message: "the device could not be made"})
		}
		return
	}
	dev := c.add(&object{Kind: kindDevice, Label: label, Dev: d})
	c.h.state.LastFuture++
	d.LostFuture = c.h.state.LastFuture
	// The queue belongs to its device. The guest has no reference to it yet.
	d.Queue = c.add(&object{Kind: kindQueue, Label: queueLabel})
	q := c.h.objects[d.Queue]
	q.Ext, q.Device = 0, dev
	c.later(event{Kind: evDevice, Callback: cb, Status: statusSuccess, Handle: dev})
}

func (c *call) checkLimits(r record) error {
	if err := c.chained("the limits", r.u32(0)); err != nil {
		return err
	}
	for _, f := range limitFields {
		v, undefined := uint64(r.u32(f.at)), uint64(math.MaxUint32)
		if f.wide {
			v, undefined = r.u64(f.at), math.MaxUint64
		}
		switch {
		case v == undefined:
		case f.lower && (v < f.value || v&(v-1) != 0):
			return fmt.Errorf("limit %s: %d asked for, a power of two of at least %d wanted", f.name, v, f.value)
		case !f.lower && v > f.value:
			return fmt.Errorf("limit %s: %d asked for, at most %d", f.name, v, f.value)
		}
	}
	return nil
}

// getQueue gives the guest a reference to the queue. While it has one, the device stays.
func getQueue(c *call) {
	o := c.object(c.u32(0), kindDevice)
	q := c.h.objects[o.Dev.Queue]
	if q.Ext == 0 {
		o.Int++
	}
	q.Ext++
	c.ret = uint64(o.Dev.Queue)
}

func destroyDevice(c *call) {
	c.object(c.u32(0), kindDevice)
	c.loseDevice(c.u32(0), "was destroyed")
}

// loseDevice destroys a device and its buffers, the guest's views of them too. Releasing its last reference does the same.
func (c *call) loseDevice(handle uint32, how string) {
	o := c.h.objects[handle]
	if o.Dev.Destroyed {
		return
	}
	o.Dev.Destroyed = true
	var buffers []uint32
	for h, b := range c.h.objects {
		if b.Kind == kindBuffer && b.Device == handle && !b.Bad && !b.Buffer.Destroyed {
			buffers = append(buffers, h)
		}
	}
	slices.Sort(buffers) // the guest is called to free its views
	if o.Dev.Lost.Function != 0 && len(c.h.state.Events) < maxEvents {
		c.queue(event{Future: o.Dev.LostFuture, Kind: evLost, Callback: o.Dev.Lost, Status: statusSuccess, Handle: handle,
			Type: lostDestroyed, Message: c.h.name(handle) + " " + how})
	}
	for _, h := range buffers {
		if b := c.h.objects[h]; b != nil && !b.Buffer.Destroyed {
			c.giveRanges(b)
			c.h.destroyBuffer(h, b)
		}
	}
}

func getLostFuture(c *call) { c.ret = c.object(c.u32(0), kindDevice).Dev.LostFuture }

func pushErrorScope(c *call) {
	o := c.object(c.u32(0), kindDevice)
	if f := c.u32(1); f < 1 || f > 3 {
		c.deviceError(c.u32(0), errorValidation, fmt.Sprintf("%s: error filter 0x%x, wanted Validation (1), OutOfMemory (2) or Internal (3)", c.h.name(c.u32(0)), f))
		return
	}
	if len(o.Dev.Scopes) >= maxScopes {
		c.trap("%d error scopes are open already", maxScopes)
	}
	o.Dev.Scopes = append(o.Dev.Scopes, scope{Filter: c.u32(1)})
	c.weigh(o)
}

func popErrorScope(c *call) {
	o := c.object(c.u32(0), kindDevice)
	cb := c.callbackInfo(c.u32(1))
	n := len(o.Dev.Scopes)
	switch {
	case o.Dev.Destroyed:
		c.later(event{Kind: evScope, Callback: cb, Status: statusSuccess, Type: errorNone})
	case n == 0:
		c.later(event{Kind: evScope, Callback: cb, Status: statusError, Message: c.fn.name + ": " + c.h.name(c.u32(0)) + ": no error scope is open"})
	default:
		s := o.Dev.Scopes[n-1]
		o.Dev.Scopes = o.Dev.Scopes[:n-1]
		c.weigh(o)
		if s.Type == 0 {
			s.Type = errorNone
		}
		c.later(event{Kind: evScope, Callback: cb, Status: statusSuccess, Type: s.Type, Message: s.Message})
	}
}

func setLabel(k kind) func(*call) {
	return func(c *call) {
		o := c.object(c.u32(0), k)
		r := c.record(c.u32(1), 8)
		o.Label = c.label(r.u32(0), r.u32(4))
		c.weigh(o)
	}
}

// working finds a device that can still make things; where it was destroyed, what is made is bad without an error.
func (c *call) working(handle uint32) (o *object, ok bool) {
	o = c.object(handle, kindDevice)
	return o, !o.Dev.Destroyed
}
