package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gwrun/gwrun/kernels/lib"
)

// generateRust writes the crate's raw/webgpu.rs, from the C header, and library/ops.rs.
func generateRust(ops []Op) (map[string][]byte, error) {
	h, err := readHeaders()
	if err != nil {
		return nil, err
	}
	raw, err := rustRaw(h)
	if err != nil {
		return nil, err
	}
	library, err := rustLibrary(ops)
	if err != nil {
		return nil, err
	}
	c, rust := layoutProbes(h)
	return map[string][]byte{"rust/src/raw/webgpu.rs": raw, "rust/src/library/ops.rs": library,
		"rust/testdata/layout/layout.c": c, "rust/testdata/probe/src/layout.rs": rust}, nil
}

// layoutProbes writes two jobs that say how large every structure is and where its fields begin, in C and in Rust, and have the
// Rust one import every function. The crate's test compares them.
func layoutProbes(h *header) (c, rust []byte) {
	var b, r strings.Builder
	b.WriteString(`/* How C lays out the structures. Written by sdk/gen: do not edit. */
#include <gw.h>
#include <webgpu.h>

static const uint32_t layout[] = {
`)
	r.WriteString(`//! How Rust lays out the structures, and all imports. Written by sdk/gen: do not edit.

use gwrun::raw::*;
use std::mem::size_of;

macro_rules! layout {
    ($to:ident $name:ident $($field:ident)*) => {
        let v = $name::default();
        let begin = &v as *const _ as usize;
        $to.push((stringify!($name), size_of::<$name>()));
        $($to.push((concat!(stringify!($name), ".", stringify!($field)), &v.$field as *const _ as usize - begin));)*
    };
}

pub fn table() -> Vec<(&'static str, usize)> {
    let mut t = Vec::new();
`)
	for _, s := range h.structs {
		fmt.Fprintf(&b, "    sizeof(%s),", s.name)
		fmt.Fprintf(&r, "    layout!(t %s", s.name)
		for _, f := range s.fields {
			fmt.Fprintf(&b, " offsetof(%s, %s),", s.name, f.name)
			fmt.Fprintf(&r, " %s", rustName(f.name))
		}
		b.WriteString("\n")
		r.WriteString(");\n")
	}
	b.WriteString(`};

GW_EXPORT(gw_step) int gw_step(void) {
    gw_output_write("layout", 6, layout, sizeof layout);
    return GW_DONE;
}
`)
	r.WriteString("    t\n}\n\npub fn imports() -> Vec<*const ()> {\n    vec![\n")
	for _, f := range h.env {
		fmt.Fprintf(&r, "        %s as *const (),\n", f.name)
	}
	for _, f := range h.gw {
		fmt.Fprintf(&r, "        gw_%s as *const (),\n", f.name)
	}
	r.WriteString("    ]\n}\n")
	return []byte(b.String()), []byte(r.String())
}

const rustRawHead = `//! ` + "`webgpu.h`" + `, its compute part. Written by sdk/gen from sdk/c/include/webgpu.h: do not edit.
#![allow(missing_docs, non_camel_case_types, non_snake_case, non_upper_case_globals, clippy::all)]

use core::ffi::c_void;

pub type WGPUFlags = u64;

pub const WGPU_TRUE: WGPUBool = 1;
pub const WGPU_FALSE: WGPUBool = 0;
pub const WGPU_LIMIT_U32_UNDEFINED: u32 = u32::MAX;
pub const WGPU_LIMIT_U64_UNDEFINED: u64 = u64::MAX;
pub const WGPU_STRLEN: usize = usize::MAX;
pub const WGPU_WHOLE_MAP_SIZE: usize = usize::MAX;
pub const WGPU_WHOLE_SIZE: u64 = u64::MAX;

macro_rules! handles {
    ($($name:ident,)*) => { $(
        /// The number of an object; 0 is none.
        #[repr(transparent)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name(pub u32);
    )* };
}

// Default is all zeros, as {0} in C.
macro_rules! structure {
    ($(#[$repr:meta])* $name:ident { $($field:ident: $t:ty,)* }) => {
        $(#[$repr])*
        #[derive(Clone, Copy)]
        pub struct $name { $(pub $field: $t,)* }

        impl Default for $name {
            fn default() -> Self {
                // SAFETY: numbers, pointers, handles and Option of functions, all of which may be zero.
                unsafe { core::mem::zeroed() }
            }
        }
    };
}

// Objects.

`

