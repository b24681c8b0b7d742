package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// header is what the C headers declare, for languages that need it said again. The headers are the truth: whatever is
// added to them appears in the raw layer of every such language.
type header struct {
	words   []string // other names of uint32_t: "WGPUBool"
	handles []string // "WGPUBuffer"
	enums   []cEnum
	flags   []cEnum // 64-bit sets
	structs []cStruct
	env, gw []cFunc
}

type cEnum struct {
	name   string
	values []cValue
}

type cValue struct {
	name  string // "WGPUMapMode_Read"
	value uint64
}

type cStruct struct {
	name   string
	fields []cField
}

// cField is a field or a parameter. typ is C's, without const and with its stars: "WGPUStringView", "uint32_t*".
type cField struct{ name, typ string }

type cFunc struct {
	name   string // of the import: "wgpuDeviceGetQueue", "input_len"
	params []cField
	result string // "void" or a type
}

func (f *cField) pointer() bool  { return strings.HasSuffix(f.typ, "*") }
func (f *cField) callback() bool { return strings.HasSuffix(f.typ, "Callback") }

var (
	reWord    = regexp.MustCompile(`(?m)^typedef uint32_t (\w+);`)
	reComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	reHandle  = regexp.MustCompile(`(?m)^typedef struct WGPU\w+Impl \* (\w+);`)
	reEnum    = regexp.MustCompile(`(?s)typedef enum (\w+) \{(.*?)\} \w+;`)
	reValue   = regexp.MustCompile(`(\w+) = (\w+)`)
	reFlags   = regexp.MustCompile(`(?m)^typedef WGPUFlags (\w+);`)
	reFlag    = regexp.MustCompile(`(?m)^static const (\w+) (\w+) = (\w+);`)
	reStruct  = regexp.MustCompile(`(?s)typedef struct (\w+) \{(.*?)\n\} \w+;`)
	reField   = regexp.MustCompile(`(?m)^ +(\S.*?)(\w+(?:, \w+)*);`)
	reFunc    = regexp.MustCompile(`(?m)^(WGPU_EXPORT|GW_IMPORT)\((\w+)\) (.*?)(\w+)\(([^)]*)\);`)
)

// readHeaders reads sdk/c/include, from the repository's root or this package's folder.
func readHeaders() (*header, error) {
	h := &header{}
	for _, name := range []string{"webgpu.h", "gw.h"} {
		text, err := os.ReadFile(filepath.Join("sdk", "c", "include", name))
		if err != nil {
			if text, err = os.ReadFile(filepath.Join("..", "c", "include", name)); err != nil {
				return nil, err
			}
		}
		if err := h.parse(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(h.env) == 0 || len(h.gw) == 0 || len(h.structs) == 0 || len(h.enums) == 0 || len(h.flags) == 0 || len(h.handles) == 0 {
		return nil, fmt.Errorf("the headers have %d and %d functions, %d structures, %d enums, %d sets and %d kinds of objects: wanted some of each",
			len(h.env), len(h.gw), len(h.structs), len(h.enums), len(h.flags), len(h.handles))
	}
	return h, nil
}

func (h *header) parse(text string) error {
	text = reComment.ReplaceAllString(text, "")
	number := func(s string) (uint64, error) { return strconv.ParseUint(s, 0, 64) }
	for _, m := range reWord.FindAllStringSubmatch(text, -1) {
		h.words = append(h.words, m[1])
	}
	for _, m := range reHandle.FindAllStringSubmatch(text, -1) {
		h.handles = append(h.handles, m[1])
	}
	for _, m := range reEnum.FindAllStringSubmatch(text, -1) {
		e := cEnum{name: m[1]}
		for _, v := range reValue.FindAllStringSubmatch(m[2], -1) {
			if strings.HasSuffix(v[1], "_Force32") {
				continue
			}
			n, err := number(v[2])
			if err != nil {
				return err
			}
			e.values = append(e.values, cValue{v[1], n})
		}
		h.enums = append(h.enums, e)
	}
	for _, m := range reFlags.FindAllStringSubmatch(text, -1) {
		h.flags = append(h.flags, cEnum{name: m[1]})
	}
	for _, m := range reFlag.FindAllStringSubmatch(text, -1) {
		n, err := number(m[3])
		if err != nil {
			return err
		}
		for i := range h.flags {
			if h.flags[i].name == m[1] {
				h.flags[i].values = append(h.flags[i].values, cValue{m[2], n})
			}
		}
	}
	for _, m := range reStruct.FindAllStringSubmatch(text, -1) {
		s := cStruct{name: m[1]}
		for _, f := range reField.FindAllStringSubmatch(m[2], -1) {
			for _, name := range strings.Split(f[2], ", ") {
				s.fields = append(s.fields, cField{name, cType(f[1])})
			}
		}
		h.structs = append(h.structs, s)
	}
	for _, m := range reFunc.FindAllStringSubmatch(text, -1) {
		f := cFunc{name: m[2], result: cType(m[3])}
		if m[5] != "void" {
			for _, p := range strings.Split(m[5], ",") {
				p = strings.TrimSpace(p)
				at := strings.LastIndexAny(p, " *") + 1
				f.params = append(f.params, cField{p[at:], cType(p[:at])})
			}
		}
		if m[1] == "GW_IMPORT" {
			h.gw = append(h.gw, f)
		} else {
			h.env = append(h.env, f)
		}
	}
	return nil
}

// cType puts a C type into one spelling: no const, no struct, no blanks.
func cType(s string) string {
	var words []string
	for _, w := range strings.Fields(strings.ReplaceAll(s, "*", " * ")) {
		if w != "const" && w != "struct" {
			words = append(words, w)
		}
	}
	return strings.Join(words, "")
}

// isStruct and isFlags say what a type's name stands for.
func (h *header) isStruct(typ string) *cStruct {
	for i := range h.structs {
		if h.structs[i].name == typ {
			return &h.structs[i]
		}
	}
	return nil
}

func (h *header) isFlags(typ string) bool {
	return slices.ContainsFunc(h.flags, func(e cEnum) bool { return e.name == typ })
}
