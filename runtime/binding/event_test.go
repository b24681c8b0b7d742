package binding

import (
	"math"
	"strings"
	"testing"
)

// info makes callback info of a mode.
func (p *puppet) info(mode, table int) uint64 { return p.put(0, mode, table, 11, 22) }

// A callback of mode AllowSpontaneous comes before the call ends, and so does one without a mode, as programs written for
// wgpu-native have them.
func TestSpontaneous(t *testing.T) {
	for _, mode := range []int{modeSpontaneous, 0} {
		p := newPuppet(t, nil)
		instance := p.do("wgpuCreateInstance", 0)
		was := p.u32(calledAt)
		future := p.do("wgpuInstanceRequestAdapter", instance, 0, p.info(mode, five))
		n, args := p.called(was)
		if n != 1 || args[0] != statusSuccess || args[3] != 11 || args[4] != 22 || future == 0 {
			t.Fatalf("mode %d: %d callbacks, the last got %v, future %d", mode, n, args, future)
		}
		was = p.u32(calledAt)
		p.do("wgpuAdapterRequestDevice", uint64(args[1]), 0, p.info(mode, five))
		if n, args = p.called(was); n != 1 || args[0] != statusSuccess {
			t.Fatalf("mode %d: %d callbacks, the last got %v", mode, n, args)
		}
		g := &gpu{puppet: p, instance: instance, device: uint64(args[1])}
		m := g.buffer("m", 16, usageMapRead|usageCopyDst)
		was = p.u32(calledAt)
		p.do("wgpuBufferMapAsync", m, mapRead, 0, 16, p.info(mode, four))
		if n, args = p.called(was); n != 1 || args[0] != statusSuccess || p.do("wgpuBufferGetMapState", m) != mapped {
			t.Errorf("mode %d: %d callbacks, the last got %v", mode, n, args)
		}
		// The future has completed, and nothing is left to call.
		was = p.u32(calledAt)
		at := p.put(future, 0, 0)
		if s := p.do("wgpuInstanceWaitAny", instance, 1, at, 0); s != waitSuccess || p.u32(at+8) != 1 || p.u32(calledAt) != was {
			t.Errorf("mode %d: waiting for what has come: status %d, %d callbacks", mode, s, p.u32(calledAt)-was)
		}
	}
	p := newPuppet(t, nil)
	if _, trap := p.try("wgpuInstanceRequestAdapter", p.do("wgpuCreateInstance", 0), 0, p.info(4, five)); !strings.Contains(trap, "callback mode 0x4") {
		t.Errorf("mode 4: trap %q", trap)
	}
}

// Callbacks that callbacks ask for wait for the outermost call to end, so that a chain of them does not nest.
func TestSpontaneousChain(t *testing.T) {
	g := newGPU(t, nil)
	for range 3 {
		g.do("wgpuQueueOnSubmittedWorkDone", g.queue, g.put(0, 2, nested, uint32(g.instance), 0))
	}
	if g.h.state.eager != 0 {
		t.Errorf("%d callbacks are said to come at once", g.h.state.eager)
	}
	g.h.state.eager = 0
	g.h.depth = 0
	e := event{Kind: evWorkDone, Callback: callback{Function: four, Mode: modeSpontaneous}, Status: statusSuccess}
	c := &call{h: g.h, fn: functions["env"]["wgpuQueueOnSubmittedWorkDone"]}
	g.h.depth = 2 // as if a callback had called it
	c.later(e)
	c.settle()
	if g.h.state.eager != 1 || len(g.h.state.Events) != 4 {
		t.Errorf("inside a callback: %d eager events of %d", g.h.state.eager, len(g.h.state.Events))
	}
	was := g.u32(calledAt)
	g.do("wgpuBufferGetSize", g.buffer("b", 4, usageStorage)) // the end of any call
	if n, _ := g.called(was); n != 1 || g.h.state.eager != 0 || len(g.h.state.Events) != 3 {
		t.Errorf("%d callbacks, %d eager events of %d", n, g.h.state.eager, len(g.h.state.Events))
	}
}

func TestDevicePoll(t *testing.T) {
	g := newGPU(t, nil)
	g.do("wgpuQueueOnSubmittedWorkDone", g.queue, g.callback(four))
	was := g.u32(calledAt)
	if r := g.do("wgpuDevicePoll", g.device, 1); r != 1 {
		t.Errorf("result %d", r)
	}
	if n, _ := g.called(was); n != 1 {
		t.Errorf("%d callbacks", n)
	}
}

