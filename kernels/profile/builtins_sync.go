package profile

import "github.com/gwrun/gwrun/kernels/ir"

// The builtins that touch memory. They are emitted by the emitter itself, since they take places and not values.

var atomicOps = map[string][2]ir.AtomicOp{ // for i32, for u32
	"atomicAdd": {ir.AtomicAdd, ir.AtomicAdd}, "atomicSub": {ir.AtomicSub, ir.AtomicSub},
	"atomicAnd": {ir.AtomicAnd, ir.AtomicAnd}, "atomicOr": {ir.AtomicOr, ir.AtomicOr},
	"atomicXor": {ir.AtomicXor, ir.AtomicXor}, "atomicMin": {ir.AtomicSMin, ir.AtomicUMin},
	"atomicMax": {ir.AtomicSMax, ir.AtomicUMax}, "atomicStore": {ir.AtomicStore, ir.AtomicStore},
	"atomicExchange": {ir.AtomicStore, ir.AtomicStore}, "atomicLoad": {ir.AtomicLoad, ir.AtomicLoad},
}

func init() {
	for name := range atomicOps {
		b := &builtin{name: name, args: 2, rmw: name != "atomicLoad" && name != "atomicStore"}
		if name == "atomicLoad" {
			b.args = 1
		}
		b.types = func(c *checker, e *expr) {
			p := e.args[0].t
			if p.kind != kPtr || p.elem.kind != kAtomic || p.access != acReadWrite {
				c.badArgs(e, "a pointer to an atomic in workgroup or read_write storage memory")
			}
			t := p.elem.elem
			if b.args == 2 {
				e.args[1] = c.convert(e.args[1], t, "the value")
			}
			c.noteAccess(e.args[0], name != "atomicLoad")
			c.noteAccess(e.args[0], false)
			e.finish(t)
			if name == "atomicStore" {
				e.t = tVoid
			}
			e.stage = stRuntime
		}
		define(b)
	}
	for _, name := range []string{"workgroupBarrier", "storageBarrier"} {
		define(&builtin{name: name, types: func(c *checker, e *expr) {
			e.t, e.stage = tVoid, stRuntime
			c.needFunction(e)
		}})
	}
	define(&builtin{name: "workgroupUniformLoad", args: 1, must: true, types: func(c *checker, e *expr) {
		p := e.args[0].t
		if p.kind != kPtr || p.space != spWorkgroup || p.elem.kind != kAtomic && !p.elem.constructible() {
			c.badArgs(e, "a pointer to workgroup memory that can be loaded")
		}
		t := p.elem
		if t.kind == kAtomic {
			t = t.elem
		}
		c.noteAccess(e.args[0], false)
		e.finish(t)
		e.stage = stRuntime
		c.needFunction(e)
	}})
	define(&builtin{name: "arrayLength", args: 1, must: true, types: func(c *checker, e *expr) {
		p := e.args[0].t
		if p.kind != kPtr || !p.elem.isRuntime() {
			c.badArgs(e, "a pointer to a runtime-sized array")
		}
		e.finish(tU32)
		e.stage = stRuntime
	}})
}

// needFunction notes a call that needs uniform control flow.
func (c *checker) needFunction(e *expr) {
	if c.fn == nil {
		c.fault(e.pos, "%q cannot be called outside a function", e.name)
	}
	c.barriers = true
}
