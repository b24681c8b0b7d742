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
	var prog, vector *program
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
		if vector, err = translate(k.IR, vectorsWorth); err != nil {
			b.Fatal(err)
		}
		if prog = vector; len(prog.wasm) > maxEager {
			if prog, err = prog.scalar(); err != nil {
				b.Fatal(err)
			}
		}
	}
	compile := func(p **program) func() {
		return func() {
			m, err := e.rt.CompileModule(ctx, (*p).wasm)
			if err != nil {
				b.Fatal(err)
			}
			_ = m.Close(ctx)
		}
	}
	wazero := compile(&prog)
	list := []*contender{{name: "front end", run: front}, {name: "translator", run: ours}, {name: "wazero", run: wazero},
		{name: "all before it runs", run: func() { front(); ours(); wazero() }}, {name: "vector code, in the background", run: compile(&vector)}}
	for b.Loop() {
		compare(list)
	}
	n := 0
	k.IR.Walk(func(*ir.Inst) { n++ })
	fmt.Printf("\ncompiling %d instructions to %d bytes of WebAssembly, then %d, ms:", n, len(prog.wasm), len(vector.wasm))
	for _, c := range list {
		fmt.Printf("  %s %.1f", c.name, c.median()*1e3)
	}
	fmt.Println()
}
