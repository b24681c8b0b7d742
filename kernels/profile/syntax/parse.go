package syntax

import "fmt"

// Parse reads a whole text. The module holds what could be read, also where there are errors.
func Parse(src string) (*Module, Errors) {
	toks, errs := Lex(src)
	p := &parser{toks: toks, errs: errs, garbled: map[int]bool{}}
	for _, e := range errs {
		p.garbled[e.Line] = true
	}
	m := &Module{}
	for p.tok().Kind != EOF && len(p.errs) < MaxErrors {
		if p.is("}") && len(p.errs) > 0 { // of a block that was given up
			p.next()
			continue
		}
		start := p.at
		p.guard(func() { p.global(m) }, func() {
			if p.at == start {
				p.at++
			}
			p.toNextDecl()
		})
	}
	if len(p.errs) > MaxErrors {
		p.errs = p.errs[:MaxErrors]
	}
	return m, p.errs
}

type parser struct {
	toks    []Token
	at      int
	errs    Errors
	garbled map[int]bool // lines with an error of the lexer
	depth   int
}

// bail unwinds to the nearest guard; the error has been recorded.
type bail struct{}

// guard runs read; after a fault in it, it runs recover_ and goes on.
func (p *parser) guard(read, recoverFrom func()) {
	depth := p.depth
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(bail); !ok {
				panic(r)
			}
			p.depth = depth
			recoverFrom()
		}
	}()
	read()
}

func (p *parser) tok() Token { return p.toks[p.at] }

func (p *parser) peek(n int) Token { return p.toks[min(p.at+n, len(p.toks)-1)] }

func (p *parser) is(k Kind) bool { return p.tok().Kind == k }

func (p *parser) next() Token {
	t := p.tok()
	if t.Kind != EOF {
		p.at++
	}
	return t
}

func (p *parser) accept(k Kind) bool {
	if p.is(k) {
		p.next()
		return true
	}
	return false
}

func (p *parser) fault(at Pos, format string, a ...any) {
	p.note(at, format, a...)
	panic(bail{})
}

// note records an error, unless the lexer found one on the same line: what follows a bad character is seldom what was
// meant.
func (p *parser) note(at Pos, format string, a ...any) {
	if !p.garbled[at.Line] {
		p.errs = append(p.errs, Errorf(at, format, a...))
	}
}

func (t Token) String() string {
	switch t.Kind {
	case EOF:
		return string(EOF)
	case Ident, IntLit, FloatLit:
		return fmt.Sprintf("%s %q", t.Kind, t.Text)
	}
	return fmt.Sprintf("%q", t.Text)
}

func (p *parser) expect(k Kind, where string) Token {
	if !p.is(k) {
		want := fmt.Sprintf("%q", string(k))
		switch k {
		case Ident:
			want = "an identifier"
		case TemplateEnd:
			want = `">"`
		}
		p.fault(p.tok().Pos, "expected %s %s, found %s", want, where, p.tok())
	}
	return p.next()
}

func (p *parser) name(where string) Name {
	t := p.expect(Ident, where)
	return Name{t.Pos, t.Text}
}

func (p *parser) enter() {
	if p.depth++; p.depth > MaxNesting {
		p.fault(p.tok().Pos, "nested deeper than %d", MaxNesting)
	}
}

func (p *parser) leave() { p.depth-- }

// toNextDecl skips to something that can start a declaration outside braces.
func (p *parser) toNextDecl() {
	depth := 0
	for ; !p.is(EOF); p.next() {
		switch p.tok().Kind {
		case "{":
			depth++
		case "}":
			depth--
			if depth <= 0 {
				p.next()
				return
			}
		case ";":
			if depth <= 0 {
				p.next()
				return
			}
		case "fn", "struct", "override", "alias", "enable", "requires":
			if depth <= 0 {
				return
			}
		}
	}
}

// toNextStmt skips to the end of the statement, or to the brace that ends the block.
func (p *parser) toNextStmt() {
	depth := 0
	for ; !p.is(EOF); p.next() {
		switch p.tok().Kind {
		case "{":
			depth++
		case "}":
			if depth == 0 {
				return
			}
			if depth--; depth == 0 {
				p.next()
				return
			}
		case ";":
			if depth == 0 {
				p.next()
				return
			}
		case "fn", "struct", "override", "alias":
			return // no statement starts with these: the block was not closed
		}
	}
}

