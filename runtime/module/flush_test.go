package module

import (
	"context"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// TestGasInHostCalls takes many ways to one call of the host: what the host reads there must differ from what is left at the
// end by the same amount, whatever was paid on the way, since what follows the call is the same.
func TestGasInHostCalls(t *testing.T) {
	src := `(module (import "host" "call" (func $host (param i32))) (memory (export "memory") 1 1)
	(func $leaf (if (i32.load (i32.const 0)) (then ` + dear + `)))
	(func $around (call $leaf))
	(func (export "ways") (param i32) (local i32)
	  (block $out
	    (block $a (block $b (block $c (br_table $a $b $c $out (local.get 0)))
	      ` + dear + ` (br $a)) ` + dear + dear + `)
	    (if (i32.eq (local.get 0) (i32.const 3)) (then ` + dear + `) (else ` + dear + dear + `))
	    (br_if $out (i32.eq (local.get 0) (i32.const 1)))
	    ` + dear + `
	    (loop $l (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0))))
	    (if (local.get 0) (then ` + dear + ` (call $around) (br_if $out (local.get 0)) ` + dear + `) (else (call $leaf))))
	  (call $host (i32.const 7)) ` + dear + `)
	)`
	wasm := instrument(t, wat(t, src), Config{}).Wasm
	for _, e := range engines {
		var seen int64
		in := e.start(t, wasm, func(b wazero.HostModuleBuilder) {
			b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, mod api.Module, _ []uint64) {
				seen = int64(mod.ExportedGlobal(GasExport).(api.MutableGlobal).Get())
			}), []api.ValueType{api.ValueTypeI32}, nil).Export("call")
		})
		const all = 1 << 30
		rest := int64(-1)
		var used []int64
		for arg := range uint64(7) {
			for flag := range uint32(2) {
				in.mod.Memory().WriteUint32Le(0, flag)
				r := in.callWith(all, DefaultStack, "ways", arg)
				if r.trap != "" {
					t.Fatalf("%s, %d: %s", e.name, arg, r.trap)
				}
				if rest < 0 {
					rest = seen - r.gas
				}
				if seen-r.gas != rest {
					t.Errorf("%s, %d, %d: %d gas between the host's call and the end, want %d", e.name, arg, flag, seen-r.gas, rest)
				}
				used = append(used, all-r.gas)
			}
		}
		if want := []int64{123, 143, 122, 122, 181, 201, 34, 34, 34, 34, 34, 34, 34, 34}; !slices.Equal(used, want) {
			t.Errorf("%s: the ways cost %v, want %v", e.name, used, want)
		}
	}
}

// TestEveryCycleIsStopped runs endless loops whose tops hold no instruction that costs anything, and recursion through
// functions of every kind.
func TestEveryCycleIsStopped(t *testing.T) {
	src := `(module (import "host" "call" (func $host (param i32))) (memory (export "memory") 1 1)
	(table 1 funcref) (elem (i32.const 0) $through)
	(func (export "c0") (loop $o (loop (br $o))))
	(func (export "c1") (local i32) (loop $o (block $b (loop $i (br_if $b (local.get 0)) (local.set 0 (i32.const 1)) (br $i))) (br $o)))
	(func (export "c2") (loop $o (block (block (br_table 0 1 $o (i32.const 2))))))
	(func (export "c3") (loop $o (result i32) (block (nop)) (block (br $o)) (i32.const 1)) drop)
	(func (export "c4") (loop $o (call $host (i32.const 0)) (br $o)))
	(func (export "c5") (local i32) (loop $a (loop $b (loop $c (local.set 0 (i32.add (local.get 0) (i32.const 1)))
	  (br_if $a (i32.and (local.get 0) (i32.const 1))) (br_if $b (i32.and (local.get 0) (i32.const 2))) (br $c)))))
	(func $through (export "c6") (call_indirect (i32.const 0)))
	(func $a (export "c7") (call $b)) (func $b (call $c)) (func $c (loop (call $a)))
	(func $wide (export "c8") (result i32) (i32.add (call $wide) (call $wide)))
	)`
	both(t, src, func(t *testing.T, in *instance) {
		for _, name := range []string{"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"} {
			if r := in.callWith(100_000, 1<<20, name); r.trap != TrapOutOfGas.String() {
				t.Errorf("%s: %q, want out of gas", name, r.trap)
			}
		}
	})
}

// TestGasAtTraps pins what is counted when a guest traps by itself: all that was paid at the last loop top, call or return.
func TestGasAtTraps(t *testing.T) {
	src := `(module (import "host" "call" (func $host (param i32))) (memory (export "memory") 1 1)
	(func (export "plain") (result i32) (i32.load (i32.const 65536)))
	(func (export "loop") (param i32) (result i32)
	  (loop (result i32) (if (i32.eqz (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))) (then ` + dear + ` (unreachable))) (br 0)))
	(func (export "call") (call $host (i32.const 0)) (unreachable))
	)`
	both(t, src, func(t *testing.T, in *instance) {
		const all = 1 << 30
		for _, c := range []struct {
			name string
			args []uint64
			used int64
		}{
			// Nothing was written yet. A turn: 4 for the count, 1 each for eqz, if, br. Entry 4, const 1, call 4+1, unreachable 1.
			{"plain", nil, 0}, {"loop", []uint64{1}, 4 + 7}, {"loop", []uint64{5}, 4 + 35}, {"call", nil, 11},
		} {
			r := in.callWith(all, DefaultStack, c.name, c.args...)
			if r.trap == "" || all-r.gas != c.used {
				t.Errorf("%s%v: used %d gas, trap %q, want %d and a trap", c.name, c.args, all-r.gas, r.trap, c.used)
			}
		}
	})
}
