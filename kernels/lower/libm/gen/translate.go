// Command gen prints the Go functions of kernels/f32/soft as WGSL and writes kernels/lower/libm/wgsl_gen.go.
//
// The translation is statement by statement; go/types supplies types and the values of constants. What has another
// meaning in WGSL than in Go is refused with its place: unmasked shifts (WGSL takes counts modulo 32), types other
// than uint32, int32, bool and structs of them, calls out of the package, multiple values.
package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"sort"
	"strings"
)

// function is one WGSL declaration.
type function struct {
	name string   // WGSL name
	deps []string // WGSL names of what it uses directly, sorted
	text string
}

type translator struct {
	fset *token.FileSet
	pkg  *types.Package
	info *types.Info

	out    strings.Builder
	indent int
	deps   map[string]bool
	vary   map[types.Object]bool // variables assigned after their declaration
}

// bailout carries a refusal up to translate.
type bailout struct{ err error }

func (t *translator) fail(n ast.Node, format string, args ...any) {
	panic(bailout{fmt.Errorf("%s: %s", t.fset.Position(n.Pos()), fmt.Sprintf(format, args...))})
}

// translate reads the package's files from fsys and returns its structs and functions so that each comes after what
// it uses.
func translate(fsys fs.FS) (out []function, err error) {
	defer func() {
		if r := recover(); r != nil {
			b, ok := r.(bailout)
			if !ok {
				panic(r)
			}
			out, err = nil, b.err
		}
	}()
	t := &translator{fset: token.NewFileSet()}
	names, err := fs.Glob(fsys, "*.go")
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(t.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	t.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{}
	if t.pkg, err = conf.Check("soft", t.fset, files, t.info); err != nil {
		return nil, err
	}
	all := map[string]function{}
	declare := func(d ast.Node, fn function) {
		if _, ok := all[fn.name]; ok {
			t.fail(d, "%s is declared twice", fn.name)
		}
		all[fn.name] = fn
	}
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "sel" {
					continue // becomes the built-in select
				}
				declare(d, t.function(d))
			case *ast.GenDecl:
				if d.Tok == token.CONST {
					continue // values are printed where they are used
				}
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						declare(s, t.structure(s))
					case *ast.ValueSpec:
						for i := range s.Names {
							declare(s, t.table(s, i))
						}
					default:
						t.fail(d, "%s declaration", d.Tok)
					}
				}
			}
		}
	}
	return sorted(all)
}

// sorted orders functions so that each comes after its dependencies, otherwise by name.
func sorted(all map[string]function) ([]function, error) {
	var names []string
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	var out []function
	state := map[string]int{}
	var visit func(n string) error
	visit = func(n string) error {
		switch state[n] {
		case 1:
			return fmt.Errorf("%s uses itself", n)
		case 2:
			return nil
		}
		f, ok := all[n]
		if !ok {
			return fmt.Errorf("%s is used but not declared", n)
		}
		state[n] = 1
		for _, d := range f.deps {
			if err := visit(d); err != nil {
				return err
			}
		}
		state[n] = 2
		out = append(out, f)
		return nil
	}
	for _, n := range names {
		if err := visit(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func wgslName(goName string) string { return "gw_" + strings.ToLower(goName) }

func (t *translator) begin() {
	t.out.Reset()
	t.indent = 0
	t.deps = map[string]bool{}
	t.vary = map[types.Object]bool{}
}

func (t *translator) end(name string) function {
	f := function{name: name, text: t.out.String()}
	for d := range t.deps {
		f.deps = append(f.deps, d)
	}
	sort.Strings(f.deps)
	return f
}

func (t *translator) line(format string, args ...any) {
	fmt.Fprintf(&t.out, "%s%s\n", strings.Repeat(" ", t.indent), fmt.Sprintf(format, args...))
}

func (t *translator) use(name string) string {
	n := wgslName(name)
	t.deps[n] = true
	return n
}

func (t *translator) typ(n ast.Node, ty types.Type) string {
	switch u := ty.(type) {
	case *types.Basic:
		switch u.Kind() {
		case types.Uint32:
			return "u32"
		case types.Int32, types.Int: // int only counts loops
			return "i32"
		case types.Bool, types.UntypedBool:
			return "bool"
		}
	case *types.Named:
		return t.use(u.Obj().Name())
	}
	t.fail(n, "type %s has no WGSL form here", ty)
	return ""
}

func (t *translator) structure(s *ast.TypeSpec) function {
	t.begin()
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		t.fail(s, "only struct types")
	}
	var fields []string
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			fields = append(fields, fmt.Sprintf("%s: %s", n.Name, t.typ(f, t.info.TypeOf(f.Type))))
		}
	}
	name := wgslName(s.Name.Name)
	t.line("struct %s { %s }", name, strings.Join(fields, ", "))
	return t.end(name)
}

