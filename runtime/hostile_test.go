package runtime

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/module"
)

// bomb is a module made to hurt whoever runs it.
type bomb struct {
	name string
	make func(t testing.TB) []byte
	lim  msg.Limits // over those of bombLimits
	want string     // in the reason it was refused or failed for; "" for a job that finishes
	room int        // MiB of memory beyond what a process has that does nothing, at most
}

// bombLimits are small, so that bombs go off soon.
var bombLimits = msg.Limits{MemoryPages: 256, BufferBytes: 16 << 20, Gas: 1 << 26, GPUGas: 1 << 26, OutputBytes: 1 << 20,
	LogBytes: 1 << 20, Handles: 1000, ShaderBytes: 1 << 18, Steps: 1000, StackDepth: 1 << 12}

var showBombs = flag.Bool("bombs", false, "print what each hostile module ended in and the memory it took")

// bombEnv names the bomb that a child process of this test is to set off.
const bombEnv = "GWRUN_TEST_BOMB"

// outcome is what a child process says of its bomb.
type outcome struct {
	Refused, Failed string
	Limit           bool // refused for a limit, or by the module package's other kinds of errors
	Base, Peak      int  // KiB, 0 where it cannot be measured
	Seconds         float64
}

// Each bomb ends in a refusal or in a failure of the job, in the words it should and with no more memory than its limits
// account for. A process that dies instead, or hangs, fails the test.
func TestBombs(t *testing.T) {
	if name := os.Getenv(bombEnv); name != "" {
		for _, b := range bombs() {
			if b.name == name {
				explode(t, &b)
			}
		}
		return
	}
	measured := true
	if _, err := os.Stat("/proc/self/status"); err != nil {
		measured = false
		t.Log("memory is not measured: no /proc/self/status")
	}
	for _, b := range bombs() {
		t.Run(b.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestBombs$")
			cmd.Env = append(os.Environ(), bombEnv+"="+b.name)
			text, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%.2000s", err, text)
			}
			var o outcome
			_, line, _ := strings.Cut(string(text), "outcome: ")
			line, _, _ = strings.Cut(line, "\n")
			if err := json.Unmarshal([]byte(line), &o); err != nil {
				t.Fatalf("%v\n%.2000s", err, text)
			}
			ended := o.Refused + o.Failed
			if (b.want == "") != (ended == "") || !strings.Contains(ended, b.want) {
				t.Errorf("it ended with %q, wanted %q", ended, b.want)
			}
			took := (o.Peak - o.Base) >> 10
			if measured && (o.Base == 0 || took > b.room) {
				t.Errorf("it took %d MiB of memory, at most %d were wanted", took, b.room)
			}
			if *showBombs {
				t.Logf("%d MiB, %.2f s: %.160s", took, o.Seconds, ended)
			}
		})
	}
}

// explode makes, loads and runs a bomb.
func explode(t *testing.T, b *bomb) {
	wasm := b.make(t)
	dev, err := cpu.Open(cpu.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	// Something harmless first: what this process takes anyway.
	if _, err := Run(context.Background(), newJob(t, "counter", nil, Spec{Interval: 2}), Options{Device: dev}); err != nil {
		t.Fatal(err)
	}
	lim := bombLimits
	for _, f := range []struct{ to, v *uint64 }{{&lim.Gas, &b.lim.Gas}, {&lim.BufferBytes, &b.lim.BufferBytes}, {&lim.GPUGas, &b.lim.GPUGas}} {
		if *f.v != 0 {
			*f.to = *f.v
		}
	}
	// What making it took is not meant; where the mark cannot be reset, it only looks the smaller.
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	o := outcome{Base: highWater()}
	begin := time.Now()
	j, err := NewJob(wasm, nil, Spec{Limits: lim, Interval: 8})
	if err != nil {
		var e *module.Error
		if !errors.As(err, &e) && !strings.HasPrefix(err.Error(), "module:") {
			t.Fatalf("refused with another error: %v", err)
		}
		o.Refused = err.Error()
	} else {
		r, err := Run(context.Background(), j, Options{Device: dev, OnProgress: func(Progress) {}, OnLog: func(string, []byte) {}})
		if err != nil {
			t.Fatalf("not the job's failure: %v", err)
		}
		o.Failed = r.Receipt.Failure
	}
	o.Peak, o.Seconds = highWater(), time.Since(begin).Seconds()
	line, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("outcome: %s\n", line)
}

// highWater is the most memory this process has had, in KiB, 0 if nobody says.
func highWater() int {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	n := 0
	if _, rest, ok := strings.Cut(string(b), "VmHWM:"); ok {
		fmt.Sscan(rest, &n)
	}
	return n
}

// raw is a module of sections.
func raw(sections ...[]byte) []byte {
	return cat(append([][]byte{[]byte("\x00asm\x01\x00\x00\x00")}, sections...)...)
}

// small is a module that could run, with something done to it.
func small(change func(m *crafted)) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		m := step(nil, nil, i32(0))
		change(m)
		return m.encode(t)
	}
}

