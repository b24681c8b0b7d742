package module

import (
	"bytes"
	"context"
	"errors"
	"math/rand"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
)

// One function with a body of part n times, between head and tail.
func repeated(head, part, tail []byte, n int) *Module {
	body := append(append(bytes.Clone(head), bytes.Repeat(part, n)...), tail...)
	return &Module{
		Types: []FuncType{{}, {Results: []ValType{I32}}}, Funcs: []uint32{1, 0},
		Memory:  &Memory{Size: Limit32{Min: 1, Max: 1, HasMax: true}},
		Exports: []Export{{Name: "memory", Kind: ExternMemory}},
		Code:    []Code{{Body: []byte{byte(opI32Const), 0, byte(opEnd)}}, {Locals: []Locals{{300, I32}}, Body: append(body, byte(opEnd))}},
	}
}

func workOf(t *testing.T, m *Module, lim WorkLimits) (Work, error) {
	t.Helper()
	from := decode(t, Encode(m))
	to := decode(t, instrument(t, Encode(m), Config{}).Wasm)
	return to.Work(1), to.CheckWork(from, lim)
}

// What takes a compiler more than linear time is counted so that it can be refused; twice of it counts more than twice.
func TestWork(t *testing.T) {
	for _, tc := range []struct {
		name             string
		head, part, tail []byte
		of               func(Work) uint64
	}{
		{"ifs", nil, []byte{0x20, 0, 0x04, 0x40, 0x41, 1, 0x21, 0, 0x0b}, nil, func(w Work) uint64 { return w.Chain }},
		{"loops", nil, []byte{0x03, 0x40, 0x20, 0, 0x0d, 0, 0x0b}, nil, func(w Work) uint64 { return w.Chain }},
		{"fills", nil, []byte{0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0}, nil, func(w Work) uint64 { return w.Chain }},
		{"stores among ifs", nil, []byte{0x41, 0, 0x41, 0, 0x36, 2, 0, 0x20, 0, 0x04, 0x40, 0x0b}, nil, func(w Work) uint64 { return w.Known }},
		{"reads behind branches", nil, []byte{0x20, 0, 0x0d, 0, 0x20, 1, 0x1a}, nil, func(w Work) uint64 { return w.Found }},
		{"loads among calls", nil, []byte{0x10, 0, 0x28, 2, 0, 0x1a}, nil, func(w Work) uint64 { return w.Chain }},
	} {
		small, err := workOf(t, repeated(tc.head, tc.part, tc.tail, 400), WorkLimits{})
		if err != nil {
			t.Errorf("%s: 400 are refused: %v", tc.name, err)
		}
		large, _ := workOf(t, repeated(tc.head, tc.part, tc.tail, 800), WorkLimits{})
		if a, b := tc.of(small), tc.of(large); 2*b < 5*a {
			t.Errorf("%s: 400 count %d, 800 count %d: a compiler takes four times as long", tc.name, a, b)
		}
		_, err = workOf(t, repeated(tc.head, tc.part, tc.tail, 120_000), WorkLimits{})
		var e *Error
		if !errors.As(err, &e) || e.Kind != Limit || e.Func != 1 || e.Offset == 0 || !strings.Contains(err.Error(), "work for a compiler") {
			t.Errorf("%s: 120,000 give %v, wanted a limit in function 1", tc.name, err)
		}
	}
	// Branches that go past what was done count the way behind them as it is at best.
	switched := append(bytes.Repeat([]byte{0x02, 0x40}, 1000), 0x41, 0, 0x0e)
	switched = appendU32(switched, 999)
	for i := range uint32(1000) {
		switched = appendU32(switched, i)
	}
	w, err := workOf(t, repeated(switched, []byte{0x0b}, nil, 1000), WorkLimits{})
	if err != nil || w.Chain > 50*w.Blocks || w.Blocks < 1000 {
		t.Errorf("a switch of 1,000 cases: %+v, %v", w, err)
	}
}

