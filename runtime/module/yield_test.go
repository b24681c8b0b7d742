package module

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// A guest that loops, or recurses without a loop, for as long as its gas lasts holds up neither a garbage collection nor
// the host that wants to stop it. Where it does, this test hangs.
func TestGuestYields(t *testing.T) {
	in := instrument(t, wat(t, `(module (memory (export "memory") 1 1)
	  (func (export "loop") (loop $l (br $l)))
	  (func (export "nested") (local i32)
	    (loop $o (local.set 0 (i32.const 3)) (loop $i (br_if $i (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (br $o)))
	  (func $tree (export "tree") (param i32) (result i32)
	    (if (result i32) (local.get 0)
	      (then (i32.add (call $tree (i32.sub (local.get 0) (i32.const 1))) (call $tree (i32.sub (local.get 0) (i32.const 1)))))
	      (else (i32.const 1)))))`), Config{})
	for _, e := range engines {
		for _, name := range []string{"loop", "nested", "tree"} {
			var args []uint64
			if name == "tree" {
				args = []uint64{200}
			}
			i := e.start(t, in.Wasm, nil)
			done := make(chan result)
			go func() { done <- i.call(name, args...) }()
			for range 3 {
				runtime.GC()
			}
			i.mod.ExportedGlobal(StopExport).(api.MutableGlobal).Set(1)
			if r := <-done; r.trap != TrapGuest.String() {
				t.Errorf("%s, %s: %q, want that it is stopped", e.name, name, r.trap)
			}
		}
	}
	// Yielding costs no gas and does not move the end.
	for _, e := range engines {
		i := e.start(t, in.Wasm, nil)
		if r := i.callWith(3*yieldEvery+5, DefaultStack, "nested"); r.trap != TrapOutOfGas.String() {
			t.Errorf("%s: %q, want out of gas", e.name, r.trap)
		}
	}
}

// Where a guest yields cannot be seen: with the mark at zero it yields nowhere, and its results, gas and traps are the
// same. The loops carry values, and are left by every kind of branch.
func TestYieldingIsInvisible(t *testing.T) {
	wasm := wat(t, `(module (memory (export "memory") 1 1)
	  (func (export "carry") (param i32) (result i32 i64) (local $h i64)
	    (local.get 0) (i64.const 7)
	    (loop $l (param i32 i64) (result i32 i64)
	      (local.set $h (i64.add (i64.mul (i64.const 3)) (i64.const 1)))
	      (local.set 0 (i32.sub (i32.const 1)))
	      (local.get 0) (local.get $h)
	      (br_if $l (local.get 0))))
	  (func (export "leave") (param i32 i32) (result i32) (local $n i32)
	    (block $a (block $b (block $c
	      (loop $l
	        (local.set $n (i32.add (local.get $n) (i32.const 1)))
	        (block $in
	          (br_if $in (i32.lt_u (local.get $n) (local.get 0)))
	          (if (i32.eq (local.get 1) (i32.const 5)) (then (return (i32.const -1))))
	          (if (i32.eq (local.get 1) (i32.const 6)) (then (br $b)))
	          (if (i32.eq (local.get 1) (i32.const 7)) (then (br 6 (i32.const -2))))
	          (br_if $c (i32.eq (local.get 1) (i32.const 8)))
	          (br_table $a $b $c $in $a (local.get 1)))
	        (br_if $l (i32.lt_u (local.get $n) (i32.add (local.get 0) (i32.const 9))))
	        (drop (i32.const 1)))
	      (return (i32.add (local.get $n) (i32.const 1000))))
	      (return (i32.const 3)))
	      (return (i32.const 2)))
	    (i32.const 1))
	  (func (export "nested") (param i32) (result i32) (local $i i32) (local $s i32)
	    (block $out (result i32)
	      (loop $o (result i32)
	        (local.set $i (i32.const 0))
	        (loop $l
	          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 5)) (local.get $i)))
	          (local.set $i (i32.add (local.get $i) (i32.const 1)))
	          (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
	          (if (i32.eqz (local.get 0)) (then (br $out (local.get $s))))
	          (br_if $o (i32.eq (local.get $i) (i32.const 1000)))
	          (br $l))
	        (unreachable)))))`)
	in := instrument(t, wasm, Config{})
	plain := engines[0].start(t, wasm, nil)
	type call struct {
		name string
		args []uint64
	}
	calls := []call{{"carry", []uint64{200_000}}, {"nested", []uint64{200_000}}}
	for k := range uint64(10) {
		calls = append(calls, call{"leave", []uint64{300_000, k}})
	}
	for _, e := range engines {
		i := e.start(t, in.Wasm, nil)
		mark := i.mod.ExportedGlobal(markExport).(api.MutableGlobal)
		for _, c := range calls {
			const all = 1 << 40
			run := func(gas int64, from uint64) string {
				mark.Set(from)
				r := i.callWith(gas, DefaultStack, c.name, c.args...)
				return fmt.Sprint(r.values, r.trap, r.gas, r.stack)
			}
			r := i.callWith(all, DefaultStack, c.name, c.args...)
			if want := plain.call(c.name, c.args...); fmt.Sprint(r.values) != fmt.Sprint(want.values) || r.trap != "" {
				t.Errorf("%s, %s%v: %v %q, plain %v", e.name, c.name, c.args, r.values, r.trap, want.values)
			}
			if all-r.gas < 2*yieldEvery {
				t.Errorf("%s%v uses %d gas, too little to yield twice", c.name, c.args, all-r.gas)
			}
			for _, gas := range []int64{all, all - r.gas, all - r.gas - 1, (all - r.gas) / 2, (all-r.gas)/2 + 1} {
				if often, never := run(gas, 1<<62), run(gas, 0); often != never {
					t.Errorf("%s, %s%v with %d gas: %s, without yielding %s", e.name, c.name, c.args, gas, often, never)
				}
			}
		}
	}
}

