// Command gen prints the Go functions of kernels/f32/soft as WGSL (kernels/lower/libm/wgsl_gen.go), and those and the
// functions of kernels/f32 as C (kernels/cpu/libm/src/libm_gen.c).
//
// The translation is statement by statement; go/types supplies types and the values of constants. What has another
// meaning there than in Go is refused with its place: unmasked shifts (WGSL takes counts modulo 32, C leaves larger
// ones undefined), types without a counterpart, multiple values, calls elsewhere.
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
	lang language
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

// translate reads the named package's files from fsys and returns its structs, tables and functions so that each comes after
// what it uses. imports has the packages that it may import.
func translate(lang language, name string, fsys fs.FS, imports types.Importer) (out []function, pkg *types.Package, err error) {
	defer func() {
		if r := recover(); r != nil {
			b, ok := r.(bailout)
			if !ok {
				panic(r)
			}
			out, pkg, err = nil, nil, b.err
		}
	}()
	t := &translator{lang: lang, fset: token.NewFileSet()}
	names, err := fs.Glob(fsys, "*.go")
	if err != nil {
		return nil, nil, err
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, nil, err
		}
		f, err := parser.ParseFile(t.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, f)
	}
	t.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: imports}
	if t.pkg, err = conf.Check(name, t.fset, files, t.info); err != nil {
		return nil, nil, err
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
				if d.Tok == token.CONST || d.Tok == token.IMPORT {
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
	out, err = sorted(all)
	return out, t.pkg, err
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
	n := t.lang.name(t.pkg.Name(), name)
	t.deps[n] = true
	return n
}

func (t *translator) typ(n ast.Node, ty types.Type) string {
	switch u := ty.(type) {
	case *types.Basic:
		if w, ok := t.lang.types()[u.Kind()]; ok {
			return w
		}
	case *types.Named:
		return t.use(u.Obj().Name())
	}
	t.fail(n, "type %s has no form in %s", ty, t.lang)
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
			fields = append(fields, t.lang.declare(n.Name, t.typ(f, t.info.TypeOf(f.Type))))
		}
	}
	name := t.lang.name(t.pkg.Name(), s.Name.Name)
	t.line("%s", t.lang.structure(name, fields))
	return t.end(name)
}

