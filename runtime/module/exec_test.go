package module

import (
	"reflect"
	"testing"
)

const mixed = `(module
  (memory (export "memory") 1 4)
  (table 2 funcref) (elem (i32.const 0) $fib $swap3)
  (type $ii (func (param i32) (result i32)))
  (global $g (mut i32) (i32.const 7))
  (data $d "hello")
  (func $swap3 (param i32 i64 f32) (result f32 i64 i32) local.get 2 local.get 1 local.get 0)
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (return (local.get 0)))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "multi") (param i32) (result f32 i64 i32)
    (block (result f32 i64 i32)
      (call $swap3 (local.get 0) (i64.const 5) (f32.const 1.5))
      (br_if 1 (i32.gt_u (local.get 0) (i32.const 10)))))
  (func (export "sum") (param i32) (result i32) (local i32)
    (loop (result i32)
      (local.set 1 (i32.add (local.get 1) (i32.rem_u (local.get 0) (i32.const 7))))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if 0 (local.get 0))
      (local.get 1)))
  (func (export "switch") (param i32) (result i32)
    (block (block (block (br_table 0 1 2 (local.get 0))) (return (i32.const 100))) (return (i32.const 200))) (i32.const 300))
  (func (export "fill") (param i32) (result i32)
    (memory.fill (i32.const 0) (i32.const 3) (local.get 0)) (i32.load8_u (i32.const 5)))
  (func (export "init") (result i32)
    (memory.init $d (i32.const 10) (i32.const 0) (i32.const 5)) (data.drop $d) (i32.load8_u (i32.const 11)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "indirect") (param i32) (result i32) (call_indirect (type $ii) (i32.const 9) (local.get 0)))
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "rem") (param i32 i32) (result i32) (i32.rem_u (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "trunc") (param f32) (result i32) (i32.trunc_f32_s (local.get 0)))
  (func (export "die") unreachable)
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func (export "set") (param i32) (global.set $g (local.get 0)))
  (func (export "get") (result i32) (global.get $g))
)`

// TestRunsLikePlain calls every function of a module plain and instrumented on both engines: the same values, the same
// traps, and the same gas on both.
func TestRunsLikePlain(t *testing.T) {
	plain := wat(t, mixed)
	in := instrument(t, plain, Config{})
	if err := decode(t, plain).Check(nil, Limits{}); err != nil {
		t.Fatal(err)
	}
	calls := []struct {
		name string
		args []uint64
	}{
		{"fib", []uint64{15}}, {"multi", []uint64{3}}, {"multi", []uint64{30}}, {"sum", []uint64{1000}},
		{"switch", []uint64{0}}, {"switch", []uint64{1}}, {"switch", []uint64{2}}, {"switch", []uint64{99}},
		{"fill", []uint64{100}}, {"fill", []uint64{0}}, {"fill", []uint64{65537}}, {"init", nil}, {"init", nil},
		{"grow", []uint64{1}}, {"grow", []uint64{1}}, {"grow", []uint64{7}}, {"grow", []uint64{0xffffffff}},
		{"indirect", []uint64{0}}, {"indirect", []uint64{1}}, {"indirect", []uint64{2}},
		{"div", []uint64{7, 2}}, {"div", []uint64{7, 0}}, {"div", []uint64{1 << 31, 0xffffffff}},
		{"rem", []uint64{0xfffffff3, 19}}, {"rem", []uint64{7, 0}}, {"rem", []uint64{18, 19}}, {"rem", []uint64{5, 0xffffffff}},
		{"load", []uint64{1 << 20}}, {"trunc", []uint64{0x7fc00000}}, {"trunc", []uint64{0x4f800000}}, {"die", nil},
		{"deep", []uint64{900}}, {"set", []uint64{9}}, {"get", nil},
	}
	var gas []int64
	for k, e := range engines {
		p, q := e.start(t, plain, nil), e.start(t, in.Wasm, nil)
		for i, c := range calls {
			want, got := p.call(c.name, c.args...), q.call(c.name, c.args...)
			if want.trap == "unreachable" {
				want.trap = "unreachable executed"
			}
			if !reflect.DeepEqual(got.values, want.values) || got.trap != want.trap {
				t.Errorf("%s: %s%v: got %v %q, plain gives %v %q", e.name, c.name, c.args, got.values, got.trap, want.values, want.trap)
			}
			if got.trap == "" && got.stack != DefaultStack {
				t.Errorf("%s: %s%v: left the stack counter at %d, want %d", e.name, c.name, c.args, got.stack, DefaultStack)
			}
			if k == 0 {
				gas = append(gas, got.gas)
			} else if gas[i] != got.gas {
				t.Errorf("%s%v: gas left differs, %d and %d", c.name, c.args, gas[i], got.gas)
			}
		}
	}
}
