package cpu

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

// BenchmarkCompile takes a kernel of 300 lines to code that can run: the front end, the translator, wazero's compiler.
func BenchmarkCompile(b *testing.B) {
	text, err := os.ReadFile("../../testdata/wgsl/bench/transformer_block.wgsl")
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	e, err := openEngine(false)
	if err != nil {
		b.Fatal(err)
	}
	var k *kernels.Kernel
	var prog *program
	front := func() {
		m, err := kernels.Compile(string(text))
		if err != nil {
			b.Fatal(err)
		}
		if k, err = m.Kernel(m.Entries()[0].Name, nil); err != nil {
			b.Fatal(err)
		}
		number(k.IR)
	}
	ours := func() {
		if prog, err = translate(k.IR, vectorsWorth); err != nil {
			b.Fatal(err)
		}
	}
	wazero := func() {
		m, err := e.rt.CompileModule(ctx, prog.wasm)
		if err != nil {
			b.Fatal(err)
		}
		_ = m.Close(ctx)
	}
	list := []*contender{{name: "front end", run: front}, {name: "translator", run: ours}, {name: "wazero", run: wazero},
		{name: "all", run: func() { front(); ours(); wazero() }}}
	for b.Loop() {
		compare(list)
	}
	n := 0
	k.IR.Walk(func(*ir.Inst) { n++ })
	fmt.Printf("\ncompiling %d instructions, %d bytes of WebAssembly, ms:", n, len(prog.wasm))
	for _, c := range list {
		fmt.Printf("  %s %.1f", c.name, c.median()*1e3)
	}
	fmt.Println()
}
