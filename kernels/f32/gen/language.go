package main

import (
	"fmt"
	"go/constant"
	"go/types"
	"strconv"
	"strings"
)

// language is what WGSL and C write differently.
type language interface {
	String() string
	// name is the name of a declaration of a Go package.
	name(pkg, name string) string
	// body is what a function consists of where the language has it built in, "" where it has not.
	body(name string) string
	// foreign is the name of a function of another package, "" if there is none.
	foreign(pkg, name string) string
	types() map[types.BasicKind]string
	declare(name, typ string) string
	structure(name string, fields []string) string
	// table prints an array; each element of vals has its fields, or one value if the element is no struct.
	table(name, elem string, vals [][]string) []string
	function(name string, params []string, result string) string
	variable(vary bool, name, typ, value string) string
	literal(kind types.BasicKind, v constant.Value) string
	convert(kind types.BasicKind, typ, value string) string
	index(table, i string) string
	composite(typ, elems string) string
	choose(cond, then, otherwise string) string
}

type wgsl struct{}

func (wgsl) String() string             { return "WGSL" }
func (wgsl) name(_, name string) string { return "gw_" + strings.ToLower(name) }
func (wgsl) foreign(_, _ string) string { return "" }
func (wgsl) body(name string) string {
	return map[string]string{"clz": "return countLeadingZeros(x);"}[name]
}
func (wgsl) declare(n, typ string) string { return n + ": " + typ }

func (wgsl) types() map[types.BasicKind]string {
	// int only counts loops.
	return map[types.BasicKind]string{types.Uint32: "u32", types.Int32: "i32", types.Int: "i32", types.Bool: "bool"}
}

func (wgsl) structure(name string, fields []string) string {
	return fmt.Sprintf("struct %s { %s }", name, strings.Join(fields, ", "))
}

// table gives a function of the index that selects by its bits. An array in a variable, which is what WGSL needed before
// constant arrays could be indexed, took a software driver ten times as long.
func (wgsl) table(name, elem string, vals [][]string) []string {
	out := []string{fmt.Sprintf("fn %s(i: u32) -> %s {", name, elem)}
	bits := 0
	for ; 1<<bits < len(vals); bits++ {
		out = append(out, fmt.Sprintf(" let b%d = (i & %du) != 0u;", bits, 1<<bits))
	}
	var fields []string
	for f := range vals[0] {
		var row []string
		for _, v := range vals {
			row = append(row, v[f])
		}
		for b := range bits {
			var half []string
			for k := 0; k < len(row); k += 2 {
				if k+1 == len(row) || row[k] == row[k+1] {
					half = append(half, row[k])
					continue
				}
				half = append(half, fmt.Sprintf("select(%s, %s, b%d)", row[k], row[k+1], b))
			}
			row = half
		}
		fields = append(fields, row[0])
	}
	if len(fields) == 1 {
		return append(out, " return "+fields[0]+";", "}")
	}
	return append(out, " return "+elem+"(\n  "+strings.Join(fields, ",\n  ")+");", "}")
}

func (wgsl) function(name string, params []string, result string) string {
	return fmt.Sprintf("fn %s(%s) -> %s", name, strings.Join(params, ", "), result)
}

func (wgsl) variable(vary bool, name, typ, value string) string {
	word := "let"
	if vary {
		word = "var"
	}
	return fmt.Sprintf("%s %s: %s = %s", word, name, typ, value)
}

func (wgsl) literal(kind types.BasicKind, v constant.Value) string {
	switch kind {
	case types.Uint32:
		c, _ := constant.Uint64Val(v)
		return fmt.Sprintf("0x%xu", c)
	case types.Int32, types.Int:
		if constant.Sign(v) < 0 {
			return "(" + v.ExactString() + "i)"
		}
		return v.ExactString() + "i"
	}
	return v.ExactString() // true, false
}

func (wgsl) convert(_ types.BasicKind, typ, value string) string {
	return "bitcast<" + typ + ">(" + value + ")"
}

func (wgsl) index(table, i string) string       { return table + "(" + i + ")" }
func (wgsl) composite(typ, elems string) string { return typ + "(" + elems + ")" }

func (wgsl) choose(cond, then, otherwise string) string {
	return "select(" + otherwise + ", " + then + ", " + cond + ")"
}

type c struct{}

func (c) String() string               { return "C" }
func (c) name(pkg, name string) string { return pkg + "_" + name }
func (c) body(string) string           { return "" }
func (c) declare(n, typ string) string { return typ + " " + n }
func (c) index(table, i string) string { return table + "[" + i + "]" }
func (c) convert(_ types.BasicKind, typ, value string) string {
	return "((" + typ + ")(" + value + "))"
}
func (c) composite(typ, elems string) string { return "(" + typ + "){" + elems + "}" }

func (c) choose(cond, then, otherwise string) string {
	return "(" + cond + " ? " + then + " : " + otherwise + ")"
}

func (c) foreign(pkg, name string) string {
	switch pkg {
	case "soft":
		return "soft_" + name
	case "math":
		return map[string]string{"Abs": "__builtin_fabs", "Sqrt": "__builtin_sqrt", "Float32bits": "bits32", "Float32frombits": "from32",
			"Float64bits": "bits64", "Float64frombits": "from64"}[name]
	}
	return ""
}

func (c) types() map[types.BasicKind]string {
	return map[types.BasicKind]string{types.Uint32: "uint32_t", types.Int32: "int32_t", types.Int: "int32_t", types.Bool: "bool",
		types.Uint64: "uint64_t", types.Int64: "int64_t", types.Float32: "float", types.Float64: "double"}
}

func (c) structure(name string, fields []string) string {
	return "typedef struct { " + strings.Join(fields, "; ") + "; } " + name + ";"
}

func (c) table(name, elem string, vals [][]string) []string {
	var elems []string
	for _, v := range vals {
		e := strings.Join(v, ", ")
		if len(v) > 1 {
			e = "{" + e + "}"
		}
		elems = append(elems, e)
	}
	return []string{fmt.Sprintf("static const %s %s[%d] = {%s};", elem, name, len(vals), strings.Join(elems, ", "))}
}

func (c) function(name string, params []string, result string) string {
	kind := "static"
	if strings.HasPrefix(name, "f32_") {
		kind = "INLINE"
	}
	return fmt.Sprintf("%s %s %s(%s)", kind, result, name, strings.Join(params, ", "))
}

func (c) variable(vary bool, name, typ, value string) string {
	if !vary {
		typ = "const " + typ
	}
	return typ + " " + name + " = " + value
}

func (c) literal(kind types.BasicKind, v constant.Value) string {
	switch kind {
	case types.Uint32, types.Uint64:
		n, _ := constant.Uint64Val(v)
		return fmt.Sprintf("0x%x", n) + map[types.BasicKind]string{types.Uint32: "u", types.Uint64: "ull"}[kind]
	case types.Int32, types.Int64, types.Int:
		return "(" + v.ExactString() + ")"
	case types.Float32, types.Float64:
		f, _ := constant.Float64Val(v)
		return "(" + strconv.FormatFloat(f, 'x', -1, 64) + map[types.BasicKind]string{types.Float32: "f"}[kind] + ")"
	}
	return v.ExactString() // true, false
}
