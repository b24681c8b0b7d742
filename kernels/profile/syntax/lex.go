package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is the kind of a token. Punctuation and keywords are their own text.
type Kind string

const (
	EOF           Kind = "end of text"
	Ident         Kind = "identifier"
	IntLit        Kind = "integer literal"
	FloatLit      Kind = "float literal"
	TemplateStart Kind = "<template"
	TemplateEnd   Kind = ">template"
)

// Token is one token and where it stands.
type Token struct {
	Kind Kind
	Text string
	Pos  Pos
}

var keywords = set(`alias break case const const_assert continue continuing default diagnostic discard else enable
	false fn for if let loop override requires return struct switch true var while`)

// Reserved words (WGSL section 15.2): never identifiers.
var reserved = set(`NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become
	cast catch class co_await co_return co_yield coherent column_major common compile compile_fragment concept
	const_cast consteval constexpr constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast
	enum explicit export extends extern external fallthrough filter final finally friend from fxgroup get goto
	groupshared highp impl implements import inline instanceof interface layout lowp macro macro_rules match mediump
	meta mod module move mut mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent
	noperspective null nullptr of operator package packoffset partial pass patch pixelfragment precise precision
	premerge priv protected pub public readonly ref regardless register reinterpret_cast require resource restrict
	self set shared sizeof smooth snorm static static_assert static_cast std subroutine super target template this
	thread_local throw trait try type typedef typeid typename typeof union unless unorm unsafe unsized use using
	varying virtual volatile wgsl where with writeonly yield`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// punct gives the length of the longest punctuation at the start of s, or 0.
func punct(s string) int {
	next := func(i int) byte {
		if i < len(s) {
			return s[i]
		}
		return 0
	}
	c, d := s[0], next(1)
	switch c {
	case '(', ')', '[', ']', '{', '}', ',', ';', ':', '.', '@', '~':
		return 1
	case '<', '>':
		switch {
		case d == c && next(2) == '=':
			return 3
		case d == c || d == '=':
			return 2
		}
		return 1
	case '-':
		if d == '>' {
			return 2
		}
		fallthrough
	case '+', '&', '|':
		if d == c || d == '=' {
			return 2
		}
		return 1
	case '=', '!', '*', '/', '%', '^':
		if d == '=' {
			return 2
		}
		return 1
	}
	return 0
}

// marks is a set of places in a text.
type marks []uint64

func (m marks) add(at int)      { m[at/64] |= 1 << (at % 64) }
func (m marks) has(at int) bool { return at/64 < len(m) && m[at/64]>>(at%64)&1 != 0 }

// Lex splits a text into tokens; the last one is EOF. It goes on after a fault.
func Lex(src string) ([]Token, Errors) {
	l := &lexer{src: src}
	if len(src) > MaxSource {
		return []Token{{Kind: EOF, Pos: Pos{1, 1}}}, Errors{Errorf(Pos{1, 1}, "the text has %d bytes, at most %d are allowed", len(src), MaxSource)}
	}
	l.lineStarts()
	if !utf8.ValidString(src) {
		for i, r := range src {
			if r == utf8.RuneError {
				if _, n := utf8.DecodeRuneInString(src[i:]); n == 1 {
					return []Token{{Kind: EOF, Pos: l.pos(i)}}, Errors{l.err(i, "the text is not valid UTF-8")}
				}
			}
		}
	}
	if i := strings.IndexByte(src, 0); i >= 0 {
		return []Token{{Kind: EOF, Pos: l.pos(i)}}, Errors{l.err(i, "the text holds a null code point")}
	}
	starts, ends := l.templates()
	out := make([]Token, 0, len(src)/4+8)
	for {
		if !l.blank(true) {
			break
		}
		at := l.at
		switch {
		case starts.has(at):
			out = append(out, Token{TemplateStart, "<", l.pos(at)})
			l.at++
			continue
		case ends.has(at):
			out = append(out, Token{TemplateEnd, ">", l.pos(at)})
			l.at++
			continue
		}
		if n := identLen(src[at:]); n > 0 {
			l.at += n
			out = append(out, l.word(at, src[at:l.at]))
			continue
		}
		if c := src[at]; isDigit(c) || c == '.' && at+1 < len(src) && isDigit(src[at+1]) {
			out = append(out, l.number())
			continue
		}
		n := punct(src[at:])
		if n > 1 && src[at] == '>' && ends.has(at+1) {
			n = 1 // a template's end is never part of a longer operator
		}
		if n > 0 {
			p := src[at : at+n]
			out = append(out, Token{Kind(p), p, l.pos(at)})
			l.at += n
		} else if src[at] == '"' {
			l.fault(at, "WGSL has no strings")
			for l.at++; l.at < len(src) && lineBreak(src[l.at:]) == 0; l.at++ {
				if src[l.at] == '"' {
					l.at++
					break
				}
			}
		} else {
			r, n := utf8.DecodeRuneInString(src[at:])
			l.fault(at, "unexpected character %q", r)
			l.at += n
		}
		if len(l.errs) >= MaxErrors {
			break
		}
	}
	return append(out, Token{Kind: EOF, Pos: l.pos(len(src))}), l.errs
}

type lexer struct {
	src   string
	at    int
	lines []int // offset at which each line starts
	line  int   // of the place asked for last
	errs  Errors
	quiet bool
}

func (l *lexer) lineStarts() {
	l.lines = []int{0}
	for i := 0; i < len(l.src); {
		n := lineBreak(l.src[i:])
		if n == 0 {
			i++
			continue
		}
		i += n
		l.lines = append(l.lines, i)
	}
}

// lineBreak gives the length of the line break at the start of s (WGSL section 3.2), or 0.
func lineBreak(s string) int {
	switch {
	case s == "":
		return 0
	case strings.HasPrefix(s, "\r\n"):
		return 2
	case s[0] >= '\n' && s[0] <= '\r':
		return 1
	case strings.HasPrefix(s, "\u0085"):
		return 2
	case strings.HasPrefix(s, "\u2028"), strings.HasPrefix(s, "\u2029"):
		return 3
	}
	return 0
}

func (l *lexer) pos(at int) Pos {
	// Places are mostly asked for in order.
	lo, hi := 0, len(l.lines)
	if l.lines[l.line] <= at {
		lo = l.line
		hi = min(hi, lo+2)
		if hi < len(l.lines) && l.lines[hi] <= at {
			hi = len(l.lines)
		}
	}
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; l.lines[mid] <= at {
			lo = mid
		} else {
			hi = mid
		}
	}
	l.line = lo
	return Pos{lo + 1, at - l.lines[lo] + 1}
}

