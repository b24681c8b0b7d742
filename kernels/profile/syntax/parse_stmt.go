package syntax

func (p *parser) block() *Block {
	attrs := p.attributes()
	b := p.blockAfter(attrs)
	return b
}

func (p *parser) blockAfter(attrs []*Attribute) *Block {
	p.enter()
	defer p.leave()
	b := &Block{Attrs: attrs, Pos: p.expect("{", "to open a block").Pos}
	p.statements(b)
	b.End = p.expect("}", "to close the block").Pos
	return b
}

// statements reads up to the brace that closes b, or to the continuing block of a loop.
func (p *parser) statements(b *Block) {
	for len(p.errs) < MaxErrors {
		switch p.tok().Kind {
		case "}", EOF, "continuing", "fn", "struct", "alias": // the last three start no statement: a brace is missing
			return
		case "break":
			if p.peek(1).Kind == "if" {
				return
			}
		}
		start := p.at
		p.guard(func() {
			if s := p.statement(); s != nil {
				b.List = append(b.List, s)
			}
		}, func() {
			if p.at == start {
				p.next()
			}
			p.toNextStmt()
		})
	}
}

func (p *parser) statement() Stmt {
	if p.accept(";") {
		return nil
	}
	attrs := p.attributes()
	t := p.tok()
	if len(attrs) > 0 {
		switch t.Kind {
		case "{", "if", "switch", "loop", "for", "while":
		default:
			p.fault(attrs[0].Pos, "attribute @%s is not allowed before this statement", attrs[0].Name)
		}
	}
	semi := func(s Stmt) Stmt {
		p.expect(";", "after the statement")
		return s
	}
	switch t.Kind {
	case "{":
		return p.blockAfter(attrs)
	case "if":
		return p.ifStmt(attrs)
	case "switch":
		return p.switchStmt(attrs)
	case "loop":
		p.next()
		return p.loopStmt(t.Pos, attrs)
	case "for":
		return p.forStmt(attrs)
	case "while":
		p.next()
		c := p.expr()
		b := p.block()
		b.Attrs = append(attrs, b.Attrs...)
		return &While{t.Pos, c, b}
	case "break":
		p.next()
		return semi(&Break{t.Pos})
	case "continue":
		p.next()
		return semi(&Continue{t.Pos})
	case "discard":
		p.next()
		return semi(&Discard{t.Pos})
	case "return":
		p.next()
		r := &Return{Pos: t.Pos}
		if !p.is(";") {
			r.X = p.expr()
		}
		return semi(r)
	case "const_assert":
		return semi(&AssertStmt{p.constAssert()})
	case "var", "let", "const":
		return semi(&VarStmt{p.variable(nil)})
	case "override":
		p.fault(t.Pos, "override is allowed at module scope only")
	}
	return semi(p.simple("a statement"))
}

// simple reads an assignment, an increment or a call.
func (p *parser) simple(what string) Stmt {
	t := p.tok()
	if p.accept("_") {
		p.expect("=", "in the phony assignment")
		return &Assign{Pos: t.Pos, Op: "=", Y: p.expr()}
	}
	if t.Kind == Ident && p.peek(1).Kind == "(" || t.Kind == Ident && p.peek(1).Kind == TemplateStart {
		x := p.postfix(p.primary())
		c, ok := x.(*Call)
		if !ok {
			p.fault(t.Pos, "expected %s, found an expression", what)
		}
		return &CallStmt{c}
	}
	switch t.Kind {
	case Ident, "(", "*", "&":
	default:
		p.fault(t.Pos, "expected %s, found %s", what, t)
	}
	x := p.unary()
	op := p.tok()
	switch {
	case op.Kind == "++" || op.Kind == "--":
		p.next()
		return &IncDec{op.Pos, op.Text, x}
	case compound[op.Kind]:
		p.next()
		return &Assign{op.Pos, op.Text, x, p.expr()}
	}
	p.fault(op.Pos, "expected an assignment, \"++\" or \"--\", found %s", op)
	return nil
}

func (p *parser) ifStmt(attrs []*Attribute) *If {
	p.enter()
	defer p.leave()
	s := &If{Pos: p.next().Pos, Cond: p.expr()}
	s.Then = p.block()
	s.Then.Attrs = append(attrs, s.Then.Attrs...)
	if p.accept("else") {
		if p.is("if") {
			s.Else = p.ifStmt(nil)
		} else {
			s.Else = p.block()
		}
	}
	return s
}

func (p *parser) switchStmt(attrs []*Attribute) *Switch {
	p.enter()
	defer p.leave()
	s := &Switch{Pos: p.next().Pos, Sel: p.expr()}
	attrs = append(attrs, p.attributes()...)
	p.expect("{", "to open the switch")
	for !p.is("}") && !p.is(EOF) {
		c := &Case{Pos: p.tok().Pos}
		switch {
		case p.accept("default"):
			c.Selectors = []Expr{nil}
			p.accept(":")
		case p.accept("case"):
			for !p.is(":") && !p.is("{") && !p.is("@") {
				if p.accept("default") {
					c.Selectors = append(c.Selectors, nil)
				} else {
					c.Selectors = append(c.Selectors, p.expr())
				}
				if !p.accept(",") {
					break
				}
			}
			if len(c.Selectors) == 0 {
				p.fault(c.Pos, "case without a selector")
			}
			p.accept(":")
		default:
			p.fault(c.Pos, "expected case or default, found %s", p.tok())
		}
		c.Body = p.block()
		s.Cases = append(s.Cases, c)
	}
	p.expect("}", "to close the switch")
	for _, c := range s.Cases {
		c.Body.Attrs = append(attrs[:len(attrs):len(attrs)], c.Body.Attrs...)
	}
	return s
}

func (p *parser) loopStmt(at Pos, attrs []*Attribute) *Loop {
	p.enter()
	defer p.leave()
	attrs = append(attrs, p.attributes()...)
	s := &Loop{Pos: at}
	s.Body = &Block{Attrs: attrs, Pos: p.expect("{", "to open the loop").Pos}
	p.statements(s.Body)
	if p.is("break") {
		p.fault(p.tok().Pos, "break if stands only at the end of a continuing block")
	}
	if p.accept("continuing") {
		c := &Block{Attrs: p.attributes(), Pos: p.expect("{", "after continuing").Pos}
		p.statements(c)
		if p.is("break") {
			p.next()
			p.next()
			s.BreakIf = p.expr()
			p.expect(";", "after break if")
		}
		c.End = p.expect("}", "to close the continuing block").Pos
		s.Continuing = c
	}
	s.Body.End = p.expect("}", "to close the loop").Pos
	return s
}

func (p *parser) forStmt(attrs []*Attribute) *For {
	s := &For{Pos: p.next().Pos}
	p.expect("(", "after for")
	switch p.tok().Kind {
	case ";":
	case "var", "let", "const":
		s.Init = &VarStmt{p.variable(nil)}
	default:
		s.Init = p.simple("the start of a for loop")
	}
	p.expect(";", "after the start of the for loop")
	if !p.is(";") {
		s.Cond = p.expr()
	}
	p.expect(";", "after the for loop's condition")
	if !p.is(")") {
		s.Step = p.simple("the step of a for loop")
	}
	p.expect(")", "after the for loop's head")
	s.Body = p.block()
	s.Body.Attrs = append(attrs, s.Body.Attrs...)
	return s
}
