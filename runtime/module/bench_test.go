package module

import (
	"context"
	"testing"
)

const benchModule = `(module
  (memory (export "memory") 4 4)
  (func (export "dot") (param $n i32) (result f32) (local $i i32) (local $s f32)
    (loop $l
      (local.set $s (f32.add (local.get $s) (f32.mul (f32.load (local.get $i)) (f32.load offset=65536 (local.get $i)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $n))))
    (local.get $s))
  (func (export "axpy") (param $n i32) (param $a f32) (local $i i32)
    (loop $l
      (f32.store offset=65536 (local.get $i) (f32.add (f32.load offset=65536 (local.get $i)) (f32.mul (local.get $a) (f32.load (local.get $i)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $n)))))
  (func (export "axpy4") (param $n i32) (param $a f32) (local $i i32) (local $v v128)
    (local.set $v (f32x4.splat (local.get $a)))
    (loop $l
      (v128.store offset=65536 (local.get $i) (f32x4.add (v128.load offset=65536 (local.get $i)) (f32x4.mul (local.get $v) (v128.load (local.get $i)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $n)))))
  (func (export "horner") (param $n i32) (param $x f64) (result f64) (local $s f64)
    (loop $l
      (local.set $s (f64.add (f64.mul (local.get $s) (local.get $x)) (f64.const 1.25)))
      (local.set $s (f64.sub (f64.mul (local.get $s) (local.get $x)) (f64.const 0.5)))
      (local.set $s (f64.add (f64.mul (local.get $s) (local.get $x)) (f64.const 0.125)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "mix") (param $n i32) (result i64) (local $h i64)
    (local.set $h (i64.const 88172645463325252))
    (loop $l
      (local.set $h (i64.xor (local.get $h) (i64.shl (local.get $h) (i64.const 13))))
      (local.set $h (i64.xor (local.get $h) (i64.shr_u (local.get $h) (i64.const 7))))
      (local.set $h (i64.mul (i64.xor (local.get $h) (i64.shl (local.get $h) (i64.const 17))) (i64.const 0x2545F4914F6CDD1D)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $h))
  (func (export "collatz") (param $n i32) (result i32) (local $x i32) (local $steps i32)
    (loop $outer
      (local.set $x (local.get $n))
      (block $done
        (loop $l
          (br_if $done (i32.le_u (local.get $x) (i32.const 1)))
          (if (i32.and (local.get $x) (i32.const 1))
            (then (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 3)) (i32.const 1))))
            (else (local.set $x (i32.shr_u (local.get $x) (i32.const 1)))))
          (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
          (br $l)))
      (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $steps))
  (func (export "sieve") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $count i32)
    (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
    (local.set $i (i32.const 2))
    (loop $l
      (if (i32.eqz (i32.load8_u (local.get $i)))
        (then
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (local.set $j (i32.shl (local.get $i) (i32.const 1)))
          (block $done (loop $m
            (br_if $done (i32.ge_u (local.get $j) (local.get $n)))
            (i32.store8 (local.get $j) (i32.const 1))
            (local.set $j (i32.add (local.get $j) (local.get $i)))
            (br $m)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $count))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $leaf (param i32 i32) (result i32) (i32.add (i32.mul (local.get 0) (i32.const 31)) (local.get 1)))
  (func (export "leaves") (param $n i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (call $leaf (local.get $s) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
)`

// BenchmarkOverhead times the same functions plain and instrumented on wazero's compiler, and reports instrumented over
// plain as "x". The two alternate, so that both see the same machine.
func BenchmarkOverhead(b *testing.B) {
	plain := wat(b, benchModule)
	in := instrument(b, plain, Config{})
	p, q := engines[0].start(b, plain, nil), engines[0].start(b, in.Wasm, nil)
	q.gas.Set(1 << 62)
	for _, c := range []struct {
		name string
		args []uint64
	}{
		{"dot", []uint64{65536}},
		{"axpy", []uint64{65536, 0x3f000000}},
		{"axpy4", []uint64{65536, 0x3f000000}},
		{"horner", []uint64{20000, 0x3fe0000000000000}},
		{"mix", []uint64{50000}},
		{"collatz", []uint64{2000}},
		{"sieve", []uint64{60000}},
		{"fib", []uint64{22}},
		{"leaves", []uint64{50000}},
	} {
		b.Run(c.name, func(b *testing.B) {
			ctx := context.Background()
			f, g := p.mod.ExportedFunction(c.name), q.mod.ExportedFunction(c.name)
			best := [2]float64{1e18, 1e18}
			for b.Loop() {
				for k, fn := range []interface {
					Call(context.Context, ...uint64) ([]uint64, error)
				}{f, g} {
					best[k] = min(best[k], elapsed(func() {
						if _, err := fn.Call(ctx, c.args...); err != nil {
							b.Fatal(err)
						}
					}))
				}
			}
			b.ReportMetric(best[0]/1e3, "plain-µs")
			b.ReportMetric(best[1]/best[0], "x")
		})
	}
}