// With the last instance every callback that waits is cancelled, and what it would have been given is released.
func TestCancelled(t *testing.T) {
	g := newGPU(t, nil)
	m := g.buffer("m", 16, usageMapRead|usageCopyDst)
	g.do("wgpuInstanceAddRef", g.instance)
	second := g.do("wgpuCreateInstance", 0)
	objects := len(g.h.objects)
	g.do("wgpuInstanceRequestAdapter", g.instance, 0, g.callback(five))
	g.do("wgpuAdapterRequestDevice", g.adapter, 0, g.callback(five))
	g.do("wgpuBufferMapAsync", m, mapRead, 0, 16, g.info(modeWaitAny, four))
	g.do("wgpuDevicePushErrorScope", g.device, 1)
	g.do("wgpuDevicePopErrorScope", g.device, g.callback(five))
	g.do("wgpuShaderModuleGetCompilationInfo", g.shader(doubler), g.callback(four))
	was := g.u32(calledAt)
	g.do("wgpuInstanceRelease", g.instance)
	g.do("wgpuInstanceRelease", g.instance)
	if n, _ := g.called(was); n != 0 {
		t.Errorf("%d callbacks while there is an instance", n)
	}
	g.do("wgpuInstanceRelease", second)
	if n, args := g.called(was); n != 5 || args[0] != statusCancelled {
		t.Errorf("%d callbacks, the last got %v", n, args)
	}
	if s := g.do("wgpuBufferGetMapState", m); s != unmapped {
		t.Errorf("map state %d", s)
	}
	if n := len(g.h.objects); n != objects-2+1 { // without the instances, with the shader module
		t.Errorf("%d objects, there were %d", n, objects)
	}
	if err := g.h.checkCounts(); err != nil || len(g.h.state.Events) != 0 {
		t.Errorf("%d events, %v", len(g.h.state.Events), err)
	}
}

// A guest that guesses the handle it has not been given yet, and gives it up, has it given up once.
func TestCancelledAfterAGuess(t *testing.T) {
	g := newGPU(t, nil)
	g.do("wgpuAdapterRequestDevice", g.adapter, 0, g.callback(five))
	h := *g
	h.device = uint64(g.h.state.LastHandle) - 1 // its queue comes behind it
	h.buffer("b", 4, usageStorage)
	g.do("wgpuDeviceRelease", h.device)
	g.do("wgpuInstanceRelease", g.instance)
	if o := g.h.objects[uint32(h.device)]; o == nil || o.Ext != 0 {
		t.Errorf("the device is %+v", o)
	}
	if err := g.h.checkCounts(); err != nil {
		t.Error(err)
	}
}

// lost makes a device with a device-lost callback of mode AllowSpontaneous.
func (g *gpu) lost() uint64 {
	g.t.Helper()
	at, n := g.text("dev")
	d := g.put(0, at, n, 0, 0, 0, 0, 0, uint32(strlen), 0, modeSpontaneous, five, 55, 66, 0, 0, 0, 0)
	g.do("wgpuAdapterRequestDevice", g.adapter, d, g.callback(five))
	_, args := g.fire(g.instance)
	if args[0] != statusSuccess {
		g.t.Fatalf("device callback got %v", args)
	}
	return uint64(args[1])
}