// wazero's amd64 compiler gets selects of floats wrong where operands are spilled around a call. Random functions full
// of such selects have to give on both engines what Go computes.
func TestSelectOfFloats(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	const functions = 60
	for _, typ := range []string{"f32", "f64"} {
		var text strings.Builder
		fmt.Fprintf(&text, `(module (memory (export "memory") 1 1) (func $g (param %[1]s) (result %[1]s) (%[1]s.add (local.get 0) (%[1]s.const 1)))`, typ)
		var truth []func(a [4]float64, mask int) float64
		for f := range functions {
			fmt.Fprintf(&text, "\n(func (export \"f%d\") (param %[2]s %[2]s %[2]s %[2]s i32) (result %[2]s)", f, typ)
			var steps []func(v *[4]float64, mask int)
			for range 4 + random.IntN(10) {
				d, x, y, bit := random.IntN(4), random.IntN(4), random.IntN(4), 1<<random.IntN(3)
				switch random.IntN(3) {
				case 0:
					fmt.Fprintf(&text, " (local.set %d (%s.add (local.get %d) (local.get %d)))", d, typ, x, y)
					steps = append(steps, func(v *[4]float64, _ int) { v[d] = v[x] + v[y] })
				case 1:
					fmt.Fprintf(&text, " (local.set %d (call $g (local.get %d)))", d, x)
					steps = append(steps, func(v *[4]float64, _ int) { v[d] = v[x] + 1 })
				default:
					kind := []string{"select", "select (result " + typ + ")"}[random.IntN(2)]
					fmt.Fprintf(&text, " (local.set %d (%s (local.get %d) (local.get %d) (i32.and (local.get 4) (i32.const %d))))", d, kind, x, y, bit)
					steps = append(steps, func(v *[4]float64, mask int) {
						if mask&bit != 0 {
							v[d] = v[x]
						} else {
							v[d] = v[y]
						}
					})
				}
			}
			fmt.Fprintf(&text, " (%[1]s.add (local.get 0) (%[1]s.add (local.get 1) (%[1]s.add (local.get 2) (local.get 3)))))", typ)
			truth = append(truth, func(a [4]float64, mask int) float64 {
				for _, s := range steps {
					s(&a, mask)
				}
				return a[0] + a[1] + a[2] + a[3]
			})
		}
		text.WriteString(")")
		in := instrument(t, wat(t, text.String()), Config{})
		for _, e := range engines {
			i := e.start(t, in.Wasm, nil)
			for f := range functions {
				for mask := range 8 {
					// Small whole numbers: every sum is exact in both formats.
					a := [4]float64{1, 10, 100, 1000}
					args := make([]uint64, 5)
					for k := range a {
						args[k] = math.Float64bits(a[k])
						if typ == "f32" {
							args[k] = uint64(math.Float32bits(float32(a[k])))
						}
					}
					args[4] = uint64(mask)
					r := i.call(fmt.Sprintf("f%d", f), args...)
					if r.trap != "" {
						t.Fatalf("%s: %s", e.name, r.trap)
					}
					got := math.Float64frombits(r.values[0])
					if typ == "f32" {
						got = float64(math.Float32frombits(uint32(r.values[0])))
					}
					if want := truth[f](a, mask); got != want {
						t.Errorf("%s, %s, function %d, mask %d: %v, want %v", e.name, typ, f, mask, got, want)
					}
				}
			}
		}
	}
}