func (p *parser) global(m *Module) {
	t := p.tok()
	switch t.Kind {
	case ";":
		p.next()
		return
	case "enable", "requires", "diagnostic":
		if len(m.Decls) > 0 {
			p.fault(t.Pos, "directive %q stands after a declaration", t.Text)
		}
		m.Directives = append(m.Directives, p.directive())
		return
	}
	attrs := p.attributes()
	noAttrs := func() {
		if len(attrs) > 0 {
			p.fault(attrs[0].Pos, "attribute @%s is not allowed before %q", attrs[0].Name, p.tok().Text)
		}
	}
	t = p.tok()
	switch t.Kind {
	case "var", "const", "override":
		v := p.variable(attrs)
		m.Decls = append(m.Decls, v)
		p.expect(";", "after the declaration")
	case "let":
		p.fault(t.Pos, "let is not allowed at module scope; use const, override or var<private>")
	case "fn":
		m.Decls = append(m.Decls, p.function(attrs))
	case "struct":
		noAttrs()
		m.Decls = append(m.Decls, p.structure())
	case "alias":
		noAttrs()
		p.next()
		a := &Alias{Pos: t.Pos, Name: p.name("after alias")}
		p.expect("=", "in the alias")
		a.Type = p.typeExpr()
		p.expect(";", "after the alias")
		m.Decls = append(m.Decls, a)
	case "const_assert":
		noAttrs()
		m.Decls = append(m.Decls, p.constAssert())
		p.expect(";", "after const_assert")
	default:
		p.fault(t.Pos, "expected a declaration, found %s", t)
	}
}

func (p *parser) directive() *Directive {
	t := p.next()
	d := &Directive{Pos: t.Pos, Kind: t.Text}
	paren := t.Kind == "diagnostic"
	if paren {
		p.expect("(", "after diagnostic")
	}
	for {
		n := p.name("in the directive")
		if paren && p.accept(".") {
			n.Text += "." + p.name("after the point").Text
		}
		d.Args = append(d.Args, n)
		if !p.accept(",") || p.is(";") || p.is(")") {
			break
		}
	}
	if paren {
		p.expect(")", "after the diagnostic rule")
		if len(d.Args) != 2 {
			p.fault(t.Pos, "diagnostic has %d arguments, want a severity and a rule", len(d.Args))
		}
	}
	p.expect(";", "after the directive")
	return d
}

func (p *parser) attributes() []*Attribute {
	if !p.is("@") {
		return nil
	}
	var out []*Attribute
	rules := map[string]*Attribute{}
	for p.is("@") {
		at := p.next().Pos
		t := p.tok()
		if t.Kind != Ident && t.Kind != "const" && t.Kind != "diagnostic" {
			p.fault(t.Pos, "expected the name of an attribute, found %s", t)
		}
		p.next()
		a := &Attribute{Pos: at, Name: t.Text}
		if p.accept("(") {
			for !p.is(")") {
				a.Args = append(a.Args, p.expr())
				if !p.accept(",") {
					break
				}
			}
			p.expect(")", "after the attribute's arguments")
		}
		out = append(out, a)
		if severity, rule, ok := a.Diagnostic(); ok {
			// One list may not give a rule two severities (WGSL section 2.3.3).
			if old := rules[rule.Text]; old == nil {
				rules[rule.Text] = a
			} else if s, _, _ := old.Diagnostic(); s.Text != severity.Text {
				p.note(at, "rule %q is set to %q here and to %q at %s", rule.Text, severity.Text, s.Text, old.Pos)
			}
		}
	}
	return out
}

// variable reads var, const, override and let up to the semicolon.
func (p *parser) variable(attrs []*Attribute) *Var {
	t := p.next()
	v := &Var{Pos: t.Pos, Kind: VarKind(t.Text), Attrs: attrs}
	if v.Kind == KindVar && p.is(TemplateStart) {
		v.Templates = p.templateList()
	}
	v.Name = p.name("after " + t.Text)
	if p.accept(":") {
		v.Type = p.typeExpr()
	}
	if p.accept("=") {
		v.Init = p.expr()
	}
	switch {
	case v.Init == nil && (v.Kind == KindConst || v.Kind == KindLet):
		p.fault(p.tok().Pos, "%s %q needs a value", v.Kind, v.Name.Text)
	case v.Init == nil && v.Type == nil:
		p.fault(p.tok().Pos, "%s %q needs a type or a value", v.Kind, v.Name.Text)
	}
	return v
}