// A lost device tells so once, ends its buffers and maps, and makes no errors any more.
func TestDeviceLost(t *testing.T) {
	g := newGPU(t, nil)
	dev := g.lost()
	h := *g
	h.device = dev
	m := h.buffer("m", 16, usageMapRead|usageCopyDst)
	future := g.do("wgpuDeviceGetLostFuture", dev)
	at := g.put(future, 0, 0)
	if s := g.do("wgpuInstanceWaitAny", g.instance, 1, at, math.MaxUint64); s != waitTimeout || g.u32(at+8) != 0 {
		t.Errorf("waiting for a loss that does not come: status %d, completed %d", s, g.u32(at+8))
	}
	g.do("wgpuBufferMapAsync", m, mapRead, 0, 16, g.callback(four))
	was := g.u32(calledAt)
	g.do("wgpuDeviceDestroy", dev)
	n, args := g.called(was)
	if n != 1 || g.u32(uint64(args[0])) != uint32(dev) || args[1] != lostDestroyed || args[3] != 55 || args[4] != 66 ||
		!strings.Contains(g.message(args[2]), `device "dev" was destroyed`) {
		t.Errorf("%d callbacks, the last got %v, %q", n, args, g.message(args[2]))
	}
	if n, args := g.fire(g.instance); n != 1 || args[0] != mapAborted {
		t.Errorf("the map that waited: %d callbacks, the last got %v", n, args)
	}
	g.do("wgpuBufferMapAsync", m, mapRead, 0, 16, g.callback(four))
	if n, args := g.fire(g.instance); n != 1 || args[0] != mapAborted {
		t.Errorf("a new map: %d callbacks, the last got %v", n, args)
	}
	h.buffer("bad", 4, 0)
	g.do("wgpuDevicePopErrorScope", dev, g.callback(five)) // none is open, but a lost device has nothing to say
	if n, args := g.fire(g.instance); n != 1 || args[0] != statusSuccess || args[1] != errorNone {
		t.Errorf("%d callbacks, the last got %v", n, args)
	}
	was = g.u32(calledAt)
	g.do("wgpuDeviceDestroy", dev)
	if n, _ := g.called(was); n != 0 || len(g.h.Log()) != 0 {
		t.Errorf("destroyed again: %d callbacks, log %q", n, g.h.Log())
	}
	if s := g.do("wgpuInstanceWaitAny", g.instance, 1, at, 0); s != waitSuccess || g.u32(at+8) != 1 {
		t.Errorf("waiting for a loss that has come: status %d", s)
	}
}

// Releasing a device's last reference destroys it; the callback gets no device then.
func TestDeviceReleased(t *testing.T) {
	g := newGPU(t, nil)
	dev := g.lost()
	h := *g
	h.device = dev
	b := h.buffer("b", 16, usageMapWrite|usageCopySrc)
	was := g.u32(calledAt)
	g.do("wgpuDeviceAddRef", dev)
	g.do("wgpuDeviceRelease", dev)
	if n, _ := g.called(was); n != 0 {
		t.Errorf("%d callbacks with a reference left", n)
	}
	g.do("wgpuDeviceRelease", dev)
	if n, args := g.called(was); n != 1 || g.u32(uint64(args[0])) != 0 || args[1] != lostDestroyed {
		t.Errorf("%d callbacks, the last got %v", n, args)
	}
	if o := g.h.objects[uint32(b)]; o == nil || !o.Buffer.Destroyed {
		t.Error("the device's buffer is not destroyed")
	}
	g.do("wgpuBufferRelease", b)
	if err := g.h.checkCounts(); err != nil || g.h.objects[uint32(dev)] != nil {
		t.Errorf("the device is left: %v", err)
	}
}

