package module

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const meterModule = `(module
  (import "host" "call" (func $host (param i32)))
  (memory (export "memory") 1 3)
  (global $count (mut i32) (i32.const 0))
  (global $f (mut f64) (f64.const 1.5))
  (global $const i32 (i32.const 3))
  (data $p "passive") (data (i32.const 100) "active") (data $q "another")
  (start $begin)
  (func $begin (global.set $count (i32.add (global.get $count) (i32.const 100))))
  (func (export "count") (result i32) (global.get $count))
  (func (export "straight") (result i32) (i32.add (i32.const 1) (i32.const 2)))
  (func (export "loop") (param i32) (result i32)
    (loop
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (global.get $count))
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func $wide (export "wide") (param i32) (result i32) (local i64 i64 i64 i64 i64 i64 i64 i64)
    (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $wide (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func (export "forever") (loop (br 0)))
  (func $recurse (export "recurse") (call $recurse))
  (func (export "outer") (param i32) (result i32) (call $host (local.get 0)) (i32.add (local.get 0) (i32.const 1)))
  (func (export "copy") (param i32) (memory.copy (i32.const 0) (i32.const 1024) (local.get 0)))
  (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "init") (param i32) (memory.init $p (i32.const 0) (i32.const 0) (local.get 0)))
  (func (export "drop") (data.drop $p))
  (func (export "initq") (memory.init $q (i32.const 0) (i32.const 0) (i32.const 7)))
  (func (export "die") (unreachable))
  (func (export "zero") (result i32) (i32.div_u (i32.const 1) (global.get $count)))
  (func (export "early") (param i32) (result i32) (local i32)
    (block $out
      (loop $l
        (br_if $out (i32.eqz (local.get 0)))
        (if (i32.and (local.get 0) (i32.const 1))
          (then (local.set 1 (i32.add (local.get 1) (i32.const 2))))
          (else (if (i32.gt_u (local.get 1) (i32.const 50)) (then (return (i32.const -1))))))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br $l)))
    (local.get 1))
)`

// host offers "call": it calls the export "deep" of its caller with its argument, unless that is 0; 1000 and above
// asks for an inner call that traps and is survived.
func reenter(t testing.TB) func(wazero.HostModuleBuilder) {
	return func(b wazero.HostModuleBuilder) {
		f := func(ctx context.Context, mod api.Module, stack []uint64) {
			n := uint32(stack[0])
			if n == 0 {
				return
			}
			counter := mod.ExportedGlobal(StackExport).(api.MutableGlobal)
			before := counter.Get()
			if n >= 1000 {
				if _, err := mod.ExportedFunction("die").Call(ctx); err == nil {
					t.Error("the inner call returns, want a trap")
				}
				counter.Set(before)
				return
			}
			if got, err := mod.ExportedFunction("deep").Call(ctx, uint64(n)); err != nil {
				panic(err)
			} else if uint32(got[0]) != n {
				t.Errorf("the inner call gives %d, want %d", got[0], n)
			}
		}
		b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(f), []api.ValueType{api.ValueTypeI32}, nil).Export("call")
	}
}

func both(t *testing.T, src string, test func(t *testing.T, in *instance)) {
	t.Helper()
	raiseInterpreterCeiling(t)
	wasm := instrument(t, wat(t, src), Config{}).Wasm
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { test(t, e.start(t, wasm, reenter(t))) })
	}
}

// TestGasNumbers pins the gas of small functions, as table gt2 gives it: any change here is a new table.
func TestGasNumbers(t *testing.T) {
	both(t, meterModule, func(t *testing.T, in *instance) {
		const all = 1 << 40
		for _, c := range []struct {
			name string
			args []uint64
			used int64
		}{
			// Entry 4; const 1, const 1, add 1.
			{"straight", nil, 7},
			// Entry 4, global.get 2 behind the loop; each turn 2+1+1+2 for the count and 1+1+1+1+1 for the condition.
			{"loop", []uint64{1}, 6 + 11}, {"loop", []uint64{10}, 6 + 110}, {"loop", []uint64{1000}, 6 + 11000},
			// Entry 4; three operands of 1, memory.copy 16, one for every 16 bytes.
			{"copy", []uint64{0}, 23}, {"copy", []uint64{15}, 23}, {"copy", []uint64{16}, 24}, {"copy", []uint64{64000}, 23 + 4000},
			{"fill", []uint64{160}, 33}, {"init", []uint64{7}, 23},
			// Entry 4, operand 1, memory.grow 64, 4096 a page; nothing for an impossible number of pages.
			{"grow", []uint64{0}, 69}, {"grow", []uint64{1}, 69 + 4096}, {"grow", []uint64{2}, 69 + 8192}, {"grow", []uint64{65537}, 69},
			{"grow", []uint64{math.MaxUint32}, 69},
			// Entry 4, local.get and if 2; the arms cost 11 (the call 4+1+1) and 1, and the dearer is paid ahead.
			{"deep", []uint64{0}, 17}, {"deep", []uint64{1}, 34},
		} {
			r := in.callWith(all, DefaultStack, c.name, c.args...)
			if r.trap != "" || all-r.gas != c.used {
				t.Errorf("%s%v: used %d gas, trap %q, want %d and none", c.name, c.args, all-r.gas, r.trap, c.used)
			}
		}
	})
}

