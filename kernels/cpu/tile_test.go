package cpu

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// tileWasm is the yardstick of the matmul benchmarks: c = a * b for n by n matrices (a from byte 0, then b, then c), as
// one would write it by hand in WebAssembly. Each turn of the outer loops makes a tile of rows by 4*vectors elements,
// kept in locals while k runs; every product is rounded, then added. n is a constant, so that the rows of a tile need
// one address for a and one for b. Nothing is checked but what WebAssembly itself checks.
func tileWasm(n, rows, vectors uint32) []byte {
	f := &fn{}
	row, col, pa, pb, end := f.local(tI32), f.local(tI32), f.local(tI32), f.local(tI32), f.local(tI32)
	acc := make([]uint32, rows*vectors)
	for i := range acc {
		acc[i] = f.local(tV128)
	}
	va, vb := f.local(tV128), make([]uint32, vectors)
	for i := range vb {
		vb[i] = f.local(tV128)
	}
	f.i32(0)
	f.set(row)
	rowTop := f.loop()
	f.i32(0)
	f.set(col)
	colTop := f.loop()
	for _, l := range acc {
		f.words4(0, 0, 0, 0)
		f.set(l)
	}
	f.get(row)
	f.i32(4 * n)
	f.op(wI32Mul)
	f.tee(pa)
	f.i32(4 * n)
	f.op(wI32Add)
	f.set(end)
	f.get(col)
	f.i32(4 * n * n)
	f.op(wI32Add)
	f.set(pb)
	top := f.loop()
	for j := range vectors {
		f.get(pb)
		f.simdMem(vLoad, 2, 16*j, -1)
		f.set(vb[j])
	}
	for i := range rows {
		f.get(pa)
		f.simdMem(vLoad32Splat, 2, 4*n*i, -1)
		f.set(va)
		for j := range vectors {
			f.get(acc[i*vectors+j])
			f.get(va)
			f.get(vb[j])
			f.simd(vF32Mul)
			f.simd(vF32Add)
			f.set(acc[i*vectors+j])
		}
	}
	f.get(pb)
	f.i32(4 * n)
	f.op(wI32Add)
	f.set(pb)
	f.get(pa)
	f.i32(4)
	f.op(wI32Add)
	f.tee(pa)
	f.get(end)
	f.op(wI32Ne)
	f.brIf(top)
	f.end()
	f.get(row)
	f.i32(4 * n)
	f.op(wI32Mul)
	f.get(col)
	f.op(wI32Add)
	f.set(pb)
	for i := range rows {
		for j := range vectors {
			f.get(pb)
			f.get(acc[i*vectors+j])
			f.simdMem(vStore, 2, 8*n*n+4*n*i+16*j, -1)
		}
	}
	f.get(col)
	f.i32(16 * vectors)
	f.op(wI32Add)
	f.tee(col)
	f.i32(4 * n)
	f.op(wI32LtU)
	f.brIf(colTop)
	f.end()
	f.get(row)
	f.i32(rows)
	f.op(wI32Add)
	f.tee(row)
	f.i32(n)
	f.op(wI32LtU)
	f.brIf(rowTop)
	f.end()

	out := []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
	section := func(id byte, body []byte) {
		out = append(out, id)
		out = append(appendU(out, uint64(len(body))), body...)
	}
	section(1, []byte{1, 0x60, 0, 0})
	section(3, []byte{1, 0})
	pages := uint64((12*n*n + pageSize - 1) / pageSize)
	section(5, appendU(appendU([]byte{1, 1}, pages), pages))
	section(7, append(append(appendName([]byte{2}, runName), 0, 0), append(appendName(nil, memoryName), 2, 0)...))
	section(10, append([]byte{1}, f.body()...))
	return out
}

// tile compiles and instantiates tileWasm.
func tile(t testing.TB, n, rows, vectors uint32) (run func(), mem api.Memory) {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithDebugInfoEnabled(false))
	t.Cleanup(func() { r.Close(ctx) })
	m, err := r.Instantiate(ctx, tileWasm(n, rows, vectors))
	if err != nil {
		t.Fatal(err)
	}
	call := m.ExportedFunction(runName)
	return func() {
		if _, err := call.Call(ctx); err != nil {
			t.Fatal(err)
		}
	}, m.Memory()
}