// forever is a module whose gw_step never ends, body being done each turn.
func forever(imports [][2]string, body ...[]byte) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		m := step(imports, [][2]uint64{{4, tI32}}, []byte{iLoop, empty}, cat(body...), []byte{iBr, 0, iEnd}, i32(0))
		m.pages = [2]uint64{16, 256}
		return m.encode(t)
	}
}

func bombs() []bomb {
	one := func(body ...[]byte) func(testing.TB) []byte {
		return small(func(m *crafted) {
			m.pages = [2]uint64{16, 256}
			m.funcs = append(m.funcs, fn{locals: [][2]uint64{{300, tI32}, {1, tF64}}, body: cat(body...)})
		})
	}
	const most = 1<<32 - 1
	list := []bomb{
		// What a module claims to be.
		{"memory minimum", small(func(m *crafted) { m.pages = [2]uint64{65536, 65536} }), msg.Limits{}, "memory of at least 65536 pages", 8},
		{"memory maximum", small(func(m *crafted) { m.pages = [2]uint64{1, 65536} }), msg.Limits{}, "memory of up to 65536 pages", 8},
		{"memory beyond 4 GiB", small(func(m *crafted) { m.pages = [2]uint64{most, most} }), msg.Limits{}, "pages", 8},
		{"table", small(func(m *crafted) { m.table = cat([]byte{1, 0x70, 0}, leb(most)) }), msg.Limits{}, "a table of 4294967295 elements", 8},
		{"tables", small(func(m *crafted) { m.table = vec(each2(100, cat([]byte{0x70, 0}, leb(100_000)))...) }), msg.Limits{}, "tables", 8},
		{"locals", small(func(m *crafted) { m.funcs[0].locals = [][2]uint64{{most, tI64}} }), msg.Limits{}, "parameters and locals", 8},
		{"locals in many runs", small(func(m *crafted) {
			for range 20_000 {
				m.funcs[0].locals = append(m.funcs[0].locals, [2]uint64{1, tV128})
			}
		}), msg.Limits{}, "20000 parameters and locals", 16},
		{"locals of many functions", small(func(m *crafted) {
			for range 1000 {
				m.funcs = append(m.funcs, fn{locals: [][2]uint64{{9990, tV128}}})
			}
		}), msg.Limits{}, "of all functions up to here", 16},
		{"parameters", small(func(m *crafted) { m.types = [][]byte{typeOf(times(1000, tI64), times(1000, tI64))} }), msg.Limits{}, "1000 parameters", 8},
		{"br_table", one(i32(0), []byte{iBrTable}, leb(1_000_000), times(1_000_001, 0)), msg.Limits{}, "1000000 labels of a br_table", 16},
		{"br_tables", one(each(12, func(int) []byte {
			return cat([]byte{iBlock, empty}, i32(0), []byte{iBrTable}, leb(60_000), times(60_001, 0), []byte{iEnd})
		})),
			msg.Limits{}, "work for a compiler", 64},
		{"nesting", one(times(100_000, iBlock, empty), times(100_000, iEnd)), msg.Limits{}, "nested", 16},
		{"a body of 30 MB", one(times(30<<20, 0x01)), msg.Limits{}, "a function body of", 100},
		{"a body of 2 MB", one(times(2<<20, 0x01)), msg.Limits{}, "bytes of function body", 16},
		{"a million functions", small(func(m *crafted) { m.funcs = append(m.funcs, make([]fn, 1_000_000)...) }), msg.Limits{}, "found 1000001 functions", 200},
		{"half a million functions", small(func(m *crafted) { m.funcs = append(m.funcs, make([]fn, 500_000)...) }), msg.Limits{}, "found 500001 functions", 350},
		{"types", small(func(m *crafted) { m.types = each2(100_000, typeOf(times(100, tI32), nil)) }), msg.Limits{}, "100002 types", 80},
		{"exports", small(func(m *crafted) {
			for i := range 90_000 {
				m.exports = append(m.exports, cat(str(fmt.Sprint("x", i)), []byte{0, 0}))
			}
		}), msg.Limits{}, "exports", 80},
		{"imports", func(testing.TB) []byte {
			return raw(sect(1, vec(typeOf(nil, nil))), sect(2, vec(each2(90_000, cat(str("gw"), str("nothing"), []byte{0, 0}))...)))
		}, msg.Limits{}, "imports", 80},
		{"globals", small(func(m *crafted) { m.globals = each2(200_000, []byte{tI64, 1, 0x42, 0, iEnd}) }), msg.Limits{}, "globals", 120},
		{"data segments", small(func(m *crafted) { m.data = each2(100_000, []byte{0, iConst, 0, iEnd, 0}) }), msg.Limits{}, "", 120},
		{"too many data segments", small(func(m *crafted) { m.data = each2(100_001, []byte{0, iConst, 0, iEnd, 0}) }), msg.Limits{}, "data segments", 60},
		{"data outside", small(func(m *crafted) { m.data = [][]byte{cat([]byte{0}, i32(-16), []byte{iEnd}, str("sixteen bytes ..."))} }), msg.Limits{}, "data segment 0 at 4294967280", 8},
		{"data that overlaps", small(func(m *crafted) {
			m.data = each2(1000, cat([]byte{0}, i32(0), []byte{iEnd}, str(strings.Repeat("x", 60_000))))
		}), msg.Limits{}, "", 500},
		{"element segments", small(func(m *crafted) {
			m.table = cat([]byte{1, 0x70, 0}, leb(50_000))
			m.elems = each2(20, cat([]byte{0}, i32(0), []byte{iEnd}, vec(each2(50_000, []byte{0})...)))
		}), msg.Limits{}, "", 250},
		{"more elements", small(func(m *crafted) {
			m.table = cat([]byte{1, 0x70, 0}, leb(50_000))
			m.elems = each2(400, cat([]byte{0}, i32(0), []byte{iEnd}, leb(50_000), make([]byte, 50_000)))
		}), msg.Limits{}, "20000000 elements of segments", 200},
		{"elements outside", small(func(m *crafted) {
			m.table = cat([]byte{1, 0x70, 0}, leb(10))
			m.elems = [][]byte{cat([]byte{0}, i32(-1), []byte{iEnd}, vec([]byte{0}))}
		}), msg.Limits{}, "element segment 0", 8},
		{"a custom section of 60 MB", small(func(m *crafted) { m.trailing = sect(0, cat(str("x"), make([]byte, 60<<20))) }), msg.Limits{}, "", 80},
		{"more than 64 MiB", small(func(m *crafted) { m.trailing = sect(0, cat(str("x"), make([]byte, 64<<20))) }), msg.Limits{}, "bytes of module", 16},
		{"names", small(func(m *crafted) {
			names := vec(each2(300_000, cat([]byte{0}, str("the same function again")))...)
			m.trailing = sect(0, cat(str("name"), []byte{1}, leb(uint64(len(names))), names))
		}), msg.Limits{}, "", 60},
		{"a long name", small(func(m *crafted) { m.exports = [][]byte{cat(str(strings.Repeat("n", 10<<20)), []byte{0, 0})} }), msg.Limits{}, "name", 16},
		{"padded numbers", small(func(m *crafted) { m.funcs[0].body = cat([]byte{iConst}, times(200_000, 0x80), []byte{0}) }), msg.Limits{}, "malformed", 8},
		{"counts without contents", func(testing.TB) []byte { return raw(sect(1, leb(most))) }, msg.Limits{}, "4294967295 types", 8},
		{"a section without end", func(testing.TB) []byte { return raw(cat([]byte{1}, leb(most))) }, msg.Limits{}, "malformed", 8},
		{"segments to drop", func(t testing.TB) []byte {
			m := step(nil, nil, each(20_000, func(i int) []byte { return cat([]byte{0xfc, 9}, leb(uint64(i))) }), i32(0))
			m.data = each2(20_000, []byte{1, 0})
			return cat(m.encodeCounted(t))
		}, msg.Limits{}, "work for a compiler", 100},

		// What takes a compiler long.
		{"ifs", one(times(60_000, iGet, 0, iIf, empty, iConst, 1, iSet, 0, iEnd)), msg.Limits{}, "work for a compiler", 60},
		{"loops", one(times(20_000, iLoop, empty, iGet, 0, iConst, 1, iAdd, 0x22, 0, iBrIf, 0, iEnd)), msg.Limits{}, "work for a compiler", 60},
		{"fills", one(times(10_000, iConst, 0, iConst, 0, iConst, 0, 0xfc, 0x0b, 0)), msg.Limits{}, "work for a compiler", 60},
		{"floats", one(times(10_000, iConst, 0, iGet, 0xac, 2, iGet, 0xac, 2, 0xa0, 0x39, 3, 0)), msg.Limits{}, "work for a compiler", 60},
		{"live locals", one(each(300, func(i int) []byte { return cat([]byte{iCall, 0, iSet}, leb(uint64(i))) }),
			times(12_000, iBlock, empty, iGet, 0, iBrIf, 0, iCall, 0, iDrop, iEnd), i32(0),
			each(300, func(i int) []byte { return cat([]byte{iGet}, leb(uint64(i)), []byte{iAdd}) }), []byte{iDrop}), msg.Limits{}, "work for a compiler", 60},
		{"reads of a local", one(times(6000, iGet, 1, iBrIf, 0), times(100_000, iGet, 0, iDrop)), msg.Limits{}, "work for a compiler", 60},
		{"reads of many locals", one([]byte{iBlock, empty}, times(3000, iGet, 0, iBrIf, 0), []byte{iEnd}, each(300, func(i int) []byte { return cat([]byte{iGet}, leb(uint64(i)), []byte{iDrop}) })),
			msg.Limits{}, "work for a compiler", 60},
		{"known addresses", one(each(300, func(i int) []byte { return cat([]byte{iCall, 0, iSet}, leb(uint64(i))) }),
			times(8000, iCall, 0, iLoad, 2, 0, iDrop, iBlock, empty, iGet, 0, iBrIf, 0, iEnd)), msg.Limits{}, "work for a compiler", 60},
		{"many slow functions", small(func(m *crafted) {
			for range 40 {
				m.funcs = append(m.funcs, fn{locals: [][2]uint64{{1, tI32}}, body: times(8000, iGet, 0, iIf, empty, iConst, 1, iSet, 0, iEnd)})
			}
		}), msg.Limits{}, "in all functions up to here", 120},
		{"merges", one(times(450, cat([]byte{iConst, 0, iIf, empty}, each(300, func(i int) []byte { return cat(i32(1), []byte{iSet}, leb(uint64(i))) }), []byte{iEnd})...)),
			msg.Limits{}, "locals to merge", 60},
		// The most of a function that is let through: it takes a second, and its memory.
		{"a slow function", one(times(6000, iGet, 0, iIf, empty, iConst, 1, iSet, 0, iEnd)), msg.Limits{}, "", 300},

		// What a module does.
		{"memory.grow", forever(nil, []byte{iConst, 1, iGrow, 0, iDrop}), msg.Limits{}, "limit gas", 160},
		{"memory.grow by a lot", forever(nil, i32(-1), []byte{iGrow, 0, iDrop}), msg.Limits{}, "limit gas", 16},
		{"memory.fill", forever(nil, i32(0), i32(0), i32(1<<20), []byte{0xfc, 0x0b, 0}), msg.Limits{}, "limit gas", 16},
		{"memory.fill outside", forever(nil, i32(0), i32(0), i32(-1), []byte{0xfc, 0x0b, 0}), msg.Limits{Gas: 1 << 30}, "out of bounds memory access", 16},
		{"memory.copy", forever(nil, i32(0), i32(1), i32(1<<19), []byte{0xfc, 0x0a, 0, 0}), msg.Limits{}, "limit gas", 16},
		{"a loop", forever(nil), msg.Limits{Gas: 1 << 30}, "limit gas", 8},
		{"a loop with calls", forever([][2]string{{"gw", "step_index"}}, []byte{iCall, 0, iDrop}), msg.Limits{}, "limit gas", 8},
		{"steps", small(func(m *crafted) { m.funcs[0].body = i32(1) }), msg.Limits{}, "limit steps: the job is not done after 1000", 16},
		// Every page is written, committed and compared again in each step.
		{"memory that is committed", func(t testing.TB) []byte {
			m := step(nil, nil, i32(255), []byte{iGrow, 0, iDrop}, i32(0), i32(0x55), i32(16<<20), []byte{0xfc, 0x0b, 0}, i32(1))
			m.pages = [2]uint64{1, 256}
			return m.encode(t)
		}, msg.Limits{Gas: 1 << 24}, "limit gas", 120},
		{"recursion", small(func(m *crafted) { m.funcs[0].body = []byte{iCall, 0} }), msg.Limits{}, "limit stack_depth", 40},
		{"recursion with many locals", small(func(m *crafted) {
			m.funcs[0].body = cat([]byte{iCall, 1}, i32(0))
			m.funcs = append(m.funcs, fn{locals: [][2]uint64{{500, tV128}}, body: cat(
				each(500, func(i int) []byte { return cat([]byte{iConst, 0, 0xfd, 0x11, iSet}, leb(uint64(i))) }), []byte{iCall, 1},
				each(500, func(i int) []byte { return cat([]byte{iConst, 0, iGet}, leb(uint64(i)), []byte{0xfd, 0x0b, 4, 0}) }))})
		}), msg.Limits{}, "limit stack_depth", 120},
		{"the log", forever([][2]string{{"gw", "log"}}, i32(0), i32(1000), []byte{iCall, 0}), msg.Limits{}, "limit log_bytes", 16},
		{"empty lines in the log", forever([][2]string{{"gw", "log"}}, i32(0), i32(0), []byte{iCall, 0}), msg.Limits{Gas: 1 << 30}, "limit log_bytes", 16},
		{"standard output", forever([][2]string{{"wasi_snapshot_preview1", "fd_write"}},
			// 4,096 pieces that are all the same MiB
			[]byte{iConst, 0, iSet, 0, iLoop, empty, iGet, 0, iConst, 0, iStore, 2, 0, iGet, 0}, i32(1<<20), []byte{iStore, 2, 4, iGet, 0}, i32(8), []byte{iAdd, 0x22, 0}, i32(32768), []byte{0x48, iBrIf, 0, iEnd},
			i32(1), i32(0), i32(4096), i32(65536), []byte{iCall, 0, iDrop}), msg.Limits{}, "limit log_bytes", 16},
		{"outputs", forever([][2]string{{"gw", "output_write"}}, i32(0), i32(0x61), []byte{0x3a, 0, 0}, i32(0), i32(1), i32(0), i32(100_000), []byte{iCall, 0}), msg.Limits{}, "limit output_bytes", 16},
		{"names of outputs", forever([][2]string{{"gw", "output_write"}},
			// of 255 bytes: a number in base 64, and padding
			[]byte{iGet, 0, iConst, 1, iAdd, iSet, 0},
			i32(8), i32(0x61), i32(255), []byte{0xfc, 0x0b, 0},
			i32(8), []byte{iGet, 0}, i32(63), []byte{0x71}, i32(0x30), []byte{iAdd, 0x3a, 0, 0},
			i32(9), []byte{iGet, 0}, i32(6), []byte{0x76}, i32(63), []byte{0x71}, i32(0x30), []byte{iAdd, 0x3a, 0, 0},
			i32(10), []byte{iGet, 0}, i32(12), []byte{0x76}, i32(63), []byte{0x71}, i32(0x30), []byte{iAdd, 0x3a, 0, 0},
			i32(8), i32(255), i32(0), i32(0), []byte{iCall, 0}), msg.Limits{Gas: 1 << 28}, "4097 outputs, at most 4096", 60},
		{"progress", forever([][2]string{{"gw", "progress"}}, []byte{0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f}, i32(0), i32(60_000), []byte{iCall, 0}), msg.Limits{}, "limit gas", 60},
		{"random bytes", forever([][2]string{{"wasi_snapshot_preview1", "random_get"}}, i32(0), i32(1<<20), []byte{iCall, 0, iDrop}), msg.Limits{}, "limit gas", 16},
		{"2 GiB of random bytes", forever([][2]string{{"wasi_snapshot_preview1", "random_get"}}, i32(0), i32(-1<<31), []byte{iCall, 0, iDrop}), msg.Limits{}, "outside the memory", 8},
		{"a log line of 4 GiB", forever([][2]string{{"gw", "log"}}, i32(0), i32(-1), []byte{iCall, 0}), msg.Limits{}, "outside the memory", 8},
		{"an output of 4 GiB", forever([][2]string{{"gw", "output_write"}}, i32(0), i32(0x61), []byte{0x3a, 0, 0}, i32(0), i32(1), i32(0), i32(-1), []byte{iCall, 0}), msg.Limits{}, "outside the memory", 8},
		{"subscriptions", forever([][2]string{{"wasi_snapshot_preview1", "poll_oneoff"}}, i32(0), i32(0), i32(-1), i32(0), []byte{iCall, 0, iDrop}), msg.Limits{}, "subscriptions", 8},
	}
	return append(list, gpuBombs()...)
}

// each2 is n times the same part.
func each2(n int, part []byte) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = part
	}
	return out
}

// encodeCounted is encode with a data count section, which instructions that name data segments need.
func (m *crafted) encodeCounted(t testing.TB) []byte {
	b := m.encode(t)
	// It stands before the code section, which is the one that begins with its number here.
	at := 8
	for b[at] != 10 {
		n, k := binary.Uvarint(b[at+1:])
		at += 1 + k + int(n)
	}
	return cat(b[:at], sect(12, leb(uint64(len(m.data)))), b[at:])
}