// A device that cannot be made says why, and is lost at once.
func TestRequestDevice(t *testing.T) {
	limits := func(set func(l []byte)) func(g *gpu) uint64 {
		return func(g *gpu) uint64 {
			l := make([]byte, limitsSize)
			for _, f := range limitFields {
				copy(l[f.at:], "\xff\xff\xff\xff")
				if f.wide {
					copy(l[f.at:], "\xff\xff\xff\xff\xff\xff\xff\xff")
				}
			}
			set(l)
			at, n := g.text("dev")
			return g.put(0, at, n, 0, 0, uint32(g.put(l)), 0, 0, uint32(strlen), 0, 2, five, 55, 66, 0, 0, 0, 0)
		}
	}
	for _, tc := range []struct {
		rule       string
		descriptor func(g *gpu) uint64
		want       string
	}{
		{"limits left out", limits(func([]byte) {}), ""},
		{"a limit that is too much", limits(func(l []byte) { copy(l[20:], "\x05\x00\x00\x00") }), `device "dev": limit maxBindGroups: 5 asked for, at most 4`},
		{"a limit within the profile's", limits(func(l []byte) { copy(l[20:], "\x04\x00\x00\x00") }), ""},
		{"a wide limit that is too much", limits(func(l []byte) { copy(l[96:], "\x00\x00\x00\x00\x01\x00\x00\x00") }),
			`device "dev": limit maxBufferSize: 4294967296 asked for, at most 268435456`},
		{"an alignment that is too fine", limits(func(l []byte) { copy(l[84:], "\x20\x00\x00\x00") }),
			`device "dev": limit minStorageBufferOffsetAlignment: 32 asked for, a power of two of at least 256 wanted`},
		{"an alignment that is no power of two", limits(func(l []byte) { copy(l[80:], "\x80\x01\x00\x00") }),
			`device "dev": limit minUniformBufferOffsetAlignment: 384 asked for, a power of two of at least 256 wanted`},
		{"a coarser alignment", limits(func(l []byte) { copy(l[80:], "\x00\x02\x00\x00") }), ""},
		{"a chained limits structure", limits(func(l []byte) { copy(l, "\x00\x20\x00\x00") }), "the limits chains a structure of sType"},
		{"a feature", func(g *gpu) uint64 {
			return g.put(0, 0, uint32(strlen), 1, uint32(g.put(0xb)), 0, 0, 0, uint32(strlen), 0, 2, five, 55, 66, 0, 0, 0, 0)
		}, "unlabelled device 5: feature 0xb is not available, only CoreFeaturesAndLimits (0x1)"},
		{"the feature there is", func(g *gpu) uint64 {
			return g.put(0, 0, uint32(strlen), 1, uint32(g.put(1)), 0, 0, 0, uint32(strlen), 0, 2, five, 55, 66, 0, 0, 0, 0)
		}, ""},
		{"a chain", func(g *gpu) uint64 {
			return g.put(uint32(g.put(0, 0x30001)), 0, uint32(strlen), 0, 0, 0, 0, 0, uint32(strlen), 0, 2, five, 55, 66, 0, 0, 0, 0)
		}, "the device descriptor chains a structure of sType 0x30001, none is known there"},
	} {
		g := newGPU(t, nil)
		g.do("wgpuAdapterRequestDevice", g.adapter, tc.descriptor(g), g.info(modeSpontaneous, five))
		_, args := g.called(0)
		if tc.want == "" {
			if args[0] != statusSuccess || args[1] == 0 {
				t.Errorf("%s: the callback got %v", tc.rule, args)
			}
			continue
		}
		if m := g.message(args[2]); args[0] != statusError || args[1] != 0 || !strings.HasPrefix(m, "wgpuAdapterRequestDevice: ") || !strings.Contains(m, tc.want) {
			t.Errorf("%s: the callback got %v, %q, want %q", tc.rule, args, m, tc.want)
		}
		if n, args := g.fire(g.instance); n != 1 || g.u32(uint64(args[0])) != 0 || args[1] != lostNeverMade || args[3] != 55 {
			t.Errorf("%s: device-lost: %d callbacks, the last got %v", tc.rule, n, args)
		}
	}
}

