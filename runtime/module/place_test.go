package module

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// dear is 20 gas of instructions, more than GasAhead.
var dear = strings.Repeat("(drop (i32.const 0))", 10)

// small is 6 gas.
var small = strings.Repeat("(drop (i32.const 0))", 3)

// TestGasPlacement pins what is paid on paths that leave early: what is dear and not reached is not paid, what is cheap
// may be, up to GasAhead.
func TestGasPlacement(t *testing.T) {
	src := `(module (memory (export "memory") 1 1)
	(func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
	(func (export "calls") (param i32) (result i32) (local i32)
	  (loop (local.set 1 (call $leaf (local.get 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
	  (local.get 1))
	(table 1 funcref) (elem (i32.const 0) $leaf) (type $t (func (param i32) (result i32)))
	(func (export "indirect") (param i32) (result i32) (local i32)
	  (loop (local.set 1 (call_indirect (type $t) (local.get 1) (i32.const 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
	  (local.get 1))
	(func (export "out") (param i32) (block (if (local.get 0) (then (br 1))) ` + dear + `))
	(func (export "far") (param i32) (block (block (if (local.get 0) (then (br 2)))) ` + dear + `))
	(func (export "in") (param i32) (block (if (local.get 0) (then (br 0)))) ` + dear + `)
	(func (export "arm") (param i32) (if (local.get 0) (then ` + dear + `)))
	(func (export "arms") (param i32) (if (local.get 0) (then ` + dear + `) (else ` + dear + dear + `)))
	(func (export "chain") (param i32) (block ` + strings.Repeat("(br_if 0 (local.get 0))", 30) + `))
	(func (export "switch") (param i32)
	  (block $out (block (block (block (block (br_table 0 1 2 3 $out (local.get 0)))
	    ` + small + ` (br $out)) ` + small + ` (br $out)) ` + small + ` (br $out)) ` + small + ` (br $out)))
	)`
	both(t, src, func(t *testing.T, in *instance) {
		const all = 1 << 40
		for _, c := range []struct {
			name string
			arg  uint64
			used int64
		}{
			// A turn: local.get, call 4+1+1, local.set, 5 for the condition = 13; the leaf 4+3. Around: 4 and 1.
			{"calls", 1, 5 + 20}, {"calls", 2, 5 + 40}, {"calls", 100, 5 + 2000},
			// call_indirect costs 8+1+1 and has one operand more.
			{"indirect", 1, 5 + 25}, {"indirect", 100, 5 + 2500},
			// 4 + 2 for the condition + 1 for br, which is paid ahead; 20 behind it only when it is reached.
			{"out", 1, 7}, {"out", 0, 27}, {"far", 1, 7}, {"far", 0, 27}, {"in", 1, 27}, {"in", 0, 27},
			{"arm", 0, 6}, {"arm", 1, 26}, {"arms", 1, 26}, {"arms", 0, 46},
			// 30 times 2; taken at once, 4 + 2 and some ahead: from the end, every ninth keeps its payment.
			{"chain", 0, 64}, {"chain", 1, 10},
			// 4 + 1 + 3 for br_table; two of the cases' 7 are paid ahead, the others where they are reached.
			{"switch", 4, 8 + 14}, {"switch", 3, 8 + 14}, {"switch", 2, 8 + 14}, {"switch", 1, 8 + 14 + 7}, {"switch", 0, 8 + 14 + 7},
		} {
			r := in.callWith(all, DefaultStack, c.name, c.arg)
			if r.trap != "" || all-r.gas != c.used {
				t.Errorf("%s(%d): used %d gas, trap %q, want %d and none", c.name, c.arg, all-r.gas, r.trap, c.used)
			}
		}
	})
}