// table prints a package variable, an array of constants.
func (t *translator) table(s *ast.ValueSpec, i int) function {
	t.begin()
	name := t.lang.name(t.pkg.Name(), s.Names[i].Name)
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
	var vals [][]string
	for _, e := range lit.Elts {
		if c, ok := e.(*ast.CompositeLit); ok {
			var fields []string
			for _, f := range c.Elts {
				fields = append(fields, t.expr(f))
			}
			vals = append(vals, fields)
			continue
		}
		vals = append(vals, []string{t.expr(e)})
	}
	for _, l := range t.lang.table(name, elem, vals) {
		t.line("%s", l)
	}
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
		params = append(params, t.lang.declare(p.Name(), t.typ(d, p.Type())))
	}
	name := t.lang.name(t.pkg.Name(), d.Name.Name)
	t.line("%s {", t.lang.function(name, params, t.typ(d, sig.Results().At(0).Type())))
	if body := t.lang.body(d.Name.Name); body != "" {
		t.line(" %s", body)
	} else {
		t.block(d.Body.List)
	}
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
		t.line("if (%s) {", t.cond(s.Cond))
		t.block(s.Body.List)
		for s.Else != nil {
			if e, ok := s.Else.(*ast.IfStmt); ok {
				if e.Init != nil {
					t.fail(e, "if with a statement")
				}
				t.line("} else if (%s) {", t.cond(e.Cond))
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

// cond prints a condition for parentheses that stand already.
func (t *translator) cond(e ast.Expr) string {
	c := t.expr(e)
	if _, ok := e.(*ast.BinaryExpr); ok && t.info.Types[e].Value == nil {
		return c[1 : len(c)-1]
	}
	return c
}

func (t *translator) simple(s ast.Stmt) string {
	switch s := s.(type) {
	case *ast.IncDecStmt:
		x := t.expr(s.X)
		return fmt.Sprintf("%s = (%s %s %s)", x, x, s.Tok.String()[:1], t.lang.literal(t.kind(s, t.info.TypeOf(s.X)), constant.MakeInt64(1)))
	case *ast.AssignStmt:
		if len(s.Lhs) != 1 || len(s.Rhs) != 1 {
			t.fail(s, "more than one value")
		}
		l, r := s.Lhs[0], s.Rhs[0]
		switch s.Tok {
		case token.DEFINE:
			id := l.(*ast.Ident)
			obj := t.info.Defs[id]
			return t.lang.variable(t.vary[obj], id.Name, t.typ(s, obj.Type()), t.expr(r))
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
		width := uint64(32)
		if k := t.kind(x, t.info.TypeOf(x)); k == types.Uint64 || k == types.Int64 {
			width = 64
		}
		if !t.masked(y, width) {
			t.fail(n, "shift count is neither a constant below %d nor masked", width)
		}
		if v := t.info.Types[y].Value; v != nil {
			return fmt.Sprintf("(%s %s %s)", t.expr(x), op, t.lang.literal(types.Uint32, v))
		}
	case token.ADD, token.SUB, token.MUL, token.QUO, token.REM, token.AND, token.OR, token.XOR, token.LAND, token.LOR,
		token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
	default:
		t.fail(n, "operator %s", op)
	}
	return fmt.Sprintf("(%s %s %s)", t.expr(x), op, t.expr(y))
}

// kind is the kind of a basic type.
func (t *translator) kind(n ast.Node, ty types.Type) types.BasicKind {
	b, ok := types.Default(ty).Underlying().(*types.Basic)
	if !ok {
		t.fail(n, "type %s is not a number", ty)
	}
	return b.Kind()
}

// masked reports whether n is a constant below width or ends in "& constant below width".
func (t *translator) masked(n ast.Expr, width uint64) bool {
	if v := t.info.Types[n].Value; v != nil {
		c, ok := constant.Uint64Val(v)
		return ok && c < width
	}
	if p, ok := n.(*ast.ParenExpr); ok {
		return t.masked(p.X, width)
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
	return ok && c < width
}

func (t *translator) expr(e ast.Expr) string {
	tv := t.info.Types[e]
	if tv.Value != nil {
		return t.lang.literal(t.kind(e, tv.Type), tv.Value)
	}
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.ParenExpr:
		return t.expr(e.X)
	case *ast.SelectorExpr:
		return t.expr(e.X) + "." + e.Sel.Name
	case *ast.UnaryExpr:
		op, ok := map[token.Token]string{token.XOR: "~", token.NOT: "!", token.SUB: "-"}[e.Op]
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
		return t.lang.index(t.use(id.Name), t.expr(e.Index))
	case *ast.CompositeLit:
		return t.lang.composite(t.typ(e, t.info.TypeOf(e)), t.list(e.Elts))
	case *ast.CallExpr:
		if t.info.Types[e.Fun].IsType() {
			to := t.kind(e, tv.Type)
			return t.lang.convert(to, t.typ(e, tv.Type), t.expr(e.Args[0]))
		}
		switch f := e.Fun.(type) {
		case *ast.Ident:
			if f.Name == "sel" {
				return t.lang.choose(t.expr(e.Args[0]), t.expr(e.Args[1]), t.expr(e.Args[2]))
			}
			return t.use(f.Name) + "(" + t.list(e.Args) + ")"
		case *ast.SelectorExpr:
			obj := t.info.Uses[f.Sel]
			if name := t.lang.foreign(obj.Pkg().Name(), obj.Name()); name != "" {
				return name + "(" + t.list(e.Args) + ")"
			}
		}
		t.fail(e, "call of something else than a function of the package")
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
