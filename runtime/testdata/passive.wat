;; Passive segments, one dropped in step 1, one used in step 3; a start function; a mutable global of each type.
(module
  (import "gw" "output_write" (func $out (param i32 i32 i32 i32)))
  (memory (export "memory") 1 4)
  (data $name (i32.const 0) "o")
  (data $a "aaaa")
  (data $b "bbbb")
  (global $n (mut i32) (i32.const 0))
  (global $l (mut i64) (i64.const -5))
  (global $f (mut f32) (f32.const 1.5))
  (global $d (mut f64) (f64.const -0.25))
  (func $start (global.set $n (i32.add (global.get $n) (i32.const 100))))
  (start $start)
  (func (export "gw_step") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (global.set $l (i64.mul (global.get $l) (i64.const 3)))
    (global.set $f (f32.mul (global.get $f) (f32.const 1.25)))
    (global.set $d (f64.div (global.get $d) (f64.const 3)))
    (if (i32.eq (global.get $n) (i32.const 101)) (then
      (memory.init $a (i32.const 16) (i32.const 0) (i32.const 4))
      (data.drop $a)))
    (if (i32.eq (global.get $n) (i32.const 103)) (then
      (memory.init $b (i32.const 20) (i32.const 0) (i32.const 4))))
    (i32.store (i32.const 24) (global.get $n))
    (i64.store (i32.const 28) (global.get $l))
    (f32.store (i32.const 36) (global.get $f))
    (f64.store (i32.const 40) (global.get $d))
    (call $out (i32.const 0) (i32.const 1) (i32.const 16) (i32.const 32))
    ;; step 4: using the dropped segment must trap, also after a restore
    (if (i32.eq (global.get $n) (i32.const 104)) (then
      (memory.init $a (i32.const 16) (i32.const 0) (i32.const 1))))
    (i32.const 1)))
