package module

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

func seeds(f *testing.F) {
	for _, b := range corpus(f) {
		if len(b) < 4096 {
			f.Add(b)
		}
	}
	for seed := range uint64(3) {
		f.Add(Encode(randomModule(seed, false)))
	}
	f.Add(one(0x41, 0x07, 0x41, 0x03, 0x70, 0x1a))
	f.Add(bomb(0x02, 0x7d))
}

// FuzzDecode: any bytes give a module or an error that points into them; a module survives the codec.
func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, wasm []byte) {
		m, err := Decode(wasm)
		if err != nil {
			if e := err.(*Error); e.Offset < 0 || e.Offset > len(wasm) || e.Msg == "" {
				t.Fatalf("offset %d in %d bytes: %v", e.Offset, len(wasm), err)
			}
			return
		}
		roundTrip(t, "input", wasm)
		_ = m.Check(nil, Limits{})
		for i := range m.NumFuncs() {
			if m.FuncName(uint32(i)) == "" {
				t.Fatal("a function without a name")
			}
		}
	})
}

// FuzzInstrument: what passes the check instruments into a valid module that wazero compiles.
func FuzzInstrument(f *testing.F) {
	seeds(f)
	ctx := context.Background()
	cache := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2)
	f.Fuzz(func(t *testing.T, wasm []byte) {
		if len(wasm) > 1<<14 {
			return
		}
		m, err := Decode(wasm)
		if err != nil {
			return
		}
		anything := func(module, name string) (FuncType, bool) {
			for _, im := range m.Imports {
				if im.Kind == ExternFunc && im.Module == module && im.Name == name {
					return m.Types[im.Func], true
				}
			}
			return FuncType{}, false
		}
		if m.Check(anything, Limits{MemoryPages: 64, ImplyMemoryMax: true, LocalsTotal: 10_000}) != nil {
			return
		}
		in, err := m.Instrument(Config{MemoryMax: 64})
		if err != nil {
			if err.(*Error).Kind != Limit {
				t.Fatal(err)
			}
			return
		}
		again, err := Decode(in.Wasm)
		if err != nil {
			t.Fatalf("the instrumented module is not valid: %v", err)
		}
		if len(again.Exports) < len(m.Exports)+2 {
			t.Fatalf("found %d exports after instrumenting %d", len(again.Exports), len(m.Exports))
		}
		rt := wazero.NewRuntimeWithConfig(ctx, cache)
		defer rt.Close(ctx)
		if _, err := rt.CompileModule(ctx, in.Wasm); err != nil {
			t.Fatalf("wazero: %v", err)
		}
	})
}

// FuzzRandomModules: the random module of any seed shows the same on both engines, and plain; see TestRandomModules.
func FuzzRandomModules(f *testing.F) {
	for seed := range uint64(2) {
		f.Add(seed)
	}
	raiseInterpreterCeiling(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		randomModuleLines(t, seed, map[string]int{})
	})
}
