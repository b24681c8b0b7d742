package binding

import (
	"encoding/binary"
	"math"
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

func createInstance(c *call) {
	if p := c.u32(0); p != 0 {
		r := c.record(p, 16)
		c.unchained("the instance descriptor", r.u32(0))
		if n := r.u32(4); n != 0 {
			// TimedWaitAny (1) is granted: nothing ever has to be waited for. The others would change what a program may do.
			for _, f := range c.array("instance features", r.u32(8), n, 4) {
				if f.u32(0) != 1 {
					c.ret = 0
					return
				}
			}
		}
	}
	c.ret = uint64(c.add(&object{Kind: kindInstance}))
}

func hasInstanceFeature(c *call) {
	if c.u32(0) == 1 {
		c.ret = 1
	}
}

// noFeatures writes {0, NULL}.
func noFeatures(c *call) { c.write(c.u32(len(c.fn.params)-1), make([]byte, 8)) }

func getInstanceLimits(c *call) {
	r := c.record(c.u32(0), 8)
	c.unchained("the instance limits", r.u32(0))
	c.write32(c.u32(0)+4, 64) // what WebGPU requires where waits are timed
	c.ret = statusSuccess
}

func requestAdapter(c *call) {
	c.object(c.u32(0), kindInstance)
	if p := c.u32(1); p != 0 {
		r := c.record(p, 24)
		c.unchained("the adapter options", r.u32(0))
		if r.u32(20) != 0 {
			c.trap("a compatible surface is asked for; there are no surfaces")
		}
	}
	cb := c.callbackInfo(c.u32(2))
	handle := c.add(&object{Kind: kindAdapter})
	c.later(event{Kind: evAdapter, Callback: cb, Status: statusSuccess, Handle: handle})
}

// features and limits are the same for an adapter and its devices.
func getFeatures(k kind) func(*call) {
	return func(c *call) {
		c.object(c.u32(0), k)
		noFeatures(c)
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
		c.unchained("the limits", record(c.read(p, 4)).u32(0))
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
		c.unchained("the adapter info", record(c.read(p, 4)).u32(0))
		b := make([]byte, 60)                      // the four texts are empty, vendor and device are 0
		binary.LittleEndian.PutUint32(b[36:], 2)   // WGPUBackendType_WebGPU
		binary.LittleEndian.PutUint32(b[40:], 4)   // WGPUAdapterType_Unknown
		binary.LittleEndian.PutUint32(b[52:], 4)   // subgroup sizes: the widest range WebGPU has
		binary.LittleEndian.PutUint32(b[56:], 128) //
		c.write(p, b)
		c.ret = statusSuccess
	}
}

func requestDevice(c *call) {
	c.object(c.u32(0), kindAdapter)
	cb := c.callbackInfo(c.u32(2))
	var label, queueLabel, problem string
	d := &device{}
	if p := c.u32(1); p != 0 {
		r := c.record(p, 72)
		c.unchained("the device descriptor", r.u32(0))
		label = c.label(r.u32(4), r.u32(8))
		for _, f := range c.array("features", r.u32(16), r.u32(12), 4) {
			if f.u32(0) != coreFeatures && problem == "" {
				problem = "feature 0x" + hex32(f.u32(0)) + " is not available"
			}
		}
		if l := r.u32(20); l != 0 {
			if p := c.checkLimits(c.record(l, limitsSize)); p != "" && problem == "" {
				problem = p
			}
		}
		c.unchained("the queue descriptor", r.u32(24))
		queueLabel = c.label(r.u32(28), r.u32(32))
		d.Lost = c.callbackFrom(r[36:56])
		u := r[56:72]
		c.unchained("the uncaptured error callback info", u.u32(0))
		d.Uncaptured = callback{Function: u.u32(4), User1: u.u32(8), User2: u.u32(12)}
	}
	if problem != "" {
		c.later(event{Kind: evDevice, Callback: cb, Status: statusError, Message: problem})
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

func (c *call) checkLimits(r record) string {
	c.unchained("the limits", r.u32(0))
	for _, f := range limitFields {
		v, undefined := uint64(r.u32(f.at)), uint64(math.MaxUint32)
		if f.wide {
			v, undefined = r.u64(f.at), math.MaxUint64
		}
		switch {
		case v == undefined:
		case f.lower && (v < f.value || v&(v-1) != 0):
			return "limit " + f.name + ": a power of two of at least " + dec(f.value) + " wanted, " + dec(v) + " asked for"
		case !f.lower && v > f.value:
			return "limit " + f.name + ": " + dec(v) + " asked for, at most " + dec(f.value)
		}
	}
	return ""
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
	o := c.object(c.u32(0), kindDevice)
	if o.Dev.Destroyed {
		return
	}
	o.Dev.Destroyed = true
	for handle, b := range c.h.objects {
		if b.Kind == kindBuffer && b.Device == c.u32(0) && !b.Bad {
			c.h.destroyBuffer(handle, b)
		}
	}
	if len(c.h.state.Events) < maxEvents {
		c.queue(event{Future: o.Dev.LostFuture, Kind: evLost, Callback: o.Dev.Lost, Status: statusSuccess, Handle: c.u32(0),
			Type: lostDestroyed, Message: "the device was destroyed"})
	}
}

func getLostFuture(c *call) { c.ret = c.object(c.u32(0), kindDevice).Dev.LostFuture }

func pushErrorScope(c *call) {
	o := c.object(c.u32(0), kindDevice)
	if f := c.u32(1); f < 1 || f > 3 {
		c.trap("error filter 0x%x, wanted 1, 2 or 3", f)
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
		c.later(event{Kind: evScope, Callback: cb, Status: statusError, Message: "there is no error scope to pop"})
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