func (l *lexer) err(at int, format string, a ...any) Error {
	return Errorf(l.pos(at), format, a...)
}

func (l *lexer) fault(at int, format string, a ...any) {
	if !l.quiet {
		l.errs = append(l.errs, l.err(at, format, a...))
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// identLen gives the length of the identifier pattern at the start of s, or 0.
func identLen(s string) int {
	n := 0
	for n < len(s) {
		if c := s[n]; c < utf8.RuneSelf {
			if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (n == 0 || !isDigit(c)) {
				break
			}
			n++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[n:])
		start := unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_ID_Start, r)
		if !start && (n == 0 || !(unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue))) {
			break
		}
		n += size
	}
	return n
}

// blank skips white space and comments and reports whether anything is left.
func (l *lexer) blank(report bool) bool {
	for l.at < len(l.src) {
		switch c := l.src[l.at]; {
		case c == ' ' || c == '\t':
			l.at++
		case c == '/' && strings.HasPrefix(l.src[l.at:], "//"):
			for l.at < len(l.src) && lineBreak(l.src[l.at:]) == 0 {
				l.at++
			}
		case c == '/' && strings.HasPrefix(l.src[l.at:], "/*"):
			start, depth := l.at, 1
			l.at += 2
			for depth > 0 && l.at < len(l.src) {
				switch {
				case strings.HasPrefix(l.src[l.at:], "/*"):
					depth++
					l.at += 2
				case strings.HasPrefix(l.src[l.at:], "*/"):
					depth--
					l.at += 2
				default:
					l.at++
				}
			}
			if depth > 0 && report {
				l.fault(start, "this comment is not closed")
			}
		case c > '\r' && c < utf8.RuneSelf:
			return true
		default:
			if n := lineBreak(l.src[l.at:]); n > 0 {
				l.at += n
				continue
			}
			if strings.HasPrefix(l.src[l.at:], "\u200e") || strings.HasPrefix(l.src[l.at:], "\u200f") {
				l.at += 3
				continue
			}
			return true
		}
	}
	return false
}

func (l *lexer) word(at int, text string) Token {
	t := Token{Ident, text, l.pos(at)}
	switch {
	case keywords[text]:
		t.Kind = Kind(text)
	case text == "_":
		t.Kind = "_"
	case strings.HasPrefix(text, "__"):
		l.fault(at, "identifier %q starts with two underscores", text)
	case reserved[text]:
		l.fault(at, "%q is a reserved word", text)
	}
	return t
}

