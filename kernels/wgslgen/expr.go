package wgslgen

import (
	"fmt"
	"strings"
)

// value is an expression; known says that it is the same each time the kernel runs.
type value struct {
	text  string
	known bool
}

func run(format string, a ...any) value { return value{fmt.Sprintf(format, a...), false} }

// varying is an expression that is not known.
func (g *gen) varying(t typ, depth int) string {
	if v := g.expr(t, depth); !v.known {
		return v.text
	}
	return g.variable(t)
}

// variable is a variable of the type, or made from one.
func (g *gen) variable(t typ) string {
	var have []variable
	for _, v := range g.vars {
		if v.t == t {
			have = append(have, v)
		}
	}
	if len(have) > 0 {
		return have[g.r.IntN(len(have))].name
	}
	u := "state"
	for _, v := range g.vars {
		if v.t == (typ{'u', 1}) && g.r.IntN(2) == 0 {
			u = v.name
		}
	}
	at := fmt.Sprintf("%s + %du", u, g.r.IntN(srcWords))
	scalar := map[byte]string{'f': "real(%s)", 'u': "word(%s)", 'i': "bitcast<i32>(word(%s))", 'b': "(word(%s) & 1u) != 0u"}[t.kind]
	scalar = fmt.Sprintf(scalar, at)
	if t.n == 1 {
		return scalar
	}
	return fmt.Sprintf("%s(%s)", t, scalar)
}

func (g *gen) literal(t typ) string {
	var s string
	switch t.kind {
	case 'f':
		s = g.one("0f", "1f", "-1f", "0.5", "2.0f", "3f", "0.1f", "1e-40f", "-1.1754944e-38f", "3.4028235e38f", "16777216f", "1e30f", "0x1.8p-51f")
	case 'i':
		s = g.one("0i", "1i", "-1i", "7i", "2147483647i", "i32(-2147483648)", "31i", "100i")
	case 'u':
		s = g.one("0u", "1u", "3u", "31u", "255u", "4294967295u", "2147483648u", "0xffff0000u")
	default:
		s = g.one("true", "false")
	}
	if t.n > 1 {
		return fmt.Sprintf("%s(%s)", t, s)
	}
	return s
}

func (g *gen) leaf(t typ) value {
	if g.r.IntN(6) == 0 {
		return value{g.literal(t), true}
	}
	return value{g.variable(t), false}
}

// two are operands of which one at least is not known.
func (g *gen) two(t typ, depth int) (string, string) {
	a, b := g.expr(t, depth), g.expr(t, depth)
	if a.known && b.known {
		a.text = g.variable(t)
	}
	return a.text, b.text
}

func (g *gen) expr(t typ, depth int) value {
	if depth <= 0 {
		return g.leaf(t)
	}
	depth--
	switch g.r.IntN(12) {
	case 0, 1:
		return g.leaf(t)
	case 2:
		return run("select(%s, %s, %s)", g.varying(t, depth), g.expr(t, depth).text, g.varying(typ{'b', 1}, depth))
	case 3:
		if t.n > 1 {
			return g.vector(t, depth)
		}
		return g.component(t, depth)
	case 4:
		if v, ok := g.call(t, depth); ok {
			return v
		}
	case 5:
		return g.convert(t, depth)
	}
	switch t.kind {
	case 'f':
		return g.float(t, depth)
	case 'b':
		return g.boolean(t, depth)
	}
	return g.integer(t, depth)
}

// vector builds a vector of parts, or takes it from another one.
func (g *gen) vector(t typ, depth int) value {
	switch g.r.IntN(3) {
	case 0:
		var parts []string
		for range t.n {
			parts = append(parts, g.varying(typ{t.kind, 1}, depth-1))
		}
		return run("%s(%s)", t, strings.Join(parts, ", "))
	case 1:
		first := 1 + g.r.IntN(t.n-1)
		a, b := g.varying(typ{t.kind, first}, depth-1), g.varying(typ{t.kind, t.n - first}, depth-1)
		return run("%s(%s, %s)", t, a, b)
	}
	from := typ{t.kind, 2 + g.r.IntN(3)}
	swizzle := ""
	for range t.n {
		swizzle += string("xyzw"[g.r.IntN(from.n)])
	}
	return run("(%s).%s", g.varying(from, depth), swizzle)
}

