package syntax

import (
	"fmt"
	"strings"
	"testing"
)

func lexed(src string) string {
	toks, errs := Lex(src)
	var b strings.Builder
	for _, t := range toks {
		fmt.Fprintf(&b, "%s ", t.Text)
		switch t.Kind {
		case TemplateStart, TemplateEnd:
			b.WriteString("(template) ")
		}
	}
	for _, e := range errs {
		fmt.Fprintf(&b, "!%s", e)
	}
	return strings.TrimSpace(b.String())
}

func TestLex(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"a+++b", "a ++ + b"},
		{"x>>=1", "x >>= 1"},
		{"1.5e-3f .5 0x1.8p3 0xFFu 1h", "1.5e-3f .5 0x1.8p3 0xFFu 1h"},
		{"/* a /* b */ c */x", "x"},
		{"vec2<f32>(1)", "vec2 < (template) f32 > (template) ( 1 )"},
		{"array<vec2<u32>,4>", "array < (template) vec2 < (template) u32 > (template) , 4 > (template)"},
		{"a<b>=c", "a < (template) b > (template) = c"},
		{"a<b>>c", "a < (template) b > (template) > c"},
		{"a < b && c > d", "a < b && c > d"},
		{"array<i32,(1>2)>", "array < (template) i32 , ( 1 > 2 ) > (template)"},
		{"a<(b<c)>", "a < (template) ( b < c ) > (template)"},
		{"if a<b { } c>d", "if a < b { } c > d"},
		{"été_1", "été_1"},
		{"a\r\nb\u2028c", "a b c"},
		{"0x", "0x  !1:1: error: hexadecimal literal without digits"},
		{"a \"b\" c", "a c  !1:3: error: WGSL has no strings"},
		{"a<<=b>=c>>d->e", "a <<= b >= c >> d -> e"},
		{"#", "!1:1: error: unexpected character '#'"},
		{"\x00", "!1:1: error: the text holds a null code point"},
		{"a\xff", "!1:2: error: the text is not valid UTF-8"},
	} {
		if got := lexed(c.src); got != c.want {
			t.Errorf("%q lexes as\n%q, want\n%q", c.src, got, c.want)
		}
	}
}

func TestPositions(t *testing.T) {
	toks, _ := Lex("é a\n\tb\r\nc\u2029d")
	want := []Pos{{1, 1}, {1, 4}, {2, 2}, {3, 1}, {4, 1}, {4, 2}}
	for i, tok := range toks {
		if tok.Pos != want[i] {
			t.Errorf("token %d (%q) is at %s, want %s", i, tok.Text, tok.Pos, want[i])
		}
	}
}

// show prints an expression with all its parentheses.
func show(e Expr) string {
	list := func(l []Expr) string {
		var s []string
		for _, x := range l {
			s = append(s, show(x))
		}
		return strings.Join(s, ", ")
	}
	switch e := e.(type) {
	case *Literal:
		return e.Text
	case *Ref:
		if e.Templated {
			return e.Name + "<" + list(e.Templates) + ">"
		}
		return e.Name
	case *Unary:
		return "(" + e.Op + show(e.X) + ")"
	case *Binary:
		return "(" + show(e.X) + " " + e.Op + " " + show(e.Y) + ")"
	case *Call:
		return show(e.Fn) + "(" + list(e.Args) + ")"
	case *Index:
		return show(e.X) + "[" + show(e.I) + "]"
	case *Field:
		return show(e.X) + "." + e.Name.Text
	case *Paren:
		return show(e.X)
	}
	return fmt.Sprintf("%T", e)
}