// What webgpu.h reports by a status or NULL alone is told in the log.
func TestComplaints(t *testing.T) {
	g := newGPU(t, nil)
	m := g.buffer("m", 64, usageMapRead|usageCopyDst)
	w := g.buffer("w", 64, usageMapWrite|usageCopySrc)
	gone := g.buffer("gone", 64, usageMapRead|usageCopyDst)
	var bad uint64
	g.scoped(func() { bad = g.buffer("bad", 4, 0) })
	g.do("wgpuBufferDestroy", gone)
	g.do("wgpuBufferMapAsync", w, mapWrite, 16, 32, g.callback(four))
	g.fire(g.instance)
	read := g.buffer("read", 64, usageMapRead|usageCopyDst)
	g.do("wgpuBufferMapAsync", read, mapRead, 0, 64, g.callback(four))
	g.fire(g.instance)
	g.do("wgpuBufferMapAsync", m, mapRead, 0, 64, g.callback(four))
	chained := g.put(uint32(g.put(0, 9)), make([]byte, 200))
	for _, tc := range []struct {
		do   func() uint64
		ret  uint64
		want string
	}{
		{func() uint64 { return g.do("wgpuBufferGetConstMappedRange", m, 0, 4) }, 0,
			`wgpuBufferGetConstMappedRange: buffer "m": it is not mapped yet, the callback of wgpuBufferMapAsync has not been called`},
		{func() uint64 { return g.do("wgpuBufferGetConstMappedRange", gone, 0, 4) }, 0, `buffer "gone": it is destroyed`},
		{func() uint64 { return g.do("wgpuBufferGetConstMappedRange", bad, 0, 4) }, 0, `buffer "bad": it is invalid, the call that made it failed`},
		{func() uint64 { return g.do("wgpuBufferWriteMappedRange", read, 0, freeAt, 4) }, 2,
			`wgpuBufferWriteMappedRange: buffer "read": it is mapped for reading, it cannot be written`},
		{func() uint64 { return g.do("wgpuBufferGetMappedRange", w, 20, 4) }, 0, `buffer "w": offset 20 is no multiple of 8`},
		{func() uint64 { return g.do("wgpuBufferGetMappedRange", w, 16, 6) }, 0, `buffer "w": size 6 is no multiple of 4`},
		{func() uint64 { return g.do("wgpuBufferGetMappedRange", w, 8, 8) }, 0, `buffer "w": bytes 8+8 lie outside the mapped bytes 16+32`},
		{func() uint64 { return g.do("wgpuBufferGetMappedRange", w, 40, 12) }, 0, `buffer "w": bytes 40+12 lie outside the mapped bytes 16+32`},
		{func() uint64 { return g.do("wgpuBufferGetMappedRange", w, 16, wholeMap) }, 0, `buffer "w": bytes 16+48 lie outside the mapped bytes 16+32`},
		{func() uint64 { return g.do("wgpuBufferGetMappedRange", w, 16, 8) }, allocAt, ""},
		{func() uint64 { return g.do("wgpuBufferGetConstMappedRange", w, 16, 4) }, 0, `buffer "w": bytes 16+4 overlap 16+8, which are in use already`},
		{func() uint64 { return g.do("wgpuBufferWriteMappedRange", w, 16, freeAt, 4) }, 2,
			`wgpuBufferWriteMappedRange: buffer "w": bytes 16+4 overlap 16+8, which are in use already`},
		{func() uint64 { return g.do("wgpuBufferWriteMappedRange", w, 24, freeAt, 24) }, 1, ""},
		{func() uint64 { return g.do("wgpuBufferGetConstMappedRange", read, 0, 8) }, allocAt, ""},
		{func() uint64 { return g.do("wgpuBufferGetConstMappedRange", read, 0, 16) }, allocAt, ""}, // what is only read may overlap
		{func() uint64 { return g.do("wgpuBufferReadMappedRange", read, 4, freeAt, 8) }, 2, `buffer "read": offset 4 is no multiple of 8`},
		{func() uint64 { return g.do("wgpuAdapterGetLimits", g.adapter, chained) }, 2,
			`wgpuAdapterGetLimits: the limits chains a structure of sType 0x9, none is known there`},
		{func() uint64 { return g.do("wgpuDeviceGetAdapterInfo", g.device, chained) }, 2,
			`wgpuDeviceGetAdapterInfo: the adapter info chains a structure of sType 0x9, none is known there`},
		{func() uint64 { return g.do("wgpuGetInstanceLimits", chained) }, 2, `wgpuGetInstanceLimits: the instance limits chains`},
		{func() uint64 { return g.do("wgpuCreateInstance", chained) }, 0, `wgpuCreateInstance: the instance descriptor chains`},
		{func() uint64 { return g.do("wgpuCreateInstance", g.put(0, 1, uint32(g.put(2)), 0)) }, 0, `wgpuCreateInstance: instance feature 0x2 is not available`},
		{func() uint64 { return g.do("wgpuCreateInstance", g.put(0, 0, 0, uint32(g.put(0, 65)))) }, 0,
			`wgpuCreateInstance: instance limit timedWaitAnyMaxCount: 65 asked for, at most 64`},
	} {
		before := len(g.h.Log())
		ret := tc.do()
		log := string(g.h.Log()[before:])
		if ret != tc.ret || !strings.Contains(log, tc.want) || (log == "") != (tc.want == "") {
			t.Errorf("result %d, log %q, want %d, %q", ret, log, tc.ret, tc.want)
		}
	}
}

// A full log is no reason to end a job that hears of the matter in another way.
func TestMentionInAFullLog(t *testing.T) {
	p := newPuppet(t, func(c *Config) { c.Limits.LogBytes = 60 })
	for name, args := range map[string][]uint64{"wasi_snapshot_preview1.sock_send": {0, 0, 0, 0, 0}, "wasi_snapshot_preview1.path_link": {0, 0, 0, 0, 0, 0, 0}} {
		if e := p.do(name, args...); e == 0 {
			t.Errorf("%s: no error", name)
		}
	}
	if n := strings.Count(string(p.h.Log()), "is refused"); n != 1 {
		t.Errorf("log %q", p.h.Log())
	}
}