// TestOutOfGas gives each function exactly its gas, one less, and none.
func TestOutOfGas(t *testing.T) {
	both(t, meterModule, func(t *testing.T, in *instance) {
		for _, c := range []struct {
			name string
			args []uint64
		}{
			{"straight", nil}, {"loop", []uint64{100}}, {"deep", []uint64{50}}, {"outer", []uint64{20}}, {"copy", []uint64{4096}},
			{"early", []uint64{40}}, {"early", []uint64{200}}, {"count", nil},
		} {
			full := in.call(c.name, c.args...)
			if full.trap != "" {
				t.Fatalf("%s: %s", c.name, full.trap)
			}
			used := math.MaxInt64/2 - full.gas
			if r := in.callWith(used, DefaultStack, c.name, c.args...); r.trap != "" || r.gas != 0 {
				t.Errorf("%s with exactly %d gas: trap %q, %d left, want none and 0", c.name, used, r.trap, r.gas)
			}
			for _, gas := range []int64{0, used / 2, used - 1} {
				r := in.callWith(gas, DefaultStack, c.name, c.args...)
				if r.trap != "out of gas" && (c.name != "outer" || r.gas >= 0) {
					t.Errorf("%s with %d of %d gas: trap %q, %d left, want out of gas", c.name, gas, used, r.trap, r.gas)
				}
			}
		}
		if r := in.callWith(1_000_000, DefaultStack, "forever"); r.trap != "out of gas" {
			t.Errorf("an endless loop: %q, want out of gas", r.trap)
		}
		// The loop's turns that were paid for have run, and no more.
		before := in.call("count").values[0]
		if r := in.callWith(6+11*7, DefaultStack, "loop", 1000); r.trap != "out of gas" {
			t.Errorf("loop: %q, want out of gas", r.trap)
		}
		if after := in.call("count").values[0]; after != before+7 {
			t.Errorf("with gas for 7 turns the loop ran %d", after-before)
		}
	})
}

func TestStackOverflow(t *testing.T) {
	both(t, meterModule, func(t *testing.T, in *instance) {
		depth := func(name string, stack int64) uint64 {
			low, high := uint64(0), uint64(1<<20)
			for low < high {
				mid := (low + high + 1) / 2
				r := in.callWith(math.MaxInt64/2, stack, name, mid)
				switch r.trap {
				case "":
					if r.stack != stack {
						t.Fatalf("%s(%d) left %d stack, want %d", name, mid, r.stack, stack)
					}
					low = mid
				case "stack overflow":
					high = mid - 1
				default:
					t.Fatalf("%s(%d): %s", name, mid, r.trap)
				}
			}
			return low
		}
		// These numbers are part of what a job means: they may not depend on the engine.
		if deep, wide := depth("deep", 30_000), depth("wide", 30_000); deep != 1362 || wide != 788 {
			t.Errorf("30,000 units hold %d small and %d wide frames, want 1362 and 788", deep, wide)
		}
		if r := in.call("recurse"); r.trap != "stack overflow" {
			t.Errorf("endless recursion with the default stack: %q, want stack overflow", r.trap)
		}
		if r := in.callWith(1000, DefaultStack, "recurse"); r.trap != "out of gas" {
			t.Errorf("endless recursion with little gas: %q, want out of gas", r.trap)
		}
		// After a trap the instance goes on with fresh counters.
		if r := in.call("deep", 100); r.trap != "" || r.values[0] != 100 {
			t.Errorf("after an overflow: %v %q", r.values, r.trap)
		}
	})
}

