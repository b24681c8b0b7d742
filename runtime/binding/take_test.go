package binding

import (
	"math"
	"strings"
	"testing"
)

// taker opens a device whose every event is taken.
type taker struct {
	*gpu
	event, text uint64
}

func (k *taker) info() uint64 { return k.put(0, 1, uint32(takeIt), 5, 6) }

// take takes an event and gives its words from kind on, and its message.
func (k *taker) take(future uint64) (ok bool, words [6]uint32, message string) {
	k.t.Helper()
	if k.do("gw.event_take", future, k.event, k.text, 1000) == 0 {
		return false, words, ""
	}
	for i := range words {
		words[i] = k.u32(k.event + 8 + 4*uint64(i))
	}
	return true, words, string(k.bytes(k.text, k.u32(k.event+32)))
}

func newTaker(t *testing.T) *taker {
	k := &taker{gpu: &gpu{puppet: newPuppet(t, nil)}}
	k.event, k.text = k.put(make([]byte, eventBytes)), k.put(make([]byte, 1024))
	k.instance = k.do("wgpuCreateInstance", 0)
	f := k.do("wgpuInstanceRequestAdapter", k.instance, 0, k.info())
	if s := k.do("wgpuInstanceWaitAny", k.instance, 1, k.put(f, 0, 0), math.MaxUint64); s != waitSuccess {
		t.Fatalf("waiting for an event to take: status %d", s)
	}
	k.do("wgpuInstanceProcessEvents", k.instance)
	ok, w, _ := k.take(f)
	if !ok || w[0] != uint32(evAdapter) || w[1] != statusSuccess || w[4] != 5 || w[5] != 6 {
		t.Fatalf("adapter: %v %v", ok, w)
	}
	k.adapter = uint64(w[2])
	if ok, _, _ := k.take(f); ok {
		t.Fatal("an event was taken twice")
	}
	at := k.put(0, 0, uint32(strlen), 0, 0, 0, 0, 0, uint32(strlen), 0, 0, 0, 0, 0, 0, uint32(takeIt), 33, 44)
	k.do("wgpuAdapterRequestDevice", k.adapter, at, k.info())
	if ok, w, _ = k.take(0); !ok || w[0] != uint32(evDevice) {
		t.Fatalf("device: %v %v", ok, w)
	}
	k.device = uint64(w[2])
	k.queue = k.do("wgpuDeviceGetQueue", k.device)
	return k
}

func TestEventTake(t *testing.T) {
	k := newTaker(t)
	if ok, w, _ := k.take(0); ok {
		t.Fatalf("nothing waits, yet there is %v", w)
	}
	k.buffer("bad", 4, 0)
	k.do("wgpuInstanceProcessEvents", k.instance)
	f := k.do("wgpuQueueOnSubmittedWorkDone", k.queue, k.info())
	if ok, w, _ := k.take(f); !ok || w[0] != uint32(evWorkDone) || w[1] != statusSuccess {
		t.Errorf("work done: %v %v", ok, w)
	}
	ok, w, m := k.take(0)
	if !ok || w[0] != uint32(evUncaptured) || uint64(w[2]) != k.device || w[3] != errorValidation || w[4] != 33 || w[5] != 44 ||
		!strings.Contains(m, `buffer "bad": its usage is 0`) {
		t.Errorf("uncaptured error: %v %v %q", ok, w, m)
	}
	if log := string(k.h.Log()); log != "" {
		t.Errorf("the log says %q", log)
	}

	k.do("wgpuDevicePushErrorScope", k.device, 1)
	shader := k.shader("fn f() {\n  let x = ;\n}")
	k.do("wgpuDevicePopErrorScope", k.device, k.info())
	if ok, w, m := k.take(0); !ok || w[0] != uint32(evScope) || w[3] != errorValidation || m == "" {
		t.Errorf("error scope: %v %v %q", ok, w, m)
	}
	k.do("wgpuShaderModuleGetCompilationInfo", shader, k.info())
	k.do("wgpuShaderModuleRelease", shader) // the event keeps it
	if ok, w, m := k.take(0); !ok || w[0] != uint32(evCompilation) || w[3] != 1 || !strings.HasPrefix(m, "2:11: ") {
		t.Errorf("compilation info: %v %v %q", ok, w, m)
	}
	if k.h.objects[uint32(shader)] != nil {
		t.Error("the shader module lives on after its event was taken")
	}

	b := k.buffer("back", 8, usageMapRead|usageCopyDst)
	for _, want := range []uint32{statusSuccess, mapAborted} {
		k.do("wgpuBufferMapAsync", b, mapRead, 0, 8, k.info())
		if want == mapAborted {
			k.do("wgpuBufferUnmap", b)
		}
		if s := k.do("wgpuBufferReadMappedRange", b, 0, k.text, 8); s == statusSuccess {
			t.Error("a buffer is mapped before its event was taken")
		}
		if ok, w, _ := k.take(0); !ok || w[0] != uint32(evMap) || w[1] != want {
			t.Errorf("map: %v %v, want status %d", ok, w, want)
		}
		if want == statusSuccess {
			if s := k.do("wgpuBufferReadMappedRange", b, 0, k.text, 8); s != statusSuccess {
				t.Errorf("reading what is mapped: status %d", s)
			}
			k.do("wgpuBufferUnmap", b)
		}
	}
}

func TestEventTakeIsChecked(t *testing.T) {
	k := newTaker(t)
	k.buffer("bad", 4, 0)
	for _, args := range [][]uint64{{0, 1 << 31, k.text, 8}, {0, k.event, 1 << 31, 8}, {0, k.event, k.text, math.MaxUint32}} {
		if _, trap := k.try("gw.event_take", args...); !strings.Contains(trap, "outside the memory") {
			t.Errorf("%v: trap %q", args, trap)
		}
	}
	// A short message is cut, and what lies behind it untouched.
	k.mod.Memory().Write(uint32(k.text), []byte("abcdefgh"))
	if k.do("gw.event_take", 0, k.event, k.text, 4) != 1 || k.u32(k.event+32) != 4 || string(k.bytes(k.text+4, 4)) != "efgh" {
		t.Errorf("message of %d bytes, behind it %q", k.u32(k.event+32), k.bytes(k.text+4, 4))
	}
	if k.do("gw.event_take", 0, k.event, k.text, 4) != 0 {
		t.Error("the event is still there")
	}
}

// Looking through what waits costs gas, so that a guest can't have the host look through much for little.
func TestEventTakeIsPaid(t *testing.T) {
	k := newTaker(t)
	cost := func() uint64 {
		was := k.gas.Get()
		if k.do("gw.event_take", math.MaxUint64, k.event, k.text, 0) != 0 {
			t.Fatal("a future that never was has an event")
		}
		return was - k.gas.Get()
	}
	without := cost()
	const waiting = 100
	for range waiting {
		k.do("wgpuQueueOnSubmittedWorkDone", k.queue, k.info())
	}
	if with := cost(); with != without+waiting*GasEvent {
		t.Errorf("gas %d with %d events waiting, %d without any: want %d for each", with, waiting, without, GasEvent)
	}
}
