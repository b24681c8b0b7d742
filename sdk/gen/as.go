package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gwrun/gwrun/kernels/lib"
)

// generateAS writes sdk/as/assembly/raw.ts and lib.ts.
func generateAS(ops []Op) (map[string][]byte, error) {
	h, err := readHeaders()
	if err != nil {
		return nil, err
	}
	raw, err := asRaw(h)
	if err != nil {
		return nil, err
	}
	library, err := asLibrary(ops)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"as/assembly/raw.ts": raw, "as/assembly/lib.ts": library, "as/testdata/all.ts": asAll(ops)}, nil
}

// asName is a name of the headers for a function, field or parameter: wgpuDeviceGetQueue is deviceGetQueue.
func asName(s string) string {
	s = goName(s)
	return strings.ToLower(s[:1]) + s[1:]
}

func asRaw(h *header) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `// %s

// What the host offers a job, as it stands: webgpu.h's compute part (import module env) and gw.h (import module gw).
// wgpuDeviceCreateBuffer is deviceCreateBuffer, WGPUBufferUsage_Storage is BufferUsage.Storage. A structure is laid out as in C:
// one inside another is its fields with the name of the other in front. A structure passed by value is passed by its address.

// In place of a callback: its event waits for eventTake.
export const TAKE: u32 = 0xffffffff;
// In place of a length: no text, the rest of a buffer.
export const STRLEN: u32 = 0xffffffff;
export const WHOLE_MAP_SIZE: u32 = 0xffffffff;
export const WHOLE_SIZE: u64 = 0xffffffffffffffff;

// Objects: small numbers given by the host. 0 is none.
`, generated)
	for _, name := range h.handles {
		fmt.Fprintf(&b, "export type %s = u32;\n", goName(name))
	}
	b.WriteString("export type Future = u64;\n")
	for _, e := range h.enums {
		fmt.Fprintf(&b, "\nexport const enum %s {\n", goName(e.name))
		for _, v := range e.values {
			fmt.Fprintf(&b, "  %s = %#x,\n", asValue(e.name, v.name), v.value)
		}
		b.WriteString("}\n")
	}
	for _, e := range h.flags {
		fmt.Fprintf(&b, "\nexport namespace %s {\n", goName(e.name))
		for _, v := range e.values {
			fmt.Fprintf(&b, "  // @ts-ignore: decorator\n  @inline export const %s: u64 = %#x;\n", asValue(e.name, v.name), v.value)
		}
		b.WriteString("}\n")
	}
	for _, s := range h.structs {
		if s.name == "WGPUFuture" {
			continue
		}
		l := h.layout(s.name)
		fmt.Fprintf(&b, "\n// @ts-ignore: decorator\n@unmanaged\nexport class %s {\n  static readonly SIZE: usize = %d;\n", goName(s.name), l.size)
		at, pad := 0, 0
		for _, f := range l.fields {
			for ; at < f.offset; at += 4 {
				fmt.Fprintf(&b, "  padding%d: u32;\n", pad)
				pad++
			}
			fmt.Fprintf(&b, "  %s: %s;\n", f.name, f.typ)
			at = f.offset + f.size
		}
		b.WriteString("}\n")
	}
	for _, m := range []struct {
		name string
		list []cFunc
	}{{"env", h.env}, {"gw", h.gw}} {
		for _, f := range m.list {
			var params []string
			for _, p := range f.params {
				params = append(params, asName(p.name)+": "+h.asParam(p))
			}
			result := "void"
			if f.result != "void" {
				result = h.asParam(cField{typ: f.result})
			}
			fmt.Fprintf(&b, "\n// @ts-ignore: decorator\n@external(%q, %q)\nexport declare function %s(%s): %s;\n", m.name, f.name, asName(f.name), strings.Join(params, ", "), result)
		}
	}
	return []byte(b.String()), nil
}

