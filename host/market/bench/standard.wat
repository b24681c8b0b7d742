;; The standard module of benchmarks, version 1: in each step as many rounds as the seed says of what modules do most, integer arithmetic,
;; loads and stores over 64 KiB, and floats; ten steps.
(module
  (import "gw" "seed" (func $seed (result i64)))
  (import "gw" "output_write" (func $out (param i32 i32 i32 i32)))
  (memory (export "memory") 2 2)
  (data (i32.const 0) "sum")
  (global $step (mut i32) (i32.const 0))
  (global $x (mut i32) (i32.const 1))
  (global $f (mut f32) (f32.const 1))
  (func (export "gw_step") (result i32)
    (local $n i64) (local $x i32) (local $at i32) (local $f f32)
    (local.set $n (call $seed))
    (local.set $x (global.get $x))
    (local.set $f (global.get $f))
    (block $done
      (loop $round
        (br_if $done (i64.eqz (local.get $n)))
        (local.set $n (i64.sub (local.get $n) (i64.const 1)))
        ;; xorshift
        (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 13))))
        (local.set $x (i32.xor (local.get $x) (i32.shr_u (local.get $x) (i32.const 17))))
        (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 5))))
        ;; a word somewhere in the second page
        (local.set $at (i32.add (i32.const 65536) (i32.and (local.get $x) (i32.const 65532))))
        (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $x)))
        ;; a float that stays between 0.5 and 2
        (local.set $f (f32.add (f32.mul (local.get $f) (f32.const 0.5)) (f32.const 0.75)))
        (br $round)))
    (global.set $x (local.get $x))
    (global.set $f (local.get $f))
    (global.set $step (i32.add (global.get $step) (i32.const 1)))
    (i32.store (i32.const 16) (local.get $x))
    (f32.store (i32.const 20) (local.get $f))
    (call $out (i32.const 0) (i32.const 3) (i32.const 16) (i32.const 8))
    (i32.lt_u (global.get $step) (i32.const 10))))