var (
	reCallback    = regexp.MustCompile(`(?m)^typedef void \(\*(\w+)\)\(([^)]*)\);`)
	reConst       = regexp.MustCompile(`\bconst \* *(?:const )?(\w+)$`)
	reDeclaration = regexp.MustCompile(`(?m)^(?:WGPU_EXPORT\(\w+\) .*?)(\w+)\(([^)]*)\);`)
)

// rustTypes says C's types in Rust's words. constant has the parameters and fields, as "wgpuQueueSubmit commands", that point to
// what is only read, which header does not keep.
type rustTypes struct {
	*header
	constant map[string]bool
}

func rustRaw(h *header) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join("sdk", "c", "include", "webgpu.h"))
	if err != nil {
		if text, err = os.ReadFile(filepath.Join("..", "c", "include", "webgpu.h")); err != nil {
			return nil, err
		}
	}
	source := reComment.ReplaceAllString(string(text), "")
	r := &rustTypes{h, map[string]bool{}}
	note := func(of string, parts []string) {
		for _, p := range parts {
			if m := reConst.FindStringSubmatch(strings.TrimSpace(p)); m != nil {
				r.constant[of+" "+m[1]] = true
			}
		}
	}
	callbacks := reCallback.FindAllStringSubmatch(source, -1)
	for _, m := range append(reDeclaration.FindAllStringSubmatch(source, -1), callbacks...) {
		note(m[1], strings.Split(m[2], ","))
	}
	for _, m := range reStruct.FindAllStringSubmatch(source, -1) {
		note(m[1], strings.Split(m[2], ";"))
	}

	var b strings.Builder
	b.WriteString(rustRawHead)
	b.WriteString("handles! {\n")
	for _, name := range h.handles {
		fmt.Fprintf(&b, "    %s,\n", name)
	}
	b.WriteString("}\n\n// Enumerations.\n\n")
	for _, name := range h.words {
		fmt.Fprintf(&b, "pub type %s = u32;\n", name)
	}
	for _, e := range h.enums {
		if strings.HasPrefix(e.name, "WGPU") { // those of gw.h are in raw/gw.rs
			fmt.Fprintf(&b, "\npub type %s = u32;\n", e.name)
			for _, v := range e.values {
				fmt.Fprintf(&b, "pub const %s: %s = %d;\n", v.name, e.name, v.value)
			}
		}
	}
	for _, e := range h.flags {
		fmt.Fprintf(&b, "\npub type %s = WGPUFlags;\n", e.name)
		for _, v := range e.values {
			fmt.Fprintf(&b, "pub const %s: %s = %#x;\n", v.name, e.name, v.value)
		}
	}
	b.WriteString("\n// Callbacks. A structure that C passes by value is a pointer to a copy, as wasm32's C calling convention has it.\n\n")
	for _, m := range callbacks {
		var params []cField
		for _, p := range strings.Split(m[2], ",") {
			p = strings.TrimSpace(p)
			at := strings.LastIndexAny(p, " *") + 1
			params = append(params, cField{p[at:], cType(p[:at])})
		}
		fmt.Fprintf(&b, "pub type %s = Option<unsafe extern \"C\" fn(%s)>;\n", m[1], r.params(m[1], params))
	}
	b.WriteString("\n// Structures.\n")
	for _, s := range h.structs {
		if !strings.HasPrefix(s.name, "WGPU") {
			continue
		}
		repr := "C"
		if s.name == "WGPUFuture" {
			repr = "transparent" // it is passed as its only field
		}
		fmt.Fprintf(&b, "\nstructure! { #[repr(%s)] %s {\n", repr, s.name)
		for _, f := range s.fields {
			fmt.Fprintf(&b, "    %s: %s,\n", rustName(f.name), r.typ(s.name, f))
		}
		b.WriteString("} }\n")
	}
	b.WriteString("\n#[link(wasm_import_module = \"env\")]\nextern \"C\" {\n")
	for _, f := range h.env {
		result := ""
		if f.result != "void" {
			result = " -> " + r.typ(f.name, cField{"result", f.result})
		}
		fmt.Fprintf(&b, "    pub fn %s(%s)%s;\n", f.name, r.params(f.name, f.params), result)
	}
	b.WriteString("}\n")
	return []byte(b.String()), nil
}

func (r *rustTypes) params(of string, list []cField) string {
	var out []string
	for _, p := range list {
		t := r.typ(of, p)
		if r.isStruct(p.typ) != nil && p.typ != "WGPUFuture" {
			t = "*const " + t
		}
		out = append(out, rustName(p.name)+": "+t)
	}
	return strings.Join(out, ", ")
}