// component takes a scalar out of something larger.
func (g *gen) component(t typ, depth int) value {
	from := typ{t.kind, 2 + g.r.IntN(3)}
	switch {
	case t.kind == 'f' && g.r.IntN(3) == 0:
		return run("kept[%s & 7u]", g.varying(typ{'u', 1}, depth))
	case g.r.IntN(2) == 0:
		return run("(%s)[%s %% %du]", g.varying(from, depth), g.varying(typ{'u', 1}, depth-1), from.n)
	}
	return run("(%s).%c", g.varying(from, depth), "rgba"[g.r.IntN(from.n)])
}

func (g *gen) call(t typ, depth int) (value, bool) {
	for _, f := range g.functions {
		if f.result != t || g.r.IntN(2) == 0 {
			continue
		}
		var args []string
		for n, p := range f.params {
			if n == 0 && f.byRef {
				place := ""
				for _, v := range g.vars {
					if v.t == p && v.writable && !strings.ContainsAny(v.name, ".[(") && v.name != "state" {
						place = v.name
					}
				}
				if place == "" {
					return value{}, false
				}
				args = append(args, "&"+place)
				continue
			}
			args = append(args, g.expr(p, depth-1).text)
		}
		// Another operand might read the variable that the call changes, but operands go from left to right.
		return run("%s(%s)", f.name, strings.Join(args, ", ")), true
	}
	return value{}, false
}

func (g *gen) convert(t typ, depth int) value {
	from := typ{g.kind("fiub"), t.n}
	x := g.varying(from, depth)
	if t.kind != 'b' && from.kind != 'b' && g.r.IntN(2) == 0 {
		return run("bitcast<%s>(%s)", t, x)
	}
	return run("%s(%s)", t, x)
}

func (g *gen) boolean(t typ, depth int) value {
	if g.r.IntN(3) == 0 {
		a, b := g.two(t, depth)
		if t.n == 1 {
			return run("((%s) %s (%s))", a, g.one("&&", "||", "&", "|", "==", "!="), b)
		}
		return run("((%s) %s (%s))", a, g.one("&", "|", "==", "!="), b)
	}
	switch g.r.IntN(6) {
	case 0:
		return run("!(%s)", g.varying(t, depth))
	case 1:
		if t.n == 1 {
			return run("%s(%s)", g.one("all", "any"), g.varying(typ{'b', 2 + g.r.IntN(3)}, depth))
		}
	}
	a, b := g.two(typ{g.kind("ffiu"), t.n}, depth)
	return run("((%s) %s (%s))", a, g.one("<", "<=", ">", ">=", "==", "!="), b)
}