// table prints a package variable, an array of constants, as a function of the index: WGSL before constant arrays
// could be indexed by a variable needs the array in a variable.
func (t *translator) table(s *ast.ValueSpec, i int) function {
	t.begin()
	name := wgslName(s.Names[i].Name)
	if len(s.Values) != len(s.Names) {
		t.fail(s, "a package variable must be an array with its values")
	}
	lit, ok := s.Values[i].(*ast.CompositeLit)
	if !ok {
		t.fail(s, "a package variable must be an array with its values")
	}
	arr, ok := t.info.TypeOf(lit).(*types.Array)
	if !ok || arr.Len() != int64(len(lit.Elts)) {
		t.fail(s, "a package variable must be an array with its values")
	}
	elem := t.typ(lit, arr.Elem())
	var vals []string
	for _, e := range lit.Elts {
		vals = append(vals, t.expr(e))
	}
	t.line("fn %s(i: u32) -> %s {", name, elem)
	t.line(" var t = array<%s, %d>(%s);", elem, len(vals), strings.Join(vals, ", "))
	t.line(" return t[i];")
	t.line("}")
	return t.end(name)
}

func (t *translator) function(d *ast.FuncDecl) function {
	t.begin()
	sig := t.info.Defs[d.Name].Type().(*types.Signature)
	if d.Recv != nil || sig.Results().Len() != 1 || sig.TypeParams() != nil {
		t.fail(d, "a function needs one result, no receiver, no type parameters")
	}
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, l := range n.Lhs {
					t.assigned(l)
				}
			}
		case *ast.IncDecStmt:
			t.assigned(n.X)
		}
		return true
	})
	var params []string
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		if t.vary[p] {
			t.fail(d, "parameter %s is assigned", p.Name())
		}
		params = append(params, fmt.Sprintf("%s: %s", p.Name(), t.typ(d, p.Type())))
	}
	name := wgslName(d.Name.Name)
	t.line("fn %s(%s) -> %s {", name, strings.Join(params, ", "), t.typ(d, sig.Results().At(0).Type()))
	t.block(d.Body.List)
	t.line("}")
	return t.end(name)
}

// assigned notes the variable that l assigns to.
func (t *translator) assigned(l ast.Expr) {
	switch l := l.(type) {
	case *ast.Ident:
		t.vary[t.info.Uses[l]] = true
	case *ast.SelectorExpr:
		t.assigned(l.X)
	default:
		t.fail(l, "assignment to %T", l)
	}
}

func (t *translator) block(list []ast.Stmt) {
	t.indent++
	for _, s := range list {
		t.line("%s", t.stmt(s))
	}
	t.indent--
}

// stmt prints one statement; those with blocks print their own lines and return the closing brace.
func (t *translator) stmt(s ast.Stmt) string {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return "return " + t.expr(s.Results[0]) + ";"
	case *ast.AssignStmt, *ast.IncDecStmt:
		return t.simple(s) + ";"
	case *ast.IfStmt:
		if s.Init != nil {
			t.fail(s, "if with a statement")
		}
		t.line("if (%s) {", t.expr(s.Cond))
		t.block(s.Body.List)
		for s.Else != nil {
			if e, ok := s.Else.(*ast.IfStmt); ok {
				if e.Init != nil {
					t.fail(e, "if with a statement")
				}
				t.line("} else if (%s) {", t.expr(e.Cond))
				t.block(e.Body.List)
				s = e
				continue
			}
			t.line("} else {")
			t.block(s.Else.(*ast.BlockStmt).List)
			break
		}
		return "}"
	case *ast.ForStmt:
		init, cond, post := "", "", ""
		if s.Init != nil {
			init = t.simple(s.Init)
		}
		if s.Cond != nil {
			cond = t.expr(s.Cond)
		}
		if s.Post != nil {
			post = t.simple(s.Post)
		}
		t.line("for (%s; %s; %s) {", init, cond, post)
		t.block(s.Body.List)
		return "}"
	}
	t.fail(s, "statement %T", s)
	return ""
}

