package module

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// corpus are the modules of this package's tests, and those of the WebAssembly suite if it is there.
func corpus(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	files, _ := filepath.Glob(filepath.Join("testdata", "wat", "*.wasm"))
	for _, f := range files {
		out[f] = read(t, f)
	}
	if len(out) < 20 {
		t.Fatalf("found %d modules in testdata/wat, want at least 20", len(out))
	}
	return out
}

var sameModule = cmp.Options{
	cmpopts.IgnoreUnexported(Module{}),
	cmpopts.IgnoreFields(Module{}, "Size"),
	cmpopts.IgnoreFields(Import{}, "At"), cmpopts.IgnoreFields(Table{}, "At"), cmpopts.IgnoreFields(Memory{}, "At"), cmpopts.IgnoreFields(Global{}, "At"),
	cmpopts.IgnoreFields(Export{}, "At"), cmpopts.IgnoreFields(ConstExpr{}, "At"), cmpopts.IgnoreFields(Elem{}, "At"), cmpopts.IgnoreFields(Data{}, "At"),
	cmpopts.IgnoreFields(Code{}, "At"), cmpopts.IgnoreFields(Custom{}, "At"),
	cmpopts.EquateEmpty(),
}

// roundTrip decodes, encodes and decodes again.
func roundTrip(t testing.TB, name string, wasm []byte) *Module {
	m, err := Decode(wasm)
	if err != nil {
		return nil
	}
	b := Encode(m)
	again, err := Decode(b)
	if err != nil {
		t.Fatalf("%s: encoded module does not decode: %v", name, err)
	}
	if d := cmp.Diff(m, again, sameModule); d != "" {
		t.Fatalf("%s: decoded, encoded and decoded modules differ:\n%s", name, d)
	}
	if !bytes.Equal(Encode(again), b) {
		t.Fatalf("%s: encoding twice differs", name)
	}
	return m
}

func TestRoundTrip(t *testing.T) {
	for name, wasm := range corpus(t) {
		roundTrip(t, name, wasm)
	}
}

func TestRoundTripSpecSuite(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(specDir(t), "v2", "testdata", "*.wasm"))
	n := 0
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && roundTrip(t, f, b) != nil {
			n++
		}
	}
	if n < 1500 {
		t.Errorf("found %d valid modules, want at least 1500", n)
	}
}

// TestInstrumentTwice: the same bytes each time, and the module itself is left alone.
func TestInstrumentTwice(t *testing.T) {
	for name, wasm := range corpus(t) {
		m, err := Decode(wasm)
		if err != nil {
			continue
		}
		before := Encode(m)
		a, err := m.Instrument(Config{Gas: 5})
		if err != nil {
			continue
		}
		b, err := m.Instrument(Config{Gas: 5})
		if err != nil || !bytes.Equal(a.Wasm, b.Wasm) {
			t.Errorf("%s: instrumenting twice gives different bytes (%v)", name, err)
		}
		c := instrument(t, wasm, Config{Gas: 5})
		if !bytes.Equal(a.Wasm, c.Wasm) {
			t.Errorf("%s: decoding and instrumenting again gives different bytes", name)
		}
		if !bytes.Equal(before, Encode(m)) {
			t.Errorf("%s: Instrument changed its module", name)
		}
		if _, err := Decode(a.Wasm); err != nil {
			t.Errorf("%s: the instrumented module is not valid: %v", name, err)
		}
	}
}

func TestInstrumentRefusesReservedNames(t *testing.T) {
	m := decode(t, wat(t, `(module (memory (export "memory") 1 2) (func (export "gw:redrop")))`))
	if _, err := m.Instrument(Config{}); err == nil || !strings.Contains(err.Error(), "gw:redrop") {
		t.Errorf("found %v, want the reserved export refused", err)
	}
}

func TestNames(t *testing.T) {
	m := decode(t, wat(t, `(module (import "host" "f" (func)) (memory (export "memory") 1 2) (func (export "run")) (func))`))
	for i, want := range []string{"host.f", "run", "func[2]", "func[3]"} {
		if got := m.FuncName(uint32(i)); got != want {
			t.Errorf("function %d: found name %q, want %q", i, got, want)
		}
	}
	m.names = map[uint32]string{2: "named"}
	in, err := m.Instrument(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if got := decode(t, in.Wasm).FuncName(2); got != "named" {
		t.Errorf("after instrumenting found name %q, want %q", got, "named")
	}
}

// TestOpcodes holds the instruction tables against the specification's counts.
func TestOpcodes(t *testing.T) {
	simd, plain := 0, 0
	for i := range opsFD {
		if opsFD[i].name != "" {
			simd++
		}
	}
	for i := range ops1 {
		if ops1[i].plain {
			plain++
		}
	}
	if simd != 236 || plain != 23+128 {
		t.Errorf("found %d SIMD instructions and %d plain ones of one byte, want 236 and 151", simd, plain)
	}
	if got := fmt.Sprint(Opcode(0x6a), Opcode(0xfd0e), Opcode(0xfc0a)); got != "i32.add i8x16.swizzle memory.copy" {
		t.Errorf("found names %s", got)
	}
	if GasCost(0x6d) != 8 || GasCost(opNop) != 0 || GasCost(0x06) != 0 {
		t.Errorf("found gas %d, %d, %d for i32.div_s, nop and an unknown opcode, want 8, 0, 0", GasCost(0x6d), GasCost(opNop), GasCost(0x06))
	}
}