// asValue is the name of an enum's value within its enum: WGPUMapMode_Read is Read, a name that begins with a digit has a _.
func asValue(enum, value string) string {
	v := goName(value)
	short := strings.TrimPrefix(v, goName(enum))
	if enum == "gw_event_kind" {
		short = strings.TrimPrefix(v, "Event")
	}
	if short[0] >= '0' && short[0] <= '9' {
		short = "_" + short
	}
	return short
}

// asParam is the type of a parameter or result: pointers, and structures by value, are addresses.
func (h *header) asParam(f cField) string {
	switch {
	case f.pointer(), f.typ != "WGPUFuture" && h.isStruct(f.typ) != nil:
		return "usize"
	}
	t, _ := h.asScalar(f.typ)
	return t
}

// asScalar is a type that is one number, and its size.
func (h *header) asScalar(typ string) (string, int) {
	switch typ {
	case "uint64_t":
		return "u64", 8
	case "double":
		return "f64", 8
	case "int32_t":
		return "i32", 4
	case "WGPUFuture":
		return "Future", 8
	}
	switch {
	case slices.Contains(h.handles, typ):
		return goName(typ), 4
	case h.isFlags(typ):
		return "u64", 8
	}
	return "u32", 4
}

// cLayout is a structure of wasm32: fields in order, with those of structures inside it in their place.
type cLayout struct {
	fields      []laidOut
	size, align int
}

type laidOut struct {
	name, typ    string
	offset, size int
}

func (h *header) layout(name string) cLayout {
	l := cLayout{align: 4}
	at := 0
	place := func(align int) {
		at = (at + align - 1) / align * align
		l.align = max(l.align, align)
	}
	for _, f := range h.isStruct(name).fields {
		if inner := h.isStruct(f.typ); inner != nil && f.typ != "WGPUFuture" {
			in := h.layout(f.typ)
			place(in.align)
			for _, g := range in.fields {
				l.fields = append(l.fields, laidOut{asName(f.name) + strings.ToUpper(g.name[:1]) + g.name[1:], g.typ, at + g.offset, g.size})
			}
			at += in.size
			continue
		}
		typ, size := "usize", 4
		if !f.pointer() {
			typ, size = h.asScalar(f.typ)
		}
		place(size)
		l.fields = append(l.fields, laidOut{asName(f.name), typ, at, size})
		at += size
	}
	place(l.align)
	l.size = at
	return l
}

// asLibrary makes each kernel a class: its fields are the parameters and the overrides, its methods give what running it needs.
// The compiler leaves out the classes that a job does not use.
func asLibrary(ops []Op) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s\n\n// The kernel library: a class for each kernel, to be run by run() of tensor.ts.\n\nimport { Constant, Kernel, ceil, flag } from \"./kernel\";\n", generated)
	for _, op := range ops {
		if strings.ContainsAny(op.Source, "`\\") || strings.Contains(op.Source, "${") {
			return nil, fmt.Errorf("%s: its text has a back quote, a backslash or ${ in it", op.Name)
		}
		if err := asKernel(&b, op); err != nil {
			return nil, fmt.Errorf("%s: %w", op.Name, err)
		}
	}
	return []byte(b.String()), nil
}