func (t *translator) simple(s ast.Stmt) string {
	switch s := s.(type) {
	case *ast.IncDecStmt:
		x := t.expr(s.X)
		one := "1" + map[string]string{"u32": "u", "i32": "i"}[t.typ(s, t.info.TypeOf(s.X))]
		return fmt.Sprintf("%s = (%s %s %s)", x, x, s.Tok.String()[:1], one)
	case *ast.AssignStmt:
		if len(s.Lhs) != 1 || len(s.Rhs) != 1 {
			t.fail(s, "more than one value")
		}
		l, r := s.Lhs[0], s.Rhs[0]
		switch s.Tok {
		case token.DEFINE:
			id := l.(*ast.Ident)
			obj := t.info.Defs[id]
			word := "let"
			if t.vary[obj] {
				word = "var"
			}
			return fmt.Sprintf("%s %s: %s = %s", word, id.Name, t.typ(s, obj.Type()), t.expr(r))
		case token.ASSIGN:
			return t.expr(l) + " = " + t.expr(r)
		}
		op, ok := map[token.Token]token.Token{token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.MUL_ASSIGN: token.MUL,
			token.OR_ASSIGN: token.OR, token.AND_ASSIGN: token.AND, token.XOR_ASSIGN: token.XOR,
			token.SHL_ASSIGN: token.SHL, token.SHR_ASSIGN: token.SHR}[s.Tok]
		if !ok {
			t.fail(s, "assignment %s", s.Tok)
		}
		return t.expr(l) + " = " + t.binary(s, op, l, r)
	}
	t.fail(s, "statement %T", s)
	return ""
}

func (t *translator) binary(n ast.Node, op token.Token, x, y ast.Expr) string {
	switch op {
	case token.SHL, token.SHR:
		if !t.masked(y) {
			t.fail(n, "shift count is neither a constant below 32 nor masked with 31")
		}
		if v := t.info.Types[y].Value; v != nil {
			return fmt.Sprintf("(%s %s %su)", t.expr(x), op, v.ExactString())
		}
	case token.ADD, token.SUB, token.MUL, token.QUO, token.REM, token.AND, token.OR, token.XOR, token.LAND, token.LOR,
		token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
	default:
		t.fail(n, "operator %s", op)
	}
	return fmt.Sprintf("(%s %s %s)", t.expr(x), op, t.expr(y))
}

func (t *translator) masked(n ast.Expr) bool {
	if v := t.info.Types[n].Value; v != nil {
		c, ok := constant.Uint64Val(v)
		return ok && c < 32
	}
	if p, ok := n.(*ast.ParenExpr); ok {
		return t.masked(p.X)
	}
	b, ok := n.(*ast.BinaryExpr)
	if !ok || b.Op != token.AND {
		return false
	}
	v := t.info.Types[b.Y].Value
	if v == nil {
		return false
	}
	c, ok := constant.Uint64Val(v)
	return ok && c < 32
}

func (t *translator) expr(e ast.Expr) string {
	tv := t.info.Types[e]
	if tv.Value != nil {
		switch t.typ(e, types.Default(tv.Type)) {
		case "u32":
			c, _ := constant.Uint64Val(tv.Value)
			return fmt.Sprintf("0x%xu", c)
		case "i32":
			if constant.Sign(tv.Value) < 0 {
				return fmt.Sprintf("(%si)", tv.Value.ExactString())
			}
			return tv.Value.ExactString() + "i"
		}
		return tv.Value.ExactString() // true, false
	}
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.ParenExpr:
		return t.expr(e.X)
	case *ast.SelectorExpr:
		return t.expr(e.X) + "." + e.Sel.Name
	case *ast.UnaryExpr:
		op, ok := map[token.Token]string{token.XOR: "~", token.NOT: "!"}[e.Op]
		if !ok {
			t.fail(e, "operator %s", e.Op)
		}
		return "(" + op + t.expr(e.X) + ")"
	case *ast.BinaryExpr:
		return t.binary(e, e.Op, e.X, e.Y)
	case *ast.IndexExpr:
		id, ok := e.X.(*ast.Ident)
		if !ok || t.info.Uses[id].Parent() != t.pkg.Scope() {
			t.fail(e, "only package tables are indexed")
		}
		return t.use(id.Name) + "(" + t.expr(e.Index) + ")"
	case *ast.CompositeLit:
		return t.typ(e, t.info.TypeOf(e)) + "(" + t.list(e.Elts) + ")"
	case *ast.CallExpr:
		id, ok := e.Fun.(*ast.Ident)
		if !ok {
			t.fail(e, "call of %T", e.Fun)
		}
		if t.info.Types[e.Fun].IsType() {
			return "bitcast<" + t.typ(e, tv.Type) + ">(" + t.expr(e.Args[0]) + ")"
		}
		if id.Name == "sel" {
			return "select(" + t.expr(e.Args[2]) + ", " + t.expr(e.Args[1]) + ", " + t.expr(e.Args[0]) + ")"
		}
		return t.use(id.Name) + "(" + t.list(e.Args) + ")"
	}
	t.fail(e, "expression %T", e)
	return ""
}

func (t *translator) list(es []ast.Expr) string {
	var out []string
	for _, e := range es {
		if _, ok := e.(*ast.KeyValueExpr); ok {
			t.fail(e, "named field")
		}
		out = append(out, t.expr(e))
	}
	return strings.Join(out, ", ")
}
