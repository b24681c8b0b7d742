package module

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
)

const benchModule = `(module
  (memory (export "memory") 4 4)
  (func (export "pad") (i32.store (i32.const 0) (i32.const 0)))
  (func (export "dot4") (param $n i32) (result f32) (local $i i32) (local $s v128)
    (loop $l
      (local.set $s (f32x4.add (local.get $s) (f32x4.mul (v128.load (local.get $i)) (v128.load offset=65536 (local.get $i)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $n))))
    (f32.add (f32x4.extract_lane 0 (local.get $s)) (f32x4.extract_lane 3 (local.get $s))))
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

// benchPlacements is in how many places each function is timed: a loop of a few instructions takes up to twice as long where
// it lies across the lines of an instruction cache, plain or not.
const benchPlacements = 8

// placed returns the module with its function "pad" made longer, so that the machine code behind it lies elsewhere.
func placed(b *testing.B, wasm []byte, by int) []byte {
	m := decode(b, wasm)
	for _, e := range m.Exports {
		if e.Name != "pad" {
			continue
		}
		c := &m.Code[int(e.Index)-m.importFuncs]
		store := []byte{byte(opI32Const), 0, byte(opI32Const), 1, 0x36, 2, 0} // i32.store, about 16 bytes of machine code
		c.Body = append(bytes.Repeat(store, by), c.Body...)
		return Encode(m)
	}
	b.Fatal("the module has no function pad")
	return nil
}

// BenchmarkOverhead times functions plain and instrumented on wazero's compiler, in turn, so that both see the same machine, and
// in several places. It reports instrumented over plain as "x" (the sums of the least times in each place) and the least and
// the greatest ratio of one place.
func BenchmarkOverhead(b *testing.B) {
	compiled, err := os.ReadFile(filepath.Join("testdata", "bench", "bench.wasm"))
	if err != nil {
		b.Fatal(err)
	}
	type function struct {
		name string
		args []uint64
	}
	for _, group := range []struct {
		name      string
		wasm      []byte
		functions []function
	}{
		{"numeric", wat(b, benchModule), []function{
			{"dot", []uint64{65536}}, {"dot4", []uint64{65536}}, {"horner", []uint64{20000, 0x3fe0000000000000}}, {"mix", []uint64{50000}}}},
		{"numeric", compiled, []function{{"crc", []uint64{60000}}, {"sha", []uint64{200}}, {"matmul", []uint64{1}}, {"mandelbrot", []uint64{32}}}},
		{"floats", wat(b, benchModule), []function{{"axpy", []uint64{65536, 0x3f000000}}, {"axpy4", []uint64{65536, 0x3f000000}}}},
		{"floats", compiled, []function{{"blur", []uint64{3}}, {"nbody", []uint64{1000}}}},
		{"branchy", wat(b, benchModule), []function{{"collatz", []uint64{2000}}, {"sieve", []uint64{60000}}}},
		{"branchy", compiled, []function{
			{"quicksort", []uint64{3000}}, {"interpreter", []uint64{5000}}, {"compress", []uint64{20000}}, {"queens", []uint64{9}}}},
		{"calls", wat(b, benchModule), []function{{"fib", []uint64{22}}, {"leaves", []uint64{50000}}}},
		{"calls", compiled, []function{{"tak", []uint64{14, 8, 3}}, {"recursive", []uint64{3000}}, {"indirect", []uint64{30000}}, {"tree", []uint64{1000}}}},
	} {
		var pairs [benchPlacements][2]*instance
		for k := range pairs {
			plain := placed(b, group.wasm, k)
			pairs[k] = [2]*instance{engines[0].start(b, plain, nil), engines[0].start(b, instrument(b, plain, Config{}).Wasm, nil)}
		}
		for _, c := range group.functions {
			b.Run(group.name+"/"+c.name, func(b *testing.B) {
				ctx := context.Background()
				var best [benchPlacements][2]float64
				for k := range best {
					best[k] = [2]float64{1e18, 1e18}
				}
				for b.Loop() {
					for k, pair := range pairs {
						pair[1].gas.Set(1 << 62)
						for j, in := range pair {
							f := in.mod.ExportedFunction(c.name)
							best[k][j] = min(best[k][j], elapsed(func() {
								if _, err := f.Call(ctx, c.args...); err != nil {
									b.Fatal(err)
								}
							}))
						}
					}
				}
				var sums [2]float64
				least, most := 1e18, 0.0
				for _, t := range best {
					sums[0], sums[1] = sums[0]+t[0], sums[1]+t[1]
					least, most = min(least, t[1]/t[0]), max(most, t[1]/t[0])
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(sums[0]/1e3/benchPlacements, "plain-µs")
				b.ReportMetric(sums[1]/sums[0], "x")
				b.ReportMetric(least, "x-least")
				b.ReportMetric(most, "x-most")
			})
		}
	}
}