func asKernel(b *strings.Builder, op Op) error {
	fmt.Fprintf(b, "\n// %s\n// Bindings:", strings.ReplaceAll(op.Doc, "\n", "\n// "))
	var names []string
	writable := 0
	for i, v := range op.Bindings {
		access := "read"
		if v.Writable {
			access = "written"
			writable |= 1 << i
		}
		fmt.Fprintf(b, "%s %s (%s, %s)", comma(i), v.Name, v.Elem, access)
		names = append(names, fmt.Sprintf("%q", v.Name))
	}
	fmt.Fprintf(b, ".\nexport class %s extends Kernel {\n", goName(op.Name))
	seen := map[string]bool{}
	var words, constants, tile, grid []string
	field := func(name, typ, value string) error {
		if seen[name] {
			return fmt.Errorf("two fields %s", name)
		}
		seen[name] = true
		fmt.Fprintf(b, "  %s: %s = %s;\n", name, typ, value)
		return nil
	}
	for _, p := range op.Params {
		name, typ, word := asName(p.Name), "u32", "this."+asName(p.Name)
		if p.Float {
			typ, word = "f32", "reinterpret<u32>("+word+")"
		}
		if err := field(name, typ, "0"); err != nil {
			return err
		}
		words = append(words, word)
	}
	if len(op.Overrides) > 0 {
		b.WriteString("  // What chooses a variant.\n")
	}
	for _, o := range op.Overrides {
		name, typ, value := asName(o.Name), o.Type, fmt.Sprint(o.Default)
		use := "<f64>this." + name
		if o.Type == "bool" {
			value, use = fmt.Sprint(o.Default != 0), "flag(this."+name+")"
		}
		if err := field(name, typ, value); err != nil {
			return err
		}
		constants = append(constants, fmt.Sprintf("new Constant(%q, %s)", o.Name, use))
	}
	for _, t := range op.Tile {
		tile = append(tile, fmt.Sprintf("new Constant(%q, %v)", t.Name, t.Default))
	}
	for _, e := range op.Grid {
		grid = append(grid, asExpr(e, op))
	}
	list := func(s []string) string { return strings.Join(s, ", ") }
	fmt.Fprintf(b, "  name(): string { return %q; }\n", op.Name)
	fmt.Fprintf(b, "  bindings(): string[] { return [%s]; }\n", list(names))
	fmt.Fprintf(b, "  writable(): u32 { return %d; }\n", writable)
	fmt.Fprintf(b, "  words(): StaticArray<u32> { return [%s]; }\n", list(words))
	fmt.Fprintf(b, "  constants(): Constant[] { return [%s]; }\n", list(constants))
	fmt.Fprintf(b, "  tile(): Constant[] { return [%s]; }\n", list(tile))
	fmt.Fprintf(b, "  grid(p: StaticArray<u32>, t: StaticArray<u32>): StaticArray<u64> { return [%s]; }\n", list(grid))
	fmt.Fprintf(b, "  source(): string { return `%s`; }\n}\n", op.Source)
	return nil
}

// asExpr is a term of a grid over p, the parameters, and t, the tile's values.
func asExpr(e *lib.Expr, op Op) string {
	switch e.Kind {
	case lib.Number:
		return fmt.Sprint(e.Value)
	case lib.Param:
		return fmt.Sprintf("<u64>p[%d]", op.place(e))
	case lib.TileValue:
		return fmt.Sprintf("<u64>t[%d]", op.place(e))
	}
	a, b := asExpr(e.Args[0], op), asExpr(e.Args[1], op)
	switch e.Kind {
	case lib.Ceil:
		return fmt.Sprintf("ceil(%s, %s)", a, b)
	case lib.Min:
		return fmt.Sprintf("min<u64>(%s, %s)", a, b)
	case lib.Max:
		return fmt.Sprintf("max<u64>(%s, %s)", a, b)
	}
	return fmt.Sprintf("(%s %s %s)", a, map[lib.Kind]string{lib.Add: "+", lib.Sub: "-", lib.Mul: "*", lib.Div: "/"}[e.Kind], b)
}

// asAll lists every kernel for a test.
func asAll(ops []Op) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s\n\n// Parameter i is 1000 + 7 i, or i + 0.5 where it is a float.\n\nimport { Kernel } from \"../assembly/kernel\";\nimport * as lib from \"../assembly/lib\";\n\nexport function all(): Kernel[] {\n  const list: Kernel[] = [];\n", generated)
	for i, op := range ops {
		fmt.Fprintf(&b, "  const k%d = new lib.%s();\n", i, goName(op.Name))
		for j, p := range op.Params {
			fmt.Fprintf(&b, "  k%d.%s = %s;\n", i, asName(p.Name), trial(j, p))
		}
		fmt.Fprintf(&b, "  list.push(k%d);\n", i)
	}
	b.WriteString("  return list;\n}\n")
	return []byte(b.String())
}