func (p *parser) constAssert() *ConstAssert {
	at := p.next().Pos
	return &ConstAssert{Pos: at, Cond: p.expr()}
}

func (p *parser) function(attrs []*Attribute) *Func {
	f := &Func{Pos: p.next().Pos, Attrs: attrs}
	f.Name = p.name("after fn")
	p.expect("(", "after the function's name")
	for !p.is(")") {
		a := p.attributes()
		n := p.name("for a parameter")
		p.expect(":", "after the parameter's name")
		f.Params = append(f.Params, &Param{Attrs: a, Name: n, Type: p.typeExpr()})
		if !p.accept(",") {
			break
		}
	}
	p.expect(")", "after the parameters")
	if p.accept("->") {
		f.ResultAttrs = p.attributes()
		f.Result = p.typeExpr()
	}
	f.Body = p.block()
	return f
}

func (p *parser) structure() *Struct {
	s := &Struct{Pos: p.next().Pos, Name: p.name("after struct")}
	p.expect("{", "after the structure's name")
	for !p.is("}") {
		a := p.attributes()
		n := p.name("for a member")
		p.expect(":", "after the member's name")
		s.Members = append(s.Members, &Member{Attrs: a, Name: n, Type: p.typeExpr()})
		if p.is(";") {
			p.note(p.tok().Pos, "a comma stands between the members of a structure, not \";\"")
			p.next()
			continue
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect("}", "after the members")
	if len(s.Members) == 0 {
		p.note(s.Pos, "structure %q has no members", s.Name.Text)
	}
	return s
}

func (p *parser) typeExpr() Expr {
	t := p.tok()
	if t.Kind != Ident {
		p.fault(t.Pos, "expected a type, found %s", t)
	}
	return p.ref()
}

func (p *parser) ref() *Ref {
	t := p.next()
	r := &Ref{Pos: t.Pos, Name: t.Text}
	if p.is(TemplateStart) {
		r.Templates, r.Templated = p.templateList(), true
	}
	return r
}

func (p *parser) templateList() []Expr {
	p.enter()
	defer p.leave()
	p.expect(TemplateStart, "")
	var out []Expr
	for !p.is(TemplateEnd) {
		out = append(out, p.expr())
		if !p.accept(",") {
			break
		}
	}
	if len(out) == 0 {
		p.fault(p.tok().Pos, "empty template list")
	}
	p.expect(TemplateEnd, "after the template arguments")
	return out
}

// expr reads an expression. WGSL (section 8.18) forbids mixing most operators without parentheses, which is what the
// classes below hold.
func (p *parser) expr() Expr {
	p.enter()
	defer p.leave()
	x := p.relational()
	t := p.tok()
	switch t.Kind {
	case "&&", "||":
		for p.is(t.Kind) {
			op := p.next()
			y := p.relational()
			x = &Binary{op.Pos, op.Text, x, y}
		}
		if p.is("&&") || p.is("||") {
			p.fault(p.tok().Pos, "mixing \"&&\" and \"||\" needs parentheses")
		}
	case "&", "|", "^":
		if _, ok := x.(*Binary); ok {
			p.fault(t.Pos, "an operator left of %q needs parentheses", t.Text)
		}
		for p.is(t.Kind) {
			op := p.next()
			y := p.unary()
			x = &Binary{op.Pos, op.Text, x, y}
		}
		switch k := p.tok().Kind; k {
		case "+", "-", "*", "/", "%", "<<", ">>", "&&", "||", "<", ">", "<=", ">=", "==", "!=":
			p.fault(p.tok().Pos, "mixing %q with %q needs parentheses", t.Text, p.tok().Text)
		}
	}
	if k := p.tok().Kind; k == "&" || k == "|" || k == "^" {
		p.fault(p.tok().Pos, "mixing %q with another operator needs parentheses", p.tok().Text)
	}
	return x
}

func isRelational(k Kind) bool {
	switch k {
	case "<", ">", "<=", ">=", "==", "!=":
		return true
	}
	return false
}

func (p *parser) relational() Expr {
	x := p.shift()
	if isRelational(p.tok().Kind) {
		op := p.next()
		y := p.shift()
		x = &Binary{op.Pos, op.Text, x, y}
		if isRelational(p.tok().Kind) {
			p.fault(p.tok().Pos, "comparisons do not chain; use parentheses and &&")
		}
	}
	return x
}

func (p *parser) shift() Expr {
	x := p.additive()
	if p.is("<<") || p.is(">>") {
		if _, ok := x.(*Binary); ok {
			p.fault(p.tok().Pos, "an operator left of %q needs parentheses", p.tok().Text)
		}
		op := p.next()
		y := p.unary()
		x = &Binary{op.Pos, op.Text, x, y}
		switch k := p.tok().Kind; k {
		case "<<", ">>", "+", "-", "*", "/", "%":
			p.fault(p.tok().Pos, "mixing %q with a shift needs parentheses", string(k))
		}
	}
	return x
}

func (p *parser) additive() Expr {
	x := p.multiplicative()
	n := 0
	for p.is("+") || p.is("-") || p.is("--") {
		op := p.tok()
		if op.Kind == "--" { // a minus and the sign of what follows
			op.Text = "-"
			p.toks[p.at].Text, p.toks[p.at].Kind = "-", "-"
			p.toks[p.at].Pos.Col++
		} else {
			p.next()
		}
		y := p.multiplicative()
		x = &Binary{op.Pos, op.Text, x, y}
		n++
		p.chain(n)
	}
	return x
}

func (p *parser) multiplicative() Expr {
	x := p.unary()
	n := 0
	for p.is("*") || p.is("/") || p.is("%") {
		op := p.next()
		y := p.unary()
		x = &Binary{op.Pos, op.Text, x, y}
		n++
		p.chain(n)
	}
	return x
}

// maxChain bounds a row of operators, which makes a tree as deep as it is long.
const maxChain = 4096

func (p *parser) chain(n int) {
	if n > maxChain {
		p.fault(p.tok().Pos, "more than %d operators in a row", maxChain)
	}
}

func (p *parser) unary() Expr {
	t := p.tok()
	switch t.Kind {
	case "-", "!", "~", "*", "&":
		p.enter()
		defer p.leave()
		p.next()
		return &Unary{t.Pos, t.Text, p.unary()}
	case "--": // two operators: the decrement is none of an expression's tokens
		p.enter()
		defer p.leave()
		p.next()
		return &Unary{t.Pos, "-", &Unary{Pos{t.Pos.Line, t.Pos.Col + 1}, "-", p.unary()}}
	}
	return p.postfix(p.primary())
}

func (p *parser) postfix(x Expr) Expr {
	for n := 0; ; n++ {
		p.chain(n)
		switch {
		case p.is("["):
			at := p.next().Pos
			i := p.expr()
			p.expect("]", "after the index")
			x = &Index{at, x, i}
		case p.is("."):
			p.next()
			x = &Field{x, p.name("after the point")}
		default:
			return x
		}
	}
}

func (p *parser) primary() Expr {
	t := p.tok()
	switch t.Kind {
	case IntLit, FloatLit, "true", "false":
		p.next()
		return &Literal{t.Pos, t.Kind, t.Text}
	case "(":
		p.next()
		x := p.expr()
		p.expect(")", "to close the parenthesis")
		return &Paren{t.Pos, x}
	case Ident:
		r := p.ref()
		if p.is("(") {
			return &Call{r, p.arguments()}
		}
		return r
	case TemplateStart, TemplateEnd:
		p.fault(t.Pos, "expected an expression, found %q", t.Text)
	}
	p.fault(t.Pos, "expected an expression, found %s", t)
	return nil
}

func (p *parser) arguments() []Expr {
	p.enter()
	defer p.leave()
	p.expect("(", "before the arguments")
	var out []Expr
	for !p.is(")") {
		out = append(out, p.expr())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")", "after the arguments")
	return out
}

var compound = map[Kind]bool{"=": true, "+=": true, "-=": true, "*=": true, "/=": true, "%=": true, "&=": true,
	"|=": true, "^=": true, "<<=": true, ">>=": true}