func TestHostCallsBack(t *testing.T) {
	both(t, meterModule, func(t *testing.T, in *instance) {
		plain := in.call("outer", 0)
		inner := in.call("deep", 20)
		again := in.call("outer", 20)
		const all = math.MaxInt64 / 2
		if again.trap != "" || again.stack != DefaultStack || all-again.gas != (all-plain.gas)+(all-inner.gas) {
			t.Errorf("outer call used %d with stack %d left, want %d + %d", all-again.gas, again.stack, all-plain.gas, all-inner.gas)
		}
		if r := in.call("outer", 1000); r.trap != "" || r.values[0] != 1001 || r.stack != DefaultStack {
			t.Errorf("after a survived inner trap: %v %q, stack %d", r.values, r.trap, r.stack)
		}
		// The inner call meets what the outer one left of the stack.
		if r := in.callWith(all, 300, "outer", 20); r.trap == "" {
			t.Error("an inner call in 300 units of stack runs 20 deep, want an overflow")
		}
	})
}

func TestTraps(t *testing.T) {
	both(t, meterModule, func(t *testing.T, in *instance) {
		for name, want := range map[string]string{"die": "unreachable executed", "zero": "integer divide by zero"} {
			if r := in.call(name); r.trap != want || r.gas < 0 || r.stack < 0 {
				t.Errorf("%s: %q (gas %d, stack %d), want %q", name, r.trap, r.gas, r.stack, want)
			}
		}
		if r := in.call("copy", math.MaxUint32); r.trap != "out of bounds memory access" {
			t.Errorf("copy of 4 GiB: %q", r.trap)
		}
		if r := in.callWith(1<<20, DefaultStack, "copy", math.MaxUint32); r.trap != "out of gas" {
			t.Errorf("copy of 4 GiB with little gas: %q", r.trap)
		}
	})
}

// TestState checks what a host needs to snapshot: all mutable globals, the flags of dropped segments, the start function.
func TestState(t *testing.T) {
	ins := instrument(t, wat(t, meterModule), Config{Gas: 1 << 40})
	want := []GlobalRef{{"gw:g0", 0, I32}, {"gw:g1", 1, F64}}
	if !slices.Equal(ins.Globals, want) {
		t.Errorf("found globals %v, want %v", ins.Globals, want)
	}
	if !slices.Equal(ins.Drops, []DropRef{{Export: "gw:d0", Segment: 0}}) || ins.Redrop != RedropExport || ins.Start != StartExport {
		t.Errorf("found drops %v, redrop %q, start %q", ins.Drops, ins.Redrop, ins.Start)
	}
	for _, e := range engines {
		in := e.start(t, ins.Wasm, reenter(t))
		global := func(in *instance, name string) api.MutableGlobal {
			return in.mod.ExportedGlobal(name).(api.MutableGlobal)
		}
		if got := in.call("count").values[0]; got != 0 {
			t.Errorf("%s: the start function ran during instantiation", e.name)
		}
		in.call(ins.Start)
		if got := in.call("count").values[0]; got != 100 {
			t.Errorf("%s: after the start function found %d, want 100", e.name, got)
		}
		if global(in, "gw:d0").Get() != 0 {
			t.Errorf("%s: the segment's flag is set before it is dropped", e.name)
		}
		if r := in.call("init", 7); r.trap != "" {
			t.Errorf("%s: init: %s", e.name, r.trap)
		}
		in.call("drop")
		if global(in, "gw:d0").Get() != 1 {
			t.Errorf("%s: the segment's flag is not set after it was dropped", e.name)
		}
		if r := in.call("init", 7); r.trap != "out of bounds memory access" {
			t.Errorf("%s: init of a dropped segment: %q", e.name, r.trap)
		}
		// Restore into a new instance.
		again := e.start(t, ins.Wasm, reenter(t))
		for _, g := range ins.Globals {
			global(again, g.Export).Set(in.mod.ExportedGlobal(g.Export).Get())
		}
		for _, d := range ins.Drops {
			global(again, d.Export).Set(in.mod.ExportedGlobal(d.Export).Get())
		}
		again.call(ins.Redrop)
		if got := again.call("count").values[0]; got != 100 {
			t.Errorf("%s: restored count is %d, want 100", e.name, got)
		}
		if r := again.call("init", 7); r.trap != "out of bounds memory access" {
			t.Errorf("%s: init of a segment dropped before the restore: %q", e.name, r.trap)
		}
		if r := again.call("initq"); r.trap != "" {
			t.Errorf("%s: init of a segment never dropped: %q", e.name, r.trap)
		}
	}
}