// number reads a numeric literal; its Text keeps the suffix.
func (l *lexer) number() Token {
	at, s := l.at, l.src
	digit, exp := isDigit, "eE"
	i := at
	hex := strings.HasPrefix(s[i:], "0x") || strings.HasPrefix(s[i:], "0X")
	if hex {
		i += 2
		digit, exp = isHex, "pP"
	}
	start := i
	digits := func() int {
		n := 0
		for i < len(s) && digit(s[i]) {
			i++
			n++
		}
		return n
	}
	whole := digits()
	kind, frac := IntLit, 0
	if i < len(s) && s[i] == '.' {
		i++
		kind = FloatLit
		frac = digits()
	}
	if whole+frac == 0 {
		l.fault(at, "hexadecimal literal without digits")
	}
	if i < len(s) && strings.IndexByte(exp, s[i]) >= 0 {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && isDigit(s[j]) {
			for j < len(s) && isDigit(s[j]) {
				j++
			}
			i, kind = j, FloatLit
		} else {
			l.fault(at, "literal %q has an exponent without digits", s[at:j])
			i = j
		}
	}
	suffix := ""
	if i < len(s) && strings.IndexByte("iufh", s[i]) >= 0 {
		suffix = s[i : i+1]
		i++
	}
	text := s[at:i]
	if n := identLen(s[i:]); n > 0 {
		l.fault(at, "literal %q runs into %q", text, s[i:i+n])
		i += n
	}
	if suffix == "f" || suffix == "h" {
		if kind == IntLit && hex {
			// 0x1f is an integer: digit() took the f, so only h and a suffix after an exponent come here.
			l.fault(at, "suffix %q cannot follow a hexadecimal integer", suffix)
		}
		kind = FloatLit
	} else if suffix != "" && kind == FloatLit {
		l.fault(at, "integer suffix %q on the float literal %q", suffix, text)
	}
	if digitsText := s[start : start+whole]; !hex && whole > 1 && digitsText[0] == '0' && (kind == IntLit || frac == 0 && !strings.ContainsAny(text, ".eE")) {
		l.fault(at, "integer literal %q has a leading zero", text)
	}
	l.at = i
	return Token{kind, text, l.pos(at)}
}

// templates finds which < and > enclose template lists, as WGSL section 3.9 tells.
func (l *lexer) templates() (starts, ends marks) {
	starts, ends = make(marks, len(l.src)/64+1), make(marks, len(l.src)/64+1)
	type candidate struct{ at, depth int }
	var pending []candidate
	depth := 0
	l.quiet = true
	defer func() { l.at, l.quiet = 0, false }()
	peek := func(c byte) bool { return l.at < len(l.src) && l.src[l.at] == c }
	closeTo := func() {
		for len(pending) > 0 && pending[len(pending)-1].depth >= depth {
			pending = pending[:len(pending)-1]
		}
	}
	for l.blank(false) {
		if n := identLen(l.src[l.at:]); n > 0 {
			l.at += n
			if !l.blank(false) {
				break
			}
			if peek('<') {
				c := candidate{l.at, depth}
				l.at++
				if peek('<') || peek('=') {
					l.at++
				} else {
					pending = append(pending, c)
				}
			}
			continue
		}
		c := l.src[l.at]
		switch {
		case isDigit(c):
			l.number()
		case c == '>':
			if n := len(pending); n > 0 && pending[n-1].depth == depth {
				starts.add(pending[n-1].at)
				ends.add(l.at)
				pending = pending[:n-1]
				l.at++
			} else {
				l.at++
				if peek('=') {
					l.at++
				}
			}
		case c == '(' || c == '[':
			depth++
			l.at++
		case c == ')' || c == ']':
			closeTo()
			depth = max(0, depth-1)
			l.at++
		case c == '!':
			l.at++
			if peek('=') {
				l.at++
			}
		case c == '=':
			l.at++
			if peek('=') {
				l.at++
			} else {
				depth, pending = 0, nil
			}
		case c == ';' || c == '{' || c == ':':
			depth, pending = 0, nil
			l.at++
		case strings.HasPrefix(l.src[l.at:], "&&") || strings.HasPrefix(l.src[l.at:], "||"):
			closeTo()
			l.at += 2
		default:
			l.at++
		}
	}
	return starts, ends
}
