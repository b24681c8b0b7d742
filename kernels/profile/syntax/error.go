// Package syntax reads WGSL text: a lexer, a parser and the tree they make.
//
// It knows the grammar of the whole language (https://www.w3.org/TR/WGSL/), also of what the profile refuses, so that
// a refusal can say what it found. Names are not resolved here and nothing is typed: that is package profile.
package syntax

import (
	"fmt"
	"sort"
	"strings"
)

// Limits on a source text.
const (
	MaxSource  = 1 << 20 // bytes
	MaxNesting = 256     // of statements, and of brackets and operators inside an expression
	MaxErrors  = 20      // reported for one text
)

// Pos is a place in a source text: line and column count from 1, columns in bytes.
type Pos struct{ Line, Col int }

func (p Pos) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Col) }

// Error is one fault of a source text.
type Error struct {
	Line, Col int
	Msg       string
}

// maxMessage bounds a message, which may quote a name or a number of any length.
const maxMessage = 400

// Errorf makes the Error for a fault at a place.
func Errorf(at Pos, format string, a ...any) Error {
	msg := fmt.Sprintf(format, a...)
	if len(msg) > maxMessage {
		msg = strings.ToValidUTF8(msg[:maxMessage], "") + "..."
	}
	return Error{at.Line, at.Col, msg}
}

func (e Error) Error() string { return fmt.Sprintf("%d:%d: error: %s", e.Line, e.Col, e.Msg) }

// Errors are the faults found in one text, in the order they stand.
type Errors []Error

// Error gives a line for each fault, without a file name; see Format.
func (e Errors) Error() string { return strings.TrimSuffix(e.format(""), "\n") }

// Format gives a line for each fault, as FILE:LINE:COL: error: message.
func (e Errors) Format(file string) string { return e.format(file + ":") }

func (e Errors) format(prefix string) string {
	var b strings.Builder
	for _, x := range e {
		b.WriteString(prefix + x.Error() + "\n")
	}
	return b.String()
}

// Err sorts the faults by place, drops repeated ones, and gives nil where there are none.
func (e Errors) Err() error {
	if len(e) == 0 {
		return nil
	}
	sort.SliceStable(e, func(i, j int) bool {
		return e[i].Line < e[j].Line || e[i].Line == e[j].Line && e[i].Col < e[j].Col
	})
	out := e[:1]
	for _, x := range e[1:] {
		if x != out[len(out)-1] {
			out = append(out, x)
		}
	}
	return out
}