func TestPrecedence(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"a + b * c - d", "((a + (b * c)) - d)"},
		{"a / b % c", "((a / b) % c)"},
		{"-a.b[c](d)", ""},
		{"-a.b[c + 1]", "(-a.b[(c + 1)])"},
		{"a + 1 < b << 2", "((a + 1) < (b << 2))"},
		{"a == b || c != d || e", "(((a == b) || (c != d)) || e)"},
		{"a & b & c", "((a & b) & c)"},
		{"!a && ~b > c", "((!a) && ((~b) > c))"},
		{"*p + &q", "((*p) + (&q))"},
		{"vec2<f32>(1, 2).x", "vec2<f32>(1, 2).x"},
		{"f(a<b, c>(d))", "f(a<b, c>(d))"},
		{"a--b", "(a - (-b))"},
		{"a && b | c", ""},
		{"a << b << c", ""},
	} {
		m, errs := Parse("const x = " + c.src + ";")
		got := ""
		if len(errs) == 0 {
			got = show(m.Decls[0].(*Var).Init)
		}
		if got != c.want {
			t.Errorf("%q parses as %q, want %q (%v)", c.src, got, c.want, errs)
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	n := 20000
	for _, src := range []string{
		"const a = " + strings.Repeat("(", n), "const a = " + strings.Repeat("-", n) + "1;", "const a = " + strings.Repeat("f(", n),
		"fn f() " + strings.Repeat("{", n), "fn f() {" + strings.Repeat("if a {", n), "const a = 1" + strings.Repeat("+1", n) + ";",
		"const a = " + strings.Repeat("a<", n), "const a = b" + strings.Repeat("[1]", n) + ";", "fn f() {" + strings.Repeat("loop { continuing ", n),
		"fn f() { if a {}" + strings.Repeat("else if a {}", n) + "}", "fn f() { switch a { default " + strings.Repeat("{ switch a { default ", n),
	} {
		if _, errs := Parse(src); len(errs) == 0 || len(errs) > MaxErrors {
			t.Errorf("%.40q gives %d errors", src, len(errs))
		}
	}
	if _, errs := Parse(strings.Repeat(" ", MaxSource+1)); len(errs) != 1 {
		t.Error("a text that is too long is accepted")
	}
}

func seeds(f *testing.F) {
	for _, s := range []string{"", "const a = 1;", "fn f(a: vec2<f32>) -> u32 { for (var i = 0; i < 4; i++) { a[i] += 1; } return 1u; }",
		"@group(0) @binding(1) var<storage, read_write> x: array<f32>;", "struct S { @size(16) a: u32, b: array<vec3f, 4> }",
		"fn f() { loop { continuing { break if a; } } switch x { case 1, 2: {} default {} } }", "alias A = ptr<function, u32>; const_assert 1 < 2;",
		"enable f16; requires a; diagnostic(off, b.c);", "const a = a<b>>=c; /* /* */", "0x1.8p-4f 1e9999 0xffffffffffffffffffu",
		"const a = \"text\"; const b = 1_0;", "@diagnostic(off, a.b) @diagnostic(info, c) fn f() { v.zyx += a<b, c>(d); }", "struct S { a: u32; b: u32 }",
		"fn f() { let a = b & c == d; } } fn g() {", "const a = b<c>>=d; const e = a<b<c>>(f);"} {
		f.Add(s)
	}
}

func FuzzLex(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		toks, errs := Lex(src)
		if len(toks) == 0 || toks[len(toks)-1].Kind != EOF {
			t.Fatal("no end of text")
		}
		last := Pos{1, 0}
		for _, tok := range toks[:len(toks)-1] {
			if tok.Pos.Line < last.Line || tok.Pos.Line == last.Line && tok.Pos.Col <= last.Col {
				t.Fatalf("token %q at %s after %s", tok.Text, tok.Pos, last)
			}
			last = tok.Pos
		}
		for _, e := range errs {
			if e.Line < 1 || e.Col < 1 {
				t.Fatalf("an error without a place: %v", e)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		m, errs := Parse(src)
		if m == nil || len(errs) > MaxErrors {
			t.Fatalf("%d errors", len(errs))
		}
		for _, e := range errs {
			if e.Line < 1 || e.Col < 1 || e.Msg == "" {
				t.Fatalf("an error without a place or a message: %+v", e)
			}
		}
	})
}