func (g *gen) integer(t typ, depth int) value {
	u := typ{'u', t.n}
	switch g.r.IntN(9) {
	case 0:
		return run("(%s %s %s)", g.varying(t, depth), g.one("/", "%"), g.varying(t, depth))
	case 1:
		return run("(%s %s %s)", g.varying(t, depth), g.one("<<", ">>"), g.varying(u, depth))
	case 2:
		return run("%s(%s)", g.one("countLeadingZeros", "countTrailingZeros", "countOneBits", "reverseBits", "firstLeadingBit",
			"firstTrailingBit", "abs", "~"), g.varying(t, depth))
	case 3:
		a, b := g.two(t, depth)
		return run("%s(%s, %s)", g.one("min", "max"), a, b)
	case 4:
		if g.r.IntN(2) == 0 {
			return run("extractBits(%s, %s, %s)", g.varying(t, depth), g.varying(typ{'u', 1}, depth-1), g.varying(typ{'u', 1}, depth-1))
		}
		return run("insertBits(%s, %s, %s, %s)", g.varying(t, depth), g.varying(t, depth), g.varying(typ{'u', 1}, depth-1), g.varying(typ{'u', 1}, depth-1))
	case 5:
		if t == (typ{'u', 1}) {
			switch n := g.r.IntN(3); {
			case g.o.Integers:
			case n == 0:
				return run("pack%s(%s)", g.one("4x8snorm", "4x8unorm"), g.varying(typ{'f', 4}, depth))
			case n == 1:
				return run("pack%s(%s)", g.one("2x16snorm", "2x16unorm", "2x16float"), g.varying(typ{'f', 2}, depth))
			}
			return run("pack4x%s(%s)", g.one("U8", "U8Clamp"), g.varying(typ{'u', 4}, depth))
		}
		if t == (typ{'i', 1}) {
			return run("dot4I8Packed(%s, %s)", g.varying(typ{'u', 1}, depth), g.varying(typ{'u', 1}, depth))
		}
		if t.n == 4 {
			return run("unpack4x%c8(%s)", t.kind-32, g.varying(typ{'u', 1}, depth))
		}
	}
	a, b := g.two(t, depth)
	return run("((%s) %s (%s))", a, g.one("+", "-", "*", "&", "|", "^"), b)
}

func (g *gen) float(t typ, depth int) value {
	v := func() string { return g.varying(t, depth) }
	switch g.r.IntN(9) {
	case 0:
		return run("%s(%s)", g.one("abs", "floor", "ceil", "round", "trunc", "fract", "sign", "saturate", "sqrt", "quantizeToF16", "degrees", "radians", "-"), v())
	case 1:
		return run("%s(%s, %s)", g.one("min", "max", "step"), v(), g.expr(t, depth).text)
	case 2:
		return run("%s(%s, %s, %s)", g.one("fma", "mix", "smoothstep"), v(), v(), v())
	case 3:
		if t.n == 1 {
			w := typ{'f', 2 + g.r.IntN(3)}
			if g.r.IntN(2) == 0 {
				return run("%s(%s, %s)", g.one("dot", "distance"), g.varying(w, depth), g.varying(w, depth))
			}
			return run("length(%s)", g.varying(w, depth))
		}
		if t.n == 3 && g.r.IntN(2) == 0 {
			return run("cross(%s, %s)", v(), v())
		}
		if g.r.IntN(3) == 0 {
			m := make([]string, t.n)
			for i := range m {
				m[i] = g.varying(t, depth-1)
			}
			return run("(mat%dx%d<f32>(%s) * %s)", t.n, t.n, strings.Join(m, ", "), v())
		}
		return run("%s", g.one("normalize("+v()+")", "reflect("+v()+", "+v()+")", "faceForward("+v()+", "+v()+", "+v()+")"))
	case 4:
		switch {
		case g.o.Transcendental && t.n == 1 && g.dear < 2: // hundreds of lines each to a driver
			g.dear++
			if g.r.IntN(5) == 0 {
				return run("%s(%s, %s)", g.one("pow", "atan2"), v(), v())
			}
			return run("%s(%s)", g.one("exp", "exp2", "log", "log2", "sin", "cos", "tan", "tanh", "inverseSqrt", "atan", "asinh"), v())
		case t.n == 4:
			return run("unpack4x8%s(%s)", g.one("snorm", "unorm"), g.varying(typ{'u', 1}, depth))
		case t.n == 2:
			return run("unpack2x16%s(%s)", g.one("snorm", "unorm", "float"), g.varying(typ{'u', 1}, depth))
		}
		return run("%s(%s).%s", "frexp", v(), "fract")
	case 5:
		if g.r.IntN(2) == 0 {
			return run("modf(%s).%s", v(), g.one("fract", "whole"))
		}
		return run("ldexp(%s, %s)", v(), g.varying(typ{'i', t.n}, depth))
	}
	a, b := g.two(t, depth)
	return run("((%s) %s (%s))", a, g.one("+", "-", "*", "*", "/", "%"), b)
}
