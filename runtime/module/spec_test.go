package module

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The WebAssembly 2.0 test suite in the form of wast2json, as wazero's module carries it.

type specCommand struct {
	Type       string      `json:"type"`
	Line       int         `json:"line"`
	Name       string      `json:"name"`
	Filename   string      `json:"filename"`
	As         string      `json:"as"`
	Text       string      `json:"text"`
	ModuleType string      `json:"module_type"`
	Action     specAction  `json:"action"`
	Expected   []specValue `json:"expected"`
}

type specAction struct {
	Type, Module, Field string
	Args                []specValue
}

type specValue struct {
	Type     string
	LaneType string `json:"lane_type"`
	Value    json.RawMessage
}

// lanes are the value's lanes as text: one, or those of a vector, and the bits of each.
func (v specValue) lanes() (texts []string, bits int) {
	if v.Type == "v128" {
		if err := json.Unmarshal(v.Value, &texts); err != nil {
			panic(err)
		}
		return texts, 128 / len(texts)
	}
	var s string
	if err := json.Unmarshal(v.Value, &s); err != nil {
		panic(err)
	}
	if v.Type == "i32" || v.Type == "f32" {
		return []string{s}, 32
	}
	return []string{s}, 64
}

// bits are the stack words of an argument.
func (v specValue) bits() []uint64 {
	texts, size := v.lanes()
	words := make([]uint64, (len(texts)*size+63)/64)
	for i, s := range texts {
		if s == "null" {
			continue
		}
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			i, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				panic(err)
			}
			n = uint64(i)
		}
		if strings.HasSuffix(v.Type, "ref") {
			n++ // 0 is null
		}
		if size < 64 {
			n &= 1<<size - 1
		}
		words[i*size/64] |= n << (i * size % 64)
	}
	return words
}

// matches compares results with an expectation.
func (v specValue) matches(got []uint64) bool {
	texts, size := v.lanes()
	if v.Type == "funcref" {
		return texts[0] == "null" == (got[0] == 0)
	}
	for i, s := range texts {
		g := got[i*size/64] >> (i * size % 64)
		if size < 64 {
			g &= 1<<size - 1
		}
		if strings.HasPrefix(s, "nan:") {
			// The suite leaves payloads to the engine, the passes do not. Only instructions that move bits give the other sign.
			if size == 32 && g&^(1<<31) != canonF32 || size == 64 && g&^(1<<63) != canonF64 {
				return false
			}
			continue
		}
		want := specValue{Type: v.Type, Value: json.RawMessage(strconv.Quote(s))}
		if v.Type == "v128" {
			want.Type = "i64"
		}
		w := want.bits()[0]
		if size < 64 {
			w &= 1<<size - 1
		}
		if g != w {
			return false
		}
	}
	return true
}

func specDir(t *testing.T) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	dir := filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test", "spectest")
	if err != nil || !exists(filepath.Join(dir, "v2", "testdata", "br.json")) {
		t.Skip("skipped: no WebAssembly test suite: wazero's module is not in the module cache")
	}
	return dir
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func read(t testing.TB, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