// Lists of features lie in the guest's memory; without an allocator of the guest they are empty.
func TestFeatures(t *testing.T) {
	g := newGPU(t, nil)
	for name, args := range map[string][]uint64{"wgpuAdapterGetFeatures": {g.adapter}, "wgpuDeviceGetFeatures": {g.device}} {
		at := g.put(7, 7)
		g.do(name, append(args, at)...)
		if n, list := g.u32(at), g.u32(at+4); n != 1 || list != allocAt || g.u32(uint64(list)) != coreFeatures {
			t.Errorf("%s: %d features at 0x%x", name, n, list)
		}
		g.do("wgpuSupportedFeaturesFreeMembers", at)
	}
	at := g.put(7, 7)
	g.do("wgpuGetInstanceFeatures", at)
	if n, list := g.u32(at), uint64(g.u32(at+4)); n != 2 || g.u32(list) != 1 || g.u32(list+4) != 3 {
		t.Errorf("%d instance features", n)
	}
	for f, want := range []uint64{0, 1, 0, 1, 0} {
		if got := g.do("wgpuHasInstanceFeature", uint64(f)); got != want {
			t.Errorf("instance feature %d: %d", f, got)
		}
		if got := g.do("wgpuDeviceHasFeature", g.device, uint64(f)); (got == 1) != (f == coreFeatures) {
			t.Errorf("feature %d: %d", f, got)
		}
	}
	g.do("wgpuInstanceGetWGSLLanguageFeatures", g.instance, at)
	if g.u32(at) != 0 || g.u32(at+4) != 0 {
		t.Errorf("%d WGSL features", g.u32(at))
	}
	at = g.put(make([]byte, infoSize))
	g.do("wgpuAdapterGetInfo", g.adapter, at)
	var texts []string
	for i := range uint32(4) {
		texts = append(texts, g.message(uint32(at)+4+8*i))
	}
	if got := strings.Join(texts, "|"); got != strings.Join(adapterTexts[:], "|") || g.u32(at+4) != allocAt || g.u32(at+36) != 2 {
		t.Errorf("adapter info %q", got)
	}
	g.do("wgpuAdapterInfoFreeMembers", at)
	p := puppetWith(t, true, false, nil)
	at = p.put(7, 7)
	p.do("wgpuGetInstanceFeatures", at)
	if p.u32(at) != 0 || p.u32(at+4) != 0 {
		t.Errorf("without an allocator: %d features", p.u32(at))
	}
	w := open(p)
	at = p.put(make([]byte, infoSize))
	p.do("wgpuAdapterGetInfo", w.adapter, at)
	if p.u32(at+4) != 0 || p.u32(at+8) != 0 {
		t.Errorf("without an allocator: a vendor of %d bytes", p.u32(at+8))
	}
}

func TestRequestAdapter(t *testing.T) {
	for _, tc := range []struct {
		options []any
		want    string
	}{
		{[]any{0, 2, 2, 1, 6, 0}, ""}, // core, high performance, fallback, Vulkan: there is one adapter for all
		{[]any{0, 3, 0, 0, 0, 0}, "wgpuInstanceRequestAdapter: featureLevel 0x3 is none of webgpu.h's"},
		{[]any{0, 0, 3, 0, 0, 0}, "wgpuInstanceRequestAdapter: powerPreference 0x3 is none of webgpu.h's"},
		{[]any{0, 0, 0, 0, 9, 0}, "wgpuInstanceRequestAdapter: backendType 0x9 is none of webgpu.h's"},
	} {
		p := newPuppet(t, nil)
		i := p.do("wgpuCreateInstance", 0)
		p.do("wgpuInstanceRequestAdapter", i, p.put(tc.options...), p.info(modeSpontaneous, five))
		_, args := p.called(0)
		if m := p.message(args[2]); m != tc.want || (args[0] == statusSuccess) != (m == "") || (args[1] == 0) != (m != "") {
			t.Errorf("options %v: the callback got %v, %q", tc.options, args, m)
		}
	}
}
