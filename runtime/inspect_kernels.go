package runtime

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gwrun/gwrun/kernels"
)

// FoundKernel is an entry point of a WGSL text found in a module's data.
type FoundKernel struct {
	Entry string
	// WorkgroupSize is zero throughout where it depends on an override.
	WorkgroupSize [3]uint32
	Bindings      int
	Overrides     []string
	TextBytes     int // of the text, as far as it was taken
}

// Bounds of the search, so that a module made to be searched for long is not.
const (
	maxKernelText  = 256 << 10 // bytes of one text
	maxKernelsSeen = 512       // entry points looked for in a segment
	maxStarts      = 400       // places where a text may begin that are tried for an entry point
	maxEnds        = 12        // places where it may end
	maxTried       = 8 << 20   // bytes of all stretches that are tried
)

// kernelSearch looks for WGSL texts. A compiler may lay texts side by side without anything between them (Rust, Go), put a zero byte
// behind each (C), or use two bytes a character (AssemblyScript); so a text is the smallest stretch of characters around a @compute
// that compiles.
type kernelSearch struct{ tried int }

var computeMark = []byte("@compute")

// find lists the entry points in a data segment.
func (f *kernelSearch) find(data []byte) []FoundKernel {
	var found []FoundKernel
	for _, text := range append(texts(data), texts(narrow16(data))...) {
		found = append(found, f.in(text)...)
	}
	return found
}

// narrow16 gives the text that data would be with two bytes a character: everything else becomes zero bytes.
func narrow16(data []byte) []byte {
	if !bytes.Contains(data, []byte("@\x00c\x00o\x00m\x00p\x00u\x00t\x00e\x00")) {
		return nil
	}
	out := make([]byte, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		if data[i+1] == 0 {
			out = append(out, data[i])
		} else {
			out = append(out, 0)
		}
	}
	return out
}

// texts cuts data at every byte that WGSL has no use for and keeps the pieces that hold an entry point.
func texts(data []byte) [][]byte {
	var out [][]byte
	for _, t := range bytes.FieldsFunc(data, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }) {
		if bytes.Contains(t, computeMark) {
			out = append(out, t)
		}
	}
	return out
}

func (f *kernelSearch) in(text []byte) []FoundKernel {
	if len(text) <= maxKernelText {
		if k := f.compiled(text); k != nil {
			return k
		}
	}
	var found []FoundKernel
	seen := map[string]bool{}
	for at, n := 0, 0; n < maxKernelsSeen && f.tried <= maxTried; n++ {
		next := bytes.Index(text[at:], computeMark)
		if next < 0 {
			break
		}
		at += next
		for _, k := range f.at(text, at) {
			if key := k.Entry; !seen[key] {
				seen[key] = true
				found = append(found, k)
			}
		}
		at += len(computeMark)
	}
	return found
}

// at tries stretches around the entry point at, the shortest first.
func (f *kernelSearch) at(text []byte, at int) []FoundKernel {
	from := max(0, at-maxKernelText/2)
	starts := []int{at}
	for _, word := range []string{"@group", "@id", "struct ", "alias ", "const ", "override ", "enable ", "requires ", "diagnostic", "var<", "fn ", "//", "/*"} {
		for i := from; ; {
			k := bytes.Index(text[i:at], []byte(word))
			if k < 0 {
				break
			}
			starts = append(starts, i+k)
			i += k + 1
		}
	}
	slices.Sort(starts)
	slices.Reverse(starts)
	starts = starts[:min(len(starts), maxStarts)]
	for _, end := range ends(text, at) {
		for _, start := range starts {
			if k := f.compiled(text[start:end]); k != nil {
				return k
			}
		}
	}
	return nil
}

// ends are the places behind the function at where a declaration ends.
func ends(text []byte, at int) []int {
	var out []int
	depth := 0
	limit := min(len(text), at+maxKernelText/2)
	for i := at; i < limit && len(out) < maxEnds; i++ {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth <= 0 {
				out = append(out, i+1)
			}
		}
	}
	return out
}

// compiled gives the entry points of a text, nil if it is none.
func (f *kernelSearch) compiled(text []byte) []FoundKernel {
	if f.tried > maxTried {
		return nil
	}
	f.tried += len(text)
	m, err := kernels.Compile(strings.ToValidUTF8(string(text), "\ufffd"))
	if err != nil {
		return nil
	}
	var out []FoundKernel
	for _, e := range m.Entries() {
		k := FoundKernel{Entry: e.Name, WorkgroupSize: e.WorkgroupSize, Bindings: len(e.Bindings), TextBytes: len(text)}
		for _, o := range m.Overrides() {
			k.Overrides = append(k.Overrides, o.Name)
		}
		out = append(out, k)
	}
	return out
}
