package lib

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Expr is a term of a grid: how many workgroups a dimension has, over the parameters of a kernel and the values of its
// tile. Numbers are 64 bits wide and have no sign; / rounds down.
type Expr struct {
	Kind  Kind
	Value uint64  // of a Number
	Name  string  // of a Param or a TileValue
	Args  []*Expr // the two operands of what computes
}

// Kind is what a term of a grid does.
type Kind int

const (
	Number    Kind = iota
	Param          // a word of binding 0.0
	TileValue      // an override of the tile, written tile.NAME
	Add            // a + b
	Sub            // a - b
	Mul            // a * b
	Div            // a / b, rounded down
	Ceil           // ceil(a / b): rounded up
	Min            // min(a, b)
	Max            // max(a, b)
)

var operators = map[Kind]string{Add: "+", Sub: "-", Mul: "*", Div: "/"}

// String is the text of the term, with every operation but the outermost in parentheses.
func (e *Expr) String() string {
	text := func(e *Expr) string {
		if operators[e.Kind] != "" {
			return "(" + e.String() + ")"
		}
		return e.String()
	}
	switch e.Kind {
	case Number:
		return strconv.FormatUint(e.Value, 10)
	case Param:
		return e.Name
	case TileValue:
		return "tile." + e.Name
	case Ceil:
		return "ceil(" + text(e.Args[0]) + " / " + text(e.Args[1]) + ")"
	case Min:
		return "min(" + e.Args[0].String() + ", " + e.Args[1].String() + ")"
	case Max:
		return "max(" + e.Args[0].String() + ", " + e.Args[1].String() + ")"
	}
	return text(e.Args[0]) + " " + operators[e.Kind] + " " + text(e.Args[1])
}

// Eval is the value of the term. What passes 64 bits is the greatest number, so that it stays too large for a dispatch; a
// difference below 0 is 0.
func (e *Expr) Eval(p map[string]uint32, t Tile) (uint64, error) {
	switch e.Kind {
	case Number:
		return e.Value, nil
	case Param:
		return uint64(p[e.Name]), nil
	case TileValue:
		v := t[e.Name]
		if v < 0 || v > math.MaxUint32 || v != math.Trunc(v) {
			return 0, fmt.Errorf("%s of the tile is %v, want a whole number", e.Name, v)
		}
		return uint64(v), nil
	}
	a, err := e.Args[0].Eval(p, t)
	if err != nil {
		return 0, err
	}
	b, err := e.Args[1].Eval(p, t)
	if err != nil {
		return 0, err
	}
	switch e.Kind {
	case Add:
		if n, carry := bits.Add64(a, b, 0); carry == 0 {
			return n, nil
		}
		return math.MaxUint64, nil
	case Sub:
		return a - min(a, b), nil
	case Mul:
		if high, n := bits.Mul64(a, b); high == 0 {
			return n, nil
		}
		return math.MaxUint64, nil
	case Min:
		return min(a, b), nil
	case Max:
		return max(a, b), nil
	}
	if b == 0 {
		return 0, fmt.Errorf("%s is 0 in %s", e.Args[1], e)
	}
	n := a / b
	if e.Kind == Ceil && a%b != 0 {
		n++
	}
	return n, nil
}

// parseGrid reads a grid: its dimensions, separated by commas, those that are left out being 1. fold(n) stands for the two
// dimensions that n workgroups take in rows of 65,535, since one dimension holds no more. Names are those of params and,
// as tile.NAME, of the tile.
func parseGrid(text string, params []string, tile Tile) ([3]*Expr, error) {
	p := &gridParser{rest: text, params: params, tile: tile}
	dims := p.list()
	if p.err == nil && p.word() != "" {
		p.fail("a comma or the end")
	}
	if p.err == nil && len(dims) > 3 {
		p.err = fmt.Errorf("%d dimensions, want at most 3", len(dims))
	}
	if p.err != nil {
		return [3]*Expr{}, fmt.Errorf("grid %q: %w", text, p.err)
	}
	for len(dims) < 3 {
		dims = append(dims, &Expr{Value: 1})
	}
	return [3]*Expr(dims), nil
}

// gridParser goes down the grammar; the first error ends it: then every word is "".
type gridParser struct {
	rest   string
	params []string
	tile   Tile
	err    error
}

// word is the next word of the text, "" at its end.
func (p *gridParser) word() string {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" || p.err != nil {
		return ""
	}
	n := 0
	for n < len(p.rest) && (p.rest[n] == '_' || p.rest[n] == '.' || p.rest[n] >= '0' && p.rest[n] <= '9' || p.rest[n] >= 'a' && p.rest[n] <= 'z') {
		n++
	}
	return p.rest[:max(n, 1)]
}

// take goes past the next word.
func (p *gridParser) take() string {
	w := p.word()
	p.rest = p.rest[len(w):]
	return w
}

func (p *gridParser) fail(want string) {
	if p.err == nil {
		p.err = fmt.Errorf("found %q, want %s", p.word(), want)
	}
}

func (p *gridParser) want(word string) {
	if p.word() != word {
		p.fail(strconv.Quote(word))
	}
	p.take()
}

// list is the dimensions of a whole grid.
func (p *gridParser) list() []*Expr {
	var dims []*Expr
	for {
		if p.word() == "fold" {
			p.take()
			p.want("(")
			n := p.sum()
			p.want(")")
			row, one := &Expr{Value: 65535}, &Expr{Value: 1}
			dims = append(dims, &Expr{Kind: Min, Args: []*Expr{n, row}},
				&Expr{Kind: Max, Args: []*Expr{{Kind: Ceil, Args: []*Expr{n, row}}, one}})
		} else {
			dims = append(dims, p.sum())
		}
		if p.word() != "," {
			return dims
		}
		p.take()
	}
}

// sum is terms with + and -, product with * and /, from left to right.
func (p *gridParser) sum() *Expr {
	return p.chain(p.product, map[string]Kind{"+": Add, "-": Sub})
}

func (p *gridParser) product() *Expr {
	return p.chain(p.term, map[string]Kind{"*": Mul, "/": Div})
}

func (p *gridParser) chain(part func() *Expr, kinds map[string]Kind) *Expr {
	e := part()
	for kinds[p.word()] != 0 {
		kind := kinds[p.take()]
		e = &Expr{Kind: kind, Args: []*Expr{e, part()}}
	}
	return e
}

func (p *gridParser) term() *Expr {
	w := p.take()
	switch w {
	case "(":
		e := p.sum()
		p.want(")")
		return e
	case "ceil":
		p.want("(")
		e := p.sum()
		p.want(")")
		if p.err == nil && e.Kind != Div {
			p.err = fmt.Errorf("found ceil(%s), want ceil(a / b)", e)
		}
		return &Expr{Kind: Ceil, Args: e.Args}
	case "min", "max":
		p.want("(")
		a := p.sum()
		p.want(",")
		b := p.sum()
		p.want(")")
		return &Expr{Kind: map[string]Kind{"min": Min, "max": Max}[w], Args: []*Expr{a, b}}
	}
	if n, err := strconv.ParseUint(w, 10, 32); err == nil {
		return &Expr{Value: n}
	}
	if slices.Contains(p.params, w) {
		return &Expr{Kind: Param, Name: w}
	}
	if name, ok := strings.CutPrefix(w, "tile."); ok {
		if _, there := p.tile[name]; there {
			return &Expr{Kind: TileValue, Name: name}
		}
	}
	if p.err == nil {
		p.err = fmt.Errorf("found %q, want a number, a parameter or a value of the tile", w)
	}
	return &Expr{}
}
