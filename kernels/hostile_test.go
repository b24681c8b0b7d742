package kernels_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
)

const hostileHead = "@group(0) @binding(0) var<storage, read_write> o: array<u32>;\n"

// TestHostileKernels gives the reference device kernels that were written to hold it up or to bring it down. What the
// front end accepts either runs to its end within its gas or traps, and the device serves the next job.
func TestHostileKernels(t *testing.T) {
	ctx := context.Background()
	d, err := cpu.Open(cpu.Options{HeapBytes: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	buf, err := d.NewBuffer(1024)
	if err != nil {
		t.Fatal(err)
	}
	run := func(src string, gas uint32) error {
		m, err := kernels.Compile(src)
		if err != nil {
			return err
		}
		k, err := m.Kernel("main", nil)
		if err != nil {
			return err
		}
		p, err := d.NewPipeline(ctx, k)
		if err != nil {
			return err
		}
		defer p.Free()
		if err := d.Write(buf, 0, make([]byte, 1024)); err != nil {
			return err
		}
		_, err = d.Dispatch(ctx, &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{2, 1, 1}, GasLimit: gas,
			Bindings: []kernels.Bound{{Buffer: buf, Size: 1024}}})
		return err
	}
	main := func(body string) string { return hostileHead + "@compute @workgroup_size(4) fn main() {" + body + "}" }
	deep := func(n int, open, inner, end string) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	for name, c := range map[string]struct {
		src  string
		want error // nil: it runs
	}{
		"an endless loop":                 {main("loop { if o[0] == 1 { break; } }"), kernels.ErrGas},
		"an endless loop that writes":     {main("var i = 0u; loop { i++; o[i % 200] = i | 2; if o[5] == 1 { break; } }"), kernels.ErrGas},
		"an endless loop in a call":       {"fn f() -> u32 { loop { if o[0] == 1 { return 1; } } }\n" + main("o[1] = f();"), kernels.ErrGas},
		"an endless loop after a barrier": {"var<workgroup> w: u32;\n" + main("w = 1; let n = workgroupUniformLoad(&w); workgroupBarrier(); while n == 1 { w = n; if o[0] == 1 { break; } }"), kernels.ErrGas},
		"a barrier in an endless loop":    {"var<workgroup> w: u32;\n" + main("loop { workgroupBarrier(); o[0] = 1; if workgroupUniformLoad(&w) == 1 { break; } }"), kernels.ErrGas},
		"2^32 iterations":                 {main("for (var i = 1u; i != 0; i++) { o[0] += i; }"), kernels.ErrGas},
		"loops in loops":                  {main(deep(20, "for (var i = 0; i < 1000; i++) {", "o[0] += 1;", "}")), kernels.ErrGas},
		"loops in called functions": {"fn f0() { o[0] += 1; } fn f1() { for (var i = 0; i < 10000; i++) { f0(); } } fn f2() { for (var i = 0; i < 10000; i++) { f1(); } }\n" +
			main("f2();"), kernels.ErrGas},
		"a huge switch":                 {main("switch o[0] {" + cases(3000) + "default { } }"), nil},
		"an element by pointer":         {"fn f(p: ptr<function, u32>) { *p = 7; }\n" + main("var a: array<u32, 3>; f(&a[1]); o[0] = a[1];"), nil},
		"an element at run time":        {"fn f(p: ptr<function, u32>) { *p = 7; }\n" + main("var a: array<u32, 3>; f(&a[o[9] + 4000000000]); o[0] = a[1];"), nil},
		"reads far out of bounds":       {main("o[0] = o[o[1] - 1] + o[4000000000 + o[1]];"), nil},
		"writes far out of bounds":      {main("o[o[1] - 1] = 1; o[3000000000 + o[1]] = 2; o[1073741824 + o[1]] = 3;"), nil},
		"every invocation there can be": {strings.Replace(main("o[0] = 1;"), "(4)", "(256)", 1), nil},
		"all private memory":            {main("var a: array<u32, 2000>; for (var i = 0; i < 2000; i++) { a[i] = u32(i); } o[0] = a[o[1] + 1999];"), nil},
		"nested ifs":                    {main(deep(120, "if o[0] == 0 {", "o[1] = 5;", "}")), nil},
		"nested loops":                  {main(deep(120, "loop {", "o[1] = 5; break;", " break; }")), nil},
		"an expression of 4000 terms":   {main("o[0] = o[1]" + strings.Repeat(" + o[1]", 4000) + ";"), nil},
		"10,000 statements":             {main(strings.Repeat("o[0] += o[1];", 10000)), nil},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := run(c.src, 1<<22)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
		if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 1024 {
			t.Errorf("%s: %d MiB allocated, at most 1024", name, n)
		}
		// The device lives.
		if err := run(main("o[3] = 42;"), 1000); err != nil {
			t.Fatalf("after %s: %v", name, err)
		}
		word := make([]byte, 4)
		if err := d.Read(buf, 12, word); err != nil || binary.LittleEndian.Uint32(word) != 42 {
			t.Fatalf("after %s the device gives %v, %v", name, word, err)
		}
	}
	for name, src := range map[string]string{
		"recursion":               "fn f() { f(); }\n" + main("f();"),
		"recursion of two":        "fn f() { g(); } fn g() { f(); }\n" + main("f();"),
		"too much inlined":        "fn f0() { o[0] += 1; }" + calls(40) + main("f40();"),
		"too many invocations":    strings.Replace(main(""), "(4)", "(1024)", 1),
		"too much workgroup":      "var<workgroup> w: array<u32, 5000>;\n" + main("w[0] = 1;"),
		"too much private":        "var<private> w: array<u32, 50000>;\n" + main("w[o[0]] = 1;"),
		"an array of 16 GB":       "var<private> w: array<u32, 4294967295>;\n" + main("w[o[0]] = 1;"),
		"deep nesting":            main(deep(400, "{", "o[0] = 1;", "}")),
		"10 MB":                   main(strings.Repeat(" ", 10<<20)),
		"a barrier that diverges": "var<private> p: u32;\n" + main("if p == 0 { workgroupBarrier(); }"),
	} {
		if err := run(src, 1000); err == nil || errors.Is(err, kernels.ErrGas) {
			t.Errorf("%s: error %v, want a refusal", name, err)
		}
	}
}

// calls are n functions, each of which calls the one before twice.
func calls(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "fn f%[2]d() { f%[1]d(); f%[1]d(); }\n", i, i+1)
	}
	return b.String()
}

// cases are n clauses of a switch.
func cases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "case %d { o[1] = %d; } ", i+1, i)
	}
	return b.String()
}
