package syntax

// Module is a whole source text.
type Module struct {
	Directives []*Directive
	Decls      []Decl
}

// Directive is `enable a, b;`, `requires a;` or `diagnostic(severity, rule);`.
type Directive struct {
	Pos  Pos
	Kind string // "enable", "requires" or "diagnostic"
	Args []Name
}

// Name is an identifier where it stands.
type Name struct {
	Pos  Pos
	Text string
}

// Attribute is @name or @name(args).
type Attribute struct {
	Pos  Pos
	Name string
	Args []Expr
}

// Diagnostic gives the severity and the rule of @diagnostic(severity, rule); ok is false where its arguments are no such.
func (a *Attribute) Diagnostic() (severity, rule Name, ok bool) {
	if a.Name != "diagnostic" || len(a.Args) != 2 {
		return Name{}, Name{}, false
	}
	s, ok := a.Args[0].(*Ref)
	if !ok || s.Templated {
		return Name{}, Name{}, false
	}
	switch r := a.Args[1].(type) {
	case *Ref:
		return Name{s.Pos, s.Name}, Name{r.Pos, r.Name}, !r.Templated
	case *Field: // a rule of another tool: tool.rule
		if t, is := r.X.(*Ref); is && !t.Templated {
			return Name{s.Pos, s.Name}, Name{t.Pos, t.Name + "." + r.Name.Text}, true
		}
	}
	return Name{}, Name{}, false
}

// Decl is a declaration at module scope: *Var, *Func, *Struct, *Alias or *ConstAssert.
type Decl interface{ declNode() }

// VarKind says which keyword declared a Var.
type VarKind string

const (
	KindConst    VarKind = "const"
	KindOverride VarKind = "override"
	KindLet      VarKind = "let"
	KindVar      VarKind = "var"
)

// Var is a declaration of a value or a variable, at module scope or in a function.
type Var struct {
	Pos       Pos
	Kind      VarKind
	Attrs     []*Attribute
	Name      Name
	Templates []Expr // var<space, access>
	Type      Expr   // may be nil
	Init      Expr   // may be nil
}

// Param is a parameter of a function.
type Param struct {
	Attrs []*Attribute
	Name  Name
	Type  Expr
}

// Func is a function.
type Func struct {
	Pos         Pos
	Attrs       []*Attribute
	Name        Name
	Params      []*Param
	Result      Expr // nil for none
	ResultAttrs []*Attribute
	Body        *Block
}

// Member is a member of a structure.
type Member struct {
	Attrs []*Attribute
	Name  Name
	Type  Expr
}

// Struct is a structure type.
type Struct struct {
	Pos     Pos
	Name    Name
	Members []*Member
}

// Alias is `alias Name = Type;`.
type Alias struct {
	Pos  Pos
	Name Name
	Type Expr
}

// ConstAssert is `const_assert Cond;`, at module scope or as a statement.
type ConstAssert struct {
	Pos  Pos
	Cond Expr
}

func (*Var) declNode()         {}
func (*Func) declNode()        {}
func (*Struct) declNode()      {}
func (*Alias) declNode()       {}
func (*ConstAssert) declNode() {}

// Expr is an expression or a type.
type Expr interface{ At() Pos }

type (
	// Literal is a number, true or false.
	Literal struct {
		Pos  Pos
		Kind Kind // IntLit, FloatLit, "true", "false"
		Text string
	}
	// Ref is an identifier, with template arguments if it has any.
	Ref struct {
		Pos       Pos
		Name      string
		Templates []Expr
		Templated bool
	}
	// Unary is an operator before its operand: - ! ~ * &.
	Unary struct {
		Pos Pos
		Op  string
		X   Expr
	}
	// Binary is an operator between operands; Pos is that of the operator.
	Binary struct {
		Pos  Pos
		Op   string
		X, Y Expr
	}
	// Call calls a function, builtin or constructor.
	Call struct {
		Fn   *Ref
		Args []Expr
	}
	// Index is X[I].
	Index struct {
		Pos  Pos
		X, I Expr
	}
	// Field is X.Name: a member or a swizzle.
	Field struct {
		X    Expr
		Name Name
	}
	// Paren is an expression in parentheses.
	Paren struct {
		Pos Pos
		X   Expr
	}
)

