package main

import (
	"fmt"
	"strings"

	"github.com/gwrun/gwrun/kernels/lib"
)

// generateC writes gwlib.h, what a job includes, and gwlib.c. Each kernel is data and functions of its own, so that a linker
// drops those that a job does not name.
func generateC(ops []Op) (map[string][]byte, error) {
	var h, c strings.Builder
	h.WriteString(`/* The kernel library. Written by sdk/gen from kernels/lib: do not edit. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const char *name;
    const char *elem; /* "f32", "u32", "i32" or "vec2<u32>" */
    uint8_t writable;
} gw_lib_binding;

typedef struct {
    const char *name;
    uint32_t value;
} gw_lib_value;

/* A kernel: its name, which is its entry point's too, and the complete WGSL text, whose overrides have the default tile.
 * Binding 0.0 is a uniform buffer with the words of its parameters. */
typedef struct {
    const char *name;
    const char *source;
    uint32_t source_length;
    uint32_t params;   /* words */
    uint32_t bindings; /* storage buffers 0.1, 0.2 ... */
    uint32_t tile_values;
    const gw_lib_binding *binding;
    const gw_lib_value *tile; /* the default */
    /* The workgroups in x, y and z for parameters and a tile's values, of which each is at least 1. */
    void (*grid)(const uint32_t *params, const uint32_t *tile, uint64_t *groups);
} gw_lib_op;
`)
	c.WriteString(`/* The kernel library. Written by sdk/gen from kernels/lib: do not edit. */
#include "gwlib.h"

static uint64_t ceil_of(uint64_t a, uint64_t b) {
    return a / b + (a % b != 0);
}

static uint64_t min_of(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t max_of(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}
`)
	for _, op := range ops {
		if strings.Contains(op.Doc, "*/") {
			return nil, fmt.Errorf("%s: its header has */ in it", op.Name)
		}
		fmt.Fprintf(&h, "\n/* %s", strings.ReplaceAll(op.Doc, "\n", "\n * "))
		fmt.Fprintf(&h, "\n * Bindings:")
		for i, b := range op.Bindings {
			access := "read"
			if b.Writable {
				access = "written"
			}
			fmt.Fprintf(&h, "%s %d %s (%s, %s)", comma(i), b.Index, b.Name, b.Elem, access)
		}
		if len(op.Overrides) > 0 {
			fmt.Fprintf(&h, ".\n * Overrides:")
			for i, o := range op.Overrides {
				fmt.Fprintf(&h, "%s %s (%s, %v)", comma(i), o.Name, o.Type, o.Default)
			}
		}
		fmt.Fprintf(&h, ". */\ntypedef struct {\n")
		for _, p := range op.Params {
			typ := "uint32_t"
			if p.Float {
				typ = "float"
			}
			fmt.Fprintf(&h, "    %s %s;\n", typ, p.Name)
		}
		fmt.Fprintf(&h, "} gw_lib_%s_params;\nextern const gw_lib_op gw_lib_%s;\n", op.Name, op.Name)

		fmt.Fprintf(&c, "\nstatic const char %s_source[] =\n", op.Name)
		for line := range strings.Lines(op.Source) {
			fmt.Fprintf(&c, "    \"%s\\n\"\n", strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(strings.TrimSuffix(line, "\n")))
		}
		fmt.Fprintf(&c, "    ;\n\nstatic const gw_lib_binding %s_bindings[] = {\n", op.Name)
		for _, b := range op.Bindings {
			writable := 0
			if b.Writable {
				writable = 1
			}
			fmt.Fprintf(&c, "    {\"%s\", \"%s\", %d},\n", b.Name, b.Elem, writable)
		}
		fmt.Fprintf(&c, "};\n\nstatic const gw_lib_value %s_tile[] = {\n", op.Name)
		for _, v := range op.Tile {
			fmt.Fprintf(&c, "    {\"%s\", %v},\n", v.Name, v.Default)
		}
		fmt.Fprintf(&c, "};\n\nstatic void %s_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {\n", op.Name)
		var unused []string
		for _, name := range []string{"p", "t"} {
			if !uses(op.Grid, map[string]lib.Kind{"p": lib.Param, "t": lib.TileValue}[name]) {
				unused = append(unused, "(void)"+name)
			}
		}
		if unused != nil {
			fmt.Fprintf(&c, "    %s;\n", strings.Join(unused, ", "))
		}
		for i, e := range op.Grid {
			fmt.Fprintf(&c, "    groups[%d] = %s;\n", i, cExpr(op, e))
		}
		fmt.Fprintf(&c, "}\n\nconst gw_lib_op gw_lib_%s = {\n    \"%s\", %s_source, sizeof %s_source - 1, %d, %d, %d, %s_bindings, %s_tile, %s_grid,\n};\n",
			op.Name, op.Name, op.Name, op.Name, len(op.Params), len(op.Bindings), len(op.Tile), op.Name, op.Name, op.Name)
	}
	h.WriteString("\n#ifdef __cplusplus\n}\n#endif\n")
	return map[string][]byte{"c/gwlib.h": []byte(h.String()), "c/gwlib.c": []byte(c.String())}, nil
}

func comma(i int) string {
	if i > 0 {
		return ","
	}
	return ""
}

// uses says whether there is a term of a kind in the grid.
func uses(grid [3]*lib.Expr, kind lib.Kind) bool {
	var in func(e *lib.Expr) bool
	in = func(e *lib.Expr) bool {
		found := e.Kind == kind
		for _, a := range e.Args {
			found = found || in(a)
		}
		return found
	}
	return in(grid[0]) || in(grid[1]) || in(grid[2])
}

// place is the index of a term's name among the parameters or the values of the tile.
func (op *Op) place(e *lib.Expr) int {
	if e.Kind == lib.Param {
		for i, p := range op.Params {
			if p.Name == e.Name {
				return i
			}
		}
	}
	for i, v := range op.Tile {
		if v.Name == e.Name {
			return i
		}
	}
	panic("the grid of " + op.Name + " has a name of its own: " + e.Name) // the library's parser knows every name
}

// cExpr is the term in C, in 64 bits.
func cExpr(op Op, e *lib.Expr) string {
	var args []string
	for _, a := range e.Args {
		args = append(args, cExpr(op, a))
	}
	switch e.Kind {
	case lib.Number:
		return fmt.Sprint(e.Value)
	case lib.Param:
		return fmt.Sprintf("(uint64_t)p[%d]", op.place(e))
	case lib.TileValue:
		return fmt.Sprintf("(uint64_t)t[%d]", op.place(e))
	case lib.Ceil:
		return fmt.Sprintf("ceil_of(%s, %s)", args[0], args[1])
	case lib.Min:
		return fmt.Sprintf("min_of(%s, %s)", args[0], args[1])
	case lib.Max:
		return fmt.Sprintf("max_of(%s, %s)", args[0], args[1])
	}
	return fmt.Sprintf("(%s %s %s)", args[0], map[lib.Kind]string{lib.Add: "+", lib.Sub: "-", lib.Mul: "*", lib.Div: "/"}[e.Kind], args[1])
}