// TestNaNPlacement looks at values whose NaNs travel before they show: those arithmetic made are canonical where they
// show, those loaded keep their bits.
func TestNaNPlacement(t *testing.T) {
	const load, add = "(f32.load (i32.const 0))", "(f32.add (f32.load (i32.const 0)) (f32.load (i32.const 4)))"
	const vload = "(v128.load (i32.const 0))"
	src := `(module (memory (export "memory") 1 1)
	(func (export "mixed") (param i32) (local $x f32)
	  (if (local.get 0) (then (local.set $x ` + load + `)) (else (local.set $x ` + add + `)))
	  (f32.store (i32.const 64) (local.get $x)))
	(func (export "chained") (param i32) (local $a f32) (local $b f32)
	  (local.set $a ` + add + `)
	  (local.set $b ` + load + `)
	  (if (i32.eqz (local.get 0)) (then (local.set $b (local.get $a))))
	  (f32.store (i32.const 64) (local.get $b)))
	(func (export "spread") (param i32) (local $a f32) (local $b f32)
	  (if (local.get 0) (then (local.set $a ` + load + `)) (else (local.set $a ` + add + `)))
	  (local.set $b ` + add + `)
	  (if (local.get 0) (then (local.set $b (local.get $a))))
	  (f32.store (i32.const 64) (local.get $b)))
	(func (export "tee") (param i32) (local $a f32) (local $b f32)
	  (if (local.get 0) (then (local.set $b (local.tee $a ` + load + `))) (else (local.set $b (local.tee $a ` + add + `))))
	  (f32.store (i32.const 64) (local.get $b)))
	(func (export "loop") (param i32) (local $s f32) (local $i i32)
	  (loop (local.set $s (f32.add (local.get $s) (f32.add ` + load + ` (f32.const 1))))
	    (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
	  (if (local.get 0) (then (f32.store (i32.const 64) ` + load + `)) (else (f32.store (i32.const 64) (local.get $s)))))
	(func (export "across1") (v128.store (i32.const 64) (f64x2.add (f32x4.add ` + vload + vload + `) (v128.load (i32.const 128)))))
	(func (export "across2") (v128.store (i32.const 80) (f32x4.add ` + vload + vload + `))
	  (v128.store (i32.const 80) (f64x2.add (v128.load (i32.const 80)) (v128.load (i32.const 128)))))
	(func (export "shape1") (local $v v128) (local $w v128)
	  (local.set $v (f32x4.mul ` + vload + vload + `)) (local.set $w (f64x2.mul (local.get $v) (v128.load (i32.const 128))))
	  (local.set $v (f64x2.add (local.get $w) (local.get $w)))
	  (v128.store (i32.const 64) (local.get $v)))
	(func (export "shape2")
	  (v128.store (i32.const 80) (f32x4.mul ` + vload + vload + `))
	  (v128.store (i32.const 96) (f64x2.mul (v128.load (i32.const 80)) (v128.load (i32.const 128))))
	  (v128.store (i32.const 80) (f64x2.add (v128.load (i32.const 96)) (v128.load (i32.const 96)))))
	)`
	const payload = 0xffa12345
	both(t, src, func(t *testing.T, in *instance) {
		mem := in.mod.Memory()
		mem.WriteUint32Le(0, payload)
		mem.WriteUint32Le(4, 0x7fd55555)
		mem.WriteUint32Le(8, 0x7f812345)
		mem.WriteUint32Le(12, 0xffc54321)
		mem.WriteUint64Le(128, math.Float64bits(1))
		mem.WriteUint64Le(136, math.Float64bits(1.25))
		show := func(name string, args ...uint64) uint32 {
			if r := in.call(name, args...); r.trap != "" {
				t.Fatalf("%s: %s", name, r.trap)
			}
			v, _ := mem.ReadUint32Le(64)
			return v
		}
		for _, name := range []string{"mixed", "chained", "spread", "tee", "loop"} {
			if got := show(name, 1); got != payload {
				t.Errorf("%s: a loaded NaN comes out as 0x%x, want 0x%x", name, got, payload)
			}
			if got := show(name, 0); got != canonF32 {
				t.Errorf("%s: an arithmetic NaN comes out as 0x%x, want 0x%x", name, got, canonF32)
			}
		}
		for _, name := range []string{"across", "shape"} {
			show(name + "1")
			show(name + "2")
			out, _ := mem.Read(64, 32)
			if string(out[:16]) != string(out[16:]) {
				t.Errorf("%s: NaNs of one shape taken in the other give % x, through memory % x", name, out[:16], out[16:])
			}
			if binary.LittleEndian.Uint64(out) == 0 {
				t.Errorf("%s: found zero, want bits of a NaN as a number", name)
			}
		}
	})
}