func (e *Literal) At() Pos { return e.Pos }
func (e *Ref) At() Pos     { return e.Pos }
func (e *Unary) At() Pos   { return e.Pos }
func (e *Binary) At() Pos  { return e.Pos }
func (e *Call) At() Pos    { return e.Fn.Pos }
func (e *Index) At() Pos   { return e.X.At() }
func (e *Field) At() Pos   { return e.X.At() }
func (e *Paren) At() Pos   { return e.Pos }

// Stmt is a statement.
type Stmt interface{ StmtAt() Pos }

type (
	// Block is { ... }.
	Block struct {
		Pos   Pos
		End   Pos // of the closing brace
		Attrs []*Attribute
		List  []Stmt
	}
	// VarStmt declares.
	VarStmt struct{ Var *Var }
	// Assign is X Op Y, Op being = or a compound such as +=; X is nil for the phony assignment _ = Y.
	Assign struct {
		Pos  Pos
		Op   string
		X, Y Expr
	}
	// IncDec is X++ or X--.
	IncDec struct {
		Pos Pos
		Op  string
		X   Expr
	}
	// CallStmt calls a function and drops what it gives.
	CallStmt struct{ Call *Call }
	// If is if Cond Then else Else; Else is nil, *If or *Block.
	If struct {
		Pos  Pos
		Cond Expr
		Then *Block
		Else Stmt
	}
	// Case is one clause of a switch; a nil selector is default.
	Case struct {
		Pos       Pos
		Selectors []Expr
		Body      *Block
	}
	// Switch chooses a clause.
	Switch struct {
		Pos   Pos
		Sel   Expr
		Cases []*Case
	}
	// Loop is loop { Body continuing { ...; break if BreakIf; } }.
	Loop struct {
		Pos        Pos
		Body       *Block
		Continuing *Block // nil for none
		BreakIf    Expr   // nil for none
	}
	// For is for (Init; Cond; Step) Body; each of the three may be nil.
	For struct {
		Pos  Pos
		Init Stmt
		Cond Expr
		Step Stmt
		Body *Block
	}
	// While is while Cond Body.
	While struct {
		Pos  Pos
		Cond Expr
		Body *Block
	}
	// Break leaves a loop or switch.
	Break struct{ Pos Pos }
	// Continue goes to the next iteration.
	Continue struct{ Pos Pos }
	// Discard is refused by the profile.
	Discard struct{ Pos Pos }
	// Return leaves the function; X may be nil.
	Return struct {
		Pos Pos
		X   Expr
	}
	// AssertStmt is a const_assert in a function.
	AssertStmt struct{ Assert *ConstAssert }
)

func (s *Block) StmtAt() Pos      { return s.Pos }
func (s *VarStmt) StmtAt() Pos    { return s.Var.Pos }
func (s *Assign) StmtAt() Pos     { return s.Pos }
func (s *IncDec) StmtAt() Pos     { return s.Pos }
func (s *CallStmt) StmtAt() Pos   { return s.Call.At() }
func (s *If) StmtAt() Pos         { return s.Pos }
func (s *Switch) StmtAt() Pos     { return s.Pos }
func (s *Loop) StmtAt() Pos       { return s.Pos }
func (s *For) StmtAt() Pos        { return s.Pos }
func (s *While) StmtAt() Pos      { return s.Pos }
func (s *Break) StmtAt() Pos      { return s.Pos }
func (s *Continue) StmtAt() Pos   { return s.Pos }
func (s *Discard) StmtAt() Pos    { return s.Pos }
func (s *Return) StmtAt() Pos     { return s.Pos }
func (s *AssertStmt) StmtAt() Pos { return s.Assert.Pos }