// The module's sum has a limit of its own, and what is found is the function that passes it.
func TestWorkOfModule(t *testing.T) {
	m := repeated(nil, []byte{0x20, 0, 0x04, 0x40, 0x0b}, nil, 400)
	w, err := workOf(t, m, WorkLimits{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		m.Funcs, m.Code = append(m.Funcs, 0), append(m.Code, m.Code[1])
	}
	_, err = workOf(t, m, WorkLimits{Module: 5 * w.Nanoseconds() / 2})
	var e *Error
	if !errors.As(err, &e) || e.Func != 3 || !strings.Contains(err.Error(), "in all functions up to here") {
		t.Errorf("four functions, room for two and a half: %v", err)
	}
	if _, err := workOf(t, m, WorkLimits{Memory: w.Memory() - 1}); !errors.As(err, &e) || e.Func != 1 {
		t.Errorf("a limit on memory: %v", err)
	}
}

// scrambled writes a body of random repetitions of random instructions within random blocks.
func scrambled(r *rand.Rand, room *int, depth int) (out []byte) {
	local := func() []byte { return appendU32(nil, uint32(r.Intn(300))) }
	get := func() []byte { return append([]byte{0x20}, local()...) }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	pieces := []func() []byte{
		func() []byte { return join(get(), get(), []byte{0x6a, 0x21}, local()) },
		func() []byte { return join(get(), []byte{0x28, 2, byte(r.Intn(100)), 0x21}, local()) },
		func() []byte { return join(get(), get(), []byte{0x36, 2, byte(r.Intn(100))}) },
		func() []byte { return join([]byte{0x10, 0, 0x21}, local()) },
		func() []byte { return join(get(), []byte{0x0d, byte(r.Intn(depth + 1))}) },
		func() []byte { return []byte{0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0} },
		func() []byte { return []byte{0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0a, 0, 0} },
		func() []byte { return join(get(), get(), []byte{0x70, 0x21}, local()) },
		func() []byte {
			return join(get(), []byte{0xb7, 0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0xa0, 0xaa, 0x21}, local())
		},
	}
	times := func(n int, b []byte) {
		for range n {
			if *room -= len(b); *room < 0 {
				return
			}
			out = append(out, b...)
		}
	}
	for range 1 + r.Intn(6) {
		if *room < 0 {
			return out
		}
		if r.Intn(10) < 4 || depth > 20 {
			times(1<<r.Intn(12), pieces[r.Intn(len(pieces))]())
			continue
		}
		inner := scrambled(r, room, depth+1)
		times(1<<r.Intn(10), [][]byte{
			join([]byte{0x02, 0x40}, inner, []byte{0x0b}),
			join([]byte{0x03, 0x40}, inner, []byte{0x0b}),
			join(get(), []byte{0x04, 0x40}, inner, []byte{0x0b}),
		}[r.Intn(3)])
	}
	return out
}

// How wazero's time compares with its bound, for bodies of random structure that are let through: of-bound should stay below
// 1 on an idle machine. With -benchtime=1000x it is a search for the worst.
func BenchmarkWork(b *testing.B) {
	ctx := context.Background()
	r := rand.New(rand.NewSource(1))
	worst, longest := 0.0, 0.0
	for range b.N {
		var to *Module
		var wasm []byte
		for wasm == nil {
			room := 4000 << r.Intn(6)
			var body []byte
			for room > 0 {
				body = append(body, scrambled(r, &room, 0)...)
			}
			m := repeated(nil, body, nil, 1)
			from := decode(b, Encode(m))
			ins, err := from.Instrument(Config{})
			if err != nil {
				continue
			}
			if to = decode(b, ins.Wasm); to.CheckWork(from, WorkLimits{}) == nil {
				wasm = ins.Wasm
			}
		}
		rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler())
		before := b.Elapsed()
		if _, err := rt.CompileModule(ctx, wasm); err != nil {
			b.Fatal(err)
		}
		took := (b.Elapsed() - before).Seconds()
		rt.Close(ctx)
		w := to.Work(1)
		if took > 0.1 {
			worst = max(worst, took*1e9/float64(w.Nanoseconds()))
		}
		longest = max(longest, took)
	}
	b.ReportMetric(worst, "of-bound")
	b.ReportMetric(longest, "s-longest")
}
