package module

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// Loops of every size and shape keep all their locals over a yield: random bodies over locals of every type, with branches,
// run long enough to yield many times, on both sides of the cost at which a loop begins with few values in registers.
func TestLocalsSurviveYielding(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	types := []string{"i32", "i64", "f32", "f64"}
	var text strings.Builder
	text.WriteString(`(module (memory (export "memory") 1 1)`)
	const functions = 24
	for f := range functions {
		fmt.Fprintf(&text, "\n(func (export \"f%d\") (param $n i32) (result i64) (local $sum i64)", f)
		const each = 5
		for k := range each {
			for _, typ := range types {
				fmt.Fprintf(&text, " (local $%s%d %s)", typ, k, typ)
			}
		}
		for k := range each {
			for _, typ := range types {
				fmt.Fprintf(&text, " (local.set $%s%d (%s.const %d))", typ, k, typ, random.IntN(100))
			}
		}
		written := map[string]bool{}
		text.WriteString("\n (loop $l")
		for range 1 + f {
			typ := types[random.IntN(4)]
			d, x, y := random.IntN(each), random.IntN(each), random.IntN(each)
			set := fmt.Sprintf("(local.set $%[1]s%[2]d (%[1]s.%[5]s (local.get $%[1]s%[3]d) (local.get $%[1]s%[4]d)))", typ, d, x, y, []string{"add", "sub"}[random.IntN(2)])
			written[fmt.Sprint(typ, d)] = true
			switch random.IntN(4) {
			case 0:
				fmt.Fprintf(&text, "\n  (if (i32.and (local.get $i32%d) (i32.const 1)) (then %s))", random.IntN(each), set)
			case 1:
				fmt.Fprintf(&text, "\n  (block (br_if 0 (i64.lt_s (local.get $i64%d) (local.get $i64%d))) %s)", random.IntN(each), random.IntN(each), set)
			default:
				text.WriteString("\n  " + set)
			}
		}
		// Large floats would soon be NaNs, and lose what they hold.
		for k := range each {
			for _, typ := range types[2:] {
				if written[fmt.Sprint(typ, k)] {
					fmt.Fprintf(&text, "\n  (if (%[1]s.gt (%[1]s.abs (local.get $%[1]s%[2]d)) (%[1]s.const 1e6)) (then (local.set $%[1]s%[2]d (%[1]s.const 1.5))))", typ, k)
				}
			}
		}
		text.WriteString("\n  (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))")
		for k := range each {
			fmt.Fprintf(&text, "\n (local.set $sum (i64.xor (i64.mul (local.get $sum) (i64.const 31)) (i64.xor (i64.extend_i32_u (local.get $i32%[1]d)) (local.get $i64%[1]d))))", k)
			fmt.Fprintf(&text, "\n (local.set $sum (i64.xor (i64.mul (local.get $sum) (i64.const 31)) (i64.add (i64.extend_i32_u (i32.reinterpret_f32 (local.get $f32%[1]d))) (i64.reinterpret_f64 (local.get $f64%[1]d)))))", k)
		}
		text.WriteString(" (local.get $sum))")
	}
	text.WriteString(")")
	wasm := wat(t, text.String())
	in := instrument(t, wasm, Config{}).Wasm
	plain := engines[0].start(t, wasm, nil)
	least, most := int64(1<<40), int64(0)
	for k, e := range engines {
		turns := []uint64{300_000, 15_000}[k]
		i := e.start(t, in, nil)
		mark := i.mod.ExportedGlobal(markExport).(api.MutableGlobal)
		for f := range functions {
			name := fmt.Sprintf("f%d", f)
			const all = 1 << 40
			mark.Set(1 << 62) // yields in the first turn too
			r := i.callWith(all, DefaultStack, name, turns)
			least, most = min(least, (all-r.gas)/int64(turns)), max(most, (all-r.gas)/int64(turns))
			if want := plain.call(name, turns); fmt.Sprint(r.values) != fmt.Sprint(want.values) || r.trap != "" {
				t.Errorf("%s, %s: %v %q, plain %v", e.name, name, r.values, r.trap, want.values)
			}
		}
	}
	if least >= crowded/2 || most <= 2*crowded {
		t.Errorf("a turn costs from %d to %d gas, want some far below %d and some far above", least, most, crowded)
	}
}