var rustNumbers = map[string]string{"uint8_t": "u8", "char": "u8", "uint16_t": "u16", "int32_t": "i32", "uint32_t": "u32", "uint64_t": "u64",
	"size_t": "usize", "float": "f32", "double": "f64", "void": "c_void"}

func (r *rustTypes) typ(of string, f cField) string {
	if to, ok := strings.CutSuffix(f.typ, "*"); ok {
		star := "*mut "
		if r.constant[of+" "+f.name] {
			star = "*const "
		}
		return star + r.typ("", cField{"", to})
	}
	if t, ok := rustNumbers[f.typ]; ok {
		return t
	}
	return f.typ
}

func rustName(name string) string {
	if name == "type" {
		return "r#type"
	}
	return name
}

// rustLibrary writes each kernel as a static of its own, so that a linker drops those that a job does not name.
func rustLibrary(ops []Op) ([]byte, error) {
	var b strings.Builder
	b.WriteString("//! The kernels. Written by sdk/gen from kernels/lib: do not edit.\n\nuse super::{ceil, div, Binding, Op, Override, Param};\nuse core::cmp::{max, min};\n")
	for _, op := range ops {
		if strings.Contains(op.Source, `"#`) {
			return nil, fmt.Errorf(`%s: its text has "# in it`, op.Name)
		}
		doc := strings.NewReplacer("[", `\[`, "]", `\]`, "<", `\<`, "*", `\*`, "|", `\|`).Replace(op.Doc)
		b.WriteString("\n")
		for line := range strings.Lines(doc) {
			name, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			if ok && (name == "Shapes" || name == "Order" || name == "Error" || name == "Grid") {
				fmt.Fprintf(&b, "///\n/// **%s**: %s\n", name, rest)
				continue
			}
			fmt.Fprintf(&b, "/// %s\n", strings.TrimSuffix(line, "\n"))
		}
		fmt.Fprintf(&b, "pub static %s: Op = Op {\n    name: %q,\n    params: &[", strings.ToUpper(op.Name), op.Name)
		for _, p := range op.Params {
			fmt.Fprintf(&b, "\n        Param { name: %q, float: %t },", p.Name, p.Float)
		}
		b.WriteString("\n    ],\n    bindings: &[")
		for _, v := range op.Bindings {
			fmt.Fprintf(&b, "\n        Binding { name: %q, elem: %q, writable: %t },", v.Name, v.Elem, v.Writable)
		}
		b.WriteString("\n    ],\n    overrides: &[" + rustOverrides(op.Overrides) + "],\n    tile: &[" + rustOverrides(op.Tile) + "],\n")
		names := [2]string{"_", "_"}
		if uses(op.Grid, lib.Param) {
			names[0] = "p"
		}
		if uses(op.Grid, lib.TileValue) {
			names[1] = "t"
		}
		fmt.Fprintf(&b, "    grid: |%s, %s| [\n", names[0], names[1])
		for _, e := range op.Grid {
			fmt.Fprintf(&b, "        %s,\n", rustExpr(op, e))
		}
		fmt.Fprintf(&b, "    ],\n    source: r#\"%s\"#,\n};\n", op.Source)
	}
	return []byte(b.String()), nil
}

func rustOverrides(list []Override) string {
	if len(list) == 0 {
		return ""
	}
	var b strings.Builder
	for _, o := range list {
		fmt.Fprintf(&b, "\n        Override { name: %q, default: %v_f64 },", o.Name, o.Default)
	}
	return b.String() + "\n    "
}

// rustExpr is the term in Rust, in 64 bits, as lib.Expr.Eval has it.
func rustExpr(op Op, e *lib.Expr) string {
	var args []string
	for _, a := range e.Args {
		args = append(args, rustExpr(op, a))
	}
	switch e.Kind {
	case lib.Number:
		return fmt.Sprintf("%d_u64", e.Value)
	case lib.Param:
		return fmt.Sprintf("u64::from(p[%d])", op.place(e))
	case lib.TileValue:
		return fmt.Sprintf("u64::from(t[%d])", op.place(e))
	}
	switch name := map[lib.Kind]string{lib.Ceil: "ceil", lib.Div: "div", lib.Min: "min", lib.Max: "max"}[e.Kind]; name {
	case "":
		method := map[lib.Kind]string{lib.Add: "saturating_add", lib.Sub: "saturating_sub", lib.Mul: "saturating_mul"}[e.Kind]
		return fmt.Sprintf("%s.%s(%s)", args[0], method, args[1])
	default:
		return fmt.Sprintf("%s(%s, %s)", name, args[0], args[1])
	}
}
